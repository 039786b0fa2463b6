"""Where the diagram's boxes stand and which way its arrows go, in pixels; x to the right, y downwards."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]

WIDTH, HEIGHT = 984, 650
_C0, _C1, _C2, _C3, _C4 = 66, 318, 498, 678, 858
_TOP, _R0, _R1, _R2 = 84, 174, 340, 514
_HALF_W, _HALF_H = 70, 30
_CLIENT_HALF_W = 56
_SMALL_H = 15
_FAILED = _R1 + 78
_ACCESS = _R0 + 66
CLIENT = "browser, CLI, curl"


@dataclass(frozen=True, slots=True)
class Place:
    """The middle of a box and half of its size."""

    x: float
    y: float
    half_width: float = _HALF_W
    half_height: float = _HALF_H


@dataclass(frozen=True, slots=True)
class Way:
    """The corners of an arrow, and the middle of what stands beside it; *strong* ones carry the image."""

    points: tuple[Point, ...]
    label: Point | None = None
    strong: bool = False


PLACES = {
    CLIENT: Place(_C0, (_R0 + _R2) / 2, _CLIENT_HALF_W, (_R2 - _R0) / 2 + _HALF_H),
    "render function": Place(_C3, _TOP),
    "CDN": Place(_C1, _R0),
    "HTTP API": Place(_C2, _R0),
    "api function": Place(_C3, _R0),
    "site bucket": Place(_C4, _R0),
    "access table": Place(_C4, _ACCESS, 66, _SMALL_H),
    "originals bucket": Place(_C1, _R1),
    "process queue": Place(_C2, _R1),
    "process failed queue": Place(_C2, _FAILED, 62, _SMALL_H),
    "process dead letters": Place(_C1 + 20, _FAILED, 66, _SMALL_H),
    "process function": Place(_C3, _R1),
    "renditions bucket": Place(_C4, _R1),
    "GraphQL API": Place(_C1, _R2),
    "images table": Place(_C2, _R2),
    "catalogue function": Place(_C3, _R2),
    "catalogue queue": Place(_C4, _R2),
    "catalogue dead letters": Place(_C4, _R2 + 78, 66, _SMALL_H),
}

_TOP0, _BOTTOM0 = _R0 - _HALF_H, _R0 + _HALF_H
_TOP1, _BOTTOM1 = _R1 - _HALF_H, _R1 + _HALF_H
_TOP2, _BOTTOM2 = _R2 - _HALF_H, _R2 + _HALF_H
_RAIL = 26  # above everything
_GUTTER = (_C2 + _C3) / 2
_BESIDE = (_C0 + _CLIENT_HALF_W + _C1 - _HALF_W) / 2


def _across(row: float, start: float, end: float) -> tuple[Point, Point]:
    """Return a straight arrow in a row, between the edges of two columns' boxes."""
    side = _HALF_W if end > start else -_HALF_W
    return (start + side, row), (end - side, row)


def _beside(row: float) -> tuple[Point, Point]:
    """Return an arrow from the client to the first column."""
    return (_C0 + _CLIENT_HALF_W, row), (_C1 - _HALF_W, row)


# What a client does; the rest of the arrows come from the template.
CLIENT_WAYS = {
    "1 POST /api/uploads": Way(_beside(_R0 - 12), (_BESIDE, _R0 - 19), strong=True),
    "4 GET a rendition": Way(_beside(_R0 + 14), (_BESIDE, _R0 + 28), strong=True),
    "2 PUT the bytes": Way(_beside(_R1), (_BESIDE, _R1 - 7), strong=True),
    "3 imageChanged": Way(_beside(_R2)[::-1], (_BESIDE, _R2 - 7), strong=True),
}
WAYS = {
    ("CDN", "HTTP API"): Way(_across(_R0, _C1, _C2), strong=True),
    ("HTTP API", "api function"): Way(_across(_R0, _C2, _C3), strong=True),
    ("CDN", "render function"): Way(
        ((_C1 + 20, _TOP0), (_C1 + 20, _TOP - 12), (_C3 - _HALF_W, _TOP - 12)), strong=True
    ),
    ("render function", "originals bucket"): Way(
        (
            (_C3 - _HALF_W, _TOP + 12),
            (_C1 + 84, _TOP + 12),
            (_C1 + 84, _R1 - 18),
            (_C1 + _HALF_W, _R1 - 18),
        ),
        ((_C1 + _C2) / 2 + 40, _TOP + 6),
    ),
    ("render function", "renditions bucket"): Way(
        ((_C3 + _HALF_W, _TOP), (_C4 + 88, _TOP), (_C4 + 88, _R1 - 16), (_C4 + _HALF_W, _R1 - 16)),
        ((_C4), _TOP - 7),
        strong=True,
    ),
    ("CDN", "site bucket"): Way(((_C1, _TOP0), (_C1, _RAIL), (_C4, _RAIL), (_C4, _TOP0))),
    ("CDN", "renditions bucket"): Way(
        ((_C1, _TOP0), (_C1, _RAIL), (_C4 + 100, _RAIL), (_C4 + 100, _R1), (_C4 + 70, _R1)),
        strong=True,
    ),
    ("originals bucket", "process queue"): Way(_across(_R1, _C1, _C2), strong=True),
    ("process queue", "process function"): Way(
        _across(_R1, _C2, _C3), (_GUTTER, _R1 - 7), strong=True
    ),
    ("process function", "renditions bucket"): Way(_across(_R1, _C3, _C4), strong=True),
    ("renditions bucket", "catalogue queue"): Way(
        ((_C4 + 22, _BOTTOM1), (_C4 + 22, _TOP2)), (_C4 + 64, _R1 + 60), strong=True
    ),
    ("catalogue queue", "catalogue function"): Way(
        _across(_R2, _C4, _C3), ((_C3 + _C4) / 2, _R2 - 7), strong=True
    ),
    ("catalogue function", "images table"): Way(_across(_R2, _C3, _C2), strong=True),
    ("catalogue function", "GraphQL API"): Way(
        ((_C3, _BOTTOM2), (_C3, _BOTTOM2 + 24), (_C1, _BOTTOM2 + 24), (_C1, _BOTTOM2)),
        (_C2, _BOTTOM2 + 37),
        strong=True,
    ),
    ("process queue", "process failed queue"): Way(
        ((_C2, _BOTTOM1), (_C2, _FAILED - _SMALL_H)), (_C2 - 40, _R1 + 49)
    ),
    ("process failed queue", "process dead letters"): Way(
        ((_C2 - 62, _FAILED), (_C1 + 86, _FAILED))
    ),
    ("process failed queue", "catalogue function"): Way(
        ((_C2 + 62, _FAILED), (_C3 - 26, _FAILED), (_C3 - 26, _TOP2)), (_C3 + 2, _FAILED + 8)
    ),
    ("catalogue function", "originals bucket"): Way(
        ((_C3 - 64, _TOP2), (_C3 - 64, 442), (_C1 - 58, 442), (_C1 - 58, _BOTTOM1))
    ),
    ("catalogue function", "process dead letters"): Way(
        ((_C3 - 56, _TOP2), (_C3 - 56, 452), (_C1 + 20, 452), (_C1 + 20, _FAILED + _SMALL_H))
    ),
    ("catalogue function", "process queue"): Way(
        ((_C3 - 46, _TOP2), (_C3 - 46, 472), (_C2 + 67, 472), (_C2 + 67, _BOTTOM1))
    ),
    ("catalogue function", "catalogue dead letters"): Way(
        ((_C3 + 40, _BOTTOM2), (_C3 + 40, _R2 + 78), (_C4 - 66, _R2 + 78))
    ),
    ("catalogue queue", "catalogue dead letters"): Way(
        ((_C4, _BOTTOM2), (_C4, _R2 + 78 - _SMALL_H)), (_C4 - 40, _R2 + 49)
    ),
    ("GraphQL API", "images table"): Way(_across(_R2, _C1, _C2), ((_C1 + _C2) / 2, _R2 - 7)),
    ("api function", "originals bucket"): Way(
        ((_C3 - 54, _BOTTOM0), (_C3 - 54, 226), (_C1 + 10, 226), (_C1 + 10, _TOP1)),
        ((_C1 + _C2) / 2, 220),
    ),
    ("api function", "process queue"): Way(
        ((_C3 - 34, _BOTTOM0), (_C3 - 34, 250), (_C2 + 16, 250), (_C2 + 16, _TOP1)),
        (_C2 + 62, 244),
    ),
    ("api function", "images table"): Way(
        (
            (_C3 - 14, _BOTTOM0),
            (_C3 - 14, 270),
            (_GUTTER, 270),
            (_GUTTER, _TOP2 - 22),
            (_C2 + 40, _TOP2 - 22),
            (_C2 + 40, _TOP2),
        ),
        (_GUTTER + 38, _TOP2 - 40),
    ),
    ("api function", "access table"): Way(
        ((_C3 + 62, _BOTTOM0), (_C3 + 62, _ACCESS), (_C4 - 66, _ACCESS))
    ),
    ("api function", "catalogue queue"): Way(
        (
            (_C3 + 50, _BOTTOM0),
            (_C3 + 50, 280),
            (_C3 + 82, 280),
            (_C3 + 82, 436),
            (_C4 - 52, 436),
            (_C4 - 52, _TOP2),
        )
    ),
    ("catalogue function", "catalogue queue"): Way(((_C3 + 70, _R2 + 18), (_C4 - 70, _R2 + 18))),
    ("catalogue function", "access table"): Way(
        (
            (_C3 + 60, _TOP2),
            (_C3 + 60, 470),
            (_C3 + 90, 470),
            (_C3 + 90, _ACCESS + 8),
            (_C4 - 66, _ACCESS + 8),
        )
    ),
    ("api function", "process function"): Way(
        ((_C3 + 26, _BOTTOM0), (_C3 + 26, _TOP1)), (_C3 + 44, 256)
    ),
    ("process function", "originals bucket"): Way(
        ((_C3 - 40, _TOP1), (_C3 - 40, 294), (_C1 + 40, 294), (_C1 + 40, _TOP1)),
        ((_C1 + _C2) / 2, 288),
    ),
    ("process function", "process queue"): Way(
        ((_C3 - 30, _BOTTOM1), (_C3 - 30, 390), (_C2 + 46, 390), (_C2 + 46, _BOTTOM1)),
        (_C3 - 26, 403),
    ),
    ("process function", "catalogue queue"): Way(
        ((_C3 + 34, _BOTTOM1), (_C3 + 34, 416), (_C4 - 34, 416), (_C4 - 34, _TOP2)),
        (_C4 - 78, 410),
    ),
    ("catalogue function", "renditions bucket"): Way(
        ((_C3 + 50, _TOP2), (_C3 + 50, 458), (_C4 - 8, 458), (_C4 - 8, _BOTTOM1)),
        (_C3 + 84, 472),
    ),
}
