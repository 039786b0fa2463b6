"""ICC profiles, built from published numbers: ICC.1:2001-04 says how the bytes stand."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import pyvips

_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_D50 = np.array([0.9642, 1.0, 0.8249])
_D65 = (0.3127, 0.3290)

Chromaticity = tuple[float, float]


@cache
def display_p3() -> bytes:
    """Return Display P3 as screens and phones have it: DCI-P3 primaries, D65, the sRGB curve."""
    primaries = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
    return matrix_profile("Display P3", primaries, srgb_curve())


@cache
def adobe_rgb() -> bytes:
    """Return Adobe RGB (1998): its primaries, D65, and a gamma of 2 + 51/256."""
    primaries = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
    return matrix_profile("Adobe RGB (1998)", primaries, gamma_curve(2 + 51 / 256))


@cache
def swapped_rgb() -> bytes:
    """Return sRGB with red, green and blue taking turns, so that ignoring it is plain to see."""
    primaries = ((0.30, 0.60), (0.15, 0.06), (0.64, 0.33))
    return matrix_profile("Green Blue Red", primaries, srgb_curve())


@cache
def dark_grey() -> bytes:
    """Return a grey profile with a gamma of 1.2, far from the usual 2.2."""
    tags = {b"kTRC": gamma_curve(1.2)}
    return _profile(b"GRAY", "Grey gamma 1.2", tags)


@cache
def cmyk() -> bytes:
    """Return the press profile that libvips carries."""
    return builtin("cmyk")


def builtin(name: str) -> bytes:
    """Return a profile that libvips carries: `srgb`, `p3` or `cmyk`."""
    profile = pyvips.Operation.call("profile_load", name)
    assert isinstance(profile, bytes)
    return profile


def matrix_profile(name: str, primaries: Sequence[Chromaticity], curve: bytes) -> bytes:
    """Return an RGB profile with those primaries, a D65 white and one curve for all three."""
    columns = _to_d50(_primaries_to_xyz(primaries)).T
    tags = {
        kind: _xyz(column)
        for kind, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)
    }
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    return rgb_profile(name, tags)


def rgb_profile(name: str, tags: dict[bytes, bytes]) -> bytes:
    """Return an RGB profile of any tags."""
    return _profile(b"RGB ", name, tags)


def gamma_curve(gamma: float) -> bytes:
    """Return a curve that is a power."""
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


def srgb_curve() -> bytes:
    """Return the curve of IEC 61966-2-1 as a table of 1,024 values."""
    value = np.linspace(0, 1, 1024)
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return (
        b"curv\0\0\0\0" + struct.pack(">I", 1024) + np.round(light * 65535).astype(">u2").tobytes()
    )


def _primaries_to_xyz(primaries: Sequence[Chromaticity]) -> np.ndarray:
    """Return the matrix from linear RGB to XYZ whose white is D65."""
    unscaled = np.array([_chromaticity_to_xyz(point) for point in primaries]).T
    return unscaled * np.linalg.solve(unscaled, _chromaticity_to_xyz(_D65))


def _chromaticity_to_xyz(point: Chromaticity) -> np.ndarray:
    x, y = point
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _to_d50(matrix: np.ndarray) -> np.ndarray:
    """Return *matrix* for the profile's white, by Bradford's transform (ICC.1, annex E)."""
    cones_from, cones_to = _BRADFORD @ _chromaticity_to_xyz(_D65), _BRADFORD @ _D50
    adapted: np.ndarray = (
        np.linalg.inv(_BRADFORD) @ np.diag(cones_to / cones_from) @ _BRADFORD @ matrix
    )
    return adapted


def _xyz(values: Iterable[float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(value * 65536) for value in values))


def _text(name: str) -> bytes:
    text = name.encode("ascii") + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)


def _profile(space: bytes, name: str, tags: dict[bytes, bytes]) -> bytes:
    """Return a version 2 display profile: header, tag table, tags."""
    all_tags = {
        b"desc": _text(name),
        b"cprt": b"text\0\0\0\0No copyright\0",
        b"wtpt": _xyz(_D50),
        **tags,
    }
    table, body = b"", b""
    start = 128 + 4 + 12 * len(all_tags)
    for kind, tag in all_tags.items():
        table += struct.pack(">4sII", kind, start + len(body), len(tag))
        body += tag + bytes(-len(tag) % 4)
    header = struct.pack(">I4xI4s4s4s", start + len(body), 0x02400000, b"mntr", space, b"XYZ ")
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp")
    header = header.ljust(68, b"\0") + struct.pack(">iii", *(round(v * 65536) for v in _D50))
    return header.ljust(128, b"\0") + struct.pack(">I", len(all_tags)) + table + body
