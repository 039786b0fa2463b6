"""Measurements of Tintype, each with its source and date.

`python -m benchmarks.cost` repeats the first of these, and the costs of the formats, which are in
`tintype.imaging.formats`. Those in `ASSUMED` were not measured on AWS; `tintype cost` says so, and
accepts better ones as options.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number, its unit and its source."""

    value: float
    unit: str
    source: str
    day: str  # ISO 8601


_COST = "python -m benchmarks.cost, three camera JPEGs of 12, 16 and 22 megapixels, x86_64"
_COLD = "python -m benchmarks.cold, x86_64"
_LIVE = "a local cloud's own log lines"
_NOT_MEASURED = "not measured on AWS"

DECODE_MS = Measurement(8.5, "ms of CPU a megapixel of the original", _COST, "2026-11-21")
BYTES_PER_PIXEL = Measurement(0.2, "bytes a pixel of a camera's JPEG", _COST, "2026-11-21")
TWO_THREADS = Measurement(
    0.57, "wall time of two threads ÷ one", "docs/explanation/benchmarks.md", "2026-11-21"
)
COLD_MS = {
    "api": Measurement(112, "ms of CPU", _COLD, "2026-11-21"),
    "process": Measurement(164, "ms of CPU", _COLD, "2026-11-21"),
    "catalogue": Measurement(109, "ms of CPU", _COLD, "2026-11-21"),
    "render": Measurement(164, "ms of CPU, as the process function's package", _COLD, "2026-11-21"),
}
LOG_BYTES = {
    "api": Measurement(810, "bytes a run, with CloudWatch's own 26 a line", _LIVE, "2026-11-21"),
    "process": Measurement(
        710, "bytes a run, with CloudWatch's own 26 a line", _LIVE, "2026-11-21"
    ),
    "catalogue": Measurement(
        720, "bytes a run, with CloudWatch's own 26 a line", _LIVE, "2026-11-21"
    ),
    "render": Measurement(810, "bytes a run, as the api function's line", _LIVE, "2026-11-21"),
}
RECORD_BYTES = Measurement(
    1_600, "bytes of a READY record with six renditions", _LIVE, "2026-11-21"
)
MANIFEST_BYTES = Measurement(2_200, "bytes of a manifest with six renditions", _LIVE, "2026-11-21")

# A Lambda arm64 processor is assumed to be as fast as one of the measuring machine's.
LAMBDA_CPU = Measurement(1.0, "time on Lambda ÷ time measured", _NOT_MEASURED, "2026-11-21")
OVERHEAD_MS = Measurement(150, "ms around the rendering: S3 and SQS", _NOT_MEASURED, "2026-11-21")
API_MS = Measurement(15, "ms a request, at 512 MiB", _NOT_MEASURED, "2026-11-21")
CATALOGUE_MS = Measurement(40, "ms a record, at 512 MiB", _NOT_MEASURED, "2026-11-21")
COLD_SHARE = Measurement(0.01, "of all runs are cold starts", _NOT_MEASURED, "2026-11-21")
ASSUMED = (LAMBDA_CPU, OVERHEAD_MS, API_MS, CATALOGUE_MS, COLD_SHARE)
