"""`python -m benchmarks.memory`: the peak of the largest originals that the limits allow.

Each original of 100 megapixels is rendered by the presets of `tintype.toml` in a process of its own,
with one thread and with two, by glibc's settings of the functions; the peak is that of the whole
process, its file of a few megabytes included. What it says stands in tintype.toml beside `process_memory_mib`.
"""

from __future__ import annotations

import argparse
import os
import resource
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import pyvips
from PIL import Image

from tintype import config
from tintype.imaging import Encoding, Format, Limits, Preset, render_all

Result = TypeVar("Result")

_SIDE = 9_990  # pixels; with its square below the limit of 100 megapixels
_JPEG_2000_SIDE = 7_070  # which may have half as many
_FRAMES, _FRAME_SIDE = 199, 708
_SECONDS = 900  # what the engine may take at most: here it is memory that counts


def _ramp(width: int, height: int, bands: int) -> pyvips.Image:
    across = pyvips.Image.xyz(width, height)
    image = ((across[0] + across[1]) / 41) % 251
    for more in ((across[1] / 7) % 253, (across[0] / 23) % 241, (across[1] / 300) % 2 * 255)[
        : bands - 1
    ]:
        image = image.bandjoin(more)
    return image.cast("uchar").copy(interpretation="srgb")


def _still(
    suffix: str, bands: int = 3, *, deep: bool = False, **options: object
) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        image = _ramp(_SIDE, _SIDE, bands)
        if deep:
            image = (image.cast("ushort") * 257).copy(interpretation="rgb16")
        path.write_bytes(image.write_to_buffer(suffix, **options))

    return write


def _moving(suffix: str, bands: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        strip = _ramp(_FRAME_SIDE, _FRAME_SIDE * _FRAMES, bands).copy()
        strip.set_type(pyvips.GValue.gint_type, "page-height", _FRAME_SIDE)
        path.write_bytes(strip.write_to_buffer(suffix, effort=1))

    return write


def _jpeg_2000(path: Path) -> None:
    image = _ramp(_JPEG_2000_SIDE, _JPEG_2000_SIDE, 4)
    pixels = bytes(image.write_to_memory())
    picture = Image.frombuffer("RGBA", (image.width, image.height), pixels, "raw", "RGBA", 0, 1)
    picture.save(path, "JPEG2000", irreversible=True, quality_layers=[60])


ORIGINALS: dict[str, Callable[[Path], None]] = {
    "JPEG": _still(".jpg", Q=75),
    "JPEG, progressive": _still(".jpg", Q=75, interlace=True),
    "PNG": _still(".png", compression=1),
    "PNG, interlaced": _still(".png", compression=1, interlace=True),
    "PNG, interlaced, 16 bits, alpha": _still(".png", 4, deep=True, compression=1, interlace=True),
    "WebP, lossless, alpha": _still(".webp", 4, lossless=True, effort=0),
    "AVIF": _still(".avif", effort=0, Q=30),
    "JPEG 2000 of 50 megapixels, alpha": _jpeg_2000,
    "GIF, animated": _moving(".gif", 3),
    "GIF, animated, transparent": _moving(".gif", 4),
    "WebP, animated": _moving(".webp", 3),
}


def main() -> None:
    """Measure what is named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of: {'; '.join(ORIGINALS)}")
    parser.add_argument("--format", help="every rendition in this one format, as gif")
    asked = parser.parse_args()
    # A function does not read the file either, which would load the fonts of the watermark at once.
    settings = shipped(asked.format)
    os.environ.update(in_a_process(glibc_settings))
    print("| original of 100 megapixels | MB with one thread | with two |\n|---|---|---|")
    for name in asked.names or ORIGINALS:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "original"
            in_a_process(write_original, name, file)
            peaks = [in_a_process(peak_mb, file, *settings, threads) for threads in (1, 2)]
        print(f"| {name} | {' | '.join(f'{peak:.0f}' for peak in peaks)} |", flush=True)


def in_a_process(work: Callable[..., Result], *given: object) -> Result:
    """Return what *work* does in a fresh interpreter; its peak is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def write_original(name: str, file: Path) -> None:
    """Write the original of that name."""
    ORIGINALS[name](file)


def peak_mb(file: Path, presets: Sequence[Preset], limits: Limits, threads: int) -> float:
    """Render *file* and return this process's largest resident memory in MB."""
    render_all(file.read_bytes(), presets, limits, threads=threads)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def glibc_settings() -> dict[str, str]:
    """Return the functions' environment variables for glibc."""
    from tintype_infra.functions import MALLOC  # noqa: PLC0415 - with it comes the CDK

    return MALLOC


def shipped(one_format: str | None) -> tuple[Sequence[Preset], Limits]:
    """Return the presets and the limits of `tintype.toml`, the presets with one format if it is given."""
    settings = config.load(config.shipped())
    presets = settings.presets
    if one_format is not None:
        formats = (Encoding(format=Format(one_format)),)
        presets = tuple(replace(preset, formats=formats) for preset in presets)
    return presets, replace(settings.limits, timeout_seconds=_SECONDS, max_bytes=1 << 30)


if __name__ == "__main__":
    main()
