"""An AppSync GraphQL API, called with IAM credentials, and its API keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from tintype.aws.account import Account, Call
from tintype.aws.errors import AccessDeniedError, GraphqlFailedError


class _Error(msgspec.Struct, rename="camel"):
    message: str | None = None
    error_type: str | None = None
    path: list[str | int] | None = None


class _Answer(msgspec.Struct):
    data: dict[str, object] | None = None
    errors: list[_Error] | None = None


@dataclass(frozen=True, slots=True)
class GraphqlApi:
    """The API at *url* (`https://{id}.appsync-api.{region}.amazonaws.com/graphql`)."""

    account: Account
    url: str

    def execute(self, query: str, variables: Mapping[str, object]) -> dict[str, object]:
        """Execute a query or mutation and return the `data` of the response.

        Raises:
            AccessDeniedError: the caller's policies or the schema's directives do not allow the field.
            GraphqlFailedError: the response has errors; the message joins all of them.
            ServiceError: the API refused or failed.
        """
        parts = urlsplit(self.url)
        call = Call(
            "appsync",
            "GraphQL",
            path=parts.path,
            headers={"content-type": "application/json"},
            body=msgspec.json.encode({"query": query, "variables": variables}),
            url=f"{parts.scheme}://{parts.netloc}",
        )
        answer = self.account.send_document(call, _Answer)
        if answer.errors:
            raise _failure(answer.errors)
        return answer.data or {}


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of the API with this ID, for callers without IAM credentials."""

    account: Account
    api_id: str
    key_id: str

    def renew(self, expires: int) -> None:
        """Set the key's expiry to *expires*, in seconds since 1970, at most a year from now.

        Raises:
            ServiceError: the key does not exist, or may not be changed.
        """
        call = Call(
            "appsync",
            "UpdateApiKey",
            path=f"/v1/apis/{self.api_id}/apikeys/{self.key_id}",
            headers={"content-type": "application/json"},
            body=msgspec.json.encode({"expires": expires}),
        )
        self.account.send(call)


def _failure(errors: list[_Error]) -> AccessDeniedError | GraphqlFailedError:
    kind = errors[0].error_type or ""
    error_class = AccessDeniedError if kind.startswith("Unauthorized") else GraphqlFailedError
    message = "; ".join(map(_sentence, errors))
    return error_class(message, service="appsync", operation="GraphQL", status=200, name=kind)


def _sentence(error: _Error) -> str:
    place = ".".join(map(str, error.path or ()))
    return ": ".join(text for text in (place, error.message) if text)
