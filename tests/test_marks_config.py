"""Watermarks and overlays in `tintype.toml`: files are read, and mistakes told with their lines."""

from __future__ import annotations

from pathlib import Path

from tests.config_files import Write, mistakes
from tests.pictures import picture
from tintype.config import load
from tintype.imaging import Format, Preset, Watermark


def only_preset(path: Path) -> Preset:
    (preset,) = load(path).presets
    return preset


def test_character_that_no_font_has_is_told_with_its_preset_and_line(write: Write) -> None:
    path = write("""
        [presets.first]
        watermark = { text = "© Müller" }

        [presets.second]
        width = 7
        watermark = { opacity = 1, text = "東京" }
    """)

    assert mistakes(path) == [
        (
            7,
            "presets.second.watermark.text",
            "the watermark's font has no glyph for '東' (U+6771), '京' (U+4EAC); set another font",
        )
    ]


def test_file_that_is_no_font_is_told_with_its_line(write: Write, tmp_path: Path) -> None:
    (tmp_path / "font.ttf").write_bytes(b"not a font")
    path = write('[presets.x]\nwatermark = { text = "a", font = "font.ttf" }')

    (mistake,) = mistakes(path)
    assert mistake[:2] == (2, "presets.x.watermark.font")
    assert mistake[2] == "not a TrueType or OpenType font"


def test_picture_of_a_watermark_is_read_from_beside_the_file(write: Write, tmp_path: Path) -> None:
    logo = picture(20, 20, Format.PNG)
    (tmp_path / "logo.png").write_bytes(logo)

    preset = only_preset(write('[presets.x]\nwatermark = { image = "logo.png" }'))

    assert preset.watermark == Watermark(image=logo)


def test_pictures_and_mistakes_of_overlays_are_those_of_watermarks(
    write: Write, tmp_path: Path
) -> None:
    logo = picture(4, 4, Format.PNG)
    (tmp_path / "logo.png").write_bytes(logo)
    overlay = "[[presets.x.overlays]]\n"

    good = write(f'[presets.x]\n{overlay}text = "NEW"\n{overlay}image = "logo.png"')
    assert only_preset(good).overlays == (Watermark(text="NEW"), Watermark(image=logo))

    wrong = write(f'[presets.x]\n{overlay}image = "no.png"\nscale = 7\n{overlay}txt = "a"')
    assert [found[:2] for found in mistakes(wrong)] == [
        (3, "presets.x.overlays[0].image"),
        (4, "presets.x.overlays[0].scale"),
        (6, "presets.x.overlays[1].txt"),
    ]
    (no_glyph,) = mistakes(write('[presets.x]\noverlays = [{ text = "a" }, { text = "東" }]'))
    assert no_glyph[:2] == (2, "presets.x.overlays[1].text")
