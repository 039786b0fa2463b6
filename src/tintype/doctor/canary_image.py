"""The picture that the doctor sends, with a name that explains it."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from io import BytesIO

from PIL import Image

WIDTH, HEIGHT = 96, 64
CONTENT_TYPE = "image/png"
_MARK = "tintype-doctor"


def filename(now: datetime) -> str:
    """Return the file name of a picture sent at this time.

    >>> filename(datetime(2026, 11, 21, 14, 5))
    'tintype-doctor-2026-11-21-140500.png'
    """
    return f"{_MARK}-{now:%Y-%m-%d-%H%M%S}.png"


def is_ours(text: str) -> bool:
    """Whether a file name, or a message about a key, belongs to a doctor's picture."""
    return _MARK in text


@cache
def png() -> bytes:
    """Return a small picture with two gradients."""
    down = Image.linear_gradient("L")
    bands = (down.rotate(90), down, Image.new("L", down.size, 160))
    file = BytesIO()
    Image.merge("RGB", bands).resize((WIDTH, HEIGHT)).save(file, "PNG")
    return file.getvalue()
