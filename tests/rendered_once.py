"""What the engine makes, made once: thousands of simulated lives have a few dozen originals."""

from __future__ import annotations

from functools import cache
from typing import Any

from tintype import imaging
from tintype.imaging import Limits, Preset, Rendered
from tintype.imaging.render import OnFirst

_rendered = cache(imaging.render_all)


def render_once(
    data: bytes,
    presets: tuple[Preset, ...],
    limits: Limits,
    *,
    on_first: OnFirst | None = None,
    **options: Any,
) -> Rendered:
    """Return what the engine makes of *data*, and have the smallest heard of as it does."""
    rendered = _rendered(data, presets, limits, **options)
    if on_first is not None and len(presets) > 1:
        on_first(min(rendered.renditions, key=lambda one: one.width), rendered.description)
    return rendered
