"""The worker that holds Pillow: as a naive function calls it, or at its best; the request's mode says.

*Naive* is what the demos do: every rendition opens and decodes the original again, in full.
*Best* is what a reader of all of Pillow's documentation writes: the JPEG is shrunk while it is decoded
(`draft`), once, and every rendition is resized from that (`reducing_gap`), at the fast encoder settings.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

from PIL import Image, ImageDraw, ImageFont, ImageOps

from benchmarks.protocol import Output, Request, serve

LANCZOS = Image.Resampling.LANCZOS
ORIENTATION = 0x0112
# Pillow's AVIF qualities are not libheif's: this one has the SSIMULACRA2 of sharp's default, 50.
AVIF_QUALITY = 56

Image.MAX_IMAGE_PIXELS = None  # one of the originals has 100 megapixels, and is ours


def render(data: bytes, request: Request) -> Mapping[str, bytes]:
    """Run one job in the request's mode."""
    return _best(data, request) if request.mode == "best" else _naive(data, request)


def _naive(data: bytes, request: Request) -> Mapping[str, bytes]:
    files = {}
    for output in request.outputs:
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
        resized = _resize(image, output, None)
        files[output.name] = _save(_mark(resized, output, request.font), output, {})
    return files


def _best(data: bytes, request: Request) -> Mapping[str, bytes]:
    base = _drafted(data, request.outputs)
    resized: dict[str, Image.Image] = {}
    files = {}
    for output in request.outputs:
        name = output.name.split(".")[0]
        if name not in resized:
            resized[name] = _mark(_resize(base, output, 3.0), output, request.font)
        files[output.name] = _save(resized[name], output, _best_options(output))
    return files


def _drafted(data: bytes, outputs: tuple[Output, ...]) -> Image.Image:
    """Return the upright original, shrunk while loading as far as the largest output allows."""
    image = Image.open(io.BytesIO(data))
    turned = image.getexif().get(ORIENTATION, 1) >= 5
    upright = (image.height, image.width) if turned else (image.width, image.height)
    sizes = [_size(upright, output) for output in outputs]
    needed = max(width for width, _ in sizes), max(height for _, height in sizes)
    image.draft("RGB", (needed[1], needed[0]) if turned else needed)
    return ImageOps.exif_transpose(image).convert("RGB")


def _size(source: tuple[int, int], output: Output) -> tuple[int, int]:
    """Return the size of *source* when it meets the output's box, before any crop."""
    if output.height is None:
        return output.width, max(1, round(source[1] * output.width / source[0]))
    ratios = output.width / source[0], output.height / source[1]
    scale = max(ratios) if output.fit == "cover" else min(ratios)
    return max(1, round(source[0] * scale)), max(1, round(source[1] * scale))


def _resize(image: Image.Image, output: Output, gap: float | None) -> Image.Image:
    if output.fit != "cover" or output.height is None:
        return image.resize(_size(image.size, output), LANCZOS, reducing_gap=gap)
    width, height = output.width, output.height
    scale = max(width / image.width, height / image.height)
    left, top = (image.width - width / scale) / 2, (image.height - height / scale) / 2
    box = (left, top, left + width / scale, top + height / scale)
    return image.resize((width, height), LANCZOS, box=box, reducing_gap=gap)


def _mark(image: Image.Image, output: Output, font: str) -> Image.Image:
    if output.text:
        face = ImageFont.truetype(font, image.width // 24)
        place = image.width * 0.97, image.height * 0.97
        draw = ImageDraw.Draw(image, "RGBA")
        draw.text(place, output.text, fill=(255, 255, 255, 153), font=face, anchor="rs")
    return image


def _best_options(output: Output) -> dict[str, int]:
    return {
        "jpeg": {"quality": 80},
        "webp": {"quality": output.quality or 80, "method": output.effort or 0},
        "avif": {"quality": AVIF_QUALITY, "speed": 9 - (output.effort or 0)},
    }[output.format]


def _save(image: Image.Image, output: Output, options: dict[str, int]) -> bytes:
    buffer = io.BytesIO()
    threads = {"max_threads": 1} if output.format == "avif" else {}
    image.save(buffer, output.format, **options, **threads)
    return buffer.getvalue()


if __name__ == "__main__":
    serve(render)
