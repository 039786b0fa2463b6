"""The canvas of a GIF, which is transparent where no frame covers it (as in browsers).

libnsgif makes it opaque if no frame has a transparent colour. All frames are then opaque rectangles,
so the alpha follows from their places alone (`with_canvas`). If only some frames have none, it paints
the places of those it removes in the background colour, as GIF89a says and no browser does; another
background colour tells which pixels these are (`without_background`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tintype.imaging.geometry import Size
from tintype.imaging.vips import Data, pyvips

# Disposal methods (GIF89a, section 23); 4 is not of the specification, but of old programs.
TO_BACKGROUND, TO_PREVIOUS = 2, frozenset({3, 4})

_HEADER, _FLAGS, _BACKGROUND = 13, 10, 11  # its bytes, and two of their positions (section 18)
_HAS_PALETTE, _PALETTE_SIZE = 0x80, 7
_MOST_COLOURS = 256


class GifFrame(NamedTuple):
    """The place of a frame on the canvas, and what happens to it after it was shown.

    *clear*: it has a transparent colour.
    """

    left: int
    top: int
    width: int
    height: int
    disposal: int
    clear: bool = False


def shows_canvas(frames: Sequence[GifFrame], size: tuple[int, int]) -> bool:
    """Whether the canvas shows in any frame where libnsgif makes it opaque.

    >>> shows_canvas([GifFrame(0, 0, 20, 10, 0)], (20, 10))
    False
    """
    if any(frame.disposal == TO_BACKGROUND and not frame.clear for frame in frames[:-1]):
        return True
    first = frames[0]
    covers = first.left == first.top == 0 and first.width >= size[0] and first.height >= size[1]
    return not covers and not any(frame.clear for frame in frames)


def palette_bytes(flags: int) -> int:
    """Return the size of the palette that *flags* of a header or a frame announce."""
    return 3 << ((flags & _PALETTE_SIZE) + 1) if flags & _HAS_PALETTE else 0


def with_other_background(data: Data) -> bytes:
    """Return a GIF whose background has another colour, and that is the same otherwise.

    There is no other colour if all 256 of the palette are the same.
    """
    header, own = bytearray(data[:_HEADER]), palette_bytes(data[_FLAGS])
    rest = _HEADER + own
    palette = bytes(data[_HEADER:rest]) or b"\0\0\0\xff\xff\xff"  # which libnsgif has as its own
    at = 3 * header[_BACKGROUND] if 3 * header[_BACKGROUND] < own else 0
    colour = palette[at : at + 3]
    if len(palette) < 3 * _MOST_COLOURS:
        palette += bytes(255 - value for value in palette)
    colours = [palette[at : at + 3] for at in range(0, len(palette), 3)]
    header[_BACKGROUND] = next((at for at, one in enumerate(colours) if one != colour), 0)
    header[_FLAGS] &= ~_PALETTE_SIZE
    header[_FLAGS] |= _HAS_PALETTE | len(colours).bit_length() - 2
    return b"".join([header, palette, data[rest:]])


def without_background(image: pyvips.Image, other: pyvips.Image) -> pyvips.Image:
    """Return *image* with an alpha of 0 where *other*, with another background, differs from it."""
    same = image.relational(other, "equal").bandand()
    return image.extract_band(0, n=3).bandjoin(image.extract_band(3) & same)


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
        elif frame.disposal not in TO_PREVIOUS:
            before = drawn


def _filled(mask: pyvips.Image, frame: GifFrame, value: int) -> pyvips.Image:
    if not frame.width or not frame.height:
        return mask
    return mask.draw_rect(
        [float(value)], frame.left, frame.top, frame.width, frame.height, fill=True
    )
