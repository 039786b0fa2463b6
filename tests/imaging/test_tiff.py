"""TIFF: what comes out right is let in, everything else is refused by its name."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from tests.fingerprint import distance
from tests.pictures import pattern
from tests.reference import shown
from tests.wire import Tag, tiff
from tintype.imaging import Encoding, Format, Limits, Preset, describe, render_all
from tintype.imaging.errors import UnsupportedFormatError

_SHORT, _LONG = 3, 4
_KIND, _SUB_DIRECTORIES, _DNG_VERSION = 254, 330, 50706
_BITS, _COMPRESSION, _MEANING, _PLANES, _TILE, _NUMBERS = 258, 259, 262, 284, 322, 339
PNG = Preset(name="p", formats=(Encoding(format=Format.PNG),))


def page(**changes: int) -> bytes:
    """Return a grey TIFF of 4 × 4 pixels; *changes* add or replace tags, by number."""
    values = {
        256: 4,
        257: 4,
        _BITS: 8,
        _COMPRESSION: 1,
        _MEANING: 1,
        273: 8,
        277: 1,
        278: 4,
        279: 64,
    }
    values |= {int(name[1:]): value for name, value in changes.items()}
    return tiff([Tag(number, _LONG, 1, value) for number, value in sorted(values.items())])


def pages(count: int) -> bytes:
    """Return a TIFF of the pattern and white pages."""
    file, white = io.BytesIO(), Image.new("RGB", (24, 16), "white")
    Image.fromarray(pattern()).save(
        file, "TIFF", save_all=True, append_images=[white] * (count - 1)
    )
    return file.getvalue()


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ({"t339": 3, "t258": 32}, "TIFF with floating-point numbers"),
        ({"t339": 2, "t258": 16}, "TIFF with signed numbers"),
        ({"t258": 32}, "TIFF with 32 bits per channel"),
        ({"t258": 12}, "TIFF with 12 bits per channel"),
        ({"t262": 6, "t259": 5}, "TIFF with YCbCr colours"),
        ({"t262": 8}, "TIFF with CIELAB colours"),
        ({"t259": 6}, "TIFF with old JPEG compression"),
        ({"t259": 50000}, "TIFF with Zstandard compression"),
        ({"t284": 2, "t322": 16}, "TIFF with tiles of single channels"),
        ({"t254": 1}, "TIFF with only a thumbnail as its first picture"),
        ({"t50706": 0x401}, "camera raw without a preview of 1,000 pixels"),
        ({"t262": 32803}, "camera raw without a preview of 1,000 pixels"),
    ],
)
def test_what_would_come_out_wrong_is_refused_by_its_name(tags: dict[str, int], name: str) -> None:
    with pytest.raises(UnsupportedFormatError, match=f"^{name} is not supported; send JPEG"):
        describe(page(**tags))


def test_a_plain_page_of_these_tests_is_let_in() -> None:
    assert describe(page()).width == 4


def test_sensor_data_in_a_sub_directory_make_a_camera_raw() -> None:
    first = page(t330=0)
    inner = len(first)
    sensor = struct.pack("<HHHIII", 1, _MEANING, _SHORT, 1, 32803, 0)
    data = first[:inner].replace(
        struct.pack("<HHII", _SUB_DIRECTORIES, _LONG, 1, 0),
        struct.pack("<HHII", _SUB_DIRECTORIES, _LONG, 1, inner),
    )

    with pytest.raises(
        UnsupportedFormatError,
        match=r"^camera raw without a preview of 1,000 pixels is not supported",
    ):
        describe(data + sensor)


@pytest.mark.parametrize("count", [2, 200, 201])
def test_the_first_page_is_shown_however_many_follow_and_the_record_says_so(count: int) -> None:
    result = render_all(pages(count), [PNG], Limits(max_frames=200))

    assert result.description is not None
    said = f"first of {count} pages" if count <= 200 else "first of more than 200 pages"
    assert result.description.notes == (said,)
    assert result.description.frames == 1
    assert distance(shown(result.renditions[0].data).frames[0], pattern()).mean < 1


def test_a_single_page_has_no_note() -> None:
    assert describe(pages(1)).notes == ()


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK"])
@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_kinds_that_are_let_in_look_as_pillow_shows_them(
    mode: str, compression: str | None
) -> None:
    image = Image.fromarray(pattern()).convert(mode)
    file = io.BytesIO()
    image.save(file, "TIFF", compression=compression)

    (rendition,) = render_all(file.getvalue(), [PNG], describe=False).renditions

    found = np.asarray(Image.open(io.BytesIO(rendition.data)).convert("RGB"))
    limit = (
        40 if mode == "CMYK" else 1
    )  # Pillow's CMYK knows no ink; test_colour.py has the profile
    assert distance(found, np.asarray(image.convert("RGB"))).mean < limit


@pytest.mark.parametrize(
    ("mode", "extra", "opaque"),
    [("LA", 0, True), ("LA", 2, False), ("RGBA", 0, True), ("RGBA", 2, False)],
)
def test_sample_of_no_known_meaning_is_no_opacity(mode: str, extra: int, *, opaque: bool) -> None:
    image = Image.fromarray(pattern(alpha=True)).convert(mode)
    file = io.BytesIO()
    image.save(file, "TIFF")
    known, unknown = (struct.pack("<HHII", 338, _SHORT, 1, value) for value in (2, extra))
    assert known in file.getvalue()

    (rendition,) = render_all(file.getvalue().replace(known, unknown), [PNG]).renditions

    found = Image.open(io.BytesIO(rendition.data))
    assert ("A" not in found.getbands()) == opaque
    if opaque:
        colours = np.asarray(Image.fromarray(np.asarray(image)[..., :-1].squeeze()).convert("RGB"))
        assert distance(np.asarray(found.convert("RGB")), colours).mean < 1
