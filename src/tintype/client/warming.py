"""Requesting addresses as browsers do, so that their files are made before a visitor waits for them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType

import httpx

from tintype.client.api import pause

# What browsers send for pictures, by the format that they get for it: Chromium 148, Safari 13, and
# everything older.
ACCEPT: Mapping[str, str] = MappingProxyType(
    {
        "avif": "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
        "webp": "image/webp,image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5",
        "jpg": "image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
    }
)
AT_ONCE = 4  # a fifth of the requests that a stack renders at the same time by default
TRIES = 4
TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_LATER = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_SHOWN = 200  # characters of a refusal


@dataclass(frozen=True, slots=True)
class WarmRequest:
    """An address, and what the browser accepts."""

    url: str
    accept: str


@dataclass(frozen=True, slots=True)
class WarmResult:
    """What came of a request: the size of the file, or why there is none."""

    url: str
    accept: str
    bytes: int = 0
    failure: str | None = None


def warm(requests: Sequence[WarmRequest], *, at_once: int = AT_ONCE) -> Iterator[WarmResult]:
    """Request addresses, *at_once* of them at the same time; yield the results in their order.

    A request that the stack has no capacity for is tried up to four times. If the caller stops
    early, started requests are finished and no others are started.
    """
    pool = ThreadPoolExecutor(at_once, thread_name_prefix="warm")
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
        try:
            yield from pool.map(lambda one: _result(client, one), requests)
        finally:
            pool.shutdown(cancel_futures=True)


def _result(client: httpx.Client, request: WarmRequest) -> WarmResult:
    for attempt in range(TRIES):
        try:
            response = client.get(request.url, headers={"accept": request.accept})
        except httpx.HTTPError as error:
            failure = str(error) or type(error).__name__
            return WarmResult(request.url, request.accept, failure=failure)
        if response.is_success:
            return WarmResult(request.url, request.accept, len(response.content))
        if response.status_code not in _LATER or attempt + 1 == TRIES:
            break
        time.sleep(pause(attempt, response.headers.get("retry-after")))
    return WarmResult(request.url, request.accept, failure=_reason(response))


def _reason(response: httpx.Response) -> str:
    kind = response.headers.get("content-type", "")
    text = response.text.strip() if kind.startswith("text/plain") else ""
    if "json" in kind:
        text = str(response.json().get("detail", ""))
    return f"{response.status_code} {text or response.reason_phrase}"[:_SHOWN]
