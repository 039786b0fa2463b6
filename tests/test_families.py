"""Families of presets: one table of `tintype.toml` that stands for a preset of each width."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.config_files import Write, mistakes
from tests.pictures import picture
from tintype.cli.main import app
from tintype.config import load
from tintype.costs.forecast import renditions as forecast
from tintype.imaging import Encoding, Fit, Format, Preset, render_all, render_one


def names(path: Path) -> list[str]:
    return [preset.name for preset in load(path).presets]


def test_each_width_is_a_preset_in_the_place_of_its_family(write: Write) -> None:
    path = write("""
        [presets.first]
        [presets.card]
        widths = [320, 640]
        fit = "cover"
        quality = 70
        [presets.last]
        """)

    assert names(path) == ["first", "card-320", "card-640", "last"]
    assert load(path).presets[2] == Preset(
        name="card-640",
        width=640,
        fit=Fit.COVER,
        formats=(Encoding(format=Format.JPEG, quality=70),),
    )


def test_widths_are_made_for_each_density_and_each_once(write: Write) -> None:
    path = write("[presets.card]\nwidths = [320, 640, 1000]\ndpr = [1, 2]")

    assert names(path) == [f"card-{width}" for width in (320, 640, 1000, 1280, 2000)]


def test_heights_are_in_proportion_to_that_of_the_first_width(write: Write) -> None:
    path = write("[presets.card]\nwidths = [320, 480]\nheight = 201\ndpr = [2, 1]")

    sizes = [(preset.width, preset.height) for preset in load(path).presets]

    assert sizes == [(320, 201), (480, 302), (640, 402), (960, 603)]


def test_files_of_a_family_are_as_wide_as_their_names_say(write: Write) -> None:
    path = write("[presets.card]\nwidths = [32, 64]\nheight = 32\nfit = 'cover'")

    renditions = render_all(picture(400, 300), load(path).presets).renditions

    assert [(one.filename, one.width, one.height) for one in renditions] == [
        ("card-32.jpg", 32, 32),
        ("card-64.jpg", 64, 64),
    ]


def test_listing_names_every_preset_of_a_family(write: Write) -> None:
    path = write("[presets.card]\nwidths = [320, 640]")

    shown = CliRunner().invoke(app, ["presets", "--config", str(path), "--json"])

    listed = json.loads(shown.stdout)["presets"]
    assert [(one["name"], one["width"]) for one in listed] == [("card-320", 320), ("card-640", 640)]


@pytest.mark.parametrize(
    ("size", "made"),
    [
        ((20, 10), [20]),
        ((32, 20), [32]),
        ((36, 18), [32, 36]),
        ((50, 30), [32, 50]),
        ((64, 40), [32, 64]),
        ((64, 43), [32, 64]),
        ((90, 50), [32, 64, 90]),
        ((400, 300), [32, 64, 96]),
    ],
)
def test_widths_that_a_small_original_does_not_have_are_made_once(
    write: Write, size: tuple[int, int], made: list[int]
) -> None:
    path = write("[presets.card]\nwidths = [32, 64, 96]\nskip_larger = true")

    renditions = render_all(picture(*size), load(path).presets).renditions

    assert [one.width for one in renditions] == made
    assert [one.preset for one in renditions] == ["card-32", "card-64", "card-96"][: len(made)]


def test_crops_that_a_small_original_does_not_fill_are_made_once(write: Write) -> None:
    path = write(
        "[presets.card]\nwidths = [32, 64, 96]\nheight = 32\nfit = 'cover'\nskip_larger = true"
    )

    renditions = render_all(picture(200, 40), load(path).presets).renditions

    assert [(one.width, one.height) for one in renditions] == [(32, 32), (40, 40)]


def test_a_width_that_is_asked_for_alone_is_made_of_any_original(write: Write) -> None:
    path = write("[presets.card]\nwidths = [32, 64, 96]\nskip_larger = true")
    widest = load(path).presets[-1]

    (alone,) = render_all(picture(20, 10), [widest]).renditions

    assert (alone.preset, alone.width) == ("card-96", 20)
    assert render_one(picture(20, 10), widest).width == 20


def test_forecast_leaves_out_what_is_not_made(write: Write) -> None:
    path = write("[presets.card]\nwidths = [100, 9000, 12000]\nskip_larger = true")

    files = forecast(load(path).presets, 5_000_000)

    assert [file.preset for file in files] == ["card-100", "card-9000"]


@pytest.mark.parametrize(
    ("settings", "setting", "message"),
    [
        ("widths = []", "widths", "an empty list is not allowed; a list of 1 to 16"),
        ("widths = 320", "widths", "320 is not allowed; a list of 1 to 16"),
        ("widths = [0, 7]", "widths[0]", "0 is not allowed; a whole number from 1 to 16383"),
        ("widths = [640, 320]", "widths[1]", "320 follows 640; widths must ascend"),
        ("widths = [320, 320]", "widths[1]", "320 follows 320; widths must ascend"),
        ("widths = [320]\nwidth = 320", "widths", "cannot be combined with width; remove one"),
        ("widths = [9000]\ndpr = [2]", "dpr", "18000 pixels are too wide; at most 16383"),
        ("dpr = [2]", "dpr", "needs widths"),
        ("skip_larger = true", "skip_larger", "needs widths"),
        (
            "skip_larger = true\nwidths = [1, 2]\nenlarge = true",
            "skip_larger",
            "cannot be combined",
        ),
        ("only_above = 3", "only_above", "unknown setting"),
        ("widths = [9]\ndpr = [5]", "dpr[0]", "5 is not allowed; a whole number from 1 to 4"),
        (
            "widths = [1, 20000]",
            "widths[1]",
            "20000 is not allowed; a whole number from 1 to 16383",
        ),
        (
            "widths = [1, 1000]\nheight = 100",
            "widths",
            "card-1000: height: 100000 is not allowed; 1 to 16383",
        ),
        ('widths = [1, 2]\nfit = "cov"', "fit", '"cov" is not allowed; inside, cover, contain'),
        ("widht = [1, 2]", "widht", 'unknown setting; did you mean "width"?'),
        ("widhts = [1, 2]", "widhts", 'unknown setting; did you mean "widths"?'),
    ],
)
def test_wrong_family_is_told_with_its_line(
    write: Write, settings: str, setting: str, message: str
) -> None:
    (mistake,) = mistakes(write(f"[presets.card]\n{settings}"))

    lines = [line.partition(" ")[0] for line in settings.splitlines()]
    line = 2 + lines.index(setting.partition("[")[0])
    assert mistake[:2] == (line, f"presets.card.{setting}")
    assert mistake[2].startswith(message)


def test_name_that_is_too_long_with_its_width_is_told(write: Write) -> None:
    ((line, setting, message),) = mistakes(write(f"[presets.{'x' * 61}]\nwidths = [7, 320]"))

    assert (line, setting) == (2, f"presets.{'x' * 61}.widths")
    assert "'x" in message
    assert "is not a valid name; 1 to 64" in message


@pytest.mark.parametrize(
    "text",
    [
        "[presets.a]\nwidths = [7]\n[presets.a-7]\nwidth = 8",
        "[presets.a-7]\nwidth = 8\n[presets.a]\nwidths = [7]",
    ],
)
def test_name_that_another_preset_has_is_told(write: Write, text: str) -> None:
    found = mistakes(write(text))

    assert ("presets.a", "another preset is named a-7, too; rename one of them") in [
        one[1:] for one in found
    ]
