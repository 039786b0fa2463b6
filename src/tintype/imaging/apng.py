"""The animation of a PNG (W3C PNG, third edition, sections 4.9 and 11.3.5), read without its pixels.

Start with `read_animation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import NamedTuple

from tintype.imaging.vips import Data

# Of a frame control: sequence number, width, height, left, top; the delay as a fraction of a second.
_PLACE = Struct(">IIIII")
_DELAY, _DELAY_AT = Struct(">HH"), 20
_FRAME_CONTROL_BYTES = 26
_HUNDREDTHS = 100  # the delay's denominator if it is 0


class Chunk(NamedTuple):
    """`start` is the position of its length, `end` that of the next chunk."""

    kind: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PngAnimation:
    """Milliseconds per frame, and how often it is played (0: endlessly)."""

    delays: tuple[int, ...]
    loops: int


def read_animation(
    data: Data, chunks: Sequence[Chunk], size: tuple[int, int]
) -> PngAnimation | None:
    """Return the animation among *chunks*, or None if there is none or it is not well-formed.

    Viewers then show the still picture (section 4.9).
    """
    if not any(chunk.kind == b"acTL" and chunk.end - chunk.start == 20 for chunk in chunks):  # noqa: PLR2004
        return None
    delays: list[int] = []
    sequence, announced, loops, filled = 0, 0, 0, True
    for kind, start, end in chunks:
        content = bytes(data[start + 8 : min(end - 4, start + 8 + _FRAME_CONTROL_BYTES)])
        if kind == b"acTL":
            announced = int.from_bytes(content[:4], "big")
            loops = int.from_bytes(content[4:8], "big")
        elif kind == b"IDAT":
            filled = True
        elif kind in {b"fcTL", b"fdAT"}:
            if int.from_bytes(content[:4], "big") != sequence:
                return None
            sequence += 1
            if kind == b"fdAT":
                filled = True
                continue
            if not filled or not _fits(content, size):
                return None
            filled = False
            delays.append(_delay(content))
    if not filled or len(delays) != announced:
        return None
    return PngAnimation(tuple(delays), loops)


def _fits(content: bytes, size: tuple[int, int]) -> bool:
    if len(content) < _FRAME_CONTROL_BYTES:
        return False
    _, width, height, left, top = _PLACE.unpack_from(content)
    return bool(width and height and left + width <= size[0] and top + height <= size[1])


def _delay(content: bytes) -> int:
    parts, second = _DELAY.unpack_from(content, _DELAY_AT)
    return round(1000 * int(parts) / (second or _HUNDREDTHS))
