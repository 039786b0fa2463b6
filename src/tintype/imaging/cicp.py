"""Coding-independent code points (ITU-T H.273): primaries and transfer characteristics by number.

PNG's `cICP`, `nclx` of AVIF and HEIC and the `cicp` tag of ICC profiles use these numbers. They are
read as Chromium reads them, so that a rendition looks like its original does in a browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

Chromaticity = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Primaries:
    """The chromaticities (CIE 1931 x, y) of a colour space's red, green, blue and white."""

    red: Chromaticity
    green: Chromaticity
    blue: Chromaticity
    white: Chromaticity

    def is_close_to(self, other: Primaries) -> bool:
        """Whether both are the same but for rounding: by at most 0.002 in each coordinate."""
        points = zip(self._points, other._points, strict=True)
        return all(
            abs(a - b) <= _ROUNDING for one, two in points for a, b in zip(one, two, strict=True)
        )

    @property
    def _points(self) -> tuple[Chromaticity, ...]:
        return self.red, self.green, self.blue, self.white


@dataclass(frozen=True, slots=True)
class Curve:
    """A transfer curve from a value V to light, both 0 to 1.

    (`slope` × V + `offset`) ** `gamma` from `knee` on, and `start` × V below it: type 3 of ICC's
    parametric curves (ICC.1:2022, 10.18).
    """

    gamma: float
    slope: float = 1.0
    offset: float = 0.0
    start: float = 0.0
    knee: float = 0.0

    def light(self, value: float) -> float:
        """Return the light of a value.

        >>> round(SRGB_CURVE.light(0.5), 3)
        0.214
        """
        if value < self.knee:
            return self.start * value
        return float((self.slope * value + self.offset) ** self.gamma)


class HdrTransfer(StrEnum):
    """The transfer functions of ITU-R BT.2100 for high dynamic range."""

    PQ = "pq"
    HLG = "hlg"


Transfer = Curve | HdrTransfer

_ROUNDING = 0.002
_D65, _C, _E, _DCI = (0.3127, 0.3290), (0.310, 0.316), (1 / 3, 1 / 3), (0.314, 0.351)
_SMPTE_RGB = Primaries((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65)
_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))

SRGB_PRIMARIES = Primaries((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), _D65)
P3_PRIMARIES = Primaries(*_P3, _D65)
REC_2020_PRIMARIES = Primaries((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65)
ADOBE_RGB_PRIMARIES = Primaries((0.640, 0.330), (0.210, 0.710), (0.150, 0.060), _D65)

SRGB_CURVE = Curve(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
ADOBE_RGB_CURVE = Curve(2 + 51 / 256)
# What a screen makes of the curves of television's cameras (ITU-R BT.1886).
_SCREEN_CURVE = Curve(2.4)

PRIMARIES: Mapping[int, Primaries] = {
    1: SRGB_PRIMARIES,
    4: Primaries((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _C),
    5: Primaries((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65),
    6: _SMPTE_RGB,
    7: _SMPTE_RGB,
    8: Primaries((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C),
    9: REC_2020_PRIMARIES,
    10: Primaries((1.0, 0.0), (0.0, 1.0), (0.0, 0.0), _E),
    11: Primaries(*_P3, _DCI),
    12: P3_PRIMARIES,
    22: Primaries((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), _D65),
}
TELEVISION = frozenset({1, 6, 11, 14, 15})  # curves of BT.709, BT.601, xvYCC and BT.2020
TRANSFERS: Mapping[int, Transfer] = {
    **dict.fromkeys(TELEVISION, _SCREEN_CURVE),
    4: Curve(2.2),
    5: Curve(2.8),
    7: Curve(1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0913),
    8: Curve(1.0),
    13: SRGB_CURVE,
    16: HdrTransfer.PQ,
    17: Curve(2.6, (52.37 / 48) ** (1 / 2.6)),
    18: HdrTransfer.HLG,
}
