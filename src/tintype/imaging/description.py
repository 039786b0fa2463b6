"""The description of an original: everything in the catalogue about it, without its pixels."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from tintype.imaging.alpha import is_opaque
from tintype.imaging.attachments import GAIN_MAP
from tintype.imaging.fingerprint import fingerprint
from tintype.imaging.formats import Format
from tintype.imaging.geometry import UPRIGHT
from tintype.imaging.metadata import CameraMetadata, Metadata
from tintype.imaging.orient import turned
from tintype.imaging.original import CheckedOriginal
from tintype.imaging.plan import DESCRIBED_SIDE
from tintype.imaging.pyramid import Pyramid

# Common names of libvips' interpretations; variants such as `rgb16` differ only in bits.
_COLOUR_SPACES = {
    "srgb": "sRGB",
    "rgb": "sRGB",
    "rgb16": "sRGB",
    "b-w": "grey",
    "grey16": "grey",
    "cmyk": "CMYK",
    "lab": "CIELAB",
    "labs": "CIELAB",
    "scrgb": "scRGB",
}


@dataclass(frozen=True, slots=True)
class Description:
    """The facts about an original. `width` and `height` are those of one upright frame.

    `has_alpha`: part of the first frame is transparent. `colour_space` is the profile's name, or that
    of the space that the file signals; `hdr` is how high dynamic range is stored (`pq`, `hlg`,
    `gain_map`); `frames` counts all in the file; `bits` are per channel; `orientation` is the EXIF tag
    as found, 1 to 8; `removed` names the private metadata that renditions omit; `notes` say what else
    renditions do not have of the original, such as further pages; `perceptual_hash` is a dHash of 16
    hex digits, `placeholder` a ThumbHash in base64. Colours are `#rrggbb`, and the palette begins with
    the dominant one.
    """

    format: Format
    content_type: str
    width: int
    height: int
    bytes: int
    frames: int
    has_alpha: bool
    colour_space: str
    hdr: str | None
    bits: int
    orientation: int
    camera: CameraMetadata | None
    artist: str | None
    copyright: str | None
    removed: tuple[str, ...]
    notes: tuple[str, ...]
    sha256: str
    perceptual_hash: str
    placeholder: str
    dominant_colour: str
    palette: tuple[str, ...]


def describe_original(
    original: CheckedOriginal, metadata: Metadata, pyramid: Pyramid
) -> Description:
    """Describe *original*; its colours come from the first frame in *pyramid*, which is sRGB."""
    small = pyramid.at(original.scale_to(DESCRIBED_SIDE))[0]
    looks = fingerprint(turned(small, UPRIGHT[original.orientation]))
    first = pyramid.base[0]
    return Description(
        format=original.kind,
        content_type=original.kind.content_type,
        width=original.upright.width,
        height=original.upright.height,
        bytes=len(original.file),
        frames=original.frames_found,
        has_alpha=not is_opaque(first),
        colour_space=_colour_space(original),
        hdr=_hdr(original, metadata),
        bits=original.bits,
        orientation=original.orientation,
        camera=metadata.camera,
        artist=metadata.artist,
        copyright=metadata.copyright,
        removed=metadata.removed,
        notes=original.notes,
        sha256=hashlib.sha256(original.file).hexdigest(),
        perceptual_hash=looks.perceptual_hash,
        placeholder=looks.placeholder,
        dominant_colour=looks.dominant_colour,
        palette=looks.palette,
    )


def _hdr(original: CheckedOriginal, metadata: Metadata) -> str | None:
    """Return how high dynamic range is stored: `pq`, `hlg`, or `gain_map` as in Ultra HDR."""
    if original.colour.hdr is not None:
        return original.colour.hdr.value
    return "gain_map" if GAIN_MAP in metadata.removed else None


def _colour_space(original: CheckedOriginal) -> str:
    plain = _COLOUR_SPACES.get(original.interpretation, original.interpretation)
    return original.colour.name or plain
