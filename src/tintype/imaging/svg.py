"""SVG: what a drawing may contain, its size, and the same drawing without all else.

Start with `sanitised`. Drawings are programs: they name files and addresses, run scripts, and repeat
themselves without end. What is drawn (`svg_drawing.py`) is written anew here, element by element, from
a list of those that only draw; nothing that was sent is passed on or served as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from math import isfinite
from typing import NoReturn
from xml.parsers import expat

from tintype.imaging.decoder_errors import damaged
from tintype.imaging.errors import UnsupportedFormatError
from tintype.imaging.formats import Format, not_supported
from tintype.imaging.vips import Data

# Pixels of the longer side as it is drawn, whatever size a drawing says it has: what libvips has librsvg
# draw at once. More are drawn in tiles, with all filters anew for each of them.
SIDE = 2000

_MOST_BYTES, _MOST_ELEMENTS, _MOST_DEPTH = 2_000_000, 20_000, 100
_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
_DRAWN = frozenset(
    (
        *("svg", "g", "a", "defs", "symbol", "use", "switch", "style"),
        *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
        *("text", "tspan", "linearGradient", "radialGradient", "stop", "pattern"),
        *("clipPath", "mask", "marker", "filter", "feGaussianBlur", "feOffset", "feFlood"),
        *("feMerge", "feMergeNode", "feBlend", "feComposite", "feColorMatrix", "feDropShadow"),
        *("feComponentTransfer", "feFuncR", "feFuncG", "feFuncB", "feFuncA"),
    )
)
_UNSEEN = frozenset({"title", "desc", "metadata"})  # left out, and nobody misses them
_NAME = re.compile(r"(?!on)[a-zA-Z][a-zA-Z-]*[0-9]*")  # no event's
# A reference within the drawing, and any at all: only the former may be drawn.
_INNER, _ANY = re.compile(r"url\(\s*[\"']?#"), re.compile(r"url\(")
_UNITS = {  # CSS pixels
    "": 1.0,
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "in": 96.0,
    "mm": 96 / 25.4,
    "cm": 96 / 2.54,
    "em": 16.0,
    "ex": 8.0,
}
_MOST_LENGTH, _MOST_NAME = 40, 30  # characters of a length, and of a name in a note
_LENGTH = re.compile(r"(\+?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*([a-z]*)")


@dataclass(frozen=True, slots=True)
class Drawing:
    """A harmless SVG file, its size in pixels, and the kinds of things that were left out."""

    data: bytes
    width: int
    height: int
    left_out: tuple[str, ...]


def sanitised(data: Data) -> Drawing:
    """Return the drawing with nothing in it that does more than draw.

    Raises:
        UnsupportedFormatError: it is too large, has entities of its own, or no size.
        UnreadableImageError: it is not well-formed, or not an SVG.
    """
    if len(data) > _MOST_BYTES:
        _refuse(f"more than {_MOST_BYTES / 1e6:g} MB")
    writer = _Writer()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _check_document_type
    parser.EntityDeclHandler = _refuse_entity
    parser.StartElementHandler = writer.start
    parser.EndElementHandler = writer.end
    parser.CharacterDataHandler = writer.text
    try:
        parser.Parse(bytes(data), True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter: of an encoding
        raise damaged(Format.SVG, "data") from error
    return Drawing("".join(writer.parts).encode(), *writer.size, tuple(sorted(writer.left_out)))


@dataclass(slots=True)
class _Writer:
    """What expat calls; *dropping* counts the elements that are open and not drawn.

    *style* is the text of the style sheet that is open: all elements in it are dropped, so that it
    is judged whole.
    """

    parts: list[str] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)
    left_out: set[str] = field(default_factory=set)
    elements: int = 0
    depth: int = 0
    dropping: int = 0
    style: list[str] | None = None

    def start(self, qualified: str, attributes: dict[str, str]) -> None:
        space, _, name = qualified.rpartition(" ")
        self.elements, self.depth = self.elements + 1, self.depth + 1
        if self.elements > _MOST_ELEMENTS:
            _refuse(f"more than {_MOST_ELEMENTS:,} elements")
        if self.depth > _MOST_DEPTH:
            _refuse(f"elements nested more than {_MOST_DEPTH} deep")
        if self.depth == 1 and (space, name) != (_SVG, "svg"):
            raise damaged(Format.SVG, "data")
        if self.dropping or self.style is not None or space != _SVG or name not in _DRAWN:
            if not self.dropping and space == _SVG and name not in _UNSEEN:
                self.left_out.add(name[:_MOST_NAME])
            self.dropping += 1
            return
        kept = self._kept(attributes)
        if self.depth == 1:
            self.size, kept = _sized(kept)
            spaces = {"xmlns": _SVG, "xmlns:xlink": _XLINK}
            kept = spaces | kept
        self.parts.append(f"<{name}")
        self.parts += [f' {key}="{escape(value)}"' for key, value in kept.items()]
        self.parts.append(">")
        if name == "style":
            self.style = []

    def end(self, qualified: str) -> None:
        self.depth -= 1
        if self.dropping:
            self.dropping -= 1
            return
        if self.style is not None:
            rules = "".join(self.style)
            if "@" not in rules and _is_inner(rules):
                self.parts.append(escape(rules))
            else:
                self.left_out.add("style")
            self.style = None
        self.parts.append(f"</{qualified.rpartition(' ')[2]}>")

    def text(self, text: str) -> None:
        if self.style is not None and not self.dropping:
            self.style.append(text)
        elif not self.dropping:
            self.parts.append(escape(text))

    def _kept(self, attributes: dict[str, str]) -> dict[str, str]:
        kept = {}
        for qualified, value in attributes.items():
            space, _, name = qualified.rpartition(" ")
            if name == "href" and space in {"", _XLINK}:
                if value.strip().startswith("#"):
                    kept["xlink:href"] = value.strip()
                else:
                    self.left_out.add("link")
            elif space == _XML and name == "space":
                kept["xml:space"] = value
            elif not space and _NAME.fullmatch(name):
                if _is_inner(value):
                    kept[name] = value
                else:
                    self.left_out.add("link")
        return kept


def _is_inner(value: str) -> bool:
    """Whether all references lead to the drawing itself; escapes could hide others."""
    lower = value.lower()
    return "\\" not in value and len(_ANY.findall(lower)) == len(_INNER.findall(lower))


def _sized(attributes: dict[str, str]) -> tuple[tuple[int, int], dict[str, str]]:
    """Return the pixels to draw, and the root's attributes with them.

    The size is that of `width` and `height`, or what is missing from the `viewBox`.
    """
    box = _view_box(attributes.get("viewBox", ""))
    width, height = (_length(attributes.get(name, "")) for name in ("width", "height"))
    if box:
        across = box[2] / box[3]
        width = width or (height * across if height else box[2])
        height = height or width / across
    if not width or not height:
        raise UnsupportedFormatError(not_supported("SVG without width, height or viewBox"))
    scale = SIDE / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    view = " ".join(f"{value:.9g}" for value in box or (0.0, 0.0, width, height))
    left = {key: value for key, value in attributes.items() if key not in {"x", "y"}}
    return size, left | {"width": str(size[0]), "height": str(size[1]), "viewBox": view}


def _length(text: str) -> float | None:
    """Return a length in pixels; None if there is none, or it depends on a page.

    >>> _length("2in"), _length("2em"), _length("100%")
    (192.0, 32.0, None)
    """
    text = text.strip()
    found = _LENGTH.fullmatch(text) if len(text) <= _MOST_LENGTH else None
    return _positive(found[1], _UNITS.get(found[2], 0.0)) if found else None


def _positive(number: str, unit: float = 1.0) -> float | None:
    try:
        value = float(number) * unit
    except ValueError:
        return None
    return value if isfinite(value) and 1e-6 < value < 1e9 else None  # noqa: PLR2004


def _view_box(text: str) -> tuple[float, float, float, float] | None:
    parts = text.replace(",", " ").split()
    if len(parts) != 4:  # noqa: PLR2004 - left, top, width, height
        return None
    width, height = _positive(parts[2]), _positive(parts[3])
    try:
        left, top = float(parts[0]), float(parts[1])
    except ValueError:
        return None
    if not (width and height and isfinite(left) and isfinite(top)):
        return None
    return left, top, width, height


def _check_document_type(
    _name: str, _system: object, _public: object, has_own_part: object
) -> None:
    if has_own_part:
        _refuse("a document type of its own")


def _refuse_entity(*_: object) -> None:
    _refuse("entities")


def _refuse(what: str) -> NoReturn:
    raise UnsupportedFormatError(not_supported(f"SVG with {what}"))
