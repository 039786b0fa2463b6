"""Which characters a font has, and that broken fonts are refused."""

from __future__ import annotations

import struct
import unicodedata
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ImageFont

from tintype.imaging.errors import InvalidPresetError
from tintype.imaging.fonts import (
    Font,
    default_font,
    missing_characters,
    missing_glyphs,
    read_font,
    renamed,
    runs,
    text_violations,
)
from tintype.imaging.presets import Watermark

DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")  # Debian: fonts-dejavu-core
BLOCKS = {
    "Latin": (0x20, 0x250),
    "Latin Extended Additional": (0x1E00, 0x1F00),
    "Greek": (0x370, 0x400),
    "Greek Extended": (0x1F00, 0x2000),
    "Cyrillic": (0x400, 0x530),
    "Hebrew": (0x5D0, 0x5EB),
    "Arabic": (0x620, 0x650),
    "Emoticons": (0x1F600, 0x1F640),
}


def arimo() -> bytes:
    data = default_font()
    assert data is not None
    return data


def block(name: str) -> str:
    signs = map(chr, range(*BLOCKS[name]))
    return "".join(sign for sign in signs if unicodedata.category(sign) not in {"Cn", "Cc"})


@pytest.mark.parametrize(
    "name",
    ["Latin", "Latin Extended Additional", "Greek", "Greek Extended", "Cyrillic", "Hebrew"],
)
def test_the_default_font_has_every_character_of(name: str) -> None:
    assert missing_glyphs(Watermark(text=block(name) + "©®™€£–—…“”„«»№₴₽₺₹")) == ""


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("data", [arimo(), DEJAVU.read_bytes()], ids=["Arimo", "DejaVu"])
def test_a_character_is_missing_exactly_if_freetype_draws_the_sign_for_it(
    data: bytes, name: str
) -> None:
    font = ImageFont.truetype(BytesIO(data), 40, layout_engine=ImageFont.Layout.BASIC)
    sign_for_missing = bytes(font.getmask("\U0010ffff"))

    for sign in block(name):
        if (
            len(unicodedata.normalize("NFD", sign)) == 1
            and unicodedata.category(sign)[0] not in "ZC"
        ):
            drawn = bytes(font.getmask(sign)) != sign_for_missing
            assert (missing_characters(sign, [read_font(data)]) == "") == drawn, sign


@pytest.mark.parametrize(
    "text",
    [
        "Mu\N{COMBINING DIAERESIS}ller",  # of parts that the font has composed
        "a\N{NO-BREAK SPACE}b\N{IDEOGRAPHIC SPACE}c",
        "a\N{ZERO WIDTH JOINER}b\N{VARIATION SELECTOR-16}\N{RIGHT-TO-LEFT MARK}",
        "non\N{NON-BREAKING HYPHEN}breaking",
    ],
)
def test_what_needs_no_glyph_of_its_own_is_not_missing(text: str) -> None:
    assert text_violations(Watermark(text=text)) == []


def test_the_default_font_fills_in_for_a_font_without_a_character() -> None:
    assert missing_characters("©", [only("س")]) == "©"
    assert missing_glyphs(Watermark(text="© س", font=file_of(only("س")))) == ""


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a س b", [("a ", 1), ("س", 0), (" b", 1)]),
        ("é س\N{COMBINING DOT ABOVE}", [("é س\N{COMBINING DOT ABOVE}", 1)]),  # of one font
        ("2026", [("2026", 1)]),
    ],
)
def test_every_part_is_drawn_by_the_first_font_that_has_it(
    text: str, parts: list[tuple[str, int]]
) -> None:
    assert runs(text, [only("س"), read_font(DEJAVU.read_bytes())]) == parts


def test_a_font_without_letters_draws_digits_only_if_no_other_can() -> None:
    assert runs("7", [only("7"), read_font(arimo())]) == [("7", 1)]
    assert runs("7\N{VARIATION SELECTOR-16}", [only("7")]) == [("7\N{VARIATION SELECTOR-16}", 0)]


@pytest.mark.parametrize(
    "emoji", ["\U0001f468\u200d\U0001f469", "\U0001f44d\U0001f3fd", "\U0001f1fa\U0001f1e6"]
)
def test_what_is_drawn_as_one_is_of_one_font(emoji: str) -> None:
    fonts = [only(emoji[0]), only(emoji[-1])]

    assert len(runs(emoji, fonts)) == 1
    assert len(missing_characters(emoji, fonts)) == 1


def test_missing_characters_are_named_once_and_in_order() -> None:
    (found,) = text_violations(Watermark(text="日本 日本 é"))

    assert found.startswith("watermark.text: the watermark's font has no glyph for ")
    assert found.endswith(" '日' (U+65E5), '本' (U+672C); set another font")


def test_the_first_font_of_a_collection_is_read() -> None:
    single = arimo()
    start = 16  # of the first font, behind a header with one offset
    count = struct.unpack_from(">H", single, 4)[0]
    moved = bytearray(single)
    for at in range(12, 12 + 16 * count, 16):
        struct.pack_into(">I", moved, at + 8, struct.unpack_from(">I", single, at + 8)[0] + start)

    found = read_font(b"ttcf" + struct.pack(">HHII", 1, 0, 1, start) + moved)

    assert found == read_font(single)


def test_a_renamed_font_has_the_same_glyphs_under_the_new_name_only() -> None:
    before = ImageFont.truetype(BytesIO(arimo()), 40)
    after = ImageFont.truetype(BytesIO(renamed(read_font(arimo()), "of-ours")), 40)

    assert after.getname()[0] == "of-ours"
    assert bytes(after.getmask("Žluťoučký")) == bytes(before.getmask("Žluťoučký"))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a TrueType or OpenType font"),
        (b"not a font at all", "not a TrueType or OpenType font"),
        (arimo()[:100_000], "not a TrueType or OpenType font"),
        (b"ttcf" + b"\xff" * 40, "not a TrueType or OpenType font"),
        (b"wOF2" + bytes(40), "a web font"),
    ],
)
def test_what_is_no_font_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(InvalidPresetError, match=f"watermark.font: {reason}"):
        read_font(data)


@pytest.mark.parametrize("length", [3, 20, 30, 200])
def test_a_font_whose_table_of_characters_is_cut_is_refused(length: int) -> None:
    font = read_font(arimo())
    tables = tuple((t, c, data[:length] if t == b"cmap" else data) for t, c, data in font.tables)

    with pytest.raises(InvalidPresetError, match="table of characters is damaged"):
        missing_characters("日é", [Font(font.version, tables)])


def only(sign: str) -> Font:
    """Return DejaVu with a table of characters that has one sign."""
    font = read_font(DEJAVU.read_bytes())
    subtable = struct.pack(">HHIIIIII", 12, 0, 28, 0, 1, ord(sign), ord(sign), 5)
    cmap = struct.pack(">HHHHI", 0, 1, 3, 10, 12) + subtable
    return Font(font.version, tuple((t, c, cmap if t == b"cmap" else d) for t, c, d in font.tables))


def file_of(font: Font) -> bytes:
    return renamed(font, "only one sign")
