"""`tintype.toml`: what it says is what the engine gets, and all its mistakes are told at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.config_files import Write, mistakes
from tintype.config import Config, ConfigError, Domain, load, shipped
from tintype.config.service import Service
from tintype.imaging import (
    Encoding,
    Extend,
    Fit,
    FocalPoint,
    Format,
    Gravity,
    Limits,
    Preset,
    Region,
    Watermark,
)


def only_preset(path: Path) -> Preset:
    (preset,) = load(path).presets
    return preset


def test_file_in_this_folder_is_found(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("[presets.mine]\nwidth = 7")
    monkeypatch.chdir(path.parent)

    assert [preset.name for preset in load().presets] == ["mine"]


def test_without_a_file_the_shipped_one_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert load() == load(shipped())


def test_file_without_presets_keeps_the_shipped_ones(write: Write) -> None:
    path = write("[limits]\nmax_bytes = 1000")

    assert load(path) == Config(path, load(shipped()).presets, Limits(max_bytes=1000))


def test_file_without_a_service_has_the_default_one(write: Write) -> None:
    assert load(write("[limits]\nmax_bytes = 1000")).service == Service()


CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-0000-4000"
LONG_NAME = f"{'images.' * 9}example.com"  # 74 characters


@pytest.mark.parametrize(
    ("name", "hosted_zone", "certificate"),
    [
        ("images.example.com", "Z0123", None),
        ("images.example.com", None, CERTIFICATE),
        ("images.example.com", "Z0123", CERTIFICATE),
        ("xn--bcher-kva.xn--p1ai", "Z0123", None),
        (LONG_NAME, "Z0123", CERTIFICATE),
    ],
)
def test_domain_needs_a_zone_or_a_certificate(
    write: Write, name: str, hosted_zone: str | None, certificate: str | None
) -> None:
    given = {"name": name, "hosted_zone": hosted_zone, "certificate": certificate}
    settings = [f'{key} = "{value}"' for key, value in given.items() if value]

    domain = load(write("\n".join(["[domain]", *settings]))).domain

    assert domain == Domain(name=name, hosted_zone=hosted_zone, certificate=certificate)
    assert domain.needs_certificate == (certificate is None)


@pytest.mark.parametrize(
    ("settings", "setting", "message"),
    [
        ('name = "https://x.example"', "name", '"https://x.example" is not a domain name'),
        ('name = "Images.example.com"', "name", '"Images.example.com" is not a domain name'),
        ('name = "localhost"', "name", '"localhost" is not a domain name'),
        ('name = "127.0.0.1"', "name", '"127.0.0.1" is not a domain name'),
        ('name = "x.example"', "name", "needs `hosted_zone`"),
        (f'name = "{LONG_NAME}"\nhosted_zone = "Z1"', "name", "74 characters; ACM certifies at"),
        ('hosted_zone = "Z1"', "hosted_zone", "needs a domain; set `name` too"),
        ('hosted_zone = "example.com"', "hosted_zone", '"example.com" is not the ID of a hosted'),
        (f'certificate = "{CERTIFICATE}"', "certificate", "needs a domain; set `name` too"),
        ('certificate = "arn:aws:acm:eu-west-1:1"', "certificate", '"arn:aws:acm:eu-west-1:1" is'),
        ("name = 1", "name", "1 is not allowed; text of 4 to 253 characters"),
        ('hosted_zon = "Z1"', "hosted_zon", 'unknown setting; did you mean "hosted_zone"?'),
    ],
)
def test_wrong_setting_of_the_domain_is_told_with_its_line(
    write: Write, settings: str, setting: str, message: str
) -> None:
    found = mistakes(write(f"[limits]\n[domain]\n{settings}"))

    assert found[0][:2] == (3, f"domain.{setting}")
    assert found[0][2].startswith(message)


def test_mistakes_of_service_and_domain_are_told_together(write: Write) -> None:
    path = write('[service]\nmax_tries = 0\n[domain]\nhosted_zone = "Z1"')

    assert [found[:2] for found in mistakes(path)] == [
        (2, "service.max_tries"),
        (4, "domain.hosted_zone"),
    ]


def test_domain_that_is_no_table_is_told(write: Write) -> None:
    (found,) = mistakes(write('domain = "images.example.com"'))

    assert found[:2] == (1, "domain")
    assert found[2].endswith("a table with name, hosted_zone, certificate")


def test_every_setting_arrives(write: Write) -> None:
    path = write("""
        [presets.all]
        rotate = 90
        extract = { left = 1, top = 2, width = 3, height = 4 }
        width = 100
        fit = "cover"
        gravity = { x = 0.3, y = 0.4 }
        blur = 1.5
        extend = { top = 5 }
        background = "#00000080"
        formats = ["avif", { format = "webp", quality = 60 }]
        watermark = { text = "© me", gravity = "north", opacity = 1 }
        """)

    assert only_preset(path) == Preset(
        name="all",
        rotate=90,
        extract=Region(left=1, top=2, width=3, height=4),
        width=100,
        fit=Fit.COVER,
        gravity=FocalPoint(x=0.3, y=0.4),
        blur=1.5,
        extend=Extend(top=5),
        background="#00000080",
        formats=(Encoding(format=Format.AVIF), Encoding(format=Format.WEBP, quality=60)),
        watermark=Watermark(text="© me", gravity=Gravity.NORTH, opacity=1.0),
    )


def test_settings_of_a_preset_are_for_all_its_formats_that_do_not_say_otherwise(
    write: Write,
) -> None:
    path = write("""
        [presets.x]
        quality = 70
        effort = 3
        formats = ["avif", { format = "webp", quality = 60 }]
        """)

    assert only_preset(path).formats == (
        Encoding(format=Format.AVIF, quality=70, effort=3),
        Encoding(format=Format.WEBP, quality=60, effort=3),
    )


def test_settings_of_a_preset_are_for_the_format_that_it_has_by_default(write: Write) -> None:
    path = write("[presets.x]\nmax_bytes = 5000")

    assert only_preset(path).formats == (Encoding(format=Format.JPEG, max_bytes=5000),)


def test_formats_may_be_an_array_of_tables(write: Write) -> None:
    path = write("[[presets.x.formats]]\nformat = 'png'\n[[presets.x.formats]]\nformat = 'gif'")

    assert [encoding.format for encoding in only_preset(path).formats] == ["png", "gif"]


def test_all_mistakes_are_told_at_once_each_with_its_line(write: Write) -> None:
    path = write("""\
[limits]
max_bytes = 0
max_pixel = 7

[presets.thumb]
width = 0
heigth = 20
fit = "insde"
formats = ["avif", { format = "webpp" },
           { format = "png", qualty = 60 }]
effort = 99
watermark = { text = "", image = "missing.png" }

[presets.second.gravity]
x = 2

[limit]
""")

    assert [found[:2] for found in mistakes(path)] == [
        (2, "limits.max_bytes"),
        (3, "limits.max_pixel"),
        (6, "presets.thumb.width"),
        (7, "presets.thumb.heigth"),
        (8, "presets.thumb.fit"),
        (9, "presets.thumb.formats[1].format"),
        (10, "presets.thumb.formats[2].qualty"),
        (11, "presets.thumb.effort"),
        (12, "presets.thumb.watermark.image"),
        (12, "presets.thumb.watermark.text"),
        (14, "presets.second.gravity.y"),
        (15, "presets.second.gravity.x"),
        (17, "limit"),
    ]


@pytest.mark.parametrize(
    ("settings", "setting", "message"),
    [
        ("width = 0", "width", "0 is not allowed; a whole number from 1 to 16383"),
        ("width = 320.5", "width", "320.5 is not allowed; a whole number from 1 to 16383"),
        ('width = "320"', "width", '"320" is not allowed; a whole number from 1 to 16383'),
        ("width = true", "width", "true is not allowed; a whole number from 1 to 16383"),
        (
            "quality = 0",
            "quality",
            "0 is not allowed; a whole number from 1 to 100 or a table with",
        ),
        ("quality = 'auto'", "quality", '"auto" is not allowed; a whole number from 1 to 100 or'),
        ("quality = {}", "quality.target", "is missing; a whole number from 50 to 85 (SSIMULACRA2"),
        (
            "quality = { target = 86 }",
            "quality.target",
            "86 is not allowed; a whole number from 50 to 85",
        ),
        (
            "quality = { goal = 70, target = 70 }",
            "quality.goal",
            "unknown setting; known settings: target",
        ),
        ("blur = nan", "blur", "NaN is not allowed; a number from 0 to 100"),
        ("flip = 1", "flip", "1 is not allowed; true or false"),
        ('fit = "crop"', "fit", '"crop" is not allowed; inside, cover, contain, fill or outside'),
        ('gravity = "left"', "gravity", '"left" is not allowed; centre, north'),
        ("gravity = { x = 2, y = 0 }", "gravity.x", "2 is not allowed; a number from 0 to 1"),
        ("gravity = { x = 1 }", "gravity.y", "is missing; a number from 0 to 1"),
        ("extend = 4", "extend", "4 is not allowed; a table with top, right, bottom, left"),
        ("formats = []", "formats", "an empty list is not allowed; a list of 1 to 8"),
        ('formats = "avif"', "formats", '"avif" is not allowed; a list of 1 to 8'),
        ('formats = ["pdf"]', "formats[0]", '"pdf" is not allowed; jpeg, png, webp, avif or gif'),
        ("max_bytes = 99", "max_bytes", "99 is not allowed; a whole number of at least 100"),
        ("blur = 2020-01-01", "blur", '"2020-01-01" is not allowed; a number'),
        ('backround = "#fff"', "backround", 'unknown setting; did you mean "background"?'),
        ("corner-radius = 1", "corner-radius", 'unknown setting; did you mean "corner_radius"?'),
        ("qualities = 1", "qualities", 'unknown setting; did you mean "quality"?'),
        ("zzz = 1", "zzz", "unknown setting; known settings: page, regions,"),
        ('watermark = { image = "no.png" }', "watermark.image", '"no.png": No such file'),
        ('watermark = { font = "." }', "watermark.font", '".": Is a directory'),
        (
            'watermark = { image = "tintype.toml" }',
            "watermark.image",
            '"tintype.toml": not a known im',
        ),
    ],
)
def test_wrong_setting_is_told_with_what_is_allowed(
    write: Write, settings: str, setting: str, message: str
) -> None:
    (mistake,) = mistakes(write(f"[presets.x]\n{settings}"))

    assert mistake[:2] == (2, f"presets.x.{setting}")
    assert mistake[2].startswith(message)


@pytest.mark.parametrize(
    ("settings", "setting"),
    [
        ("watermark = {}", "watermark.text"),
        ('background = "red"', "background"),
        ('formats = ["tiff"]', "formats[0]"),
        ('formats = ["webp", "webp"]', "formats"),
        ('formats = ["webp"]\neffort = 7', "effort"),
        ('formats = [{ format = "avif", effort = 10 }]', "formats[0].effort"),
        ('formats = ["webp"]\nlossless = true\nquality = 5', "lossless"),
        ('formats = ["png"]\nquality = { target = 70 }', "quality"),
        ('fit = "cover"', "fit"),
    ],
)
def test_settings_that_contradict_each_other_are_told(
    write: Write, settings: str, setting: str
) -> None:
    (mistake,) = mistakes(write(f"[presets.x]\n{settings}"))

    assert mistake[1] == f"presets.x.{setting}"


def test_contradictions_are_told_beside_other_mistakes(write: Write) -> None:
    path = write("[presets.x]\nwidth = 0\nbackground = 'red'\nwatermark = { text = '' }")

    assert [found[1] for found in mistakes(path)] == [
        "presets.x.width",
        "presets.x.background",
        "presets.x.watermark.text",  # once: not also as the watermark that has no text
    ]


def test_mistake_in_a_setting_for_all_formats_is_told_once(write: Write) -> None:
    path = write('[presets.x]\nquality = 101\nformats = ["webp", "avif", "jpeg"]')

    assert [found[1] for found in mistakes(path)] == ["presets.x.quality"]


@pytest.mark.parametrize("name", ["Big", "a b", "-a", "ä", "a/b", "", "x" * 65])
def test_name_of_a_preset_is_part_of_file_names_and_so_is_plain(write: Write, name: str) -> None:
    found = mistakes(write(f'[presets."{name}"]\nwidth = 1'))

    assert {line for line, _, _ in found} == {1}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("[limits]\nmax_bytes =", 2, "not valid TOML: Invalid value"),
        ("a = [1,\n2", 2, "not valid TOML: Unclosed array"),
        ("[limits]\nmax_side = 1\nmax_side = 2\n", 3, "not valid TOML: Cannot overwrite"),
        ("presets = 3", 1, "has no presets"),
        ("\n[presets]", 2, "has no presets"),
        ("limits = 3", 1, "3 is not allowed; a table with max_bytes"),
        ("presets.x = 3", 1, "3 is not allowed; a table with"),
    ],
)
def test_file_of_the_wrong_shape_is_told_with_its_line(
    write: Write, text: str, line: int, message: str
) -> None:
    (mistake,) = mistakes(write(text))

    assert mistake[0] == line
    assert mistake[2].startswith(message)


def test_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "tintype.toml"
    path.write_bytes(b"[limits]\n# \xff")

    assert mistakes(path) == [(2, "", "this is not UTF-8 text")]


def test_missing_file_is_told(tmp_path: Path) -> None:
    assert mistakes(tmp_path / "none.toml") == [(0, "", "No such file or directory")]


def test_error_names_file_line_setting_and_what_is_allowed(write: Write) -> None:
    path = write("[presets.thumb]\nwidth = 0")

    with pytest.raises(ConfigError) as caught:
        load(path)

    assert str(caught.value) == (
        f"{path}:2: presets.thumb.width: "
        "0 is not allowed; a whole number from 1 to 16383 (width of the box in pixels)"
    )


def test_importing_the_configuration_does_not_import_pydantic() -> None:
    code = "import sys, tintype.config; print('pydantic' in sys.modules)"

    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)  # noqa: S603

    assert answer.stdout.strip() == b"False"
