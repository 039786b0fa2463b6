"""The originals of the tests, built in code: `picture(400, 300, orientation=6)`.

`pattern` is what they all show: four quadrants in different colours, a light that grows to the
right, a white square in the top left and a dark bar at the bottom right, so that a wrong turn, a
wrong crop or a wrong colour changes numbers. `ORIGINALS` names one of every kind.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pillow_heif
import pyvips
from PIL import Image, ImageCms, PngImagePlugin

from tests import profiles
from tests.wire import jpeg_segment, jpeg_segments
from tintype.imaging.formats import Format

WIDTH, HEIGHT = 240, 160
ORIENTED = (Format.JPEG, Format.PNG, Format.WEBP, Format.TIFF, Format.AVIF, Format.HEIC)

Pixels = npt.NDArray[np.uint8]

# How the stored pixels become upright, by EXIF orientation (Exif 2.32, 4.6.4), and its inverse.
_TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
_ORIENTATION = 0x0112
_TABLES = 0xDB
_XMP = 700
_SAVED_AS = {Format.HEIC: "HEIF"}


def pattern(
    width: int = WIDTH, height: int = HEIGHT, *, alpha: bool = False, step: int = 0
) -> Pixels:
    """Return the test picture as height × width × 3 or 4; *step* moves the square."""
    x, y = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    colours = np.array([[[200, 60, 50], [60, 170, 80]], [[50, 80, 190], [220, 190, 70]]], float)
    light = (0.6 + 0.4 * x) * (0.85 + 0.15 * np.sin(5 * y))
    pixels = colours[(y > 0.5).astype(int), (x > 0.5).astype(int)] * light[..., None]
    pixels += np.random.default_rng(7).normal(0, 3, (height, width, 1))
    left = 0.08 + 0.08 * step
    pixels[(x > left) & (x < left + 0.15) & (y > 0.1) & (y < 0.32)] = 250
    pixels[(x > 0.55) & (x < 0.95) & (y > 0.8) & (y < 0.9)] = 25
    if alpha:
        hidden = (x > 0.7) & (y < 0.45)
        pixels[hidden] = (255, 0, 255)  # must never be seen
        pixels = np.dstack([pixels, np.where(hidden, 0, 255)])
    rounded: Pixels = np.round(pixels).clip(0, 255).astype(np.uint8)
    return rounded


def picture(
    width: int = WIDTH,
    height: int = HEIGHT,
    file_format: Format = Format.JPEG,
    *,
    mode: str = "RGB",
    orientation: int = 1,
    frames: int = 1,
    icc: bytes | None = None,
    exif: Image.Exif | None = None,
    xmp: bytes | None = None,
    **options: Any,
) -> bytes:
    """Return an original of *width* × *height* as it is seen, after its orientation is applied.

    *mode* is Pillow's: 1, L, LA, RGB, RGBA, P, CMYK. With a *profile* the numbers stay as they are
    and mean other colours.
    """
    alpha = mode in {"LA", "RGBA", "PA"}
    images = [
        stored(to_mode(pattern(width, height, alpha=alpha, step=step), mode), orientation)
        for step in range(frames)
    ]
    if orientation != 1:
        exif = exif or Image.Exif()
        exif[_ORIENTATION] = orientation
    return encode(images, file_format, icc=icc, exif=exif, xmp=xmp, **options)


def stored(image: Image.Image, orientation: int) -> Image.Image:
    """Return *image* as a camera held that way would have stored it."""
    return image.transpose(_TURNED[orientation]) if orientation in _TURNED else image


def to_mode(pixels: Pixels, mode: str) -> Image.Image:
    """Return *pixels* as Pillow has them; CMYK through the press profile, PA as a palette with a hole."""
    image = Image.fromarray(pixels)
    if mode == "CMYK":
        return _to_cmyk(image)
    if mode == "PA":
        return image.quantize(64, method=Image.Quantize.FASTOCTREE)
    if mode == "P":
        return image.quantize(64)
    return image.convert(mode)


def encode(
    images: Sequence[Image.Image],
    file_format: Format,
    *,
    icc: bytes | None = None,
    exif: Image.Exif | None = None,
    xmp: bytes | None = None,
    **options: Any,
) -> bytes:
    """Return *images* as one file, metadata where that format keeps it."""
    if icc:
        options["icc_profile"] = icc
    if xmp and file_format is Format.TIFF:
        exif = exif or Image.Exif()
        exif[_XMP] = xmp
    if exif:
        options["exif"] = exif.tobytes()
    if len(images) > 1:
        options |= {"save_all": True, "append_images": images[1:], "duration": 120, "loop": 0}
    if xmp and file_format is Format.PNG:
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp.decode())
    elif xmp and file_format is not Format.TIFF:
        options["xmp"] = xmp
    if file_format is Format.HEIC:
        return _encode_heic(images[0], **options)
    file = io.BytesIO()
    images[0].save(file, _SAVED_AS.get(file_format, file_format.name), **options)
    return file.getvalue()


def sixteen_bits(file_format: Format, *, mode: str = "RGB") -> bytes:
    """Return the pattern with 16 bits a sample, the lower ones filled; *mode* L, RGB or RGBA."""
    pixels = np.asarray(to_mode(pattern(alpha=mode == "RGBA"), mode)).astype(np.uint16)
    return encode_sixteen_bits(pixels * 257, file_format)


def encode_sixteen_bits(
    pixels: npt.NDArray[np.uint16], file_format: Format, *, icc: bytes = b""
) -> bytes:
    """Return a PNG or TIFF of grey (height × width), RGB or RGBA samples."""
    meaning = "grey16" if pixels.ndim == 2 else "rgb16"
    image = pyvips.Image.new_from_array(pixels, interpretation=meaning)
    if icc:
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", icc)  # type: ignore[arg-type] # its stub knows no bytes
    return _written(image, f".{file_format}")


def interlaced_png(*, alpha: bool = False) -> bytes:
    """Return a PNG in seven passes."""
    image = pyvips.Image.new_from_array(pattern(alpha=alpha), interpretation="srgb")
    return _written(image, ".png", interlace=True)


def ultra_hdr() -> bytes:
    """Return a JPEG as phones store HDR: a gain map as a second picture behind the first."""
    gain = picture(WIDTH // 4, HEIGHT // 4, mode="L", xmp=gain_map_xmp(GainMapMax=2.3))
    return with_gain_map(picture(quality=90, xmp=ULTRA_HDR_XMP), gain)


def gain_map_xmp(**numbers: float) -> bytes:
    """Return the XMP of a gain map (Ultra HDR 1.1); it is applied in full from *GainMapMax* on."""
    wanted = {"HDRCapacityMax": numbers["GainMapMax"], **numbers}
    return xmp_packet(
        " ".join(
            f'hdrgm:{name}="{number}"' for name, number in {"Version": "1.0", **wanted}.items()
        )
    )


def with_gain_map(first: bytes, second: bytes) -> bytes:
    """Return two JPEGs as one file. CIPA DC-007 (MPF) says how the second is found."""
    at = next(segment.start for segment in jpeg_segments(first) if segment.marker == _TABLES)
    size = len(first) + len(_multi_picture(0, 0, 0))
    offset = size - at - 8  # counted from the header inside the segment
    return first[:at] + _multi_picture(size, len(second), offset) + first[at:] + second


def xmp_packet(attributes: str, content: str = "") -> bytes:
    """Return an XMP packet with *attributes* and elements *content* its description."""
    spaces = {
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "exif": "http://ns.adobe.com/exif/1.0/",
        "aux": "http://ns.adobe.com/exif/1.0/aux/",
        "dc": "http://purl.org/dc/elements/1.1/",
        "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
        "Container": "http://ns.google.com/photos/1.0/container/",
        "Item": "http://ns.google.com/photos/1.0/container/item/",
    }
    names = " ".join(f'xmlns:{prefix}="{address}"' for prefix, address in spaces.items())
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF {names}><rdf:Description rdf:about="" {attributes}>{content}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


ULTRA_HDR_XMP = xmp_packet(
    'hdrgm:Version="1.0"',
    '<Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic='
    '"Primary" Item:Mime="image/jpeg"/></rdf:li><rdf:li rdf:parseType="Resource"><Container:Item '
    'Item:Semantic="GainMap" Item:Mime="image/jpeg"/></rdf:li></rdf:Seq></Container:Directory>',
)


def _multi_picture(first: int, second: int, offset: int) -> bytes:
    """Return the APP2 segment that says: two pictures, so long, the second at *offset*."""
    entries = struct.pack(">IIIHH", 0x20030000, first, 0, 0, 0)
    entries += struct.pack(">IIIHH", 0, second, offset, 0, 0)
    directory = struct.pack(">HHHI4s", 3, 0xB000, 7, 4, b"0100")
    directory += struct.pack(">HHIIHHIII", 0xB001, 4, 1, 2, 0xB002, 7, 32, 50, 0)
    header = b"MM\0*" + struct.pack(">I", 8)
    return jpeg_segment(0xE2, b"MPF\0" + header + directory + entries)


@cache
def _cmyk_transform() -> ImageCms.ImageCmsTransform:
    press = ImageCms.ImageCmsProfile(io.BytesIO(profiles.cmyk()))
    screen = ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(screen, press, "RGB", "CMYK")


def _to_cmyk(image: Image.Image) -> Image.Image:
    converted = ImageCms.applyTransform(image.convert("RGB"), _cmyk_transform())
    assert converted is not None
    del converted.info["icc_profile"]  # or Pillow writes it into every TIFF
    return converted


def _encode_heic(image: Image.Image, **options: object) -> bytes:
    if "icc_profile" in options:
        options["icc_profile_type"] = "prof"
    file = io.BytesIO()
    heif = pillow_heif.from_bytes(image.mode, image.size, image.tobytes())
    heif.save(file, **{"quality": 90, **options})
    return file.getvalue()


def _written(image: pyvips.Image, suffix: str, **options: object) -> bytes:
    data = image.write_to_buffer(suffix, **options)
    assert isinstance(data, bytes)
    return data


ORIGINALS: dict[str, Callable[[], bytes]] = {
    "JPEG": partial(picture, quality=90),
    "JPEG, progressive": partial(picture, quality=90, progressive=True),
    "JPEG, 4:4:4": partial(picture, quality=95, subsampling=0),
    "JPEG, grey": partial(picture, mode="L", quality=90),
    "JPEG, CMYK": partial(picture, mode="CMYK", quality=90),
    "JPEG, CMYK with a profile": lambda: picture(mode="CMYK", quality=90, icc=profiles.cmyk()),
    "JPEG, Display P3": lambda: picture(quality=90, icc=profiles.display_p3()),
    "JPEG, turned": partial(picture, quality=90, orientation=6),
    "JPEG, Ultra HDR": ultra_hdr,
    "PNG": partial(picture, file_format=Format.PNG),
    "PNG, alpha": partial(picture, file_format=Format.PNG, mode="RGBA"),
    "PNG, palette": partial(picture, file_format=Format.PNG, mode="P"),
    "PNG, palette with alpha": partial(picture, file_format=Format.PNG, mode="PA"),
    "PNG, grey": partial(picture, file_format=Format.PNG, mode="L"),
    "PNG, grey with alpha": partial(picture, file_format=Format.PNG, mode="LA"),
    "PNG, black and white": partial(picture, file_format=Format.PNG, mode="1"),
    "PNG, 16 bits": partial(sixteen_bits, Format.PNG),
    "PNG, 16 bits with alpha": partial(sixteen_bits, Format.PNG, mode="RGBA"),
    "PNG, 16 bits grey": partial(sixteen_bits, Format.PNG, mode="L"),
    "PNG, interlaced": interlaced_png,
    "PNG, animated": partial(picture, file_format=Format.PNG, frames=4),
    "PNG, animated with alpha": partial(
        picture, file_format=Format.PNG, mode="RGBA", frames=3, disposal=1
    ),
    "WebP": partial(picture, file_format=Format.WEBP, quality=90),
    "WebP, lossless": partial(picture, file_format=Format.WEBP, lossless=True),
    "WebP, alpha": partial(picture, file_format=Format.WEBP, mode="RGBA", quality=90),
    "WebP, animated": partial(picture, file_format=Format.WEBP, frames=4, quality=90),
    "WebP, animated with alpha": partial(picture, file_format=Format.WEBP, mode="RGBA", frames=3),
    "AVIF": partial(picture, file_format=Format.AVIF, quality=80, speed=9),
    "AVIF, alpha": partial(picture, file_format=Format.AVIF, mode="RGBA", quality=80, speed=9),
    "AVIF, animated": partial(
        picture, file_format=Format.AVIF, frames=3, quality=90, speed=9, subsampling="4:4:4"
    ),
    "GIF": partial(picture, file_format=Format.GIF),
    "GIF, alpha": partial(picture, file_format=Format.GIF, mode="RGBA"),
    "GIF, animated": partial(picture, file_format=Format.GIF, frames=4),
    "GIF, animated with alpha": partial(
        picture, file_format=Format.GIF, mode="RGBA", frames=3, disposal=2
    ),
    "TIFF": partial(picture, file_format=Format.TIFF, compression="tiff_deflate"),
    "TIFF, alpha": partial(picture, file_format=Format.TIFF, mode="RGBA"),
    "TIFF, CMYK": partial(picture, file_format=Format.TIFF, mode="CMYK", compression="tiff_lzw"),
    "TIFF, 16 bits": partial(sixteen_bits, Format.TIFF),
    "HEIC": partial(picture, file_format=Format.HEIC),
    "HEIC, alpha": partial(picture, file_format=Format.HEIC, mode="RGBA"),
}


@cache
def original(name: str) -> bytes:
    """Return the original that `ORIGINALS` has under *name*, built once."""
    return ORIGINALS[name]()
