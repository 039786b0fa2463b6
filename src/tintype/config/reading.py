"""Turn the text of a `tintype.toml` into settings, or into a list of all mistakes.

Start with `read`. No ranges are defined here: pydantic takes them from the annotations in
`tintype.imaging.presets` and the modules of the tables here, `violations` (`preset_rules.py`) and
`contradictions` there check which settings exclude each other.
"""

from __future__ import annotations

import json
import re
import tomllib
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from tintype.config import access as accesses
from tintype.config import delivery as deliveries
from tintype.config import domain as domains
from tintype.config import service as services
from tintype.config.access import Access
from tintype.config.delivery import Delivery
from tintype.config.domain import Domain
from tintype.config.errors import ConfigError, Mistake
from tintype.config.families import UNWRITTEN, Family, contradictions, members
from tintype.config.lines import SettingPath, line_of, lines
from tintype.config.sentences import mistake_in, not_allowed, settings_of, unknown
from tintype.config.service import Service
from tintype.imaging.errors import ImagingError
from tintype.imaging.fonts import text_violations
from tintype.imaging.formats import SNIFFED_BYTES, sniff
from tintype.imaging.preset_rules import violations
from tintype.imaging.presets import Encoding, Limits, Preset

Table = dict[str, Any]  # a TOML table: the only place where values have any type
Finding = tuple[SettingPath, str]

# Strict, since TOML has types; through JSON, since strict mode still converts a list to a tuple, a
# string to an enum and a string to bytes there (pydantic: "Conversion Table").
_STRICT = ConfigDict(extra="forbid", strict=True, val_json_bytes="base64")
_PATH_SETTINGS = ("image", "font")  # of a watermark
_ENCODING_SETTINGS = frozenset(field.name for field in fields(Encoding)) - {"format"}
_PRESET_SETTINGS = [field.name for field in fields(Preset) if field.name not in UNWRITTEN]
_FAMILY_SETTINGS = settings_of(Family)
_TABLES = ("presets", "limits", "service", "access", "delivery", "domain")
Kind = TypeVar("Kind", Preset, Family, Limits, Service, Access, Delivery, Domain)


@dataclass(frozen=True, slots=True)
class Read:
    """The contents of one file; no presets if it has no such table."""

    presets: tuple[Preset, ...]
    limits: Limits
    service: Service
    access: Access
    delivery: Delivery
    domain: Domain


def read(path: Path, instead: Mapping[str, object] | None = None) -> Read:
    """Read a TOML file; *instead* are settings that override those of its [service].

    Raises:
        ConfigError: the file cannot be read or has mistakes; the error contains all of them.
    """
    text = _text(path)
    data = _parsed(path, text)
    findings: list[Finding] = [
        ((name,), unknown(name, _TABLES)) for name in data if name not in _TABLES
    ]
    limits = _one(Limits, "limits", data, findings)
    service = _service(data, instead or {}, findings)
    access = _consistent(Access, "access", data, accesses.contradictions, findings)
    delivery = _consistent(Delivery, "delivery", data, deliveries.contradictions, findings)
    domain = _consistent(Domain, "domain", data, domains.contradictions, findings)
    presets = _presets(data.get("presets"), path.parent, findings)
    if findings or not (limits and service and access and delivery and domain):
        places = lines(text)
        raise ConfigError(
            path,
            [
                Mistake(line_of(place, places), dotted(place), message)
                for place, message in dict.fromkeys(findings)
            ],
        )
    return Read(presets, limits, service, access, delivery, domain)


def dotted(path: SettingPath) -> str:
    """Return the path of a setting as people write it.

    >>> dotted(("presets", "my thumb", "formats", 1, "quality"))
    'presets."my thumb".formats[1].quality'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{_key(part)}" for part in path)[1:]


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(path, [Mistake(0, "", _reason(error))]) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(path, [Mistake(line, "", "this is not UTF-8 text")]) from error


def _parsed(path: Path, text: str) -> Table:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # Python 3.14 has `error.lineno`; older versions have the position only in the message.
        message, _, place = str(error).removesuffix(")").partition(" (at ")
        found = re.match(r"line (\d+), column (\d+)", place)
        line = int(found[1]) if found else text.count("\n") + 1
        raise ConfigError(path, [Mistake(line, "", f"not valid TOML: {message}")]) from error


def _one(kind: type[Kind], name: str, data: Table, findings: list[Finding]) -> Kind | None:
    """Return the table *name* as a *kind*; omitted settings keep their defaults."""
    table = data.get(name, {})
    if not isinstance(table, dict):
        findings.append(((name,), not_allowed(table, kind)))
        return None
    value, wrong = _validated(kind, table)
    findings += _below(wrong, name)
    return value


def _service(data: Table, instead: Mapping[str, object], findings: list[Finding]) -> Service | None:
    table = data.get("service", {})
    if isinstance(table, dict):
        data = data | {"service": table | dict(instead)}
    return _consistent(Service, "service", data, services.contradictions, findings)


def _consistent(
    kind: type[Kind],
    name: str,
    data: Table,
    contradictions: Callable[[Kind], list[str]],
    findings: list[Finding],
) -> Kind | None:
    """Return the table *name* as `_one` does, and find contradictions in it."""
    found: list[Finding] = []
    value = _one(kind, name, data, found)
    if value:
        news = _news(contradictions(value), [path[1:] for path, _ in found])
        found += _below(news, name)
    findings += found
    return value


def _presets(table: object, folder: Path, findings: list[Finding]) -> tuple[Preset, ...]:
    if table is None:
        return ()
    if not isinstance(table, dict) or not table:
        findings.append((("presets",), "has no presets; add one as a table [presets.NAME]"))
        return ()
    presets: dict[str, Preset] = {}
    for name, settings in table.items():
        made, wrong = _family(name, settings, folder)
        for one in made:
            if one.name in presets or (one.name != name and one.name in table):
                wrong.append(((), f"another preset is named {one.name}, too; rename one of them"))
        findings += _below(wrong, "presets", name)
        presets |= {one.name: one for one in made}
    return tuple(presets.values())


def _family(name: str, table: object, folder: Path) -> tuple[Sequence[Preset], list[Finding]]:
    """Return the presets that a table stands for, one for each of its widths, and its mistakes."""
    settings = table if isinstance(table, dict) else {}
    shape = {setting: settings[setting] for setting in _FAMILY_SETTINGS if setting in settings}
    if not shape:
        preset, wrong = _preset(name, table, folder)
        return [preset] if preset else [], wrong
    rest = {setting: value for setting, value in settings.items() if setting not in shape}
    preset, findings = _preset(name, {"width": 1} | rest, folder)
    family, wrong = _validated(Family, shape)
    findings += wrong
    if "width" in settings:
        findings.append((("widths",), "cannot be combined with width; remove one of them"))
    if family and preset and not wrong:
        findings += _news(contradictions(family, preset), [path for path, _ in findings])
    return members(family, preset) if family and preset and not findings else [], findings


def _preset(name: str, table: object, folder: Path) -> tuple[Preset | None, list[Finding]]:
    """Return the preset, or None, and its mistakes."""
    if not isinstance(table, dict):
        return None, [((), not_allowed(table, Preset))]
    known = [*_PRESET_SETTINGS, *sorted(_ENCODING_SETTINGS)]
    findings: list[Finding] = [
        ((setting,), unknown(setting, [*known, *_FAMILY_SETTINGS]))
        for setting in table
        if setting not in known
    ]
    shape = {setting: table[setting] for setting in _PRESET_SETTINGS if setting in table}
    shape |= {"name": name, "formats": _formats(table)}
    if isinstance(shape.get("watermark"), dict):
        shape["watermark"] = _mark(shape["watermark"], ("watermark",), folder, findings)
    if isinstance(shape.get("overlays"), list):
        shape["overlays"] = [
            _mark(mark, ("overlays", index), folder, findings) if isinstance(mark, dict) else mark
            for index, mark in enumerate(shape["overlays"])
        ]
    preset, wrong = _validated(Preset, shape)
    findings += [(_origin(path, table), message) for path, message in wrong]
    if preset:
        wrong_text = [
            f"{path}.{wrong.removeprefix('watermark.')}"
            for path, mark in preset.marks.items()
            for wrong in text_violations(mark)
        ]
        news = _news(
            [*violations(preset), *wrong_text],
            [path for path, _ in findings],
            lambda p: _origin(p, table),
        )
        findings += list(news)
    return None if findings else preset, findings


def _formats(table: Table) -> object:
    """Return `formats` with every item as a table, completed with the preset's own settings."""
    common = {name: table[name] for name in table if name in _ENCODING_SETTINGS}
    formats = table.get("formats", ["jpeg"])
    if not isinstance(formats, list):
        return formats
    items = ({"format": item} if isinstance(item, str) else item for item in formats)
    return [common | item if isinstance(item, dict) else item for item in items]


def _origin(path: SettingPath, table: Table) -> SettingPath:
    """Return the path in the file of the setting that `_formats` put at *path*."""
    match path:
        case ("name",):
            return ()
        case ("formats", int(index), str(setting), *within):
            items = table.get("formats", [])
            item = items[index] if index < len(items) else None
            if isinstance(item, dict) and (setting in item or setting not in table):
                return path
            return ("formats", index) if setting == "format" else (setting, *within)
    return path


def _mark(table: Table, place: SettingPath, folder: Path, findings: list[Finding]) -> Table:
    """Return a watermark's table with the contents of the files it names, as base64."""
    read: Table = {}
    for setting in _PATH_SETTINGS:
        if isinstance(table.get(setting), str):
            try:
                data = (folder / table[setting]).read_bytes()
                if setting == "image":
                    sniff(data[:SNIFFED_BYTES])
                read[setting] = b64encode(data).decode()
            except (OSError, ValueError, ImagingError) as error:
                read[setting] = None
                message = f'"{table[setting]}": {_reason(error)}'
                findings.append(((*place, setting), message))
    return table | read


def _validated(kind: type[Kind], shape: Table) -> tuple[Kind | None, list[Finding]]:
    """Return *shape* as a *kind*, and its mistakes.

    If there are mistakes, the value is built without the wrong settings, so that contradictions among
    the others can be reported as well; None if that is impossible.
    """
    # mypy does not support types computed at run time.
    adapter: TypeAdapter[dict[str, Kind]] = TypeAdapter(dict[str, kind], config=_STRICT)  # type: ignore[valid-type]
    try:
        return adapter.validate_json(json.dumps({"": shape}, default=str))[""], []
    except ValidationError as error:
        errors = [(details["loc"][1:], details) for details in error.errors()]
    sentences = [mistake_in(kind, loc, details) for loc, details in errors]
    wrong = {loc[0] for loc, _ in errors}
    rest = {setting: value for setting, value in shape.items() if setting not in wrong}
    value = _validated(kind, rest)[0] if len(rest) < len(shape) else None
    return value, [sentence for sentence in sentences if sentence]


def _news(
    sentences: Sequence[str],
    known: Sequence[SettingPath],
    origin: Callable[[SettingPath], SettingPath] = lambda path: path,
) -> Iterator[Finding]:
    """Yield the sentences `setting: reason` about settings without a *known* mistake."""
    for sentence in sentences:
        setting, _, message = sentence.partition(": ")
        parts = re.findall(r"[^.\[\]]+", setting)
        path = origin(tuple(int(part) if part.isdigit() else part for part in parts))
        if path[:1] not in [place[:1] for place in known]:
            yield path, message


def _below(findings: Iterable[Finding], *table: str) -> list[Finding]:
    """Return findings about a table's settings, with paths from the file's root."""
    return [((*table, *path), message) for path, message in findings]


def _reason(error: Exception) -> str:
    """Return the error without its path, which precedes the message."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
