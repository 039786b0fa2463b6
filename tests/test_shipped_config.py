"""The `tintype.toml` that is shipped has the defaults, and explains every setting."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from annotated_types import Ge, Interval

from tintype.access import AccessMode, Scope
from tintype.config import Access, Delivery, Domain, load, shipped
from tintype.config.access import DEFAULT_ACCESS
from tintype.config.domain import NO_DOMAIN
from tintype.config.families import UNWRITTEN, Family
from tintype.config.sentences import settings_of
from tintype.config.service import Architecture, LogDays, PriceClass, Service
from tintype.imaging import (
    Encoding,
    Fit,
    Format,
    Limits,
    Preset,
    Watermark,
)
from tintype.imaging.formats import RENDERED_FORMATS


def test_shipped_file_has_the_four_presets_and_the_limits_of_the_engine() -> None:
    config = load(shipped())

    assert [preset.name for preset in config.presets] == ["processed", "thumb", "small", "display"]
    assert config.limits == Limits()


def test_shipped_presets_are_a_square_and_three_widths_of_the_whole_picture() -> None:
    presets = load(shipped()).presets
    processed, *whole = presets

    assert (processed.width, processed.height, processed.fit) == (512, 512, Fit.COVER)
    assert processed.watermark
    assert (processed.enlarge, processed.auto) == (True, True)
    assert [(preset.width, preset.height) for preset in whole] == [
        (320, 320),
        (800, 800),
        (1600, 1600),
    ]
    assert {preset.fit for preset in whole} == {Fit.INSIDE}
    modern = [Format.AVIF, Format.WEBP]
    assert [[encoding.format for encoding in preset.formats] for preset in presets] == [
        [Format.JPEG, Format.PNG],
        [Format.WEBP],
        modern,
        modern,
    ]


def test_shipped_file_has_no_domain() -> None:
    assert load(shipped()).domain == NO_DOMAIN


def test_access_in_the_shipped_file_is_the_default() -> None:
    assert load(shipped()).access == DEFAULT_ACCESS
    assert DEFAULT_ACCESS.mode is AccessMode.COGNITO


@pytest.mark.parametrize("field", fields(Access), ids=lambda field: field.name)
def test_access_settings_are_there_with_their_default(field: Field[object]) -> None:
    there = tomllib.loads(shipped().read_text())["access"]
    default = list(field.default) if isinstance(field.default, tuple) else field.default

    if field.name in there:
        assert there[field.name] == default
    else:
        shown = "none" if default is None else toml(str(default))
        assert f"default {shown}" in explanation_of(field.name, "access")


@pytest.mark.parametrize("setting", [field.name for field in fields(Domain)])
def test_domain_s_settings_say_that_there_is_none_by_default(setting: str) -> None:
    assert "default none" in explanation_of(setting, "domain")


def uncommented() -> str:
    """Return the shipped file with its examples switched on: `#setting = ...` becomes `setting`."""
    return re.sub(r"(?m)^#(?=[a-z\[])", "", shipped().read_text(encoding="utf-8"))


def explanation_of(setting: str, table: str) -> str:
    """Return the line of a setting in the shipped file's *table* and the lines of comment below it."""
    _, _, text = uncommented().partition(f"[{table}]\n")
    found = re.search(rf"(?m)^{setting} = .*(\n *#.*)*", text)
    assert found, f"{setting} does not stand in the shipped tintype.toml"
    return found[0]


TABLES = {
    Limits: "limits",
    Service: "service",
    Access: "access",
    Delivery: "delivery",
    Domain: "domain",
    Preset: "presets.everything",
    Family: "presets.everything",
    Encoding: "presets.everything",
    Watermark: "presets.everything.watermark",
}
SETTINGS = [
    pytest.param(kind, field, id=f"{table}.{field.name}")
    for kind, table in TABLES.items()
    for field in fields(kind)
    if field.name not in {"format", "watermark"}
    and not (kind is Preset and field.name in UNWRITTEN)
]


def test_examples_in_the_shipped_file_are_right() -> None:
    presets = tomllib.loads(uncommented())["presets"]

    settings = {name for kind in (Preset, Family, Encoding) for name in settings_of(kind)}
    assert set(presets["everything"]) == settings - UNWRITTEN - {"format"}
    assert set(presets["everything"]["watermark"]) == set(settings_of(Watermark))


def test_examples_in_the_shipped_file_load(tmp_path: Path) -> None:
    text = re.sub(
        r"(?m)^(image|font|lossless|colours|chroma|bit_depth|progressive|widths|dpr|skip_larger) = .*$",
        "",
        uncommented(),
    )
    path = tmp_path / "tintype.toml"
    path.write_text(text, encoding="utf-8")

    assert load(path).presets[-1].name == "everything"


@pytest.mark.parametrize(("kind", "field"), SETTINGS)
def test_every_setting_is_explained_with_its_range_and_default(
    kind: type, field: Field[object]
) -> None:
    said = explanation_of(field.name, TABLES[kind])

    for part in metadata(get_type_hints(kind, include_extras=True)[field.name]):
        if isinstance(part, Interval):
            low, high = number(part.ge), number(part.le)
            assert re.search(rf"{low} (\(.*?\) )?to {high}", said)
        elif isinstance(part, Ge):
            assert f"at least {number(part.ge)}" in said
    if kind not in {Limits, Service, Access, Delivery, Domain} and isinstance(
        field.default, bool | int | float | str
    ):
        assert f"default {toml(field.default)}" in said


def metadata(hint: object) -> Iterator[object]:
    yield from getattr(hint, "__metadata__", ())
    for inner in getattr(hint, "__args__", ()):
        yield from metadata(inner)


def number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def toml(value: float | str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else number(value)


@pytest.mark.parametrize("field", fields(Limits), ids=lambda field: field.name)
def test_limits_in_the_shipped_file_are_the_engine_s_defaults(field: Field[object]) -> None:
    assert field.default is not MISSING
    assert tomllib.loads(shipped().read_text())["limits"][field.name] == field.default


@pytest.mark.parametrize("field", fields(Service), ids=lambda field: field.name)
def test_service_in_the_shipped_file_is_the_default(field: Field[object]) -> None:
    default = list(field.default) if isinstance(field.default, tuple) else field.default

    assert tomllib.loads(shipped().read_text())["service"].get(field.name) == default
    if default is None:
        assert "default none" in explanation_of(field.name, "service")


def test_words_that_access_settings_may_be_are_told() -> None:
    for setting, words in (("mode", AccessMode), ("anyone", Scope)):
        for word in words:
            assert re.search(rf"\b{word}\b", explanation_of(setting, "access"))


def test_words_that_a_service_setting_may_be_are_told() -> None:
    for setting, words in (
        ("architecture", Architecture),
        ("price_class", PriceClass),
        ("log_days", get_args(LogDays)),
    ):
        said = explanation_of(setting, "service")
        for word in words:
            assert re.search(rf"\b{word}\b", said)


def test_default_qualities_and_efforts_are_told() -> None:
    for facts in (format_.facts for format_ in RENDERED_FORMATS):
        if facts.quality:
            said = explanation_of("quality", "presets.everything")
            assert f"{facts.title} {facts.quality}" in said
        if facts.efforts:
            said = explanation_of("effort", "presets.everything")
            assert f"{facts.title} {facts.effort}" in said.partition("default")[2]
