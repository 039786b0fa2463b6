"""A bound on the parts of a container that are looked at: a file that is nothing but parts is refused."""

from __future__ import annotations

from tintype.imaging.errors import UnreadableImageError
from tintype.imaging.vips import Data

# libpng and most editors write 8 kB or more a part, a 50 MB GIF is read in runs of 4,096 blocks.
_BYTES_PER_PART, _ALWAYS_ALLOWED = 1_024, 10_000


class PartCounter:
    """Counts the chunks, segments, blocks or boxes of one file, and refuses it after the most allowed.

    Each part is a step in Python, so this is what bounds the time that a container can cost.
    """

    def __init__(self, data: Data) -> None:
        self.most = _ALWAYS_ALLOWED + len(data) // _BYTES_PER_PART
        self.counted = 0

    def count(self) -> None:
        """Count one more part.

        Raises:
            UnreadableImageError: there are too many.
        """
        self.counted += 1
        if self.counted > self.most:
            message = f"the file has more than {self.most:,} parts"
            raise UnreadableImageError(message)
