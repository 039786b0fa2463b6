"""Presets: named recipes that say what a rendition looks like and how it is encoded.

Start with `Preset`. Every field carries its range and its meaning in its annotation, and that is
the only place where they stand: `violations` checks them, `tintype.toml` is validated by them, and
the documentation prints them. Lengths are in pixels unless the field says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cache
from math import inf
from typing import TYPE_CHECKING, Annotated, get_type_hints

from annotated_types import Ge, Interval, Len, doc

from tintype.imaging.errors import InvalidPresetError
from tintype.imaging.formats import RENDERED_FORMATS, Format

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

COLOUR = re.compile(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?|transparent")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
MAX_RENDITION_SIDE = 16_383  # the longest side that every rendered format can hold (WebP's limit)


class Fit(StrEnum):
    """How a picture meets its box; the words of sharp and of CSS `object-fit`."""

    INSIDE = "inside"
    COVER = "cover"
    CONTAIN = "contain"
    FILL = "fill"
    OUTSIDE = "outside"


class Gravity(StrEnum):
    """What survives a crop, or where a picture stands in a larger box."""

    CENTRE = "centre"
    NORTH = "north"
    NORTH_EAST = "north-east"
    EAST = "east"
    SOUTH_EAST = "south-east"
    SOUTH = "south"
    SOUTH_WEST = "south-west"
    WEST = "west"
    NORTH_WEST = "north-west"
    ATTENTION = "attention"
    ENTROPY = "entropy"


class ColourSpace(StrEnum):
    """The colour space of a rendition: sRGB for everybody, Display P3 for wide-gamut screens."""

    SRGB = "srgb"
    P3 = "p3"


Side = Annotated[int, Interval(ge=1, le=MAX_RENDITION_SIDE)]
Margin = Annotated[int, Interval(ge=0, le=MAX_RENDITION_SIDE)]
Share = Annotated[float, Interval(ge=0, le=1)]
Factor = Annotated[float, Interval(ge=0, le=10)]
Colour = Annotated[str, doc("`#rrggbb`, `#rrggbbaa` or `transparent`")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FocalPoint:
    """The point that a crop keeps as near its middle as it can; 0, 0 is the top left corner."""

    x: Annotated[Share, doc("share of the width, from the left")]
    y: Annotated[Share, doc("share of the height, from the top")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A rectangle in pixels of the upright, turned original; what lies outside of it is left out."""

    left: Annotated[int, Ge(0), doc("pixels from the left")]
    top: Annotated[int, Ge(0), doc("pixels from the top")]
    width: Annotated[int, Ge(1), doc("pixels")]
    height: Annotated[int, Ge(1), doc("pixels")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    """Padding in the background colour, in pixels of the rendition."""

    top: Annotated[Margin, doc("pixels above")] = 0
    right: Annotated[Margin, doc("pixels to the right")] = 0
    bottom: Annotated[Margin, doc("pixels below")] = 0
    left: Annotated[Margin, doc("pixels to the left")] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """A mark over the rendition: a picture, or a line of text drawn as glyphs. Give one of the two."""

    text: Annotated[str | None, Len(1, 200), doc("the text; never read as markup")] = None
    image: Annotated[bytes | None, doc("the bytes of a picture; in tintype.toml, its path")] = None
    font: Annotated[
        bytes | None,
        doc("the bytes of a TrueType or OpenType font; in tintype.toml, its path"),
    ] = None
    colour: Annotated[Colour, doc("colour of the text")] = "#ffffff"
    gravity: Annotated[
        Gravity | FocalPoint,
        doc("where it stands: a compass word, or a point for its middle"),
    ] = Gravity.SOUTH_EAST
    offset_x: Annotated[
        float,
        Interval(ge=-1, le=1),
        doc("distance from the edge that it touches, as a share of the rendition's width"),
    ] = 0.03
    offset_y: Annotated[
        float,
        Interval(ge=-1, le=1),
        doc("distance from the edge that it touches, as a share of the rendition's height"),
    ] = 0.03
    scale: Annotated[
        float,
        Interval(ge=0.01, le=1),
        doc("its width as a share of the rendition's width"),
    ] = 0.25
    opacity: Annotated[Share, doc("0 invisible, 1 opaque")] = 0.6
    tiled: Annotated[bool, doc("repeat it over the whole rendition")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """A file format and how it is written. What is left out is `encoding.DEFAULTS`."""

    format: Annotated[Format, doc("the file format")]
    quality: Annotated[int | None, Interval(ge=1, le=100), doc("as in sharp and libvips")] = None
    effort: Annotated[
        int | None,
        Interval(ge=0, le=10),
        doc(
            "CPU spent on fewer bytes; as in libvips, 0 least (PNG and GIF 1–10, WebP 0–6, AVIF 0–9)"
        ),
    ] = None
    lossless: Annotated[bool, doc("keep every pixel exactly (WebP, AVIF)")] = False
    colours: Annotated[
        int | None,
        Interval(ge=2, le=256),
        doc("quantise to a palette of that many colours (PNG, GIF)"),
    ] = None
    progressive: Annotated[bool, doc("a JPEG or PNG that appears coarse first")] = False
    max_bytes: Annotated[
        int | None,
        Ge(100),
        doc("lower the quality until the file is no larger than this"),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A named recipe: operations, in the order in which they stand here, and file formats."""

    name: Annotated[str, Len(1, 64), doc("lower-case letters, digits, - and _")]
    rotate: Annotated[float, Interval(ge=-360, le=360), doc("degrees clockwise")] = 0
    flip: Annotated[bool, doc("mirror top to bottom")] = False
    flop: Annotated[bool, doc("mirror left to right")] = False
    extract: Annotated[Region | None, doc("keep only this rectangle")] = None
    trim: Annotated[
        float | None,
        Interval(ge=0, le=255),
        doc("cut off a border whose colour differs by at most this from the top left pixel's"),
    ] = None
    width: Annotated[
        Side | None, doc("width of the box in pixels; absent: as the height gives")
    ] = None
    height: Annotated[
        Side | None, doc("height of the box in pixels; absent: as the width gives")
    ] = None
    fit: Annotated[Fit, doc("how the picture meets the box")] = Fit.INSIDE
    gravity: Annotated[Gravity | FocalPoint, doc("what survives the crop of `cover`")] = (
        Gravity.CENTRE
    )
    enlarge: Annotated[bool, doc("may exceed the original's size")] = False
    blur: Annotated[
        float, Interval(ge=0, le=100), doc("sigma in pixels of the rendition; 0 is none")
    ] = 0
    sharpen: Annotated[float, Interval(ge=0, le=10), doc("sigma in pixels; 0 is none")] = 0
    grayscale: Annotated[bool, doc("take the colour away")] = False
    brightness: Annotated[Factor, doc("factor on the light; 1 changes nothing")] = 1
    contrast: Annotated[Factor, doc("factor about the middle grey; 1 changes nothing")] = 1
    saturation: Annotated[Factor, doc("factor on the colourfulness; 1 changes nothing")] = 1
    gamma: Annotated[
        float, Interval(ge=0.1, le=10), doc("more than 1 lightens the middle tones")
    ] = 1
    tint: Annotated[Colour | None, doc("keep the lightness and take this hue")] = None
    extend: Annotated[Extend | None, doc("padding after the resize")] = None
    corner_radius: Annotated[
        float,
        Interval(ge=0, le=0.5),
        doc("rounded corners, as a share of the shorter side; 0.5 is a circle or a pill"),
    ] = 0
    background: Annotated[Colour, doc("under transparency, around `contain` and `extend`")] = (
        "#ffffff"
    )
    watermark: Annotated[Watermark | None, doc("a mark over everything")] = None
    colour_space: Annotated[ColourSpace, doc("`p3` keeps wide-gamut colours and their profile")] = (
        ColourSpace.SRGB
    )
    keep_copyright: Annotated[bool, doc("keep EXIF copyright and artist; all else goes")] = False
    animate: Annotated[bool, doc("keep all frames where the format can; else the first")] = True
    formats: Annotated[tuple[Encoding, ...], Len(1, 8), doc("one rendition in each")] = (
        Encoding(format=Format.JPEG),
    )
    auto: Annotated[
        bool,
        doc(
            "instead of all `formats`, only the first that keeps the original's alpha and animation"
        ),
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an original may be before it is refused, all read from its header before any pixel."""

    max_bytes: Annotated[int, Ge(1), doc("bytes of the file")] = 50_000_000
    max_pixels: Annotated[int, Ge(1), doc("width × height × frames")] = 100_000_000
    max_side: Annotated[int, Interval(ge=1, le=65_535), doc("pixels of the longer side")] = 30_000
    max_frames: Annotated[int, Ge(1), doc("frames of an animation")] = 200
    timeout_seconds: Annotated[
        float, Interval(ge=0.1, le=900), doc("for one original and all its renditions")
    ] = 30


DEFAULT_LIMITS = Limits()


def violations(preset: Preset) -> list[str]:
    """Return what is wrong with a preset, one sentence `setting: reason` each; none if it is valid.

    >>> violations(Preset(name="thumb", width=0))
    ['width: 0 is not allowed; 1 to 16383']
    """
    return [*_out_of_range(preset), *_contradictions(preset)]


def check(presets: Sequence[Preset]) -> None:
    """Refuse presets that cannot be rendered, or that would write the same file.

    Raises:
        InvalidPresetError: with everything that is wrong.
    """
    wrong = [f"{preset.name}: {reason}" for preset in presets for reason in violations(preset)]
    names = [preset.name for preset in presets]
    wrong += [
        f"{name}: this name is taken twice"
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
            if (allowed := _broken(content, constraint)) is not None:
                yield f"{name}: {allowed}"
        if is_dataclass(content) and not isinstance(content, type):
            yield from _out_of_range(content, f"{name}.")
        elif isinstance(content, tuple):
            for index, part in enumerate(content):
                yield from _out_of_range(part, f"{name}[{index}].")


@cache
def _constraints(owner: type[DataclassInstance]) -> dict[str, tuple[object, ...]]:
    hints = get_type_hints(owner, include_extras=True)
    return {setting.name: _metadata(hints[setting.name]) for setting in fields(owner)}


def _metadata(hint: object) -> tuple[object, ...]:
    """Return the constraints of an annotation and of those within it (`Side | None`)."""
    inner = [part for argument in getattr(hint, "__args__", ()) for part in _metadata(argument)]
    return (*getattr(hint, "__metadata__", ()), *inner)


def _broken(content: object, constraint: object) -> str | None:
    """Return what is wrong and what is allowed, None where *content* meets the constraint."""
    if isinstance(constraint, Interval | Ge) and isinstance(content, int | float):
        low, high = _bounds(constraint)
        if low <= content <= high:  # false for NaN
            return None
        allowed = f"at least {low:g}" if high == inf else f"{low:g} to {high:g}"
        return f"{content!r} is not allowed; {allowed}"
    if isinstance(constraint, Len) and isinstance(content, str | tuple):
        low, high = constraint.min_length, constraint.max_length or inf
        if low <= len(content) <= high:
            return None
        return f"{len(content)} long; {low} to {high} are allowed"
    return None


def _bounds(constraint: Interval | Ge) -> tuple[float, float]:
    high = constraint.le if isinstance(constraint, Interval) else None
    # annotated_types types its bounds as anything comparable; ours are numbers.
    return float(str(constraint.ge)), inf if high is None else float(str(high))


def _contradictions(preset: Preset) -> list[str]:
    found = [f"{where}: {reason}" for where, reason in _preset_rules(preset)]
    for index, encoding in enumerate(preset.formats):
        found += [
            f"formats[{index}].{where}: {reason}" for where, reason in _encoding_rules(encoding)
        ]
    if preset.watermark is not None:
        found += [
            f"watermark.{where}: {reason}" for where, reason in _watermark_rules(preset.watermark)
        ]
    return found


def _preset_rules(preset: Preset) -> Iterator[tuple[str, str]]:
    if not _NAME.fullmatch(preset.name):
        yield "name", f"{preset.name!r} is not a name; use lower-case letters, digits, - and _"
    if preset.width is None and preset.height is None and preset.fit is not Fit.INSIDE:
        yield "fit", f"{preset.fit} needs a width or a height"
    for setting in ("background", "tint"):
        colour = getattr(preset, setting)
        if colour is not None and not COLOUR.fullmatch(colour):
            yield setting, f"{colour!r} is not a colour; write #rrggbb, #rrggbbaa or transparent"
    formats = [encoding.format for encoding in preset.formats]
    for format_ in dict.fromkeys(formats):
        if formats.count(format_) > 1:
            yield "formats", f"{format_} stands there twice"


def _encoding_rules(encoding: Encoding) -> Iterator[tuple[str, str]]:
    format_ = encoding.format
    if format_ not in RENDERED_FORMATS:
        yield "format", f"{format_} can be read but not written; {', '.join(RENDERED_FORMATS)}"
        return
    efforts = format_.facts.efforts
    if encoding.effort is not None and not efforts:
        yield "effort", f"{format_} has none"
    elif encoding.effort is not None and encoding.effort not in efforts:
        yield (
            "effort",
            f"{encoding.effort} is not allowed; {efforts[0]} to {efforts[-1]} for {format_}",
        )
    if encoding.quality is not None and not format_.facts.quality:
        yield "quality", f"{format_} has none; use colours"
    if encoding.lossless and not format_.facts.lossless_option:
        yield "lossless", f"not a choice for {format_}; webp and avif have it"
    if encoding.lossless and encoding.quality is not None:
        yield "lossless", "means no quality; leave one of the two out"
    if encoding.lossless and encoding.max_bytes is not None:
        yield "lossless", "leaves nothing to lower for max_bytes; leave one of the two out"
    if encoding.colours is not None and format_.facts.quality:
        yield "colours", f"not a choice for {format_}; png and gif have it"
    if encoding.progressive and format_ not in {Format.JPEG, Format.PNG}:
        yield "progressive", f"not a choice for {format_}; jpeg and png have it"


def _watermark_rules(watermark: Watermark) -> Iterator[tuple[str, str]]:
    if (watermark.text is None) == (watermark.image is None):
        yield "text", "give either a text or an image"
    if watermark.text is not None and not watermark.text.isprintable():
        yield "text", "one line, without control characters"
    if watermark.gravity in {Gravity.ATTENTION, Gravity.ENTROPY}:
        yield "gravity", f"{watermark.gravity} is not allowed; a compass word or a point"
    if not COLOUR.fullmatch(watermark.colour):
        yield (
            "colour",
            f"{watermark.colour!r} is not a colour; write #rrggbb, #rrggbbaa or transparent",
        )
