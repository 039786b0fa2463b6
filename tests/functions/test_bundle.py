"""The revision of presets: which changes of settings, and of releases, make renditions outdated."""

from __future__ import annotations

from dataclasses import fields, make_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tintype.config import Config, load, shipped
from tintype.functions.bundle import presets_revision
from tintype.imaging import Encoding, Format, Limits, Preset, QualityTarget
from tintype.imaging.presets import Extend, FocalPoint, Gravity, Region, Watermark

# Written down once: a release in which one of them differs makes every image of its users outdated.
# The shipped ones may change when what is shipped does, the others only with `ENGINE`.
SHIPPED = {
    "processed": "1c2644e585a8",
    "thumb": "6ddaca0b842c",
    "small": "b4e684f5cb14",
    "display": "364156bac06b",
}
OTHERS = {
    Preset(name="plain"): "83b17cbab32d",
    Preset(
        name="much",
        extract=Region(left=1, top=2, width=30, height=40),
        width=20,
        gravity=FocalPoint(x=0.25, y=0.5),
        extend=Extend(top=4),
        watermark=Watermark(image=b"a picture", gravity=Gravity.NORTH),
        formats=(Encoding(format=Format.WEBP, quality=70), Encoding(format=Format.PNG)),
    ): "3ad3f3ca4b72",
}


def revision(*presets: Preset) -> str:
    return presets_revision(Config(Path("tintype.toml"), presets, Limits()))


def test_shipped_presets_have_the_revisions_that_are_known() -> None:
    presets = load(shipped()).presets

    assert {preset.name: revision(preset) for preset in presets} == SHIPPED


@pytest.mark.parametrize("preset", OTHERS, ids=lambda preset: preset.name)
def test_presets_keep_their_revision_in_every_release(preset: Preset) -> None:
    assert revision(preset) == OTHERS[preset]


def test_a_setting_that_a_release_adds_changes_a_revision_only_where_it_is_set() -> None:
    later = make_dataclass(
        "later", [("depth", int, 8)], bases=(Preset,), frozen=True, slots=True, kw_only=True
    )

    assert revision(later(name="plain")) == revision(Preset(name="plain"))
    assert revision(later(name="plain", depth=10)) != revision(Preset(name="plain"))
    assert revision(later(name="plain", depth=10)) != revision(later(name="plain", depth=12))


def test_every_setting_that_differs_gives_another_revision() -> None:
    plain = Preset(name="plain", watermark=Watermark(text="a"))
    other: Any = "another"  # whatever the type of the setting
    changed = [replace(plain, **{setting.name: other}) for setting in fields(Preset)]
    changed += [replace(plain, watermark=Watermark(text="a", scale=share)) for share in (0.2, 0.3)]
    changed += [
        replace(plain, formats=(Encoding(format=Format.JPEG, quality=quality),))
        for quality in (70, 71, QualityTarget(target=70), QualityTarget(target=71))
    ]

    assert len({revision(plain), *map(revision, changed)}) == len(changed) + 1


def test_order_of_presets_and_of_their_formats_is_part_of_the_revision() -> None:
    one, other = Preset(name="one"), Preset(name="other")
    formats = (Encoding(format=Format.AVIF), Encoding(format=Format.WEBP))

    assert revision(one, other) != revision(other, one)
    assert revision(replace(one, formats=formats)) != revision(replace(one, formats=formats[::-1]))
