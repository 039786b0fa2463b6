"""Originals whose colours are signalled otherwise than by an ICC profile, and a strip of colours.

`signalled` names one of each kind. All show `strip`, whose numbers mean other colours in each; the
HDR ones show `hdr_strip`, in 16, 12 or 10 bits.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import numpy.typing as npt
import pillow_heif
import pyvips
from PIL import Image

from tests import profiles
from tests.pictures import Pixels, encode_sixteen_bits
from tests.wire import box, png_chunk, png_insert
from tintype.imaging.formats import Format

COLOURS = (
    *((200, 30, 30), (30, 160, 60), (40, 60, 200), (230, 180, 150), (110, 70, 50)),
    *((255, 255, 255), (190, 190, 190), (128, 128, 128), (60, 60, 60), (20, 20, 20)),
)
SIDE = 16  # pixels of a patch
NITS = (1, 5, 25, 75, 102, 203, 300, 500, 800, 1000, 2000, 4000)
_OFFSET_SIZES = b"\x44\x40"  # of `iloc` as libheif writes it: four bytes for each number
Wide = npt.NDArray[np.uint16]
ADOBE_RGB = (31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)
OF_SRGB = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)


def strip() -> Pixels:
    """Return one patch of each of `COLOURS`, side by side."""
    return np.array([COLOURS], np.uint8).repeat(SIDE, axis=0).repeat(SIDE, axis=1)


def hdr_strip() -> Wide:
    """Return patches of grey of `NITS` in PQ; then, whatever the curve, dark to bright colours."""
    greys = np.round(pq(np.array(NITS)) * 65535)
    levels = np.linspace(0, 65535, 12)
    hues = np.array([(1, 0.5, 0.7), (0.3, 1, 0.6), (0.6, 0.6, 1)])
    colours = (levels[None, :, None] * hues[:, None]).reshape(-1, 3)
    patches = np.concatenate([greys[:, None].repeat(3, axis=1), colours])
    return np.round(patches[None]).astype(np.uint16).repeat(SIDE, axis=0).repeat(SIDE, axis=1)


def pq(nits: npt.NDArray[np.int_]) -> npt.NDArray[np.float64]:
    """Return the PQ signal of luminances (ITU-R BT.2100, table 4: the inverse EOTF)."""
    y = (nits / 10000) ** (2610 / 16384)
    signal: npt.NDArray[np.float64] = ((3424 / 4096 + 2413 / 128 * y) / (1 + 2392 / 128 * y)) ** (
        2523 / 32
    )
    return signal


def patches(pixels: Pixels) -> Pixels:
    """Return the colour in the middle of each patch, patch × 3."""
    half = SIDE // 2
    return pixels[half, half::SIDE, :3]


def png(*chunks: bytes, mode: str = "RGB") -> bytes:
    """Return `strip` as a PNG with *chunks* before its pixels."""
    file = io.BytesIO()
    Image.fromarray(strip()).convert(mode).save(file, "PNG")
    return png_insert(file.getvalue(), *chunks)


def hdr_png(*chunks: bytes) -> bytes:
    """Return `hdr_strip` as a PNG of 16 bits."""
    return png_insert(encode_sixteen_bits(hdr_strip(), Format.PNG), *chunks)


def cicp(primaries: int, transfer: int, *, matrix: int = 0, full_range: int = 1) -> bytes:
    return png_chunk(b"cICP", bytes([primaries, transfer, matrix, full_range]))


def gama(value: int) -> bytes:
    return png_chunk(b"gAMA", struct.pack(">I", value))


def chrm(points: tuple[int, ...]) -> bytes:
    return png_chunk(b"cHRM", struct.pack(">8I", *points))


def iccp(profile: bytes) -> bytes:
    return png_chunk(b"iCCP", b"profile\0\0" + zlib.compress(profile))


def clli(nits: int) -> bytes:
    return png_chunk(b"cLLI", struct.pack(">II", nits * 10_000, 0))


def mdcv(nits: int) -> bytes:
    display = (35400, 14600, 8500, 39850, 6550, 2300, 15635, 16450, nits * 10_000, 50)
    return png_chunk(b"mDCV", struct.pack(">8HII", *display))


def avif(primaries: int, transfer: int, *, icc: bytes | None = None) -> bytes:
    """Return `strip` as an AVIF with those numbers in its `nclx`."""
    file = io.BytesIO()
    options = {"quality": 100, "subsampling": "4:4:4", "icc_profile": icc}
    Image.fromarray(strip()).save(file, "AVIF", **options)
    data = file.getvalue()
    at = data.index(b"colrnclx") + 8
    return data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]


def hdr_avif(primaries: int, transfer: int, *properties: bytes, bits: int = 10) -> bytes:
    """Return `hdr_strip` as an AVIF of 10 or 12 bits."""
    image = pyvips.Image.new_from_array(hdr_strip(), interpretation="rgb16")
    options = {"compression": "av1", "Q": 98, "subsample_mode": "off", "bitdepth": bits}
    data = pyvips.Operation.call("heifsave_buffer", image, **options)
    assert isinstance(data, bytes)
    return _with_properties(data, nclx(primaries, transfer), *properties)


def hdr_heic(primaries: int, transfer: int) -> bytes:
    """Return `hdr_strip` as a HEIC of 10 bits."""
    pixels = hdr_strip()
    size = (pixels.shape[1], pixels.shape[0])
    file = io.BytesIO()
    pillow_heif.from_bytes("RGB;16", size, pixels.tobytes()).save(
        file,
        quality=100,
        chroma=444,
        color_primaries=primaries,
        transfer_characteristics=transfer,
        matrix_coefficients=9,
        full_range_flag=1,
    )
    return file.getvalue()


def nclx(primaries: int, transfer: int) -> bytes:
    return box(b"colr", b"nclx", struct.pack(">HHHB", primaries, transfer, 6, 128))


def jpeg(exif_ifd: Mapping[int, object], *, icc: bytes | None = None) -> bytes:
    """Return `strip` as a JPEG with tags in its EXIF directory."""
    exif = Image.Exif()
    exif[0x0112], exif[0x8769] = 1, exif_ifd
    file = io.BytesIO()
    Image.fromarray(strip()).save(
        file, "JPEG", quality=100, subsampling=0, exif=exif, icc_profile=icc
    )
    return file.getvalue()


def _with_properties(heif: bytes, *properties: bytes) -> bytes:
    """Return a HEIF of libheif's with more properties of its first item (ISO/IEC 23008-12, 9.3)."""
    at = heif.index(b"ipma") - 4  # right behind `ipco`; its first item is at 16
    used = heif[at + 18]
    end = at + 19 + used
    more = len(properties)
    added = sum(map(len, properties)) + more
    numbers = bytes(range(used + 1, used + 1 + more))
    heif = (
        heif[:at]
        + b"".join(properties)
        + (heif[at : at + 18] + bytes([used + more]) + heif[at + 19 : end] + numbers)
        + heif[end:]
    )
    grown = {b"ipma": more, b"ipco": added - more, b"iprp": added, b"meta": added}
    changed = bytearray(heif)
    for kind, by in grown.items():
        _add(changed, heif.index(kind) - 4, by)
    iloc = heif.index(b"iloc") + 4
    assert heif[iloc + 4 : iloc + 6] == _OFFSET_SIZES
    for number in range(int.from_bytes(heif[iloc + 6 : iloc + 8], "big")):
        _add(changed, iloc + 8 + 18 * number + 4, added)
    return bytes(changed)


def _add(data: bytearray, at: int, by: int) -> None:
    (value,) = struct.unpack_from(">I", data, at)
    struct.pack_into(">I", data, at, value + by)


P3, DARK = profiles.display_p3, profiles.dark_grey
SIGNALLED: Mapping[str, Callable[[], bytes]] = {
    "PNG, cICP Display P3": lambda: png(cicp(12, 13)),
    "PNG, cICP before iCCP": lambda: png(cicp(1, 13), iccp(P3())),
    "PNG, cICP before sRGB": lambda: png(cicp(12, 13), png_chunk(b"sRGB", b"\0")),
    "PNG, cICP of BT.709": lambda: png(cicp(1, 1)),
    "PNG, cICP of BT.2020": lambda: png(cicp(9, 14)),
    "PNG, cICP of SMPTE 240M": lambda: png(cicp(9, 7)),
    "PNG, cICP of film": lambda: png(cicp(11, 17)),
    "PNG, cICP of PAL": lambda: png(cicp(5, 5)),
    "PNG, cICP unspecified": lambda: png(cicp(2, 2), iccp(P3())),
    "PNG, cICP unknown": lambda: png(cicp(99, 13), gama(100_000)),
    "PNG, cICP of narrow range": lambda: png(cicp(12, 13, full_range=0)),
    "PNG, iCCP before gAMA": lambda: png(iccp(P3()), gama(100_000)),
    "PNG, iCCP broken": lambda: png(iccp(b"x" * 200), gama(100_000)),
    "PNG, sRGB before gAMA": lambda: png(png_chunk(b"sRGB", b"\0"), gama(100_000), chrm(ADOBE_RGB)),
    "PNG, gAMA": lambda: png(gama(100_000)),
    "PNG, gAMA of sRGB": lambda: png(gama(45_455)),
    "PNG, gAMA of sRGB and cHRM": lambda: png(gama(45_455), chrm(OF_SRGB)),
    "PNG, gAMA of 0": lambda: png(gama(0)),
    "PNG, gAMA and cHRM": lambda: png(gama(45_455), chrm(ADOBE_RGB)),
    "PNG, cHRM": lambda: png(chrm(ADOBE_RGB)),
    "PNG, cHRM of no colours": lambda: png(gama(45_455), chrm((0,) * 8)),
    "PNG, grey, gAMA": lambda: png(gama(100_000), mode="L"),
    "PNG, grey, cICP": lambda: png(cicp(1, 8), mode="L"),
    "PNG, palette, gAMA": lambda: png(gama(100_000), mode="P"),
    "AVIF, nclx Display P3": lambda: avif(12, 13),
    "AVIF, nclx without a curve": lambda: avif(12, 2),
    "AVIF, nclx without primaries": lambda: avif(2, 8),
    "AVIF, nclx unspecified": lambda: avif(2, 2),
    "AVIF, nclx of BT.709": lambda: avif(1, 1),
    "AVIF, nclx of BT.2020": lambda: avif(9, 14),
    "AVIF, nclx, gamma 2.2": lambda: avif(1, 4),
    "AVIF, a profile before nclx": lambda: avif(1, 13, icc=P3()),
}
HDR: Mapping[str, Callable[[], bytes]] = {
    "PNG, PQ": lambda: hdr_png(cicp(9, 16)),
    "PNG, HLG": lambda: hdr_png(cicp(9, 18)),
    "PNG, PQ in Display P3": lambda: hdr_png(cicp(12, 16)),
    "PNG, HLG in sRGB": lambda: hdr_png(cicp(1, 18)),
    "PNG, PQ up to 4000 nits": lambda: hdr_png(cicp(9, 16), clli(4000)),
    "PNG, PQ up to 300 nits": lambda: hdr_png(cicp(9, 16), clli(300)),
    "PNG, PQ up to 100 nits": lambda: hdr_png(cicp(9, 16), clli(100)),
    "PNG, PQ mastered at 600 nits": lambda: hdr_png(cicp(9, 16), mdcv(600)),
    "PNG, PQ, 8 bits": lambda: png(cicp(9, 16)),
    "AVIF, PQ, 8 bits": lambda: avif(9, 16),
    "AVIF, PQ, 10 bits": lambda: hdr_avif(9, 16),
    "AVIF, HLG, 10 bits": lambda: hdr_avif(9, 18),
    "AVIF, PQ, 12 bits": lambda: hdr_avif(9, 16, bits=12),
    "AVIF, PQ up to 300 nits": partial(hdr_avif, 9, 16, box(b"clli", struct.pack(">HH", 300, 0))),
}
