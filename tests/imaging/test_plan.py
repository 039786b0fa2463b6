"""The plan: one decode, as small as the largest rendition allows and no smaller."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.pictures import picture
from tintype.imaging import (
    Encoding,
    Extend,
    Fit,
    Format,
    Gravity,
    Limits,
    Preset,
    Region,
    Watermark,
    errors,
    render_all,
)
from tintype.imaging.original import open_original
from tintype.imaging.plan import MARGIN, plan
from tintype.imaging.pyramid import Pyramid
from tintype.imaging.vips import pyvips

LARGE = open_original(picture(2000, 1000), Limits())
MOVING = open_original(picture(64, 64, Format.GIF, frames=5), Limits())


@pytest.mark.parametrize(
    ("width", "shrink"),
    [(2000, 1), (1000, 1), (510, 1), (500, 2), (260, 2), (250, 4), (125, 8), (100, 8), (10, 8)],
)
def test_the_decode_is_shrunk_as_far_as_the_margin_allows(width: int, shrink: int) -> None:
    planned = plan(LARGE, [Preset(name="p", width=width)], described=True)

    assert planned.shrink == shrink


def test_the_largest_rendition_decides() -> None:
    presets = [Preset(name=f"w{width}", width=width) for width in (50, 500, 125)]

    assert plan(LARGE, presets, described=True).shrink == 2


def test_a_small_part_of_the_original_needs_more_of_it() -> None:
    whole = Preset(name="p", width=100)
    part = Preset(name="p", width=100, extract=Region(left=0, top=0, width=200, height=200))

    assert plan(LARGE, [whole], described=True).shrink == 8
    assert plan(LARGE, [part], described=True).shrink == 1


def test_cover_needs_enough_for_its_shorter_side() -> None:
    square = Preset(name="p", width=250, height=250, fit=Fit.COVER)

    assert plan(LARGE, [square], described=True).shrink == 2


def test_trim_is_decoded_whole() -> None:
    assert plan(LARGE, [Preset(name="p", width=10, trim=10)], described=True).shrink == 1


@pytest.mark.parametrize(
    ("preset", "frames"),
    [
        (Preset(name="p", formats=(Encoding(format=Format.WEBP),)), 5),
        (Preset(name="p", formats=(Encoding(format=Format.JPEG),)), 1),
        (Preset(name="p", formats=(Encoding(format=Format.WEBP),), animate=False), 1),
    ],
)
def test_frames_are_decoded_only_for_those_who_show_them(preset: Preset, frames: int) -> None:
    assert plan(MOVING, [preset], described=True).frames == frames


def test_a_large_base_is_resized_to_the_margin(monkeypatch: pytest.MonkeyPatch) -> None:
    presets = [Preset(name="p", width=600, formats=(Encoding(format=Format.PNG),))]
    drawn = picture(2000, 1000)
    whole = render_all(drawn, presets).renditions[0].data
    assert plan(LARGE, presets, described=True).resize == 1
    monkeypatch.setattr("tintype.imaging.plan._MOST_PIXELS_KEPT", 1_900_000)

    planned = plan(LARGE, presets, described=True)
    assert planned.shrink == 1
    assert planned.resize == pytest.approx(MARGIN * 600 / 2000)
    smaller = pyvips.Image.new_from_buffer(render_all(drawn, presets).renditions[0].data, "")
    from_all = pyvips.Image.new_from_buffer(whole, "")
    assert (smaller.width, smaller.height) == (600, 300)
    assert 0 < (smaller - from_all).abs().avg() < 0.5


def test_base_that_is_no_larger_than_the_margin_is_not_resized(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tintype.imaging.plan._MOST_PIXELS_KEPT", 1_000)

    assert plan(LARGE, [Preset(name="p", width=1500)], described=True).resize == 1
    assert plan(LARGE, [Preset(name="p", width=10, trim=10)], described=True).resize == 1
    moving = open_original(picture(400, 300, Format.GIF, frames=2), Limits())
    frame, all_frames = (
        Preset(name="p", width=110, formats=(Encoding(format=one),))
        for one in (Format.JPEG, Format.GIF)
    )
    assert plan(moving, [frame], described=True).resize < 1
    assert plan(moving, [all_frames], described=True).resize == 1


def test_large_jpeg_without_its_end_is_refused_though_its_base_is_resized(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tintype.imaging.plan._MOST_PIXELS_KEPT", 100_000)
    drawn = picture(2000, 1000)

    with pytest.raises(errors.TruncatedImageError):
        render_all(drawn[: len(drawn) * 9 // 10], [Preset(name="p", width=600)])


def test_large_jpeg_without_its_last_rows_is_refused_before_they_are_mixed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tintype.imaging.plan._MOST_PIXELS_KEPT", 100_000)
    file = BytesIO()
    options = {"quality": 90, "subsampling": "4:4:4", "restart_marker_rows": 1}
    Image.new("RGB", (2000, 1000), "white").save(file, "JPEG", **options)
    whole = file.getvalue()
    restarts = [
        at for at in range(len(whole)) if whole[at] == 0xFF and 0xD0 <= whole[at + 1] < 0xD8
    ]
    presets = [Preset(name="p", width=280)]
    assert plan(open_original(whole, Limits()), presets, described=True).resize < 1

    with pytest.raises(errors.TruncatedImageError):
        render_all(whole[: restarts[-1] - 8] + b"\xff\xd9", presets)


def test_a_description_alone_decodes_almost_nothing() -> None:
    assert plan(LARGE, [], described=True).shrink == 8


def test_one_rendition_alone_reads_the_rows_as_they_are_decoded() -> None:
    alone = [Preset(name="p", width=100)]
    trimmed = [Preset(name="p", width=100, trim=5)]

    assert plan(LARGE, alone, described=False).streamed
    assert not plan(LARGE, alone, described=True).streamed
    assert not plan(LARGE, trimmed, described=False).streamed
    assert not plan(MOVING, alone, described=False).streamed


@pytest.mark.parametrize(
    "settings",
    [
        {"width": 100},
        {"width": 200, "height": 200, "fit": Fit.COVER, "gravity": Gravity.SOUTH_EAST},
        {"width": 90, "blur": 5, "flop": True, "corner_radius": 0.2, "extend": Extend(top=9)},
        {"width": 90, "watermark": Watermark(text="Tintype", tiled=True)},
        {"width": 90, "rotate": 90, "flip": True},
        {"width": 90, "height": 90, "fit": Fit.COVER, "gravity": Gravity.ENTROPY},
        {"width": 90, "extract": Region(left=300, top=200, width=900, height=500)},
    ],
)
@pytest.mark.parametrize("orientation", [1, 3, 6, 7])
def test_a_streamed_rendition_is_the_same_file(settings: dict[str, Any], orientation: int) -> None:
    data = picture(1000, 800, orientation=orientation)
    preset = Preset(name="p", **settings)

    streamed = render_all(data, [preset], describe=False)
    kept = render_all(data, [preset, Preset(name="q", width=settings["width"])], describe=False)

    assert streamed.renditions[0] == kept.renditions[0]


def test_a_streamed_original_that_is_broken_within_is_unreadable() -> None:
    data = picture(1000, 800)
    half = len(data) // 2
    broken = data[:half] + bytes(len(data) - half - 2) + data[-2:]

    with pytest.raises(errors.ImagingError) as caught:
        render_all(broken, [Preset(name="p", width=100)], describe=False)

    assert caught.value.code in {"unreadable_image", "truncated_image"}


def test_a_pyramid_gives_the_smallest_level_that_is_large_enough() -> None:
    frames = (pyvips.Image.black(800, 400, bands=3),)
    pyramid = Pyramid(frames, LARGE.upright)

    widths = {scale: pyramid.at(scale)[0].width for scale in (1, 0.2, 0.1, 0.05, 0.001)}

    assert widths[1] == 800
    assert all(width >= min(800, scale * MARGIN * 2000) for scale, width in widths.items())
    assert widths == {1: 800, 0.2: 800, 0.1: 400, 0.05: 200, 0.001: 7}


def test_renditions_made_together_are_as_good_as_those_made_alone() -> None:
    data = picture(2000, 1000)
    presets = [
        Preset(name=f"w{width}", width=width, formats=(Encoding(format=Format.PNG),))
        for width in (900, 300, 40)
    ]

    together = render_all(data, presets, describe=False).renditions
    alone = [render_all(data, [preset], describe=False).renditions[0] for preset in presets]

    for one, other in zip(together, alone, strict=True):
        first, second = (pyvips.Image.pngload_buffer(found.data) for found in (one, other))
        assert (first - second).abs().avg() < 2
