"""`tintype inspect`: what it shows of an original."""

from __future__ import annotations

from pathlib import Path

from PIL import ExifTags, Image
from rich.color import Color
from rich.console import Console

from tests.cli.conftest import Photo, Tintype
from tests.pictures import picture
from tests.signalled import HDR
from tintype.cli.commands.inspect import PREVIEW, picture_in_blocks
from tintype.imaging import Format, render_all


def telling_photo() -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Acme"
    exif[ExifTags.Base.Model] = "Box 1"
    exif[ExifTags.Base.Copyright] = "Jane Doe"
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.ExposureTime: 0.004,
            ExifTags.Base.FNumber: 2.8,
            ExifTags.Base.ISOSpeedRatings: 200,
            ExifTags.Base.DateTimeOriginal: "2024:05:01 12:30:00",
            ExifTags.Base.BodySerialNumber: "12345",
        }
    )
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (1.0, 2.0, 3.0)})
    return picture(60, 40, exif=exif)


def test_panel_tells_what_the_original_is(tintype: Tintype) -> None:
    Path("beach.jpg").write_bytes(telling_photo())

    ended = tintype("inspect", "beach.jpg")

    assert ended.code == 0
    for fact in (
        "beach.jpg",
        "JPEG (image/jpeg)",
        "60 × 40 pixels",
        "sRGB, 8 bits per channel, without transparency",
        "upright (EXIF orientation 1)",
        "Acme Box 1",
        "1/250 s, f/2.8, ISO 200",
        "2024-05-01 12:30:00",
        "Jane Doe",
        "ThumbHash",
        " #",
    ):
        assert fact in ended.out


def test_panel_tells_how_high_dynamic_range_is_stored(tintype: Tintype) -> None:
    Path("screen.png").write_bytes(HDR["PNG, PQ"]())

    assert "Rec. 2100, PQ, HDR (PQ), 16 bits per channel" in tintype("inspect", "screen.png").out


def test_private_metadata_is_told(tintype: Tintype) -> None:
    Path("beach.jpg").write_bytes(telling_photo())

    ended = tintype("inspect", "beach.jpg")

    assert "removed from every rendition" in ended.out
    assert "• GPS position" in ended.out
    assert "• camera serial number" in ended.out


def test_original_without_secrets_is_said_to_have_none(tintype: Tintype, photo: Photo) -> None:
    photo("beach.jpg")

    assert "✓ No private metadata found." in tintype("inspect", "beach.jpg").out


def test_preview_shows_the_picture_two_pixels_a_character() -> None:
    (preview,) = render_all(picture(80, 80, Format.PNG), [PREVIEW]).renditions

    blocks = picture_in_blocks(preview)

    rows = blocks.plain.splitlines()
    assert [len(row) for row in rows] == [24] * 12
    colour = blocks.get_style_at_offset(Console(), 0).color
    assert colour
    triplet = Color.get_truecolor(colour)
    assert triplet.red > triplet.blue  # the pattern is red in its top left


def test_failures_are_told_while_the_rest_goes_on(tintype: Tintype, photo: Photo) -> None:
    photo("good.jpg")
    Path("text.jpg").write_text("this is no image")

    ended = tintype("inspect", "text.jpg", "gone.jpg", "good.jpg")

    assert ended.code == 1
    assert "JPEG (image/jpeg)" in ended.out
    assert "✗ text.jpg: not_an_image: " in ended.err
    assert "✗ gone.jpg: file_not_found: " in ended.err


def test_json_has_every_fact(tintype: Tintype) -> None:
    Path("beach.jpg").write_bytes(telling_photo())

    ended = tintype("inspect", "beach.jpg", "gone.jpg", "--json")

    assert ended.code == 1
    gone, beach = ended.document["originals"]
    assert set(beach) == {"file", "bytes", "description", "failure"}
    assert beach["description"]["camera"]["exposureSeconds"] == "1/250"
    assert beach["description"]["hasAlpha"] is False
    assert "GPS position" in beach["description"]["removed"]
    assert (gone["file"], gone["description"]) == ("gone.jpg", None)
    assert gone["failure"]["code"] == "file_not_found"


def test_limits_are_those_of_the_configuration(tintype: Tintype, photo: Photo) -> None:
    photo("beach.jpg")
    Path("strict.toml").write_text("[limits]\nmax_pixels = 100")

    ended = tintype("inspect", "beach.jpg", "--config", "strict.toml")

    assert "too_many_pixels" in ended.err
