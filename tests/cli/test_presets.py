"""`tintype presets`: the list, and a `tintype.toml` to begin with."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Tintype
from tintype.config import load, shipped


def test_presets_are_listed_with_size_formats_and_the_rest(tintype: Tintype) -> None:
    Path("tintype.toml").write_text("""
        [presets.teaser]
        width = 100
        height = 50
        fit = "cover"
        gravity = "attention"
        grayscale = true
        formats = ["avif", { format = "webp", quality = 60 }]
        watermark = { text = "mine" }
        """)

    ended = tintype("presets")

    assert ended.code == 0
    for words in (
        "teaser",
        "cover 100 × 50",
        "avif, webp (quality 60)",
        'gravity attention, grayscale, watermark "mine"',
        "up to 50 MB, 100 megapixels",
        "From tintype.toml",
    ):
        assert words in ended.out


def test_markup_in_a_watermark_is_printed_and_not_obeyed(tintype: Tintype) -> None:
    Path("tintype.toml").write_text('[presets.x]\nwatermark = { text = "[red]mine[/red]" }')

    assert 'watermark "[red]mine[/red]"' in tintype("presets").out


def test_json_has_the_settings_under_their_names(tintype: Tintype) -> None:
    document = tintype("presets", "--json").document

    thumb, square = document["presets"]
    assert (thumb["name"], thumb["width"], thumb["corner_radius"]) == ("thumb", 32, 0)
    assert [encoding["format"] for encoding in square["formats"]] == ["jpeg", "png"]
    assert document["limits"]["max_bytes"] == 50_000_000


def test_init_writes_a_file_that_loads(tintype: Tintype) -> None:
    Path("tintype.toml").unlink()

    ended = tintype("presets", "--init")

    assert ended.code == 0
    assert load(Path("tintype.toml")).presets == load(shipped()).presets


def test_init_never_overwrites(tintype: Tintype) -> None:
    before = Path("tintype.toml").read_bytes()

    ended = tintype("presets", "--init")

    assert ended.code == 2
    assert "config_exists: tintype.toml already exists" in ended.err
    assert Path("tintype.toml").read_bytes() == before


def test_init_tells_a_folder_that_is_missing(tintype: Tintype) -> None:
    ended = tintype("presets", "--init", "--config", "gone/tintype.toml")

    assert ended.code == 2
    assert "output_unwritable: gone/tintype.toml: No such file or directory" in ended.err
