"""The record of an image: the same JSON in the manifest, the table and the answers."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from tests.pictures import picture
from tests.records import DELETED, FAILED, ID, PROCESSING, READY, TICKET
from tintype import imaging
from tintype.aws.attributes import attributes, item_of
from tintype.images import (
    OWNER_FILENAME,
    Camera,
    Image,
    Manifest,
    Origin,
    decode_manifest,
    described,
    document,
    encode,
    from_document,
    item,
    rendition,
    rendition_of,
    timestamp,
    with_urls,
)

ALL = {one.status: one for one in (TICKET, PROCESSING, READY, FAILED, DELETED)}
PLAIN = [
    TICKET,
    PROCESSING,
    READY,
    FAILED,
    DELETED,
]


@pytest.mark.parametrize("image", PLAIN, ids=ALL)
def test_a_record_comes_back_as_it_was(image: Image) -> None:
    assert from_document(document(image)) == image


def test_a_record_from_before_visibility_is_public() -> None:
    plain = document(READY)
    del plain["visibility"]

    assert from_document(plain) == READY


def test_a_record_and_a_manifest_from_before_there_was_a_focus_have_none() -> None:
    plain = document(READY)
    del plain["focus"]
    manifest = Manifest(image=READY, origin=Origin(bucket="originals", key="k"))
    before = msgspec.to_builtins(manifest)
    del before["image"]["focus"]

    assert from_document(plain).focus is None
    assert decode_manifest(msgspec.json.encode(before)).image == from_document(plain)


@pytest.mark.parametrize("image", PLAIN, ids=ALL)
def test_a_record_comes_back_from_the_table_as_it_was(image: Image) -> None:
    # DynamoDB knows one kind of number: 12.0 comes back as 12.
    assert from_document(item_of(attributes(document(image)))) == image


@pytest.mark.parametrize("image", ALL.values(), ids=ALL)
def test_a_record_comes_back_from_its_manifest_as_it_was(image: Image) -> None:
    manifest = Manifest(image=image, origin=Origin(bucket="originals", key="k", sequencer="0A"))

    assert decode_manifest(encode(manifest)) == manifest


def test_a_document_has_names_as_json_has_them_and_nothing_that_is_none() -> None:
    found = document(TICKET)

    assert found == {
        "id": ID,
        "owner": "public",
        "version": 1,
        "status": "AWAITING_UPLOAD",
        "filename": "Café.png",
        "source": "UPLOAD",
        "visibility": "public",
        "original": {"key": TICKET.original.key, "contentType": "image/png", "bytes": 9},
        "renditions": (),
        "removed": (),
        "notes": (),
        "createdAt": "2026-11-21T10:00:00.123Z",
        "updatedAt": "2026-11-21T10:00:00.123Z",
        "expires": 1_795_342_500,
    }


def test_what_is_deleted_keeps_its_owner_and_is_in_no_listing() -> None:
    assert document(DELETED)["owner"] == "public"
    assert not {"owner", OWNER_FILENAME} & item(DELETED).keys()
    assert from_document(item(DELETED)).owner is None


def test_a_manifest_from_before_there_were_owners_is_the_public_s() -> None:
    manifest = msgspec.to_builtins(
        Manifest(image=READY, origin=Origin(bucket="originals", key="k"))
    )
    del manifest["image"]["owner"]

    assert decode_manifest(msgspec.json.encode(manifest)).image.owner == "public"


def test_a_later_version_s_fields_are_no_trouble() -> None:
    assert from_document({**document(READY), "albums": ["holiday"]}) == READY


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"image": {"id": 1}, "origin": {}}', b"\xff", b"PNG"]
)
def test_what_is_no_manifest_is_not_read_as_one(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_manifest(data)


def test_addresses_are_added_and_nothing_else_changes() -> None:
    shown = with_urls(READY, "https://cdn.example")

    assert [one.url for one in shown.renditions] == [
        f"https://cdn.example/{ID}/3f9a/thumb.webp",
        f"https://cdn.example/{ID}/3f9a/processed.jpg",
    ]
    bare = tuple(msgspec.structs.replace(one, url=None) for one in shown.renditions)
    assert msgspec.structs.replace(shown, renditions=bare) == READY


@pytest.mark.parametrize(
    ("filename", "preset"),
    [
        ("processed.jpg", "processed"),
        ("thumb.webp", "thumb"),
        ("thumb", "thumb"),
        ("thumb.jpg", "thumb"),
        ("thu", None),
        (".webp", None),
        ("", None),
    ],
)
def test_a_rendition_is_found_by_its_preset_and_the_best_ending(
    filename: str, preset: str | None
) -> None:
    found = rendition_of(READY, filename)

    assert (found.preset if found else None) == preset
    assert rendition_of(READY, "ed.jpg") is None


def test_a_camera_is_what_the_engine_says_of_one() -> None:
    assert [one.name for one in fields(imaging.CameraMetadata)] == list(Camera.__struct_fields__)


def test_the_engine_s_words_are_taken_as_they_are() -> None:
    data = picture(8, 6, imaging.Format.PNG)
    rendered = imaging.render_all(data, [imaging.Preset(name="thumb", width=4)])
    assert rendered.description is not None

    original = described("k", rendered.description)
    (record,) = (rendition(READY, "3f9a", one) for one in rendered.renditions)

    assert (original.format, original.width, original.height) == ("png", 8, 6)
    assert (original.bytes, original.content_type) == (len(data), "image/png")
    made = rendered.renditions[0]
    assert (record.key, record.bytes) == (f"{ID}/3f9a/{made.filename}", len(made.data))
    assert (record.width, record.height) == (4, 3)


def test_the_quality_that_was_chosen_is_in_the_record() -> None:
    target = imaging.QualityTarget(target=50)
    wanted = (
        imaging.Encoding(format=imaging.Format.JPEG, quality=target),
        imaging.Encoding(format=imaging.Format.PNG),
    )
    rendered = imaging.render_all(
        picture(64, 48), [imaging.Preset(name="thumb", width=64, formats=wanted)]
    )

    chosen, none = (rendition(READY, "3f9a", one).quality for one in rendered.renditions)

    assert chosen == rendered.renditions[0].quality
    assert chosen not in {None, imaging.Format.JPEG.facts.quality}
    assert none is None


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 21, tzinfo=UTC), "2026-11-21T00:00:00.000Z"),
        (datetime(2026, 11, 21, 1, 2, 3, 999_999, UTC), "2026-11-21T01:02:03.999Z"),
        (
            datetime(2026, 11, 21, 1, tzinfo=timezone(timedelta(hours=2))),
            "2026-11-20T23:00:00.000Z",
        ),
    ],
)
def test_times_are_utc_with_milliseconds_and_so_sort_as_text(moment: datetime, text: str) -> None:
    assert timestamp(moment) == text
