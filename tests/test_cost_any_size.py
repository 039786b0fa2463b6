"""What files of any size add to the bill: making them, keeping them, and forgetting them again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.test_cost import MONTH, dollars
from tintype.config import Config, load, shipped
from tintype.config.delivery import Delivery
from tintype.costs import measured
from tintype.costs.any_size import any_size
from tintype.costs.bill import bill
from tintype.costs.months import Month
from tintype.costs.prices import PriceRegion


@pytest.fixture
def config() -> Config:
    return load(shipped())


def test_who_asks_for_no_other_size_pays_for_none(config: Config) -> None:
    found = bill(config, MONTH, PriceRegion.VIRGINIA)

    assert not [line for line in found.lines if "any size" in line.what + line.formula]


def test_files_of_any_size_cost_their_making_their_keeping_and_their_tags(config: Config) -> None:
    # Worked out by hand for us-east-1: 12,000 images stored, of each two files a month.
    month = Month(images=1_000, sizes=2)

    found = bill(config, month, PriceRegion.VIRGINIA)

    made = {line.what: (line.quantity, line.usd) for line in found.lines if line.service == "S3"}
    kept = 24_000 * 90 / (365 / 12)  # 71,013.7: `keep_days` is 90
    assert made["any size, tags"] == pytest.approx((kept, kept / 10_000 * 0.01))
    assert made["any size, writes"] == pytest.approx((48_000, 0.24))  # a mark and a file
    assert made["any size, reads"] == pytest.approx((72_000, 0.0288))
    gigabytes, usd = made["any size"]
    assert gigabytes * 2**30 / kept == pytest.approx(any_size(config, month).bytes)
    assert usd == pytest.approx(gigabytes * 0.023)


def test_the_render_function_s_price_is_time_by_its_memory(config: Config) -> None:
    month = Month(images=1_000, sizes=2)
    small = replace(config, service=replace(config.service, render_memory_mib=1_769 // 2))
    cold = measured.COLD_SHARE.value * measured.COLD_MS["render"].value / 1_000

    found, slow = (bill(one, month, PriceRegion.VIRGINIA).lines for one in (config, small))

    (seconds,) = (line.quantity for line in found if line.what == "render function")
    (longer,) = (line.quantity for line in slow if line.what == "render function")
    (runs,) = (
        line.quantity for line in found if (line.service, line.what) == ("Lambda", "requests")
    )
    each = any_size(config, month).render_ms / 1_000 + cold
    assert config.service.render_memory_mib == 1_769
    assert seconds == pytest.approx(24_000 * each * 1_769 / 1_024)
    assert longer == pytest.approx(seconds, rel=0.3)  # half the memory, about twice the time
    assert runs == 7_000 + 24_000


def test_a_file_is_kept_no_longer_than_its_image_is_there(config: Config) -> None:
    long = replace(config, delivery=replace(config.delivery, keep_days=3_650))

    assert any_size(long, Month(images=10, stored_months=2, sizes=1)).kept == 40
    assert any_size(long, Month(images=0, older=10, sizes=1)).kept == pytest.approx(1_200)
    assert any_size(config, Month(images=10, stored_months=1, sizes=3)).kept == 30


def test_larger_widths_make_larger_files_that_take_longer(config: Config) -> None:
    small, large = (
        any_size(replace(config, delivery=Delivery(widths=widths)), MONTH)
        for widths in ((64, 320), (1_280, 2_560))
    )

    assert small.bytes < large.bytes
    assert small.render_ms < large.render_ms


def test_the_edge_runs_twice_for_a_view_of_any_size_and_once_for_others(config: Config) -> None:
    def runs(share: float) -> float:
        lines = bill(config, Month(images=1_000, by_address=share), PriceRegion.VIRGINIA).lines
        (line,) = (one for one in lines if one.what == "functions at the edge")
        return line.quantity

    assert runs(0) == 120_000 + 3_000
    assert runs(0.25) == 120_000 + 30_000 + 3_000


def test_an_image_that_changes_costs_two_paths_beyond_what_is_free(config: Config) -> None:
    month = Month(images=1_000, purged=2_000)

    paid, free = (
        bill(config, month, PriceRegion.VIRGINIA, free_tier=free) for free in (False, True)
    )

    assert dollars(paid, "CloudFront", "invalidations") == pytest.approx(20)
    assert dollars(free, "CloudFront", "invalidations") == pytest.approx(15)
