"""Conversion between plain Python values and DynamoDB's attribute values (`{"S": "text"}`)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"
Item: TypeAlias = dict[str, Value]
Attribute: TypeAlias = dict[str, object]


def attributes(item: Mapping[str, object]) -> dict[str, Attribute]:
    """Return *item* as DynamoDB attributes.

    >>> attributes({"id": "a", "version": 3, "camera": None})
    {'id': {'S': 'a'}, 'version': {'N': '3'}, 'camera': {'NULL': True}}

    Raises:
        TypeError: a value is not text, a number, a boolean, None, a sequence or a mapping.
        ValueError: a number is not finite.
    """
    return {name: attribute(value) for name, value in item.items()}


def attribute(value: object) -> Attribute:
    """Return one value as a DynamoDB attribute. See `attributes`."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": str(value)}
        case int() | float():
            return {"N": _digits(value)}
        case Mapping():
            return {"M": attributes(value)}
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return {"L": [attribute(member) for member in value]}
    message = f"DynamoDB has no attribute type for {type(value).__name__}"
    raise TypeError(message)


def item_of(attributes: Mapping[str, Mapping[str, object]]) -> Item:
    """Return the item in DynamoDB's *attributes*. Whole numbers become int, all others float.

    >>> item_of({"id": {"S": "a"}, "ms": {"N": "12.5"}, "version": {"N": "3"}})
    {'id': 'a', 'ms': 12.5, 'version': 3}

    Raises:
        TypeError: an attribute has a type that we never write: binary or a set.
    """
    return {name: value_of(attribute) for name, attribute in attributes.items()}


def value_of(attribute: object) -> Value:
    """Return one attribute's value. See `item_of`."""
    match attribute:
        case {"NULL": True}:
            return None
        case {"BOOL": bool(truth)}:
            return truth
        case {"S": str(text)}:
            return text
        case {"N": str(digits)}:
            return _number(digits)
        case {"M": dict(members)}:
            return item_of(members)
        case {"L": list(members)}:
            return [value_of(member) for member in members]
    message = f"unsupported attribute type: {attribute!r:.60}"
    raise TypeError(message)


def _digits(number: float) -> str:
    if not math.isfinite(number):
        message = f"DynamoDB cannot store the number {number}"
        raise ValueError(message)
    # int() and float() first: an IntEnum or a numpy number has another repr.
    return str(int(number)) if isinstance(number, int) else repr(float(number))


def _number(digits: str) -> int | float:
    try:
        return int(digits)
    except ValueError:
        return float(digits)
