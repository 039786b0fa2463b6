"""Every setting of `tintype.toml`: its type, its range, its default and its meaning, from the code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from docs.making.tables import code, sentence, table
from docs.making.template import template
from tintype.config import Access, Delivery, Domain, Service
from tintype.config.families import UNWRITTEN, Family
from tintype.constraints import Doc, Length, Range
from tintype.imaging.formats import RENDERED_FORMATS, Format
from tintype.imaging.presets import (
    Encoding,
    Extend,
    FocalPoint,
    HiddenRegion,
    Limits,
    Preset,
    QualityTarget,
    Region,
    Watermark,
)
from tintype.releases import ACCESS, parameter_name

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

HEADINGS = ["Setting", "Type and range", "Default", "Meaning"]
_PLAIN = {int: "whole number", float: "number", bool: "`true` or `false`", str: "text"}
# What a TOML file writes where the engine has bytes or a record.
_WRITTEN = {
    bytes: "path of a file, from this one",
    Region: "table",
    Extend: "table",
    HiddenRegion: "table",
    Watermark: "table",
    FocalPoint: "point",
    QualityTarget: "table",
    Encoding: "format, or a table with `format`",
}
_TABLES: dict[str, type[DataclassInstance]] = {
    "regions[]": HiddenRegion,
    "extract": Region,
    "extend": Extend,
    "watermark": Watermark,
    "formats[]": Encoding,
    "quality": QualityTarget,
    "gravity": FocalPoint,
}
_FORMS = {"gravity": " as a point", "quality": " as a target"}


def limits() -> str:
    """Return the table of `[limits]`."""
    return table(HEADINGS, _rows(Limits))


def service() -> str:
    """Return the table of `[service]`, with the template's parameter that changes each."""
    parameters = template()["Parameters"]
    rows = []
    for row, setting in zip(_rows(Service), fields(Service), strict=True):
        parameter = parameter_name(setting.name)
        rows.append([*row, code(parameter) if parameter in parameters else "–"])
    return table([*HEADINGS, "Parameter"], rows)


def access() -> str:
    """Return the table of `[access]`, with the template's parameter that changes each."""
    rows = _rows(Access)
    parameters = [ACCESS[setting.name] for setting in fields(Access)]
    return table(
        [*HEADINGS, "Parameter"],
        [[*row, code(name)] for row, name in zip(rows, parameters, strict=True)],
    )


def delivery() -> str:
    """Return the table of `[delivery]`."""
    return table(HEADINGS, _rows(Delivery))


def domain() -> str:
    """Return the table of `[domain]`."""
    return table(HEADINGS, _rows(Domain))


def presets() -> str:
    """Return the tables of `[presets.NAME]` and of what stands within one."""
    parts = [table(HEADINGS, _rows(Preset, without=UNWRITTEN))]
    parts.append(f"### `widths`\n\n{sentence(Family.__doc__ or '')}\n")
    parts.append(table(HEADINGS, _rows(Family)))
    for name, kind in _TABLES.items():
        title = f"### `{name}`{_FORMS.get(name, '')}"
        parts.append(f"{title}\n\n{sentence((kind.__doc__ or '').split(';')[0])}\n")
        parts.append(table(HEADINGS, _rows(kind)))
    parts.append("### What each format takes\n")
    parts.append(_formats())
    return "\n".join(parts)


def _rows(
    kind: type[DataclassInstance], *, without: frozenset[str] = frozenset()
) -> Iterator[list[str]]:
    hints = get_type_hints(kind, include_extras=True)
    for setting in fields(kind):
        if setting.name in without:
            continue
        notes = list(_notes(hints[setting.name]))
        ranges = [str(note) for note in notes if isinstance(note, Range | Length)]
        meanings = [note.text for note in notes if isinstance(note, Doc)]
        kinds = ", ".join([_type(hints[setting.name]), *ranges])
        # As tintype.toml has it: the meaning goes on where the setting's name ends.
        yield [code(setting.name), kinds, _default(setting), meanings[0] if meanings else ""]


def _notes(hint: object) -> Iterator[object]:
    """Yield what an annotation says, and those within it, the outermost first."""
    yield from getattr(hint, "__metadata__", ())
    for argument in get_args(hint):
        if isinstance(argument, NoneType) or get_origin(argument) is not None:
            yield from _notes(argument)


def _type(hint: Any) -> str:  # noqa: ANN401 - a type, in any of typing's forms
    origin = get_origin(hint)
    if origin is Annotated:
        return _type(get_args(hint)[0])
    if origin in {Union, UnionType}:
        return " or ".join(_type(part) for part in get_args(hint) if part is not NoneType)
    if origin is Literal:
        return ", ".join(str(value) for value in get_args(hint))
    if origin is tuple:
        return f"list: {_type(get_args(hint)[0])}"
    if issubclass(hint, StrEnum):
        words: Iterable[StrEnum] = RENDERED_FORMATS if hint is Format else hint
        return ", ".join(code(word) for word in words)
    return _PLAIN.get(hint) or _WRITTEN[hint]


def _default(setting: Field[Any]) -> str:
    value = setting.default
    if value is MISSING:
        return "needed"
    if value is None:
        return "none"
    return code(_toml(value))


def _toml(value: object) -> str:
    """Return a value as `tintype.toml` writes it.

    >>> _toml(50_000_000), _toml(("*",)), _toml(True)
    ('50_000_000', '["*"]', 'true')
    """
    match value:
        case bool():
            return str(value).lower()
        case int():
            return f"{value:_}"
        case tuple():
            return f"[{', '.join(_toml(part) for part in value)}]"
        case Encoding():
            return _toml(str(value.format))
        case str():
            return f'"{value}"'
    if is_dataclass(value):
        message = f"no TOML is known for {value!r}"
        raise TypeError(message)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _formats() -> str:
    rows = []
    for format_ in RENDERED_FORMATS:
        facts = format_.facts
        efforts = (
            f"{facts.efforts[0]} to {facts.efforts[-1]}, {facts.effort}" if facts.efforts else "–"
        )
        rows.append(
            [
                code(format_),
                f"1 to 100, {facts.quality}" if facts.quality else "–",
                efforts,
                "yes" if facts.lossless else "–",
                "yes" if facts.chroma else "–",
                ", ".join(map(str, facts.palettes)) if facts.palettes else "–",
            ]
        )
    return table(
        [
            "Format",
            "`quality`, default",
            "`effort`, default",
            "`lossless`",
            "`chroma`",
            "`colours`",
        ],
        rows,
    )
