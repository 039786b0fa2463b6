"""What addresses ask for, in the engine's terms, and what comes out of it."""

from __future__ import annotations

import io
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from PIL import Image as Pillow

from tests.pictures import original, picture
from tests.records import READY
from tintype.delivery.grammar import BoxFit, Extension, parse, read_filename
from tintype.images import Focus, Rendition
from tintype.imaging import (
    Encoding,
    Fit,
    FocalPoint,
    Format,
    Gravity,
    OriginalPoint,
    Preset,
    QualityTarget,
    Region,
    render_one,
    violations,
)
from tintype.processing.variants import FileRecipe, file_recipe, stored_rendition

THUMB = Preset(
    name="thumb",
    width=20,
    height=20,
    fit=Fit.COVER,
    formats=(Encoding(format=Format.AVIF), Encoding(format=Format.WEBP, quality=50)),
)
CARD = Preset(
    name="card",
    width=30,
    formats=(Encoding(format=Format.JPEG), Encoding(format=Format.PNG)),
    auto=True,
)
PRESETS = (THUMB, CARD)
FOCUS = Focus(x=0.2, y=0.7)
RIGHT = Rendition(
    preset="card",
    format="png",
    content_type="image/png",
    width=1,
    height=1,
    bytes=1,
    key="01M7/3f9a/card.png",
)


def asked(
    query: str, extension: Extension = Extension.AVIF, focus: Focus | None = None
) -> FileRecipe:
    file = read_filename(f"{parse(query).name()}.{extension}")
    found = file_recipe(file, PRESETS, focus)
    assert found is not None
    return found


def size(query: str, width: int = 300, height: int = 200) -> tuple[int, int]:
    recipe = asked(query, Extension.PNG)
    made = render_one(picture(width, height), recipe.preset, part=recipe.part)
    return made.width, made.height


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("w=100", (100, 67)),
        ("h=100", (150, 100)),
        ("w=900", (300, 200)),
        ("w=900&fit=clip", (900, 600)),
        ("w=90&h=90", (90, 60)),
        ("w=90&h=90&fit=cover", (90, 90)),
        ("w=900&h=900&fit=cover", (200, 200)),
        ("w=900&h=900&fit=crop", (900, 900)),
        ("w=90&h=90&fit=contain", (90, 90)),
        ("w=600&h=600&fit=contain", (600, 600)),
        ("w=600&h=600&fit=fill", (600, 600)),
        ("w=90&h=90&fit=outside", (135, 90)),
        ("w=90&h=50&fit=scale", (90, 50)),
        ("w=600&h=900&fit=scale", (600, 900)),
        ("w=90&fit=crop", (90, 60)),
        ("w=90&dpr=2", (180, 120)),
        ("", (300, 200)),
        ("rotate=90", (200, 300)),
        ("w=100&rotate=90", (100, 150)),
        ("rect=0,0,100,100", (100, 100)),
        ("rect=250,0,100,100&w=10", (10, 20)),
        ("rect=0,0,100,50&rotate=90", (50, 100)),
    ],
)
def test_a_file_has_the_size_that_its_address_asks_for(
    query: str, expected: tuple[int, int]
) -> None:
    assert size(query) == expected


@pytest.mark.parametrize("fit", BoxFit)
def test_only_the_fits_that_say_so_enlarge(fit: BoxFit) -> None:
    enlarging = {BoxFit.CLIP, BoxFit.CROP, BoxFit.FILL, BoxFit.SCALE}

    assert asked(f"w=640&h=480&fit={fit}").preset.enlarge == (fit in enlarging)


@pytest.mark.parametrize(
    ("name", "extension", "expected"),
    [
        ("JPEG", Extension.AUTO_AVIF, Format.AVIF),
        ("GIF, animated", Extension.AUTO_AVIF, Format.WEBP),
        ("GIF, animated", Extension.AVIF, Format.AVIF),
        ("PNG, alpha", Extension.AUTO_AVIF, Format.AVIF),
        ("GIF, animated", Extension.AUTO_WEBP, Format.WEBP),
        ("JPEG", Extension.AUTO_WEBP, Format.WEBP),
        ("JPEG", Extension.AUTO, Format.JPEG),
        ("PNG, alpha", Extension.AUTO, Format.PNG),
        ("GIF, animated", Extension.AUTO, Format.GIF),
        ("PNG, alpha", Extension.JPG, Format.JPEG),
        ("JPEG", Extension.PNG, Format.PNG),
        ("JPEG", Extension.GIF, Format.GIF),
        ("JPEG", Extension.WEBP, Format.WEBP),
    ],
)
def test_the_extension_and_the_original_decide_about_the_format(
    name: str, extension: Extension, expected: Format
) -> None:
    made = render_one(original(name), asked("w=20", extension).preset)

    assert made.format is expected
    moves = name == "GIF, animated" and expected.facts.animation
    assert (made.frames > 1) == moves


def test_every_parameter_reaches_the_engine() -> None:
    query = (
        "w=64&h=48&fit=crop&fp-x=0.25&fp-y=1&q=42&bg=0af&blur=1.5&sharpen=2&sat=-100&rotate=15"
        "&flip=hv&rect=1,2,30,40"
    )

    found = asked(query, Extension.WEBP)

    assert found == FileRecipe(
        Preset(
            name="delivered",
            width=64,
            height=48,
            fit=Fit.COVER,
            enlarge=True,
            gravity=FocalPoint(x=0.25, y=1),
            background="#00aaff",
            flatten=True,
            blur=1.5,
            sharpen=2,
            saturation=0,
            rotate=15,
            flip=True,
            flop=True,
            formats=(Encoding(format=Format.WEBP, quality=42),),
            auto=True,
        ),
        Region(left=1, top=2, width=30, height=40),
    )
    assert violations(found.preset) == []


@pytest.mark.parametrize("extension", [Extension.PNG, Extension.GIF, Extension.AUTO])
def test_a_quality_is_for_the_formats_that_have_one(extension: Extension) -> None:
    preset = asked("w=64&q=42", extension).preset

    assert violations(preset) == []
    assert {one.quality for one in preset.formats if one.format is Format.JPEG} <= {42}


@pytest.mark.parametrize(
    ("query", "expected"),
    [("w=64", QualityTarget(target=70)), ("w=64&q=42", 42), ("preset=thumb", 50)],
)
def test_the_deployment_s_quality_is_that_of_addresses_that_say_nothing_about_it(
    query: str, expected: int | QualityTarget
) -> None:
    file = read_filename(f"{parse(query).name()}.{Extension.WEBP}")

    found = file_recipe(file, PRESETS, quality=QualityTarget(target=70))

    assert found is not None
    assert [one.quality for one in found.preset.formats] == [expected]


def test_flip_is_as_seen_h_left_to_right_and_v_top_to_bottom() -> None:
    across, down = asked("flip=h").preset, asked("flip=v").preset

    assert (across.flop, across.flip) == (True, False)
    assert (down.flop, down.flip) == (False, True)


def test_saturation_is_in_per_cent_more_or_less() -> None:
    factors = [asked(f"sat={per_cent}").preset.saturation for per_cent in (-100, -50, 50, 100)]

    assert factors == [0, 0.5, 1.5, 2]


@pytest.mark.parametrize(
    ("query", "gravity"),
    [
        ("w=9&h=9&fit=crop", OriginalPoint(x=0.2, y=0.7)),
        ("w=9&h=9&fit=crop&gravity=centre", Gravity.CENTRE),
        ("w=9&h=9&fit=cover&gravity=north-west", Gravity.NORTH_WEST),
        ("w=9&h=9&fit=cover&gravity=attention", Gravity.ATTENTION),
        ("w=9&h=9&fit=cover&fp-x=0.1&fp-y=0.9", FocalPoint(x=0.1, y=0.9)),
        ("w=9&h=9&fit=contain", Gravity.CENTRE),
        ("preset=thumb", OriginalPoint(x=0.2, y=0.7)),
    ],
)
def test_the_focus_of_an_image_holds_unless_an_address_names_a_gravity(
    query: str, gravity: Gravity | FocalPoint
) -> None:
    assert asked(query, focus=FOCUS).preset.gravity == gravity


def test_a_preset_is_rendered_in_the_format_of_the_extension_as_it_says() -> None:
    assert asked("preset=thumb", Extension.WEBP).preset == replace(THUMB, formats=THUMB.formats[1:])
    assert asked("preset=card", Extension.AUTO).preset == CARD
    assert asked("preset=card", Extension.PNG).preset == replace(
        CARD, formats=CARD.formats[1:], auto=False
    )


def test_one_format_of_a_preset_that_prefers_the_original_s_is_a_valid_preset() -> None:
    kept = replace(CARD, same_format=True)
    file = read_filename("preset_card.png")
    assert file

    found = file_recipe(file, [kept])

    assert found
    assert violations(found.preset) == []


@pytest.mark.parametrize(
    "filename",
    ["preset_huge.avif", "preset_thumb.jpg", "preset_thumb.auto", "preset_thumb.auto-avif"],
)
def test_there_is_no_file_of_a_preset_that_is_not_known_or_has_no_such_format(
    filename: str,
) -> None:
    assert file_recipe(read_filename(filename), PRESETS) is None


def test_a_rendition_that_is_there_is_the_file_of_its_preset_and_format() -> None:
    image = msgspec.structs.replace(READY, renditions=(RIGHT,))

    def stored(filename: str) -> Rendition | None:
        return stored_rendition(image, read_filename(filename))

    assert stored("preset_card.png") == stored("preset_card.auto") == RIGHT
    assert stored("preset_card.jpg") is None
    assert stored("preset_thumb.avif") is None
    assert stored("w_30.png") is None


def test_a_rectangle_is_cut_before_a_turn_by_any_angle() -> None:
    data = picture(400, 300, Format.PNG)
    recipe = asked("rect=0,0,100,60&rotate=30", Extension.PNG)

    made = render_one(data, recipe.preset, part=recipe.part)

    alone = io.BytesIO()
    Pillow.open(io.BytesIO(data)).crop((0, 0, 100, 60)).save(alone, "PNG")
    same = render_one(alone.getvalue(), recipe.preset)
    seen = [
        np.asarray(Pillow.open(io.BytesIO(one.data)).convert("RGB")).astype(int)
        for one in (made, same)
    ]
    assert np.abs(seen[0] - seen[1]).max() <= 1
