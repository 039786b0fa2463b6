"""Annotations for settings: their range, their length, their meaning.

pydantic reads ranges and lengths through the protocol of `annotated_types`, which is imported only
then: its import takes a third of the time of libvips'.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf


class Doc:
    """A setting's meaning, for the documentation, `--help` and errors."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Range:
    """The minimum and maximum number."""

    __slots__ = ("high", "low")
    __is_annotated_types_grouped_metadata__ = True

    def __init__(self, low: float, high: float = inf) -> None:
        self.low = low
        self.high = high

    def __iter__(self) -> Iterator[object]:
        """Yield the range in terms of `annotated_types`."""
        from annotated_types import Ge, Le  # noqa: PLC0415 - see above

        yield Ge(self.low)
        if self.high != inf:
            yield Le(self.high)

    def __str__(self) -> str:
        return f"at least {self.low:g}" if self.high == inf else f"{self.low:g} to {self.high:g}"

    def broken_by(self, value: object) -> bool:
        """Whether *value* is outside the range, or NaN.

        >>> Range(1, 100).broken_by(101), Range(1, 100).broken_by(float("nan"))
        (True, True)
        """
        return isinstance(value, int | float) and not self.low <= value <= self.high


class Length:
    """The minimum and maximum number of characters or items."""

    __slots__ = ("high", "low")
    __is_annotated_types_grouped_metadata__ = True

    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high

    def __iter__(self) -> Iterator[object]:
        """Yield the length in terms of `annotated_types`."""
        from annotated_types import Len  # noqa: PLC0415 - see above

        yield Len(self.low, self.high)

    def __str__(self) -> str:
        return f"a length of {self.low} to {self.high}"

    def broken_by(self, value: object) -> bool:
        """Whether *value*, a text or tuple, is too short or too long."""
        return isinstance(value, str | tuple) and not self.low <= len(value) <= self.high
