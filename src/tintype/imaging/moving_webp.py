"""Animated WebP, written frame by frame, so that only one frame is in memory at a time.

libvips needs all frames in memory, and rounds their colours twice: to YUV and back to RGB before
libwebp compares frames, and then once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from tintype.imaging.encode import Animation
from tintype.imaging.presets import Encoding
from tintype.imaging.vips import pyvips

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

# No key frames but the first, as libvips has it.
_KEY_FRAMES = {"kmin": 2**31 - 2, "kmax": 2**31 - 1}


def moving_webp(frames: Iterator[pyvips.Image], animation: Animation, encoding: Encoding) -> bytes:
    """Return the file of *frames*: 8-bit RGB or RGBA, of one size."""
    first = _to_pillow(next(frames))
    file = BytesIO()
    first.save(
        file,
        "WEBP",
        save_all=True,
        append_images=[_Following(frames, len(animation.delays) - 1)],
        duration=list(animation.delays),
        loop=animation.loops,
        quality=encoding.quality,
        method=encoding.effort,
        lossless=encoding.lossless,
        background=(255, 255, 255, 255),
        **_KEY_FRAMES,
    )
    return file.getvalue()


class _Following:
    """What Pillow takes for a picture of several frames, each made when it is asked for."""

    def __init__(self, frames: Iterator[pyvips.Image], count: int) -> None:
        self._frames, self.n_frames = frames, count

    def seek(self, _number: int) -> None:
        self._frame = _to_pillow(next(self._frames))

    @property
    def mode(self) -> str:
        return self._frame.mode

    def getim(self) -> object:
        return self._frame.getim()


def _to_pillow(frame: pyvips.Image) -> PillowImage:
    from PIL import Image  # noqa: PLC0415 - 18 ms to import, once

    mode = "RGBA" if frame.hasalpha() else "RGB"
    pixels = bytes(frame.write_to_memory())
    return Image.frombuffer(mode, (frame.width, frame.height), pixels, "raw", mode, 0, 1)
