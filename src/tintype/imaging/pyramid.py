"""The decoded picture at several sizes, each half the last, so that small renditions cost little."""

from __future__ import annotations

from threading import Lock

from tintype.imaging.decoding import Frames, shrunk
from tintype.imaging.geometry import Size
from tintype.imaging.planning import MARGIN


class Pyramid:
    """Frames and their halves, made when first asked for and kept; safe to share among threads."""

    def __init__(self, frames: Frames, original: Size) -> None:
        self._levels = [frames]
        self._longest_side = max(frames[0].width, frames[0].height)
        self._longest_original = max(original.width, original.height)
        self._lock = Lock()

    @property
    def base(self) -> Frames:
        """The largest level."""
        return self._levels[0]

    def at(self, scale: float) -> Frames:
        """Return the smallest level for renditions with *scale* pixels for one of the original."""
        side, level = self._longest_side, 0
        while side > 1 and side / self._longest_original >= 2 * MARGIN * scale:
            side, level = -(-side // 2), level + 1
        if level >= len(self._levels):
            with self._lock:
                self._build(level)
        return self._levels[level]

    def _build(self, level: int) -> None:
        while level >= len(self._levels):
            halves = (shrunk(frame, 2) for frame in self._levels[-1])
            self._levels.append(tuple(half.copy_memory() for half in halves))
