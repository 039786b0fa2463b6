"""A face in a picture, in a module of its own: functions that carry no engine read manifests, too."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Face:
    """A face's box, as shares of the upright original's sides, and the detector's score, 0 to 1.

    It says where a face is, not whose it is.
    """

    left: float
    top: float
    width: float
    height: float
    score: float
