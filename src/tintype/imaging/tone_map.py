"""Tone mapping: from high dynamic range (ITU-R BT.2100, PQ or HLG) to that of a screen.

The curve is the reference white tone mapping operator of SMPTE ST 2094-50 (annex D), which Chromium
uses for pictures that bring none of their own: below reference white all light keeps its
proportions, and what is above rolls off to the peak. One gain for all three channels, found from
the brightest of them in Rec. 2020, keeps the hue. Colours outside the screen's gamut are clipped.
"""

from __future__ import annotations

from functools import lru_cache
from math import log2

from tintype.imaging.cicp import P3_PRIMARIES, REC_2020_PRIMARIES, SRGB_PRIMARIES, HdrTransfer
from tintype.imaging.matrices import rgb_to_rgb
from tintype.imaging.presets import ColourSpace
from tintype.imaging.signals import SourceColour
from tintype.imaging.vips import pyvips

REFERENCE_WHITE = 203.0  # nits (ITU-R BT.2408)
_PQ_PEAK, _HLG_PEAK = 10_000.0, 1000.0  # nits
_HLG_GAMMA = 1.2  # for a screen of that peak (BT.2100, table 5)
_REC_2020_LUMINANCE = (0.2627, 0.6780, 0.0593)
_GAMUTS = {ColourSpace.SRGB: SRGB_PRIMARIES, ColourSpace.P3: P3_PRIMARIES}
_KAPPA = 0.65  # how far the middle control point is from the knee
_STEPS, _BYTE = 65_536, 255
_BRIGHTEST = _PQ_PEAK / REFERENCE_WHITE


def tone_mapped(
    image: pyvips.Image, colour: SourceColour, space: ColourSpace, *, bits: int, deep: bool = False
) -> pyvips.Image:
    """Return an HDR picture of three bands as values in *space*, of 8 bits, or *deep*: of 16.

    16-bit pixels hold *bits* bits, from the top. Light is relative to reference white.
    """
    assert colour.hdr is not None  # noqa: S101 - for the type checker
    top = _BYTE if image.format == "uchar" else (2**bits - 1) << (16 - bits)
    light = image.maplut(_light_of(colour.hdr, top))
    if colour.primaries != REC_2020_PRIMARIES:
        light = _times(light, rgb_to_rgb(colour.primaries, REC_2020_PRIMARIES))
    if colour.hdr is HdrTransfer.HLG:
        light = _displayed(light)
    brightest = light.extract_band(0).maxpair(light.extract_band(1)).maxpair(light.extract_band(2))
    place = (brightest / _BRIGHTEST) ** 0.5 * (_STEPS - 1)
    mapped = light * place.cast("ushort").maplut(_gains(colour.peak))
    linear = _times(mapped, rgb_to_rgb(REC_2020_PRIMARIES, _GAMUTS[space]))
    return linear.copy(interpretation="scrgb").colourspace("rgb16" if deep else "srgb")


def _times(image: pyvips.Image, matrix: tuple[tuple[float, ...], ...]) -> pyvips.Image:
    return image.recomb(pyvips.Image.new_from_list([list(row) for row in matrix]))


def _displayed(scene: pyvips.Image) -> pyvips.Image:
    """Return the light of HLG's reference screen (BT.2100, table 5: the OOTF)."""
    luminance = _times(scene, (_REC_2020_LUMINANCE,))
    return scene * (luminance ** (_HLG_GAMMA - 1)) * (_HLG_PEAK / REFERENCE_WHITE)


@lru_cache(maxsize=4)
def _light_of(transfer: HdrTransfer, top: int) -> pyvips.Image:
    """Return the table from stored values to light: of the screen for PQ, of the scene for HLG."""
    values = pyvips.Image.identity(ushort=top > _BYTE).cast("double") / top
    signal = (values > 1).ifthenelse(1, values)
    table = _pq(signal) if transfer is HdrTransfer.PQ else _hlg(signal)
    return table.cast("float").copy_memory()


def _pq(signal: pyvips.Image) -> pyvips.Image:
    """Return the light of PQ (BT.2100, table 4: the EOTF)."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = signal ** (1 / m2)
    above = root - c1
    ratio = (above < 0).ifthenelse(0, above) / (c2 - root * c3)
    return ratio ** (1 / m1) * (_PQ_PEAK / REFERENCE_WHITE)


def _hlg(signal: pyvips.Image) -> pyvips.Image:
    """Return the scene light of HLG, 0 to 1 (BT.2100, table 5: the inverse OETF)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return (signal <= 0.5).ifthenelse(signal**2 / 3, (((signal - c) / a).exp() + b) / 12)  # noqa: PLR2004


@lru_cache(maxsize=4)
def _gains(peak: float) -> pyvips.Image:
    """Return the table from the root of light (its index) to the gain, for a peak in nits.

    The roll-off is a quadratic Bézier curve from reference white (1, *knee*) to (*brightest*, 1).
    """
    if peak <= REFERENCE_WHITE:
        return (pyvips.Image.identity(ushort=True) * 0 + 1).cast("float").copy_memory()
    headroom = log2(peak / REFERENCE_WHITE)
    knee = 1 - 0.5 * min(headroom / log2(_HLG_PEAK / REFERENCE_WHITE), 1.0)
    brightest = 2**headroom
    x_middle = 1 - _KAPPA + _KAPPA / knee
    y_middle = (1 - _KAPPA) * knee + _KAPPA
    light = (pyvips.Image.identity(ushort=True).cast("double") / (_STEPS - 1)) ** 2 * _BRIGHTEST
    a, b = 1 - 2 * x_middle + brightest, 2 * (x_middle - 1)
    # Solve x(t) = light for t.
    t = (light - 1) * 2 / ((b * b + 4 * a * (light - 1)) ** 0.5 + b)
    y = (knee - 2 * y_middle + 1) * t**2 + 2 * (y_middle - knee) * t + knee
    gain = (light <= 1).ifthenelse(knee, (light >= brightest).ifthenelse(1, y) / light)
    return gain.cast("float").copy_memory()
