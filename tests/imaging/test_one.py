"""One file alone: what `render_all` would make, of the whole original or of a part of it."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pictures import ORIENTED, Pixels, pattern, picture
from tintype.imaging import (
    Encoding,
    Fit,
    Format,
    Gravity,
    Limits,
    OriginalPoint,
    Preset,
    Region,
    errors,
    frame_stream,
    pipeline,
    render_all,
    render_one,
)

PNG = (Encoding(format=Format.PNG),)
PART = Region(left=300, top=100, width=400, height=300)
SETTINGS: list[dict[str, Any]] = [
    {"width": 100},
    {"width": 80, "height": 80, "fit": Fit.COVER, "gravity": Gravity.NORTH_WEST},
    {"width": 80, "height": 80, "fit": Fit.COVER, "gravity": Gravity.ENTROPY},
    {"width": 500, "enlarge": True},
    {"width": 100, "rotate": 90, "flop": True},
    {"width": 100, "rotate": 30},
]


def png(pixels: Pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def seen(data: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


@pytest.mark.parametrize("format_", ORIENTED)
@pytest.mark.parametrize("settings", SETTINGS)
def test_one_file_is_what_all_would_have_made(format_: Format, settings: dict[str, Any]) -> None:
    data = picture(file_format=format_)
    preset = Preset(name="p", formats=PNG, **settings)

    alone = render_one(data, preset)

    assert alone == render_all(data, [preset]).renditions[0]


@pytest.mark.parametrize("settings", SETTINGS)
def test_of_a_part_the_file_is_what_an_original_of_only_these_pixels_gives(
    settings: dict[str, Any],
) -> None:
    whole = pattern(1000, 800)
    preset = Preset(name="p", formats=PNG, **settings)

    part = render_one(png(whole), preset, part=PART)

    cut = whole[PART.top : PART.top + PART.height, PART.left : PART.left + PART.width]
    alone = render_one(png(cut), preset)
    assert (part.width, part.height) == (alone.width, alone.height)
    assert np.abs(seen(part.data) - seen(alone.data)).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_part_is_measured_on_the_upright_original(orientation: int) -> None:
    upright = render_one(picture(1000, 800), Preset(name="p", width=100, formats=PNG), part=PART)

    turned = render_one(
        picture(1000, 800, orientation=orientation),
        Preset(name="p", width=100, formats=PNG),
        part=PART,
    )

    assert (turned.width, turned.height) == (100, 75)
    assert np.abs(seen(turned.data) - seen(upright.data)).mean() < 3


@pytest.mark.parametrize("orientation", [1, 6, 7])
def test_the_focus_of_an_original_is_where_it_was_in_a_part(orientation: int) -> None:
    data = picture(1000, 800, Format.PNG, orientation=orientation)
    right = Preset(
        name="p",
        width=50,
        height=300,
        fit=Fit.COVER,
        gravity=OriginalPoint(x=0.65, y=0.5),
        formats=PNG,
    )

    made = render_one(data, right, part=PART)

    # The part is from 300 to 700: the focus, at 650, stands at 350 of its 400 pixels.
    box = Region(left=PART.left + 325, top=PART.top, width=50, height=300)
    expected = render_one(data, Preset(name="p", formats=PNG), part=box)
    assert np.abs(seen(made.data) - seen(expected.data)).max() <= 1


def test_a_part_beyond_the_edges_is_what_is_there() -> None:
    region = Region(left=500, top=0, width=9_000, height=9_000)

    made = render_one(picture(600, 400), Preset(name="p", formats=PNG), part=region)

    assert (made.width, made.height) == (100, 400)


@pytest.mark.parametrize("kept", [1_000_000, 0])
def test_a_part_of_an_animation_is_of_every_frame_however_large_they_are(
    kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame_stream, "_MOST_PIXELS_KEPT", kept)
    monkeypatch.setattr(pipeline, "_MOST_PIXELS_KEPT", kept)
    data = picture(120, 100, Format.GIF, frames=9)
    preset = Preset(name="p", width=20, formats=(Encoding(format=Format.GIF),))

    made = render_one(data, preset, part=Region(left=20, top=0, width=100, height=100))

    assert (made.width, made.height, made.frames) == (20, 20, 9)


@pytest.mark.parametrize(
    "settings",
    [
        {"width": 300, "height": 300, "fit": Fit.FILL, "enlarge": True},
        {"width": 300, "height": 300, "fit": Fit.CONTAIN},
        {"width": 300, "enlarge": True},
    ],
)
def test_a_file_may_have_no_more_pixels_than_an_original(settings: dict[str, Any]) -> None:
    preset = Preset(name="p", **settings)

    with pytest.raises(errors.TooManyPixelsError, match=r"0\.1 megapixels; the limit is 0\.08"):
        render_one(picture(200, 200), preset, Limits(max_pixels=80_000))


def test_all_frames_of_a_file_count() -> None:
    data = picture(20, 20, Format.GIF, frames=10)
    animated = Preset(name="p", width=100, enlarge=True, formats=(Encoding(format=Format.WEBP),))

    with pytest.raises(errors.TooManyPixelsError):
        render_one(data, animated, Limits(max_pixels=99_999))
    assert render_one(data, animated, Limits(max_pixels=100_000)).frames == 10
