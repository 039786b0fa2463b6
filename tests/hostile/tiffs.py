"""TIFFs whose directories loop, lie or never end (TIFF 6.0)."""

from __future__ import annotations

import struct
from dataclasses import replace
from functools import partial

from tests.hostile.strangers import noise
from tests.hostile.table import (
    Hostile,
    anything,
    broken,
    doubtful,
    heavy,
    huge,
)
from tests.pictures import original, picture
from tests.wire import Tag, tiff, tiff_data_offset, tiff_directory, zeros_deflated
from tintype.imaging.formats import Format

_SHORT, _LONG, _UNDEFINED = 3, 4, 7
_WHITE_IS_0, _BLACK_IS_0, _RGB, _CMYK, _LAB = 0, 1, 2, 5, 8
_MANY = 2**32 - 1
_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _MEANING, _OFFSETS, _SAMPLES, _ROWS, _COUNTS = (
    256, 257, 258, 259, 262, 273, 277, 278, 279,
)  # fmt: skip
_DEFLATE, _JPEG, _LZW, _PACKBITS, _FAX, _OLD_JPEG = 8, 7, 5, 32773, 4, 6


def grey(
    width: int = 16,
    height: int = 16,
    data: bytes = bytes(256),
    *,
    following: int = 0,
    **changes: int,
) -> bytes:
    """Return a grey TIFF of one strip; *changes* replace values by the names of `_facts`."""
    return tiff(_tags(width, height, data, **changes), data, following=following)


def _tags(width: int, height: int, data: bytes, **changes: int) -> list[Tag]:
    facts = {
        "width": Tag(_WIDTH, _LONG, 1, width),
        "height": Tag(_HEIGHT, _LONG, 1, height),
        "bits": Tag(_BITS, _SHORT, 1, 8),
        "compression": Tag(_COMPRESSION, _SHORT, 1, 1),
        "meaning": Tag(_MEANING, _SHORT, 1, 1),
        "offset": Tag(_OFFSETS, _LONG, 1, 0),
        "samples": Tag(_SAMPLES, _SHORT, 1, 1),
        "rows": Tag(_ROWS, _LONG, 1, height),
        "count": Tag(_COUNTS, _LONG, 1, len(data)),
    }
    offset = tiff_data_offset(list(facts.values()))
    values = {"offset": offset, **changes}
    return [Tag(t.number, t.kind, t.count, values.get(name, t.value)) for name, t in facts.items()]


def _samples(count: int, meaning: int) -> bytes:
    """Return a TIFF of *count* samples a pixel, more than its *meaning* needs or fewer."""
    return grey(16, 16, noise(256 * count), samples=count, meaning=meaning)


def _numbers(bits: int, kind: int) -> bytes:
    """Return a grey TIFF of samples of so many *bits*, and SampleFormat *kind*."""
    data = noise(16 * 16 * bits // 8)
    return _with_tag(Tag(339, _SHORT, 1, kind), data=data, bits=bits)


def _strips(count: int, kind: int = _LONG) -> bytes:
    """Return a TIFF that claims *count* strips, whose tables lie in its own header."""
    tags = [t for t in _tags(16, 16, b"") if t.number not in {_OFFSETS, _COUNTS, _ROWS}]
    tags += [Tag(_OFFSETS, kind, count, 8), Tag(_ROWS, _LONG, 1, 1), Tag(_COUNTS, kind, count, 8)]
    return tiff(sorted(tags, key=lambda tag: tag.number), bytes(256))


def pages(count: int, width: int = 1, height: int = 1) -> bytes:
    """Return a TIFF of *count* pages that share one strip."""
    strip = bytes(width * height)
    size = len(tiff_directory(_tags(width, height, strip)))
    tags = _tags(width, height, strip, offset=8 + size * count)
    directories = [
        tiff_directory(tags, following=8 + size * (page + 1)) for page in range(count - 1)
    ]
    start = b"II*\0" + struct.pack("<I", 8)
    return start + b"".join(directories) + tiff_directory(tags) + strip


def _two_that_loop() -> bytes:
    first = grey(data=bytes(256), following=4096).ljust(4096, b"\0")
    return first + tiff_directory(_tags(16, 16, bytes(256), offset=300), following=8)


def _tiled(side: int) -> bytes:
    tags = [t for t in _tags(64, 64, b"") if t.number not in {_OFFSETS, _COUNTS, _ROWS}]
    tags += [
        Tag(322, _LONG, 1, side),
        Tag(323, _LONG, 1, side),
        Tag(324, _LONG, 1, 8),
        Tag(325, _LONG, 1, 100),
    ]
    return tiff(tags, bytes(256))


def _with_tag(*extra: Tag, data: bytes = bytes(256), **changes: int) -> bytes:
    tags = sorted([*_tags(16, 16, data, **changes), *extra], key=lambda tag: tag.number)
    offset = tiff_data_offset(tags)
    moved = [replace(tag, value=offset) if tag.number == _OFFSETS else tag for tag in tags]
    return tiff(moved, data)


_TABLE = (
    huge("TIFF of 65,535 × 65,535", partial(grey, 65_535, 65_535)),
    huge("TIFF of 4,294,967,295 × 4,294,967,295", partial(grey, _MANY, _MANY), "unreadable_image"),
    huge("TIFF of 4,294,967,295 × 1", partial(grey, _MANY, 1), "unreadable_image"),
    broken("TIFF of 0 × 0", partial(grey, 0, 0)),
    broken("TIFF of 9,000 × 9,000 with 256 bytes of pixels", partial(grey, 9_000, 9_000)),
    broken(
        "TIFF of 9,000 × 9,000 that points beyond its end",
        partial(grey, 9_000, 9_000, offset=1_000_000),
    ),
    broken("TIFF whose strip is 4 GB", partial(grey, count=_MANY, offset=_MANY)),
    broken("TIFF with 4,294,967,295 strips", partial(_strips, _MANY)),
    doubtful("TIFF with 65,535 strips", partial(_strips, 65_535, _SHORT)),
    broken("TIFF whose directory is behind its end", lambda: tiff([], first=1_000_000)),
    broken("TIFF whose directory is its header", lambda: tiff([], first=0)),
    broken("TIFF whose directory is empty", lambda: tiff([]) + bytes(100)),
    broken(
        "TIFF whose directory has 65,535 entries", lambda: b"II*\0\x08\0\0\0\xff\xff" + noise(4096)
    ),
    doubtful("TIFF whose directory follows itself", partial(grey, following=8)),
    doubtful("TIFF whose directories follow one another", _two_that_loop),
    Hostile("TIFF of 5,000 pages", partial(pages, 5_000), shows=anything),
    doubtful("TIFF of 60,000 pages", partial(pages, 60_000)),
    doubtful("TIFF of 200 pages of a megapixel", partial(pages, 200, 1_000, 1_000)),
    broken("TIFF of 64 bits", partial(grey, bits=64)),
    broken("TIFF of 65,535 bits", partial(grey, bits=65_535)),
    broken("TIFF of 65,535 samples", partial(grey, samples=65_535)),
    broken("TIFF of no samples", partial(grey, samples=0)),
    broken("TIFF of an unknown compression", partial(grey, compression=65_000)),
    *(
        doubtful(
            f"TIFF of {bits} bits whose samples are of kind {kind}",
            partial(_numbers, bits, kind),
        )
        for bits in (1, 8, 16, 32, 64)
        for kind in (2, 3, 5)  # signed, float, complex whole numbers
    ),
    *(
        doubtful(
            f"TIFF of {samples} samples a pixel whose meaning is {meaning}",
            partial(_samples, samples, meaning),
        )
        for samples in (2, 3, 5, 16)
        for meaning in (_WHITE_IS_0, _BLACK_IS_0, _RGB, _CMYK, _LAB)
    ),
    *(
        doubtful(
            f"TIFF of compression {compression} whose data are noise",
            partial(grey, 64, 64, noise(2_000), compression=compression),
        )
        for compression in (
            _LZW,
            _OLD_JPEG,
            _JPEG,
            _DEFLATE,
            _PACKBITS,
            _FAX,
            2,
            3,
            34676,
            34677,
            34925,
            50000,
            50001,
        )
    ),
    doubtful(
        "TIFF of one row and 1 GB of data",
        lambda: grey(16, 16, zeros_deflated(1_000_000_000), compression=_DEFLATE),
    ),
    doubtful("TIFF that says it is CIELAB", partial(grey, meaning=8)),
    doubtful("TIFF that says it is YCbCr", partial(grey, meaning=6)),
    doubtful("TIFF that says it is a mask", partial(grey, meaning=4)),
    doubtful("TIFF that says nothing we know", partial(grey, meaning=60_000)),
    broken("TIFF with tiles of 2,147,483,647 pixels", partial(_tiled, 2**31 - 1)),
    broken("TIFF with tiles of 0 pixels", partial(_tiled, 0)),
    broken("TIFF with tiles of 16,384 pixels", partial(_tiled, 16_384)),
    doubtful(
        "TIFF with EXIF that is itself",
        lambda: _with_tag(Tag(34665, _LONG, 1, 8), Tag(34853, _LONG, 1, 8)),
    ),
    doubtful("TIFF with directories below that loop", lambda: _with_tag(Tag(330, _LONG, 1, 8))),
    doubtful("TIFF with a profile of 4 GB", lambda: _with_tag(Tag(34675, _UNDEFINED, _MANY, 8))),
    doubtful("TIFF with an XMP of 4 GB", lambda: _with_tag(Tag(700, _UNDEFINED, _MANY, 8))),
    doubtful(
        "TIFF with the same entry 200 times", lambda: _with_tag(*[Tag(700, _UNDEFINED, 4, 0)] * 200)
    ),
    doubtful(
        "TIFF with noise in front of its directory", lambda: original("TIFF")[:-40] + noise(40)
    ),
    Hostile("TIFF of 20,000 × 1", lambda: picture(20_000, 1, Format.TIFF), shows=anything),
    # Inside the limits.
    heavy(
        "TIFF of 99 megapixels in 100 kB",
        lambda: grey(9_950, 9_950, zeros_deflated(9_950 * 9_950), compression=_DEFLATE),
    ),
)
# Any of them may be of a kind that is refused by its name.
ROWS = tuple(replace(row, codes=row.codes | {"unsupported_format"}) for row in _TABLE)
