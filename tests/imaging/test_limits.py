"""Limits: each refuses what is over it, by the header, with both numbers; and time ends."""

from __future__ import annotations

from itertools import chain, repeat

import pytest

from tests.pictures import picture
from tintype.imaging import Format, Limits, Preset, describe, errors, render_all
from tintype.imaging.vips import Deadline, pyvips

PHOTO = picture(100, 50)
MOVING = picture(10, 10, Format.GIF, frames=5)


@pytest.mark.parametrize(
    ("data", "limits", "error", "message"),
    [
        (
            PHOTO,
            Limits(max_bytes=100),
            errors.TooManyBytesError,
            r"[\d,]+ bytes; the limit is 100$",
        ),
        (
            PHOTO,
            Limits(max_pixels=4999),
            errors.TooManyPixelsError,
            r"0\.0 megapixels; the limit is 0\.004999$",
        ),
        (PHOTO, Limits(max_side=99), errors.SideTooLongError, r"100 x 50 .* the limit .* 99$"),
        (MOVING, Limits(max_pixels=99), errors.TooManyPixelsError, r"megapixels"),
    ],
)
def test_what_is_over_a_limit_is_refused_with_the_limit(
    data: bytes, limits: Limits, error: type[errors.ImagingError], message: str
) -> None:
    with pytest.raises(error, match=message):
        describe(data, limits)


def test_what_is_exactly_at_every_limit_is_rendered() -> None:
    limits = Limits(max_bytes=len(MOVING), max_pixels=500, max_side=10, max_frames=5)

    assert describe(MOVING, limits).frames == 5


def test_time_that_is_over_stops_the_work_and_says_so() -> None:
    clock = chain([0.0], repeat(31.0))

    deadline = Deadline(30, clock=lambda: next(clock))

    with pytest.raises(errors.TimeLimitError, match="not finished within the limit of 30 seconds"):
        deadline.check()


def test_an_evaluation_is_stopped_at_its_deadline() -> None:
    endless = pyvips.Image.perlin(20_000, 20_000, cell_size=8)

    with (
        Deadline(0.05) as deadline,
        pytest.raises(errors.TimeLimitError),
        deadline.stopping(endless),
    ):
        endless.copy_memory()


def test_a_rendering_over_its_time_ends_in_the_time_limit() -> None:
    slow = Preset(name="p", width=6000, height=6000, enlarge=True, blur=100)

    with pytest.raises(errors.TimeLimitError):
        render_all(PHOTO, [slow], Limits(timeout_seconds=0.1))


def test_avif_of_ten_bits_has_a_lower_limit_of_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of eight bits with as many pixels is accepted."""
    eight, ten = (
        pyvips.Image.black(40, 40, bands=3)
        .copy(interpretation="srgb")
        .heifsave_buffer(compression="av1", bitdepth=bits, effort=0)
        for bits in (8, 10)
    )
    assert describe(ten).format is Format.AVIF
    monkeypatch.setattr("tintype.imaging.original._MOST_PIXELS_DEEP_AVIF", 40 * 40 - 1)

    assert describe(eight).format is Format.AVIF
    with pytest.raises(errors.TooManyPixelsError, match="the limit for AVIF of 10 bits"):
        describe(ten)
