"""The container of an AVIF or HEIC (ISO/IEC 14496-12, 23000-22): its size, and its animation.

Nothing is decoded here. Start with `read_heif`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, repeat

from tintype.imaging.boxes import boxes
from tintype.imaging.heif_properties import main_size, other_coding
from tintype.imaging.part_counter import PartCounter
from tintype.imaging.vips import Data

_META_HEADER_BYTES, _IINF_HEADER_BYTES = 4, {0: 6, 1: 8}
_INFE_NAMES_START = {2: 8, 3: 10}  # after version, flags and numbers, by version
_SEQUENCE, _STILL = b"avis", b"avif"  # brands
_WANTED_BOXES = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts"})
_MOST_DELAYS = 10_000  # those of later frames are the default
_ENDLESS = frozenset({0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF})  # durations


@dataclass(frozen=True, slots=True)
class HeifContainer:
    """`size` is the primary item's before it is cropped or turned, or a larger canvas's (`main_size`).

    `frames` counts those of an image sequence (AVIF with `moov`), whose first `delays` are in
    milliseconds, and which is played `loops` times (0: endlessly). `names_harm`: a part's name is
    not UTF-8, which crashes a decoder. `other_coding` as in `heif_properties`.
    """

    complete: bool
    size: tuple[int, int] | None = None
    frames: int = 1
    delays: tuple[int, ...] = ()
    loops: int = 0
    names_harm: bool = False
    other_coding: str | None = None


def read_heif(data: Data) -> HeifContainer:
    """Return the structure of *data*.

    Raises:
        UnreadableImageError: it has too many parts.
    """
    complete, harm, parts = True, False, PartCounter(data)
    brands: list[bytes] = []
    tracks: list[_Track] = []
    for kind, start, end in boxes(data, 0, len(data), parts):
        complete = end <= len(data)
        if not complete:
            break
        if kind == b"ftyp" and not brands:
            brands = [bytes(data[at : at + 4]) for at in (start, *range(start + 8, end - 3, 4))]
        elif kind == b"meta":
            harm = harm or _names_harm(data, start, end, parts)
        elif kind == b"moov":
            tracks += _tracks(data, start, end, parts)
    container = HeifContainer(
        complete=complete,
        size=main_size(data),
        names_harm=harm,
        other_coding=other_coding(data),
    )
    track = next((track for track in tracks if track.shows), None)
    if track is None or not _is_sequence(brands) or track.frames < 2:  # noqa: PLR2004
        return container
    return HeifContainer(
        complete=complete,
        size=track.size,
        frames=track.frames,
        delays=track.delays(),
        loops=track.loops,
        names_harm=harm,
    )


def _is_sequence(brands: list[bytes]) -> bool:
    """Whether the tracks are what is shown, not the primary item; as libavif decides."""
    return brands[:1] == [_SEQUENCE] or (_SEQUENCE in brands and brands[:1] != [_STILL])


def _number(data: Data, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "big")


def _names_harm(data: Data, start: int, end: int, parts: PartCounter) -> bool:
    """Whether an item's type or name is not UTF-8, which crashes pi-heif 1.4.0 (pillow_heif#478)."""
    for kind, inner, inner_end in boxes(data, start + _META_HEADER_BYTES, end, parts):
        if kind == b"iinf" and inner < inner_end <= end:
            items = inner + _IINF_HEADER_BYTES.get(data[inner], 8)
            for _, item, item_end in boxes(data, items, inner_end, parts):
                names = item + _INFE_NAMES_START.get(data[item] if item < end else 0, 4)
                if not _is_text(bytes(data[names:item_end])):
                    return True
    return False


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Track:
    """*durations* are runs of frames: their number, and the ticks that each is shown for."""

    shows: bool
    size: tuple[int, int]
    durations: tuple[tuple[int, int], ...]
    ticks_per_second: int
    loops: int

    @property
    def frames(self) -> int:
        return sum(count for count, _ in self.durations)

    def delays(self) -> tuple[int, ...]:
        """Return the first delays in milliseconds."""
        ticks = chain.from_iterable(repeat(each, count) for count, each in self.durations)
        second = max(1, self.ticks_per_second)
        return tuple(round(1000 * each / second) for each in islice(ticks, _MOST_DELAYS))


def _tracks(data: Data, start: int, end: int, parts: PartCounter) -> Iterator[_Track]:
    for kind, inner, inner_end in boxes(data, start, end, parts):
        if kind == b"trak":
            yield _track(dict(_inside(data, inner, inner_end, parts)), data, parts)


def _inside(
    data: Data, start: int, end: int, parts: PartCounter
) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Yield the boxes of a track at any depth, each with the start and end of its content."""
    for kind, inner, inner_end in boxes(data, start, end, parts):
        if inner_end > len(data):
            return
        yield kind, (inner, inner_end)
        if kind in _WANTED_BOXES:
            yield from _inside(data, inner, inner_end, parts)


def _track(boxes: dict[bytes, tuple[int, int]], data: Data, parts: PartCounter) -> _Track:
    """Return a track from its boxes (ISO/IEC 14496-12, 8.3.2, 8.4.2, 8.6.1.2 and 8.6.6)."""
    content = {name: bytes(data[start:end]) for name, (start, end) in boxes.items()}
    header, media = content.get(b"tkhd", b""), content.get(b"mdhd", b"")
    entries = content.get(b"stsd", b"")
    edits, times = content.get(b"elst", b""), content.get(b"stts", b"")
    durations = []
    for at in range(8, min(len(times), 8 + 8 * _number(times, 4, 4)) - 7, 8):
        parts.count()
        durations.append((_number(times, at, 4), _number(times, at + 4, 4)))
    return _Track(
        shows=content.get(b"hdlr", b"")[8:12] == b"pict"
        and b"av01" in entries
        and b"clap" not in entries,
        size=(_number(header, len(header) - 8, 2), _number(header, len(header) - 4, 2)),
        durations=tuple(durations),
        ticks_per_second=_number(media, 20 if media[:1] == b"\1" else 12, 4),
        loops=_loops(header, edits),
    )


def _loops(header: bytes, edits: bytes) -> int:
    """Return how often a track is played, from its duration and that of its edit; 0 is endlessly."""
    if len(edits) < 8:  # noqa: PLR2004 - nothing is said
        return 0
    if not edits[3] & 1:
        return 1
    at, size = (28, 8) if header[:1] == b"\1" else (20, 4)
    duration = _number(header, at, size)
    segment = _number(edits, 8, 8 if edits[:1] == b"\1" else 4)
    return 0 if duration in _ENDLESS or not segment else max(1, round(duration / segment))
