"""ICC profiles (ICC.1:2022): their names, whether they are sRGB, and writing simple ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from struct import error as StructError  # noqa: N812 - it is a class
from struct import pack, unpack_from

from tintype.imaging.cicp import SRGB_CURVE, SRGB_PRIMARIES, Curve, Primaries
from tintype.imaging.matrices import D50, rgb_to_d50

Tags = Mapping[bytes, bytes]

_HEADER_BYTES, _ENTRY_BYTES, _MOST_TAGS = 128, 12, 100
_MOST_BYTES = 4_000_000  # those of presses have 0.5 to 3 MB
_MOST_SHARED = 3
_CLASSES = frozenset({b"scnr", b"mntr", b"prtr", b"spac"})  # scanners, screens, printers, spaces
_COLUMNS, _CURVES = (b"rXYZ", b"gXYZ", b"bXYZ"), (b"rTRC", b"gTRC", b"bTRC")
_TABLES = frozenset({b"A2B0", b"A2B1", b"D2B0", b"D2B1"})  # they take the place of the matrix
# What a kept profile keeps; makers' own tags may say anything, about anybody.
_KEPT = frozenset(
    {
        *(b"desc", b"cprt", b"wtpt", b"bkpt", b"chad", b"cicp", b"lumi", b"gamt", b"kTRC"),
        *_COLUMNS,
        *_CURVES,
        *(b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2"),
        *(b"D2B0", b"D2B1", b"D2B2", b"D2B3", b"B2D0", b"B2D1", b"B2D2", b"B2D3"),
    }
)
_TEXTS, _LONGEST_TEXT = (b"desc", b"cprt"), 30_000  # bytes: a sentence in forty languages
_LONGEST_NAME = 200  # characters
# How far from sRGB a profile of that name may be: in XYZ, and in levels of 255. Compact profiles
# approximate the curve with few points; a gamma of 2.2 is up to 7 levels away.
_MATRIX_TOLERANCE, _CURVE_TOLERANCE = 0.003, 1.5
_LEVELS = (1, 3, 6, 10, 16, 24, 36, 52, 72, 96, 128, 160, 192, 224, 255)
_ONE = 65_536  # of the type s15Fixed16Number


def read_tags(icc: bytes) -> Tags:
    """Return the tags of a profile by their signatures; none if it is broken or too large.

    Tags may share their bytes, but only as often as curves of one colour do.
    """
    if icc[36:40] != b"acsp" or len(icc) > _MOST_BYTES:
        return {}
    tags: dict[bytes, bytes] = {}
    for number in range(min(int.from_bytes(icc[128:132], "big"), _MOST_TAGS)):
        at = _HEADER_BYTES + 4 + number * _ENTRY_BYTES
        start = int.from_bytes(icc[at + 4 : at + 8], "big")
        size = int.from_bytes(icc[at + 8 : at + 12], "big")
        tags[icc[at : at + 4]] = icc[start : start + size]
        if sum(map(len, tags.values())) > _MOST_SHARED * len(icc):
            return {}
    return tags


def sound(icc: bytes, colours: bytes) -> bytes | None:
    """Return what a profile says of numbers of *colours* (7.2.6), or None if it is broken.

    It is also None for a link between devices, a named palette, more than `_MOST_BYTES` and long texts.
    """
    size = int.from_bytes(icc[:4], "big")
    tags = read_tags(icc)
    whole = _HEADER_BYTES < size <= min(len(icc), _MOST_BYTES)
    known = icc[12:16] in _CLASSES and icc[16:20] == colours
    if not (whole and known and tags) or int.from_bytes(icc[128:132], "big") > _MOST_TAGS:
        return None
    ends = (
        sum(unpack_from(">II", icc, _HEADER_BYTES + 8 + number * _ENTRY_BYTES))
        for number in range(int.from_bytes(icc[128:132], "big"))
    )
    brief = all(len(tags.get(name, b"")) <= _LONGEST_TEXT for name in _TEXTS)
    if not brief or any(end > size for end in ends):
        return None
    return _file(icc[:80], {name: tag for name, tag in tags.items() if name in _KEPT})


def read_name(tags: Tags) -> str | None:
    """Return a profile's description in its first language, or None if it has none."""
    tag = tags.get(b"desc", b"")
    if tag[:4] == b"mluc":
        size = int.from_bytes(tag[20:24], "big")
        start = int.from_bytes(tag[24:28], "big")
        text = tag[start : start + size].decode("utf-16-be", "replace")
    else:
        text = tag[12 : 12 + int.from_bytes(tag[8:12], "big")].decode("latin-1")
    said = text.partition("\0")[0][: 2 * _LONGEST_NAME]
    return "".join(filter(str.isprintable, said)).strip()[:_LONGEST_NAME] or None


def is_srgb(icc: bytes, tags: Tags) -> bool:
    """Whether a profile means sRGB by its primaries and curves, whatever its name."""
    if icc[16:24] != b"RGB XYZ " or tags.keys() & _TABLES:
        return False
    try:
        columns = [_read_fixed(tags[name], 8, 3) for name in _COLUMNS]
        curves = {tags[name] for name in _CURVES}
        return _is_srgb_matrix(columns) and all(_is_srgb_curve(_read_curve(tag)) for tag in curves)
    except (KeyError, StructError, ValueError, ArithmeticError):
        return False


@lru_cache(maxsize=16)
def matrix_profile(primaries: Primaries, curve: Curve) -> bytes:
    """Return a version 4 display profile of an RGB space.

    Raises:
        ValueError: the primaries span no colour space.
    """
    parameters = (curve.gamma, curve.slope, curve.offset, curve.start, curve.knee)
    tag = b"para\0\0\0\0\0\3\0\0" + _fixed(parameters)
    columns = zip(*rgb_to_d50(primaries), strict=True)
    return _profile(
        {
            b"desc": _text("Tintype"),
            b"cprt": _text("CC0"),
            b"wtpt": _xyz(D50),
            **{name: _xyz(column) for name, column in zip(_COLUMNS, columns, strict=True)},
            **dict.fromkeys(_CURVES, tag),
        }
    )


def _is_srgb_matrix(columns: Iterable[tuple[float, ...]]) -> bool:
    wanted = zip(*rgb_to_d50(SRGB_PRIMARIES), strict=True)
    pairs = zip(columns, wanted, strict=True)
    differences = [abs(a - b) for one, two in pairs for a, b in zip(one, two, strict=True)]
    return max(differences) <= _MATRIX_TOLERANCE


def _is_srgb_curve(curve: Callable[[float], float]) -> bool:
    return all(
        SRGB_CURVE.light(max(level - _CURVE_TOLERANCE, 0) / 255)
        <= curve(level / 255)
        <= SRGB_CURVE.light((level + _CURVE_TOLERANCE) / 255)
        for level in _LEVELS
    )


def _read_curve(tag: bytes) -> Callable[[float], float]:
    """Return the function of a `curv` (10.6) or `para` (10.18) tag.

    Raises:
        ValueError: it is of another type.
        StructError: it is truncated.
    """
    if tag[:4] == b"para":
        return _parametric(tag).light
    if tag[:4] != b"curv":
        message = "not a curve"
        raise ValueError(message)
    (count,) = unpack_from(">I", tag, 8)
    if count == 0:
        return Curve(1.0).light
    if count == 1:
        (gamma,) = unpack_from(">H", tag, 12)
        return Curve(gamma / 256).light
    return _interpolated(unpack_from(f">{count}H", tag, 12))


def _interpolated(points: tuple[int, ...]) -> Callable[[float], float]:
    def light(value: float) -> float:
        place = value * (len(points) - 1)
        below = min(int(place), len(points) - 2)
        share = place - below
        return (points[below] * (1 - share) + points[below + 1] * share) / 65_535

    return light


def _parametric(tag: bytes) -> Curve:
    """Return a parametric curve; a type with an offset of the light itself is not sRGB's."""
    (kind,) = unpack_from(">H", tag, 8)
    if kind == 0:
        return Curve(*_read_fixed(tag, 12, 1))
    if kind == 3:  # noqa: PLR2004 - the number in the specification
        return Curve(*_read_fixed(tag, 12, 5))
    gamma, slope, offset, start, knee, _, _ = _read_fixed(tag, 12, 7)
    return Curve(gamma, slope, offset, start, knee)


def _read_fixed(tag: bytes, at: int, count: int) -> tuple[float, ...]:
    return tuple(value / _ONE for value in unpack_from(f">{count}i", tag, at))


def _fixed(values: Iterable[float]) -> bytes:
    return b"".join(pack(">i", round(value * _ONE)) for value in values)


def _xyz(values: Iterable[float]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(values)


def _text(text: str) -> bytes:
    return (
        b"mluc\0\0\0\0"
        + pack(">II4sII", 1, 12, b"enUS", 2 * len(text), 28)
        + text.encode("utf-16-be")
    )


def _profile(tags: Tags) -> bytes:
    header = pack(">4x4xI4s4s4s12x4s", 0x04400000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    return _file(header.ljust(68, b"\0") + _fixed(D50), tags)


def _file(header: bytes, tags: Tags) -> bytes:
    """Return the file: *header* (7.2), tag table (7.3) and tags, each at a multiple of four bytes.

    Tags that are alike share their bytes.
    """
    start = _HEADER_BYTES + 4 + _ENTRY_BYTES * len(tags)
    table, body, places = b"", b"", dict[bytes, int]()
    for name, tag in tags.items():
        if tag not in places:
            places[tag] = start + len(body)
            body += tag + bytes(-len(tag) % 4)
        table += name + pack(">II", places[tag], len(tag))
    header = pack(">I", start + len(body)) + header[4:].ljust(_HEADER_BYTES - 4, b"\0")
    return header + pack(">I", len(tags)) + table + body
