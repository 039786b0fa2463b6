"""Large animations: decoded for each rendition, one frame at a time, instead of kept in memory.

Start with `is_large`. In memory, an animation of 100 megapixels takes 400 MB, and as much again for
each rendition in progress.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tintype.imaging.alpha import is_opaque, without_alpha
from tintype.imaging.decode import decode_each, shrunk
from tintype.imaging.original import CheckedOriginal
from tintype.imaging.plan import DecodePlan
from tintype.imaging.pyramid import Pyramid, halvings
from tintype.imaging.vips import Deadline, pyvips

_MOST_PIXELS_KEPT = 16_000_000  # of all frames together


def is_large(original: CheckedOriginal, planned: DecodePlan) -> bool:
    """Whether the animation has too many pixels to keep in memory."""
    pixels = original.used.width * original.used.height * planned.frames
    return planned.frames > 1 and pixels > _MOST_PIXELS_KEPT


class FrameStream:
    """The frames of an animation in one colour space, decoded on each use.

    *first* is the pyramid of the first frame; *convert* converts a frame to the colour space.
    """

    def __init__(
        self,
        original: CheckedOriginal,
        planned: DecodePlan,
        deadline: Deadline,
        *,
        first: Pyramid,
        convert: Callable[[pyvips.Image], pyvips.Image],
    ) -> None:
        self._original, self._planned, self._deadline = original, planned, deadline
        self._first, self._convert = first, convert
        self._opaque = all(is_opaque(frame) for frame in self._frames())

    @property
    def base(self) -> tuple[pyvips.Image, ...]:
        """The first frame."""
        return self._first.base

    def frames_at(self, scale: float, *, moving: bool) -> Iterator[pyvips.Image]:
        """Yield the frames, halved as in `Pyramid`, or only the first."""
        if not moving:
            yield from self._first.frames_at(scale, moving=False)
            return
        used = self._original.used
        for frame in self._frames():
            side = max(frame.width, frame.height)
            level = frame
            for _ in range(halvings(side, max(used.width, used.height), scale)):
                level = shrunk(level, 2)
            yield without_alpha(level) if self._opaque else level

    def _frames(self) -> Iterator[pyvips.Image]:
        for frame in decode_each(self._original, self._planned, self._deadline):
            yield self._convert(frame)
