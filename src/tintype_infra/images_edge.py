"""The CloudFront Function of renditions, with the keys that it checks signatures with."""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).with_name("edge") / "images.js"


def function_code(current: str, previous: str) -> str:
    """Return the function's code with the two keys, which may be known only at deploy time."""
    text = FILE.read_text("utf-8")
    return text.replace("CURRENT_KEY", current).replace("PREVIOUS_KEY", previous)
