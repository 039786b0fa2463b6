"""The measures that other tests trust: they see what an eye sees, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from tests.fingerprint import delta_e, distance, lab
from tests.pictures import original, pattern
from tests.reference import shown


def test_compression_is_near() -> None:
    found = distance(shown(original("JPEG")).frames[0], pattern())

    assert found.mean < 1


def test_turned_and_mirrored_pictures_are_far() -> None:
    upright = pattern()

    turns = [upright[::-1], upright[:, ::-1], upright[::-1, ::-1]]

    assert min(distance(upright, turned).mean for turned in turns) > 30


def test_crop_that_is_off_by_four_pixels_is_told_from_the_right_one() -> None:
    right, wrong = pattern()[:, 40:200], pattern()[:, 44:204]

    found = distance(right, wrong)

    assert found.mean > 2
    assert found.worst > 20


def test_transparent_is_told_from_opaque() -> None:
    opaque = pattern(alpha=True)
    opaque[..., 3] = 255

    found = distance(pattern(alpha=True), opaque)

    assert found.worst > 200


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [  # Sharma, Wu and Dalal, The CIEDE2000 color-difference formula, table 1
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
        ((50.0, -1.0, 2.0), (50.0, 0.0, 0.0), 2.3669),
        ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0009), 7.1792),
        ((50.0, 2.5, 0.0), (50.0, 0.0, -2.5), 4.3065),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
        ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ],
)
def test_colour_difference_is_the_published_one(
    one: tuple[float, ...], other: tuple[float, ...], expected: float
) -> None:
    found = delta_e(np.array(one), np.array(other))

    assert found == pytest.approx(expected, abs=1e-4)


def test_lab_of_white_red_and_grey_is_the_known_one() -> None:
    found = lab([[255, 255, 255], [255, 0, 0], [119, 119, 119]])

    assert found == pytest.approx(
        np.array([[100, 0, 0], [53.24, 80.09, 67.20], [50.03, 0, 0]]), abs=0.02
    )
