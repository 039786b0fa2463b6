"""Presets: named recipes for what a rendition looks like and how it is encoded.

Start with `Preset`. Each field's annotation is the only definition of its range and meaning:
`violations` (`preset_rules.py`) checks it, `tintype.toml` is validated by it, and the documentation
prints it. Lengths are in pixels unless the field says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from tintype.constraints import Doc, Length, Range
from tintype.imaging.format_facts import FormatFacts
from tintype.imaging.formats import RENDERED_FORMATS, Format, listed, written

COLOUR = re.compile(r"#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?|transparent")
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
    """The colour space of a rendition: sRGB for all screens, Display P3 for wide-gamut screens.

    With `original`, it keeps the original's numbers and their profile, as for print.
    """

    SRGB = "srgb"
    P3 = "p3"
    ORIGINAL = "original"


class Chroma(StrEnum):
    """How finely colour is stored beside lightness: for every pixel, or for each two by two."""

    HALVED = "4:2:0"
    FULL = "4:4:4"


class RegionEffect(StrEnum):
    """What a hidden region looks like: squares of one colour, or soft transitions between these."""

    PIXELATE = "pixelate"
    BLUR = "blur"


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
_CHROMAS = ", ".join(_titles(lambda facts: facts.chroma))
_DEEP = ", ".join(_titles(lambda facts: max(facts.bit_depths) > 8))  # noqa: PLR2004 - of a byte
_PALETTES = ", ".join(_titles(lambda facts: facts.palettes))
_GAIN_MAPS = ", ".join(_titles(lambda facts: facts.gain_maps))
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
class HiddenRegion:
    """A part of the upright original of which only the mean colours of a few blocks are shown."""

    left: Annotated[Share, Doc("share of the width, from the left")] = 0
    top: Annotated[Share, Doc("share of the height, from the top")] = 0
    width: Annotated[float, Range(0.001, 1), Doc("share of the width")] = 1
    height: Annotated[float, Range(0.001, 1), Doc("share of the height")] = 1
    faces: Annotated[bool, Doc("all heads whose faces are found, instead of a rectangle")] = False
    effect: Annotated[RegionEffect, Doc("squares, or soft transitions between their colours")] = (
        RegionEffect.PIXELATE
    )
    strength: Annotated[
        float, Range(0.1, 1), Doc("side of a block, as a share of the region's shorter side")
    ] = 0.25


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
class QualityTarget:
    """A score that the quality is chosen for, picture by picture; of animations, the default."""

    target: Annotated[
        int,
        Range(50, 85),
        Doc("SSIMULACRA2 to aim at: 50 is medium, 70 high, 85 very high quality"),
    ]


Quality = Annotated[int, Range(1, 100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """A file format and how it is written. Omitted options take the format's defaults."""

    format: Annotated[Format, Doc("the file format")]
    quality: Annotated[
        Quality | QualityTarget | None,
        Doc("as in sharp and libvips, or `{ target = 70 }`: chosen for each picture"),
    ] = None
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
    chroma: Annotated[
        Chroma | None,
        Doc(f"`4:4:4` keeps the colour of every pixel, for red text and line art ({_CHROMAS})"),
    ] = None
    bit_depth: Annotated[
        int,
        Range(8, 10),
        Doc(f"bits per colour, 8 or 10: 10 keep gradients of deeper originals smooth ({_DEEP})"),
    ] = 8
    max_bytes: Annotated[
        int | None,
        Range(100),
        Doc("lower the quality until the file is at most this large"),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A named recipe: operations, in the order of these fields, and file formats."""

    name: Annotated[str, Doc("1 to 64 lower-case letters, digits, - and _")]
    page: Annotated[
        int,
        Range(1),
        Doc(
            "the page of a TIFF or, from 2 on, the frame of an animation as a still; "
            "if there is none, the last"
        ),
    ] = 1
    regions: Annotated[
        tuple[HiddenRegion, ...], Length(0, 16), Doc("parts to make unrecognisable")
    ] = ()
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
    brightness: Annotated[Factor, Doc("brightness factor; 1: unchanged")] = 1
    contrast: Annotated[Factor, Doc("contrast factor around middle grey; 1: unchanged")] = 1
    gamma: Annotated[float, Range(0.1, 10), Doc("above 1 lightens the midtones")] = 1
    grayscale: Annotated[bool, Doc("remove the colour")] = False
    saturation: Annotated[Factor, Doc("saturation factor; 1: unchanged")] = 1
    tint: Annotated[Paint | None, Doc("keep the lightness and use this hue, `#rrggbb`")] = None
    blur: Annotated[float, Range(0, 100), Doc("sigma in pixels of the rendition; 0: none")] = 0
    sharpen: Annotated[float, Range(0, 10), Doc("sigma in pixels; 0: none")] = 0
    background: Annotated[Colour, Doc("behind transparency, and around `contain` and `extend`")] = (
        "#ffffff"
    )
    flatten: Annotated[
        bool, Doc("paint `background` behind transparency in formats with alpha, too")
    ] = False
    extend: Annotated[Extend | None, Doc("padding after the resize")] = None
    corner_radius: Annotated[
        float,
        Range(0, 0.5),
        Doc("rounded corners, as a share of the shorter side; 0.5 is a circle or a pill"),
    ] = 0
    watermark: Annotated[Watermark | None, Doc("a mark over the finished picture")] = None
    overlays: Annotated[
        tuple[Watermark, ...],
        Length(0, 8),
        Doc("more marks, each like a watermark and over those before it"),
    ] = ()
    colour_space: Annotated[
        ColourSpace,
        Doc(
            "`p3` keeps wide-gamut colours, `original` the original's numbers, with their profiles"
        ),
    ] = ColourSpace.SRGB
    keep_copyright: Annotated[bool, Doc("keep EXIF copyright and artist")] = False
    keep_ai_label: Annotated[
        bool, Doc("keep the IPTC digital source type as XMP: the label of pictures made with AI")
    ] = False
    hdr: Annotated[
        bool,
        Doc(
            f"keep the gain map of an Ultra HDR or iPhone original, for HDR screens ({_GAIN_MAPS})"
        ),
    ] = False
    animate: Annotated[bool, Doc("keep all frames if the format supports them, else the first")] = (
        True
    )
    animate_avif: Annotated[bool, Doc("keep all frames in AVIF too; else the first")] = False
    formats: Annotated[tuple[Encoding, ...], Length(1, 8), Doc("one rendition per format")] = (
        Encoding(format=Format.JPEG),
    )
    auto: Annotated[
        bool,
        Doc("render only the first of `formats` that keeps the original's alpha and animation"),
    ] = False
    same_format: Annotated[
        bool, Doc("with `auto`, prefer the original's own format if it is one of `formats`")
    ] = False
    only_above: Annotated[
        Side | None, Doc("made only of originals that fill a box wider than this, in pixels")
    ] = None

    @property
    def marks(self) -> Mapping[str, Watermark]:
        """All marks by the paths of their settings, the lowest first."""
        first = {} if self.watermark is None else {"watermark": self.watermark}
        return first | {f"overlays[{index}]": mark for index, mark in enumerate(self.overlays)}


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
    svg: Annotated[bool, Doc("accept SVG: without scripts and links, drawn 2,000 pixels long")] = (
        False
    )


DEFAULT_LIMITS = Limits()
