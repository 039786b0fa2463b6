"""Large animations are decoded a frame at a time, and come out as small ones do."""

from __future__ import annotations

import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pytest
from PIL import Image

from tests.pictures import original
from tintype.config.service import Service
from tintype.constraints import Range
from tintype.imaging import (
    ColourSpace,
    Encoding,
    Fit,
    Format,
    Gravity,
    Preset,
    RenderedFile,
    frame_stream,
    pipeline,
    render_all,
)
from tintype.imaging.presets import DEFAULT_LIMITS

MOVING = (Encoding(format=Format.WEBP), Encoding(format=Format.GIF), Encoding(format=Format.PNG))
PRESETS = (
    Preset(name="as-it-is", formats=MOVING),
    Preset(name="small", width=60, formats=MOVING),
    Preset(
        name="smart", width=64, height=64, fit=Fit.COVER, gravity=Gravity.ATTENTION, formats=MOVING
    ),
    Preset(name="turned", width=80, rotate=90, flip=True, formats=MOVING),
    Preset(name="tilted", width=80, rotate=10, formats=MOVING),
    Preset(name="trimmed", width=90, trim=10, formats=MOVING),
    Preset(name="still", width=80, animate=False, formats=MOVING),
    Preset(name="wide", width=80, colour_space=ColourSpace.P3, formats=MOVING),
)


@pytest.mark.parametrize(
    "name", ["GIF, animated", "WebP, animated", "AVIF, animated", "PNG, animated with alpha"]
)
@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_large_animation_comes_out_as_a_small_one(
    name: str, preset: Preset, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = original(name)
    kept = render_all(data, [preset])

    monkeypatch.setattr(frame_stream, "_MOST_PIXELS_KEPT", 0)
    monkeypatch.setattr(pipeline, "_MOST_PIXELS_KEPT", 0)
    streamed = render_all(data, [preset], threads=2)

    assert [facts(one) for one in streamed.renditions] == [facts(one) for one in kept.renditions]
    assert streamed.description == kept.description


def test_small_renditions_of_a_large_animation_are_rendered_once_for_all_formats(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data, frames_at, decoded = original("GIF, animated"), frame_stream.FrameStream.frames_at, []
    kept = render_all(data, [PRESETS[1]])

    def counted(stream: frame_stream.FrameStream, scale: float, *, moving: bool) -> Any:
        decoded.append(moving)
        return frames_at(stream, scale, moving=moving)

    monkeypatch.setattr(frame_stream, "_MOST_PIXELS_KEPT", 0)
    monkeypatch.setattr(frame_stream.FrameStream, "frames_at", counted)
    streamed = render_all(data, [PRESETS[1]])

    assert decoded == [True]  # for all three formats
    assert [facts(one) for one in streamed.renditions] == [facts(one) for one in kept.renditions]


@pytest.mark.parametrize("alpha", [(), (255,), (128,)], ids=["opaque", "alpha", "half"])
@pytest.mark.parametrize("colour_space", [ColourSpace.SRGB, ColourSpace.P3])
def test_what_changes_slowly_in_an_animated_webp_keeps_up(
    colour_space: ColourSpace, alpha: tuple[int, ...]
) -> None:
    """libwebp keeps a pixel that is about as in the frame before, and so would never follow a fade."""
    opacity = alpha[0] / 255 if alpha else 1
    # Greys have the same numbers in both spaces.
    mode = "RGBA" if alpha else "RGB"
    frames = [Image.new(mode, (64, 48), (*[200 - 3 * number] * 3, *alpha)) for number in range(40)]
    for number, frame in enumerate(frames):  # Frames that are alike would be joined.
        frame.paste("white", (number, 0, number + 4, 4))
    file = BytesIO()
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:], duration=40)
    preset = Preset(
        name="p",
        colour_space=colour_space,
        keep_ai_label=True,
        formats=(Encoding(format=Format.WEBP),),
    )

    (made,) = render_all(file.getvalue(), [preset]).renditions

    seen = Image.open(BytesIO(made.data))
    apart = []
    for number, frame in enumerate(frames):
        seen.seek(number)
        shown, meant = (np.asarray(one.convert("RGB")).astype(int) for one in (seen, frame))
        apart.append(np.abs(shown - meant).mean() * opacity)
    assert max(apart) < 8


@pytest.mark.parametrize(("format_", "loop"), [("GIF", 65_535), ("PNG", 2**32 - 1)])
def test_an_animation_that_repeats_more_often_than_a_webp_can_comes_out(
    format_: str, loop: int
) -> None:
    """A GIF can be shown 65,536 times, and a PNG four billion; a WebP has 16 bits for the number."""
    first, second = (Image.new("RGB", (64, 48), colour) for colour in ("red", "blue"))
    file = BytesIO()
    first.save(file, format_, save_all=True, append_images=[second], duration=120, loop=loop)

    (made,) = render_all(file.getvalue(), [Preset(name="p", formats=MOVING[:1])]).renditions

    assert Image.open(BytesIO(made.data)).info["loop"] == 65_535


@pytest.mark.parametrize("format_", [Format.WEBP, Format.AVIF, Format.GIF])
def test_a_frame_may_be_meant_to_stand_for_eighteen_hours(format_: Format) -> None:
    """As 65,535 seconds of an APNG; forty of them are more milliseconds than a WebP can count."""
    frames = [Image.new("RGB", (8, 8), (6 * number, 9, 9)) for number in range(40)]
    file = BytesIO()
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:], duration=65_535_000)
    formats = (Encoding(format=format_),)
    preset = Preset(name="p", animate_avif=format_ is Format.AVIF, formats=formats)

    (made,) = render_all(file.getvalue(), [preset]).renditions

    assert made.frames == 40
    seen = Image.open(BytesIO(made.data))
    seen.seek(1)
    seen.load()
    assert seen.info["duration"] == 655_350


def facts(rendition: RenderedFile) -> tuple[str, int, int, int, bytes]:
    size = (rendition.width, rendition.height, rendition.frames)
    return (rendition.filename, *size, rendition.data)


(LEAST_MEMORY,) = (
    one
    for one in get_type_hints(Service, include_extras=True)["process_memory_mib"].__metadata__
    if isinstance(one, Range)
)
PROGRAM = """
from pathlib import Path
from tests.hostile.gifs import moving
from tintype import config
from tintype.imaging import Limits, render_all

presets = config.load(Path("tintype.toml")).presets
result = render_all(moving({frames}, {side}, {side}), presets, Limits(timeout_seconds=900), threads=2)
status = Path("/proc/self/status").read_text()  # ru_maxrss would be the peak of the tests' process, if higher
peak = int(status.partition("VmHWM:")[2].split()[0]) // 1024
print(peak, max(one.frames for one in result.renditions))
"""


def test_the_largest_animation_that_is_allowed_needs_what_is_said_of_it() -> None:
    """The figure stands in tintype.toml, and the smallest function holds it."""
    text = Path("tintype.toml").read_text(encoding="utf-8")
    said = re.search(r"an animation of 100 megapixels up to (\d+) MB", text.replace("\n# ", " "))
    side = 317
    frames = DEFAULT_LIMITS.max_pixels // side**2

    program = PROGRAM.format(frames=frames, side=side)
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)  # noqa: S603
    peak, moved = map(int, output.stdout.split())

    assert said is not None
    assert moved == frames > DEFAULT_LIMITS.max_frames - 9
    assert peak * 1.048576 <= int(said[1]) < LEAST_MEMORY.low - 200  # for the interpreter and S3
