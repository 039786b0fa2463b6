"""Animated AVIF: moving originals move in it, within its limits; tests/web has what Chromium shows."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from tests.pictures import encode, original, pattern
from tintype.imaging import (
    ColourSpace,
    Encoding,
    Format,
    Preset,
    Rendered,
    describe,
    pipeline,
    render_all,
)
from tintype.imaging.container import read_structure

AVIF, WEBP = Encoding(format=Format.AVIF), Encoding(format=Format.WEBP)
LOSSLESS = Encoding(format=Format.AVIF, lossless=True)


MOVING = Preset(name="p", formats=(AVIF,), animate_avif=True)


def rendered(*formats: Encoding, name: str = "GIF, animated", auto: bool = False) -> Rendered:
    return render_all(
        original(name), [Preset(name="p", formats=formats, auto=auto, animate_avif=True)]
    )


@pytest.mark.parametrize(
    "name",
    ["GIF, animated with alpha", "WebP, animated", "PNG, animated with alpha", "AVIF, animated"],
)
def test_a_moving_original_moves_in_avif(name: str) -> None:
    (file,) = rendered(AVIF, name=name).renditions

    found = read_structure(file.data, Format.AVIF, max_frames=99)
    assert (file.width, file.height) == found.size
    assert file.frames == found.frames == (4 if name == "WebP, animated" else 3)
    assert found.delays == (120,) * file.frames


def test_frames_of_no_time_are_shown_as_long_as_browsers_show_them() -> None:
    frames = [Image.fromarray(pattern(64, 48, step=step)) for step in range(3)]
    file = BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], duration=[0, 10, 11])

    (found,) = render_all(file.getvalue(), [MOVING]).renditions

    assert read_structure(found.data, Format.AVIF, max_frames=9).delays == (100, 100, 11)


@pytest.mark.parametrize("encoding", [AVIF, LOSSLESS], ids=["large", "lossless"])
def test_what_avif_cannot_move_is_its_first_frame_and_the_record_says_so(
    encoding: Encoding, monkeypatch: pytest.MonkeyPatch
) -> None:
    if encoding is AVIF:
        monkeypatch.setattr(pipeline, "_MOST_PIXELS_AVIF", 240 * 160 - 1)

    result = rendered(encoding, WEBP)

    assert [file.frames for file in result.renditions] == [1, 4]
    assert result.description is not None
    assert result.description.notes == ("only the first frame in p.avif",)
    assert rendered(encoding, WEBP, auto=True).renditions[0].format is Format.WEBP


def test_without_the_setting_an_avif_is_the_first_frame() -> None:
    still = Preset(name="p", formats=(AVIF,))

    result = render_all(original("GIF, animated"), [still])

    assert result.renditions[0].frames == 1
    assert result.description is not None
    assert result.description.notes == ()


def test_with_auto_the_first_format_that_moves_may_be_avif() -> None:
    result = rendered(Encoding(format=Format.JPEG), AVIF, WEBP, auto=True)

    assert [file.format for file in result.renditions] == [Format.AVIF]
    assert result.description is not None
    assert result.description.notes == ()


def test_what_a_preset_keeps_is_in_a_moving_avif_too() -> None:
    exif = Image.Exif()
    exif[0x8298] = "(c) Ada"
    frames = [Image.fromarray(pattern(step=step)) for step in range(3)]
    preset = Preset(
        name="p",
        formats=(AVIF,),
        animate_avif=True,
        colour_space=ColourSpace.P3,
        keep_copyright=True,
    )

    (file,) = render_all(encode(frames, Format.WEBP, exif=exif), [preset]).renditions

    found = Image.open(BytesIO(file.data))
    assert file.frames == 3
    assert found.getexif()[0x8298] == "(c) Ada"
    assert "P3" in describe(file.data).colour_space
