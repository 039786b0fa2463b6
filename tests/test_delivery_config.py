"""`[delivery]` of tintype.toml: which sizes an address can ask for."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from itertools import pairwise

import pytest

from tests.config_files import Write, mistakes
from tintype.config import Delivery, load, shipped
from tintype.config.delivery import DEFAULT_DELIVERY, Dialect, Unsigned
from tintype.imaging import QualityTarget


def test_file_without_the_table_has_the_default_grid(write: Write) -> None:
    assert load(write("[limits]\nmax_bytes = 1000")).delivery == DEFAULT_DELIVERY


def test_shipped_file_says_all_settings_with_their_defaults() -> None:
    there = tomllib.loads(shipped().read_text("utf-8"))["delivery"]

    assert load(shipped()).delivery == DEFAULT_DELIVERY
    assert list(there) == [field.name for field in fields(Delivery) if field.default is not None]


def test_no_two_widths_of_the_default_grid_are_further_apart_than_half() -> None:
    assert max(wide / narrow for narrow, wide in pairwise(DEFAULT_DELIVERY.widths)) <= 2
    assert max(wide / narrow for narrow, wide in pairwise(DEFAULT_DELIVERY.widths[1:])) <= 1.5


def test_all_settings_are_read(write: Write) -> None:
    path = write(
        "[delivery]\nwidths = [16, 8192]\nunsigned = 'none'\nkeep_days = 1\n"
        "accept = ['thumbor', 'dit']\nfaces = true\nquality = { target = 65 }"
    )

    assert load(path).delivery == Delivery(
        widths=(16, 8192),
        unsigned=Unsigned.NONE,
        keep_days=1,
        accept=(Dialect.THUMBOR, Dialect.DIT),
        faces=True,
        quality=QualityTarget(target=65),
    )


@pytest.mark.parametrize(
    ("settings", "setting", "message"),
    [
        ("widths = []", "widths", "an empty list is not allowed; a list of 1 to 24"),
        (
            f"widths = {list(range(16, 41))}",
            "widths",
            "a list of 25 is not allowed; a list of 1 to 24",
        ),
        ("widths = [15]", "widths[0]", "15 is not allowed; a whole number from 16 to 8192"),
        ("widths = [64, 8193]", "widths[1]", "8193 is not allowed; a whole number from 16 to 8192"),
        ("widths = [640, 320]", "widths[1]", "320 follows 640; widths must ascend"),
        ("widths = [64, 64]", "widths[1]", "64 follows 64; widths must ascend"),
        ("widths = 640", "widths", "640 is not allowed; a list of 1 to 24"),
        ('unsigned = "all"', "unsigned", '"all" is not allowed; grid, presets or none'),
        ("keep_days = 0", "keep_days", "0 is not allowed; a whole number from 1 to 3650"),
        ('accept = ["imgix"]', "accept[0]", '"imgix" is not allowed; thumbor, imgproxy or dit'),
        ("faces = 1", "faces", "1 is not allowed; true or false"),
        ("width = [640]", "width", 'unknown setting; did you mean "widths"?'),
    ],
)
def test_wrong_setting_is_told_with_its_line(
    write: Write, settings: str, setting: str, message: str
) -> None:
    (found,) = mistakes(write(f"[limits]\n[delivery]\n{settings}"))

    assert found[:2] == (3, f"delivery.{setting}")
    assert found[2].startswith(message)


def test_table_that_is_none_is_told(write: Write) -> None:
    assert mistakes(write("delivery = 1"))[0][:2] == (1, "delivery")
