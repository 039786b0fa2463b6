"""Presets: named recipes for what a rendition looks like and how it is encoded.

Start with `Preset`. Each field's annotation is the only definition of its range and meaning:
`violations` checks it, `tintype.toml` is validated by it, and the documentation prints it. Lengths
are in pixels unless the field says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, get_type_hints

from tintype.constraints import Doc, Length, Range
from tintype.imaging.errors import InvalidPresetError
from tintype.imaging.formats import RENDERED_FORMATS, Format, FormatFacts, listed, written

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

COLOUR = re.compile(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?|transparent")
_PAINT = re.compile(r"#[0-9a-fA-F]{6}")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
# The longest side that every rendered format supports: WebP's, 16,383.
MAX_RENDITION_SIDE = min(format_.facts.longest_side for format_ in RENDERED_FORMATS)


class Fit(StrEnum):
    """How a picture fits into its box; the terms of sharp and of CSS `object-fit`."""

    INSIDE = "inside"
    COVER = "cover"
    CONTAIN = "contain"
    FILL = "fill"
    OUTSIDE = "outside"


class Gravity(StrEnum):
    """What a crop keeps, or where a picture is placed in a larger box."""

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
    FACES = "faces"


class ColourSpace(StrEnum):
    """The colour space of a rendition: sRGB for all screens, Display P3 for wide-gamut screens."""

    SRGB = "srgb"
    P3 = "p3"


class Strictness(StrEnum):
    """Which defects of an original are refused; each level includes the one before it.

    A defect of the container alone (no end marker, bytes between its parts) is never refused.
    """

    NOTHING = "nothing"  # anything that a decoder can render is accepted
    MISSING_PIXELS = "missing_pixels"  # rows are missing
    DAMAGE = "damage"  # the data of a JPEG or PNG have errors, though all rows are present


def _titles(fact: Callable[[FormatFacts], object]) -> list[str]:
    return [format_.facts.title for format_ in written(fact)]


def _efforts() -> str:
    """Return the range of efforts of each format, grouped by range."""
    titles: dict[range, list[str]] = {}
    for format_ in written(lambda facts: facts.efforts):
        titles.setdefault(format_.facts.efforts, []).append(format_.facts.title)
    return ", ".join(f"{listed(names)} {each[0]}–{each[-1]}" for each, names in titles.items())


_LOSSLESS = ", ".join(_titles(lambda facts: facts.lossless))
_PALETTES = ", ".join(_titles(lambda facts: facts.palettes))
_PROGRESSIVE = listed(_titles(lambda facts: facts.progressive), "or")

Side = Annotated[int, Range(1, MAX_RENDITION_SIDE)]
Margin = Annotated[int, Range(0, MAX_RENDITION_SIDE)]
Share = Annotated[float, Range(0, 1)]
Factor = Annotated[float, Range(0, 10)]
Colour = Annotated[str, Doc("`#rrggbb`, `#rrggbbaa` or `transparent`")]
Paint = Annotated[str, Doc("`#rrggbb`")]


@dataclass(frozen=True, slots=True, kw_only=True)
class FocalPoint:
    """The point that a crop keeps as close to its centre as possible; 0, 0 is the top left corner."""

    x: Annotated[Share, Doc("share of the width, from the left")]
    y: Annotated[Share, Doc("share of the height, from the top")]


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalPoint(FocalPoint):
    """A focal point in shares of the upright original, wherever `rotate` to `trim` have moved it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A rectangle to keep, in pixels of the upright, rotated original."""

    left: Annotated[int, Range(0), Doc("pixels from the left")]
    top: Annotated[int, Range(0), Doc("pixels from the top")]
    width: Annotated[int, Range(1), Doc("pixels")]
    height: Annotated[int, Range(1), Doc("pixels")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    """Padding in the background colour, in pixels of the rendition."""

    top: Annotated[Margin, Doc("pixels above")] = 0
    right: Annotated[Margin, Doc("pixels to the right")] = 0
    bottom: Annotated[Margin, Doc("pixels below")] = 0
    left: Annotated[Margin, Doc("pixels to the left")] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """A mark over the rendition: either a picture, or a line of text drawn as glyphs."""

    text: Annotated[str | None, Length(1, 200), Doc("the text, never interpreted as markup")] = None
    image: Annotated[bytes | None, Doc("the bytes of a picture; in tintype.toml, its path")] = None
    font: Annotated[
        bytes | None,
        Doc("the bytes of a TrueType or OpenType font; in tintype.toml, its path"),
    ] = None
    colour: Annotated[Paint, Doc("colour of the text, `#rrggbb`")] = "#ffffff"
    gravity: Annotated[
        Gravity | FocalPoint,
        Doc("its position: a compass word, or a point for its centre"),
    ] = Gravity.SOUTH_EAST
    offset_x: Annotated[
        float,
        Range(-1, 1),
        Doc("distance from the nearest edge, as a share of the rendition's width"),
    ] = 0.03
    offset_y: Annotated[
        float,
        Range(-1, 1),
        Doc("distance from the nearest edge, as a share of the rendition's height"),
    ] = 0.03
    scale: Annotated[
        float,
        Range(0.01, 1),
        Doc("its width as a share of the rendition's width"),
    ] = 0.25
    opacity: Annotated[Share, Doc("0 invisible, 1 opaque")] = 0.6
    tiled: Annotated[bool, Doc("repeat it over the whole rendition")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """A file format and how it is written. Omitted options take the format's defaults."""

    format: Annotated[Format, Doc("the file format")]
    quality: Annotated[int | None, Range(1, 100), Doc("as in sharp and libvips")] = None
    effort: Annotated[
        int | None,
        Range(0, 10),
        Doc(f"CPU time spent to save bytes, from 0, as in libvips ({_efforts()})"),
    ] = None
    lossless: Annotated[bool, Doc(f"keep every pixel exactly ({_LOSSLESS})")] = False
    colours: Annotated[
        int | None,
        Range(2, 256),
        Doc(f"quantise to a palette of this many colours ({_PALETTES})"),
    ] = None
    progressive: Annotated[bool, Doc(f"a {_PROGRESSIVE} that shows a coarse picture first")] = False
    max_bytes: Annotated[
        int | None,
        Range(100),
        Doc("lower the quality until the file is at most this large"),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A named recipe: operations, in the order of these fields, and file formats."""

    name: Annotated[str, Doc("1 to 64 lower-case letters, digits, - and _")]
    rotate: Annotated[float, Range(-360, 360), Doc("degrees clockwise")] = 0
    flip: Annotated[bool, Doc("mirror top to bottom")] = False
    flop: Annotated[bool, Doc("mirror left to right")] = False
    extract: Annotated[Region | None, Doc("keep only this rectangle")] = None
    trim: Annotated[
        float | None,
        Range(0, 255),
        Doc("trim a border whose colour differs by at most this from the top left pixel's"),
    ] = None
    width: Annotated[Side | None, Doc("width of the box in pixels; absent: follows the height")] = (
        None
    )
    height: Annotated[
        Side | None, Doc("height of the box in pixels; absent: follows the width")
    ] = None
    fit: Annotated[Fit, Doc("how the picture fits into the box")] = Fit.INSIDE
    gravity: Annotated[Gravity | FocalPoint, Doc("what the crop of `cover` keeps")] = Gravity.CENTRE
    enlarge: Annotated[bool, Doc("may exceed the original's size")] = False
    blur: Annotated[float, Range(0, 100), Doc("sigma in pixels of the rendition; 0: none")] = 0
    sharpen: Annotated[float, Range(0, 10), Doc("sigma in pixels; 0: none")] = 0
    grayscale: Annotated[bool, Doc("remove the colour")] = False
    brightness: Annotated[Factor, Doc("brightness factor; 1: unchanged")] = 1
    contrast: Annotated[Factor, Doc("contrast factor around middle grey; 1: unchanged")] = 1
    saturation: Annotated[Factor, Doc("saturation factor; 1: unchanged")] = 1
    gamma: Annotated[float, Range(0.1, 10), Doc("above 1 lightens the midtones")] = 1
    tint: Annotated[Paint | None, Doc("keep the lightness and use this hue, `#rrggbb`")] = None
    extend: Annotated[Extend | None, Doc("padding after the resize")] = None
    corner_radius: Annotated[
        float,
        Range(0, 0.5),
        Doc("rounded corners, as a share of the shorter side; 0.5 is a circle or a pill"),
    ] = 0
    background: Annotated[Colour, Doc("behind transparency, and around `contain` and `extend`")] = (
        "#ffffff"
    )
    watermark: Annotated[Watermark | None, Doc("a mark over the finished picture")] = None
    colour_space: Annotated[ColourSpace, Doc("`p3` keeps wide-gamut colours and their profile")] = (
        ColourSpace.SRGB
    )
    keep_copyright: Annotated[bool, Doc("keep EXIF copyright and artist")] = False
    keep_ai_label: Annotated[
        bool, Doc("keep the IPTC digital source type as XMP: the label of pictures made with AI")
    ] = False
    animate: Annotated[bool, Doc("keep all frames if the format supports them, else the first")] = (
        True
    )
    formats: Annotated[tuple[Encoding, ...], Length(1, 8), Doc("one rendition per format")] = (
        Encoding(format=Format.JPEG),
    )
    auto: Annotated[
        bool,
        Doc("render only the first of `formats` that keeps the original's alpha and animation"),
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of an original, checked against its header before any pixel is decoded."""

    max_bytes: Annotated[int, Range(1), Doc("bytes of the file")] = 50_000_000
    max_pixels: Annotated[
        int, Range(1), Doc("width × height; of an animation, × the frames that are used")
    ] = 100_000_000
    max_side: Annotated[int, Range(1, 65_535), Doc("pixels of the longest side")] = 30_000
    max_frames: Annotated[int, Range(1), Doc("frames of an animation that are used, the first")] = (
        1_000
    )
    timeout_seconds: Annotated[
        float, Range(0.1, 900), Doc("seconds for one original and all its renditions")
    ] = 30
    strictness: Annotated[
        Strictness, Doc("which defects of an original are refused rather than rendered")
    ] = Strictness.MISSING_PIXELS


DEFAULT_LIMITS = Limits()


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
    if preset.watermark is not None:
        found += [
            f"watermark.{where}: {reason}" for where, reason in _watermark_rules(preset.watermark)
        ]
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
    if preset.tint is not None and not _PAINT.fullmatch(preset.tint):
        yield "tint", f"{preset.tint!r} is not #rrggbb"
    formats = [encoding.format for encoding in preset.formats]
    for format_ in dict.fromkeys(formats):
        if formats.count(format_) > 1:
            yield "formats", f"{format_} is listed twice"


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
        yield "quality", f"not supported for {format_}; use colours"
    if encoding.lossless and not facts.lossless:
        able = listed(written(lambda f: f.lossless))
        yield "lossless", f"not supported for {format_}, only for {able}"
    if encoding.lossless and encoding.quality is not None:
        yield "lossless", "cannot be combined with quality; remove one of them"
    if encoding.lossless and encoding.max_bytes is not None:
        yield "lossless", "cannot be combined with max_bytes; remove one of them"
    if encoding.colours is not None and encoding.colours not in facts.palettes:
        palettes, able = ", ".join(map(str, facts.palettes)), listed(written(lambda f: f.palettes))
        allowed = f"{palettes} for {format_}" if palettes else f"only {able} support colours"
        yield "colours", f"{encoding.colours} is not allowed; {allowed}"
    if encoding.progressive and not facts.progressive:
        able = listed(written(lambda f: f.progressive))
        yield "progressive", f"not supported for {format_}, only for {able}"


def _watermark_rules(watermark: Watermark) -> Iterator[tuple[str, str]]:
    if (watermark.text is None) == (watermark.image is None):
        yield "text", "set either text or image"
    if watermark.text is not None and not watermark.text.isprintable():
        yield "text", "must be one line without control characters"
    if watermark.gravity in {Gravity.ATTENTION, Gravity.ENTROPY, Gravity.FACES}:
        yield "gravity", f"{watermark.gravity} is not allowed; use a compass word or a point"
    if not _PAINT.fullmatch(watermark.colour):
        yield "colour", f"{watermark.colour!r} is not #rrggbb"
