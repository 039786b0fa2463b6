"""Names in the buckets: ids, keys, and file names that end them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tintype import keys

NOW = datetime(2026, 11, 21, 10, 0, 0, 123_000, UTC)
ID = "01M7XPE600ABCDEFGHJKMNPQRS"
SAFE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9_.-])?")


def test_ids_sort_by_the_time_at_which_they_were_made() -> None:
    made = [keys.new_id(NOW + timedelta(milliseconds=passed)) for passed in range(50)]

    assert made == sorted(made)
    assert all(keys.is_id(one) for one in made)


def test_ids_of_one_moment_differ() -> None:
    assert len({keys.new_id(NOW) for _ in range(1000)}) == 1000


@given(st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_id_tells_when_it_was_made(moment: datetime) -> None:
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    assert keys.created_at(keys.new_id(moment)) == whole


def test_an_id_s_time_is_of_no_zone() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=9)))

    assert keys.created_at(keys.new_id(there)) == NOW


@pytest.mark.parametrize(
    "text",
    [
        "",
        "beach.jpg",
        ID.lower(),
        ID[:-1],
        f"{ID}0",
        f"8{ID[1:]}",
        f"{ID[:-1]}I",
        f"{ID}\n",
        f" {ID}",
    ],
)
def test_what_is_no_id_is_not_taken_for_one(text: str) -> None:
    assert not keys.is_id(text)


@given(st.text(), st.text())
def test_the_same_object_is_always_the_same_image(bucket: str, key: str) -> None:
    found = keys.derived_id(bucket, key)

    assert keys.is_id(found)
    assert found == keys.derived_id(bucket, key)


def test_bucket_and_key_do_not_run_together() -> None:
    assert keys.derived_id("a", "b/c") != keys.derived_id("a/b", "c")
    assert keys.derived_id("ab", "c") != keys.derived_id("a", "bc")


def test_an_original_of_ours_names_its_image() -> None:
    key = keys.original_key(ID, "Café am Meer.JPG")

    assert key == f"originals/{ID}/Cafe_am_Meer.JPG"
    assert keys.is_ours(key)
    assert keys.image_id("any bucket", key) == ID


@pytest.mark.parametrize(
    "key",
    [
        "beach.jpg",
        f"{ID}/beach.jpg",
        f"originals/{ID}",
        f"originals/{ID}/",
        f"originals/{ID}/a/b.jpg",
        f"originals/{ID.lower()}/b.jpg",
        f"x/originals/{ID}/b.jpg",
        "originals/beach.jpg",
    ],
)
def test_what_somebody_put_there_is_an_image_of_its_own(key: str) -> None:
    assert not keys.is_ours(key)
    assert keys.image_id("b", key) == keys.derived_id("b", key)


@pytest.mark.parametrize(
    ("filename", "safe"),
    [
        ("beach.jpg", "beach.jpg"),
        ("at the beach.jpg", "at_the_beach.jpg"),
        ("Ünïcödé.PNG", "Unicode.PNG"),
        ("写真.png", "original.png"),
        ("写真 2026.png", "2026.png"),
        (r"C:\Users\me\beach.jpg", "beach.jpg"),
        ("../../../etc/passwd", "passwd"),
        ("..", "original"),
        (".jpg", "original.jpg"),
        ("...jpg", "original.jpg"),
        ("beach.tar.gz", "beach.tar.gz"),
        ("beach.", "beach"),
        ("a?b&c=d#e%20.png", "a_b_c_d_e_20.png"),
        ("a\nb\0c.png", "a_b_c.png"),
        ("", "original"),
        ("a/", "original"),
        ("🏖️.webp", "original.webp"),
    ],
)
def test_a_file_name_ends_a_key_in_ascii(filename: str, safe: str) -> None:
    assert keys.safe_name(filename) == safe


@given(st.text(max_size=400))
def test_every_file_name_can_end_a_key(filename: str) -> None:
    safe = keys.safe_name(filename)

    assert SAFE.fullmatch(safe), safe
    assert len(safe) <= keys.MAX_NAME_LENGTH
    assert keys.is_ours(keys.original_key(ID, filename))


def test_a_long_name_keeps_its_ending() -> None:
    assert keys.safe_name("a" * 300 + ".jpeg") == "a" * 95 + ".jpeg"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("holiday/beach.jpg", "beach.jpg"),
        ("beach.jpg", "beach.jpg"),
        ("holiday/", "holiday"),
        ("a%20b.png", "a b.png"),
        ("100% café.png", "100% café.png"),
        ("%FF.png", "\N{REPLACEMENT CHARACTER}.png"),
        ("//", "//"),
    ],
)
def test_a_key_s_last_part_is_what_a_person_calls_it(key: str, name: str) -> None:
    assert keys.name_in(key) == name


def test_a_revision_changes_with_everything_that_changes_the_renditions() -> None:
    known = keys.revision("sha", "presets", 3)

    assert re.fullmatch("[0-9a-f]{16}", known)
    others = {
        keys.revision("other", "presets", 3),
        keys.revision("sha", "other", 3),
        keys.revision("sha", "presets", 5),
    }
    assert len(others | {known}) == 4


def test_renditions_and_manifest_of_an_image_lie_together() -> None:
    assert keys.rendition_key(ID, "3f9a", "thumb.webp") == f"{ID}/3f9a/thumb.webp"
    assert keys.manifest_key(ID) == f"{ID}/manifest.json"


@pytest.mark.parametrize(
    "key",
    [f"{ID}/3f9a/thumb.webp", f"{ID}/manifest.jsonx", f"x/{ID}/manifest.json", "a/manifest.json"],
)
def test_nothing_else_passes_for_a_manifest(key: str) -> None:
    assert keys.id_of_manifest(key) is None
