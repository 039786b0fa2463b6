"""Publishing the page: what is put into the bucket, in which order, and how long the old stays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from tests.aws.emulator import REGION, emulator
from tests.simulation import MemoryBucket
from tests.world import START, Odds, World
from tintype.aws.account import Account, Call
from tintype.aws.errors import NotFoundError, UnavailableError
from tintype.aws.s3 import Bucket
from tintype.site.publishing import CONFIG, IMMUTABLE, KEPT, RETIRED, REVALIDATED, config, publish

OUTPUTS = {
    "GraphqlUrl": "https://a.example/graphql",
    "GraphqlRealtimeUrl": "wss://a.example/graphql",
    "GraphqlApiKey": "key",
    "Region": "eu-central-1",
    "OriginalsBucket": "originals",
}
KNOWN = config(OUTPUTS, max_bytes=50)
FIRST = {"index.html": "1", "main-3H6TDJZ4.js": "1", "styles-H6JI2QBG.css": "1", "icon.svg": "1"}
SECOND = {"index.html": "2", "main-kBkxQzC7.js": "2", "styles-H6JI2QBG.css": "1", "icon.svg": "1"}
PLACE = f"""<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>""".encode()
SENT_ALWAYS = {"index.html", "icon.svg", CONFIG}


class WatchedBucket(MemoryBucket):
    """A bucket that remembers what it was sent, in order, and for how long browsers keep it."""

    def __init__(self) -> None:
        super().__init__(World(1, Odds()), "site")
        self.sent: list[str] = []
        self.kept: dict[str, str | None] = {}
        self.refused = ""

    def put(
        self,
        key: str,
        data: bytes,
        *,
        content_type: str,
        cache_control: str | None = None,
        metadata: Mapping[str, str] | None = None,
        if_match: str | None = None,
        if_none_match: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        if key == self.refused:
            raise UnavailableError(
                key, service="s3", operation="PutObject", status=503, name="SlowDown"
            )
        self.sent.append(key)
        self.kept[key] = cache_control
        return super().put(
            key,
            data,
            content_type=content_type,
            cache_control=cache_control,
            metadata=metadata,
            if_match=if_match,
            if_none_match=if_none_match,
            tags=tags,
        )

    def publish(self, folder: Path, *, day: float = 0) -> list[str]:
        """Publish on a day, and return what was sent."""
        self.sent = []
        publish(folder, self, KNOWN, now=START + timedelta(days=day))
        return self.sent


@pytest.fixture
def bucket() -> WatchedBucket:
    return WatchedBucket()


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return written(tmp_path / "first", FIRST)


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return written(tmp_path / "second", SECOND)


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_index_comes_last(bucket: WatchedBucket, first: Path) -> None:
    sent = bucket.publish(first)

    assert set(sent) == {*FIRST, CONFIG}
    assert sent[-1] == "index.html"


def test_hashed_files_are_kept_for_a_year_and_the_others_asked_for_each_time(
    bucket: WatchedBucket, tmp_path: Path
) -> None:
    hashed = [
        "main-3H6TDJZ4.js",
        "chunk-D1iMk3-u.js",
        "styles-H6JI2QBG.css",
        "main-3H6TDJZ4.js.map",
    ]
    hashed += ["media/font-Bbp_Xg_w.woff2"]
    others = ["index.html", "icon.svg", "worker.js", "icon-maskable.png", "3rdpartylicenses.txt"]

    bucket.publish(written(tmp_path / "page", dict.fromkeys([*hashed, *others], "")))

    assert {bucket.kept[name] for name in hashed} == {IMMUTABLE}
    assert {bucket.kept[name] for name in [*others, CONFIG]} == {REVALIDATED}


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("main-3H6TDJZ4.js", "text/javascript; charset=utf-8"),
        ("styles-H6JI2QBG.css", "text/css; charset=utf-8"),
        ("main-3H6TDJZ4.js.map", "application/json"),
        ("icon.svg", "image/svg+xml; charset=utf-8"),
        ("media/font-Bbp_Xg_w.woff2", "font/woff2"),
        ("unknown.xyz", "application/octet-stream"),
    ],
)
def test_file_has_its_content_type(
    bucket: WatchedBucket, tmp_path: Path, name: str, content_type: str
) -> None:
    bucket.publish(written(tmp_path / "page", {name: "x"}))

    assert bucket.objects[name].content_type == content_type
    assert bucket.objects[name].data == b"x"


def test_config_tells_what_the_page_must_know_and_nothing_else(
    bucket: WatchedBucket, first: Path
) -> None:
    bucket.publish(first)

    told = json.loads(bucket.objects[CONFIG].data)
    assert bucket.objects[CONFIG].content_type == "application/json"
    assert told == {
        "apiUrl": "/api",
        "graphqlUrl": "https://a.example/graphql",
        "realtimeUrl": "wss://a.example/graphql",
        "apiKey": "key",
        "region": "eu-central-1",
        "maxBytes": 50,
    }


def test_second_time_only_what_may_have_changed_is_sent(bucket: WatchedBucket, first: Path) -> None:
    bucket.publish(first)

    assert set(bucket.publish(first)) == SENT_ALWAYS


def test_next_page_sends_its_new_files_alone(
    bucket: WatchedBucket, first: Path, second: Path
) -> None:
    bucket.publish(first)

    assert set(bucket.publish(second)) == {*SENT_ALWAYS, "main-kBkxQzC7.js", RETIRED}
    assert bucket.objects["index.html"].data == b"2"


def test_number_of_sent_files_is_told(bucket: WatchedBucket, first: Path) -> None:
    assert [publish(first, bucket, KNOWN) for _ in range(2)] == [4, 2]


def test_file_of_an_earlier_page_stays_for_a_week_after_it_was_replaced(
    bucket: WatchedBucket, first: Path, second: Path
) -> None:
    old = "main-3H6TDJZ4.js"
    bucket.publish(first)
    there = []

    # The first page was the current one for a year: its age says nothing.
    for day in (365, 366, 371.9, 372, 373):
        bucket.publish(second, day=day)
        there.append(old in bucket.objects)

    assert timedelta(days=7) == KEPT
    assert there == [True, True, True, False, False]
    assert json.loads(bucket.objects[RETIRED].data) == {}


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[]",
        b"[" * 100_000,
        b'{"main-3H6TDJZ4.js": 7}',
        b'{"main-3H6TDJZ4.js": "2026-11-21"}',
        b'{"main-3H6TDJZ4.js": "\xff"}',
    ],
    ids=lambda data: data[:24].decode("latin-1"),
)
def test_what_nobody_can_read_of_retired_files_keeps_them_for_another_week(
    bucket: WatchedBucket, first: Path, second: Path, data: bytes
) -> None:
    old = "main-3H6TDJZ4.js"
    bucket.publish(first)
    bucket.publish(second, day=1)
    bucket.put(RETIRED, data, content_type="application/json")
    there = []

    for day in (9, 15, 17):
        bucket.publish(second, day=day)
        there.append(old in bucket.objects)

    assert there == [True, True, False]


def test_file_that_is_taken_back_into_the_page_stays(
    bucket: WatchedBucket, first: Path, second: Path
) -> None:
    bucket.publish(first)
    bucket.publish(second, day=1)
    bucket.publish(first, day=2)

    bucket.publish(first, day=30)

    assert set(FIRST) <= set(bucket.objects)
    assert "main-kBkxQzC7.js" not in bucket.objects


def test_file_that_is_replaced_twice_is_kept_for_a_week_after_the_second_time(
    bucket: WatchedBucket, first: Path, second: Path
) -> None:
    for day, page in enumerate((first, second, first)):
        bucket.publish(page, day=day)

    bucket.publish(second, day=20)
    bucket.publish(second, day=26)

    assert "main-3H6TDJZ4.js" in bucket.objects


def test_publishing_that_breaks_off_leaves_the_earlier_page(
    bucket: WatchedBucket, first: Path, second: Path
) -> None:
    bucket.publish(first)
    bucket.refused = "main-kBkxQzC7.js"

    with pytest.raises(UnavailableError):
        bucket.publish(second)

    assert bucket.objects["index.html"].data == b"1"
    assert set(FIRST) <= set(bucket.objects)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with emulator(tmp_path) as server:
        account = Account(REGION, server.endpoint, lambda: server.root)
        yield account
        account.connections.close()


def test_page_is_published_to_a_bucket_on_the_emulator(
    account: Account, first: Path, second: Path
) -> None:
    site = Bucket(account, "site")
    account.send(Call("s3", "CreateBucket", "PUT", "/site", body=PLACE))

    publish(first, site, KNOWN, now=START)
    publish(second, site, KNOWN, now=START)
    publish(second, site, KNOWN, now=START + KEPT)

    assert site.get("index.html").data == b"2"
    assert site.head("main-kBkxQzC7.js").content_type == "text/javascript; charset=utf-8"
    with pytest.raises(NotFoundError):
        site.head("main-3H6TDJZ4.js")
