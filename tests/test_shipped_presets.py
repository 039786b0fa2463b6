"""What the presets that we ship make of originals of every kind."""

from __future__ import annotations

import pytest
import pyvips

from tests.pictures import picture
from tintype.config import load, shipped
from tintype.functions.bundle import processed
from tintype.imaging import Format, RenderedFile, render_all

CONFIG = load(shipped())


def rendered(data: bytes) -> RenderedFile:
    (rendition,) = render_all(data, CONFIG.presets[:1]).renditions
    return rendition


@pytest.mark.parametrize("size", [(1, 1), (240, 180), (511, 2000), (512, 512), (1200, 800)])
def test_processed_is_a_square_of_512_pixels_whatever_the_original_is(
    size: tuple[int, int],
) -> None:
    rendition = rendered(picture(*size))

    assert (rendition.width, rendition.height) == (512, 512)
    image = pyvips.Image.new_from_buffer(rendition.data, "")
    assert (image.width, image.height) == (512, 512)


@pytest.mark.parametrize("format_", [Format.PNG, Format.WEBP])
def test_processed_keeps_what_is_transparent(format_: Format) -> None:
    rendition = rendered(picture(640, 640, format_, mode="RGBA"))

    assert rendition.format is Format.PNG
    alpha = pyvips.Image.new_from_buffer(rendition.data, "")[3]
    assert (alpha.min(), alpha.max()) == (0, 255)


def test_processed_is_a_jpeg_where_nothing_is_transparent() -> None:
    assert rendered(picture(640, 640, Format.PNG)).format is Format.JPEG


def test_a_plain_client_s_name_of_it_promises_no_format() -> None:
    assert processed(CONFIG) == "processed"
