"""Numbers, sizes and presets as readable text, and file names that are safe for a terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from pathlib import PurePath

from tintype.imaging import Encoding, FocalPoint, HiddenRegion, Preset, Watermark
from tintype.printable import printable

_MINUTE = 60  # seconds
_THOUSAND = 1000
_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_ELSEWHERE = frozenset({"name", "width", "height", "fit", "gravity", "formats"})


def amount(bytes_: int) -> str:
    """Return a number of bytes with significant digits.

    >>> amount(412), amount(41_234), amount(3_140_000), amount(212_400_000)
    ('412 bytes', '41 kB', '3.1 MB', '212 MB')
    """
    number: float = bytes_
    for unit in _UNITS:
        if round(number) < _THOUSAND or unit == _UNITS[-1]:
            break
        number /= _THOUSAND
    return f"{number:.0f} {unit}" if unit in _UNITS[:2] else f"{_two_digits(number)} {unit}"


def duration(seconds: float) -> str:
    """Return a time with significant digits.

    >>> duration(0.0421), duration(0.84), duration(12.3), duration(185)
    ('42 ms', '840 ms', '12 s', '3 min 5 s')
    """
    if seconds < 1:
        return f"{seconds * _THOUSAND:.0f} ms"
    if seconds < _MINUTE:
        return f"{_two_digits(seconds)} s"
    return f"{seconds // _MINUTE:.0f} min {seconds % _MINUTE:.0f} s"


def _two_digits(number: float) -> str:
    """Return at least two digits: 3.1, but 12 and 212."""
    return f"{number:.1f}" if round(number, 1) < 10 else f"{number:.0f}"  # noqa: PLR2004


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "original"), count(38, "original")
    ('1 original', '38 originals')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def saving(before: int, after: int) -> str:
    """Return the bytes before and after.

    >>> saving(212_000_000, 19_000_000)
    '212 MB → 19 MB'
    """
    return f"{amount(before)} → {amount(after)}"


def name_of(path: PurePath | str) -> str:
    r"""Return a path that is safe to print: control characters and undecodable bytes become �.

    >>> name_of("a\x1b[2Jb.jpg")
    'a�[2Jb.jpg'
    """
    return printable(os.fsencode(path).decode("utf-8", "replace"))


def lines_of(text: str) -> str:
    """Return another program's output, of one or more lines, safe to print."""
    return "\n".join(map(printable, text.splitlines()))


def size_of(preset: Preset) -> str:
    """Return the size of a preset's renditions.

    >>> size_of(Preset(name="thumb", width=320, height=200))
    'inside 320 × 200'
    >>> size_of(Preset(name="wide", width=1600))
    '1600 wide'
    """
    if preset.width and preset.height:
        return f"{preset.fit.value} {preset.width} × {preset.height}"
    if preset.width:
        return f"{preset.width} wide"
    return f"{preset.height} high" if preset.height else "as the original"


def format_of(encoding: Encoding) -> str:
    """Return a format and its settings that differ from the defaults.

    >>> format_of(Encoding(format="webp", quality=60, lossless=False))
    'webp (quality 60)'
    """
    special = ", ".join(_differences(encoding, leave_out={"format"}))
    return f"{encoding.format} ({special})" if special else str(encoding.format)


def operations_of(preset: Preset) -> str:
    """Return a preset's other operations, in order.

    >>> operations_of(Preset(name="x", grayscale=True, blur=2.5))
    'grayscale, blur 2.5'
    """
    gravity = [] if preset.gravity == "centre" else [f"gravity {_value(preset.gravity)}"]
    return ", ".join([*gravity, *_differences(preset, leave_out=_ELSEWHERE)])


def _differences(
    value: Encoding | Preset, *, leave_out: frozenset[str] | set[str]
) -> Iterator[str]:
    """Yield the settings that differ from their defaults."""
    for field in fields(value):
        setting = getattr(value, field.name)
        if field.name in leave_out or setting == field.default or field.default is MISSING:
            continue
        name = field.name.replace("_", " ")
        yield {True: name, False: f"no {name}"}.get(setting) or f"{name} {_value(setting)}"


def _value(value: object) -> str:
    if isinstance(value, Watermark):
        return f'"{value.text}"' if value.text else "picture"
    if isinstance(value, HiddenRegion):
        return f"{'faces' if value.faces else 'rectangle'} ({value.effect} {value.strength:g})"
    if isinstance(value, FocalPoint):
        return f"{value.x:.0%} from the left, {value.y:.0%} from the top"
    if isinstance(value, tuple):
        return " and ".join(_value(part) for part in value)
    if is_dataclass(value):
        return " ".join(f"{field.name} {getattr(value, field.name)}" for field in fields(value))
    return f"{value:g}" if isinstance(value, float) else str(value)
