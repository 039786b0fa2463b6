"""The properties of the main picture of an AVIF or HEIC (ISO/IEC 23008-12, 9.3), without decoding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tintype.imaging.boxes import boxes
from tintype.imaging.heif_layouts import canvases, item_types
from tintype.imaging.part_counter import PartCounter
from tintype.imaging.vips import Data

Property = tuple[bytes, bytes]  # its type and content

_META_HEADER_BYTES = 4
_MOST_META_BYTES = 4_000_000
_DERIVED = frozenset({b"grid", b"iovl", b"iden"})  # items that are made of others
# What else than HEVC and AV1 a picture may be coded in: ISO/IEC 23008-12, annexes, and 23001-17.
_CODINGS = {
    b"avc1": "AVC (H.264)",
    b"vvc1": "VVC (H.266)",
    b"evc1": "EVC",
    b"lhv1": "layers of HEVC",
    b"jpeg": "JPEG",
    b"j2k1": "JPEG 2000",
    b"unci": "uncompressed pixels",
}


def main_properties(data: Data) -> Sequence[Property]:
    """Return the properties of the primary item, or of its first tile if it has no colours itself.

    There are none if the file is broken.

    Raises:
        UnreadableImageError: it has too many parts.
    """
    items = _main_items(data)
    return next((found for found in items if any(kind == b"colr" for kind, _ in found)), ())


def main_size(data: Data) -> tuple[int, int] | None:
    """Return the size of the primary item before it is cropped or turned (`ispe`), if it has one.

    Where a canvas in the file is larger, it is that canvas's: a decoder takes memory for it.

    Raises:
        UnreadableImageError: it has too many parts.
    """
    parts = PartCounter(data)
    meta = _meta(data, parts)
    primary = dict(next(_of_meta(meta, parts), ()))
    size = primary.get(b"ispe", b"")[4:12]  # after version and flags
    shown = (int.from_bytes(size[:4], "big"), int.from_bytes(size[4:], "big"))
    largest = max([shown, *canvases(data, meta, parts)], key=lambda each: each[0] * each[1])
    return largest if any(largest) else None


def other_coding(data: Data) -> str | None:
    """Return what the primary item or its first tile is coded in if it is neither HEVC nor AV1.

    Raises:
        UnreadableImageError: it has too many parts.
    """
    parts = PartCounter(data)
    meta = _meta(data, parts)
    kinds = dict(item_types(meta.get(b"iinf", b""), parts))
    primary = int.from_bytes(meta.get(b"pitm", b"")[4:], "big")
    if kinds.get(primary) in _DERIVED:
        primary = _first_tile(meta.get(b"iref", b""), primary, parts)
    return _CODINGS.get(kinds.get(primary, b""))


def _main_items(data: Data) -> Iterator[Sequence[Property]]:
    """Yield the properties of the primary item and of its first tile."""
    parts = PartCounter(data)
    yield from _of_meta(_meta(data, parts), parts)


def _meta(data: Data, parts: PartCounter) -> dict[bytes, bytes]:
    """Return the boxes of a file's items, none if the file is broken."""
    for kind, start, end in boxes(data, 0, len(data), parts):
        if kind == b"meta" and start < end <= min(len(data), start + _MOST_META_BYTES):
            meta = bytes(data[start + _META_HEADER_BYTES : end])
            return {kind: meta[at:to] for kind, at, to in boxes(meta, 0, len(meta), parts)}
    return {}


def _of_meta(meta: dict[bytes, bytes], parts: PartCounter) -> Iterator[Sequence[Property]]:
    iprp = meta.get(b"iprp", b"")
    inner = {kind: iprp[at:to] for kind, at, to in boxes(iprp, 0, len(iprp), parts)}
    ipco = inner.get(b"ipco", b"")
    known = [(kind, ipco[at:to]) for kind, at, to in boxes(ipco, 0, len(ipco), parts)]
    used = dict(_associations(inner.get(b"ipma", b"")))
    pitm = meta.get(b"pitm", b"")
    primary = int.from_bytes(pitm[4:], "big")
    for item in (primary, _first_tile(meta.get(b"iref", b""), primary, parts)):
        yield [known[index - 1] for index in used.get(item, ()) if 0 < index <= len(known)]


def _associations(ipma: bytes) -> Iterator[tuple[int, list[int]]]:
    """Yield each item with the numbers of its properties, which count from 1."""
    id_bytes = 2 if ipma[:1] == b"\0" else 4
    index_bytes = 2 if ipma[3:4] and ipma[3] & 1 else 1
    position = 8
    while position + id_bytes < len(ipma):
        item = int.from_bytes(ipma[position : position + id_bytes], "big")
        start = position + id_bytes + 1
        position = start + ipma[start - 1] * index_bytes
        essential = 1 << (8 * index_bytes - 1)
        yield (
            item,
            [
                int.from_bytes(ipma[at : at + index_bytes], "big") & (essential - 1)
                for at in range(start, position, index_bytes)
            ],
        )


def _first_tile(iref: bytes, item: int, parts: PartCounter) -> int:
    """Return the first item that *item* is derived from (`dimg`), or 0, which no item is."""
    id_bytes = 2 if iref[:1] == b"\0" else 4
    for kind, start, _ in boxes(iref, 4, len(iref), parts):
        source = int.from_bytes(iref[start : start + id_bytes], "big")
        if kind == b"dimg" and source == item:
            first = start + id_bytes + 2
            return int.from_bytes(iref[first : first + id_bytes], "big")
    return 0
