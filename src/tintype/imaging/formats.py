"""The image formats: a row of facts for each, and detection from a file's first bytes.

Start with `Format`. To add a format, add a row there. A format that we write also needs a function
in `encode.py`; one that libvips alone does not open well needs functions in `decode.py` and
`container.py`. Content types, extensions, defaults, costs, preset options and the page's table
(`make web-types`) are derived from the rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Self

from tintype.imaging.errors import NotAnImageError, UnsupportedFormatError
from tintype.imaging.format_facts import Browsers, Cost, FormatFacts
from tintype.imaging.refused_formats import MARKUP, REFUSED


class Format(StrEnum):
    """A format that we read; formats whose facts have a cost are also written."""

    facts: FormatFacts

    JPEG = (
        "jpeg",
        FormatFacts(
            title="JPEG",
            types=("jpeg",),
            # From Internet Explorer and Windows (pjpeg, x-citrix-), and from old mail programs.
            aliases=(
                *("jpg", "jpe", "jfif", "pjpeg", "x-jpeg", "x-jpg", "x-pjpeg"),
                "x-citrix-jpeg",
            ),
            extensions=("jpg", "jpeg", "jpe", "jfif"),
            magic=((0, b"\xff\xd8\xff"),),
            loader="jpegload_buffer",
            browsers=Browsers.ALL,
            alpha=False,
            profiles=("srgb", "b-w", "cmyk"),
            longest_side=65_500,  # libjpeg's
            cost=Cost(4.2, 1.879, 0.769),
            quality=81,
            progressive=True,
            chroma=True,
            gain_maps=True,
        ),
    )
    PNG = (
        "png",
        FormatFacts(
            title="PNG",
            types=("png",),
            aliases=("x-png", "apng", "vnd.mozilla.apng", "x-citrix-png"),
            extensions=("png",),
            magic=((0, b"\x89PNG\r\n\x1a\n"),),
            loader="pngload_buffer",
            browsers=Browsers.ALL,
            profiles=("srgb", "b-w"),
            cost=Cost(38.4, 3.987, 0.940),
            effort=6,
            efforts=range(1, 11),
            progressive=True,
            palettes=(2, 4, 16, 256),
        ),
    )
    WEBP = (
        "webp",
        FormatFacts(
            title="WebP",
            types=("webp",),
            aliases=("x-webp",),
            extensions=("webp",),
            magic=((8, b"WEBP"),),
            loader="webpload_buffer",
            browsers=Browsers.MOST,
            animation=True,
            longest_side=16_383,
            cost=Cost(28.6, 3.967, 0.685),
            quality=80,
            effort=2,
            efforts=range(7),
            lossless=True,
        ),
    )
    AVIF = (
        "avif",
        FormatFacts(
            title="AVIF",
            types=("avif",),
            aliases=("avif-sequence",),
            extensions=("avif",),
            brands=(b"avif", b"avis"),
            loader="heifload_buffer",
            browsers=Browsers.NEW,
            bit_depths=(8, 10),
            longest_side=16_384,  # libvips'
            cost=Cost(28.9, 2.876, 0.692),
            quality=55,
            effort=0,
            efforts=range(10),
            lossless=True,
            chroma=True,
        ),
    )
    GIF = (
        "gif",
        FormatFacts(
            title="GIF",
            types=("gif",),
            aliases=("x-gif", "x-citrix-gif"),
            extensions=("gif",),
            magic=((0, b"GIF87a"), (0, b"GIF89a")),
            loader="gifload_buffer",
            browsers=Browsers.ALL,
            animation=True,
            profiles=(),
            cost=Cost(229.4, 1.057, 0.949),
            effort=3,
            efforts=range(1, 11),
            palettes=(2, 4, 8, 16, 32, 64, 128, 256),
        ),
    )
    TIFF = (
        "tiff",
        FormatFacts(
            title="TIFF",
            types=("tiff",),
            aliases=("tif", "x-tif", "x-tiff"),
            extensions=("tif", "tiff"),
            magic=((0, b"II*\x00"), (0, b"MM\x00*")),
            loader="tiffload_buffer",
        ),
    )
    HEIC = (
        "heic",
        FormatFacts(
            title="HEIC",
            types=("heic", "heif", "heic-sequence"),
            aliases=("heif-sequence", "x-heic", "x-heif"),
            extensions=("heic", "heif", "hif"),
            brands=(b"heic", b"heix", b"heim", b"heis"),  # ISO/IEC 23008-12
            loader="heifload_buffer",
        ),
    )

    BMP = (
        "bmp",
        FormatFacts(
            title="BMP",
            types=("bmp",),
            aliases=("x-bmp", "x-ms-bmp", "x-windows-bmp", "x-win-bitmap"),
            extensions=("bmp", "dib"),
            magic=((0, b"BM"),),
            loader="",
        ),
    )
    ICO = (
        "ico",
        FormatFacts(
            title="ICO",
            types=("vnd.microsoft.icon",),
            aliases=("x-icon", "ico", "icon"),
            extensions=("ico",),
            magic=((0, b"\x00\x00\x01\x00"),),
            loader="",
        ),
    )
    JPEG_2000 = (
        "jpeg2000",
        FormatFacts(
            title="JPEG 2000",
            types=("jp2",),
            aliases=("jpeg2000", "jpeg2000-image", "x-jpeg2000-image", "jpx", "j2c", "x-jp2"),
            extensions=("jp2", "j2k", "j2c", "jpf", "jpx"),
            magic=((0, b"\x00\x00\x00\x0cjP  "), (0, b"\xff\x4f\xff\x51")),
            loader="",
        ),
    )
    PSD = (
        "psd",
        FormatFacts(
            title="PSD",
            types=("vnd.adobe.photoshop",),
            # From freedesktop's shared-mime-info, and from Photoshop on Windows (application/).
            aliases=(
                *("photoshop", "x-photoshop", "psd", "x-psd"),
                *("application/photoshop", "application/x-photoshop"),
            ),
            extensions=("psd",),
            magic=((0, b"8BPS"),),
            loader="",
        ),
    )
    RAW = (
        "raw",
        FormatFacts(
            title="camera raw",
            types=("x-dcraw",),
            aliases=(
                *("x-adobe-dng", "dng", "x-canon-cr2", "x-canon-cr3", "x-fuji-raf"),
                *("x-nikon-nef", "x-olympus-orf", "x-panasonic-rw2", "x-panasonic-raw"),
                *("x-sony-arw", "x-raw"),
            ),
            extensions=("dng", "cr2", "cr3", "nef", "arw", "rw2", "raf", "orf"),
            # Olympus, Panasonic and Fujifilm; other makers' files begin like a TIFF.
            magic=(
                *((0, b"IIRO"), (0, b"IIRS"), (0, b"MMOR"), (0, b"IIU\x00")),
                (0, b"FUJIFILMCCD-RAW"),
            ),
            brands=(b"crx ",),
            loader="",
        ),
    )
    SVG = (
        "svg",
        FormatFacts(
            title="SVG",
            types=("svg+xml",),
            aliases=("svg", "svg-xml"),
            extensions=("svg",),
            loader="",
            optional=True,
        ),
    )

    # Variadic, because for type checkers the look-up `Format("jpeg")` takes the same arguments.
    def __new__(cls, name: str, *facts: FormatFacts) -> Self:
        """Create the member of a row, with the name as its value."""
        member = str.__new__(cls, name)
        member._value_ = name
        (member.facts,) = facts
        return member

    @property
    def content_type(self) -> str:
        """Its media type.

        >>> Format.JPEG.content_type
        'image/jpeg'
        """
        return f"image/{self.facts.types[0]}"

    @property
    def cost(self) -> Cost:
        """The cost of writing it; only formats that we write have one."""
        assert self.facts.cost is not None  # noqa: S101 - for the type checker
        return self.facts.cost

    @property
    def extension(self) -> str:
        """The file extension.

        >>> Format.JPEG.extension
        'jpg'
        """
        return self.facts.extensions[0]


RENDERED_FORMATS = tuple(format_ for format_ in Format if format_.facts.cost)
# Optional ones are files of other kinds to most people, so they are not looked for in folders.
EXTENSIONS = frozenset(
    f".{name}"
    for format_ in Format
    if not format_.facts.optional
    for name in format_.facts.extensions
)

# Space, declaration, comments and document type before the root. A JavaScript expression, too.
SVG_START = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|<\?[^>]*>|<!--(?:[^-]|-(?!->))*-->"
    rb"|<!doctype\s+svg[^>\[]*(?:\[[^\]]*\]\s*)?>)*<svg[\s/>]",
    re.IGNORECASE,
)
_BRANDS = {brand: format_ for format_ in Format for brand in format_.facts.brands}
# A compatible brand names the format.
GENERIC_BRANDS = frozenset({b"mif1", b"mif2", b"msf1", b"miaf"})

SNIFFED_BYTES = 4096


def sniff(head: bytes) -> Format:
    """Detect the format from the first bytes of a file, never from its name.

    *head* is the first `SNIFFED_BYTES` bytes, or the whole file if it is shorter.

    >>> sniff(b"GIF89a")
    <Format.GIF: 'gif'>

    Raises:
        NotAnImageError: no known format begins like this.
        UnsupportedFormatError: it is a known format that is not supported, such as PDF.
    """
    for format_ in Format:
        if any(head.startswith(magic, offset) for offset, magic in format_.facts.magic):
            return format_
    if head[4:8] == b"ftyp":
        format_or_none = _brand(head)
        if format_or_none is not None:
            return format_or_none
    if SVG_START.match(head):
        return Format.SVG
    _refuse(head)
    message = f"not a known image format; send {accepted()}"
    raise NotAnImageError(message if head else "the file is empty")


def not_supported(kind: str) -> str:
    """Return the message for an original of a kind that is recognised and refused.

    >>> not_supported("PDF")
    'PDF is not supported; send JPEG, PNG, WebP, AVIF, GIF, TIFF or HEIC'
    """
    return f"{kind} is not supported; send {accepted()}"


def accepted() -> str:
    """Return the formats to send instead, as text: not those that are only converted.

    >>> accepted()
    'JPEG, PNG, WebP, AVIF, GIF, TIFF or HEIC'
    """
    return listed([format_.facts.title for format_ in Format if format_.facts.loader], "or")


def listed(names: Sequence[str], last: str = "and") -> str:
    """Join names as in a sentence.

    >>> listed(["JPEG", "PNG", "GIF"]), listed(["JPEG"])
    ('JPEG, PNG and GIF', 'JPEG')
    """
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


SVG_IS_OFF = f"SVG is accepted only with `svg = true` in [limits]; send {accepted()}"


def written(fact: Callable[[FormatFacts], object]) -> list[Format]:
    """Return the formats that we write and for which *fact* is true.

    >>> written(lambda facts: facts.lossless)
    [<Format.WEBP: 'webp'>, <Format.AVIF: 'avif'>]
    """
    return [format_ for format_ in RENDERED_FORMATS if fact(format_.facts)]


def _brand(head: bytes) -> Format | None:
    """Return the first known still-image brand of an ISO base media file, the major one first."""
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size, 4))]
    if brands[0] in GENERIC_BRANDS or brands[0] in _BRANDS:
        return next((_BRANDS[brand] for brand in brands if brand in _BRANDS), None)
    return None


def _refuse(head: bytes) -> None:
    for offset, magic, name in REFUSED:
        if head.startswith(magic, offset):
            brand = head[8:12].decode("ascii", "replace").strip()
            raise UnsupportedFormatError(not_supported(name.replace("{brand}", brand)))
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(MARKUP):
        raise UnsupportedFormatError(not_supported("SVG and other markup"))
