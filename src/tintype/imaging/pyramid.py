"""The decoded picture at several sizes, each half of the last, which makes small renditions cheap."""

from __future__ import annotations

from threading import Lock

from tintype.imaging.decode import Frames, shrunk
from tintype.imaging.geometry import Size
from tintype.imaging.plan import MARGIN


def halvings(side: int, original: int, scale: float) -> int:
    """Return how often to halve a picture for renditions with *scale* pixels per original pixel.

    *side* and *original* are its longer side in pixels, as decoded and as stored.
    """
    count = 0
    while side > 1 and side / original >= 2 * MARGIN * scale:
        side, count = -(-side // 2), count + 1
    return count


class Pyramid:
    """Frames and their halvings, computed on first use and kept; thread-safe."""

    def __init__(self, frames: Frames, original: Size) -> None:
        self._levels = [frames]
        self._longest_side = max(frames[0].width, frames[0].height)
        self._longest_original = max(original.width, original.height)
        self._lock = Lock()

    @property
    def base(self) -> Frames:
        """The largest level."""
        return self._levels[0]

    @property
    def pixels(self) -> int:
        """The number of pixels of the largest level, all frames together."""
        return len(self.base) * self.base[0].width * self.base[0].height

    def at(self, scale: float) -> Frames:
        """Return the smallest level for renditions with *scale* pixels per original pixel."""
        level = halvings(self._longest_side, self._longest_original, scale)
        if level >= len(self._levels):
            with self._lock:
                self._build(level)
        return self._levels[level]

    def frames_at(self, scale: float, *, moving: bool) -> Frames:
        """Return the frames of that level, or only the first."""
        return self.at(scale)[: None if moving else 1]

    def _build(self, level: int) -> None:
        while level >= len(self._levels):
            halves = (shrunk(frame, 2) for frame in self._levels[-1])
            self._levels.append(tuple(half.copy_memory() for half in halves))
