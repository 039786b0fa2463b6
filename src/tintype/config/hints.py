"""Read a setting's type hint: its kind, whether it is optional, and its annotations."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Literal, TypeVar, Union, get_args, get_origin

from tintype.imaging.formats import RENDERED_FORMATS, Format

Note = TypeVar("Note")


def members(hint: object) -> Iterator[object]:
    """Yield the members of a union except None, else *hint* itself, with their annotations."""
    kind = bare(hint)
    if get_origin(kind) in {Union, UnionType}:
        yield from (member for member in get_args(kind) if member is not NoneType)
    else:
        yield hint


def is_optional(hint: object) -> bool:
    """Whether the value may be absent.

    >>> is_optional(Annotated[int | None, "why"]), is_optional(int)
    (True, False)
    """
    return NoneType in get_args(bare(hint))


def notes(hint: object) -> tuple[object, ...]:
    """Return the annotations."""
    return get_args(hint)[1:] if get_origin(hint) is Annotated else ()


def note(hint: object, kind: type[Note]) -> Note | None:
    """Return the annotation of that kind, if there is one."""
    return next((found for found in notes(hint) if isinstance(found, kind)), None)


def bare(hint: object) -> object:
    """Return the type without its annotations.

    >>> bare(Annotated[int, "how many"])
    <class 'int'>
    """
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def words(kind: object) -> list[str]:
    """Return the words of a closed vocabulary, or an empty list for other kinds.

    >>> words(Literal[1, 3, 5])
    ['1', '3', '5']
    """
    if kind is Format:
        return [format_.value for format_ in RENDERED_FORMATS]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return [word.value for word in kind]
    return [str(value) for value in get_args(kind)] if get_origin(kind) is Literal else []
