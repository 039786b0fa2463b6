"""What a preset may say: ranges from the annotations, and settings that contradict each other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pictures import picture
from tintype.imaging import (
    Encoding,
    Fit,
    FocalPoint,
    Format,
    Gravity,
    HiddenRegion,
    Preset,
    Region,
    Watermark,
    render_all,
    violations,
)
from tintype.imaging.errors import InvalidPresetError

PNG = Encoding(format=Format.PNG)


def preset(**settings: Any) -> Preset:
    return Preset(**{"name": "p", **settings})


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (preset(width=0), "width: 0 is not allowed; 1 to 16383"),
        (preset(height=16_384), "height: 16384 is not allowed; 1 to 16383"),
        (preset(blur=float("nan")), "blur: nan is not allowed; 0 to 100"),
        (preset(name="Big One"), "name: 'Big One' is not a valid name"),
        (preset(name=""), "name: '' is not a valid name"),
        (preset(formats=()), "formats: () is not allowed; a length of 1 to 8"),
        (preset(gravity=FocalPoint(x=2, y=0)), "gravity.x: 2 is not allowed; 0 to 1"),
        (
            preset(extract=Region(left=-1, top=0, width=1, height=1)),
            "extract.left: -1 is not allowed; at least 0",
        ),
        (preset(background="red"), "background: 'red' is not #rrggbb, #rrggbbaa or transparent"),
        (
            preset(animate_avif=True),
            "animate_avif: needs avif in formats, and animate; set both, or leave it out",
        ),
        (
            preset(regions=(HiddenRegion(top=1),)),
            "regions[0]: begins at the far edge, and hides nothing",
        ),
        (
            preset(background="transparent", flatten=True),
            "flatten: needs a background of #rrggbb, and 'transparent' may be transparent",
        ),
        (preset(tint="#12345"), "tint: '#12345' is not #rrggbb"),
        (preset(fit=Fit.COVER), "fit: cover needs a width or a height"),
        (preset(formats=(PNG, PNG)), "formats: png is listed twice"),
        (
            preset(formats=(Encoding(format=Format.HEIC),)),
            "formats[0].format: heic cannot be written",
        ),
        (
            preset(formats=(Encoding(format=Format.WEBP, effort=7),)),
            "formats[0].effort: 7 is not allowed; 0 to 6 for webp",
        ),
        (
            preset(formats=(Encoding(format=Format.JPEG, effort=1),)),
            "formats[0].effort: not supported for jpeg",
        ),
        (
            preset(formats=(Encoding(format=Format.PNG, quality=80),)),
            "formats[0].quality: not supported for png; set it for other formats alone, or use colours",
        ),
        (
            preset(formats=(Encoding(format=Format.JPEG, quality=101),)),
            "formats[0].quality: 101 is not allowed; 1 to 100",
        ),
        (
            preset(formats=(Encoding(format=Format.JPEG, lossless=True),)),
            "formats[0].lossless: not supported for jpeg",
        ),
        (
            preset(formats=(Encoding(format=Format.WEBP, lossless=True, quality=80),)),
            "formats[0].lossless: cannot be combined with quality",
        ),
        (
            preset(formats=(Encoding(format=Format.AVIF, lossless=True, max_bytes=1000),)),
            "formats[0].lossless: cannot be combined with max_bytes",
        ),
        (
            preset(formats=(Encoding(format=Format.WEBP, colours=8),)),
            "formats[0].colours: 8 is not allowed; only png and gif support colours",
        ),
        (
            preset(formats=(Encoding(format=Format.AVIF, progressive=True),)),
            "formats[0].progressive: not supported for avif",
        ),
        (
            preset(formats=(Encoding(format=Format.PNG, colours=64),)),
            "formats[0].colours: 64 is not allowed; 2, 4, 16, 256 for png",
        ),
        (preset(watermark=Watermark(text="a", colour="transparent")), "watermark.colour: 'tr"),
        (preset(watermark=Watermark()), "watermark.text: set either text or image"),
        (preset(overlays=(Watermark(text="a"), Watermark())), "overlays[1].text: set either"),
        (preset(overlays=(Watermark(text="a"),) * 9), "overlays: "),
        (
            preset(regions=(HiddenRegion(faces=True, left=0.1),)),
            "regions[0].faces: cannot be combined with left, top, width or height",
        ),
        (
            preset(regions=(HiddenRegion(strength=0.05),)),
            "regions[0].strength: 0.05 is not allowed",
        ),
        (
            preset(watermark=Watermark(text="a", image=b"b")),
            "watermark.text: set either text or image",
        ),
        (
            preset(watermark=Watermark(text="two\nlines")),
            "watermark.text: must be one line without control characters",
        ),
        (
            preset(watermark=Watermark(text="a", gravity=Gravity.ATTENTION)),
            "watermark.gravity: attention is not allowed",
        ),
        (
            preset(watermark=Watermark(text="a", scale=0)),
            "watermark.scale: 0 is not allowed; 0.01 to 1",
        ),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(wrong: Preset, sentence: str) -> None:
    found = violations(wrong)

    assert len(found) == 1
    assert found[0].startswith(sentence)


def test_all_mistakes_of_all_presets_are_told_at_once() -> None:
    wrong = [preset(width=0, height=0), preset(name="q", blur=-1), preset(name="q")]

    with pytest.raises(InvalidPresetError) as caught:
        render_all(picture(20, 20), wrong)

    message = str(caught.value)
    for part in ("p: width: 0", "p: height: 0", "q: blur: -1", "q: two presets have this name"):
        assert part in message


def test_the_original_s_format_needs_auto() -> None:
    assert violations(preset(same_format=True)) == [
        "same_format: needs auto; set `auto = true` too"
    ]


def test_everything_at_its_limit_is_allowed() -> None:
    assert violations(preset(width=16_383, height=1, blur=100, corner_radius=0.5, trim=255)) == []
