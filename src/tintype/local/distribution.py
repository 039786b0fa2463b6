"""A CloudFront distribution's cache: what it stores, for how long, and how it responds from it.

It is independent of the emulator: `edge.py` connects the two. "Guide" is Amazon CloudFront's
developer guide; each rule names the page that it follows.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from http.cookies import SimpleCookie
from typing import TypeAlias
from urllib.parse import parse_qsl

HeaderMap: TypeAlias = Mapping[str, "str | list[str]"]  # names in lower case
Key: TypeAlias = tuple[object, ...]

# Guide, "Control how long CloudFront caches errors": 10 seconds unless the distribution sets
# another.
ERROR_SECONDS = 10.0
# Guide, "HTTP 4xx and 5xx status codes that CloudFront caches": these always …
ALWAYS_KEPT = frozenset({404, 414, 500, 501, 502, 503, 504})
# … and these if the origin sets a cache time.
KEPT_IF_ALLOWED = frozenset({400, 403, 405, 412, 415})
OK, NOT_MODIFIED, FIRST_ERROR, FIRST_SERVER_ERROR = 200, 304, 400, 500
KEPT = frozenset({OK, 301, 302, 307, 308})
# CloudFront has no such limit, but may evict rarely requested objects (guide, "Expiration").
MOST_BYTES = 64_000_000
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
_REVALIDATED = ("if-none-match", "if-modified-since", "if-range", "range")
# Guide, "Request and response behavior for custom origins", on Vary.
_OF_THE_BODY = frozenset({"content-length", "content-type", "content-range"})
_ENTRY_BYTES = 1_000  # approximate size of a response without its body
_VARY_ALWAYS = frozenset({"accept-encoding", "cookie"})


@dataclass(frozen=True, slots=True)
class Names:
    """The headers, cookies or query parameters that a policy names: all, some, all but some, or none."""

    kind: str = "none"
    names: frozenset[str] = frozenset()

    def __contains__(self, name: str) -> bool:
        if self.kind == "allExcept":
            return name not in self.names
        return self.kind == "all" or (self.kind == "whitelist" and name in self.names)


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How long responses are cached (in seconds), and which parts of a request are in the cache key."""

    min_ttl: float
    default_ttl: float
    max_ttl: float
    headers: Names = Names()
    cookies: Names = Names()
    queries: Names = Names()


@dataclass(frozen=True, slots=True)
class EdgeRequest:
    """A request to the origin; header names are in lower case."""

    method: str
    origin: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EdgeResponse:
    """A response from the origin or the cache; *seen* is CloudFront's X-Cache value."""

    status: int
    headers: HeaderMap
    body: bytes
    seen: str = "Miss from cloudfront"

    def header(self, name: str) -> str:
        """Return a header's value, or an empty string."""
        value = self.headers.get(name, "")
        return value if isinstance(value, str) else ", ".join(value)


Fetch: TypeAlias = Callable[[EdgeRequest], Awaitable[EdgeResponse]]


@dataclass(slots=True)
class Kept:
    """A response in the cache."""

    response: EdgeResponse
    path: str
    since: float
    until: float


def key_of(request: EdgeRequest, policy: CachePolicy) -> Key:
    """Return the cache key of a request.

    Guide, "Understand the cache key": the path, and the headers, cookies and query parameters in
    the cache policy. It includes Accept-Encoding only if the origin compresses, which ours do not.
    """
    queries = parse_qsl(request.query, keep_blank_values=True)
    cookies = SimpleCookie(request.headers.get("cookie", ""))
    headers = {name: text for name, text in request.headers.items() if name != "cookie"}
    return (
        request.origin,
        request.path,
        tuple((name, text) for name, text in queries if name in policy.queries),
        tuple(sorted((name, text) for name, text in headers.items() if name in policy.headers)),
        tuple(sorted((name, one.value) for name, one in cookies.items() if name in policy.cookies)),
    )


def lifetime(response: EdgeResponse, policy: CachePolicy, errors: Mapping[int, float]) -> float:
    """Return for how many seconds to cache a response; 0 means not at all.

    *errors* are the distribution's cache times for error statuses.

    >>> page = CachePolicy(1, 86_400, 31_536_000)
    >>> lifetime(EdgeResponse(200, {"cache-control": "max-age=60"}, b""), page, {})
    60.0
    >>> lifetime(EdgeResponse(200, {"cache-control": "no-store"}, b""), page, {})
    1
    >>> lifetime(EdgeResponse(404, {"cache-control": "no-store"}, b""), page, {})
    10.0
    >>> lifetime(EdgeResponse(404, {"cache-control": "no-store"}, b""), page, {404: 0})
    0
    """
    cache_seconds = _cache_seconds(response)
    if response.status in ALWAYS_KEPT or (
        response.status in KEPT_IF_ALLOWED and cache_seconds is not None
    ):
        # Guide, "How CloudFront processes HTTP 4xx and 5xx status codes": the longer of the two.
        return max(errors.get(response.status, ERROR_SECONDS), cache_seconds or 0)
    if response.status not in KEPT or (response.header("vary") == "*" and policy.min_ttl == 0):
        return 0
    if _directives(response).keys() & {"no-cache", "no-store", "private"}:
        return policy.min_ttl
    # Guide, "Expiration", table: the origin's time, limited to the minimum and maximum.
    if cache_seconds is None:
        return max(policy.min_ttl, policy.default_ttl)
    return min(max(cache_seconds, policy.min_ttl), max(policy.max_ttl, policy.min_ttl))


def viewed(response: EdgeResponse, request: EdgeRequest) -> EdgeResponse:
    """Return the viewer's response from a whole one: all of it, a range, or "not modified".

    Guide, "Range GETs", and RFC 9110 sections 13 and 14.
    """
    if response.status == OK and _has_it(response, request.headers):
        headers = {
            name: text for name, text in response.headers.items() if name not in _OF_THE_BODY
        }
        return replace(response, status=NOT_MODIFIED, headers=headers, body=b"")
    if request.method == "HEAD":
        return replace(response, body=b"")
    wanted = request.headers.get("range", "")
    if response.status == OK and wanted and _is_of(response, request.headers.get("if-range", "")):
        return _part(response, wanted)
    return response


def viewers_vary(response: EdgeResponse, *forwarded: Names) -> EdgeResponse:
    """Return a response with only the names in Vary that CloudFront passes on.

    Guide, "HTTP response headers that CloudFront removes or replaces": Accept-Encoding and Cookie,
    and headers forwarded to the origin, by any policy.
    """
    names = [name.strip() for name in response.header("vary").split(",") if name.strip()]
    kept = (Names("whitelist", _VARY_ALWAYS), *forwarded)
    left = [name for name in names if any(name.lower() in some for some in kept)]
    if left == names:
        return response
    headers = {name: text for name, text in response.headers.items() if name != "vary"}
    return replace(response, headers={**headers, "vary": ", ".join(left)} if left else headers)


class EdgeCache:
    """The responses cached at one edge location, for all paths of a distribution."""

    def __init__(
        self, *, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most_bytes, self._clock = most_bytes, clock
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._bytes = 0
        self._asked: dict[Key, asyncio.Future[None]] = {}
        self._purges = 0

    async def respond(
        self, request: EdgeRequest, policy: CachePolicy, errors: Mapping[int, float], fetch: Fetch
    ) -> EdgeResponse:
        """Respond to a GET or HEAD from the cache, or *fetch* and cache the response.

        Guide, "Simultaneous requests for the same object (request collapsing)": requests during a
        fetch wait for its response, and fetch on their own only if it may not be cached.
        """
        key = key_of(request, policy)
        if (waiting := self._asked.get(key)) is not None and self._find(key, request) is None:
            await asyncio.wait(
                [waiting]
            )  # not the future itself: one cancelled request would cancel it for all
        if (kept := self._find(key, request)) is not None:
            return self._hit(kept, request)
        first = asyncio.get_running_loop().create_future()
        self._asked.setdefault(key, first)
        try:
            return await self._ask(key, request, policy, errors, fetch)
        finally:
            first.set_result(None)
            if self._asked.get(key) is first:
                del self._asked[key]

    def purge(self, paths: Collection[str]) -> None:
        """Invalidate *paths*; a trailing `*` is a wildcard.

        Guide, "What you need to know when invalidating files": a path may omit its leading slash,
        and all variants of an object by headers and cookies are invalidated.
        """
        self._purges += 1
        patterns = [f"/{path.removeprefix('/')}" for path in paths]
        for key in [key for key, kept in self._kept.items() if _is_any_of(kept.path, patterns)]:
            self._drop(key)

    async def _ask(
        self,
        key: Key,
        request: EdgeRequest,
        policy: CachePolicy,
        errors: Mapping[int, float],
        fetch: Fetch,
    ) -> EdgeResponse:
        purges, stale = self._purges, self._stale(key, request)
        asked = replace(request, headers=_questions(request.headers, stale))
        response = await fetch(asked)
        if stale is not None and response.status == NOT_MODIFIED:
            response = replace(
                stale.response,
                headers={**stale.response.headers, **_refreshed(response)},
                seen="RefreshHit from cloudfront",
            )
        elif stale is not None and self._outlives(stale, response, policy):
            stale.until = self._clock() + errors.get(response.status, ERROR_SECONDS)
            return self._hit(stale, request)
        seconds = lifetime(response, policy, errors)
        self._drop(self._slot(key, request))
        if seconds > 0 and purges == self._purges:
            self._keep(self._slot(key, request), request, response, seconds)
        if response.status >= FIRST_ERROR:
            response = replace(response, seen="Error from cloudfront")
        return viewed(response, request)

    def _outlives(self, stale: Kept, response: EdgeResponse, policy: CachePolicy) -> bool:
        """Whether to serve an expired object instead of the origin's error.

        Guide, "How CloudFront processes HTTP 4xx and 5xx status codes": instead of a 5xx, up to the
        maximum time.
        """
        return (
            response.status >= FIRST_SERVER_ERROR and self._clock() < stale.since + policy.max_ttl
        )

    def _slot(self, key: Key, request: EdgeRequest) -> Key:
        return (request.method, *key)

    def _find(self, key: Key, request: EdgeRequest) -> Kept | None:
        """Return a fresh cached response; a HEAD may use that of a GET."""
        for method in ("GET", request.method):
            kept = self._kept.get((method, *key))
            if kept is not None and self._clock() < kept.until:
                self._kept.move_to_end((method, *key))
                return kept
        return None

    def _stale(self, key: Key, request: EdgeRequest) -> Kept | None:
        kept = self._kept.get(self._slot(key, request))
        return kept if kept is not None and kept.response.status == OK else None

    def _hit(self, kept: Kept, request: EdgeRequest) -> EdgeResponse:
        age = str(max(0, int(self._clock() - kept.since)))
        error = kept.response.status >= FIRST_ERROR
        seen = "Error from cloudfront" if error else "Hit from cloudfront"
        response = replace(kept.response, headers={**kept.response.headers, "age": age}, seen=seen)
        return viewed(response, request)

    def _keep(
        self, slot: Key, request: EdgeRequest, response: EdgeResponse, seconds: float
    ) -> None:
        now = self._clock()
        path = f"{request.path}?{request.query}" if slot[3] else request.path
        self._kept[slot] = Kept(response, path, now, now + seconds)
        self._bytes += _size(response)
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, slot: Key) -> None:
        kept = self._kept.pop(slot, None)
        if kept is not None:
            self._bytes -= _size(kept.response)


def _size(response: EdgeResponse) -> int:
    return len(response.body) + _ENTRY_BYTES


def _is_any_of(path: str, patterns: list[str]) -> bool:
    return any(
        path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern
        for pattern in patterns
    )


def _questions(headers: Mapping[str, str], stale: Kept | None) -> dict[str, str]:
    """Return a request's headers with the cache's own conditions instead of the viewer's.

    Guide, "Conditional GETs": CloudFront revalidates its object. It may request more than a
    viewer's range ("Range GETs"): here the whole object.
    """
    asked = {name: text for name, text in headers.items() if name not in _REVALIDATED}
    if stale is not None:
        for name, known in (("if-none-match", "etag"), ("if-modified-since", "last-modified")):
            if text := stale.response.header(known):
                asked[name] = text
    return asked


def _refreshed(response: EdgeResponse) -> dict[str, str | list[str]]:
    return {name: text for name, text in response.headers.items() if name not in _OF_THE_BODY}


def _directives(response: EdgeResponse) -> dict[str, str]:
    parts = [
        part.strip().partition("=") for part in response.header("cache-control").lower().split(",")
    ]
    return {name: value.strip('" ') for name, _, value in parts if name}


def _cache_seconds(response: EdgeResponse) -> float | None:
    """Return the origin's cache time, or None if it sets none.

    Guide, "Expiration": s-maxage before max-age before Expires.
    """
    directives = _directives(response)
    for name in ("s-maxage", "max-age"):
        if directives.get(name, "").isdecimal():
            return float(directives[name])
    try:
        until = parsedate_to_datetime(response.header("expires"))
        since = parsedate_to_datetime(response.header("date"))
    except (TypeError, ValueError):
        return None
    return max(0.0, (until - since).total_seconds())


def _has_it(kept: EdgeResponse, headers: Mapping[str, str]) -> bool:
    tags, tag = headers.get("if-none-match", ""), kept.header("etag")
    if tags:
        known = {one.strip().removeprefix("W/") for one in tags.split(",")}
        return "*" in known or (bool(tag) and tag.removeprefix("W/") in known)
    try:
        asked = parsedate_to_datetime(headers.get("if-modified-since", ""))
        changed = parsedate_to_datetime(kept.header("last-modified"))
    except (TypeError, ValueError):
        return False
    return changed <= asked


def _is_of(kept: EdgeResponse, condition: str) -> bool:
    return not condition or condition in {kept.header("etag"), kept.header("last-modified")}


def _part(kept: EdgeResponse, wanted: str) -> EdgeResponse:
    """Return the requested range; anything but a single range gets the whole, as in S3."""
    match, length = _RANGE.fullmatch(wanted.strip()), len(kept.body)
    begin, end = match.groups() if match else ("", "")
    if (not begin and not end) or (begin and end and int(end) < int(begin)):
        return kept
    first = int(begin) if begin else max(0, length - int(end))
    last = min(int(end), length - 1) if begin and end else length - 1
    if first >= length:
        headers = {"content-range": f"bytes */{length}", "content-length": "0"}
        return replace(kept, status=416, headers=headers, body=b"")
    part_headers = {
        "content-range": f"bytes {first}-{last}/{length}",
        "content-length": str(last - first + 1),
    }
    return replace(
        kept, status=206, headers={**kept.headers, **part_headers}, body=kept.body[first : last + 1]
    )
