"""What a rendition should look like, found without the engine: Pillow decodes, fits and converts.

Where the words differ, ours stand: Pillow's `contain` is our `inside` (DESIGN.md, section 1).
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageOps

from tests import profiles
from tests.pictures import Pixels
from tintype.imaging.errors import ImagingError
from tintype.imaging.formats import Format, sniff
from tintype.imaging.presets import Fit

_SRGB = ImageCms.createProfile("sRGB")
_Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as a good viewer shows it: its frames as upright sRGB with alpha, 8 bits."""

    frames: tuple[Pixels, ...]

    @property
    def width(self) -> int:
        return int(self.frames[0].shape[1])

    @property
    def height(self) -> int:
        return int(self.frames[0].shape[0])

    @property
    def has_alpha(self) -> bool:
        """Whether any pixel lets something through."""
        return any(int(frame[..., 3].min()) < 255 for frame in self.frames)


def shown(data: bytes) -> Shown:
    """Return what *data* looks like."""
    image = read(data)
    frames = []
    for at in range(getattr(image, "n_frames", 1)):
        image.seek(at)
        frames.append(viewed(image))
    return Shown(tuple(frames))


def read(data: bytes) -> Image.Image:
    """Return *data* as Pillow opens it, or libheif."""
    return _heic(data) if _is_heic(data) else Image.open(io.BytesIO(data))


def fitted(pixels: Pixels, box: _Size, fit: Fit, background: tuple[int, int, int, int]) -> Pixels:
    """Return one frame resized, cropped or padded to *box*, never enlarged, about its centre."""
    image = Image.fromarray(pixels)
    if fit is Fit.COVER:
        image = _cropped(image, box)
    size = _fit_size(image.size, box, fit)
    resized = image.resize(size, Image.Resampling.LANCZOS)
    if fit is Fit.CONTAIN:
        canvas = Image.new("RGBA", box, background)
        canvas.paste(resized, ((box[0] - size[0]) // 2, (box[1] - size[1]) // 2))
        resized = canvas
    return np.asarray(resized)


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return the colours of *image* in sRGB, by Little CMS.

    The intent is perceptual, as in the engine and in sharp; only press profiles know others.
    """
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    converted = ImageCms.profileToProfile(
        image, source, _SRGB, ImageCms.Intent.PERCEPTUAL, outputMode="RGB"
    )
    assert converted is not None
    return converted


def viewed(image: Image.Image) -> Pixels:
    """Return the current frame upright, as sRGB with alpha, 8 bits."""
    image = ImageOps.exif_transpose(image)
    profile = image.info.get("icc_profile")
    try:
        return _with_profile(image, profile)
    except (
        ImageCms.PyCMSError
    ):  # it is broken, or for another kind of picture: as if it were not there
        return _with_profile(image, None)


def _with_profile(image: Image.Image, profile: bytes | None) -> Pixels:
    if image.mode == "CMYK":
        colours = to_srgb(image, profile or profiles.cmyk())
    elif image.mode.startswith("I;16"):
        colours = Image.fromarray((np.asarray(image) // 257).astype(np.uint8))
    elif profile and image.mode in {"RGB", "L"}:
        colours = to_srgb(image, profile)
    elif profile and image.mode in {"RGBA", "LA", "P"}:
        whole = image.convert("RGBA")
        colours = to_srgb(
            image.convert("L") if image.mode == "LA" else whole.convert("RGB"), profile
        )
        colours.putalpha(whole.getchannel("A"))
    else:
        colours = image
    return np.asarray(colours.convert("RGBA"))


def _is_heic(data: bytes) -> bool:
    try:
        return sniff(data[:64]) is Format.HEIC
    except ImagingError:
        return False


def _heic(data: bytes) -> Image.Image:
    heif = pillow_heif.open_heif(data)
    image = Image.frombytes(heif.mode, heif.size, bytes(heif.data), "raw", heif.mode, heif.stride)
    image.info["icc_profile"] = heif.info.get("icc_profile")
    return image


def _fit_size(size: _Size, box: _Size, fit: Fit) -> _Size:
    if fit is Fit.FILL:
        return box
    ratios = box[0] / size[0], box[1] / size[1]
    scale = min(1.0, max(ratios) if fit in {Fit.COVER, Fit.OUTSIDE} else min(ratios))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _cropped(image: Image.Image, box: _Size) -> Image.Image:
    """Return the largest part of *image* about its centre that has the shape of *box*."""
    scale = min(image.width / box[0], image.height / box[1])
    width, height = round(box[0] * scale), round(box[1] * scale)
    left, top = (image.width - width) / 2, (image.height - height) / 2
    return image.crop((round(left), round(top), round(left) + width, round(top) + height))
