"""What a screenshot shows, as numbers: colours, and the contrast between them."""

from __future__ import annotations

import io
from typing import Final, TypeAlias

import numpy as np
from PIL import Image
from playwright.sync_api import Locator

Pixels: TypeAlias = np.ndarray  # rows × columns × red, green, blue; 0 to 255
_WEIGHTS: Final = np.array([0.2126, 0.7152, 0.0722])
_KNEE: Final = 0.04045


def pixels(shown: Locator) -> Pixels:
    """Return what an element shows, with everything that moves at its end."""
    data = shown.screenshot(animations="disabled")
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def luminance(shown: Pixels) -> np.ndarray:
    """Return the relative luminance of each pixel, 0 to 1 (WCAG 2.2)."""
    share = shown / 255
    linear = np.where(share <= _KNEE, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ _WEIGHTS)


def contrast(one: float, other: float) -> float:
    """Return the contrast of two luminances, 1 to 21 (WCAG 2.2)."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def ground(shown: Pixels) -> float:
    """Return the luminance of what most of an element's pixels are: its background."""
    colours, counts = np.unique(shown.reshape(-1, 3), axis=0, return_counts=True)
    return float(luminance(colours[counts.argmax()]))


def strongest(shown: Pixels) -> float:
    """Return the highest contrast of a pixel with the background: that of its writing."""
    background = ground(shown)
    return max(contrast(float(one), background) for one in np.unique(luminance(shown)))
