"""Pages of TIFFs and frames of animations, of which a preset chooses one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pictures import encode, picture
from tests.portraits import Drawn, portrait
from tests.reference import shown
from tintype.imaging import Encoding, Fit, Format, Gravity, Limits, Preset, render_all, render_one
from tintype.imaging.errors import TruncatedImageError, UnsupportedFormatError

COLOURS = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
SIZES = [(40, 30), (30, 50), (64, 20)]
MOVING = [Format.GIF, Format.WEBP, Format.AVIF, Format.PNG]


def preset(page: int, name: str = "p", **settings: Any) -> Preset:
    formats = settings.pop("formats", (Encoding(format=Format.PNG),))
    return Preset(name=name, page=page, formats=formats, **settings)


def pages(**options: Any) -> bytes:
    """Return a TIFF whose pages have sizes of their own."""
    return encode(
        [Image.new("RGB", size, colour) for size, colour in zip(SIZES, COLOURS, strict=True)],
        Format.TIFF,
        **options,
    )


def frames(format_: Format) -> bytes:
    still: dict[Format, dict[str, Any]] = {
        Format.WEBP: {"lossless": True},
        Format.AVIF: {"quality": 95},
    }
    images = [Image.new("RGB", (48, 48), colour) for colour in COLOURS]
    return encode(images, format_, **still.get(format_, {}))


def colour_of(data: bytes) -> list[int]:
    pixel: list[int] = shown(data).frames[0][8, 8].tolist()
    return pixel[:3]


def close(seen: list[int], wanted: tuple[int, int, int]) -> bool:
    return bool(np.abs(np.array(seen) - wanted).max() <= 6)


@pytest.mark.parametrize("page", [1, 2, 3])
@pytest.mark.parametrize("is_big_endian", [False, True])
def test_page_of_a_tiff_has_its_own_size_and_colours(page: int, *, is_big_endian: bool) -> None:
    made = render_one(big_endian() if is_big_endian else pages(), preset(page))

    assert (made.width, made.height) == SIZES[page - 1]
    assert close(colour_of(made.data), COLOURS[page - 1])


def big_endian() -> bytes:
    """Return the same pages, uncompressed, with the bytes of numbers the other way round."""
    out, links = bytearray(b"MM\0*\0\0\0\0"), 4
    for (width, height), colour in zip(SIZES, COLOURS, strict=True):
        pixels = len(out)
        out += bytes(colour) * (width * height)
        bits = len(out)
        out += b"\0\x08" * 3
        start = len(out)
        out[links : links + 4] = start.to_bytes(4, "big")
        tags = [
            *((256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, bits), (259, 4, 1, 1)),
            *((262, 4, 1, 2), (273, 4, 1, pixels), (277, 4, 1, 3), (278, 4, 1, height)),
            (279, 4, 1, width * height * 3),
        ]
        out += len(tags).to_bytes(2, "big")
        for number, kind, count, value in tags:
            out += number.to_bytes(2, "big") + kind.to_bytes(2, "big")
            out += count.to_bytes(4, "big") + value.to_bytes(4, "big")
        links = len(out)
        out += bytes(4)
    return bytes(out)


@pytest.mark.parametrize("format_", MOVING)
@pytest.mark.parametrize("page", [2, 3])
def test_frame_of_an_animation_is_a_still(format_: Format, page: int) -> None:
    animated = (Encoding(format=Format.GIF), Encoding(format=Format.PNG))

    gif, png = render_all(frames(format_), [preset(page, formats=animated)]).renditions

    assert (gif.frames, png.frames) == (1, 1)
    assert close(colour_of(png.data), COLOURS[page - 1])


def test_frame_is_what_is_on_the_canvas_then() -> None:
    """A later frame of a GIF may be a part of the picture, over those before it."""
    images = [Image.new("P", (40, 40), 0), Image.new("P", (40, 40), 0)]
    for image in images:
        image.putpalette([9, 9, 9, 250, 250, 250])
    images[1].paste(1, (20, 20, 40, 40))

    made = render_one(encode(images, Format.GIF), preset(2))

    still = shown(made.data).frames[0]
    assert still[8, 8, :3].tolist() == [9, 9, 9]
    assert still[30, 30, :3].tolist() == [250, 250, 250]


@pytest.mark.parametrize("format_", [*MOVING, Format.TIFF])
def test_beyond_the_last_it_is_the_last_and_the_record_says_so(format_: Format) -> None:
    data = pages() if format_ is Format.TIFF else frames(format_)
    kind = "page" if format_ is Format.TIFF else "frame"
    presets = [preset(9, "late"), preset(2, "a"), preset(1, "plain"), preset(2, "b")]

    made = render_all(data, presets)

    assert [one.preset for one in made.renditions] == ["late", "a", "plain", "b"]
    seen = [colour_of(one.data) for one in made.renditions]
    assert all(map(close, seen, [COLOURS[2], COLOURS[1], COLOURS[0], COLOURS[1]]))
    assert made.description is not None
    assert made.description.notes[-2:] == (
        f"{kind} 2 of 3 in a, b",
        f"{kind} 3 of 3, the last, in late",
    )


def test_frames_beyond_the_limit_are_none_to_choose_from() -> None:
    for data in (frames(Format.GIF), pages()):
        made = render_all(data, [preset(3)], Limits(max_frames=2))

        assert close(colour_of(made.renditions[0].data), COLOURS[1])
        assert made.description is not None
        assert made.description.notes[-1].endswith(" 2 of 2, the last, in p")


@pytest.mark.parametrize("format_", [Format.JPEG, Format.TIFF, Format.PNG, Format.GIF])
def test_original_of_one_picture_is_shown_without_a_note(format_: Format) -> None:
    data = picture(48, 48, format_)

    made = render_all(data, [preset(2)])

    assert (made.renditions[0].width, made.renditions[0].height) == (48, 48)
    assert made.description is not None
    assert made.description.notes == ()


@pytest.mark.parametrize("page", [1, 2, 1_000_000])
def test_tiff_that_ends_within_its_first_directory_is_truncated_whatever_the_page(
    page: int,
) -> None:
    data = big_endian()[: 8 + 40 * 30 * 3 + 20]

    with pytest.raises(TruncatedImageError):
        render_one(data, preset(page))


def test_pages_that_never_end_are_counted_to_the_limit() -> None:
    data = bytearray(big_endian())
    second = data.index(b"\0\x09", 8 + 40 * 30 * 3 + 20)  # the number of its tags
    data[-4:] = second.to_bytes(4, "big")

    made = render_one(bytes(data), preset(7), Limits(max_frames=6))

    assert (made.width, made.height) in SIZES


def test_faces_are_those_of_the_page_that_is_shown() -> None:
    square = {"width": 80, "height": 80, "fit": Fit.COVER, "gravity": Gravity.FACES}
    data = encode(
        [Image.fromarray(portrait(240, 120, Drawn(x, 60, 50))) for x in (50, 190)], Format.TIFF
    )

    both = render_all(data, [preset(1, "one", **square), preset(2, "two", **square)])
    alone = render_one(data, preset(2, "two", **square), faces=both.faces)

    assert both.renditions[1].data == alone.data
    (face,) = both.faces or ()
    assert face.left < 0.5
    (other,) = render_all(alone.data, (), find_faces=True).faces or ()
    assert abs(other.left + other.width / 2 - 0.5) < 0.1


def test_page_that_is_not_supported_is_refused_as_a_first_one_is() -> None:
    data = encode(
        [Image.new("RGB", (8, 8)), Image.new("F", (8, 8))],
        Format.TIFF,
    )

    render_one(data, preset(1))

    with pytest.raises(UnsupportedFormatError, match="TIFF with floating-point numbers"):
        render_one(data, preset(2))
