"""HTTP for the doctor: one request, one answer, no retry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Self

import httpx

TIMEOUT_SECONDS = 30.0  # an HTTP API waits as long for its function
QUOTED = 160  # characters of an unexpected answer


class StepFailedError(Exception):
    """A step is broken; the message says what was observed."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whatever its status; the names of its *headers* are in lower case."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def expected(self, status: int) -> Self:
        """Return the answer itself.

        Raises:
            StepFailedError: it has another status.
        """
        if self.status != status:
            raise StepFailedError(self.summary())
        return self

    def text(self) -> str:
        """Return the body as text, whatever its encoding."""
        return self.body.decode("utf-8", "replace")

    def document(self) -> dict[str, Any]:
        """Return the body as a JSON object.

        Raises:
            StepFailedError: it is not one.
        """
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise StepFailedError(self.summary())
        return found

    def summary(self) -> str:
        """Return the status, and the reason that the body gives, for people."""
        try:
            found = json.loads(self.body)
            reason = found.get("detail") or found.get("message") or found.get("title")
            code = f" {found['code']}" if found.get("code") else ""
        except (ValueError, RecursionError, AttributeError):
            reason, code = " ".join(self.text().split()), ""
        return f"it answers {self.status}{code}: {str(reason or self.content_type)[:QUOTED]}"


class Web:
    """A client of the public doors, for one thread at a time."""

    def __init__(self) -> None:
        agent = f"tintype-doctor/{version('tintype')}"
        self._http = httpx.Client(
            timeout=httpx.Timeout(TIMEOUT_SECONDS, connect=10.0),
            headers={"user-agent": agent},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._http.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        document: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request and return the reply, after redirects unless it carries an authorization.

        Raises:
            StepFailedError: there is none.
        """
        try:
            answer = self._http.request(
                method,
                url,
                content=body,
                json=document,
                headers=dict(headers or {}),
                follow_redirects="authorization" not in (headers or {}),
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            message = f"{url.partition('?')[0]}: {error or type(error).__name__}"
            raise StepFailedError(message) from error
        kind = answer.headers.get("content-type", "")
        return Reply(answer.status_code, kind, answer.content, dict(answer.headers))
