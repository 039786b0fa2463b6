"""What an address asks for, in the terms of the engine: a preset, and a part of the original."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tintype.delivery.grammar import BoxFit, DeliveredFile, Extension, Variant
from tintype.images import Focus, Image, Rendition
from tintype.imaging import (
    Encoding,
    Fit,
    FocalPoint,
    Format,
    Gravity,
    Preset,
    QualityTarget,
    Region,
)
from tintype.processing.focus import with_focus

_NAME = "delivered"  # of a preset that nobody has named
_FITS = {
    BoxFit.INSIDE: Fit.INSIDE,
    BoxFit.CLIP: Fit.INSIDE,
    BoxFit.COVER: Fit.COVER,
    BoxFit.CROP: Fit.COVER,
    BoxFit.CONTAIN: Fit.CONTAIN,
    BoxFit.FILL: Fit.CONTAIN,
    BoxFit.OUTSIDE: Fit.OUTSIDE,
    BoxFit.SCALE: Fit.FILL,
}
_ENLARGING = frozenset({BoxFit.CLIP, BoxFit.CROP, BoxFit.FILL, BoxFit.SCALE})
# The first that keeps the original's alpha and animation is written (`Preset.auto`).
_FORMATS = {
    Extension.AUTO_AVIF: (Format.AVIF, Format.WEBP),
    Extension.AUTO_WEBP: (Format.WEBP,),
    Extension.AUTO: (Format.JPEG, Format.PNG, Format.GIF),
    Extension.AVIF: (Format.AVIF,),
    Extension.WEBP: (Format.WEBP,),
    Extension.JPG: (Format.JPEG,),
    Extension.PNG: (Format.PNG,),
    Extension.GIF: (Format.GIF,),
}


@dataclass(frozen=True, slots=True)
class FileRecipe:
    """What to render: a preset that writes one file, of all of an original or a *part* of it."""

    preset: Preset
    part: Region | None = None


def stored_rendition(image: Image, file: DeliveredFile) -> Rendition | None:
    """Return the rendition that is the file of a preset's address, if the image has it."""
    made = [one for one in image.renditions if one.preset == file.variant.preset]
    if file.extension is Extension.AUTO:
        return next(iter(made), None)
    formats = {one.value for one in _FORMATS[file.extension]}
    return next((one for one in made if one.format in formats), None)


def file_recipe(
    file: DeliveredFile,
    presets: Sequence[Preset],
    focus: Focus | None = None,
    quality: QualityTarget | None = None,
) -> FileRecipe | None:
    """Return what to render for a file of an image with this focus, or None if no address means it.

    *quality* is that of a file whose address names neither a preset nor a quality.
    """
    variant = file.variant
    if variant.preset is None:
        preset = _preset(variant, file.extension, variant.quality or quality)
        is_own = variant.gravity is None and variant.focal_x is None
        return FileRecipe(with_focus(preset, focus) if is_own else preset, _part(variant))
    named = next((one for one in presets if one.name == variant.preset), None)
    chosen = _in_format(named, file.extension) if named else None
    return FileRecipe(with_focus(chosen, focus)) if chosen else None


def _in_format(preset: Preset, extension: Extension) -> Preset | None:
    """Return a preset that writes one file, or None if it has no such format."""
    if extension is Extension.AUTO:
        return preset if preset.auto else None
    kept = tuple(one for one in preset.formats if (one.format,) == _FORMATS[extension])
    return replace(preset, formats=kept, auto=False, same_format=False) if kept else None


def _preset(variant: Variant, extension: Extension, quality: int | QualityTarget | None) -> Preset:
    return Preset(
        name=_NAME,
        width=variant.width,
        height=variant.height,
        fit=_FITS[variant.fit],
        enlarge=variant.fit in _ENLARGING,
        gravity=_gravity(variant),
        background=f"#{variant.background or 'ffffff'}",
        flatten=variant.background is not None,
        blur=variant.blur,
        sharpen=variant.sharpen,
        saturation=1 + variant.saturation / 100,
        rotate=variant.rotate,
        flip="v" in (variant.flip or ""),
        flop="h" in (variant.flip or ""),
        formats=tuple(_encoding(one, quality) for one in _FORMATS[extension]),
        auto=True,
    )


def _gravity(variant: Variant) -> Gravity | FocalPoint:
    if variant.focal_x is not None and variant.focal_y is not None:
        return FocalPoint(x=variant.focal_x, y=variant.focal_y)
    return Gravity(variant.gravity or Gravity.CENTRE)


def _encoding(format_: Format, quality: int | QualityTarget | None) -> Encoding:
    return Encoding(format=format_, quality=quality if format_.facts.quality else None)


def _part(variant: Variant) -> Region | None:
    rect = variant.rect
    if rect is None:
        return None
    return Region(left=rect.left, top=rect.top, width=rect.width, height=rect.height)
