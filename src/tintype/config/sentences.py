"""Describe the allowed values of settings, from the annotations of their dataclasses.

Start with `allowed`. `mistake_in` turns a pydantic error into a path and a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from math import inf
from typing import (
    TYPE_CHECKING,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from tintype.config import hints
from tintype.config.lines import SettingPath
from tintype.constraints import Doc, Length, Range

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

LONGEST_SHOWN = 40  # characters of a wrong value shown in a sentence


def allowed(hint: object) -> str:
    """Return a description of the values that a type hint allows.

    >>> from typing import Annotated
    >>> allowed(Annotated[int | None, Range(1, 100)])
    'a whole number from 1 to 100'
    >>> allowed(bool)
    'true or false'
    """
    metadata = tuple(hints.notes(hint))
    return either([_allowed(member, metadata) for member in hints.members(hint)])


def explanation(hint: object) -> str:
    """Return the first clause of the documentation in a type hint, or an empty string.

    >>> from typing import Annotated
    >>> explanation(Annotated[float, Doc("sigma in pixels; 0 is none")])
    'sigma in pixels'
    """
    texts = [part.text for part in hints.notes(hint) if isinstance(part, Doc)]
    return texts[-1].split(";")[0] if texts else ""


def mistake_in(
    kind: type,
    loc: Sequence[str | int],
    error: ErrorDetails,
) -> tuple[SettingPath, str] | None:
    """Return the path of the wrong setting within *kind* and a sentence about it.

    Returns None for an error that only repeats another one.
    """
    path, owner, hint = _find(kind, loc)
    one_of_several = len(list(hints.members(hint))) > 1
    match error["type"]:
        case "unexpected_keyword_argument":
            if path[-1] != loc[-1]:  # in a table that is one of several forms
                path, owner = (*path, loc[-1]), _dataclass_in(hint)
            return path, unknown(str(path[-1]), settings_of(owner))
        case "missing":
            return path, f"is missing; {described(hint)}"
        case "dataclass_type" if one_of_several:
            return None  # the union's other member reports it
        case "enum" | "int_type" if one_of_several and isinstance(error["input"], dict):
            return None
        case "too_short" if error["input"]:
            return None  # the wrong items are reported themselves
    return path, not_allowed(error["input"], hint)


def not_allowed(value: object, hint: object) -> str:
    """Return the sentence about a value that the type hint does not allow."""
    return f"{shown(value)} is not allowed; {described(hint)}"


def unknown(name: str, known: Sequence[str]) -> str:
    """Return the sentence about a setting that does not exist.

    >>> unknown("widht", ["width", "height"])
    'unknown setting; did you mean "width"?'
    """
    close = get_close_matches(name.lower().replace("color", "colour").replace("-", "_"), known, n=1)
    if close:
        return f'unknown setting; did you mean "{close[0]}"?'
    return f"unknown setting; known settings: {', '.join(known)}"


def described(hint: object) -> str:
    """Return what is allowed and, in parentheses, the setting's meaning."""
    about = explanation(hint)
    return f"{allowed(hint)} ({about})" if about else allowed(hint)


def shown(value: object) -> str:
    """Return a wrong value in TOML's notation, shortened if it is long.

    >>> shown("16"), shown(True), shown({"x": 1}), shown([1, 2])
    ('"16"', 'true', 'a table', 'a list of 2')
    """
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def settings_of(kind: object) -> list[str]:
    """Return the names of the settings of a dataclass."""
    return [field.name for field in fields(kind)] if is_dataclass(kind) else []


def either(words: Sequence[str]) -> str:
    """Join alternatives in English.

    >>> either(["a", "b", "c"])
    'a, b or c'
    """
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def _range(metadata: Sequence[object]) -> str:
    for part in metadata:
        if isinstance(part, Range):
            return f" of {part}" if part.high == inf else f" from {part}"
    return ""


def _allowed(member: object, outer: tuple[object, ...]) -> str:
    """Describe one member of a union; *outer* are the annotations around the union."""
    kind = hints.bare(member)
    metadata = (*hints.notes(member), *outer)
    length = next((part for part in metadata if isinstance(part, Length)), None)
    if words := hints.words(kind):
        return either(words)
    if is_dataclass(kind):
        return f"a table with {', '.join(settings_of(kind))}"
    if get_origin(kind) is tuple:
        return f"a list of {_most(length)}" if length else "a list"
    if kind is str and length:
        return f"text of {length.low} to {length.high} characters"
    return _KINDS[cast("type", kind)] + _range(metadata)


def _most(length: Length) -> str:
    return f"{length.low} to {length.high}" if length.low else f"up to {length.high}"


_KINDS = {
    bool: "true or false",
    bytes: "the path of a file",
    float: "a number",
    int: "a whole number",
    str: "text",
}


def _find(kind: type, loc: Sequence[str | int]) -> tuple[SettingPath, object, object]:
    """Follow pydantic's *loc* from *kind*; return the path, its owner's type and its own type.

    Pydantic adds the name of a union's member to the *loc*; the path omits it.
    """
    path: SettingPath = ()
    owner: object = kind
    hint: object = kind
    for part in loc:
        inner = _inside(hint, part)
        if inner is not None:
            path, owner, hint = (*path, part), _dataclass_in(hint), inner
        elif len(list(hints.members(hint))) == 1:
            path, owner = (*path, part), _dataclass_in(hint)
    return path, owner, hint


def _inside(hint: object, part: str | int) -> object:
    """Return the type of one field or item of *hint*, or None if there is none of that name."""
    if isinstance(part, int):
        items = next(hints.members(hint))
        return get_args(hints.bare(items))[0]
    kind = _dataclass_in(hint)
    return get_type_hints(kind, include_extras=True).get(part) if kind else None


def _dataclass_in(hint: object) -> type | None:
    kinds = (hints.bare(member) for member in hints.members(hint))
    return next((kind for kind in kinds if isinstance(kind, type) and is_dataclass(kind)), None)
