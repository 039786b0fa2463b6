"""JPEG 2000 whose header alone would take gigabytes."""

from __future__ import annotations

import struct

import pytest
from PIL import Jpeg2KImagePlugin

from tests.jpeg_2000 import COC, MCT, UNKNOWN, codestream, coding, segment, style
from tests.wire import box
from tintype.imaging import describe
from tintype.imaging.errors import UnsupportedFormatError
from tintype.imaging.jpeg_2000 import unsupported_kind

PLAIN = coding(style())
TINY = style(precinct=0)
HIDDEN = segment(UNKNOWN, coding(TINY))[:4] + coding(TINY)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (codestream(7_000, coding(TINY)), "of 49,000,000 code blocks"),
        (codestream(7_000, coding(style(block=0))), "of 3,062,500 code blocks"),
        (codestream(7_000, coding(style(levels=1, precinct=1))), "of 39,812,500 code blocks"),
        (codestream(2_000, PLAIN, segment(COC, b"\0\1" + TINY)), "of 4,000,000 code blocks"),
        (codestream(2_000, PLAIN, tile_markers=coding(TINY)), "of 4,000,000 code blocks"),
        (codestream(2_000, HIDDEN, PLAIN), "of 4,000,000 code blocks"),
        (codestream(2_000, coding(TINY), tile_side=500), "of 4,000,000 code blocks"),
        (
            codestream(500, coding(style(precinct=5), layers=65_535), components=3),
            "of 65,535 layers with 50,331,648 packets",
        ),
        (
            codestream(400, PLAIN, segment(MCT, bytes(60_000)), tile_side=20),
            "with large transforms of components in many tiles",
        ),
    ],
    ids=[
        "precincts of a pixel",
        "smallest code blocks",
        "precincts of two pixels, levels",
        "of one component",
        "of one tile",
        "behind an unknown marker",
        "tiles",
        "layers",
        "transforms",
    ],
)
def test_header_that_takes_more_memory_than_its_pixels_is_refused(
    data: bytes, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code blocks, precincts and layers are counted in every header that OpenJPEG reads."""
    monkeypatch.setattr(Jpeg2KImagePlugin.Jpeg2KImageFile, "load", lambda _: pytest.fail("decoded"))

    with pytest.raises(UnsupportedFormatError, match=f"^JPEG 2000 {kind} is not supported; send"):
        describe(data)


def test_codestream_has_as_many_components_as_a_picture() -> None:
    """The header of a JP2 says three, and its codestream 1,000."""
    header = box(b"ihdr", struct.pack(">IIHBBBB", 10, 10, 3, 7, 7, 0, 0))
    header += box(b"colr", b"\1\0\0" + struct.pack(">I", 16))
    data = b"".join(
        [
            box(b"jP  ", b"\r\n\x87\n"),
            box(b"ftyp", b"jp2 \0\0\0\0jp2 "),
            box(b"jp2h", header),
            box(b"free", b""),  # so that Pillow does not look into the codestream
            box(b"jp2c", codestream(10, PLAIN, components=1_000)),
        ]
    )

    with pytest.raises(UnsupportedFormatError, match=r"^JPEG 2000 of 1,000 components is not"):
        describe(data)


def test_small_code_blocks_and_tiles_of_a_large_picture_are_no_reason() -> None:
    blocks = coding(style(levels=5, block=3))

    assert unsupported_kind(codestream(7_000, blocks, components=4)) is None
    assert unsupported_kind(codestream(7_000, blocks, components=3, tile_side=64)) is None
