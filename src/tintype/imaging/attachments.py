"""What a file carries beside its picture: texts, comments, films, further pictures, AI labels.

No rendition has any of it; `metadata.py` names it in the privacy receipt. Start with `attached`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass

from tintype.imaging.boxes import boxes
from tintype.imaging.camera_raw import largest_preview
from tintype.imaging.container import PNG_TEXTS, gif_blocks, png_chunks, webp_chunks
from tintype.imaging.errors import UnreadableImageError
from tintype.imaging.formats import Format
from tintype.imaging.part_counter import PartCounter
from tintype.imaging.vips import Data

# C2PA 2.1, appendix A: where content credentials are, by format.
CREDENTIALS = "content credentials (C2PA)"
_C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
GAIN_MAP = "gain map"
_FILM, _SECOND, _POSITION = "video", "further picture", "GPS position"

# Markers of JPEG, and how segments begin.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SOS, _EOI, _COM, _APP2, _APP11, _ALONE = 0xDA, 0xD9, 0xFE, 0xE2, 0xEB, frozenset({0x01, 0xD8})
ADOBE_GAIN_MAP = b"hdrgm:Version"  # in the XMP of the main picture (Ultra HDR 1.1; Adobe, 2024)
_ISO_GAIN_MAP, _APPLE_GAIN_MAP = b"urn:iso:std:iso:ts:21496", b":aux:hdrgainmap"
_GAIN_MAPS = (_ISO_GAIN_MAP, ADOBE_GAIN_MAP, _APPLE_GAIN_MAP)
_POSITION_SIGNS = (b"\xa9xyz", b"loci", b"location.ISO6709")  # of QuickTime, 3GPP and Apple
_GIF_COMMENT = b"\x21\xfe"  # GIF89a, section 24
_FEW = 16  # bytes behind a picture that are padding
_MOST_PICTURES = 16  # behind a picture
_PADDING = re.compile(rb"\0*")

# Keywords of PNG texts, in lower case; others are "text", and those without a name are harmless.
_KEYWORDS = {
    "author": "author name",
    "artist": "artist name",
    "copyright": "copyright",
    "title": "title",
    "description": "description",
    "comment": "comment",
    **dict.fromkeys(("parameters", "prompt", "workflow", "dream", "sd-metadata"), "AI prompt"),
    **dict.fromkeys(("software", "creation time", "date:create", "date:modify"), None),
    **dict.fromkeys(("date:timestamp", "xml:com.adobe.xmp"), None),
}
_AUXILIARY = {
    **dict.fromkeys((_ISO_GAIN_MAP, _APPLE_GAIN_MAP, b"tmap"), GAIN_MAP),
    b":2015:auxid:2": "depth map",
    b"auxiliary:depth": "depth map",
    b":aux:portraiteffectsmatte": "portrait mask",
    b":aux:semantic": "portrait mask",
    b"thmb": "embedded thumbnail",
}


@dataclass(frozen=True, slots=True)
class Attached:
    """The names of what is attached; *credentials* are the bytes of a C2PA manifest, if any."""

    names: frozenset[str] = frozenset()
    credentials: bytes = b""


def attached(file: Data, format_: Format) -> Attached:
    """Return what *file* carries beside its picture and its EXIF, XMP and IPTC."""
    find = _FINDERS.get(format_)
    found: list[tuple[str, bytes]] = []
    with suppress(UnreadableImageError):  # too many parts to look at
        found.extend(find(file) if find else ())
    credentials = b"".join(content for name, content in found if name == CREDENTIALS)
    return Attached(frozenset(name for name, _ in found), credentials)


_Found = Iterator[tuple[str, bytes]]


def _jpeg(data: Data) -> _Found:
    end = yield from _segments(data, 0)
    if end:
        yield from _behind(bytes(data[end:]))
    elif b"ftyp" in bytes(data):  # as Samsung's panoramas
        yield _FILM, b""


def _segments(data: Data, start: int) -> Generator[tuple[str, bytes], None, int]:
    """Yield what the segments of a JPEG are, and return where it ends, or 0 if it does not."""
    position, parts = start + 2, PartCounter(data)
    while (mark := _MARKER.search(data, position)) is not None:
        parts.count()
        marker, position = data[mark.start() + 1], mark.end()
        if marker == _EOI:
            return position
        if marker not in _ALONE:
            length = int.from_bytes(data[position : position + 2], "big")
            yield from _segment(marker, bytes(data[position + 2 : position + length]))
            position += length
    return 0


def _segment(marker: int, content: bytes) -> _Found:
    if marker == _COM:
        yield "comment", b""
    elif marker == _APP11 and content.startswith(b"JP"):
        yield CREDENTIALS, content[8:]
    elif any(sign in content for sign in _GAIN_MAPS):
        yield GAIN_MAP, b""


def _behind(tail: bytes) -> _Found:
    """Yield what follows the end of a JPEG: films of phones, gain maps, further pictures, anything else."""
    if len(tail.strip(b"\0\xff")) <= _FEW:
        return
    film = b"ftyp" in tail
    if film:
        yield _FILM, b""
        if any(sign in tail for sign in _POSITION_SIGNS):
            yield _POSITION, b""
    at, pictures = 0, 0
    while tail.startswith(b"\xff\xd8\xff", at) and pictures < _MOST_PICTURES:
        end = _end(tail, at) or len(tail)
        # Apple's main picture does not tell of its map.
        is_map = any(tail.find(sign, at, end) >= 0 for sign in _GAIN_MAPS)
        yield GAIN_MAP if is_map else _SECOND, b""
        padding = _PADDING.match(tail, end)
        at, pictures = padding.end() if padding else end, pictures + 1
    if not film and not pictures:
        yield "data after the picture", b""


def _end(data: bytes, start: int) -> int:
    """Return where the JPEG at *start* ends, or 0 if it does not."""
    segments = _segments(data, start)
    while True:
        try:
            next(segments)
        except StopIteration as stopped:
            return int(stopped.value)


def _png(data: Data) -> _Found:
    for kind, start, end in png_chunks(data):
        content = bytes(data[start + 8 : end - 4])
        if kind in PNG_TEXTS:
            name = _KEYWORDS.get(content.partition(b"\0")[0].decode("latin-1").lower(), "text")
            if name is not None:
                yield name, b""
        elif kind == b"caBX":
            yield CREDENTIALS, content


def _webp(data: Data) -> _Found:
    for kind, start, end in webp_chunks(data):
        if kind == b"C2PA":
            yield CREDENTIALS, bytes(data[start:end])


def _gif(data: Data) -> _Found:
    for start, _ in gif_blocks(data):
        if bytes(data[start : start + 2]) == _GIF_COMMENT:
            yield "comment", b""


def _heif(data: Data) -> _Found:
    for kind, start, end in boxes(data, 0, len(data), PartCounter(data)):
        if kind == b"uuid" and bytes(data[start : start + 16]) == _C2PA_BOX:
            yield CREDENTIALS, bytes(data[start + 16 : end])
        elif kind == b"mpvd":  # the film of a motion photo
            yield _FILM, b""
        elif kind == b"meta":
            content = bytes(data[start:end])
            yield from ((name, b"") for sign, name in _AUXILIARY.items() if sign in content)


def _raw(data: Data) -> _Found:
    if bytes(data[4:8]) == b"ftyp":  # as CR3, whose other private parts are tags
        yield from _heif(data)
    preview = largest_preview(data)
    if preview is not None:
        yield from _segments(data, preview.start)


_FINDERS: dict[Format, Callable[[Data], _Found]] = {
    Format.JPEG: _jpeg,
    Format.PNG: _png,
    Format.WEBP: _webp,
    Format.GIF: _gif,
    Format.AVIF: _heif,
    Format.HEIC: _heif,
    Format.RAW: _raw,
}
