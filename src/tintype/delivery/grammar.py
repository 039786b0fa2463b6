"""Addresses of any size: what each parameter means, and the one canonical form of all its spellings.

Start with `parse`. The edge (`tintype_infra/edge/images/`) does the same in JavaScript; the cases
in `tests/delivery_grammar.py` hold the two together. Lengths are in pixels of the file that is asked
for, unless a field says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

MAX_SIDE = 8_192  # of a file that an address can ask for
# Widths that need no signature, if tintype.toml has no others: at most 1.5 times as wide as the one
# before it, and near those that Next.js and unpic ask for.
GRID = (64, 128, 192, 256, 320, 384, 480, 640, 750, 828, 960, 1080, 1280, 1600, 1920, 2560)
# Of a request that the edge passes on: the canonical address, path, `?` and query, signed as it was.
ADDRESS_HEADER = "x-tintype-address"
# In an address beside the size: not part of a file's name.
EXPIRES, SIGNATURE = "e", "s"
# Of other programs: imgix's libraries, cache busters, campaigns. They change nothing.
IGNORED = re.compile(r"auto|v|ver|ixlib|utm_.*")
# Canonical order, which the signature and the name of the file have.
PARAMETERS = (
    "preset",
    "w",
    "h",
    "fit",
    "gravity",
    "fp-x",
    "fp-y",
    "q",
    "fm",
    "bg",
    "blur",
    "sharpen",
    "sat",
    "rotate",
    "flip",
    "rect",
)
COMPASS = (
    "north",
    "north-east",
    "east",
    "south-east",
    "south",
    "south-west",
    "west",
    "north-west",
)
GRAVITIES = ("centre", *COMPASS, "attention", "entropy", "faces")
FORMATS = ("avif", "webp", "jpg", "png", "gif")
FLIPS = ("h", "v", "hv")

Word = TypeVar("Word")

_GRAVITY = "gravity"
_WHOLE_FILE = "full"  # the name of a file whose address has no parameters
_MAX_OFFSET = 65_535  # of `rect`; no original that we read has a longer side
_ESCAPED_COMMA = re.compile("%2c", re.IGNORECASE)
_PRESET = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_COLOUR = re.compile(r"[0-9a-f]{3}|[0-9a-f]{6}", re.IGNORECASE)
_RECT = re.compile(r"(\d{1,9}),(\d{1,9}),(0*[1-9]\d{0,8}),(0*[1-9]\d{0,8})", re.ASCII)
_SIDE = re.compile(r"0*[1-9]\d{0,8}", re.ASCII)


class AddressError(ValueError):
    """An address that means nothing; *parameter* is the name of the wrong one."""

    code = "address_error"

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(f"{parameter}: {reason}")
        self.parameter = parameter


class BoxFit(StrEnum):
    """How a picture fits into the box of an address.

    Names of presets, which never enlarge, and of imgix, which do.
    """

    INSIDE = "inside"  # all of it, no larger than the box
    CLIP = "clip"  # all of it, as large as the box allows; may enlarge
    COVER = "cover"  # fills the box, the overhang is cut
    CROP = "crop"  # fills the box, the overhang is cut; may enlarge
    CONTAIN = "contain"  # all of it, padded to the box
    FILL = "fill"  # all of it, padded to the box; may enlarge
    OUTSIDE = "outside"  # all of it, no smaller than the box
    SCALE = "scale"  # stretched to the box; may enlarge


class Extension(StrEnum):
    """The extension of a stored file: its format, or how the original decides about it."""

    AUTO_AVIF = "auto-avif"  # AVIF, but WebP if the original is animated
    AUTO_WEBP = "auto-webp"  # WebP
    AUTO = "auto"  # GIF if the original is animated, PNG if it is transparent, else JPEG
    AVIF = "avif"
    WEBP = "webp"
    JPG = "jpg"
    PNG = "png"
    GIF = "gif"


FITS: Mapping[str, BoxFit] = {
    **{fit.value: fit for fit in BoxFit},
    "max": BoxFit.INSIDE,
    "min": BoxFit.COVER,
    "fillmax": BoxFit.CONTAIN,
}
CUT = frozenset({BoxFit.COVER, BoxFit.CROP})
PADDED = frozenset({BoxFit.CONTAIN, BoxFit.FILL})
# With one side only there is no box to cut to, to pad or to stretch to.
_WITH_ONE_SIDE = {BoxFit.FILL: BoxFit.CLIP, BoxFit.SCALE: BoxFit.CLIP, BoxFit.CLIP: BoxFit.CLIP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rect:
    """A rectangle to keep, in pixels of the upright original."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What an address asks for, in canonical form: equal variants are the same file.

    `parse` and `read_name` make canonical ones. With *preset*, only *format* may be set as well.
    """

    preset: str | None = None
    width: int | None = None  # 1 to 8192, device pixels
    height: int | None = None  # 1 to 8192, device pixels
    fit: BoxFit = BoxFit.INSIDE
    gravity: str | None = None  # one of GRAVITIES; None: the image's own focus, else the centre
    focal_x: float | None = None  # 0 to 1, share of the width; set if and only if focal_y is
    focal_y: float | None = None  # 0 to 1, share of the height
    quality: int | None = None  # 1 to 100; None: the format's default
    format: str | None = None  # one of FORMATS; None: what the browser accepts
    background: str | None = (
        None  # six hexadecimal digits, lower case; None: keeps alpha, pads white
    )
    blur: float = 0  # sigma, 0 to 100
    sharpen: float = 0  # sigma, 0 to 10
    saturation: int = 0  # per cent more or less, -100 (grey) to 100
    rotate: int = 0  # degrees clockwise, 0 to 359
    flip: str | None = None  # one of FLIPS
    rect: Rect | None = None

    def parameters(self) -> dict[str, str]:
        """Return the parameters by name, in canonical order, without those that have their default."""
        texts = {
            "preset": self.preset,
            "w": _text(self.width),
            "h": _text(self.height),
            "fit": self.fit.value if self.fit is not BoxFit.INSIDE else None,
            "gravity": self.gravity,
            "fp-x": _text(self.focal_x),
            "fp-y": _text(self.focal_y),
            "q": _text(self.quality),
            "fm": self.format,
            "bg": self.background,
            "blur": _text(self.blur or None),
            "sharpen": _text(self.sharpen or None),
            "sat": _text(self.saturation or None),
            "rotate": _text(self.rotate or None),
            "flip": self.flip,
            "rect": _corners(self.rect),
        }
        return {name: text for name, text in texts.items() if text is not None}

    def query(self) -> str:
        """Return the canonical query, which is what a signature is about.

        >>> parse("h=300&fm=jpeg&w=200&dpr=2&fit=min&v=7").query()
        'w=400&h=600&fit=cover&fm=jpg'
        """
        return "&".join(f"{name}={text}" for name, text in self.parameters().items())

    def name(self) -> str:
        """Return the stored file's name, without its extension.

        >>> parse("w=640&fm=webp").name(), parse("rect=0,0,40,30&sat=-100").name(), parse("").name()
        ('w_640', 'sat_-100,rect_0x0x40x30', 'full')
        """
        parts = [
            f"{name}_{text.replace(',', 'x')}"
            for name, text in self.parameters().items()
            if name != "fm"
        ]
        return ",".join(parts) or _WHOLE_FILE


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """What a stored file's name says; the extension has what the variant's *format* leaves open."""

    variant: Variant
    extension: Extension


def parse(query: str) -> Variant:
    """Return what the query of an address asks for, its expiry and signature aside.

    Numbers beyond their range become its nearest end; parameters that change nothing are dropped.

    >>> parse("utm_source=mail&fit=crop&w=9000").query()
    'w=8192'

    Raises:
        AddressError: a parameter is unknown, doubled, empty or wrong, or contradicts another.
    """
    given: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if not part or IGNORED.fullmatch(name) or name in {EXPIRES, SIGNATURE}:
            continue
        if name in given:
            raise AddressError(name, "is there twice")
        given[name] = _ESCAPED_COMMA.sub(",", value)
    return variant_of(given)


def variant_of(given: Mapping[str, str]) -> Variant:
    """Return what the texts of parameters by their name ask for.

    Raises:
        AddressError: a parameter is unknown, empty or wrong, or contradicts another.
    """
    for name in given:
        if name not in PARAMETERS and name != "dpr":
            raise AddressError(name, "is not a parameter")
    preset = _matching(given, "preset", _PRESET, "a preset's name")
    fm = _word(given, "fm", {**{word: word for word in FORMATS}, "jpeg": "jpg"})
    if preset is not None:
        if others := sorted(given.keys() - {"preset", "fm"}):
            raise AddressError(others[0], "cannot be changed in a preset")
        return Variant(preset=preset, format=fm)
    ratio = _number(given, "dpr", 1, 5, decimals=2) or 1
    width, height = _side(given, "w", ratio), _side(given, "h", ratio)
    fit = _fit(_word(given, "fit", FITS) or BoxFit.INSIDE, width, height)
    gravity, focal_x, focal_y = _gravity(given, fit)
    return Variant(
        width=width,
        height=height,
        fit=fit,
        gravity=gravity,
        focal_x=focal_x,
        focal_y=focal_y,
        quality=_whole(_number(given, "q", 1, 100)),
        format=fm,
        background=_background(given),
        blur=_number(given, "blur", 0, 100, decimals=1) or 0,
        sharpen=_number(given, "sharpen", 0, 10, decimals=1) or 0,
        saturation=_whole(_number(given, "sat", -100, 100)) or 0,
        rotate=(_whole(_number(given, "rotate", 0, 999_999_999)) or 0) % 360,
        flip=_word(given, "flip", {word: word for word in FLIPS}),
        rect=_rect(given),
    )


def read_name(name: str) -> Variant:
    """Return the variant whose `name` this is; its format is in the file's extension.

    >>> read_name("w_640,h_480,fit_crop,fp-x_0.25,fp-y_0.5").query()
    'w=640&h=480&fit=crop&fp-x=0.25&fp-y=0.5'

    Raises:
        AddressError: no variant has this name.
    """
    given: dict[str, str] = {}
    for part in name.split(",") if name != _WHOLE_FILE else ():
        parameter, _, text = part.partition("_")
        given[parameter] = text.replace("x", ",") if parameter == "rect" else text
    variant = variant_of(given)
    if variant.name() != name:
        raise AddressError(next(iter(given), name), "is not in canonical form")
    return variant


def read_filename(filename: str) -> DeliveredFile:
    """Return what a stored file's name says.

    >>> read_filename("w_640.auto-avif").extension
    <Extension.AUTO_AVIF: 'auto-avif'>

    Raises:
        AddressError: it is not the name of such a file.
    """
    name, _, extension = filename.rpartition(".")
    if extension not in {known.value for known in Extension}:
        raise AddressError(filename, "has not the extension of a file made for an address")
    return DeliveredFile(read_name(name), Extension(extension))


def _text(number: float | None) -> str | None:
    """Return a number with at most three decimals as JavaScript writes it."""
    return None if number is None else f"{number:.10g}"


def _corners(rect: Rect | None) -> str | None:
    return f"{rect.left},{rect.top},{rect.width},{rect.height}" if rect else None


def _matching(
    given: Mapping[str, str], name: str, pattern: re.Pattern[str], what: str
) -> str | None:
    """Return the text of a parameter, None if it is not there."""
    text = given.get(name)
    if text is not None and not pattern.fullmatch(text):
        raise AddressError(name, f'"{text}" is not {what}' if text else "is empty")
    return text


def _word(given: Mapping[str, str], name: str, words: Mapping[str, Word]) -> Word | None:
    text = _matching(given, name, re.compile("|".join(words)), f"one of {', '.join(words)}")
    return None if text is None else words[text]


def _number(
    given: Mapping[str, str], name: str, low: int, high: int, *, decimals: int = 0
) -> float | None:
    sign = "-?" if low < 0 else ""
    fraction = rf"(\.\d{{1,{decimals}}})?" if decimals else ""
    what = f"a number with up to {decimals} decimals" if decimals else "a whole number"
    pattern = re.compile(rf"{sign}\d{{1,9}}{fraction}", re.ASCII)
    text = _matching(given, name, pattern, what)
    return None if text is None else min(max(float(text), low), high)


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _side(given: Mapping[str, str], name: str, ratio: float) -> int | None:
    """Return a side in device pixels, rounded half up, in whole hundredths as the edge does."""
    text = _matching(given, name, _SIDE, f"a whole number from 1 to {MAX_SIDE}")
    if text is None:
        return None
    return min((int(text) * round(ratio * 100) + 50) // 100, MAX_SIDE)


def _fit(fit: BoxFit, width: int | None, height: int | None) -> BoxFit:
    if width is None and height is None:
        return BoxFit.INSIDE
    if width is None or height is None:
        return _WITH_ONE_SIDE.get(fit, BoxFit.INSIDE)
    return fit


def _gravity(
    given: Mapping[str, str], fit: BoxFit
) -> tuple[str | None, float | None, float | None]:
    """Return gravity and focal point, as far as they have an effect with this fit."""
    gravity = _word(given, _GRAVITY, {word: word for word in GRAVITIES})
    x = _number(given, "fp-x", 0, 1, decimals=3)
    y = _number(given, "fp-y", 0, 1, decimals=3)
    if (x is None) != (y is None):
        raise AddressError("fp-y" if y is None else "fp-x", "is missing")
    if gravity is not None and x is not None:
        raise AddressError(_GRAVITY, "excludes fp-x and fp-y")
    if fit in CUT:
        return gravity, x, y
    return (gravity if fit in PADDED and gravity in COMPASS else None), None, None


def _background(given: Mapping[str, str]) -> str | None:
    text = _matching(given, "bg", _COLOUR, "a colour of 3 or 6 hexadecimal digits")
    if text is None:
        return None
    return text.lower() if len(text) == 6 else "".join(digit * 2 for digit in text.lower())  # noqa: PLR2004


def _rect(given: Mapping[str, str]) -> Rect | None:
    text = _matching(given, "rect", _RECT, "x,y,width,height in pixels")
    if text is None:
        return None
    left, top, width, height = (min(int(part), _MAX_OFFSET) for part in text.split(","))
    return Rect(left=left, top=top, width=width, height=height)
