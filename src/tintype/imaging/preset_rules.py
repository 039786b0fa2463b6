"""The rules of presets: ranges, and which settings contradict each other. Start with `violations`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, get_type_hints

from tintype.constraints import Length, Range
from tintype.imaging.errors import InvalidPresetError
from tintype.imaging.formats import RENDERED_FORMATS, Format, listed, written
from tintype.imaging.presets import (
    COLOUR,
    Chroma,
    ColourSpace,
    Encoding,
    Fit,
    Gravity,
    HiddenRegion,
    Preset,
    Watermark,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_PAINT = re.compile(r"#[0-9a-fA-F]{6}")
_PLAIN = HiddenRegion(faces=True)
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def violations(preset: Preset) -> list[str]:
    """Return the errors of a preset as `setting: reason`, or an empty list if it is valid.

    >>> violations(Preset(name="thumb", width=0))
    ['width: 0 is not allowed; 1 to 16383']
    """
    return [*_out_of_range(preset), *_contradictions(preset)]


def check(presets: Sequence[Preset]) -> None:
    """Reject presets that cannot be rendered, or that would write the same file.

    Raises:
        InvalidPresetError: with all errors.
    """
    wrong = [f"{preset.name}: {reason}" for preset in presets for reason in violations(preset)]
    names = [preset.name for preset in presets]
    wrong += [
        f"{name}: two presets have this name"
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    if wrong:
        raise InvalidPresetError("; ".join(wrong))


def _out_of_range(owner: DataclassInstance, path: str = "") -> Iterator[str]:
    """Compare every number and length below *owner* with the range in its annotation."""
    for setting in fields(owner):
        content, name = getattr(owner, setting.name), f"{path}{setting.name}"
        for constraint in _constraints(type(owner))[setting.name]:
            if constraint.broken_by(content):
                yield f"{name}: {content!r} is not allowed; {constraint}"
        if is_dataclass(content) and not isinstance(content, type):
            yield from _out_of_range(content, f"{name}.")
        elif isinstance(content, tuple):
            for index, part in enumerate(content):
                yield from _out_of_range(part, f"{name}[{index}].")


@cache
def _constraints(owner: type[DataclassInstance]) -> dict[str, list[Range | Length]]:
    hints = get_type_hints(owner, include_extras=True)
    return {setting.name: list(_metadata(hints[setting.name])) for setting in fields(owner)}


def _metadata(hint: object) -> Iterator[Range | Length]:
    """Yield the constraints of an annotation and of annotations nested in it (`Side | None`)."""
    for part in getattr(hint, "__metadata__", ()):
        if isinstance(part, Range | Length):
            yield part
    for argument in getattr(hint, "__args__", ()):
        yield from _metadata(argument)


def _contradictions(preset: Preset) -> list[str]:
    found = [f"{where}: {reason}" for where, reason in _preset_rules(preset)]
    for index, encoding in enumerate(preset.formats):
        found += [
            f"formats[{index}].{where}: {reason}" for where, reason in _encoding_rules(encoding)
        ]
    for index, region in enumerate(preset.regions):
        if 1 in (region.left, region.top):
            found.append(f"regions[{index}]: begins at the far edge, and hides nothing")
        if (
            region.faces
            and replace(region, effect=_PLAIN.effect, strength=_PLAIN.strength) != _PLAIN
        ):
            found.append(
                f"regions[{index}].faces: cannot be combined with left, top, width or height"
            )
    for path, mark in preset.marks.items():
        found += [f"{path}.{where}: {reason}" for where, reason in _watermark_rules(mark)]
    return found


def _preset_rules(preset: Preset) -> Iterator[tuple[str, str]]:
    if not _NAME.fullmatch(preset.name):
        yield (
            "name",
            f"{preset.name!r} is not a valid name; 1 to 64 lower-case letters, digits, - and _",
        )
    if preset.width is None and preset.height is None and preset.fit is not Fit.INSIDE:
        yield "fit", f"{preset.fit} needs a width or a height"
    if not COLOUR.fullmatch(preset.background):
        yield "background", f"{preset.background!r} is not #rrggbb, #rrggbbaa or transparent"
    elif preset.flatten and not _PAINT.fullmatch(preset.background):
        yield (
            "flatten",
            f"needs a background of #rrggbb, and {preset.background!r} may be transparent",
        )
    if preset.tint is not None and not _PAINT.fullmatch(preset.tint):
        yield "tint", f"{preset.tint!r} is not #rrggbb"
    yield from _own_colour_rules(preset)
    if preset.same_format and not preset.auto:
        yield "same_format", "needs auto; set `auto = true` too"
    yield from _hdr_rules(preset)
    formats = [encoding.format for encoding in preset.formats]
    if preset.animate_avif and not (preset.animate and Format.AVIF in formats):
        yield "animate_avif", "needs avif in formats, and animate; set both, or leave it out"
    for format_ in dict.fromkeys(formats):
        if formats.count(format_) > 1:
            yield "formats", f"{format_} is listed twice"


# They work in sRGB, whose numbers others are not.
_OF_SRGB = (
    *("grayscale", "brightness", "contrast", "saturation", "gamma", "tint", "sharpen"),
    *("watermark", "overlays"),
)


def _own_colour_rules(preset: Preset) -> Iterator[tuple[str, str]]:
    """Yield the settings that cannot be combined with an original's own numbers."""
    if preset.colour_space is not ColourSpace.ORIGINAL:
        return
    defaults = {field.name: field.default for field in fields(Preset)}
    for name in _OF_SRGB:
        if getattr(preset, name) != defaults[name]:
            yield name, 'cannot be combined with `colour_space = "original"`; remove one of them'


# A gain map is for the tones that the original has, and shows what is hidden in its regions.
_WITHOUT_MAP = ("regions", "grayscale", "brightness", "contrast", "saturation", "gamma", "tint")


def _hdr_rules(preset: Preset) -> Iterator[tuple[str, str]]:
    """Yield why a preset cannot keep a gain map."""
    if not preset.hdr:
        return
    able = written(lambda facts: facts.gain_maps)
    if not any(encoding.format in able for encoding in preset.formats):
        yield "hdr", f"only {listed(able)} holds a gain map; add it to formats"
    defaults = {field.name: field.default for field in fields(Preset)}
    for name in _WITHOUT_MAP:
        if getattr(preset, name) != defaults[name]:
            yield name, "cannot be combined with hdr; remove one of them"


def _encoding_rules(encoding: Encoding) -> Iterator[tuple[str, str]]:
    format_ = encoding.format
    if format_ not in RENDERED_FORMATS:
        yield "format", f"{format_} cannot be written; use {', '.join(RENDERED_FORMATS)}"
        return
    facts, efforts = format_.facts, format_.facts.efforts
    if encoding.effort is not None and not efforts:
        yield "effort", f"not supported for {format_}"
    elif encoding.effort is not None and encoding.effort not in efforts:
        yield (
            "effort",
            f"{encoding.effort} is not allowed; {efforts[0]} to {efforts[-1]} for {format_}",
        )
    if encoding.quality is not None and facts.quality is None:
        yield (
            "quality",
            f"not supported for {format_}; set it for other formats alone, or use colours",
        )
    yield from _lossless_rules(encoding)
    if encoding.colours is not None and encoding.colours not in facts.palettes:
        palettes, able = ", ".join(map(str, facts.palettes)), listed(written(lambda f: f.palettes))
        allowed = f"{palettes} for {format_}" if palettes else f"only {able} support colours"
        yield "colours", f"{encoding.colours} is not allowed; {allowed}"
    if encoding.bit_depth not in facts.bit_depths:
        able = listed(written(lambda f: encoding.bit_depth in f.bit_depths))
        depths = listed([str(depth) for depth in facts.bit_depths], "or")
        others = f"; set it for {able} alone, in formats" if able else ""
        yield "bit_depth", f"{encoding.bit_depth} is not allowed; {depths} for {format_}{others}"
    if encoding.progressive and not facts.progressive:
        able = listed(written(lambda f: f.progressive))
        yield "progressive", f"not supported for {format_}, only for {able}"


def _lossless_rules(encoding: Encoding) -> Iterator[tuple[str, str]]:
    """Yield the rules of what a file keeps exactly: its pixels, or their colour."""
    format_, facts = encoding.format, encoding.format.facts
    if encoding.lossless and not facts.lossless:
        able = listed(written(lambda f: f.lossless))
        yield "lossless", f"not supported for {format_}, only for {able}"
    if encoding.lossless and encoding.quality is not None:
        yield "lossless", "cannot be combined with quality; remove one of them"
    if encoding.lossless and encoding.max_bytes is not None:
        yield "lossless", "cannot be combined with max_bytes; remove one of them"
    if encoding.chroma is not None and not facts.chroma:
        able = listed(written(lambda f: f.chroma))
        yield "chroma", f"not supported for {format_}, only for {able}"
    if encoding.lossless and encoding.chroma is Chroma.HALVED:
        yield "lossless", "cannot be combined with chroma 4:2:0; remove one of them"


def _watermark_rules(watermark: Watermark) -> Iterator[tuple[str, str]]:
    if (watermark.text is None) == (watermark.image is None):
        yield "text", "set either text or image"
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", watermark.text or ""):
        yield "text", "must be one line without control characters"
    if watermark.gravity in {Gravity.ATTENTION, Gravity.ENTROPY, Gravity.FACES}:
        yield "gravity", f"{watermark.gravity} is not allowed; use a compass word or a point"
    if not _PAINT.fullmatch(watermark.colour):
        yield "colour", f"{watermark.colour!r} is not #rrggbb"
