"""SVG drawings look as Chromium draws them."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.drawings import DRAWINGS
from tests.pictures import Pixels
from tintype.imaging import Encoding, Format, Limits, Preset, render_one

SIDE = 200
ON_WHITE = """async ([address, side]) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const context = new OffscreenCanvas(side, side).getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, side, side);
  context.drawImage(image, 0, 0, side, side);
  return new Uint8Array(context.getImageData(0, 0, side, side).data.buffer).toBase64();
}"""


def drawn_by_chromium(browser: Browser, data: bytes) -> Pixels:
    address = f"data:image/svg+xml;base64,{base64.b64encode(data).decode()}"
    page = browser.new_page()
    try:
        pixels = page.evaluate(ON_WHITE, [address, SIDE])
    finally:
        page.close()
    return np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(SIDE, SIDE, 4)[..., :3]


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawing_looks_as_in_chromium(name: str, chromium: Browser) -> None:
    wanted = drawn_by_chromium(chromium, DRAWINGS[name]).astype(int)
    preset = Preset(name="p", width=SIDE, formats=(Encoding(format=Format.PNG),))

    file = io.BytesIO(render_one(DRAWINGS[name], preset, Limits(svg=True)).data)

    picture = Image.open(file).convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    found = np.asarray(Image.alpha_composite(white, picture).convert("RGB")).astype(int)
    differences = np.abs(found - wanted)
    assert differences.mean() < 2.5  # of 255
    assert (differences.max(axis=2) > 24).mean() < 0.03  # edges, which are smoothed in other ways
