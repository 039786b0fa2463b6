"""What was measured of Tintype, for whoever counts with it: each number with its source and its day.

`python -m benchmarks.cost` measures the first of these again. Those of `ASSUMED` nobody has measured on
AWS; `tintype cost` says so, and takes better ones as options.
"""

from __future__ import annotations

from dataclasses import dataclass

from tintype.imaging import Format


@dataclass(frozen=True, slots=True)
class Fact:
    """A number, its unit, and where it comes from."""

    value: float
    unit: str
    source: str
    day: str  # ISO 8601


@dataclass(frozen=True, slots=True)
class Written:
    """What a format costs at its default effort and quality.

    *milliseconds* of one processor for a megapixel; a file of n pixels has *factor* × n ** *exponent*
    bytes.
    """

    milliseconds: float
    factor: float
    exponent: float

    def bytes_of(self, pixels: float) -> float:
        """Return how large a file of so many pixels is."""
        return float(self.factor * pixels**self.exponent)


_COST = "python -m benchmarks.cost, three camera JPEGs of 12, 16 and 22 megapixels, x86_64"
_COLD = "python -m benchmarks.cold, x86_64"
_LIVE = "a local cloud's own log lines"
_NOT_MEASURED = "not measured on AWS"

DECODE_MS = Fact(8.5, "ms of CPU a megapixel of the original", _COST, "2026-11-21")
WRITTEN: dict[Format, Written] = {
    Format.JPEG: Written(4.2, 1.879, 0.769),
    Format.WEBP: Written(28.6, 3.967, 0.685),
    Format.AVIF: Written(28.9, 2.876, 0.692),
    Format.PNG: Written(38.4, 3.987, 0.940),
    Format.GIF: Written(229.4, 1.057, 0.949),
}
BYTES_PER_PIXEL = Fact(0.2, "bytes a pixel of a camera's JPEG", _COST, "2026-11-21")
TWO_THREADS = Fact(0.57, "wall time of two threads ÷ one", "docs/benchmarks.md", "2026-11-21")
COLD_MS = {
    "api": Fact(112, "ms of CPU", _COLD, "2026-11-21"),
    "develop": Fact(164, "ms of CPU", _COLD, "2026-11-21"),
    "catalogue": Fact(109, "ms of CPU", _COLD, "2026-11-21"),
}
LOG_BYTES = {
    "api": Fact(810, "bytes a run, with CloudWatch's own 26 a line", _LIVE, "2026-11-21"),
    "develop": Fact(710, "bytes a run, with CloudWatch's own 26 a line", _LIVE, "2026-11-21"),
    "catalogue": Fact(720, "bytes a run, with CloudWatch's own 26 a line", _LIVE, "2026-11-21"),
}
RECORD_BYTES = Fact(1_600, "bytes of a READY record with six renditions", _LIVE, "2026-11-21")
MANIFEST_BYTES = Fact(2_200, "bytes of a manifest with six renditions", _LIVE, "2026-11-21")

# One of Lambda's arm64 processors is taken for one of the machine's that measured.
LAMBDA_CPU = Fact(1.0, "time on Lambda ÷ time measured", _NOT_MEASURED, "2026-11-21")
AROUND_MS = Fact(150, "ms around the rendering: S3 and SQS", _NOT_MEASURED, "2026-11-21")
API_MS = Fact(15, "ms a request, at 512 MiB", _NOT_MEASURED, "2026-11-21")
CATALOGUE_MS = Fact(40, "ms a record, at 512 MiB", _NOT_MEASURED, "2026-11-21")
COLD_SHARE = Fact(0.01, "of all runs are cold starts", _NOT_MEASURED, "2026-11-21")
ASSUMED = (LAMBDA_CPU, AROUND_MS, API_MS, CATALOGUE_MS, COLD_SHARE)
