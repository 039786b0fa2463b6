"""The decoded picture at several sizes, each half the last, so that small renditions cost little."""

from __future__ import annotations

from threading import Lock

from tintype.imaging.decoding import Frames, shrunk
from tintype.imaging.geometry import Size
from tintype.imaging.planning import MARGIN


class Pyramid:
    """Frames and their halves, made when first asked for and kept; safe to share among threads."""

    def __init__(self, frames: Frames, upright: Size) -> None:
        self._levels = [frames]
        self._longest = max(upright.width, upright.height)
        self._lock = Lock()

    @property
    def base(self) -> Frames:
        """The largest level."""
        return self._levels[0]

    def at(self, scale: float) -> Frames:
        """Return the smallest level for renditions with *scale* pixels for one of the original."""
        with self._lock:
            level = 0
            while self._resolution(level) >= 2 * MARGIN * scale and self._longest_side(level) > 1:
                level += 1
                if level == len(self._levels):
                    halves = (shrunk(frame, 2) for frame in self._levels[-1])
                    self._levels.append(tuple(half.copy_memory() for half in halves))
            return self._levels[level]

    def _resolution(self, level: int) -> float:
        return self._longest_side(level) / self._longest

    def _longest_side(self, level: int) -> int:
        first = self._levels[level][0]
        return max(first.width, first.height)
