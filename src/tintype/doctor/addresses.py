"""The public addresses of a stack under examination, and what it takes to call them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tintype.client.credentials import BearerCredential
from tintype.client.errors import ClientError
from tintype.doctor.findings import Step
from tintype.doctor.http import StepFailedError

NEEDS_CALLER = "needs a sign-in: run `tintype login`, or set TINTYPE_API_KEY"
UNKNOWN_WIDTHS = "the page does not say which widths addresses can ask for"
NEEDS_PERSON = "needs a sign-in, as API keys get no live updates: run `tintype login`"
_OF_PEOPLE = frozenset({Step.SOCKET, Step.QUERY})
_OF_CALLERS = _OF_PEOPLE | {Step.API}  # all others need one of these


@dataclass(frozen=True, slots=True)
class Addresses:
    """The public addresses of a stack. Those of the GraphQL API may be unknown.

    *key* is the public one for the GraphQL API of an open stack. A stack that *is_closed* to
    strangers is called with the *credential*. Addresses of any size can ask for *widths*, in pixels,
    ascending; if that *is_open*, without a signature.
    """

    page: str
    api: str
    graphql: str = ""
    key: str = field(default="", repr=False)
    expected: Mapping[str, object] = field(default_factory=dict)  # what config.json must have
    is_closed: bool = False
    credential: BearerCredential | None = None
    widths: tuple[int, ...] = ()
    is_open: bool = False

    def lacks(self, step: Step) -> str:
        """Return what the step needs and the caller does not have, or nothing."""
        if step is Step.ADDRESS and not self.widths:
            return UNKNOWN_WIDTHS
        has_public_key = bool(self.key) and step in _OF_PEOPLE
        if not self.is_closed or step not in _OF_CALLERS or has_public_key:
            return ""
        if self.credential is None:
            return NEEDS_CALLER
        return NEEDS_PERSON if step in _OF_PEOPLE and not self.credential.is_live else ""

    def authorization(self) -> dict[str, str]:
        """Return the header that proves to the API who calls, if it asks.

        Raises:
            StepFailedError: there is no valid token.
        """
        token = self._token()
        return {"authorization": f"Bearer {token}"} if token else {}

    def graphql_authorization(self) -> dict[str, str]:
        """Return the same for the GraphQL API.

        Raises:
            StepFailedError: there is no valid token.
        """
        return {"x-api-key": self.key} if self.key else {"authorization": self._token()}

    def _token(self) -> str:
        try:
            return self.credential.token() if self.credential else ""
        except ClientError as error:
            raise StepFailedError(str(error)) from error
