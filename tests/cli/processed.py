"""What processing makes of an image of the small stack."""

from __future__ import annotations

from typing import Any

REVISION = "presets-now"


def processed(image: dict[str, Any], cdn: str) -> dict[str, Any]:
    """Return what processing makes of an image."""
    rendition = {
        "preset": "thumb",
        "format": "webp",
        "contentType": "image/webp",
        "width": 320,
        "height": 240,
        "bytes": 9876,
        "key": f"{image['id']}/3f9a/thumb.webp",
        "url": f"{cdn}/{image['id']}/3f9a/thumb.webp",
    }
    return {
        "status": "READY",
        "renditions": [rendition],
        "revision": "3f9a",
        "presetsRevision": REVISION,
        "dominantColour": "#a1b2c3",
        "removed": ["GPS position"],
        "timings": {"wait": 12.0, "read": 5.1, "render": 210.3, "write": 20.2},
        "original": {
            **image["original"],
            "format": "jpeg",
            "width": 4000,
            "height": 3000,
            "bytes": 3_123_456,
            "sha256": "ab" * 32,
            "hasAlpha": False,
            "colourSpace": "sRGB",
            "camera": {"make": "Canon", "model": "EOS R5"},
        },
    }
