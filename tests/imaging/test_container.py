"""Files seen from outside: cut ones are found wherever the cut is, whole ones never are."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from tests.pictures import picture
from tests.wire import png_chunk, png_insert
from tintype.imaging import Format, describe, errors
from tintype.imaging.container import read_structure, without_texts
from tintype.imaging.part_counter import PartCounter

WHOLE = {
    Format.JPEG: picture(64, 48, Format.JPEG),
    Format.PNG: picture(64, 48, Format.PNG),
    Format.WEBP: picture(64, 48, Format.WEBP),
    Format.AVIF: picture(64, 48, Format.AVIF),
    Format.GIF: picture(64, 48, Format.GIF, frames=3),
    Format.HEIC: picture(64, 48, Format.HEIC),
}


_REPAIRABLE = {Format.JPEG, Format.PNG}


@pytest.mark.parametrize("format_", WHOLE)
def test_a_file_is_complete_only_when_its_last_part_is(format_: Format) -> None:
    data = WHOLE[format_]

    whole = read_structure(data, format_, max_frames=200)
    cut = [
        read_structure(data[:length], format_, max_frames=200)
        for length in range(16, len(data) - 2, 7)
    ]

    assert whole.complete
    lost = [structure for structure in cut if structure.complete]
    # Nothing tells us of a cut that falls between two frames of a GIF, or two boxes of an AVIF; the
    # decoder finds the latter.
    assert len(lost) <= (2 if format_ in {Format.GIF, Format.AVIF, Format.HEIC} else 0)
    assert all(structure.repairable for structure in cut[-8:]) == (format_ in _REPAIRABLE)


@pytest.mark.parametrize("format_", [Format.JPEG, Format.PNG, Format.WEBP, Format.GIF])
def test_what_follows_a_picture_does_not_matter(format_: Format) -> None:
    data = WHOLE[format_] + b"\xff\xda\x00\x00 a film, as phones append one"

    structure = read_structure(data, format_, max_frames=200)

    assert structure.complete
    assert structure == read_structure(WHOLE[format_], format_, max_frames=200)


def test_the_scans_of_a_progressive_jpeg_are_counted_and_its_preview_is_not() -> None:
    preview = Image.Exif()
    preview[0x010E] = "\xff\xda" * 50
    data = picture(64, 48, Format.JPEG, progressive=True, exif=preview)

    structure = read_structure(data, Format.JPEG, max_frames=200)

    assert 2 <= structure.scans <= 12


def test_a_gif_without_its_trailer_is_forgiven() -> None:
    data = WHOLE[Format.GIF].removesuffix(b";")

    assert describe(data).frames == 3


def test_bulky_texts_of_a_png_are_left_out_and_the_picture_is_the_same() -> None:
    bulky = _with_chunk(WHOLE[Format.PNG], b"zTXt", b"k\0\0" + zlib.compress(bytes(80_000_000)))

    structure = read_structure(bulky, Format.PNG, max_frames=1)

    assert structure.texts_harm
    assert without_texts(bulky) == WHOLE[Format.PNG]
    assert describe(bulky).perceptual_hash == describe(WHOLE[Format.PNG]).perceptual_hash


def test_short_texts_of_a_png_stay_readable() -> None:
    noted = _with_chunk(WHOLE[Format.PNG], b"tEXt", b"Comment\0a word")

    assert Image.open(io.BytesIO(noted)).info["Comment"] == "a word"
    assert describe(noted).width == 64


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list of the parts that are looked at from now on."""
    seen: list[int] = []
    count = PartCounter.count

    def note(counter: PartCounter) -> None:
        seen.append(1)
        count(counter)

    monkeypatch.setattr(PartCounter, "count", note)
    return seen


_MILLION = 1_000_000
ALL_PARTS: dict[str, tuple[Format, Callable[[bytes], bytes]]] = {
    "JPEG, comments": (Format.JPEG, lambda data: data[:2] + b"\xff\xfe\0\2" * _MILLION + data[2:]),
    "PNG, data": (Format.PNG, lambda data: png_insert(data, png_chunk(b"IDAT", b"") * _MILLION)),
    "GIF, comments": (Format.GIF, lambda data: data[:-1] + b"!\xfe\0" * _MILLION + b";"),
    "GIF, blocks": (Format.GIF, lambda data: data[:-1] + b"!\xfe" + b"\1x\2xx" * _MILLION + b"\0;"),
    "GIF, blocks in comments": (
        Format.GIF,
        lambda data: data[:-1] + (b"!\xfe" + b"\1x\2xx" * 4_000 + b"\0") * 250 + b";",
    ),
    "AVIF, boxes": (Format.AVIF, lambda data: data + struct.pack(">I4s", 8, b"free") * _MILLION),
    "HEIC, boxes": (Format.HEIC, lambda data: data + struct.pack(">I4s", 8, b"free") * _MILLION),
    "HEIC, items": (Format.HEIC, lambda data: data + _items(_MILLION)),
    "HEIC, boxes in boxes": (Format.HEIC, lambda data: data + _items(4_000) * 250),
}


def _items(count: int) -> bytes:
    """Return a `meta` box whose `iinf` has *count* items (ISO/IEC 14496-12, 8.11.6)."""
    items = struct.pack(">I4sI", 12, b"infe", 2 << 24) * count
    listed = struct.pack(">I4sIH", len(items) + 14, b"iinf", 0, count & 0xFFFF) + items
    return struct.pack(">I4sI", len(listed) + 12, b"meta", 0) + listed


@pytest.mark.parametrize("name", ALL_PARTS)
def test_a_container_of_a_million_parts_is_refused_after_a_hundredth_of_them(
    name: str, parts: list[int]
) -> None:
    format_, build = ALL_PARTS[name]
    data = build(WHOLE[format_])

    with pytest.raises(errors.UnreadableImageError, match=r"more than \d\d,\d{3} parts"):
        describe(data)

    assert len(parts) <= 10_001 + len(data) // 1_024 < _MILLION / 30


@pytest.mark.parametrize("length", [1, 100, 254, 255])
def test_a_run_of_equal_blocks_in_a_gif_is_read_in_bulk(length: int, parts: list[int]) -> None:
    run = (bytes([length]) + b"x" * length) * 100_000
    data = WHOLE[Format.GIF][:-1] + b"!\xfe" + run + b"\3end\0;"

    structure = read_structure(data, Format.GIF, max_frames=200)

    assert structure.complete
    assert structure.frames == 3
    assert len(parts) < 60


def test_a_whole_original_has_few_parts(parts: list[int]) -> None:
    for format_, data in WHOLE.items():
        parts.clear()

        read_structure(data, format_, max_frames=200)

        assert 1 <= len(parts) < 60 or format_ is Format.WEBP


def test_a_file_of_eight_bytes_is_truncated_and_not_a_crash() -> None:
    with pytest.raises(errors.TruncatedImageError):
        describe(b"\x89PNG\r\n\x1a\n")


def _with_chunk(png: bytes, kind: bytes, content: bytes) -> bytes:
    """Put a chunk right behind IHDR (W3C PNG, section 5.3)."""
    chunk = struct.pack(">I", len(content)) + kind + content
    chunk += struct.pack(">I", zlib.crc32(kind + content))
    return png[:33] + chunk + png[33:]
