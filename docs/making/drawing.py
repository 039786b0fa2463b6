"""The diagram as SVG, of our own: boxes, arrows with round corners, a legend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise

from docs.making.diagram import Arrow, Box, Kind
from docs.making.places import CLIENT, CLIENT_WAYS, HEIGHT, PLACES, WAYS, WIDTH, Place, Point, Way

CORNER = 7
_LABELLED = 'aria-labelledby="d-title" xmlns="http://www.w3.org/2000/svg"'
# Each colour in daylight and at night: the drawing that stands alone has them in itself, the built
# site's style sheet has the same names.
COLOURS = {
    "ink": ("#1f2430", "#e7e9ee"),
    "muted": ("#5b6270", "#a3abba"),
    "paper": ("#ffffff", "#16181d"),
    "line": ("#8a92a3", "#7d8698"),
    "flow": ("#b4531f", "#f0955c"),
    "failed": ("#b3261e", "#ff8a80"),
    "client": ("#eceef2", "#262a33"),
    "edge": ("#e3edfb", "#1d2c44"),
    "function": ("#fdebdd", "#40291a"),
    "queue": ("#f0e8fa", "#30234a"),
    "store": ("#e2f3e8", "#1b3527"),
}
_GROUPS = {
    "API Gateway": "edge",
    "AppSync": "edge",
    "CloudFront": "edge",
    "DynamoDB": "store",
    "Lambda": "function",
    "S3": "store",
    "SQS": "queue",
}
# Sixteen pixels of each: what one recognises before one reads.
_ICONS = {
    "edge": "M8 1a7 7 0 1 0 0 14a7 7 0 1 0 0-14M1 8h14M8 1c-5 4-5 10 0 14M8 1c5 4 5 10 0 14",
    "function": "M4 2h3l6 12M7.6 6L3 14",
    "queue": "M2 3h3v10h-3zM6.5 3h3v10h-3zM11 3h3v10h-3z",
    "store": "M2 4a6 2 0 0 0 12 0a6 2 0 0 0-12 0l1.4 9a4.6 1.6 0 0 0 9.2 0l1.4-9",
    "client": "M1 3h14v9h-14zM5 15h6M8 12v3",
}
_STYLE = """
.d text { font: 12.5px system-ui, sans-serif; fill: var(--d-ink); text-anchor: middle }
.d .name { font-weight: 600 }
.d .small { font-size: 10.5px; fill: var(--d-muted) }
.d .said { font-size: 10.5px; fill: var(--d-muted); stroke: var(--d-paper); stroke-width: 4px; paint-order: stroke; stroke-linejoin: round }
.d .left { text-anchor: start }
.d rect { stroke: var(--d-line); stroke-width: 1 }
.d .icon { fill: none; stroke: var(--d-muted); stroke-width: 1.2; stroke-linejoin: round; stroke-linecap: round }
.d .way { fill: none; stroke-linejoin: round }
.d .role { stroke: var(--d-line); stroke-width: 1.2; stroke-dasharray: 4 3 }
.d .flow { stroke: var(--d-flow); stroke-width: 2 }
.d .failed { stroke: var(--d-failed); stroke-width: 1.4; stroke-dasharray: 1.5 3; stroke-linecap: round }
""".strip()


def drawn(boxes: Sequence[Box], arrows: Sequence[Arrow], counts: Mapping[str, int]) -> str:
    """Return the drawing; its colours are whatever the page says they are.

    Raises:
        KeyError: a box or an arrow has no place.
    """
    parts = [
        f'<svg class="d" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" {_LABELLED}>',
        f'<title id="d-title">{escape(_title(arrows))}</title>',
        f"<style>{_STYLE}</style>",
        "<defs>",
        *(_head(kind) for kind in Kind),
        "</defs>",
        *_arrows(arrows),
        *_boxes(boxes),
        *_labels(arrows),
        *_legend(counts),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def standing_alone(boxes: Sequence[Box], arrows: Sequence[Arrow], counts: Mapping[str, int]) -> str:
    """Return the drawing with colours of its own, for light and dark."""
    day = "; ".join(f"--d-{name}: {pair[0]}" for name, pair in COLOURS.items())
    night = "; ".join(f"--d-{name}: {pair[1]}" for name, pair in COLOURS.items())
    colours = f".d {{ {day} }}\n@media (prefers-color-scheme: dark) {{ .d {{ {night} }} }}\n"
    paper = f'<rect width="{WIDTH}" height="{HEIGHT}" rx="8" style="fill: var(--d-paper); stroke: none"/>'
    text = drawn(boxes, arrows, counts)
    return text.replace("<style>", f"<style>{colours}", 1).replace(
        "</defs>", f"</defs>\n{paper}", 1
    )


def style_sheet() -> str:
    """Return the colours of day and night, as furo's theme knows them."""
    day = _rules({name: pair[0] for name, pair in COLOURS.items()})
    night = _rules({name: pair[1] for name, pair in COLOURS.items()})
    return (
        f"body {{ {day} }}\n"
        f'body[data-theme="dark"] {{ {night} }}\n'
        "@media (prefers-color-scheme: dark) {\n"
        f'  body:not([data-theme="light"]) {{ {night} }}\n}}\n'
    )


def _rules(colours: dict[str, str]) -> str:
    return "; ".join(f"--d-{name}: {colour}" for name, colour in colours.items())


def _title(arrows: Sequence[Arrow]) -> str:
    return "Who speaks to whom: " + "; ".join(f"{one.start} to {one.end}" for one in arrows)


def _head(kind: Kind) -> str:
    colour = {Kind.FLOW: "flow", Kind.ROLE: "line", Kind.FAILED: "failed"}[kind]
    return (
        f'<marker id="d-{kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 1L9 5L0 9z" style="fill: var(--d-{colour})"/>'
        "</marker>"
    )


def _kind(arrow: Arrow) -> Kind:
    return Kind.FLOW if WAYS[arrow.start, arrow.end].strong else arrow.kind


def _arrows(arrows: Sequence[Arrow]) -> Iterator[str]:
    """Yield the ways, the strong ones over the others."""
    for arrow in sorted(arrows, key=lambda one: _kind(one) is Kind.FLOW):
        yield _way(WAYS[arrow.start, arrow.end], _shown(arrow))
    for way in CLIENT_WAYS.values():
        yield _way(way, Kind.FLOW)


def _shown(arrow: Arrow) -> Kind:
    """Return how an arrow looks: thin where nothing of an image moves along it."""
    kind = _kind(arrow)
    return Kind.ROLE if kind is Kind.FLOW and not WAYS[arrow.start, arrow.end].strong else kind


def _way(way: Way, kind: Kind) -> str:
    return f'<path class="way {kind}" d="{_rounded(way.points)}" marker-end="url(#d-{kind})"/>'


def _rounded(points: Sequence[Point]) -> str:
    """Return a line through *points* whose corners are round.

    >>> _rounded([(0, 0), (100, 0), (100, 50)])
    'M0 0L93 0Q100 0 100 7L100 50'
    """
    start, end = points[0], points[-1]
    middle = "".join(
        f"L{_near(corner, before)}Q{_pair(corner)} {_near(corner, after)}"
        for (before, corner), (_, after) in pairwise(pairwise(points))
    )
    return f"M{_pair(start)}{middle}L{_pair(end)}"


def _near(corner: Point, other: Point) -> str:
    x = corner[0] + CORNER * _sign(other[0] - corner[0])
    y = corner[1] + CORNER * _sign(other[1] - corner[1])
    return _pair((x, y))


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)


def _pair(point: Point) -> str:
    return f"{point[0]:g} {point[1]:g}"


def _boxes(boxes: Sequence[Box]) -> Iterator[str]:
    for box in boxes:
        yield from _box(PLACES[box.name], box.name, box.service, _GROUPS[box.service])
    yield from _box(PLACES[CLIENT], "you", CLIENT, "client")


def _box(place: Place, name: str, below: str, group: str) -> Iterator[str]:
    left, top = place.x - place.half_width, place.y - place.half_height
    yield (
        f'<rect x="{left:g}" y="{top:g}" width="{2 * place.half_width:g}" height="{2 * place.half_height:g}" '
        f'rx="8" style="fill: var(--d-{group})"/>'
    )
    if place.half_height < 20:  # noqa: PLR2004 - a small box has one line and no icon
        yield f'<text class="small" x="{place.x:g}" y="{place.y + 4:g}">{escape(name)}</text>'
        return
    if group == "client":
        yield f'<path class="icon" transform="translate({place.x - 12:g} {place.y - 44:g}) scale(1.5)" d="{_ICONS[group]}"/>'
    else:
        yield f'<path class="icon" transform="translate({left + 7:g} {top + 6:g}) scale(.75)" d="{_ICONS[group]}"/>'
    yield f'<text class="name" x="{place.x:g}" y="{place.y + 5:g}">{escape(name)}</text>'
    yield f'<text class="small" x="{place.x:g}" y="{place.y + 20:g}">{escape(below)}</text>'


def _labels(arrows: Sequence[Arrow]) -> Iterator[str]:
    for arrow in arrows:
        label = WAYS[arrow.start, arrow.end].label
        if label and arrow.says:
            yield _said(label, arrow.says)
    for words, way in CLIENT_WAYS.items():
        if way.label:
            yield _said(way.label, words)


def _said(where: Point, words: str) -> str:
    return f'<text class="said" x="{where[0]:g}" y="{where[1]:g}">{escape(words)}</text>'


def _legend(counts: Mapping[str, int]) -> Iterator[str]:
    y = HEIGHT - 22
    for x, kind, words in (
        (18, Kind.FLOW, "the way of an image"),
        (176, Kind.ROLE, "what a role may do besides"),
        (372, Kind.FAILED, "what failed on every try"),
    ):
        yield _way(Way(((x, y), (x + 34, y))), kind)
        yield f'<text class="small left" x="{x + 42}" y="{y + 4}">{words}</text>'
    besides = ", ".join(f"{count} {word}" for word, count in counts.items())
    yield f'<text class="small left" x="18" y="{y - 22}">Not drawn: {besides}. 1 × 10: messages that a call takes, and calls at the same time.</text>'
