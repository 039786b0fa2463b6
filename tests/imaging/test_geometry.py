"""Layouts by arithmetic: sizes, crops and placements of renditions, without a pixel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tintype.imaging import Extend, Fit, FocalPoint, Gravity, Preset, Region
from tintype.imaging.formats import Format
from tintype.imaging.geometry import (
    UPRIGHT,
    Box,
    Layout,
    Size,
    Turn,
    lay_out,
    place,
    scaled,
    tilted,
    whole_turn,
)
from tintype.imaging.presets import MAX_RENDITION_SIDE

LANDSCAPE = Size(600, 400)

SIDES = st.integers(min_value=1, max_value=30_000)
BOX_SIDES = st.none() | st.integers(min_value=1, max_value=MAX_RENDITION_SIDE)


@pytest.mark.parametrize(
    ("fit", "resized", "cropped", "canvas"),
    [
        (Fit.INSIDE, (300, 200), (300, 200), (300, 200)),
        (Fit.COVER, (450, 300), (300, 300), (300, 300)),
        (Fit.CONTAIN, (300, 200), (300, 200), (300, 300)),
        (Fit.FILL, (300, 300), (300, 300), (300, 300)),
        (Fit.OUTSIDE, (450, 300), (450, 300), (450, 300)),
    ],
)
def test_each_fit_meets_a_square_box_in_its_own_way(
    fit: Fit,
    resized: tuple[int, int],
    cropped: tuple[int, int],
    canvas: tuple[int, int],
) -> None:
    layout = lay_out(LANDSCAPE, Preset(name="p", width=300, height=300, fit=fit))

    assert layout == Layout(Box(0, 0, 600, 400), Size(*resized), Size(*cropped), Size(*canvas))


@pytest.mark.parametrize(
    ("fit", "size"),
    [
        (Fit.INSIDE, (600, 400)),
        (Fit.COVER, (400, 400)),
        (Fit.CONTAIN, (900, 900)),
        (Fit.FILL, (600, 400)),
        (Fit.OUTSIDE, (600, 400)),
    ],
)
def test_nothing_is_enlarged_unless_asked_and_cover_keeps_the_shape_of_its_box(
    fit: Fit, size: tuple[int, int]
) -> None:
    small = lay_out(LANDSCAPE, Preset(name="p", width=900, height=900, fit=fit))
    large = lay_out(LANDSCAPE, Preset(name="p", width=900, height=900, fit=fit, enlarge=True))

    assert small.canvas == Size(*size)
    assert small.resized == LANDSCAPE
    assert large.scale >= 1.5


@pytest.mark.parametrize("fit", Fit)
def test_an_open_side_follows_the_shape_of_the_original(fit: Fit) -> None:
    assert lay_out(LANDSCAPE, Preset(name="p", width=300, fit=fit)).canvas == Size(300, 200)
    assert lay_out(LANDSCAPE, Preset(name="p", height=100, fit=fit)).canvas == Size(150, 100)


@given(
    width=st.integers(min_value=1, max_value=8_000),
    height=st.integers(min_value=1, max_value=8_000),
    side=st.integers(min_value=1, max_value=4_000),
    fit=st.sampled_from(Fit),
)
def test_a_width_or_height_alone_is_met_to_the_pixel(
    width: int, height: int, side: int, fit: Fit
) -> None:
    wide = lay_out(Size(width, height), Preset(name="x", width=min(side, width), fit=fit))
    high = lay_out(Size(width, height), Preset(name="x", height=min(side, height), fit=fit))

    assert wide.canvas.width == min(side, width)
    assert high.canvas.height == min(side, height)


@given(SIDES, SIDES, BOX_SIDES, BOX_SIDES, st.sampled_from(Fit), st.booleans())
def test_no_side_is_ever_zero_or_longer_than_a_format_can_store(
    width: int, height: int, box_width: int | None, box_height: int | None, fit: Fit, enlarge: bool
) -> None:
    preset = Preset(name="p", width=box_width, height=box_height, fit=fit, enlarge=enlarge)

    layout = lay_out(Size(width, height), preset)

    most = MAX_RENDITION_SIDE if enlarge else Format.JPEG.facts.longest_side
    for size in (layout.resized, layout.cropped, layout.canvas):
        assert 1 <= size.width <= most
        assert 1 <= size.height <= most
    assert layout.cropped.width <= layout.resized.width
    assert layout.cropped.height <= layout.resized.height


def test_extract_beyond_the_original_keeps_what_there_is() -> None:
    def region(left: int, top: int, width: int, height: int) -> Box:
        extract = Region(left=left, top=top, width=width, height=height)
        return lay_out(LANDSCAPE, Preset(name="p", extract=extract)).region

    assert region(500, 300, 200, 200) == Box(500, 300, 100, 100)
    assert region(5000, 0, 10, 10) == Box(599, 0, 1, 10)


def test_extract_is_cut_out_of_what_trim_left() -> None:
    preset = Preset(name="p", trim=10, extract=Region(left=0, top=0, width=300, height=300))

    layout = lay_out(LANDSCAPE, preset, trimmed=Box(100, 50, 400, 300))

    assert layout.region == Box(100, 50, 200, 250)


def test_a_focal_point_is_brought_to_the_middle_as_far_as_the_picture_reaches() -> None:
    inner, outer = Size(100, 100), Size(300, 100)

    assert place(inner, outer, FocalPoint(x=0.5, y=0.5)).left == 100
    assert place(inner, outer, FocalPoint(x=0.6, y=0.5)).left == 130
    assert place(inner, outer, FocalPoint(x=0.0, y=0.0)).left == 0
    assert place(inner, outer, FocalPoint(x=1.0, y=0.9)).left == 200


@pytest.mark.parametrize(
    ("gravity", "corner"),
    [
        (Gravity.NORTH_WEST, (0, 0)),
        (Gravity.NORTH, (10, 0)),
        (Gravity.NORTH_EAST, (20, 0)),
        (Gravity.WEST, (0, 5)),
        (Gravity.CENTRE, (10, 5)),
        (Gravity.EAST, (20, 5)),
        (Gravity.SOUTH_WEST, (0, 10)),
        (Gravity.SOUTH, (10, 10)),
        (Gravity.SOUTH_EAST, (20, 10)),
    ],
)
def test_a_compass_word_names_the_edge_that_is_touched(
    gravity: Gravity, corner: tuple[int, int]
) -> None:
    box = place(Size(10, 10), Size(30, 20), gravity)

    assert (box.left, box.top) == corner


@pytest.mark.parametrize(
    ("degrees", "size"),
    [(0, (600, 400)), (90, (400, 600)), (-90, (400, 600)), (180, (600, 400)), (45, (707, 707))],
)
def test_a_turned_picture_has_the_size_of_the_box_around_it(
    degrees: int, size: tuple[int, int]
) -> None:
    assert tilted(LANDSCAPE, degrees) == Size(*size)


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("rotate", [0, 90, 180, 270, -90])
@pytest.mark.parametrize("flip", [True, False])
@pytest.mark.parametrize("flop", [True, False])
def test_any_chain_of_turns_is_one_turn_and_can_be_undone(
    orientation: int, rotate: int, flip: bool, flop: bool
) -> None:
    stored = np.arange(6 * 4).reshape(4, 6)
    step_by_step = np.rot90(turned_array(stored, UPRIGHT[orientation]), -rotate // 90)
    step_by_step = step_by_step[::-1] if flip else step_by_step
    step_by_step = step_by_step[:, ::-1] if flop else step_by_step

    turn = whole_turn(orientation, Preset(name="p", rotate=rotate, flip=flip, flop=flop))

    assert turn is not None
    assert (turned_array(stored, turn) == step_by_step).all()
    height, width = step_by_step.shape
    box = turn.undone(Box(1, 2, 2, 1), Size(width, height))
    cut = stored[box.top : box.top + box.height, box.left : box.left + box.width]
    assert (turned_array(cut, turn) == step_by_step[2:3, 1:3]).all()


def turned_array(pixels: npt.NDArray[np.int64], turn: Turn) -> npt.NDArray[np.int64]:
    turned = np.rot90(pixels, -turn.quarters)
    return turned[:, ::-1] if turn.mirrored else turned


@given(
    st.integers(0, 3999), st.integers(1, 4000), st.sampled_from([1, 2, 4, 8, 16]), st.integers(1, 9)
)
def test_a_rectangle_stays_within_the_smaller_picture(
    left: int, width: int, shrink: int, height: int
) -> None:
    source = Size(4000, height)
    base = Size(-(-source.width // shrink), -(-source.height // shrink))
    width = min(width, source.width - left)

    box = scaled(Box(left, 0, width, height), source, base)

    assert box.width >= 1
    assert 0 <= box.left < box.left + box.width <= base.width
    assert box.top == 0
    assert box.height == base.height


def test_extend_is_not_part_of_the_box() -> None:
    preset = Preset(name="p", width=300, extend=Extend(left=10, top=20))

    assert lay_out(LANDSCAPE, preset).canvas == Size(300, 200)
