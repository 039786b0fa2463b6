"""SVG drawings that the tests make, with what editors write."""

from __future__ import annotations


def svg(inner: str, size: str = 'viewBox="0 0 100 100"') -> bytes:
    """Return a drawing with *inner* and the attributes *size* at its root."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{inner}</svg>'.encode()


_STAR = "M50 5 61 39H97L68 60 79 95 50 74 21 95 32 60 3 39H39Z"
# Text is left out: Chromium draws it in a font of its own.
DRAWINGS = {
    "shapes": svg(
        '<rect width="100" height="100" fill="#eee"/><circle cx="30" cy="30" r="20" fill="#c33"/>'
        '<ellipse cx="70" cy="30" rx="20" ry="10" fill="none" stroke="#36c" stroke-width="4"/>'
        '<polygon points="10,90 30,60 50,90" fill="#3a3"/><line x1="55" y1="90" x2="95" y2="60" '
        'stroke="#000" stroke-width="3" stroke-dasharray="6 3" stroke-linecap="round"/>'
        '<polyline points="55,60 65,70 75,60" fill="none" stroke="#a0a" stroke-linejoin="round" '
        'stroke-width="3"/>'
    ),
    "a style sheet and groups": svg(
        "<style>.a{fill:#0a7;opacity:.5} #b{stroke:#123;stroke-width:2} g > path{fill:#fc0}</style>"
        f'<g transform="rotate(20 50 50)"><path d="{_STAR}"/></g>'
        f'<path id="b" class="a" transform="scale(.5) translate(90 90)" d="{_STAR}"/>'
    ),
    "gradients and a pattern": svg(
        '<defs><linearGradient id="l" x2="1" y2="1"><stop stop-color="#f06"/><stop offset="1" '
        'stop-color="#06f" stop-opacity=".4"/></linearGradient><radialGradient id="r"><stop '
        'stop-color="#fff"/><stop offset="1" stop-color="#222"/></radialGradient><pattern id="p" '
        'width="10" height="10" patternUnits="userSpaceOnUse"><circle cx="5" cy="5" r="3" '
        'fill="#090"/></pattern></defs><rect width="100" height="50" fill="url(#l)"/>'
        '<circle cx="25" cy="75" r="22" fill="url(#r)"/><rect x="50" y="50" width="50" '
        'height="50" fill="url(#p)"/>'
    ),
    "a clip, a mask and copies": svg(
        '<defs><clipPath id="c"><circle cx="50" cy="50" r="40"/></clipPath><mask id="m"><rect '
        'width="100" height="100" fill="#888"/></mask><symbol id="s" viewBox="0 0 10 10"><path '
        'd="M0 0H10V10Z" fill="#05c"/></symbol></defs><g clip-path="url(#c)"><rect width="100" '
        'height="50" fill="#c50"/></g><use href="#s" x="10" y="50" width="30" height="30"/><g '
        'mask="url(#m)"><use href="#s" x="60" y="50" width="30" height="30"/></g>'
    ),
    "a blurred shadow": svg(
        '<filter id="f" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur '
        'in="SourceAlpha" stdDeviation="3"/><feOffset dx="4" dy="4"/><feMerge><feMergeNode/>'
        '<feMergeNode in="SourceGraphic"/></feMerge></filter>'
        f'<path d="{_STAR}" fill="#e90" filter="url(#f)"/>'
    ),
}
