"""The worker that holds our engine: `python -m benchmarks.tintype_worker`, then requests by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from benchmarks.protocol import Output, Request, serve
from tintype.imaging import Encoding, Fit, Format, Limits, Preset, Watermark, render_all

LIMITS = Limits(max_bytes=1_000_000_000)


def render(data: bytes, request: Request) -> Mapping[str, bytes]:
    """Run one job."""
    result = render_all(
        data,
        presets_of(request.outputs),
        LIMITS,
        threads=request.threads,
        describe=request.describe,
    )
    return {f"{one.preset}.{one.format}": one.data for one in result.renditions}


def presets_of(outputs: Iterable[Output]) -> tuple[Preset, ...]:
    """Return the presets that ask for *outputs*; neighbours of one geometry share a preset."""
    return tuple(
        _preset(tuple(group))
        for _, group in groupby(outputs, key=lambda output: output.name.split(".")[0])
    )


def _preset(outputs: tuple[Output, ...]) -> Preset:
    first = outputs[0]
    return Preset(
        name=first.name.split(".")[0],
        width=first.width,
        height=first.height,
        fit=Fit(first.fit),
        watermark=Watermark(text=first.text) if first.text else None,
        formats=tuple(
            Encoding(format=Format(output.format), quality=output.quality, effort=output.effort)
            for output in outputs
        ),
    )


if __name__ == "__main__":
    serve(render)
