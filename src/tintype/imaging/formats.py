"""The image formats: how each is recognised, what it can hold, what it is called on the web.

Adding a format is adding a row here, a loader in `opening.py` and an encoder in `encoding.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tintype.imaging.errors import NotAnImageError, UnsupportedFormatError


class Format(StrEnum):
    """A format that we open; those whose facts say `renders` are also written."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    AVIF = "avif"
    GIF = "gif"
    TIFF = "tiff"
    HEIC = "heic"

    @property
    def facts(self) -> FormatFacts:
        """What the format can hold and how it is written."""
        return _FACTS[self]

    @property
    def content_type(self) -> str:
        """Its media type.

        >>> Format.JPEG.content_type
        'image/jpeg'
        """
        return f"image/{self}"

    @property
    def extension(self) -> str:
        """The ending of its files' names.

        >>> Format.JPEG.extension
        'jpg'
        """
        return "jpg" if self is Format.JPEG else str(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatFacts:
    """What a format can hold, and which settings its encoder has.

    `profiles` says that files can hold an ICC profile;
    `efforts` is the range of `Encoding.effort`, empty where there is none; `quality` says that files
    have one; `palettes` are the numbers of colours that those without one can be written with.
    """

    renders: bool = True
    alpha: bool = True
    animation: bool = False
    profiles: bool = True
    quality: bool = True
    lossless_option: bool = False
    efforts: range = range(0)
    palettes: tuple[int, ...] = ()


_FACTS = {
    Format.JPEG: FormatFacts(alpha=False),
    Format.PNG: FormatFacts(quality=False, efforts=range(1, 11), palettes=(2, 4, 16, 256)),
    Format.WEBP: FormatFacts(animation=True, lossless_option=True, efforts=range(7)),
    Format.AVIF: FormatFacts(lossless_option=True, efforts=range(10)),
    Format.GIF: FormatFacts(
        animation=True,
        profiles=False,
        quality=False,
        efforts=range(1, 11),
        palettes=(2, 4, 8, 16, 32, 64, 128, 256),
    ),
    Format.TIFF: FormatFacts(renders=False),
    Format.HEIC: FormatFacts(renders=False),
}

RENDERED_FORMATS = tuple(format_ for format_ in Format if format_.facts.renders)

# The first bytes of each format: (offset, bytes, format). ISO/IEC 23008-12 for the `ftyp` brands.
_MAGIC = (
    (0, b"\xff\xd8\xff", Format.JPEG),
    (0, b"\x89PNG\r\n\x1a\n", Format.PNG),
    (8, b"WEBP", Format.WEBP),
    (0, b"GIF87a", Format.GIF),
    (0, b"GIF89a", Format.GIF),
    (0, b"II*\x00", Format.TIFF),
    (0, b"MM\x00*", Format.TIFF),
)
_BRANDS = {
    b"avif": Format.AVIF,
    b"avis": Format.AVIF,
    b"heic": Format.HEIC,
    b"heix": Format.HEIC,
    b"heim": Format.HEIC,
    b"heis": Format.HEIC,
}
_GENERIC_BRANDS = frozenset({b"mif1", b"msf1", b"miaf"})  # the real one is among the compatible

# Formats that people do send and that we refuse, so that the error can name them.
_REFUSED = (
    (0, b"BM", "BMP"),
    (0, b"%PDF", "PDF"),
    (0, b"%!PS", "PostScript"),
    (0, b"8BPS", "Photoshop"),
    (0, b"\x00\x00\x01\x00", "ICO"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (0, b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (0, b"II+\x00", "BigTIFF"),
    (0, b"MM\x00+", "BigTIFF"),
    (0, b"v/1\x01", "OpenEXR"),
    (0, b"#?RADIANCE", "Radiance HDR"),
    (4, b"ftyp", "video"),
)
_MARKUP = (b"<svg", b"<?xml", b"<!doctype", b"<html", b"<script")
SNIFFED_BYTES = 4096


def sniff(head: bytes) -> Format:
    """Return the format that the first bytes of a file say it is; its name is never asked.

    *head* is the first `SNIFFED_BYTES` bytes, or all there are.

    >>> sniff(b"GIF89a")
    <Format.GIF: 'gif'>

    Raises:
        NotAnImageError: nothing that we know begins like this.
        UnsupportedFormatError: it is something that we know and refuse, such as SVG.
    """
    for offset, magic, format_ in _MAGIC:
        if head.startswith(magic, offset):
            return format_
    if head[4:8] == b"ftyp":
        format_or_none = _brand(head)
        if format_or_none is not None:
            return format_or_none
    _refuse(head)
    message = f"not an image that we know; send {accepted()}"
    raise NotAnImageError(message if head else "the file is empty")


def accepted() -> str:
    """Return the accepted formats as people read them.

    >>> accepted()
    'JPEG, PNG, WEBP, AVIF, GIF, TIFF or HEIC'
    """
    *names, last = (format_.name for format_ in Format)
    return f"{', '.join(names)} or {last}"


def _brand(head: bytes) -> Format | None:
    """Return the first still-image brand of an ISO base media file: the major one, then the compatible."""
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size, 4))]
    if brands[0] in _GENERIC_BRANDS or brands[0] in _BRANDS:
        return next((_BRANDS[brand] for brand in brands if brand in _BRANDS), None)
    return None


def _refuse(head: bytes) -> None:
    for offset, magic, name in _REFUSED:
        if head.startswith(magic, offset):
            message = f"{name} is not accepted; send {accepted()}"
            raise UnsupportedFormatError(message)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(_MARKUP):
        message = f"SVG and other markup is not accepted; send {accepted()}"
        raise UnsupportedFormatError(message)
