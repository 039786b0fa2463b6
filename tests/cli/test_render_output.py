"""What `tintype render` says: as one document, as a table, and to nobody but the eye."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Photo, Tintype
from tests.pictures import picture, ultra_hdr
from tintype.imaging import Format


def test_json_is_one_document_with_everything(tintype: Tintype, photo: Photo) -> None:
    original = photo("photos/beach.jpg")
    Path("photos/half.jpg").write_bytes(picture(200, 200)[:1500])
    Path("photos/notes.txt").touch()

    ended = tintype("render", "photos", "-o", "out", "-p", "thumb", "--json")

    assert ended.code == 1
    assert ended.err == ""
    document = ended.document
    assert set(document) == {
        "tintype", "output", "originals", "passedOver", "interrupted", "totals",
    }  # fmt: skip
    assert (document["output"], document["passedOver"], document["interrupted"]) == (
        "out", 1, False,
    )  # fmt: skip
    beach, half = document["originals"]
    assert set(beach) == {"file", "bytes", "description", "renditions", "failure", "seconds"}
    assert (beach["file"], beach["failure"]) == ("photos/beach.jpg", None)
    assert beach["bytes"] == original.stat().st_size
    assert beach["description"]["format"] == "jpeg"
    assert (beach["description"]["width"], beach["description"]["height"]) == (60, 40)
    assert len(beach["description"]["dominantColour"]) == 7
    (rendition,) = beach["renditions"]
    assert rendition == {
        "preset": "thumb",
        "format": "webp",
        "contentType": "image/webp",
        "path": "out/beach/thumb.webp",
        "width": 32,
        "height": 21,
        "frames": 1,
        "quality": rendition["quality"],
        "gainMap": False,
        "bytes": Path("out/beach/thumb.webp").stat().st_size,
        "written": True,
    }
    assert (half["file"], half["renditions"]) == ("photos/half.jpg", [])
    assert half["failure"]["code"] == "truncated_image"
    totals = document["totals"]
    assert (totals["originals"], totals["failed"], totals["renditions"]) == (2, 1, 1)
    assert (totals["originalBytes"], totals["renditionBytes"]) == (
        beach["bytes"], rendition["bytes"],
    )  # fmt: skip


def test_json_says_which_files_have_a_gain_map(tintype: Tintype) -> None:
    Path("bright.jpg").write_bytes(ultra_hdr())
    Path("tintype.toml").write_text('[presets.x]\nhdr = true\nformats = ["jpeg", "webp"]\n')

    (original,) = tintype("render", "bright.jpg", "--json").document["originals"]

    assert {one["format"]: one["gainMap"] for one in original["renditions"]} == {
        "jpeg": True,
        "webp": False,
    }


def test_json_tells_wrong_usage_too(tintype: Tintype, photo: Photo) -> None:
    photo("beach.jpg")
    Path("tintype.toml").write_text("[presets.x]\nwidth = 0\n")

    ended = tintype("render", "beach.jpg", "--json")

    assert ended.code == 2
    assert ended.document["error"]["code"] == "invalid_config"
    assert ended.document["error"]["mistakes"][0]["line"] == 2


def test_quiet_says_only_what_failed(tintype: Tintype, photo: Photo) -> None:
    photo("good.jpg")
    Path("text.jpg").write_text("this is no image")

    ended = tintype("render", "good.jpg", "text.jpg", "-q")

    assert ended.out == ""
    assert len(ended.err.splitlines()) == 1
    assert "text.jpg: not_an_image" in ended.err


def test_table_tells_file_size_format_renditions_and_bytes(tintype: Tintype, photo: Photo) -> None:
    photo("photos/beach.jpg")

    ended = tintype("render", "photos", "-o", "out")

    headings, _, row, *_ = ended.out.splitlines()
    assert headings.split() == [
        "Original", "Format", "Pixels", "Size", "Renditions", "Change", "Time",
    ]  # fmt: skip
    assert row.split()[:5] == ["beach.jpg", "JPEG", "60", "×", "40"]
    assert "1 original · " in ended.out
    assert " → 3 renditions · " in ended.out


def test_of_many_originals_the_presets_are_listed(tintype: Tintype, photo: Photo) -> None:
    for number in range(31):
        photo(f"photos/{number}.jpg")
    Path("photos/text.jpg").write_text("this is no image")

    ended = tintype("render", "photos", "-o", "out")

    table = [line.split()[:3] for line in ended.out.splitlines()[2:5]]
    assert table == [["thumb", "webp", "31"], ["square", "jpeg", "31"], ["square", "png", "31"]]
    assert "photos/text.jpg: not_an_image" in ended.err


def test_file_names_cannot_command_the_terminal(tintype: Tintype, photo: Photo) -> None:
    photo("photos/\x1b[2J[red]evil.jpg")

    ended = tintype("render", "photos")

    assert "\x1b" not in ended.out
    assert "�[2J[red]evil.jpg" in ended.out


def test_animation_is_counted_in_the_document(tintype: Tintype) -> None:
    Path("earth.gif").write_bytes(picture(40, 40, Format.GIF, frames=3))

    ended = tintype("render", "earth.gif", "--json")

    assert ended.document["originals"][0]["description"]["frames"] == 3
    frames = {
        found["format"]: found["frames"] for found in ended.document["originals"][0]["renditions"]
    }
    assert frames == {"webp": 3, "jpeg": 1, "png": 1}
