"""What a CloudFront distribution keeps, for how long, and how it answers from what it keeps.

It knows nothing of the emulator: `edge.py` connects the two. "Guide" is Amazon CloudFront's developer
guide; each rule names the page of it that it follows.
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

# Guide, "Control how long CloudFront caches errors": 10 seconds unless the distribution says otherwise.
ERROR_SECONDS = 10.0
# Guide, "HTTP 4xx and 5xx status codes that CloudFront caches": these always …
ALWAYS_KEPT = frozenset({404, 414, 500, 501, 502, 503, 504})
# … and these if the origin says how long.
KEPT_IF_SAID = frozenset({400, 403, 405, 412, 415})
OK, NOT_MODIFIED, FIRST_ERROR, FIRST_SERVER_ERROR = 200, 304, 400, 500
KEPT = frozenset({OK, 301, 302, 307, 308})
# CloudFront has no such limit, but may give up what is rarely asked for (guide, "Expiration").
MOST_BYTES = 64_000_000
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)
_REVALIDATED = ("if-none-match", "if-modified-since", "if-range", "range")
# Guide, "Request and response behavior for custom origins", on Vary.
_OF_THE_BODY = frozenset({"content-length", "content-type", "content-range"})
_ENTRY_BYTES = 1_000  # what an answer takes without its body, about
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
    """How long answers are kept (in seconds), and what of a request tells two of them apart."""

    min_ttl: float
    default_ttl: float
    max_ttl: float
    headers: Names = Names()
    cookies: Names = Names()
    queries: Names = Names()


@dataclass(frozen=True, slots=True)
class Request:
    """What would be asked of the origin; header names are in lower case."""

    method: str
    origin: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an origin or the cache says; *seen* is CloudFront's word for where it comes from."""

    status: int
    headers: HeaderMap
    body: bytes
    seen: str = "Miss from cloudfront"

    def said(self, name: str) -> str:
        """Return a header's value, or an empty text."""
        value = self.headers.get(name, "")
        return value if isinstance(value, str) else ", ".join(value)


Fetch: TypeAlias = Callable[[Request], Awaitable[Answer]]


@dataclass(slots=True)
class Kept:
    """An answer in the cache."""

    answer: Answer
    path: str
    since: float
    until: float


def key_of(request: Request, policy: CachePolicy) -> Key:
    """Return what two requests have in common that get the same answer.

    Guide, "Understand the cache key": the path, and the headers, cookies and query parameters that the
    cache policy names. Accept-Encoding is in it only with an origin that packs; ours do not.
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


def lifetime(answer: Answer, policy: CachePolicy, errors: Mapping[int, float]) -> float:
    """Return for how many seconds an answer is kept; 0 is not at all.

    *errors* are the seconds that the distribution sets for some statuses.

    >>> page = CachePolicy(1, 86_400, 31_536_000)
    >>> lifetime(Answer(200, {"cache-control": "max-age=60"}, b""), page, {})
    60.0
    >>> lifetime(Answer(200, {"cache-control": "no-store"}, b""), page, {})
    1
    >>> lifetime(Answer(404, {"cache-control": "no-store"}, b""), page, {})
    10.0
    >>> lifetime(Answer(404, {"cache-control": "no-store"}, b""), page, {404: 0})
    0
    """
    said = _said_seconds(answer)
    if answer.status in ALWAYS_KEPT or (answer.status in KEPT_IF_SAID and said is not None):
        # Guide, "How CloudFront processes HTTP 4xx and 5xx status codes": the longer of the two.
        return max(errors.get(answer.status, ERROR_SECONDS), said or 0)
    if answer.status not in KEPT or (answer.said("vary") == "*" and policy.min_ttl == 0):
        return 0
    if _directives(answer).keys() & {"no-cache", "no-store", "private"}:
        return policy.min_ttl
    # Guide, "Expiration", its table: what the origin says, between the least and the most time.
    if said is None:
        return max(policy.min_ttl, policy.default_ttl)
    return min(max(said, policy.min_ttl), max(policy.max_ttl, policy.min_ttl))


def viewed(answer: Answer, request: Request) -> Answer:
    """Return what a viewer is told of a whole answer: all, a part, or that he has it.

    Guide, "Range GETs", and RFC 9110 sections 13 and 14, which it follows.
    """
    if answer.status == OK and _has_it(answer, request.headers):
        headers = {name: text for name, text in answer.headers.items() if name not in _OF_THE_BODY}
        return replace(answer, status=NOT_MODIFIED, headers=headers, body=b"")
    if request.method == "HEAD":
        return replace(answer, body=b"")
    wanted = request.headers.get("range", "")
    if answer.status == OK and wanted and _is_of(answer, request.headers.get("if-range", "")):
        return _part(answer, wanted)
    return answer


def viewers_vary(answer: Answer, forwarded: Names) -> Answer:
    """Return an answer with the names in Vary that CloudFront lets through.

    Guide, "HTTP response headers that CloudFront removes or replaces": Accept-Encoding and Cookie, and
    the headers that go to the origin.
    """
    names = [name.strip() for name in answer.said("vary").split(",") if name.strip()]
    left = [name for name in names if name.lower() in _VARY_ALWAYS or name.lower() in forwarded]
    if left == names:
        return answer
    headers = {name: text for name, text in answer.headers.items() if name != "vary"}
    return replace(answer, headers={**headers, "vary": ", ".join(left)} if left else headers)


class EdgeCache:
    """The answers that one edge location keeps, for all paths of a distribution."""

    def __init__(
        self, *, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most_bytes, self._clock = most_bytes, clock
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._bytes = 0
        self._asked: dict[Key, asyncio.Future[None]] = {}
        self._purges = 0

    async def answer(
        self, request: Request, policy: CachePolicy, errors: Mapping[int, float], fetch: Fetch
    ) -> Answer:
        """Answer a GET or HEAD from what is kept, or by *fetch* and keep it.

        Guide, "Simultaneous requests for the same object (request collapsing)": who comes while the
        origin is asked waits for that answer, and asks himself only if it may not be kept.
        """
        key = key_of(request, policy)
        if (waiting := self._asked.get(key)) is not None and self._find(key, request) is None:
            await asyncio.wait(
                [waiting]
            )  # not the future itself: who gives up would end it for all
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
        """Forget what lies at *paths*; `*` at the end of one stands for anything.

        Guide, "What you need to know when invalidating files": a path may come without its slash, and
        an object goes in all versions that headers and cookies made of it.
        """
        self._purges += 1
        patterns = [f"/{path.removeprefix('/')}" for path in paths]
        for key in [key for key, kept in self._kept.items() if _is_any_of(kept.path, patterns)]:
            self._drop(key)

    async def _ask(
        self,
        key: Key,
        request: Request,
        policy: CachePolicy,
        errors: Mapping[int, float],
        fetch: Fetch,
    ) -> Answer:
        purges, stale = self._purges, self._stale(key, request)
        asked = replace(request, headers=_questions(request.headers, stale))
        answer = await fetch(asked)
        if stale is not None and answer.status == NOT_MODIFIED:
            answer = replace(
                stale.answer,
                headers={**stale.answer.headers, **_refreshed(answer)},
                seen="RefreshHit from cloudfront",
            )
        elif stale is not None and self._outlives(stale, answer, policy):
            stale.until = self._clock() + errors.get(answer.status, ERROR_SECONDS)
            return self._hit(stale, request)
        seconds = lifetime(answer, policy, errors)
        self._drop(self._slot(key, request))
        if seconds > 0 and purges == self._purges:
            self._keep(self._slot(key, request), request, answer, seconds)
        if answer.status >= FIRST_ERROR:
            answer = replace(answer, seen="Error from cloudfront")
        return viewed(answer, request)

    def _outlives(self, stale: Kept, answer: Answer, policy: CachePolicy) -> bool:
        """Say whether an expired object is better than the origin's error.

        Guide, "How CloudFront processes HTTP 4xx and 5xx status codes": than a 5xx, up to the most time.
        """
        return answer.status >= FIRST_SERVER_ERROR and self._clock() < stale.since + policy.max_ttl

    def _slot(self, key: Key, request: Request) -> Key:
        return (request.method, *key)

    def _find(self, key: Key, request: Request) -> Kept | None:
        """Return what is kept and fresh: a HEAD is answered from a GET's answer, too."""
        for method in ("GET", request.method):
            kept = self._kept.get((method, *key))
            if kept is not None and self._clock() < kept.until:
                self._kept.move_to_end((method, *key))
                return kept
        return None

    def _stale(self, key: Key, request: Request) -> Kept | None:
        kept = self._kept.get(self._slot(key, request))
        return kept if kept is not None and kept.answer.status == OK else None

    def _hit(self, kept: Kept, request: Request) -> Answer:
        age = str(max(0, int(self._clock() - kept.since)))
        error = kept.answer.status >= FIRST_ERROR
        seen = "Error from cloudfront" if error else "Hit from cloudfront"
        answer = replace(kept.answer, headers={**kept.answer.headers, "age": age}, seen=seen)
        return viewed(answer, request)

    def _keep(self, slot: Key, request: Request, answer: Answer, seconds: float) -> None:
        now = self._clock()
        path = f"{request.path}?{request.query}" if slot[3] else request.path
        self._kept[slot] = Kept(answer, path, now, now + seconds)
        self._bytes += _size(answer)
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, slot: Key) -> None:
        kept = self._kept.pop(slot, None)
        if kept is not None:
            self._bytes -= _size(kept.answer)


def _size(answer: Answer) -> int:
    return len(answer.body) + _ENTRY_BYTES


def _is_any_of(path: str, patterns: list[str]) -> bool:
    return any(
        path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern
        for pattern in patterns
    )


def _questions(headers: Mapping[str, str], stale: Kept | None) -> dict[str, str]:
    """Return a request's headers with the cache's own conditions instead of the viewer's.

    Guide, "Conditional GETs": CloudFront asks whether what it has is still the latest. It may ask for
    more than a viewer's range ("Range GETs"): here for all.
    """
    asked = {name: text for name, text in headers.items() if name not in _REVALIDATED}
    if stale is not None:
        for name, known in (("if-none-match", "etag"), ("if-modified-since", "last-modified")):
            if text := stale.answer.said(known):
                asked[name] = text
    return asked


def _refreshed(answer: Answer) -> dict[str, str | list[str]]:
    return {name: text for name, text in answer.headers.items() if name not in _OF_THE_BODY}


def _directives(answer: Answer) -> dict[str, str]:
    parts = [
        part.strip().partition("=") for part in answer.said("cache-control").lower().split(",")
    ]
    return {name: value.strip('" ') for name, _, value in parts if name}


def _said_seconds(answer: Answer) -> float | None:
    """Return how long the origin lets its answer be kept, None if it does not say.

    Guide, "Expiration": s-maxage before max-age before Expires.
    """
    directives = _directives(answer)
    for name in ("s-maxage", "max-age"):
        if directives.get(name, "").isdecimal():
            return float(directives[name])
    try:
        until = parsedate_to_datetime(answer.said("expires"))
        since = parsedate_to_datetime(answer.said("date"))
    except (TypeError, ValueError):
        return None
    return max(0.0, (until - since).total_seconds())


def _has_it(kept: Answer, headers: Mapping[str, str]) -> bool:
    tags, tag = headers.get("if-none-match", ""), kept.said("etag")
    if tags:
        known = {one.strip().removeprefix("W/") for one in tags.split(",")}
        return "*" in known or (bool(tag) and tag.removeprefix("W/") in known)
    try:
        asked = parsedate_to_datetime(headers.get("if-modified-since", ""))
        changed = parsedate_to_datetime(kept.said("last-modified"))
    except (TypeError, ValueError):
        return False
    return changed <= asked


def _is_of(kept: Answer, condition: str) -> bool:
    return not condition or condition in {kept.said("etag"), kept.said("last-modified")}


def _part(kept: Answer, wanted: str) -> Answer:
    """Return a part as the viewer wants it; what is not one range gets all, as S3 does it."""
    match, length = _RANGE.fullmatch(wanted.strip()), len(kept.body)
    begin, end = match.groups() if match else ("", "")
    if (not begin and not end) or (begin and end and int(end) < int(begin)):
        return kept
    first = int(begin) if begin else max(0, length - int(end))
    last = min(int(end), length - 1) if begin and end else length - 1
    if first >= length:
        headers = {"content-range": f"bytes */{length}", "content-length": "0"}
        return replace(kept, status=416, headers=headers, body=b"")
    said = {
        "content-range": f"bytes {first}-{last}/{length}",
        "content-length": str(last - first + 1),
    }
    return replace(
        kept, status=206, headers={**kept.headers, **said}, body=kept.body[first : last + 1]
    )
