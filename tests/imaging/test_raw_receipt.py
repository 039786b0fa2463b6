"""The privacy receipt names what a camera raw has, wherever its maker puts it."""

from __future__ import annotations

import struct

import pytest

from tests.converted import cr3, dng, preview
from tests.metadata import private_exif
from tests.pictures import picture, xmp_packet
from tests.wire import Tag, box, jpeg_insert, jpeg_segment, tiff, tiff_data_offset
from tintype.imaging import Format, Preset, describe, render_all
from tintype.imaging.canon_tags import joined_tags

HISTORY = xmp_packet('xmpMM:History="hide-history"')
AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
LABEL = xmp_packet(f'Iptc4xmpExt:DigitalSourceType="{AI}"')
CANON_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
QUARTER = struct.pack("<II", 1, 4)


def directory(*values: tuple[int, int, bytes], inline: tuple[Tag, ...] = ()) -> bytes:
    """Return a TIFF of tags with values of bytes, or numbers, behind its directory."""
    sizes = {2: 1, 5: 8, 7: 1, 1: 1}
    at = tiff_data_offset([*inline, *(Tag(0, 0, 0, 0) for _ in values)])
    tags, content = list(inline), b""
    for number, kind, value in values:
        tags.append(Tag(number, kind, len(value) // sizes[kind], at + len(content)))
        content += value
    return tiff(tags, content)


def canon(*, exif: bytes, xmp: bytes = b"", gps: bytes = b"") -> bytes:
    """Return a CR3 as a Canon EOS R6 writes it: every directory in a box of its own."""
    image = directory((0x013B, 2, b"hide-artist\0"), inline=(Tag(274, 3, 1, 6),))
    tags = box(b"CMT1", image) + box(b"CMT2", exif) + box(b"CMT3", tiff([Tag(9, 3, 1, 1)]))
    moov = box(b"moov", box(b"uuid", bytes(16), tags + box(b"CMT4", gps)))
    beside = box(b"uuid", CANON_XMP, xmp) if xmp else b""
    return box(b"ftyp", b"crx \0\0\0\1crx isom") + moov + beside + box(b"mdat", preview())


SETTINGS = directory(
    (0x829A, 5, QUARTER), (0xA431, 2, b"hide-serial\0"), (0xA434, 2, b"RF 50mm F1.2\0")
)
NORTH = directory((2, 5, QUARTER * 3), inline=(Tag(1, 2, 2, ord("N")),))


def test_all_directories_of_a_cr3_are_read_and_nothing_of_them_is_kept() -> None:
    data = canon(exif=SETTINGS, gps=NORTH, xmp=HISTORY)

    result = render_all(data, [Preset(name="p", width=100)])

    found = result.description
    assert found is not None
    assert found.removed == (
        *("GPS position", "artist name", "camera serial number", "editing history"),
        "maker note",
    )
    assert found.camera is not None
    assert (found.camera.exposure_seconds, found.camera.lens) == ("1/4", "RF 50mm F1.2")
    assert (found.artist, found.orientation) == ("hide-artist", 6)
    assert not [one for one in result.renditions if b"hide-" in one.data]


BROKEN = {
    "empty": b"",
    "short": b"II",
    "in another order": b"MM\0*\0\0\0\x08",
    "cut": SETTINGS[:40],
    "zeros": bytes(90),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_directory_of_a_cr3_leaves_the_others(broken: bytes) -> None:
    found = describe(canon(exif=broken, gps=NORTH))

    assert {"GPS position", "artist name", "maker note"} <= set(found.removed)


def test_a_cr3_without_canon_s_first_directory_has_no_tags() -> None:
    assert joined_tags(cr3(preview()).replace(b"CMT1", b"CMT9")) is None


TAGS: dict[str, tuple[int, int, bytes, str]] = {
    "XMP": (0x02BC, 1, HISTORY, "editing history"),
    "IPTC": (0x83BB, 7, b"\x1c\2\x50\0\4hide", "IPTC record"),
    "AI label": (0x02BC, 1, LABEL, "AI label (digital source type)"),
    "content credentials": (0xCD41, 7, b"jumb" + AI.encode(), "content credentials (C2PA)"),
    "DNG's serial number": (0xC62F, 2, b"hide-serial\0", "camera serial number"),
    "maker note moved by Adobe": (0xC634, 1, b"Adobe\0MakN" + bytes(20), "maker note"),
    "number of the sensor's data": (0xC65D, 1, b"hide" * 4, "unique image number"),
    "name of the original": (0xC68B, 2, b"hide-me.CR2\0", "file name"),
    "original within a DNG": (0xC68C, 7, b"hide-original", "further picture"),
    "title of EXIF 3.0": (0xA436, 2, b"hide-title\0", "title"),
    "photographer of EXIF 3.0": (0xA437, 2, b"hide-name\0", "author name"),
}


@pytest.mark.parametrize("what", TAGS)
def test_a_private_tag_of_a_raw_file_is_named(what: str) -> None:
    number, kind, value, name = TAGS[what]
    version = Tag(50706, 1, 4, 0x00000401)
    data = directory((number, kind, value), inline=(version,)) + preview()

    assert describe(data).format is Format.RAW
    assert describe(data).removed == (name,)


@pytest.mark.parametrize("tag", ["AI label", "content credentials"])
def test_the_ai_label_of_a_raw_file_stays_where_a_preset_asks(tag: str) -> None:
    number, kind, value, _ = TAGS[tag]
    if tag == "content credentials":
        value = value.replace(b"http", b"digitalSourceTypexFhttp")
    inline = (Tag(50706, 1, 4, 0x00000401),)
    preset = Preset(name="p", width=100, keep_ai_label=True)

    data = directory((number, kind, value), inline=inline) + preview()
    (rendition,) = render_all(data, [preset], describe=False).renditions

    assert AI.encode() in rendition.data


def test_a_preview_s_own_tags_are_named_beside_the_file_s() -> None:
    """Panasonic's and Fujifilm's previews have the maker note and the position, not the file."""
    exif, comment = private_exif(), jpeg_segment(0xFE, b"hide-comment")
    inside = jpeg_insert(picture(1_200, 800, exif=exif), comment)

    found = describe(dng(inside))

    assert {"GPS position", "maker note", "comment"} <= set(found.removed)
    assert found.removed == describe(inside).removed
