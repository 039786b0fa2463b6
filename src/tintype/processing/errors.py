"""Why a run ends without a manifest of its own."""

from __future__ import annotations


class OriginalNotFoundError(Exception):
    """There is no object at the key to process."""

    code = "original_not_found"


class SupersededError(Exception):
    """During the run, a later event was applied, or another original became the image's."""
