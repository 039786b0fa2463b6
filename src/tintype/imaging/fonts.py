"""Font files: which characters of a text they have, and the same font under another name.

Start with `text_violations`. TrueType, OpenType and collections of them, as in Microsoft's OpenType
specification 1.9.1 ("The OpenType Font File", "cmap", "name"). No library is loaded for it, so that
settings can be checked wherever they are read.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from tintype.imaging.errors import InvalidPresetError
from tintype.imaging.presets import Watermark

_DEFAULT = ("fontpkg_arimo", "files/Arimo[wght].ttf")  # a package, and the file in it
_VERSIONS = (b"\0\1\0\0", b"OTTO", b"true")
_WEB_FONTS = (b"wOFF", b"wOF2")
_UNICODE, _WINDOWS = 0, 3  # platforms in `cmap`
_VARIATIONS = 5  # Unicode's encoding that only has variants of what others have
_WINDOWS_UNICODE = (1, 10)
_ENGLISH = 0x409
_FAMILY_NAMES = (1, 4, 6, 16)  # family, full, PostScript and typographic family

Table = tuple[bytes, int, bytes]  # tag, checksum, content


@dataclass(frozen=True, slots=True)
class Font:
    """One font: its kind in four bytes, and its tables."""

    version: bytes
    tables: tuple[Table, ...]

    def table(self, name: bytes) -> bytes:
        """Return a table's content, empty if there is none."""
        return next((content for tag, _, content in self.tables if tag == name), b"")


def text_violations(watermark: Watermark) -> list[str]:
    """Return why the watermark's text cannot be drawn as `setting: reason`, empty if it can."""
    try:
        absent = missing_glyphs(watermark)
    except InvalidPresetError as error:
        return [str(error)]
    return [f"watermark.text: {no_glyph(absent)}"] if absent else []


def no_glyph(absent: str) -> str:
    """Return the sentence about characters that a font lacks.

    >>> no_glyph("日本")
    "the watermark's font has no glyph for '日' (U+65E5), '本' (U+672C); set another font"
    """
    signs = ", ".join(f"{sign!r} (U+{ord(sign):04X})" for sign in absent)
    return f"the watermark's font has no glyph for {signs}; set another font"


def missing_glyphs(watermark: Watermark) -> str:
    """Return the characters of the watermark's text that neither its font nor the default has.

    Raises:
        InvalidPresetError: a font cannot be read, or none is installed.
    """
    if not watermark.text:
        return ""
    return missing_characters(watermark.text, [read_font(data) for data in fonts_of(watermark)])


def fonts_of(watermark: Watermark) -> list[bytes]:
    """Return the font that is named, and the default one for what the named one lacks.

    Raises:
        InvalidPresetError: none is named, and the default one is not installed.
    """
    default = default_font()
    if watermark.font is None and default is None:
        message = f"watermark.font: set one, or install {_DEFAULT[0].replace('_', '-')}"
        raise InvalidPresetError(message)
    return [data for data in (watermark.font, default) if data is not None]


def default_font() -> bytes | None:
    """Return Arimo (SIL Open Font License 1.1): Latin, Greek, Cyrillic and Hebrew.

    None if its package is not installed.
    """
    file = default_font_file()
    return None if file is None else _bytes_of(file)


def default_font_file() -> Path | None:
    """Return where the default font is; None if its package is not installed."""
    package, name = _DEFAULT
    spec = find_spec(package)  # which does not import it
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / name


@lru_cache(maxsize=1)
def _bytes_of(path: Path) -> bytes:
    return path.read_bytes()


@lru_cache(maxsize=8)
def read_font(data: bytes) -> Font:
    """Return the font, or the first one of a collection.

    Raises:
        InvalidPresetError: these are not the bytes of such a file.
    """
    if data[:4] in _WEB_FONTS:
        message = "watermark.font: a web font (WOFF); convert it to TrueType or OpenType"
        raise InvalidPresetError(message)
    try:
        (start,) = struct.unpack_from(">I", data, 12) if data[:4] == b"ttcf" else (0,)
        version, count = struct.unpack_from(">4sH", data, start)
        records = list(struct.iter_unpack(">4sIII", data[start + 12 : start + 12 + 16 * count]))
        font = Font(
            version, tuple((t, check, data[at : at + size]) for t, check, at, size in records)
        )
        complete = all(at + size <= len(data) for _, _, at, size in records)
        if version in _VERSIONS and complete and len(records) == count and font.table(b"cmap"):
            return font
    except struct.error:
        pass
    message = "watermark.font: not a TrueType or OpenType font"
    raise InvalidPresetError(message)


def missing_characters(text: str, fonts: Sequence[Font]) -> str:
    """Return the characters that no font has, each once, in the order of the text.

    As HarfBuzz draws text: a letter with an accent may come from the composed character or from
    its parts, spaces of any width are made from the plain one, and invisible characters, such as
    joiners and variation selectors, need no glyph.

    Raises:
        InvalidPresetError: a font's table of characters is damaged.
    """
    return "".join(dict.fromkeys("".join(absent for _, _, absent in _assigned(text, fonts))))


def runs(text: str, fonts: Sequence[Font]) -> list[tuple[str, int]]:
    """Split *text* into parts, each with the number of the font that draws it.

    That is the first font with all characters of a letter and its accents, or of an emoji and its
    modifiers. A font without letters, such as one of emoji, draws no digits and punctuation either
    if another font has them.
    """
    found: list[tuple[str, int]] = []
    for cluster, index, _ in _assigned(text, fonts):
        if found and found[-1][1] == index:
            found[-1] = (found[-1][0] + cluster, index)
        else:
            found.append((cluster, index))
    return found


def _assigned(text: str, fonts: Sequence[Font]) -> Iterator[tuple[str, int, str]]:
    """Yield what is drawn as one, the number of its font, and the characters that this lacks."""
    composed, parts = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    known = [_had(font, frozenset(composed + parts + " a\N{HYPHEN}")) for font in fonts]
    for cluster in _clusters(composed):
        last_resort = [cluster.isascii() and "a" not in had for had in known]
        absent = ["".join(sign for sign in cluster if not _drawable(sign, had)) for had in known]
        index = min(range(len(fonts)), key=lambda i: (len(absent[i]), last_resort[i], i))
        yield cluster, index, absent[index]


def _clusters(text: str) -> Iterator[str]:
    """Yield letters with their accents, and emoji with their modifiers: what is drawn as one.

    The part of Unicode's annex 29 that matters for the choice of a font.
    """
    cluster = ""
    for sign in text:
        pair = _is_regional(sign) and len(cluster) == 1 and _is_regional(cluster)
        if cluster and (pair or _is_appended(sign) or cluster[-1] == "\N{ZERO WIDTH JOINER}"):
            cluster += sign
            continue
        if cluster:
            yield cluster
        cluster = sign
    if cluster:
        yield cluster


def _is_regional(sign: str) -> bool:
    """Whether two of these make a flag."""
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _is_appended(sign: str) -> bool:
    skin = "\U0001f3fb" <= sign <= "\U0001f3ff"
    return skin or _is_invisible(sign) or unicodedata.category(sign).startswith("M")


def _had(font: Font, characters: frozenset[str]) -> frozenset[str]:
    try:
        return frozenset(_mapped(font.table(b"cmap"), characters))
    except (struct.error, IndexError) as error:
        message = "watermark.font: its table of characters is damaged"
        raise InvalidPresetError(message) from error


def _drawable(sign: str, known: frozenset[str]) -> bool:
    if sign in known or _is_invisible(sign):
        return True
    if unicodedata.category(sign) == "Zs":
        return " " in known
    if sign == "\N{NON-BREAKING HYPHEN}":
        return "\N{HYPHEN}" in known
    parts = unicodedata.normalize("NFD", sign)
    return parts != sign and all(part in known for part in parts)


def _is_invisible(sign: str) -> bool:
    """Whether the character only changes how others are drawn."""
    selector = "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"
    return selector or unicodedata.category(sign) == "Cf" or sign == "\N{COMBINING GRAPHEME JOINER}"


def _mapped(cmap: bytes, characters: Iterable[str]) -> Iterator[str]:
    """Yield those of *characters* that one of the Unicode subtables maps to a glyph."""
    (count,) = struct.unpack_from(">H", cmap, 2)
    lookups = []
    for index in range(count):
        platform, encoding, start = struct.unpack_from(">HHI", cmap, 4 + 8 * index)
        unicode = platform == _UNICODE and encoding != _VARIATIONS
        if unicode or (platform == _WINDOWS and encoding in _WINDOWS_UNICODE):
            (form,) = struct.unpack_from(">H", cmap, start)
            if form in _FORMATS:
                lookups.append(_FORMATS[form](cmap, start))
    for sign in characters:
        if any(glyph_of(ord(sign)) for glyph_of in lookups):
            yield sign


Lookup = Callable[[int], int]  # a code point's glyph, 0 if there is none


def _format_4(cmap: bytes, start: int) -> Lookup:
    """Read segments of the Basic Multilingual Plane."""
    (double,) = struct.unpack_from(">H", cmap, start + 6)
    ends = start + 14
    starts = ends + double + 2
    segments = range(0, double, 2)

    def glyph_of(code: int) -> int:
        for at in segments:
            (last,) = struct.unpack_from(">H", cmap, ends + at)
            if code <= last:
                break
        else:
            return 0
        (first,) = struct.unpack_from(">H", cmap, starts + at)
        (delta,) = struct.unpack_from(">H", cmap, starts + double + at)
        place = starts + 2 * double + at
        (offset,) = struct.unpack_from(">H", cmap, place)
        if code < first:
            return 0
        if offset == 0:
            return (code + int(delta)) & 0xFFFF
        glyph = int(struct.unpack_from(">H", cmap, place + offset + 2 * (code - first))[0])
        return (glyph + delta) & 0xFFFF if glyph else 0

    return glyph_of


def _format_6(cmap: bytes, start: int) -> Lookup:
    """Read one range of the Basic Multilingual Plane."""
    first, count = struct.unpack_from(">HH", cmap, start + 6)
    glyphs = struct.unpack_from(f">{count}H", cmap, start + 10)
    return lambda code: int(glyphs[code - first]) if first <= code < first + count else 0


def _format_12(cmap: bytes, start: int) -> Lookup:
    """Read groups of all planes."""
    (count,) = struct.unpack_from(">I", cmap, start + 12)
    groups = list(struct.iter_unpack(">III", cmap[start + 16 : start + 16 + 12 * count]))
    return lambda code: next(
        (glyph + code - first for first, last, glyph in groups if first <= code <= last), 0
    )


_FORMATS = {4: _format_4, 6: _format_6, 12: _format_12}


def renamed(font: Font, family: str) -> bytes:
    """Return a font file whose only name is *family*, so that no other font can be taken for it."""
    tables = [
        (tag, checksum, _names(family) if tag == b"name" else content)
        for tag, checksum, content in font.tables
        if tag != b"DSIG"  # the signature of the file as it was
    ]
    header = struct.pack(">4sHHHH", font.version, len(tables), *_search_hints(len(tables)))
    place = len(header) + 16 * len(tables)
    records, contents = b"", b""
    for tag, checksum, content in tables:
        records += struct.pack(">4sIII", tag, checksum, place + len(contents), len(content))
        contents += content + bytes(-len(content) % 4)
    return header + records + contents


def _search_hints(count: int) -> tuple[int, int, int]:
    power = 1 << max(0, count.bit_length() - 1)
    return 16 * power, power.bit_length() - 1, 16 * (count - power)


def _names(family: str) -> bytes:
    """Return a `name` table with one name for all purposes."""
    text = family.encode("utf-16-be")
    heading = struct.pack(">HHH", 0, len(_FAMILY_NAMES), 6 + 12 * len(_FAMILY_NAMES))
    return (
        heading
        + b"".join(
            struct.pack(">HHHHHH", _WINDOWS, 1, _ENGLISH, kind, len(text), 0)
            for kind in _FAMILY_NAMES
        )
        + text
    )
