"""What a distribution keeps: as long as CloudFront's guide says, told apart by its key, never too much."""

from __future__ import annotations

import asyncio

import pytest

from tests.local.distribution import (
    BODY,
    ERROR,
    HIT,
    MISS,
    NO_MINIMUM,
    OPTIMIZED,
    TAG,
    TODAY,
    YESTERDAY,
    FakeOrigin,
)
from tintype.local.distribution import (
    ALWAYS_KEPT,
    CachePolicy,
    EdgeResponse,
    Names,
    lifetime,
    viewers_vary,
)

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
    answer = EdgeResponse(200, {"cache-control": said} if said else {}, b"")

    assert lifetime(answer, CachePolicy(least, usual, most), {}) == seconds


def test_expires_is_heard_where_cache_control_is_silent() -> None:
    answer = EdgeResponse(200, {"expires": TODAY, "date": YESTERDAY}, b"")

    assert lifetime(answer, OPTIMIZED, {}) == 86_400


@pytest.mark.parametrize("status", sorted(ALWAYS_KEPT))
def test_error_is_kept_for_ten_seconds_unless_the_distribution_says_otherwise(status: int) -> None:
    error = EdgeResponse(status, {"cache-control": "no-store"}, b"")

    assert lifetime(error, NO_MINIMUM, {}) == 10
    assert lifetime(error, NO_MINIMUM, {status: 0}) == 0
    assert lifetime(error, NO_MINIMUM, {status: 300}) == 300


def test_error_is_kept_for_longer_if_the_origin_says_so() -> None:
    assert (
        lifetime(EdgeResponse(404, {"cache-control": "max-age=60"}, b""), OPTIMIZED, {404: 0}) == 60
    )


@pytest.mark.parametrize(
    ("status", "seconds"), [(400, 60), (403, 60), (405, 60), (409, 0), (429, 0)]
)
def test_other_error_is_kept_only_if_the_origin_says_how_long(status: int, seconds: float) -> None:
    assert lifetime(EdgeResponse(status, {}, b""), OPTIMIZED, {}) == 0
    assert (
        lifetime(EdgeResponse(status, {"cache-control": "max-age=60"}, b""), OPTIMIZED, {})
        == seconds
    )


# From the cache


def test_second_visitor_is_answered_from_the_cache_until_it_is_old() -> None:
    origin = FakeOrigin()

    assert (origin.get().seen, origin.get().seen) == (MISS, HIT)
    origin.now = 42.9
    assert origin.get().header("age") == "42"
    origin.now = 60
    assert origin.get().seen == MISS
    assert len(origin.requests) == 2


def test_error_is_repeated_until_its_time_is_over() -> None:
    origin = FakeOrigin(status=404, headers={})
    origin.get()
    origin.status = 200

    origin.now = 9.9
    assert (origin.get().status, origin.get().seen) == (404, ERROR)
    origin.now = 10
    assert origin.get().status == 200


def test_error_is_not_repeated_where_its_time_is_nothing() -> None:
    origin = FakeOrigin(status=404, headers={}, errors={404: 0})
    origin.get()
    origin.status = 200

    assert origin.get().status == 200


def test_old_answer_is_asked_for_again_and_stays_if_it_is_the_latest() -> None:
    origin = FakeOrigin(headers={"cache-control": "max-age=60", "etag": TAG})
    origin.get()
    origin.now = 60

    answer = origin.get()

    assert (answer.status, answer.body, answer.seen) == (200, BODY, "RefreshHit from cloudfront")
    assert origin.requests[1].headers["if-none-match"] == TAG
    origin.now = 119
    assert origin.get().seen == HIT


def test_old_answer_is_better_than_an_origin_that_fails() -> None:
    origin = FakeOrigin()
    origin.get()
    origin.now, origin.status = 60, 503

    assert (origin.get().status, origin.get().body) == (200, BODY)
    assert len(origin.requests) == 2, "the error is not asked for again within its time"
    origin.now, origin.status = 70, 404
    assert origin.get().status == 404


def test_head_is_answered_from_what_a_get_has_brought() -> None:
    origin = FakeOrigin()
    origin.get()

    answer = origin.get(method="HEAD")

    assert (answer.status, answer.body, answer.seen) == (200, b"", HIT)


def test_head_does_not_empty_what_a_get_gets() -> None:
    origin = FakeOrigin()
    origin.get(method="HEAD")

    assert origin.get().body == BODY


# Told apart by the key


@pytest.mark.parametrize(
    ("policy", "first", "second", "requests"),
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
    policy: CachePolicy, first: dict[str, str], second: dict[str, str], requests: int
) -> None:
    origin = FakeOrigin(policy=policy)

    origin.get(**first)
    origin.get(**second)

    assert len(origin.requests) == requests


def test_vary_alone_tells_nobody_apart_and_is_not_told_on() -> None:
    origin = FakeOrigin(headers={"cache-control": "max-age=60", "vary": "accept"})

    origin.get(accept="image/avif")
    origin.get(accept="image/webp")

    assert len(origin.requests) == 1
    said = viewers_vary(
        EdgeResponse(200, {"vary": "Accept, Accept-Encoding, Cookie, Origin"}, b""), Names()
    )
    assert said.header("vary") == "Accept-Encoding, Cookie"
    forwarded = Names("whitelist", frozenset({"accept"}))
    assert (
        viewers_vary(EdgeResponse(200, {"vary": "Accept"}, b""), forwarded).header("vary")
        == "Accept"
    )


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
    origin = FakeOrigin()
    if warm:
        origin.get()

    answer = origin.get(range=wanted)

    assert (answer.status, answer.body, answer.header("content-range")) == (status, part, said)
    assert (len(origin.requests), origin.get().seen) == (1, HIT)
    assert "range" not in origin.requests[0].headers


def test_part_of_another_version_is_the_whole() -> None:
    origin = FakeOrigin(headers={"cache-control": "max-age=60", "etag": TAG})

    assert origin.get(range="bytes=0-9", if_range=TAG).status == 206
    assert origin.get(range="bytes=0-9", if_range='"other"').status == 200


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
    origin = FakeOrigin(
        headers={"cache-control": "max-age=60", "etag": TAG, "last-modified": YESTERDAY}
    )
    origin.get()

    answer = origin.get(**condition)

    assert (answer.status, answer.body == b"", answer.header("etag")) == (
        status,
        status == 304,
        TAG,
    )
    assert len(origin.requests) == 1


# Together, and no more than fits


def test_ten_at_once_ask_the_origin_once() -> None:
    origin = FakeOrigin(meanwhile=lambda: asyncio.sleep(0.01))

    async def together() -> list[EdgeResponse]:
        return await asyncio.gather(*(origin.visit() for _ in range(10)))

    answers = asyncio.run(together())

    assert len(origin.requests) == 1
    assert sorted(answer.seen for answer in answers) == [HIT] * 9 + [MISS]


def test_nobody_is_given_what_may_not_be_kept() -> None:
    origin = FakeOrigin(
        policy=NO_MINIMUM, headers={"cache-control": "no-store"}, meanwhile=lambda: asyncio.sleep(0)
    )

    async def together() -> list[EdgeResponse]:
        return await asyncio.gather(*(origin.visit() for _ in range(10)))

    answers = asyncio.run(together())

    assert len(origin.requests) == 10
    assert {answer.seen for answer in answers} == {MISS}


def test_who_gives_up_takes_nobody_with_him() -> None:
    origin = FakeOrigin(meanwhile=lambda: asyncio.sleep(0.01))

    async def together() -> EdgeResponse:
        first, second, third = (asyncio.create_task(origin.visit()) for _ in range(3))
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
    origin = FakeOrigin()
    paths = ["/a/1", "/a/2", "/b"]
    for path in paths:
        origin.get(path)

    origin.cache.purge(purged)

    assert {path for path in paths if origin.get(path).seen == HIT} == left


def test_purge_takes_all_versions_that_headers_made() -> None:
    origin = FakeOrigin(
        policy=CachePolicy(1, 60, 60, headers=Names("whitelist", frozenset({"accept"})))
    )
    origin.get(accept="image/avif")
    origin.get(accept="image/webp")

    origin.cache.purge(["/a"])

    assert origin.get(accept="image/avif").seen == origin.get(accept="image/webp").seen == MISS


def test_answer_on_its_way_during_a_purge_is_not_kept() -> None:
    origin = FakeOrigin()

    async def purge() -> None:
        origin.cache.purge(["/a"])

    origin.meanwhile = purge
    origin.get()
    origin.meanwhile = None

    assert origin.get().seen == MISS


def test_what_was_not_asked_for_longest_makes_room() -> None:
    origin = FakeOrigin(body=bytes(10_000), most_bytes=40_000)
    for path in ("/1", "/2", "/3"):
        origin.get(path)
    origin.get("/1")

    origin.get("/4")

    assert [path for path in ("/1", "/3", "/4") if origin.get(path).seen == HIT] == [
        "/1",
        "/3",
        "/4",
    ]
    assert origin.get("/2").seen == MISS


def test_answer_larger_than_the_cache_is_given_and_not_kept() -> None:
    origin = FakeOrigin(body=bytes(10_000), most_bytes=5_000)

    assert (len(origin.get().body), origin.get().seen) == (10_000, MISS)
