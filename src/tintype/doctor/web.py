"""HTTP as the doctor needs it: one request, one answer, how long it took, and no second try."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Self

import httpx

TIMEOUT_SECONDS = 30.0  # an HTTP API waits as long for its function
QUOTED = 160  # characters of an answer that nobody expected


class BrokenError(Exception):
    """A station is broken; the message says what was seen."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whatever its status."""

    status: int
    content_type: str
    body: bytes

    def text(self) -> str:
        """Return the body, however it is encoded."""
        return self.body.decode("utf-8", "replace")

    def document(self) -> dict[str, Any]:
        """Return the body as the JSON object that it is.

        Raises:
            BrokenError: it is none.
        """
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise BrokenError(self.said())
        return found

    def said(self) -> str:
        """Return what came, for people: the status, and the reason that the body gives."""
        try:
            found = json.loads(self.body)
            reason = found.get("detail") or found.get("message") or found.get("title")
            code = f" {found['code']}" if found.get("code") else ""
        except (ValueError, RecursionError, AttributeError):
            reason, code = " ".join(self.text().split()), ""
        return f"it answers {self.status}{code}: {str(reason or self.content_type)[:QUOTED]}"


class Web:
    """A client of the public doors. May be used by one thread."""

    def __init__(self) -> None:
        agent = f"tintype-doctor/{version('tintype')}"
        self._http = httpx.Client(
            timeout=httpx.Timeout(TIMEOUT_SECONDS, connect=10.0),
            headers={"user-agent": agent},
            follow_redirects=True,
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
        """Return what answers.

        Raises:
            BrokenError: nothing does.
        """
        try:
            answer = self._http.request(
                method, url, content=body, json=document, headers=dict(headers or {})
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            message = f"{url.partition('?')[0]}: {error or type(error).__name__}"
            raise BrokenError(message) from error
        kind = answer.headers.get("content-type", "")
        return Reply(answer.status_code, kind, answer.content)
