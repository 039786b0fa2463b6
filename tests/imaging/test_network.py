"""The network: its numbers are those of another program that runs the same file."""

from __future__ import annotations

import numpy as np
import pytest

from tests.portraits import Drawn, portrait
from tintype.imaging.faces import model_file
from tintype.imaging.network import read


def test_the_network_gives_the_numbers_that_litert_gives() -> None:
    """Recorded from ai-edge-litert 2.3.0 on x86_64, for the same file and the same drawing."""
    model = model_file()
    assert model is not None
    pixels = portrait(192, 192, Drawn(120, 80, 70))

    boxes, scores = read(model.read_bytes())(pixels.astype(np.float32) / np.float32(127.5) - 1)

    assert boxes.shape == (48, 48, 16)
    assert int(scores.argmax()) == 22 * 48 + 30
    recorded = [-2.083, -0.463, 68.425, 68.422, -16.447, -13.116, 12.456, -11.568]
    recorded += [-1.971, 3.424, -2.127, 16.348, -32.084, -7.61, 27.954, -5.761]
    assert boxes[22, 30] == pytest.approx(recorded, abs=0.002)
    assert float(scores[22, 30, 0]) == pytest.approx(2.3123, abs=0.001)
    assert float(np.abs(boxes).mean()) == pytest.approx(11.245789, abs=0.001)
    assert float(scores.mean()) == pytest.approx(-6.6938825, abs=0.001)


def test_a_network_with_a_layer_that_is_not_known_is_refused() -> None:
    model = model_file()
    assert model is not None
    other = model.with_name("iris_landmark.tflite").read_bytes()

    with pytest.raises(ValueError, match="layer 54 of the network is not known"):
        read(other)
