"""The errors of originals and presets, one sentence each.

All of these are final: the same bytes with the same preset fail again, so callers should not retry.
Any other exception from the engine (a `pyvips.Error`, a `MemoryError`) is a bug of Tintype or a
problem of the machine, and may be retried. `docs/reference/errors.md` lists the codes.
"""

from __future__ import annotations


class ImagingError(Exception):
    """Base class. `code` is stable and machine-readable; the message is for people."""

    code = "imaging_error"

    @property
    def cause(self) -> str | None:
        """The words of the library that refused the original, for the log; None if none did."""
        return None if self.__cause__ is None else " ".join(str(self.__cause__).split())[:500]


class NotAnImageError(ImagingError):
    """The bytes do not begin like any known image format."""

    code = "not_an_image"


class UnsupportedFormatError(ImagingError):
    """The bytes are in a format that is recognised but not supported, such as PDF."""

    code = "unsupported_format"


class EmptyFileError(ImagingError):
    """The original is empty."""

    code = "empty_file"


class TooManyBytesError(ImagingError):
    """The original is larger than `Limits.max_bytes`."""

    code = "too_many_bytes"


class TooManyPixelsError(ImagingError):
    """The original, or a rendition of it, has more pixels than `Limits.max_pixels` allows."""

    code = "too_many_pixels"


class SideTooLongError(ImagingError):
    """The width or the height is more than `Limits.max_side`."""

    code = "side_too_long"


class TruncatedImageError(ImagingError):
    """The original ends before its last pixel."""

    code = "truncated_image"


class DamagedImageError(ImagingError):
    """All rows are present but their data are damaged, and `Limits.strictness` refuses that."""

    code = "damaged_image"


class UnreadableImageError(ImagingError):
    """The original looks like a known format, but its decoder refuses it."""

    code = "unreadable_image"


class TimeLimitError(ImagingError):
    """Processing took longer than `Limits.timeout_seconds`."""

    code = "time_limit"


class InvalidPresetError(ImagingError):
    """A preset has a value out of range, or two that contradict each other."""

    code = "invalid_preset"


class MissingGlyphError(ImagingError):
    """The watermark's font has no glyph for one of its characters."""

    code = "missing_glyph"


class CannotFitError(ImagingError):
    """Even at the lowest quality the file is larger than the preset's `max_bytes`."""

    code = "cannot_fit"
