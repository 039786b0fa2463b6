"""A long picture keeps its size in every format that can store it; WebP and AVIF shorten it."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.pictures import picture
from tintype.imaging import Encoding, Fit, Format, Preset, render_all
from tintype.imaging.formats import RENDERED_FORMATS

LONG = (60, 20_000)
SHORTENED = {Format.WEBP: (49, 16_383), Format.AVIF: (49, 16_384)}


@pytest.fixture(scope="module")
def strip() -> bytes:
    return picture(*LONG, Format.PNG, mode="RGBA")


@pytest.mark.parametrize("target", RENDERED_FORMATS)
def test_only_a_format_with_that_limit_shortens(strip: bytes, target: Format) -> None:
    effort = min(target.facts.efforts, default=None)
    preset = Preset(name="p", width=60, formats=(Encoding(format=target, effort=effort),))

    (rendition,) = render_all(strip, [preset], describe=False).renditions

    size = SHORTENED.get(target, LONG)
    assert (rendition.width, rendition.height) == size
    assert Image.open(io.BytesIO(rendition.data)).size == size


def test_formats_of_one_preset_have_each_its_own_limit(strip: bytes) -> None:
    formats = (Encoding(format=Format.JPEG), Encoding(format=Format.WEBP))

    jpeg, webp = render_all(strip, [Preset(name="p", formats=formats)], describe=False).renditions

    assert (jpeg.width, jpeg.height) == LONG
    assert (webp.width, webp.height) == SHORTENED[Format.WEBP]


@pytest.mark.parametrize("fit", [Fit.INSIDE, Fit.OUTSIDE, Fit.COVER])
def test_what_may_be_enlarged_stays_within_the_shortest_limit(fit: Fit) -> None:
    preset = Preset(name="p", width=400, enlarge=True, fit=fit)

    (rendition,) = render_all(picture(10, 600), [preset], describe=False).renditions

    assert max(rendition.width, rendition.height) <= 16_383
