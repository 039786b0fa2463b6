"""Watermarks: where they stand, how large and how strong, and that text is never markup."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pictures import Pixels
from tintype.imaging import (
    Encoding,
    FocalPoint,
    Format,
    Gravity,
    Preset,
    Watermark,
    errors,
    render_all,
)

PLAIN = np.full((200, 300, 3), 90, np.uint8)


def png(pixels: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


RED_SQUARE = png(np.full((40, 40, 3), (255, 0, 0), np.uint8))


def marked(watermark: Watermark | None, *, ground: Pixels = PLAIN, **settings: Any) -> Pixels:
    preset = Preset(
        name="p", watermark=watermark, formats=(Encoding(format=Format.PNG),), **settings
    )
    (only,) = render_all(png(ground), [preset], describe=False).renditions
    return np.asarray(Image.open(io.BytesIO(only.data)).convert("RGB"))


def changed(seen: Pixels) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of what the mark changed."""
    rows, columns = np.nonzero(np.abs(seen.astype(int) - 90).max(axis=2) > 8)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize(
    ("gravity", "box"),
    [
        (Gravity.NORTH_WEST, (30, 20, 90, 80)),
        (Gravity.NORTH, (120, 20, 180, 80)),
        (Gravity.CENTRE, (120, 70, 180, 130)),
        (Gravity.EAST, (210, 70, 270, 130)),
        (Gravity.SOUTH_EAST, (210, 120, 270, 180)),
        (FocalPoint(x=0.5, y=0.25), (120, 20, 180, 80)),
    ],
)
def test_a_picture_stands_where_gravity_and_offset_say(
    gravity: Gravity | FocalPoint, box: tuple[int, int, int, int]
) -> None:
    mark = Watermark(
        image=RED_SQUARE, scale=0.2, opacity=1, gravity=gravity, offset_x=0.1, offset_y=0.1
    )

    assert changed(marked(mark)) == box


def test_scale_is_relative_to_the_rendition() -> None:
    mark = Watermark(image=RED_SQUARE, scale=0.5, opacity=1, gravity=Gravity.NORTH_WEST)

    left, _, right, _ = changed(marked(mark, width=120))

    assert right - left == 60


def test_a_mark_that_would_be_higher_than_the_picture_is_made_smaller() -> None:
    tall = png(np.full((400, 20, 3), (255, 0, 0), np.uint8))

    seen = marked(Watermark(image=tall, scale=1, opacity=1, gravity=Gravity.CENTRE))

    _, top, _, bottom = changed(seen)
    assert (top, bottom) == (0, 200)


@pytest.mark.parametrize(("opacity", "red"), [(0, 90), (0.5, 173), (1, 255)])
def test_opacity_mixes_mark_and_picture(opacity: float, red: int) -> None:
    mark = Watermark(image=RED_SQUARE, scale=0.5, opacity=opacity, gravity=Gravity.CENTRE)

    assert abs(int(marked(mark)[100, 150, 0]) - red) <= 1


def test_a_transparent_mark_covers_only_where_it_is_opaque() -> None:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[:, :20] = (255, 0, 0, 255)
    mark = Watermark(image=png(pixels), scale=0.4, opacity=1, gravity=Gravity.CENTRE)

    seen = marked(mark)

    assert tuple(seen[100, 110]) == (255, 0, 0)
    assert tuple(seen[100, 190]) == (90, 90, 90)


def test_tiles_cover_the_whole_picture_with_gaps_between() -> None:
    seen = marked(Watermark(image=RED_SQUARE, scale=0.1, opacity=1, tiled=True))

    red = (seen[..., 0] == 255).mean()
    assert 0.3 < red < 0.6
    for corner in (seen[:60, :60], seen[:60, -60:], seen[-60:, :60], seen[-60:, -60:]):
        assert (corner[..., 0] == 255).any()


def test_text_is_drawn_as_wide_as_its_scale_says() -> None:
    left, top, right, bottom = changed(marked(Watermark(text="Tintype", scale=0.5, opacity=1)))

    assert 145 <= right - left <= 175  # 150, and the halo around it
    assert bottom - top < 70


def test_text_is_legible_on_light_and_on_dark() -> None:
    for level in (5, 250):
        ground = np.full((200, 300, 3), level, np.uint8)

        seen = marked(Watermark(text="Tintype", scale=0.8, opacity=1), ground=ground)

        assert np.ptp(seen) > 80


def test_markup_in_a_text_is_drawn_as_the_signs_that_it_is() -> None:
    plain = marked(Watermark(text="bold", scale=0.5, opacity=1))
    tagged = marked(Watermark(text="<b>bold</b>", scale=0.5, opacity=1))

    _, plain_top, _, plain_bottom = changed(plain)
    _, tagged_top, _, tagged_bottom = changed(tagged)
    # More signs at the same width are smaller signs.
    assert tagged_bottom - tagged_top < plain_bottom - plain_top


def test_a_sign_that_the_font_lacks_is_named() -> None:
    with pytest.raises(errors.MissingGlyphError, match="雪"):
        marked(Watermark(text="Tin雪type"))


def test_letters_beyond_ascii_and_joined_emoji_need_no_setting() -> None:
    for text in ("© Müller, Łódź", "Ελλάδα", "Київ", "שלום", "a\N{NO-BREAK SPACE}b"):
        assert changed(marked(Watermark(text=text, scale=0.5, opacity=1)))


def test_a_text_without_anything_to_see_is_the_preset_s_fault() -> None:
    with pytest.raises(errors.InvalidPresetError, match=r"watermark\.text: cannot be drawn"):
        marked(Watermark(text=" "))


@pytest.mark.parametrize(
    ("mark", "setting"),
    [
        (Watermark(text="a", font=b"not a font"), "watermark.font"),
        (Watermark(image=b"not a picture"), "watermark.image"),
        (Watermark(image=RED_SQUARE[:60]), "watermark.image"),
    ],
)
def test_a_broken_font_or_picture_is_the_preset_s_fault(mark: Watermark, setting: str) -> None:
    with pytest.raises(errors.InvalidPresetError, match=setting):
        marked(mark)


GREEN_SQUARE = png(np.full((40, 40, 3), (0, 255, 0), np.uint8))


def test_overlays_lie_over_the_watermark_and_over_those_before_them() -> None:
    red, green, blue = (
        Watermark(
            image=png(np.full((40, 40, 3), colour, np.uint8)),
            scale=scale,
            opacity=1,
            gravity=Gravity.CENTRE,
        )
        for colour, scale in (((255, 0, 0), 0.4), ((0, 255, 0), 0.3), ((0, 0, 255), 0.2))
    )

    above = marked(red, overlays=(green, blue))
    below = marked(blue, overlays=(green, red))

    assert [tuple(above[100, x]) for x in (95, 110, 150)] == [
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
    ]
    assert {tuple(below[100, x]) for x in (95, 110, 150)} == {(255, 0, 0)}


def test_overlays_have_their_own_places_sizes_and_opacities() -> None:
    corner = Watermark(
        image=RED_SQUARE, scale=0.1, opacity=1, gravity=Gravity.NORTH_WEST, offset_x=0, offset_y=0
    )
    tiles = Watermark(image=GREEN_SQUARE, scale=0.2, opacity=0.5, tiled=True)
    text = Watermark(text="Tintype", scale=0.5, opacity=1, gravity=Gravity.CENTRE)

    seen = marked(None, overlays=(tiles, corner, text))

    assert (seen[:30, :30] == (255, 0, 0)).all()
    assert abs(seen[..., 1].astype(int) - 172).min() <= 1  # half green, half grey 90
    assert seen[80:120, 75:225].min(axis=2).max() > 230  # white letters


def test_a_broken_picture_of_an_overlay_is_named_by_its_place() -> None:
    with pytest.raises(errors.InvalidPresetError, match=r"^overlays\[1\]\.image: "):
        marked(None, overlays=(Watermark(text="a"), Watermark(image=RED_SQUARE[:60])))


def test_a_picture_of_one_pixel_can_be_marked() -> None:
    seen = marked(Watermark(text="Tintype"), ground=PLAIN[:1, :1])

    assert seen.shape == (1, 1, 3)


def test_a_turned_mark_is_laid_on_upright() -> None:
    half = np.zeros((40, 40, 3), np.uint8)
    half[:, :20] = (255, 0, 0)  # stored left half; orientation 6 brings it to the top
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(half).save(file, "JPEG", quality=95, exif=exif)
    mark = Watermark(image=file.getvalue(), scale=0.4, opacity=1, gravity=Gravity.CENTRE)

    seen = marked(mark)

    assert seen[60, 150, 0] > 200
    assert seen[140, 150, 0] < 50


def test_all_frames_of_an_animation_are_marked_alike() -> None:
    frames = [Image.fromarray(np.full((60, 60, 3), level, np.uint8)) for level in (40, 120, 200)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=100)
    preset = Preset(
        name="p",
        watermark=Watermark(image=RED_SQUARE, opacity=1, scale=0.5, gravity=Gravity.CENTRE),
        formats=(Encoding(format=Format.WEBP, lossless=True),),
    )

    (only,) = render_all(file.getvalue(), [preset]).renditions

    moving = Image.open(io.BytesIO(only.data))
    assert only.frames == 3
    for frame in range(3):
        moving.seek(frame)
        assert moving.convert("RGB").getpixel((30, 30)) == (255, 0, 0)
