"""A limit on the parts of a container, which refuses files that consist of too many."""

from __future__ import annotations

from tintype.imaging.errors import UnreadableImageError
from tintype.imaging.vips import Data

# libpng and most editors write parts of 8 kB or more; GIFs are read in runs of 4,096 blocks.
_BYTES_PER_PART, _ALWAYS_ALLOWED = 1_024, 10_000


class PartCounter:
    """Count the chunks, segments, blocks or boxes of one file, and refuse it above the limit.

    Each part is a step in Python, so this bounds the time spent on a container.
    """

    def __init__(self, data: Data) -> None:
        self.most = _ALWAYS_ALLOWED + len(data) // _BYTES_PER_PART
        self.counted = 0

    def count(self) -> None:
        """Count one more part.

        Raises:
            UnreadableImageError: the limit is exceeded.
        """
        self.counted += 1
        if self.counted > self.most:
            message = f"the file has more than {self.most:,} parts"
            raise UnreadableImageError(message)
