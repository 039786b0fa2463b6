"""What a decoder's error means: our own error for it, without the decoder's words or warnings."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from tintype.imaging.errors import ImagingError, TruncatedImageError, UnreadableImageError
from tintype.imaging.formats import Format

# Messages of libvips and its libraries for truncated files.
_TRUNCATION = (
    "premature end",
    "end of stream",
    "end of file",
    "unexpected end",
    "truncated",
    "bad seek",
    "not enough data",
)


_WARNINGS_LOCK = Lock()  # Python's list of filters is shared by all threads


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress Pillow's warnings, one thread at a time: for what takes no time."""
    with _WARNINGS_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def unreadable(error: Exception, format_: Format, part: str = "data") -> ImagingError:
    """Return our error for a decoder's error: truncated if its message says so, else unreadable.

    The decoder's message is the error's `cause` if it is raised from *error*.
    """
    text = " ".join(str(error).split()).lower()
    if any(sign in text for sign in _TRUNCATION):
        return truncated(format_)
    return damaged(format_, part)


def damaged(format_: Format, part: str) -> UnreadableImageError:
    """Return our error for an original whose *part* cannot be read."""
    return UnreadableImageError(f"the {format_.facts.title} cannot be read; its {part} is damaged")


def truncated(format_: Format) -> TruncatedImageError:
    """Return our error for an original with missing pixels."""
    return TruncatedImageError(f"the {format_.facts.title} ends before its last pixel")
