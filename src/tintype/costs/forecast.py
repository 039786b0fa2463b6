"""Forecast of an original's renditions: their pixels, bytes and processing time. Pure.

Based on measurements of camera JPEGs (`tintype.costs.measured`), for `tintype.costs.bill`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tintype.config import Config
from tintype.costs import measured
from tintype.imaging import Encoding, Format, Preset
from tintype.imaging.geometry import Size, adds_pixels, lay_out

ONE_PROCESSOR_MIB = 1_769  # the Lambda memory that comes with one processor
ASPECT = 1.5  # of a camera picture


@dataclass(frozen=True, slots=True)
class File:
    """A forecast rendition: preset and format, pixels, bytes."""

    preset: str
    format: Format
    pixels: int
    bytes: float


def original_size(original_bytes: float) -> Size:
    """Return the dimensions of a camera JPEG with this many bytes."""
    pixels = original_bytes / measured.BYTES_PER_PIXEL.value
    height = math.sqrt(pixels / ASPECT)
    return Size(max(1, round(height * ASPECT)), max(1, round(height)))


def renditions(presets: Sequence[Preset], original_bytes: float) -> tuple[File, ...]:
    """Return the renditions of an original of this size, at the default efforts and qualities."""
    source = original_size(original_bytes)
    return tuple(
        _file(preset, encoding, source)
        for preset in presets
        if adds_pixels(source, preset)
        for encoding in _written(preset)
    )


def _written(preset: Preset) -> Sequence[Encoding]:
    """Return the formats for a photograph; with `auto` the first, which suits all photographs."""
    return preset.formats[:1] if preset.auto else preset.formats


def _file(preset: Preset, encoding: Encoding, source: Size) -> File:
    canvas = lay_out(source, preset).canvas
    pixels = canvas.width * canvas.height
    size = encoding.format.cost.bytes_of(pixels)
    return File(preset.name, encoding.format, pixels, min(size, encoding.max_bytes or size))


def process_milliseconds(config: Config, original_bytes: float) -> float:
    """Return how long a warm process function runs for one original.

    Up to two processors share the encoding; below one, the time is inversely proportional to the
    share.
    """
    source = original_size(original_bytes)
    files = renditions(config.presets, original_bytes)
    cpu = source.width * source.height / 1e6 * measured.DECODE_MS.value + sum(
        file.pixels / 1e6 * file.format.cost.milliseconds for file in files
    )
    processors = config.service.process_memory_mib / ONE_PROCESSOR_MIB
    at_best = measured.TWO_THREADS.value if processors > 1 else 1.0
    wall = cpu * measured.LAMBDA_CPU.value * max(at_best, 1 / processors)
    return wall + measured.OVERHEAD_MS.value
