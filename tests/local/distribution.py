"""A distribution before an origin that says what a test has it say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from tintype.local.distribution import (
    CachePolicy,
    EdgeCache,
    EdgeRequest,
    EdgeResponse,
)

OPTIMIZED = CachePolicy(1, 86_400, 31_536_000)
NO_MINIMUM = CachePolicy(0, 0, 31_536_000)
BODY = bytes(range(100))
TAG = '"0a1b"'
YESTERDAY, TODAY = "Fri, 27 Nov 2026 12:00:00 GMT", "Sat, 28 Nov 2026 12:00:00 GMT"
HIT, MISS, ERROR = "Hit from cloudfront", "Miss from cloudfront", "Error from cloudfront"


@dataclass
class FakeOrigin:
    """An edge location with a clock that is turned by hand, and an origin that counts who asks."""

    policy: CachePolicy = OPTIMIZED
    errors: dict[int, float] = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"cache-control": "max-age=60"})
    body: bytes = BODY
    now: float = 0.0
    most_bytes: int = 1_000_000
    requests: list[EdgeRequest] = field(default_factory=list)
    meanwhile: Callable[[], Coroutine[Any, Any, None]] | None = None

    def __post_init__(self) -> None:
        self.cache = EdgeCache(most_bytes=self.most_bytes, clock=lambda: self.now)

    async def fetch(self, request: EdgeRequest) -> EdgeResponse:
        self.requests.append(request)
        if self.meanwhile is not None:
            await self.meanwhile()
        known = request.headers.get("if-none-match")
        if known is not None and known == self.headers.get("etag"):
            return EdgeResponse(304, {"etag": known, "cache-control": "max-age=60"}, b"")
        body = b"" if request.method == "HEAD" else self.body
        return EdgeResponse(self.status, self.headers, body)

    async def visit(
        self, path: str = "/a", *, method: str = "GET", query: str = "", **headers: str
    ) -> EdgeResponse:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        request = EdgeRequest(method, "renditions", path, query, named)
        return await self.cache.respond(request, self.policy, self.errors, self.fetch)

    def get(self, path: str = "/a", **requests: str) -> EdgeResponse:
        return asyncio.run(self.visit(path, **requests))
