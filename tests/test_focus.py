"""The focus of an image decides what the crops of its presets keep."""

from __future__ import annotations

import pytest

from tintype.images import Focus
from tintype.imaging import Fit, FocalPoint, Gravity, OriginalPoint, Preset, violations
from tintype.processing.focus import with_focus

FOCUS = Focus(x=0.25, y=1)


@pytest.mark.parametrize("gravity", [Gravity.CENTRE, Gravity.ATTENTION, FocalPoint(x=0.5, y=0.5)])
def test_the_focus_takes_the_place_of_a_crops_gravity(gravity: Gravity | FocalPoint) -> None:
    preset = Preset(name="thumb", width=80, height=80, fit=Fit.COVER, gravity=gravity, blur=1)

    focused = with_focus(preset, FOCUS)

    assert focused.gravity == OriginalPoint(x=0.25, y=1)
    assert (focused.name, focused.fit, focused.blur) == ("thumb", Fit.COVER, 1)
    assert violations(focused) == []


@pytest.mark.parametrize("fit", [one for one in Fit if one is not Fit.COVER])
def test_a_preset_that_does_not_crop_is_unchanged(fit: Fit) -> None:
    preset = Preset(name="p", width=80, height=80, fit=fit, gravity=Gravity.NORTH)

    assert with_focus(preset, FOCUS) == preset


def test_without_a_focus_a_crop_keeps_what_its_preset_says() -> None:
    preset = Preset(name="p", width=80, height=80, fit=Fit.COVER, gravity=Gravity.ENTROPY)

    assert with_focus(preset, None) == preset
