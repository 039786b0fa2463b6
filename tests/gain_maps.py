"""Ultra HDR pictures for tests, and how libultrahdr reads a file.

The pictures here say of each pixel where it was: red counts the columns, green the rows. Their gain
maps say the same, so that picture and map must agree wherever a preset takes them.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyvips
from PIL import Image

from tests.fingerprint import Floats
from tests.pictures import ULTRA_HDR_XMP, Pixels, encode, gain_map_xmp, stored, with_gain_map
from tintype.imaging import Format, Preset, RenderedFile, render_all

STOPS = 3.0


def places(width: int, height: int) -> Pixels:
    """Return a picture whose red counts the columns and green the rows."""
    x, y = np.meshgrid(*(255 * (np.arange(side) + 0.5) / side for side in (width, height)))
    return np.dstack([x, y, 0 * x + 128]).round().astype(np.uint8)


def jpeg(pixels: Pixels, *, orientation: int = 1, xmp: bytes = ULTRA_HDR_XMP, **more: Any) -> bytes:
    image = stored(Image.fromarray(pixels), orientation)
    if orientation != 1:
        more["exif"] = Image.Exif()
        more["exif"][0x0112] = orientation
    return encode([image], Format.JPEG, xmp=xmp, quality=95, subsampling=0, **more)


def hdr_places(width: int = 320, height: int = 240, *, orientation: int = 1) -> bytes:
    """Return an Ultra HDR picture of places, boosted by `STOPS` × (red, green, blue) / 255."""
    image = stored(Image.fromarray(places(width // 4, height // 4)), orientation)
    meaning = gain_map_xmp(GainMapMax=STOPS, OffsetSDR=0.0, OffsetHDR=0.0)
    gain = encode([image], Format.JPEG, xmp=meaning, quality=95, subsampling=0)
    return with_gain_map(jpeg(places(width, height), orientation=orientation), gain)


def patches(*boosts: float, grey: int = 128, xmp: bytes = b"") -> bytes:
    """Return an Ultra HDR picture of one grey in columns of 64 pixels, each boosted by other stops."""
    meaning = gain_map_xmp(GainMapMax=STOPS, OffsetSDR=0.0, OffsetHDR=0.0)
    values = np.repeat(np.array(boosts) / STOPS * 255, 32).round().astype(np.uint8)
    gain = encode(
        [Image.fromarray(np.tile(values, (64, 1)))], Format.JPEG, xmp=xmp or meaning, quality=95
    )
    base = np.full((128, 64 * len(boosts), 3), grey, np.uint8)
    return with_gain_map(jpeg(base), gain)


def iso_gain_map() -> bytes:
    """Return an Ultra HDR JPEG by libvips, which says so without XMP."""
    light = pyvips.Image.black(64, 64, bands=3).linear([1], [2.0]).copy(interpretation="scrgb")
    return bytes(pyvips.Operation.call("uhdrsave_buffer", light))


def rendered(data: bytes, **settings: Any) -> RenderedFile:
    (file,) = render_all(data, [Preset(name="p", hdr=True, **settings)], describe=False).renditions
    return file


class Read:
    """An Ultra HDR JPEG as libultrahdr and libjpeg read it, in values of 0 to 255."""

    def __init__(self, data: bytes) -> None:
        image = pyvips.Image.uhdrload_buffer(data)
        gain = image.get("gainmap-data")
        assert isinstance(gain, bytes)
        self.map_file: bytes = gain
        self.numbers: dict[str, Floats] = {
            name.removeprefix("gainmap-"): np.array(image.get(name), np.float64)
            for name in image.get_fields()
            if name.startswith("gainmap-") and name != "gainmap-data"
        }
        self.base: Pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        self.stored_map: Image.Image = Image.open(io.BytesIO(gain))
        size = (self.base.shape[1], self.base.shape[0])
        enlarged = self.stored_map.convert("RGB").resize(size, Image.Resampling.BILINEAR)
        self.map: Floats = np.asarray(enlarged).astype(np.float64)

    @property
    def stops(self) -> Floats:
        """ISO 21496-1, 6.2: the logarithm of the boost of each pixel."""
        numbers = self.numbers
        low, high = np.log2(numbers["min-content-boost"]), np.log2(numbers["max-content-boost"])
        shares: Floats = low + (self.map / 255) ** (1 / numbers["gamma"]) * (high - low)
        return shares

    @property
    def light(self) -> Floats:
        """Return the HDR picture's linear light, 1 for the white of the picture."""
        share = self.base / 255
        linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        numbers = self.numbers
        boosted: Floats = (linear + numbers["offset-sdr"]) * 2**self.stops - numbers["offset-hdr"]
        return boosted
