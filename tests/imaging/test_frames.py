"""Which frames of an original are used, how long each is shown, and what lies under them."""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.pictures import encode, original, picture
from tests.reference import shown
from tests.wire import gif_frame, gif_header, png_chunk
from tintype.imaging import (
    Description,
    Encoding,
    Format,
    Limits,
    Preset,
    RenderedFile,
    errors,
    render_all,
)
from tintype.imaging import (
    original as originals,
)
from tintype.imaging.container import read_structure

WEBP = Preset(name="p", formats=(Encoding(format=Format.WEBP, lossless=True),))
MOVING = picture(10, 10, Format.GIF, frames=5)
COLOURS = ("red", "lime", "blue")


def moved(data: bytes, limits: Limits | None = None) -> tuple[RenderedFile, Description]:
    result = render_all(data, [WEBP], limits or Limits())
    assert result.description is not None
    return result.renditions[0], result.description


@pytest.mark.parametrize(
    ("limits", "used"),
    [
        (Limits(max_frames=4), 4),
        (Limits(max_pixels=499), 4),
        (Limits(max_pixels=100), 1),
        (Limits(max_frames=3, max_pixels=499), 3),
        (Limits(max_frames=5, max_pixels=500), 5),
    ],
)
@pytest.mark.parametrize("file_format", [Format.GIF, Format.WEBP, Format.AVIF, Format.PNG])
def test_of_more_frames_than_the_limits_allow_the_first_are_used(
    file_format: Format, limits: Limits, used: int
) -> None:
    data = picture(10, 10, file_format, frames=5)

    rendition, about = moved(data, limits)

    assert (rendition.frames, about.frames) == (used, 5)
    assert about.notes == ((f"first {used} of 5 frames",) if used < 5 else ())


def test_a_tiff_of_many_pages_is_its_first_page() -> None:
    pages = [Image.new("RGB", (40, 30), COLOURS[page % 3]) for page in range(300)]

    rendition, about = moved(encode(pages, Format.TIFF))

    assert (about.frames, rendition.frames) == (1, 1)
    assert about.notes == ("first of 300 pages",)
    assert shown(rendition.data).frames[0][15, 20].tolist() == [255, 0, 0, 255]


@pytest.mark.parametrize("file_format", [Format.PNG, Format.AVIF])
def test_frames_are_shown_as_long_as_the_original_says(file_format: Format) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in COLOURS]
    file = BytesIO()
    name = file_format.name
    frames[0].save(
        file, name, save_all=True, append_images=frames[1:], duration=[200, 5, 1500], loop=0
    )

    rendition, _ = moved(file.getvalue())

    image = Image.open(BytesIO(rendition.data))
    durations, colours = [], []
    for number in range(3):
        image.seek(number)
        image.load()
        durations.append(image.info["duration"])
        colours.append(image.convert("RGB").getpixel((32, 32)))
    assert durations == [200, 100, 1500]  # as browsers show shorter ones than 10 ms
    assert np.abs(np.array(colours) - [(255, 0, 0), (0, 255, 0), (0, 0, 255)]).max() < 6
    assert image.info["loop"] == 0


@pytest.mark.parametrize(("loop", "plays"), [(0, 0), (3, 3)])
def test_an_apng_is_played_as_often_as_it_says(loop: int, plays: int) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in COLOURS]
    data = (
        encode(frames, Format.PNG) if loop == 0 else _with_plays(encode(frames, Format.PNG), loop)
    )

    rendition, _ = moved(data)

    assert Image.open(BytesIO(rendition.data)).info["loop"] == plays


def _with_plays(data: bytes, plays: int) -> bytes:
    at = data.index(b"acTL") - 4
    return data[:at] + png_chunk(b"acTL", struct.pack(">II", 3, plays)) + data[at + 20 :]


def test_an_avif_that_is_played_once_is_played_once() -> None:
    data = original("AVIF, animated")
    at = data.index(b"elst") + 7
    assert data[at] == 1  # it repeats
    once = data[:at] + b"\0" + data[at + 1 :]

    assert read_structure(data, Format.AVIF, max_frames=9).loops == 0
    assert read_structure(once, Format.AVIF, max_frames=9).loops == 1


def test_an_avif_whose_seconds_have_no_ticks_is_refused() -> None:
    data = original("AVIF, animated")
    at = data.index(b"mdhd") + 4
    at += 20 if data[at] else 12
    assert int.from_bytes(data[at : at + 4], "big") == 1000

    with pytest.raises(errors.UnreadableImageError):
        moved(data[:at] + bytes(4) + data[at + 4 :])


def test_the_picture_of_an_apng_that_is_not_of_its_animation_is_not_used() -> None:
    first, *frames = [Image.new("RGB", (8, 8), colour) for colour in ("white", *COLOURS)]
    data = encode([first, *frames], Format.PNG, default_image=True)

    rendition, about = moved(data)

    assert (about.frames, rendition.frames) == (3, 3)
    seen = [frame[4, 4, :3].tolist() for frame in shown(rendition.data).frames]
    assert seen == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]


@pytest.mark.parametrize("broken", ["announced", "sequence", "place"])
def test_an_apng_that_is_not_well_formed_is_its_still_picture(broken: str) -> None:
    data = original("PNG, animated")
    at = data.index(b"fcTL", data.index(b"IDAT")) - 4
    control = bytearray(data[at + 8 : at + 34])
    if broken == "announced":
        data = _with_plays(data, 0)  # which says three, of four
    elif broken == "sequence":
        control[3] += 7
    else:
        control[4:8] = struct.pack(">I", 10_000)
    if broken != "announced":
        data = data[:at] + png_chunk(b"fcTL", bytes(control)) + data[at + 38 :]

    rendition, about = moved(data)

    assert (about.frames, rendition.frames) == (1, 1)


@pytest.mark.parametrize("name", ["PNG, animated", "AVIF, animated"])
def test_an_animation_of_very_large_frames_is_its_first(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(originals, "_MOST_PIXELS_FRAMEWISE", 240 * 160 - 1)

    rendition, about = moved(original(name))

    assert (about.frames, rendition.frames) == (len(shown(original(name)).frames), 1)
    assert about.notes


_RED = b"\x44\x01"  # one pixel of the first colour


_BLACK_AND_WHITE = b"\0\0\0\xff\xff\xff"


def gif(*frames: tuple[int, ...], palette: bytes = _BLACK_AND_WHITE, background: int = 0) -> bytes:
    """Return a GIF of 4 × 4 with frames of one pixel of colour 0.

    A frame is left, top, disposal, and its transparent colour if it has one.
    """
    parts = [
        b"\x21\xf9\x04"
        + bytes([disposal << 2 | bool(clear), 10, 0, *(clear or [0]), 0])
        + gif_frame(1, 1, _RED, left=left, top=top)
        for left, top, disposal, *clear in frames
    ]
    flags = 0x80 | (len(palette) // 3).bit_length() - 2 if palette else 0
    header = gif_header(4, 4)[:10] + bytes([flags, background, 0]) + palette
    return header + b"".join(parts) + b";"


def covered_by_frames(data: bytes) -> list[set[tuple[int, int]]]:
    rendition, _ = moved(data)
    return [
        {(int(x), int(y)) for y, x in np.argwhere(_alpha(rendition.data, number) == 255)}
        for number in range(rendition.frames)
    ]


@pytest.mark.parametrize("clear", [(), (0,), (1,), (2,), (0, 1, 2)])
@pytest.mark.parametrize(
    ("frames", "covered"),
    [
        ([(0, 0, 0)], [{(0, 0)}]),
        ([(0, 0, 1), (1, 1, 1), (2, 2, 1)], [{(0, 0)}, {(0, 0), (1, 1)}, {(0, 0), (1, 1), (2, 2)}]),
        ([(0, 0, 2), (1, 1, 2), (2, 2, 2)], [{(0, 0)}, {(1, 1)}, {(2, 2)}]),
        ([(0, 0, 1), (1, 1, 3), (2, 2, 1)], [{(0, 0)}, {(0, 0), (1, 1)}, {(0, 0), (2, 2)}]),
        ([(0, 0, 1), (1, 1, 4), (2, 2, 1)], [{(0, 0)}, {(0, 0), (1, 1)}, {(0, 0), (2, 2)}]),
        ([(0, 0, 2), (1, 1, 3), (0, 0, 1)], [{(0, 0)}, {(1, 1)}, {(0, 0)}]),
    ],
    ids=["one", "kept", "to the background", "to the previous", "by 4", "where one was removed"],
)
def test_the_canvas_of_a_gif_is_transparent_where_no_frame_covers_it(
    frames: list[tuple[int, int, int]], covered: list[set[tuple[int, int]]], clear: tuple[int, ...]
) -> None:
    """Whether all, some or no frames have a transparent colour, which is none of their pixels."""
    some = [(*frame, 1) if at in clear else frame for at, frame in enumerate(frames)]

    assert covered_by_frames(gif(*some)) == covered


def test_a_transparent_pixel_over_a_removed_frame_of_a_gif_is_transparent() -> None:
    assert covered_by_frames(gif((0, 0, 2), (0, 0, 1, 0), (1, 1, 1))) == [{(0, 0)}, set(), {(1, 1)}]


@pytest.mark.parametrize(
    ("palette", "background"),
    [
        (b"", 0),
        (b"\0\0\0" * 2, 0),
        (b"\xff\0\0" * 2, 9),
        (bytes(range(256)) * 3, 255),
        (b"\xff\0\0" * 255 + b"\0\xff\0", 0),
    ],
    ids=["none", "one colour", "background outside", "256 colours", "256 colours, two of them"],
)
def test_a_gif_of_any_palette_is_transparent_where_a_frame_was_removed(
    palette: bytes, background: int
) -> None:
    data = gif((0, 0, 2), (1, 1, 1, 1), (0, 0, 1), palette=palette, background=background)

    assert covered_by_frames(data) == [{(0, 0)}, {(1, 1)}, {(0, 0), (1, 1)}]
    seen = shown(moved(data)[0].data).frames
    colour = [*(palette or _BLACK_AND_WHITE)[:3], 255]
    assert [seen[0][0, 0].tolist(), seen[2][0, 0].tolist()] == [colour, colour]


def _alpha(webp: bytes, number: int) -> np.ndarray:
    """Return a frame's alpha by libwebp; Pillow paints what was cleared in an opaque colour."""
    import pyvips  # noqa: PLC0415

    frame = pyvips.Image.webpload_buffer(webp, page=number)
    return np.asarray(frame.extract_band(3).numpy())


def test_a_gif_whose_frames_cover_its_canvas_has_no_alpha() -> None:
    assert not read_structure(original("GIF, animated"), Format.GIF, max_frames=9).canvas
    assert not moved(original("GIF, animated"))[1].has_alpha
