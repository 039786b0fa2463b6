"""AVIF and HEIC whose boxes lie, loop or point elsewhere (ISO/IEC 14496-12 and 23008-12)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from PIL import Image

from tests.hostile.strangers import noise
from tests.hostile.table import (
    BROKEN,
    NOT_ONE_OF_OURS,
    TOO_LARGE,
    Hostile,
    anything,
    broken,
    doubtful,
    harmless,
    heavy,
    huge,
)
from tests.metadata import private_original
from tests.pictures import HEIGHT, WIDTH, encode, original, picture
from tests.signalled import HDR
from tests.wire import box, full_box, patch
from tintype.imaging.formats import Format

_MAKER = struct.pack("<HH", 0x010F, 2)  # an entry of EXIF, before its length
_NO_TEXT = b"\xff\xfe\xfd\xfc"
_NAMES = {Format.AVIF: "AVIF", Format.HEIC: "HEIC"}
_CODED = {Format.AVIF: b"av01", Format.HEIC: b"hvc1"}
_SETUP = {Format.AVIF: b"av1C", Format.HEIC: b"hvcC"}
_BRANDS = {Format.AVIF: b"avif\0\0\0\0avifmif1miaf", Format.HEIC: b"heic\0\0\0\0mif1heic"}


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its kind, its bytes, its properties (counted from 1), and whom it refers to how.

    Items of the kind `mime` have a *content_type* as well.
    """

    kind: bytes
    data: bytes = b""
    properties: tuple[int, ...] = ()
    references: dict[bytes, tuple[int, ...]] = field(default_factory=dict)
    content_type: bytes = b""


def container(
    file_format: Format,
    items: Sequence[Item],
    properties: Sequence[bytes],
    *,
    primary: int = 1,
    extents: int = 1,
) -> bytes:
    """Return a file of *items*, numbered from 1; each one's bytes are given *extents* times."""
    start = box(b"ftyp", _BRANDS[file_format])
    data = b"".join(item.data for item in items)
    size = len(start) + len(_meta(items, properties, primary, extents, 0)) + 8
    return start + _meta(items, properties, primary, extents, size) + box(b"mdat", data)


def _meta(
    items: Sequence[Item], properties: Sequence[bytes], primary: int, extents: int, at: int
) -> bytes:
    places, infos, uses, references = [], [], [], []
    for number, item in enumerate(items, 1):
        extent = struct.pack(">II", at, len(item.data))
        places.append(struct.pack(">HHH", number, 0, extents) + extent * extents)
        names = b"\0" + (item.content_type + b"\0" if item.content_type else b"")
        infos.append(full_box(b"infe", struct.pack(">HH", number, 0), item.kind, names, version=2))
        uses.append(struct.pack(">HB", number, len(item.properties)) + bytes(item.properties))
        at += len(item.data)
        for kind, targets in item.references.items():
            numbers = struct.pack(f">HH{len(targets)}H", number, len(targets), *targets)
            references.append(box(kind, numbers))
    count = len(items)
    return full_box(
        b"meta",
        full_box(b"hdlr", bytes(4), b"pict", bytes(13)),
        full_box(b"pitm", struct.pack(">H", primary)),
        full_box(b"iloc", b"\x44\0", struct.pack(">H", count), *places),
        full_box(b"iinf", struct.pack(">H", count), *infos),
        full_box(b"iref", *references) if references else b"",
        box(b"iprp", box(b"ipco", *properties), full_box(b"ipma", struct.pack(">I", count), *uses)),
    )


def size(width: int, height: int) -> bytes:
    """Return the property that says how large an item is."""
    return full_box(b"ispe", struct.pack(">II", width, height))


def boxes(data: bytes, start: int = 0) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and body of each box from *start* on."""
    while start + 8 <= len(data):
        length = int.from_bytes(data[start : start + 4], "big")
        yield data[start + 4 : start + 8], data[start + 8 : start + length]
        start += length


def coded(file_format: Format) -> tuple[bytes, bytes]:
    """Return the decoder's setup box and the coded picture of a plain original."""
    data = original(_NAMES[file_format])
    kind = _SETUP[file_format]
    at = data.index(kind) - 4
    setup = data[at : at + int.from_bytes(data[at : at + 4], "big")]
    return setup, dict(boxes(data))[b"mdat"]


def grid(
    file_format: Format,
    rows: int,
    columns: int,
    *,
    width: int | None = None,
    height: int | None = None,
    tile: int = 2,
) -> bytes:
    """Return a grid of one tile again and again; *tile* is the item it is made of, 1 the grid itself."""
    wide, high = width or columns * WIDTH, height or rows * HEIGHT
    layout = struct.pack(">BBBBII", 0, 1, rows - 1, columns - 1, wide, high)
    setup, pixels = coded(file_format)
    whole = Item(b"grid", layout, (1,), {b"dimg": (tile,) * (rows * columns)})
    properties = [size(wide, high), size(WIDTH, HEIGHT), setup]
    return container(file_format, [whole, Item(_CODED[file_format], pixels, (2, 3))], properties)


def shared_grid(file_format: Format, side: int) -> bytes:
    """Return a grid of *side* × *side* items that all have the same bytes: valid, tiny and large."""
    count = side * side
    wide, high = side * WIDTH, side * HEIGHT
    setup, pixels = coded(file_format)
    layout = struct.pack(">BBBBHH", 0, 0, side - 1, side - 1, wide, high)
    whole = Item(b"grid", layout, (1,), {b"dimg": tuple(range(2, count + 2))})
    tiles = [Item(_CODED[file_format], pixels, (2, 3))] + [
        Item(_CODED[file_format], b"", (2, 3))
    ] * (count - 1)
    properties = [size(wide, high), size(WIDTH, HEIGHT), setup]
    data = container(file_format, [whole, *tiles], properties)
    first = data.index(b"iloc") + 8 + 4 + 14
    place = data[first + 6 : first + 14]
    for number in range(1, count):
        data = patch(data, first + 14 * number + 6, place)
    return data


def plain(
    file_format: Format,
    *more: bytes,
    references: dict[bytes, tuple[int, ...]] | None = None,
    **facts: int,
) -> bytes:
    """Return the plain original, put together by us, with *more* properties."""
    setup, pixels = coded(file_format)
    used = tuple(range(1, 3 + len(more)))
    item = Item(_CODED[file_format], pixels, used, references or {})
    return container(file_format, [item], [size(WIDTH, HEIGHT), setup, *more], **facts)


def _with_item(file_format: Format, kind: bytes, content_type: bytes = b"") -> bytes:
    """Return a picture that an item of *kind* describes; MIME items have a *content_type*."""
    setup, pixels = coded(file_format)
    about = Item(kind, noise(100), (), {b"cdsc": (1,)}, content_type)
    items = [Item(_CODED[file_format], pixels, (1, 2)), about]
    return container(file_format, items, [size(WIDTH, HEIGHT), setup])


def _with_auxiliary(file_format: Format, meaning: bytes) -> bytes:
    """Return a picture with a second one beside it, whose *meaning* is a text."""
    setup, pixels = coded(file_format)
    second = Item(_CODED[file_format], pixels, (1, 2, 3), {b"auxl": (1,)})
    items = [Item(_CODED[file_format], pixels, (1, 2)), second]
    text = full_box(b"auxC", meaning, b"\0")
    return container(file_format, items, [size(WIDTH, HEIGHT), setup, text])


def _longer_maker(file_format: Format) -> bytes:
    """Return a picture whose EXIF names a maker with 65,535 letters, and ends before that."""
    data = private_original(file_format)
    return patch(data, data.index(_MAKER) + len(_MAKER), struct.pack("<I", 65_535))


def _claimed(file_format: Format, width: int, height: int) -> bytes:
    data = original(_NAMES[file_format])
    return patch(data, data.index(b"ispe") + 8, struct.pack(">II", width, height))


def _box_size(file_format: Format, kind: bytes, new: int) -> bytes:
    data = original(_NAMES[file_format])
    return patch(data, data.index(kind) - 4, struct.pack(">I", new))


def _noise_for(file_format: Format, kind: bytes) -> bytes:
    data = original(_NAMES[file_format])
    at = data.index(kind) + 4
    return patch(data, at, noise(40))


def _nested(depth: int) -> bytes:
    inside = b""
    for _ in range(depth):
        inside = full_box(b"meta", inside)
    return box(b"ftyp", _BRANDS[Format.HEIC]) + inside


def _endless_box() -> bytes:
    start = box(b"ftyp", _BRANDS[Format.AVIF])
    return start + struct.pack(">I4sQ", 1, b"meta", 2**63 - 1) + noise(1000)


def _many_items() -> bytes:
    setup, pixels = coded(Format.HEIC)
    items = [Item(b"hvc1", pixels, (1, 2)), *[Item(b"hvc1")] * 65_000]
    return container(Format.HEIC, items, [size(WIDTH, HEIGHT), setup])


def _overlay(file_format: Format, width: int, height: int) -> bytes:
    layout = struct.pack(">BB4HIIii", 0, 1, 0, 0, 0, 0, width, height, 0, 0)
    setup, pixels = coded(file_format)
    whole = Item(b"iovl", layout, (1,), {b"dimg": (2,)})
    properties = [size(width, height), size(WIDTH, HEIGHT), setup]
    return container(file_format, [whole, Item(_CODED[file_format], pixels, (2, 3))], properties)


def _small_canvas_claim(made: bytes) -> bytes:
    """Return a file whose tiles or layers cover more than its header says, 16 × 16."""
    return patch(made, made.index(b"ispe") + 8, struct.pack(">II", 16, 16))


def _small_claim() -> bytes:
    """Return an AVIF whose data are 4,000 × 4,000 and whose header says 16 × 16."""
    data = encode([Image.new("L", (4_000, 4_000))], Format.AVIF, quality=1, speed=10)
    return patch(data, data.index(b"ispe") + 8, struct.pack(">II", 16, 16))


def _crop(*fractions: int) -> bytes:
    return box(b"clap", struct.pack(">8I", *fractions))


def _rows(kind: Format) -> tuple[Hostile, ...]:
    """Return what both formats share."""
    name = _NAMES[kind]
    return (
        Hostile(f"{name}, put together by hand", partial(plain, kind), shows=anything),
        huge(
            f"{name} of 100,000 × 100,000",
            partial(_claimed, kind, 100_000, 100_000),
            "unreadable_image",
        ),
        huge(
            f"{name} of 65,535 × 65,535",
            partial(_claimed, kind, 65_535, 65_535),
            "unreadable_image",
        ),
        huge(f"{name} of 4,294,967,295 × 1", partial(_claimed, kind, 2**32 - 1, 1), *BROKEN),
        broken(f"{name} of 0 × 0", partial(_claimed, kind, 0, 0)),
        doubtful(
            f"{name} that claims 9,000 × 9,000 and has 240 × 160",
            partial(_claimed, kind, 9_000, 9_000),
        ),
        Hostile(
            f"{name}, grid of 100 × 100 tiles", partial(grid, kind, 100, 100), TOO_LARGE | BROKEN
        ),
        Hostile(
            f"{name}, grid of 255 × 255 tiles", partial(grid, kind, 255, 255), TOO_LARGE | BROKEN
        ),
        Hostile(
            f"{name}, grid of 2 tiles and 100,000 × 100,000",
            partial(grid, kind, 1, 2, width=100_000, height=100_000),
            TOO_LARGE | BROKEN,
        ),
        doubtful(f"{name}, grid that is its own tile", partial(grid, kind, 2, 2, tile=1)),
        doubtful(f"{name}, grid of tiles that are not there", partial(grid, kind, 2, 2, tile=7)),
        heavy(f"{name}, grid of 16 × 16 tiles", partial(grid, kind, 16, 16)),
        heavy(f"{name}, grid of 8 × 8 tiles of the same bytes", partial(shared_grid, kind, 8)),
        heavy(f"{name}, grid of 15 × 15 tiles of the same bytes", partial(shared_grid, kind, 15)),
        heavy(f"{name}, grid of 40 × 60 tiles, 92 megapixels", partial(grid, kind, 60, 40)),
        Hostile(
            f"{name}, overlay of 100,000 × 100,000",
            partial(_overlay, kind, 100_000, 100_000),
            TOO_LARGE | BROKEN,
        ),
        Hostile(
            f"{name}, overlay of 30,000 × 30,000 that claims 16 × 16",
            lambda: _small_canvas_claim(_overlay(kind, 30_000, 30_000)),
            TOO_LARGE,
        ),
        Hostile(
            f"{name}, grid of 31 × 31 tiles, 30,000 × 30,000, that claims 16 × 16",
            lambda: _small_canvas_claim(grid(kind, 31, 31, width=30_000, height=30_000)),
            TOO_LARGE,
        ),
        doubtful(f"{name}, overlay of 240 × 160", partial(_overlay, kind, WIDTH, HEIGHT)),
        doubtful(
            f"{name} that is its own transparency", lambda: plain(kind, references={b"auxl": (1,)})
        ),
        doubtful(f"{name} with metadata of no known kind", partial(_with_item, kind, b"what")),
        doubtful(
            f"{name} with metadata whose kind is no text", partial(_with_item, kind, _NO_TEXT)
        ),
        doubtful(f"{name} whose EXIF ends before a text", partial(_longer_maker, kind)),
        broken(f"{name} without a size", lambda: original(name).replace(b"ispe", b"is e")),
        doubtful(
            f"{name} with metadata whose type is no text",
            partial(_with_item, kind, b"mime", _NO_TEXT),
        ),
        doubtful(
            f"{name} with a second picture whose meaning is no text",
            partial(_with_auxiliary, kind, _NO_TEXT),
        ),
        doubtful(
            f"{name} with a second picture that is none we know",
            partial(_with_auxiliary, kind, b"urn:example:what"),
        ),
        doubtful(
            f"{name} that is its own thumbnail", lambda: plain(kind, references={b"thmb": (1,)})
        ),
        doubtful(f"{name} that describes itself", lambda: plain(kind, references={b"cdsc": (1,)})),
        doubtful(f"{name} whose data are given 1,000 times", lambda: plain(kind, extents=1_000)),
        doubtful(f"{name} whose data are given 65,535 times", lambda: plain(kind, extents=65_535)),
        broken(f"{name} whose picture is not there", lambda: plain(kind, primary=9)),
        doubtful(
            f"{name} cropped by a fraction of 0", lambda: plain(kind, _crop(9, 0, 9, 0, 0, 0, 0, 0))
        ),
        doubtful(
            f"{name} cropped to 4,294,967,295",
            lambda: plain(kind, _crop(2**32 - 1, 1, 2**32 - 1, 1, 0, 1, 0, 1)),
        ),
        doubtful(f"{name} turned 200 times", lambda: plain(kind, *[box(b"irot", b"\x01")] * 200)),
        doubtful(
            f"{name} with a profile of 10 MB",
            lambda: plain(kind, box(b"colr", b"prof", bytes(10_000_000))),
        ),
        doubtful(
            f"{name} with a profile of noise",
            lambda: plain(kind, box(b"colr", b"prof", noise(1000))),
        ),
        doubtful(
            f"{name} with a colour space that does not exist",
            lambda: plain(kind, box(b"colr", b"nclx", b"\xff" * 7)),
        ),
        broken(f"{name} whose picture is noise", partial(_noise_for, kind, b"mdat")),
        doubtful(f"{name} whose setup is noise", partial(_noise_for, kind, _SETUP[kind])),
        broken(f"{name} whose items are noise", partial(_noise_for, kind, b"iinf")),
        broken(f"{name} whose places are noise", partial(_noise_for, kind, b"iloc")),
        broken(f"{name} whose metadata box is 4 GB", partial(_box_size, kind, b"meta", 2**32 - 1)),
        doubtful(f"{name} whose metadata box has no end", partial(_box_size, kind, b"meta", 0)),
        broken(f"{name} whose metadata box is 4 bytes", partial(_box_size, kind, b"meta", 4)),
        broken(f"{name} whose property box is 4 GB", partial(_box_size, kind, b"ipco", 2**32 - 1)),
        Hostile(
            f"{name} whose brand box has no end",
            partial(_box_size, kind, b"ftyp", 0),
            BROKEN | NOT_ONE_OF_OURS,
            shows=anything,
        ),
    )


ROWS = (
    *_rows(Format.AVIF),
    *_rows(Format.HEIC),
    broken("HEIC of 1,000 nested boxes", partial(_nested, 1_000)),
    broken("HEIC of 20,000 nested boxes", partial(_nested, 20_000)),
    broken("AVIF with a box of 9 exabytes", _endless_box),
    broken("HEIC of 100,000 empty boxes", lambda: plain(Format.HEIC) + box(b"free") * 100_000),
    doubtful("HEIC of 65,000 items", _many_items),
    doubtful(
        "AVIF of 10 bits with metadata whose kind is no text",
        lambda: HDR["AVIF, PQ, 10 bits"]().replace(b"Exif", _NO_TEXT),
    ),
    doubtful("AVIF that claims 16 × 16 and has 4,000 × 4,000", _small_claim),
    harmless(
        "AVIF sequence",
        lambda: picture(file_format=Format.AVIF, frames=3, quality=80, speed=9),
        "AVIF",
    ),
)
