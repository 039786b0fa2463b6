"""AVIF and HEIC: their header and pixels agree, whichever decoder reads them."""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
import pillow_heif
import pytest
import pyvips
from PIL import AvifImagePlugin, Image

from tests.hostile.heifs import Item, boxes, coded, container, grid, shared_grid, size
from tests.pictures import HEIGHT, WIDTH, encode, original, pattern
from tests.reference import shown
from tests.wire import box, patch
from tintype.imaging import Encoding, Format, Limits, Preset, errors, render_all
from tintype.imaging.pillow_decoders import decode_heic

PNG = Preset(name="p", formats=(Encoding(format=Format.PNG),))
HIDDEN = (255, 0, 255)


def rendered(data: bytes) -> tuple[np.ndarray, str]:
    """Return the pixels of the whole picture, and the colours of its description."""
    result = render_all(data, [PNG])
    about = result.description
    assert about is not None
    frame = shown(result.renditions[0].data).frames[0]
    assert frame.shape[:2] == (about.height, about.width)
    return frame.astype(int), " ".join((*about.palette, about.dominant_colour))


def cropped(turns: int = 0) -> bytes:
    """Return an AVIF of which `clap` keeps the middle half (ISO/IEC 14496-12, 12.1.4)."""
    pixels = np.full((2 * HEIGHT, 2 * WIDTH, 3), HIDDEN, np.uint8)
    pixels[HEIGHT // 2 : 3 * HEIGHT // 2, WIDTH // 2 : 3 * WIDTH // 2] = pattern()
    data = encode([Image.fromarray(pixels)], Format.AVIF, quality=95, speed=9)
    meta = data[data.index(b"meta") :]
    parts = [
        meta[at : at + int.from_bytes(meta[at : at + 4], "big")]
        for at in (meta.index(kind) - 4 for kind in (b"ispe", b"av1C", b"pixi", b"colr"))
    ]
    clap = box(b"clap", struct.pack(">8i", WIDTH, 1, HEIGHT, 1, 0, 1, 0, 1))
    irot = box(b"irot", bytes([turns]))
    properties = (1, 0x82, 3, 4, 0x85, *([0x86] if turns else []))
    item = Item(b"av01", dict(boxes(data))[b"mdat"], properties)
    return container(Format.AVIF, [item], [*parts, clap, irot])


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_what_was_cropped_away_never_comes_back(turns: int) -> None:
    frame, colours = rendered(cropped(turns))

    wanted = np.rot90(pattern(), turns).astype(int)
    assert frame.shape[:2] == wanted.shape[:2]
    assert np.abs(frame[..., :3] - wanted).mean() < 4
    assert "#ff00ff" not in colours


@pytest.mark.parametrize("bits", [10, 12])
@pytest.mark.parametrize("mode", ["grey", "colour"])
def test_heic_of_more_than_eight_bits_has_its_values(mode: str, bits: int) -> None:
    grey = mode == "grey"
    pixels = pattern().astype(np.uint16)[..., : 1 if grey else 3] * 257
    heif = pillow_heif.from_bytes("I;16" if grey else "RGB;16", (WIDTH, HEIGHT), pixels.tobytes())
    heif.info["bit_depth"] = bits
    data = _saved(heif, twelve=bits == 12)

    frame, _ = rendered(data)

    assert np.abs(frame[..., :3] - pixels.astype(int) // 257).mean() < 3


def test_heic_of_ten_bits_keeps_them_where_they_are_wanted() -> None:
    """Tone mapping needs them: 8 bits have a quarter of the steps of this ramp."""
    pixels = np.linspace(0, 65_535, WIDTH * HEIGHT).reshape(HEIGHT, WIDTH, 1).repeat(3, axis=2)
    heif = pillow_heif.from_bytes("RGB;16", (WIDTH, HEIGHT), pixels.astype(np.uint16).tobytes())
    heif.info["bit_depth"] = 10
    data = _saved(heif, twelve=False)

    steps = {
        wide: len(np.unique(decode_heic(data, wide=wide).numpy()[..., 1])) for wide in (False, True)
    }

    assert steps[False] <= 256
    assert steps[True] > 512


def _saved(heif: pillow_heif.HeifFile, *, twelve: bool) -> bytes:
    file = BytesIO()
    pillow_heif.options.SAVE_HDR_TO_12_BIT = twelve
    try:
        heif.save(file, quality=95, chroma=444)
    finally:
        pillow_heif.options.SAVE_HDR_TO_12_BIT = False
    return file.getvalue()


def test_heic_of_more_than_256_items_is_read() -> None:
    """Phones of 200 megapixels write 800."""
    data = shared_grid(Format.HEIC, 17)
    assert data.count(b"infe") > 256

    frame, _ = rendered(data)

    assert frame.shape[:2] == (17 * HEIGHT, 17 * WIDTH)
    expected = shown(original("HEIC")).frames[0].astype(int)
    corner = frame[-HEIGHT:, -WIDTH:]
    assert np.abs(corner - expected).mean() < 1


@pytest.mark.parametrize("kind", [Format.AVIF, Format.HEIC])
@pytest.mark.parametrize(
    ("width", "height", "error"),
    [(12_000, 9_000, errors.TooManyPixelsError), (100_000, 8, errors.SideTooLongError)],
)
def test_a_limit_is_ours_before_any_decoder_speaks(
    kind: Format, width: int, height: int, error: type[errors.ImagingError]
) -> None:
    setup, pixels = coded(kind)
    name = b"av01" if kind is Format.AVIF else b"hvc1"
    data = container(kind, [Item(name, pixels, (1, 2))], [size(width, height), setup])

    with pytest.raises(error, match="the limit"):
        render_all(data, [PNG], Limits())


@pytest.mark.parametrize("kind", [Format.AVIF, Format.HEIC])
@pytest.mark.parametrize("coding", [b"avc1", b"vvc1", b"lhv1", b"jpeg", b"j2k1", b"unci", b"evc1"])
def test_a_picture_in_another_coding_is_refused_by_its_name(kind: Format, coding: bytes) -> None:
    """Its brand says HEVC or AV1, and no decoder is there: nothing of it is damaged."""
    setup, pixels = coded(kind)
    properties = [size(WIDTH, HEIGHT), setup]
    alone = container(kind, [Item(coding, pixels, (1, 2))], properties)
    tile = Item(coding, pixels, (1, 2))
    canvas = bytes(4) + struct.pack(">HH", WIDTH, HEIGHT)
    tiled = container(kind, [Item(b"grid", canvas, (1,), {b"dimg": (2,)}), tile], properties)

    for data in (alone, tiled):
        with pytest.raises(errors.UnsupportedFormatError, match=r"^HEIF with "):
            render_all(data, [PNG], Limits())


def test_the_size_is_that_of_the_primary_item() -> None:
    setup, pixels = coded(Format.HEIC)
    sizes = [size(100_000, 100_000), size(WIDTH, HEIGHT)]
    items = [Item(b"mime", b"x", (1,), content_type=b"text/plain"), Item(b"hvc1", pixels, (2, 3))]

    frame, _ = rendered(container(Format.HEIC, items, [*sizes, setup], primary=2))

    assert frame.shape[:2] == (HEIGHT, WIDTH)


def test_an_avif_that_one_decoder_refuses_is_read_by_the_other() -> None:
    """Old encoders wrote alpha without its size; libavif refuses that, libheif does not."""
    data = original("AVIF, alpha")
    entries = data.index(b"ipma") + 12
    alpha = (
        entries + 3 + data[entries + 2]
    )  # the second item: its number, and those of its properties
    assert data[alpha : alpha + 2] == b"\0\2"
    data = patch(data, alpha + 3, b"\0")  # which was that of its size
    with pytest.raises((SyntaxError, ValueError)):
        AvifImagePlugin.AvifImageFile(BytesIO(data))

    frame, _ = rendered(data)

    assert frame[10, -10, 3] < 20
    assert frame[-10, 10, 3] == 255


def test_an_avif_of_several_pictures_is_no_animation() -> None:
    data = grid(Format.AVIF, 2, 2)
    preset = Preset(name="p", animate_avif=True, formats=(Encoding(format=Format.AVIF),))

    result = render_all(data, [preset])

    assert pyvips.Image.new_from_buffer(data, "").get("n-pages") != 1
    assert result.description is not None
    assert result.description.frames == 1
    assert result.renditions[0].frames == 1
