"""How finely the colour of a rendition is stored, told by its file and seen in its pixels."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from PIL.JpegImagePlugin import get_sampling

from tintype.imaging import Chroma, Encoding, Format, Preset, render_all, violations

FULL, HALVED = (1, 1), (2, 2)  # pixels that share one colour, across and down
_JPEG_SAMPLING = {0: FULL, 2: HALVED}  # Pillow's numbers; -1 is grey or unknown


def stripes() -> bytes:
    """Return red and blue columns, each one pixel wide, as a PNG."""
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, ::2, 0] = pixels[:, 1::2, 2] = 255
    file = BytesIO()
    Image.fromarray(pixels, "RGB").save(file, "PNG")
    return file.getvalue()


def rendered(encoding: Encoding) -> bytes:
    preset = Preset(name="p", formats=(encoding,))
    return render_all(stripes(), [preset]).renditions[0].data


def sampling(data: bytes) -> tuple[int, int]:
    """Return how many pixels share a colour: of an AVIF from its AV1 configuration (av1C, byte 3)."""
    if b"av1C" not in data:
        return _JPEG_SAMPLING[get_sampling(Image.open(BytesIO(data)))]
    bits = data[data.index(b"av1C") + 6]
    return 1 + (bits >> 3 & 1), 1 + (bits >> 2 & 1)


@pytest.mark.parametrize(
    ("file_format", "progressive"),
    [(Format.JPEG, False), (Format.JPEG, True), (Format.AVIF, False)],
)
@pytest.mark.parametrize("quality", [40, 95])
@pytest.mark.parametrize(
    ("chroma", "stored"), [(None, HALVED), (Chroma.HALVED, HALVED), (Chroma.FULL, FULL)]
)
def test_colour_is_stored_as_the_preset_says(
    file_format: Format,
    quality: int,
    chroma: Chroma | None,
    stored: tuple[int, int],
    *,
    progressive: bool,
) -> None:
    encoding = Encoding(format=file_format, quality=quality, chroma=chroma, progressive=progressive)

    data = rendered(encoding)

    assert sampling(data) == stored


@pytest.mark.parametrize("file_format", [Format.JPEG, Format.AVIF])
def test_lines_of_one_pixel_keep_their_colour_in_full(file_format: Format) -> None:
    reds = {}
    for chroma in Chroma:
        data = rendered(Encoding(format=file_format, quality=90, chroma=chroma))
        pixels = np.asarray(Image.open(BytesIO(data)).convert("RGB"), np.float64)
        reds[chroma] = pixels[:, ::2, 0].mean() - pixels[:, 1::2, 0].mean()

    assert reds[Chroma.FULL] > 230
    assert reds[Chroma.HALVED] < 120


@pytest.mark.parametrize(
    ("encoding", "wrong"),
    [
        (Encoding(format=Format.WEBP, chroma=Chroma.FULL), "chroma: not supported for webp"),
        (Encoding(format=Format.PNG, chroma=Chroma.HALVED), "chroma: not supported for png"),
        (
            Encoding(format=Format.AVIF, lossless=True, chroma=Chroma.HALVED),
            "lossless: cannot be combined with chroma 4:2:0",
        ),
    ],
)
def test_a_format_without_the_choice_refuses_it(encoding: Encoding, wrong: str) -> None:
    (found,) = violations(Preset(name="p", formats=(encoding,)))

    assert found.startswith(f"formats[0].{wrong}")
