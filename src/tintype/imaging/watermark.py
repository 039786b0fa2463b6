"""Watermarks: a picture or a line of text over a rendition. Start with `stamp`.

Text is drawn in the font that the preset names, or in one that is installed with the engine, so that
a mark looks the same on every machine, regardless of its installed fonts (`glyphs.py`).
"""

from __future__ import annotations

from functools import lru_cache

from tintype.imaging.alpha import blended, with_alpha
from tintype.imaging.colour import convert
from tintype.imaging.depth import sixteen_bits
from tintype.imaging.errors import ImagingError, InvalidPresetError, MissingGlyphError
from tintype.imaging.geometry import UPRIGHT, Box, Size, fit_size, place, stand_off
from tintype.imaging.orient import turned
from tintype.imaging.presets import ColourSpace, Fit, Limits, Watermark
from tintype.imaging.vips import Deadline, pyvips

_HALO_SHARE = 0.08  # the dark halo's blur, as a share of the text's height
_HALO_OPACITY = 0.5
_TILE_GAP = 0.5  # the space between tiles, as a share of the mark's size


def stamp(image: pyvips.Image, watermark: Watermark) -> pyvips.Image:
    """Return *image* with *watermark* over it.

    Raises:
        MissingGlyphError: the font lacks a character of the text.
        InvalidPresetError: the watermark's picture or font cannot be opened.
    """
    box = Size(max(1, round(image.width * watermark.scale)), image.height)
    mark = _drawn(watermark, box)
    mark = _faded(mark, watermark.opacity)
    if watermark.tiled:
        return _over(image, _tiled(mark, Size(image.width, image.height)), 0, 0)
    position = _position(mark, image, watermark)
    return _over(image, mark, position.left, position.top)


def _drawn(watermark: Watermark, box: Size) -> pyvips.Image:
    """Return the mark as RGBA in memory, scaled to fit into *box*."""
    if watermark.image is not None:
        return _picture(watermark.image, box)
    return _text(watermark.text or "", watermark.font, watermark.colour, box)


@lru_cache(maxsize=32)
def _picture(data: bytes, box: Size) -> pyvips.Image:
    from tintype.imaging import decode, original, plan  # noqa: PLC0415 - they are independent of watermarks

    limits = Limits()
    try:
        opened = original.open_original(data, limits)
        whole = plan.DecodePlan(shrink=1, soft_shrink=1, frames=1, streamed=False)
        with Deadline(limits.timeout_seconds) as deadline:
            first = decode.decode(opened, whole, deadline)[0]
    except ImagingError as error:
        message = f"watermark.image: {error}"
        raise InvalidPresetError(message) from error
    upright = turned(first, UPRIGHT[opened.orientation])
    mark = convert(upright, ColourSpace.SRGB, opened.colour, bits=opened.bits)
    size = fit_size(Size(mark.width, mark.height), box, Fit.INSIDE, enlarge=True)
    across, down = size.width / mark.width, size.height / mark.height
    mark = blended(mark, lambda mixed: mixed.resize(across, vscale=down))
    return with_alpha(mark).copy_memory()


@lru_cache(maxsize=128)
def _text(text: str, font: bytes | None, colour: str, box: Size) -> pyvips.Image:
    from tintype.imaging import fonts, glyphs  # noqa: PLC0415 - only for text

    watermark = Watermark(text=text, font=font)
    if absent := fonts.missing_glyphs(watermark):
        raise MissingGlyphError(fonts.no_glyph(absent))
    return _haloed(glyphs.draw_line(text, fonts.fonts_of(watermark), colour, box)).copy_memory()


def _haloed(line: pyvips.Image) -> pyvips.Image:
    """Put a soft dark halo behind the glyphs, which keeps them legible on light pictures."""
    sigma = max(0.5, line.height * _HALO_SHARE)
    margin = round(3 * sigma)
    glyphs = line.embed(margin, margin, line.width + 2 * margin, line.height + 2 * margin)
    halo = glyphs.extract_band(3).gaussblur(sigma) * _HALO_OPACITY
    dark = _rgba(pyvips.Image.black(glyphs.width, glyphs.height, bands=3).bandjoin(halo))
    return _rgba(dark.composite2(glyphs, "over"))


def _faded(mark: pyvips.Image, opacity: float) -> pyvips.Image:
    if opacity == 1:
        return mark
    return _rgba(mark.linear([1, 1, 1, opacity], [0, 0, 0, 0]))


def _tiled(mark: pyvips.Image, size: Size) -> pyvips.Image:
    """Repeat the mark over *size*, with gaps in between."""
    width = mark.width + max(1, round(mark.width * _TILE_GAP))
    height = mark.height + max(1, round(mark.height * _TILE_GAP))
    tile = mark.embed((width - mark.width) // 2, (height - mark.height) // 2, width, height)
    across, down = -(-size.width // width), -(-size.height // height)
    return tile.replicate(across, down).crop(0, 0, size.width, size.height)


def _position(mark: pyvips.Image, image: pyvips.Image, watermark: Watermark) -> Box:
    inner, outer = Size(mark.width, mark.height), Size(image.width, image.height)
    across, down = round(watermark.offset_x * outer.width), round(watermark.offset_y * outer.height)
    return stand_off(place(inner, outer, watermark.gravity), watermark.gravity, across, down)


def _over(image: pyvips.Image, mark: pyvips.Image, left: int, top: int) -> pyvips.Image:
    """Composite *mark* over the part of *image* that it covers."""
    x, y = max(left, 0), max(top, 0)
    width = min(left + mark.width, image.width) - x
    height = min(top + mark.height, image.height) - y
    if width <= 0 or height <= 0:
        return image
    part = image.crop(x, y, width, height)
    seen = mark.crop(x - left, y - top, width, height)
    seen = sixteen_bits(seen) if image.format == "ushort" else seen
    mixed = part.composite2(seen, "over").cast(image.format)
    return image.insert(mixed.extract_band(0, n=image.bands), x, y)


def _rgba(image: pyvips.Image) -> pyvips.Image:
    return image.cast("uchar").copy(interpretation="srgb")
