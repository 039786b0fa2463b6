"""Renditions look as their originals do in Chromium, for each way of signalling colours."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.fingerprint import delta_e, lab
from tests.imaging.test_bit_depth import AVIF, DEEP, EIGHT_BITS
from tests.pictures import Pixels
from tests.signalled import HDR, SIGNALLED, patches
from tests.web.browser import secure_page
from tintype.imaging import ColourSpace, Encoding, Format, Preset, render_one
from tintype.imaging.formats import SNIFFED_BYTES, sniff

ON_CANVAS = """async ([address, space]) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  const context = canvas.getContext('2d', {colorSpace: space});
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height, {colorSpace: space});
  return [canvas.width, canvas.height, new Uint8Array(pixels.data.buffer).toBase64()];
}"""
# The levels of the middle row of the luma, and the format, of which I420P10 has ten bits.
LEVELS = """async (encoded) => {
  const data = Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0));
  const {image} = await new ImageDecoder({data, type: 'image/avif'}).decode();
  const pixels = new ArrayBuffer(image.allocationSize());
  const [luma] = await image.copyTo(pixels);
  const row = luma.offset + luma.stride * Math.floor(image.codedHeight / 2);
  return [image.format, new Set(new Uint16Array(pixels, row, image.codedWidth)).size];
}"""
LIMIT = 3.0  # of ΔE; in fact all are below 1


def on_canvas(browser: Browser, data: bytes, space: str = "srgb") -> Pixels:
    """Return what Chromium draws, rows × columns × 4."""
    kind = sniff(data[:SNIFFED_BYTES]).content_type
    address = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    page = browser.new_page()
    try:
        width, height, pixels = page.evaluate(ON_CANVAS, [address, space])
    finally:
        page.close()
    return np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(height, width, 4)


def rendered(data: bytes, space: ColourSpace = ColourSpace.SRGB) -> Pixels:
    preset = Preset(name="p", formats=(Encoding(format=Format.PNG),), colour_space=space)
    file = io.BytesIO(render_one(data, preset).data)
    return np.asarray(Image.open(file).convert("RGB"))


@pytest.mark.parametrize("name", [*SIGNALLED, *HDR])
def test_rendition_has_the_colours_that_chromium_shows(name: str, chromium: Browser) -> None:
    data = {**SIGNALLED, **HDR}[name]()
    wanted = lab(patches(on_canvas(chromium, data)))

    found = lab(patches(rendered(data)))

    assert delta_e(found, wanted).max() < LIMIT


@pytest.mark.parametrize("name", ["PNG, PQ", "PNG, HLG", "PNG, cICP of BT.2020"])
def test_wide_rendition_has_them_too(name: str, chromium: Browser) -> None:
    data = {**SIGNALLED, **HDR}[name]()
    wanted = lab(patches(on_canvas(chromium, data, "display-p3")))

    found = lab(patches(rendered(data, ColourSpace.P3)))

    assert delta_e(found, wanted).max() < LIMIT


@pytest.mark.parametrize("name", ["PNG", "TIFF", "HEIC, 10 bits"])
def test_avif_of_ten_bits_has_them_in_chromium(name: str, chromium: Browser) -> None:
    data = render_one(DEEP[name](), Preset(name="p", width=1000, formats=(AVIF,))).data

    with secure_page(chromium) as page:
        layout, levels = page.evaluate(LEVELS, base64.b64encode(data).decode())

    assert layout == "I420P10"
    assert levels > 3 * EIGHT_BITS
