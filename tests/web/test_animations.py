"""Animations move in Chromium as their originals do: frames, times, repetitions and pixels."""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.fingerprint import delta_e, lab
from tests.pictures import Pixels, original, pattern
from tests.web.browser import secure_page
from tests.wire import gif_header
from tintype.imaging import Encoding, Format, Preset, render_one
from tintype.imaging.formats import SNIFFED_BYTES, sniff

DECODED = """async ([address, type]) => {
  const data = await (await fetch(address)).arrayBuffer();
  const decoder = new ImageDecoder({ data, type });
  await decoder.tracks.ready;
  await decoder.completed;
  const { frameCount, repetitionCount } = decoder.tracks.selectedTrack;
  const frames = [];
  for (let frameIndex = 0; frameIndex < frameCount; frameIndex++) {
    const { image } = await decoder.decode({ frameIndex });
    const { displayWidth: width, displayHeight: height, duration } = image;
    const context = new OffscreenCanvas(width, height).getContext('2d');
    context.drawImage(image, 0, 0);
    const pixels = new Uint8Array(context.getImageData(0, 0, width, height).data.buffer);
    frames.push([width, height, duration, pixels.toBase64()]);
  }
  return [repetitionCount === Infinity ? 0 : repetitionCount + 1, frames];
}"""
WEBP = Preset(name="p", formats=(Encoding(format=Format.WEBP, lossless=True),))
AVIF = Preset(name="p", formats=(Encoding(format=Format.AVIF, quality=80),), animate_avif=True)


@dataclass(frozen=True, slots=True)
class Shown:
    """What Chromium decodes: milliseconds of each frame, the number of times (0: endlessly), pixels."""

    times: tuple[float, ...]
    plays: int
    frames: Sequence[Pixels]


def decoded(browser: Browser, data: bytes) -> Shown:
    kind = sniff(data[:SNIFFED_BYTES]).content_type
    address = f"data:{kind};base64,{base64.b64encode(data).decode()}"

    with secure_page(browser) as page:
        plays, frames = page.evaluate(DECODED, [address, kind])
    return Shown(
        tuple(duration / 1000 for *_, duration, _ in frames),
        plays,
        [
            np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(height, width, 4)
            for width, height, _, pixels in frames
        ],
    )


def blocks(pixels: Pixels) -> npt.NDArray[np.float64]:
    """Return the means of 8 × 8 pixels: colours, without the noise that no encoder keeps."""
    rows, columns = pixels.shape[0] // 8, pixels.shape[1] // 8
    cut = pixels[: rows * 8, : columns * 8, : min(3, pixels.shape[2])].astype(float)
    return np.asarray(cut.reshape(rows, 8, columns, 8, -1).mean((1, 3)))


def moving_gif(times: Sequence[int], loop: int | None = 0) -> bytes:
    frames = [Image.fromarray(pattern(step=step)) for step in range(len(times))]
    file = io.BytesIO()
    loops = {} if loop is None else {"loop": loop}
    frames[0].save(
        file, "GIF", save_all=True, append_images=frames[1:], duration=list(times), **loops
    )
    return file.getvalue()


@pytest.mark.parametrize(("loop", "plays"), [(None, 1), (0, 0), (2, 3)])
def test_animated_avif_has_the_times_and_repetitions_of_its_original(
    loop: int | None, plays: int, chromium: Browser
) -> None:
    data = moving_gif([200, 40, 1500, 330], loop)

    found = decoded(chromium, render_one(data, AVIF).data)

    assert found.times == (200, 40, 1500, 330)
    assert found.plays == plays == decoded(chromium, data).plays


@pytest.mark.parametrize("name", ["GIF, animated", "WebP, animated with alpha"])
def test_animated_avif_shows_what_its_original_shows(name: str, chromium: Browser) -> None:
    data = original(name)
    wanted = decoded(chromium, data)

    found = decoded(chromium, render_one(data, AVIF).data)

    assert len(found.frames) == len(wanted.frames) > 2
    for mine, his in zip(found.frames, wanted.frames, strict=True):
        assert np.abs(mine[..., 3].astype(int) - his[..., 3]).mean() < 1
        apart = delta_e(lab(blocks(mine)), lab(blocks(his)))
        seen = blocks(his[..., 3:])[..., 0] == 255
        assert apart[seen].mean() < 1


def disposing_gif(steps: Sequence[tuple[int, int, int, int, int, bool]]) -> bytes:
    """Return a GIF of frames: left, top, width, height, disposal, and whether its colour 0 is clear.

    Each has stripes of colours 0 and 1, and the second differs from frame to frame.
    """
    parts = []
    for number, (left, top, width, height, disposal, clear) in enumerate(steps):
        stripes = Image.new("P", (width, height), 1)
        stripes.paste(0, (0, 0, width, height // 2))
        stripes.putpalette([250, 200, 0, 40 * number, 90, 160, *[0] * 6])
        file = io.BytesIO()
        stripes.save(file, "GIF", optimize=False)
        data = file.getvalue()
        at = data.index(b"\x2c")
        descriptor = struct.pack("<4HB", left, top, width, height, 0x80 | (data[10] & 7))
        palette = data[13 : 13 + (3 << ((data[10] & 7) + 1))]
        parts.append(b"\x21\xf9\x04" + bytes([disposal << 2 | clear, 20, 0, 0, 0]))
        parts.append(b"\x2c" + descriptor + palette + data[at + 10 : -1])
    return b"".join([gif_header(32, 32), *parts, b";"])


WHOLE = (0, 0, 32, 32)
DISPOSALS = {
    "opaque, then clear ones to the background": [
        (*WHOLE, 1, False),
        (4, 4, 16, 16, 2, True),
        (12, 12, 16, 16, 2, True),
        (0, 16, 8, 8, 1, True),
    ],
    "clear ones to the background": [
        (*WHOLE, 2, True),
        (4, 4, 16, 16, 2, True),
        (8, 8, 8, 8, 2, True),
    ],
    "clear after opaque to the background": [
        (*WHOLE, 2, False),
        (4, 4, 16, 16, 1, True),
        (10, 10, 16, 16, 1, False),
    ],
    "small first frame": [(8, 8, 8, 8, 2, False), (4, 4, 16, 16, 2, True), (0, 0, 8, 8, 1, True)],
    "to the previous": [
        (*WHOLE, 1, True),
        (4, 4, 16, 16, 3, False),
        (8, 8, 16, 16, 3, True),
        (0, 0, 8, 8, 2, False),
        (16, 0, 16, 16, 1, True),
    ],
    "opaque, to the previous by 4": [
        (0, 0, 16, 16, 1, False),
        (4, 4, 16, 16, 4, False),
        (24, 24, 8, 8, 1, False),
    ],
    "first frame to the previous": [
        (8, 8, 8, 8, 3, True),
        (4, 4, 16, 16, 1, True),
        (*WHOLE, 2, True),
    ],
}


@pytest.mark.parametrize("what", DISPOSALS)
def test_a_gif_of_clear_frames_and_disposals_shows_what_chromium_shows(
    what: str, chromium: Browser
) -> None:
    data = disposing_gif(DISPOSALS[what])
    wanted = decoded(chromium, data)

    found = decoded(chromium, render_one(data, WEBP).data)

    assert len(found.frames) == len(wanted.frames) == len(DISPOSALS[what])
    for mine, his in zip(found.frames, wanted.frames, strict=True):
        assert np.array_equal(mine[..., 3], his[..., 3])
        assert np.array_equal(mine[his[..., 3] == 255], his[his[..., 3] == 255])
