"""The canvas of a GIF, which is transparent where no frame covers it (as in browsers).

libnsgif makes it opaque if no frame has a transparent colour. All frames are then opaque rectangles,
so the alpha follows from their places alone. Start with `with_canvas`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tintype.imaging.geometry import Size
from tintype.imaging.vips import pyvips

TO_BACKGROUND, TO_PREVIOUS = 2, 3  # disposal methods (GIF89a, section 23)


class GifFrame(NamedTuple):
    """The place of a frame on the canvas, and what happens to it after it was shown."""

    left: int
    top: int
    width: int
    height: int
    disposal: int


def shows_canvas(frames: Sequence[GifFrame], size: tuple[int, int]) -> bool:
    """Whether the canvas shows in any frame, if all frames are opaque.

    >>> shows_canvas([GifFrame(0, 0, 20, 10, 0)], (20, 10))
    False
    """
    first = frames[0]
    covers = first.left == first.top == 0 and first.width >= size[0] and first.height >= size[1]
    return not covers or any(frame.disposal == TO_BACKGROUND for frame in frames[:-1])


def with_canvas(
    images: Iterable[pyvips.Image], frames: Sequence[GifFrame], size: Size
) -> Iterator[pyvips.Image]:
    """Yield *images* with an alpha band, 255 where one of the opaque *frames* was drawn."""
    before = pyvips.Image.black(size.width, size.height)
    for image, frame in zip(images, frames, strict=False):
        drawn = _filled(before, frame, 255)
        yield image.bandjoin(drawn)
        if frame.disposal == TO_BACKGROUND:
            before = _filled(drawn, frame, 0)
        elif frame.disposal != TO_PREVIOUS:
            before = drawn


def _filled(mask: pyvips.Image, frame: GifFrame, value: int) -> pyvips.Image:
    if not frame.width or not frame.height:
        return mask
    return mask.draw_rect(
        [float(value)], frame.left, frame.top, frame.width, frame.height, fill=True
    )
