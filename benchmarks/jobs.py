"""The jobs that every contender does: one cover, the default presets, a ladder of widths."""

from __future__ import annotations

from dataclasses import dataclass, replace

from benchmarks.protocol import Output
from tintype.imaging import Encoding, Format, Preset

LADDER_WIDTHS = (320, 640, 960, 1280, 1920)
LADDER_FORMATS = ("jpeg", "webp", "avif")


@dataclass(frozen=True, slots=True)
class Job:
    """The files to be made of one photograph, and how often that is measured."""

    name: str
    title: str
    outputs: tuple[Output, ...]
    rounds: int


def cover() -> Job:
    """Return the job of a thumbnail function: one square JPEG."""
    output = Output("cover.jpeg", "jpeg", 512, 512, "cover")
    return Job("cover", "One 512×512 cover JPEG", (output,), 15)


def ladder(widths: tuple[int, ...] = LADDER_WIDTHS) -> Job:
    """Return the job of a web page's `srcset`: every width in every format."""
    outputs = tuple(
        Output(f"w{width}.{format_}", format_, width)
        for width in widths
        for format_ in LADDER_FORMATS
    )
    title = f"A ladder: {', '.join(map(str, widths))} pixels wide × JPEG, WebP, AVIF"
    return Job("ladder", title, outputs, 3)


def presets(default_presets: tuple[Preset, ...]) -> Job:
    """Return the job that the service does for every upload unless it is told otherwise."""
    outputs = tuple(
        _output(preset, encoding)
        for preset in default_presets
        for encoding in (preset.formats[:1] if preset.auto else preset.formats)
    )
    return Job("presets", "The default presets", outputs, 3)


def warm_up() -> tuple[Output, ...]:
    """Return outputs that touch every encoder and the text of a watermark once."""
    marked = Output("marked.jpeg", "jpeg", 64, 64, "cover", "Warm")
    return (marked, *(Output(f"w64.{format_}", format_, 64) for format_ in LADDER_FORMATS))


def at_our_settings(output: Output) -> Output:
    """Return *output* with our quality and effort where its format has an effort.

    JPEG is left alone: qualities of different JPEG encoders are not comparable.
    """
    if output.format == "jpeg":
        return output
    defaults = Format(output.format).facts
    quality = defaults.quality if output.quality is None else output.quality
    effort = defaults.effort if output.effort is None else output.effort
    return replace(output, quality=quality, effort=effort)


def _output(preset: Preset, encoding: Encoding) -> Output:
    return Output(
        name=f"{preset.name}.{encoding.format}",
        format=encoding.format.value,
        width=preset.width or preset.height or 0,
        height=preset.height,
        fit=preset.fit.value,
        text=preset.watermark.text if preset.watermark else None,
        quality=encoding.quality if isinstance(encoding.quality, int) else None,
        effort=encoding.effort,
    )
