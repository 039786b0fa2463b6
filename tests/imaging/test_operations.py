"""Operations, each on a picture that shows it in numbers."""

from __future__ import annotations

import io
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pictures import Pixels
from tintype.imaging import (
    ColourSpace,
    Encoding,
    Extend,
    Fit,
    FocalPoint,
    Format,
    Gravity,
    Preset,
    Region,
    operations,
    render_all,
)
from tintype.imaging.operations import Step

RED, GREEN, BLUE, GREY = (220, 40, 40), (40, 160, 60), (40, 60, 200), (128, 128, 128)


def png(pixels: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def columns(*colours: tuple[int, ...], width: int = 30, height: int = 30) -> bytes:
    """Return a picture of upright stripes."""
    stripes = [np.full((height, width, len(colour)), colour, np.uint8) for colour in colours]
    return png(np.hstack(stripes))


def rendered(data: bytes, **settings: Any) -> Pixels:
    preset = Preset(name="p", formats=(Encoding(format=Format.PNG),), **settings)
    (only,) = render_all(data, [preset], describe=False).renditions
    image = Image.open(io.BytesIO(only.data))
    assert image.size == (only.width, only.height)
    return np.asarray(image)


def near(pixel: Pixels, colour: tuple[int, ...], tolerance: int = 3) -> bool:
    return bool(np.abs(pixel.astype(int) - colour).max() <= tolerance)


def test_extract_keeps_the_rectangle() -> None:
    seen = rendered(columns(RED, GREEN, BLUE), extract=Region(left=30, top=5, width=30, height=20))

    assert seen.shape == (20, 30, 3)
    assert (seen == GREEN).all()


@pytest.mark.parametrize("threshold", [0, 20])
def test_trim_cuts_the_border_off_and_nothing_else(threshold: int) -> None:
    framed = np.full((100, 140, 3), 250, np.uint8)
    framed[20:70, 30:110] = BLUE

    seen = rendered(png(framed), trim=threshold)

    assert seen.shape == (50, 80, 3)
    assert (seen == BLUE).all()


def test_trim_of_a_transparent_border_looks_at_the_alpha() -> None:
    framed = np.zeros((60, 60, 4), np.uint8)
    framed[10:40, 20:50] = (0, 0, 0, 255)

    seen = rendered(png(framed), trim=5)

    assert seen.shape[:2] == (30, 30)


def test_trim_leaves_a_picture_of_one_colour_whole() -> None:
    assert rendered(columns(RED), trim=10).shape == (30, 30, 3)


def test_trim_comes_before_the_resize() -> None:
    framed = np.full((400, 400, 3), 255, np.uint8)
    framed[100:300, 100:300] = GREEN

    seen = rendered(png(framed), trim=10, width=50, height=50, fit=Fit.COVER)

    assert seen.shape == (50, 50, 3)
    assert (seen == GREEN).all()


@pytest.mark.parametrize(
    ("degrees", "corner"),
    [(90, (0, 0)), (180, (0, -1)), (270, (-1, 0)), (-90, (-1, 0)), (-180, (0, -1))],
)
def test_a_quarter_turn_is_clockwise_and_exact(degrees: int, corner: tuple[int, int]) -> None:
    seen = rendered(columns(RED, GREEN), rotate=degrees)

    assert seen.shape == ((60, 30, 3) if degrees % 180 else (30, 60, 3))
    assert tuple(seen[corner]) == RED


def test_any_other_angle_shows_the_background_in_the_corners() -> None:
    seen = rendered(columns(GREEN, width=60, height=60), rotate=45, background="#2060a0")

    assert seen.shape == (85, 85, 3)
    assert near(seen[0, 0], (0x20, 0x60, 0xA0))
    assert near(seen[42, 42], GREEN)


def test_any_other_angle_on_a_transparent_background_has_transparent_corners() -> None:
    seen = rendered(columns(GREEN, width=60, height=60), rotate=45, background="transparent")

    assert seen[0, 0, 3] == 0
    assert near(seen[42, 42], (*GREEN, 255))


def test_flip_mirrors_top_to_bottom_and_flop_left_to_right() -> None:
    quarters = np.zeros((20, 20, 3), np.uint8)
    quarters[:10, :10] = RED

    assert tuple(rendered(png(quarters), flip=True)[-1, 0]) == RED
    assert tuple(rendered(png(quarters), flop=True)[0, -1]) == RED


@pytest.mark.parametrize(
    ("gravity", "kept"),
    [
        (Gravity.WEST, RED),
        (Gravity.CENTRE, GREEN),
        (Gravity.EAST, BLUE),
        (FocalPoint(x=0.1, y=0.5), RED),
        (FocalPoint(x=0.9, y=0.1), BLUE),
    ],
)
def test_gravity_says_what_a_crop_keeps(
    gravity: Gravity | FocalPoint, kept: tuple[int, int, int]
) -> None:
    seen = rendered(columns(RED, GREEN, BLUE), width=20, height=20, fit=Fit.COVER, gravity=gravity)

    assert near(seen[10, 10], kept)


@pytest.mark.parametrize("gravity", [Gravity.ATTENTION, Gravity.ENTROPY])
def test_a_smart_crop_finds_what_there_is_to_see(gravity: Gravity) -> None:
    plain = np.full((100, 400, 3), 200, np.uint8)
    plain[:, 300:] = np.random.default_rng(1).integers(0, 255, (100, 100, 3))

    seen = rendered(png(plain), width=50, height=50, fit=Fit.COVER, gravity=gravity)

    assert seen.std() > 20


def test_contain_pads_with_the_background_and_stands_where_gravity_says() -> None:
    seen = rendered(
        columns(RED, RED),
        width=30,
        height=30,
        fit=Fit.CONTAIN,
        background="#0000ff",
        gravity=Gravity.SOUTH,
    )

    assert tuple(seen[0, 15]) == (0, 0, 255)
    assert near(seen[-1, 15], RED)


def test_contain_on_a_transparent_background_is_transparent_around_the_picture() -> None:
    seen = rendered(
        columns(RED, RED), width=30, height=30, fit=Fit.CONTAIN, background="transparent"
    )

    assert seen[0, 15, 3] == 0
    assert near(seen[15, 15], (*RED, 255))


def test_extend_adds_to_each_side_what_it_says() -> None:
    margin = Extend(top=1, right=2, bottom=3, left=4)

    seen = rendered(columns(RED), extend=margin, background="#00ff00")

    assert seen.shape == (34, 36, 3)
    assert (seen[1:31, 4:34] == RED).all()
    assert tuple(seen[0, 0]) == (0, 255, 0)


def test_blur_and_sharpen_move_an_edge_in_opposite_ways() -> None:
    edge = columns((100, 100, 100), (150, 150, 150))

    plain, blurred, sharpened = (
        rendered(edge, **settings)[15, 25:35, 0].astype(int)
        for settings in ({}, {"blur": 2}, {"sharpen": 2})
    )

    assert np.diff(blurred).max() < np.diff(plain).max()
    assert np.ptp(sharpened) > np.ptp(plain)


def test_grayscale_is_the_luminance_of_the_css_filter() -> None:
    seen = rendered(columns(RED), grayscale=True)

    luminance = round(0.2126 * RED[0] + 0.7152 * RED[1] + 0.0722 * RED[2])
    assert near(seen[0, 0], (luminance,) * 3, tolerance=1)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"brightness": 0.5}, (110, 20, 20)),
        ({"brightness": 2}, (255, 80, 80)),
        ({"contrast": 0}, (128, 128, 128)),
        ({"contrast": 2}, (255, 0, 0)),
        ({"gamma": 2}, tuple(round(255 * (value / 255) ** 0.5) for value in RED)),
        ({"saturation": 0}, (78, 78, 78)),
    ],
)
def test_a_tone_changes_by_its_formula(
    settings: dict[str, Any], expected: tuple[int, int, int]
) -> None:
    assert near(rendered(columns(RED), **settings)[0, 0], expected, tolerance=1)


def test_more_saturation_draws_the_channels_apart() -> None:
    before, after = columns(RED), rendered(columns(RED), saturation=1.2)[0, 0].astype(int)

    assert np.ptp(after) > np.ptp(rendered(before)[0, 0].astype(int))


def test_tint_keeps_the_lightness_and_takes_the_hue() -> None:
    seen = rendered(columns((60, 60, 60), (200, 200, 200)), tint="#0000ff")

    dark, light = seen[0, 0].astype(int), seen[0, -1].astype(int)
    assert dark[2] > dark[0]
    assert light[2] > light[0]
    assert light.sum() > dark.sum()


def test_rounded_corners_are_transparent_and_the_middle_is_not() -> None:
    seen = rendered(columns(RED, width=40, height=40), corner_radius=0.5)

    assert seen[0, 0, 3] == 0
    assert seen[20, 20, 3] == 255
    assert seen[20, 0, 3] > 200
    circle = np.pi * 20**2
    assert abs(seen[..., 3].sum() / 255 - circle) < 0.02 * circle


def test_rounded_corners_of_a_jpeg_show_the_background() -> None:
    preset = Preset(name="p", corner_radius=0.5, background="#00ff00")

    (only,) = render_all(columns(RED, width=40, height=40), [preset]).renditions

    corner = np.asarray(Image.open(io.BytesIO(only.data)))[0, 0]
    assert near(corner, (0, 255, 0), tolerance=40)


def test_flatten_paints_behind_what_is_transparent_before_corners_are_cut() -> None:
    clear = np.zeros((40, 40, 4), np.uint8)
    clear[:20] = (200, 0, 0, 128)
    data = png(clear)

    seen = rendered(data, flatten=True, background="#0000ff")
    round_ = rendered(data, flatten=True, background="#0000ff", corner_radius=0.5)

    assert seen.shape == (40, 40, 3)
    assert near(seen[30, 20], (0, 0, 255))
    assert near(seen[10, 20], (100, 0, 127))
    assert near(round_[30, 20], (0, 0, 255, 255))
    assert round_[0, 0, 3] == 0


def test_a_picture_painted_behind_may_be_written_without_alpha() -> None:
    formats = (Encoding(format=Format.JPEG), Encoding(format=Format.PNG))
    flat = Preset(name="flat", formats=formats, auto=True, flatten=True)
    clear = Preset(name="clear", formats=formats, auto=True)

    made = render_all(png(np.zeros((8, 8, 4), np.uint8)), [flat, clear]).renditions

    assert [one.format for one in made] == [Format.JPEG, Format.PNG]


def test_colours_under_transparency_do_not_bleed_into_the_edge() -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:, :32] = (200, 0, 0, 255)
    pixels[:, 32:] = (0, 255, 0, 0)

    seen = rendered(png(pixels), width=15)

    visible = seen[seen[..., 3] > 0]
    assert visible[:, 1].max() <= 2


def test_operations_leave_the_alpha_as_it_is() -> None:
    pixels = np.full((20, 20, 4), (*RED, 128), np.uint8)

    seen = rendered(png(pixels), brightness=1.5, saturation=0.5, tint="#0000ff", sharpen=1)

    assert (seen[..., 3] == 128).all()


def test_every_operation_at_once_gives_the_size_asked_for() -> None:
    seen = rendered(
        columns(RED, GREEN, BLUE, GREY, width=40, height=120),
        rotate=90,
        flip=True,
        flop=True,
        trim=1,
        extract=Region(left=0, top=0, width=100, height=150),
        width=50,
        height=40,
        fit=Fit.COVER,
        gravity=Gravity.ATTENTION,
        blur=1,
        sharpen=1,
        brightness=1.1,
        contrast=0.9,
        saturation=1.2,
        gamma=1.2,
        tint="#808000",
        extend=Extend(top=5),
        corner_radius=0.1,
        background="#11223344",
        colour_space=ColourSpace.P3,
    )

    assert seen.shape == (45, 50, 4)


DONE_BY: dict[Step, tuple[str, ...]] = {
    operations.adjust_tones: ("brightness", "contrast", "gamma"),
    operations.saturate: ("grayscale", "saturation"),
    operations.tint: ("tint",),
    operations.blur: ("blur",),
    operations.sharpen: ("sharpen",),
    operations.paint_behind: ("background", "flatten"),
    operations.pad: ("extend",),
    operations.round_corners: ("corner_radius",),
    operations.draw_marks: ("watermark", "overlays"),
}


def test_settings_are_listed_in_the_order_in_which_they_are_applied() -> None:
    names = [field.name for field in fields(Preset)]
    applied = [name for step in operations.LAST_STEPS for name in DONE_BY.get(step, ())]

    assert {*operations.LAST_STEPS} - {*DONE_BY} == {operations.crop}
    assert names[names.index("enlarge") + 1 : names.index("colour_space")] == applied


def test_brightness_comes_before_the_blur() -> None:
    dot = np.zeros((31, 31, 3), np.uint8)
    dot[15, 15] = 255

    alone, brightened = (rendered(png(dot), blur=3, brightness=factor) for factor in (1, 10))

    assert alone.max() == brightened.max() < 10
