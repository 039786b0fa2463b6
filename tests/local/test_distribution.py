"""What a distribution keeps: as long as CloudFront's guide says, told apart by its key, never too much."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from tintype.local.distribution import (
    ALWAYS_KEPT,
    Answer,
    CachePolicy,
    EdgeCache,
    Names,
    Request,
    lifetime,
    viewers_vary,
)

OPTIMIZED = CachePolicy(1, 86_400, 31_536_000)
AS_SAID = CachePolicy(0, 0, 31_536_000)
BODY = bytes(range(100))
TAG = '"0a1b"'
YESTERDAY, TODAY = "Fri, 27 Nov 2026 12:00:00 GMT", "Sat, 28 Nov 2026 12:00:00 GMT"
HIT, MISS, ERROR = "Hit from cloudfront", "Miss from cloudfront", "Error from cloudfront"


@dataclass
class Place:
    """An edge location with a clock that is turned by hand, and an origin that counts who asks."""

    policy: CachePolicy = OPTIMIZED
    errors: dict[int, float] = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"cache-control": "max-age=60"})
    body: bytes = BODY
    now: float = 0.0
    most_bytes: int = 1_000_000
    asked: list[Request] = field(default_factory=list)
    meanwhile: Callable[[], Coroutine[Any, Any, None]] | None = None

    def __post_init__(self) -> None:
        self.cache = EdgeCache(most_bytes=self.most_bytes, clock=lambda: self.now)

    async def fetch(self, request: Request) -> Answer:
        self.asked.append(request)
        if self.meanwhile is not None:
            await self.meanwhile()
        known = request.headers.get("if-none-match")
        if known is not None and known == self.headers.get("etag"):
            return Answer(304, {"etag": known, "cache-control": "max-age=60"}, b"")
        body = b"" if request.method == "HEAD" else self.body
        return Answer(self.status, self.headers, body)

    async def visit(
        self, path: str = "/a", *, method: str = "GET", query: str = "", **headers: str
    ) -> Answer:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        request = Request(method, "renditions", path, query, named)
        return await self.cache.answer(request, self.policy, self.errors, self.fetch)

    def get(self, path: str = "/a", **asked: str) -> Answer:
        return asyncio.run(self.visit(path, **asked))


# How long (guide, "Manage how long content stays in the cache", its table)


@pytest.mark.parametrize(
    ("said", "least", "usual", "most", "seconds"),
    [
        ("max-age=60", 0, 10, 100, 60),
        ("max-age=60", 70, 80, 100, 70),
        ("max-age=600", 0, 10, 100, 100),
        ("max-age=60, s-maxage=20", 0, 10, 100, 20),
        ("", 0, 10, 100, 10),
        ("", 20, 10, 100, 20),
        ("no-store", 0, 10, 100, 0),
        ("no-store", 5, 10, 100, 5),
        ("no-cache", 0, 10, 100, 0),
        ("private, max-age=60", 0, 10, 100, 0),
        ("max-age=0", 0, 10, 100, 0),
    ],
)
def test_answer_is_kept_as_long_as_origin_and_policy_agree(
    said: str, least: float, usual: float, most: float, seconds: float
) -> None:
    answer = Answer(200, {"cache-control": said} if said else {}, b"")

    assert lifetime(answer, CachePolicy(least, usual, most), {}) == seconds


def test_expires_is_heard_where_cache_control_is_silent() -> None:
    answer = Answer(200, {"expires": TODAY, "date": YESTERDAY}, b"")

    assert lifetime(answer, OPTIMIZED, {}) == 86_400


@pytest.mark.parametrize("status", sorted(ALWAYS_KEPT))
def test_error_is_kept_for_ten_seconds_unless_the_distribution_says_otherwise(status: int) -> None:
    error = Answer(status, {"cache-control": "no-store"}, b"")

    assert lifetime(error, AS_SAID, {}) == 10
    assert lifetime(error, AS_SAID, {status: 0}) == 0
    assert lifetime(error, AS_SAID, {status: 300}) == 300


def test_error_is_kept_for_longer_if_the_origin_says_so() -> None:
    assert lifetime(Answer(404, {"cache-control": "max-age=60"}, b""), OPTIMIZED, {404: 0}) == 60


@pytest.mark.parametrize(
    ("status", "seconds"), [(400, 60), (403, 60), (405, 60), (409, 0), (429, 0)]
)
def test_other_error_is_kept_only_if_the_origin_says_how_long(status: int, seconds: float) -> None:
    assert lifetime(Answer(status, {}, b""), OPTIMIZED, {}) == 0
    assert lifetime(Answer(status, {"cache-control": "max-age=60"}, b""), OPTIMIZED, {}) == seconds


# From the cache


def test_second_visitor_is_answered_from_the_cache_until_it_is_old() -> None:
    place = Place()

    assert (place.get().seen, place.get().seen) == (MISS, HIT)
    place.now = 42.9
    assert place.get().said("age") == "42"
    place.now = 60
    assert place.get().seen == MISS
    assert len(place.asked) == 2


def test_error_is_repeated_until_its_time_is_over() -> None:
    place = Place(status=404, headers={})
    place.get()
    place.status = 200

    place.now = 9.9
    assert (place.get().status, place.get().seen) == (404, ERROR)
    place.now = 10
    assert place.get().status == 200


def test_error_is_not_repeated_where_its_time_is_nothing() -> None:
    place = Place(status=404, headers={}, errors={404: 0})
    place.get()
    place.status = 200

    assert place.get().status == 200


def test_old_answer_is_asked_for_again_and_stays_if_it_is_the_latest() -> None:
    place = Place(headers={"cache-control": "max-age=60", "etag": TAG})
    place.get()
    place.now = 60

    answer = place.get()

    assert (answer.status, answer.body, answer.seen) == (200, BODY, "RefreshHit from cloudfront")
    assert place.asked[1].headers["if-none-match"] == TAG
    place.now = 119
    assert place.get().seen == HIT


def test_old_answer_is_better_than_an_origin_that_fails() -> None:
    place = Place()
    place.get()
    place.now, place.status = 60, 503

    assert (place.get().status, place.get().body) == (200, BODY)
    assert len(place.asked) == 2, "the error is not asked for again within its time"
    place.now, place.status = 70, 404
    assert place.get().status == 404


def test_head_is_answered_from_what_a_get_has_brought() -> None:
    place = Place()
    place.get()

    answer = place.get(method="HEAD")

    assert (answer.status, answer.body, answer.seen) == (200, b"", HIT)


def test_head_does_not_empty_what_a_get_gets() -> None:
    place = Place()
    place.get(method="HEAD")

    assert place.get().body == BODY


# Told apart by the key


@pytest.mark.parametrize(
    ("policy", "first", "second", "asked"),
    [
        (OPTIMIZED, {"query": "w=1"}, {"query": "w=2"}, 1),
        (OPTIMIZED, {"accept": "image/avif"}, {"accept": "image/webp"}, 1),
        (OPTIMIZED, {"cookie": "who=a"}, {"cookie": "who=b"}, 1),
        (CachePolicy(1, 60, 60, queries=Names("all")), {"query": "w=1"}, {"query": "w=2"}, 2),
        (CachePolicy(1, 60, 60, queries=Names("whitelist", frozenset({"w"}))),
         {"query": "w=1&x=1"}, {"query": "w=1&x=2"}, 1),
        (CachePolicy(1, 60, 60, queries=Names("allExcept", frozenset({"w"}))),
         {"query": "w=1&x=1"}, {"query": "w=1&x=2"}, 2),
        (CachePolicy(1, 60, 60, headers=Names("whitelist", frozenset({"accept"}))),
         {"accept": "image/avif"}, {"accept": "image/webp"}, 2),
        (CachePolicy(1, 60, 60, cookies=Names("all")), {"cookie": "who=a"}, {"cookie": "who=b"}, 2),
    ],
)  # fmt: skip
def test_requests_differ_by_what_the_policy_names(
    policy: CachePolicy, first: dict[str, str], second: dict[str, str], asked: int
) -> None:
    place = Place(policy=policy)

    place.get(**first)
    place.get(**second)

    assert len(place.asked) == asked


def test_vary_alone_tells_nobody_apart_and_is_not_told_on() -> None:
    place = Place(headers={"cache-control": "max-age=60", "vary": "accept"})

    place.get(accept="image/avif")
    place.get(accept="image/webp")

    assert len(place.asked) == 1
    said = viewers_vary(
        Answer(200, {"vary": "Accept, Accept-Encoding, Cookie, Origin"}, b""), Names()
    )
    assert said.said("vary") == "Accept-Encoding, Cookie"
    forwarded = Names("whitelist", frozenset({"accept"}))
    assert viewers_vary(Answer(200, {"vary": "Accept"}, b""), forwarded).said("vary") == "Accept"


# Parts and conditions


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize(
    ("wanted", "status", "part", "said"),
    [
        ("bytes=0-9", 206, BODY[:10], "bytes 0-9/100"),
        ("bytes=90-", 206, BODY[90:], "bytes 90-99/100"),
        ("bytes=-5", 206, BODY[95:], "bytes 95-99/100"),
        ("bytes=0-1000", 206, BODY, "bytes 0-99/100"),
        ("bytes=100-", 416, b"", "bytes */100"),
        ("bytes=-0", 416, b"", "bytes */100"),
        ("bytes=9-0", 200, BODY, ""),
        ("bytes=0-1,5-6", 200, BODY, ""),
        (f"bytes=0-{'9' * 5_000}", 200, BODY, ""),
        (f"bytes=-{'9' * 5_000}", 200, BODY, ""),
        ("lines=1-2", 200, BODY, ""),
    ],
)  # fmt: skip
def test_part_is_given_from_the_whole(
    wanted: str, status: int, part: bytes, said: str, *, warm: bool
) -> None:
    place = Place()
    if warm:
        place.get()

    answer = place.get(range=wanted)

    assert (answer.status, answer.body, answer.said("content-range")) == (status, part, said)
    assert (len(place.asked), place.get().seen) == (1, HIT)
    assert "range" not in place.asked[0].headers


def test_part_of_another_version_is_the_whole() -> None:
    place = Place(headers={"cache-control": "max-age=60", "etag": TAG})

    assert place.get(range="bytes=0-9", if_range=TAG).status == 206
    assert place.get(range="bytes=0-9", if_range='"other"').status == 200


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ({"if_none_match": TAG}, 304),
        ({"if_none_match": f'"x", W/{TAG}'}, 304),
        ({"if_none_match": "*"}, 304),
        ({"if_none_match": '"other"'}, 200),
        ({"if_modified_since": TODAY}, 304),
        ({"if_modified_since": YESTERDAY}, 304),
        ({"if_modified_since": "Thu, 26 Nov 2026 12:00:00 GMT"}, 200),
        ({"if_modified_since": "yesterday"}, 200),
        ({"if_none_match": '"other"', "if_modified_since": TODAY}, 200),
    ],
)  # fmt: skip
def test_who_has_it_is_told_so(condition: dict[str, str], status: int) -> None:
    place = Place(headers={"cache-control": "max-age=60", "etag": TAG, "last-modified": YESTERDAY})
    place.get()

    answer = place.get(**condition)

    assert (answer.status, answer.body == b"", answer.said("etag")) == (status, status == 304, TAG)
    assert len(place.asked) == 1


# Together, and no more than fits


def test_ten_at_once_ask_the_origin_once() -> None:
    place = Place(meanwhile=lambda: asyncio.sleep(0.01))

    async def together() -> list[Answer]:
        return await asyncio.gather(*(place.visit() for _ in range(10)))

    answers = asyncio.run(together())

    assert len(place.asked) == 1
    assert sorted(answer.seen for answer in answers) == [HIT] * 9 + [MISS]


def test_nobody_is_given_what_may_not_be_kept() -> None:
    place = Place(
        policy=AS_SAID, headers={"cache-control": "no-store"}, meanwhile=lambda: asyncio.sleep(0)
    )

    async def together() -> list[Answer]:
        return await asyncio.gather(*(place.visit() for _ in range(10)))

    answers = asyncio.run(together())

    assert len(place.asked) == 10
    assert {answer.seen for answer in answers} == {MISS}


def test_who_gives_up_takes_nobody_with_him() -> None:
    place = Place(meanwhile=lambda: asyncio.sleep(0.01))

    async def together() -> Answer:
        first, second, third = (asyncio.create_task(place.visit()) for _ in range(3))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.sleep(0)
        first.cancel()
        return await third

    assert asyncio.run(together()).status == 200


@pytest.mark.parametrize(
    ("purged", "left"),
    [
        (["/a/1"], {"/a/2", "/b"}),
        (["a/1", "/b"], {"/a/2"}),
        (["/a/*"], {"/b"}),
        (["/a*"], {"/b"}),
        (["/*"], set()),
        (["/a"], {"/a/1", "/a/2", "/b"}),
        (["/A/1"], {"/a/1", "/a/2", "/b"}),
    ],
)
def test_purged_paths_are_forgotten(purged: list[str], left: set[str]) -> None:
    place = Place()
    paths = ["/a/1", "/a/2", "/b"]
    for path in paths:
        place.get(path)

    place.cache.purge(purged)

    assert {path for path in paths if place.get(path).seen == HIT} == left


def test_purge_takes_all_versions_that_headers_made() -> None:
    place = Place(policy=CachePolicy(1, 60, 60, headers=Names("whitelist", frozenset({"accept"}))))
    place.get(accept="image/avif")
    place.get(accept="image/webp")

    place.cache.purge(["/a"])

    assert place.get(accept="image/avif").seen == place.get(accept="image/webp").seen == MISS


def test_answer_on_its_way_during_a_purge_is_not_kept() -> None:
    place = Place()

    async def purge() -> None:
        place.cache.purge(["/a"])

    place.meanwhile = purge
    place.get()
    place.meanwhile = None

    assert place.get().seen == MISS


def test_what_was_not_asked_for_longest_makes_room() -> None:
    place = Place(body=bytes(10_000), most_bytes=40_000)
    for path in ("/1", "/2", "/3"):
        place.get(path)
    place.get("/1")

    place.get("/4")

    assert [path for path in ("/1", "/3", "/4") if place.get(path).seen == HIT] == [
        "/1",
        "/3",
        "/4",
    ]
    assert place.get("/2").seen == MISS


def test_answer_larger_than_the_cache_is_given_and_not_kept() -> None:
    place = Place(body=bytes(10_000), most_bytes=5_000)

    assert (len(place.get().body), place.get().seen) == (10_000, MISS)
