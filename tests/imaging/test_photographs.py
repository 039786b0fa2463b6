"""A camera's photograph is shrunk further on load; whatever is sharp is not, whoever took it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tintype.imaging import HiddenRegion, Limits, Preset, render_all
from tintype.imaging.decode import Frames, decode
from tintype.imaging.original import CheckedOriginal, open_original
from tintype.imaging.photograph import is_soft, may_be_soft
from tintype.imaging.plan import DecodePlan, plan
from tintype.imaging.vips import Deadline

SIZE = (1400, 1000)
PRESET = Preset(name="p", width=500)  # 2.8 pixels for one: 1.4 once shrunk by two
EXPOSURE_TIME, EXIF = 0x829A, 0x8769


def soft() -> Image.Image:
    """Return what a lens does to noise: nothing in it is as sharp as a pixel."""
    noise = np.random.default_rng(1).integers(0, 255, (SIZE[1], SIZE[0], 3), np.uint8)
    return Image.fromarray(noise).filter(ImageFilter.GaussianBlur(4))


def page() -> Image.Image:
    """Return a page of text."""
    image = Image.new("RGB", SIZE, "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(22)
    for top in range(20, SIZE[1], 30):
        draw.text((20, top), "The quick brown fox jumps over the lazy dog. " * 3, "black", font)
    return image


def captioned() -> Image.Image:
    """Return a photograph that somebody has written something on."""
    image = soft()
    image.paste(page().crop((0, 0, SIZE[0], 300)), (0, 350))
    return image


def as_jpeg(image: Image.Image, *, exposed: bool) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "A maker of scanners and cameras"
    if exposed:
        exif.get_ifd(EXIF)[EXPOSURE_TIME] = 0.01
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=90, exif=exif)
    return buffer.getvalue()


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return by what the original was shrunk each time that it was decoded."""
    shrinks: list[int] = []

    def note(original: CheckedOriginal, planned: DecodePlan, deadline: Deadline) -> Frames:
        shrinks.append(planned.shrink)
        return decode(original, planned, deadline)

    monkeypatch.setattr("tintype.imaging.render.decode", note)
    return shrinks


def test_a_photograph_is_shrunk_further(decoded: list[int]) -> None:
    render_all(as_jpeg(soft(), exposed=True), [PRESET])

    assert decoded == [2]


@pytest.mark.parametrize("made", [page, captioned])
def test_what_is_sharp_loses_nothing_though_a_camera_took_it(
    decoded: list[int], made: Callable[[], Image.Image]
) -> None:
    image = made()

    taken = render_all(as_jpeg(image, exposed=True), [PRESET], describe=False)
    assert decoded == [2, 1]
    scanned = render_all(as_jpeg(image, exposed=False), [PRESET], describe=False)

    assert decoded == [2, 1, 1]
    assert taken.renditions == scanned.renditions


def test_what_no_camera_took_is_decoded_once_and_as_before(decoded: list[int]) -> None:
    render_all(as_jpeg(soft(), exposed=False), [PRESET])

    assert decoded == [1]


def test_where_the_margins_agree_nobody_looks(decoded: list[int]) -> None:
    for width in (1200, 250):
        render_all(as_jpeg(page(), exposed=True), [Preset(name="p", width=width)])

    assert decoded == [1, 2]


def test_no_look_sees_what_a_preset_hides(decoded: list[int]) -> None:
    region = HiddenRegion(left=0.0, top=0.35, width=1.0, height=0.3)
    hiding = replace(PRESET, regions=(region,))

    render_all(as_jpeg(captioned(), exposed=True), [hiding])
    render_all(as_jpeg(soft(), exposed=True), [hiding])

    assert decoded == [1, 1]


@pytest.mark.parametrize(("width", "shrink"), [(280, 2), (240, 2), (130, 4), (80, 8)])
def test_a_photograph_that_is_halved_anyway_has_the_usual_margin(
    decoded: list[int], width: int, shrink: int
) -> None:
    render_all(as_jpeg(soft(), exposed=True), [Preset(name="p", width=width)], describe=False)

    assert decoded == [shrink]


def test_a_single_rendition_of_a_photograph_is_nearly_that_of_more_pixels() -> None:
    photograph = as_jpeg(soft(), exposed=True)
    scan = as_jpeg(soft(), exposed=False)

    ours, full = (
        np.asarray(
            Image.open(BytesIO(render_all(one, [PRESET], describe=False).renditions[0].data))
        )
        for one in (photograph, scan)
    )

    assert np.abs(ours.astype(int) - full).mean() < 1.5


def test_a_picture_too_small_to_look_at_is_not_taken_for_a_photograph() -> None:
    small = open_original(as_jpeg(soft().resize((100, 80)), exposed=True), Limits())
    with Deadline(10) as deadline:
        (frame,) = decode(small, plan(small, [PRESET], described=True), deadline)

    assert may_be_soft(small)
    assert not is_soft(frame)
