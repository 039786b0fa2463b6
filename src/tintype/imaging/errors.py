"""Everything that can be wrong with an original or a preset, one sentence each.

All of these are final: the same bytes and the same preset fail the same way again, so nobody
should retry. Anything else that leaves the engine (a `pyvips.Error`, a `MemoryError`) is our own
bug or the machine's trouble, and may be retried. `docs/errors.md` lists the codes.
"""

from __future__ import annotations


class ImagingError(Exception):
    """Base class. `code` is stable and machine-readable; the message is for people."""

    code = "imaging_error"


class NotAnImageError(ImagingError):
    """The bytes do not begin like any image format we know."""

    code = "not_an_image"


class UnsupportedFormatError(ImagingError):
    """The bytes are a format that we recognise and do not open, such as SVG or PDF."""

    code = "unsupported_format"


class EmptyFileError(ImagingError):
    """The original has no bytes at all."""

    code = "empty_file"


class TooManyBytesError(ImagingError):
    """The original is larger than `Limits.max_bytes`."""

    code = "too_many_bytes"


class TooManyPixelsError(ImagingError):
    """Width × height × frames is more than `Limits.max_pixels`."""

    code = "too_many_pixels"


class SideTooLongError(ImagingError):
    """The width or the height is more than `Limits.max_side`."""

    code = "side_too_long"


class TooManyFramesError(ImagingError):
    """The original has more frames or pages than `Limits.max_frames`."""

    code = "too_many_frames"


class TruncatedImageError(ImagingError):
    """The original stops before its last pixel."""

    code = "truncated_image"


class DamagedImageError(ImagingError):
    """All rows are there, but their data are damaged, and `Limits.strictness` refuses that."""

    code = "damaged_image"


class UnreadableImageError(ImagingError):
    """The original looks like a known format, and its decoder refuses it."""

    code = "unreadable_image"


class TimeLimitError(ImagingError):
    """The work took longer than `Limits.timeout_seconds`."""

    code = "time_limit"


class InvalidPresetError(ImagingError):
    """A preset has a value that is out of range, or two that contradict each other."""

    code = "invalid_preset"


class MissingGlyphError(ImagingError):
    """The watermark's font has no glyph for one of its characters."""

    code = "missing_glyph"


class CannotFitError(ImagingError):
    """Even the lowest quality is larger than the preset's `max_bytes`."""

    code = "cannot_fit"
