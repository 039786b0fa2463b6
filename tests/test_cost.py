"""The bill: its arithmetic adds up, its prices say where they come from."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest

from tintype.config import Config, load, shipped
from tintype.config.domain import Domain
from tintype.costs import bill as cost
from tintype.costs import measured
from tintype.costs.bill import Bill, bill
from tintype.costs.forecast import (
    ONE_PROCESSOR_MIB,
    original_size,
    process_milliseconds,
    renditions,
)
from tintype.costs.months import Month
from tintype.costs.plans import PLANS, plan_for
from tintype.costs.prices import PRICES, Price, PriceRegion, Proof
from tintype.imaging import Encoding, Format, Preset

SOURCES = Path(__file__).parents[1] / "src"
MONTH = Month(images=100_000)


@pytest.fixture
def config() -> Config:
    return load(shipped())


def dollars(of: Bill, service: str, what: str) -> float:
    (line,) = (one for one in of.lines if (one.service, one.what) == (service, what))
    return line.usd


# The arithmetic


def test_everything_grows_with_the_images_but_what_stands_by(config: Config) -> None:
    one = bill(config, MONTH, PriceRegion.VIRGINIA)
    ten = bill(config, replace(MONTH, images=10 * MONTH.images), PriceRegion.VIRGINIA)
    standing = {
        ("AppSync", "connections"),
        ("CloudWatch", "metrics"),
        ("CloudWatch", "alarms"),
        ("CloudWatch", "dashboard"),
    }

    for small, large in zip(one.lines, ten.lines, strict=True):
        if (small.service, small.what) in standing:
            assert large.quantity == small.quantity
        elif (small.service, small.what) == ("SQS", "requests"):
            idle = cost.IDLE_RECEIVES
            assert large.quantity - idle == pytest.approx(10 * (small.quantity - idle))
        else:
            assert large.quantity == pytest.approx(10 * small.quantity)


def test_the_process_function_s_price_is_time_by_memory(config: Config) -> None:
    month = Month(images=1_000_000, process_ms=1_000)
    cold_ms = measured.COLD_SHARE.value * measured.COLD_MS["process"].value  # above one processor

    found = dollars(bill(config, month, PriceRegion.VIRGINIA), "Lambda", "process function")

    gigabytes = config.service.process_memory_mib / 1_024
    assert found == pytest.approx(1_000_000 * (1 + cold_ms / 1_000) * gigabytes * 0.0000133334)


def test_storage_is_originals_and_renditions_of_the_months_that_are_kept(config: Config) -> None:
    month = Month(images=1_000, original_bytes=4_000_000, stored_months=6)
    files = sum(file.bytes for file in renditions(config.presets, 4_000_000))

    found = bill(config, month, PriceRegion.FRANKFURT)

    originals = 6_000 * 4_000_000 / 2**30
    made = 6_000 * (files + measured.MANIFEST_BYTES.value) / 2**30
    assert dollars(found, "S3", "originals") == pytest.approx(originals * 0.0245)
    assert dollars(found, "S3", "renditions") == pytest.approx(made * 0.0245)


# Worked out by hand, apart from the code, for us-east-1: originals of 3 MB, 10 views of each stored.


@pytest.mark.parametrize(
    ("month", "usd"),
    [
        # 12,000,000 × 3,000,000 bytes ÷ 1,073,741,824 = 33,527.61 GB × $0.023
        (Month(images=1_000_000), 771.14),
        # 1,000,000 × 3,000,000 bytes ÷ 1,073,741,824 = 2,793.97 GB × $0.023
        (Month(images=1_000_000, stored_months=1), 64.26),
        (Month(images=0, stored_months=0, older=1_000_000), 64.26),
        (Month(images=10_000), 7.71),
    ],
)
def test_gigabytes_are_counted_as_aws_does(config: Config, month: Month, usd: float) -> None:
    found = bill(config, month, PriceRegion.VIRGINIA)

    assert dollars(found, "S3", "originals") == pytest.approx(usd, abs=0.005)


def cold(config: Config, class_: str, days: int = 90) -> Config:
    service = load(shipped(), service={"originals_class": class_, "originals_cold_days": days})
    return replace(config, service=service.service)


@pytest.mark.parametrize(
    ("class_", "lines"),
    [
        # 90 days are 2.9589 months of 30.4167 days: 9,041,096 of 12,000,000 have moved, which are
        # 25,260.53 GB; 2,958,904 have not: 8,267.08 GB × $0.023 = $190.14.
        (
            "STANDARD_IA",
            {
                "originals": 190.14,
                "originals in STANDARD_IA": 315.76,  # 25,260.53 GB × $0.0125
                "moves to STANDARD_IA": 10.00,  # 1,000,000 × $0.01 a thousand
            },
        ),
        (
            "GLACIER_IR",
            {
                "originals": 190.14,
                "originals in GLACIER_IR": 101.04,  # 25,260.53 GB × $0.004
                "moves to GLACIER_IR": 20.00,
            },
        ),
        # 30 days frequent: 986,301 originals, 2,755.69 GB × $0.023; 60 days infrequent: 5,511.39 GB ×
        # $0.0125; the others 16,993.45 GB × $0.004; 9,041,096 watched × $0.0025 a thousand.
        (
            "INTELLIGENT_TIERING",
            {
                "originals": 190.14,
                "originals in the frequent tier": 63.38,
                "originals in the infrequent tier": 68.89,
                "originals in the archive tier": 67.97,
                "moves to INTELLIGENT_TIERING": 10.00,
                "monitoring": 22.60,
            },
        ),
    ],
)
def test_old_originals_cost_what_their_class_costs(
    config: Config, class_: str, lines: dict[str, float]
) -> None:
    found = bill(cold(config, class_), Month(images=1_000_000), PriceRegion.VIRGINIA)

    made = {line.what: line.usd for line in found.lines if line.service == "S3"}
    assert {what: made[what] for what in lines} == pytest.approx(lines, abs=0.005)
    assert set(made) == {*lines, "renditions", "writes", "reads"}


def test_nothing_moves_before_its_time_or_if_it_is_small(config: Config) -> None:
    icy = cold(config, "GLACIER_IR")
    young = bill(icy, Month(images=1_000_000, stored_months=2), PriceRegion.VIRGINIA)
    small = bill(icy, Month(images=1_000, original_bytes=100_000), PriceRegion.VIRGINIA)

    assert dollars(young, "S3", "moves to GLACIER_IR") == 0
    assert not [line for line in (*young.lines, *small.lines) if "in GLACIER_IR" in line.what]


def test_what_is_stored_and_not_added_to_moves_no_more(config: Config) -> None:
    month = Month(images=0, stored_months=0, older=1_000_000)

    found = bill(cold(config, "GLACIER_IR"), month, PriceRegion.VIRGINIA)

    # 2,793.97 GB × $0.004
    assert dollars(found, "S3", "originals in GLACIER_IR") == pytest.approx(11.18, abs=0.005)
    assert dollars(found, "S3", "originals") == 0
    assert dollars(found, "S3", "moves to GLACIER_IR") == 0
    assert dollars(found, "Lambda", "process function") == 0


@pytest.mark.parametrize(
    ("requests", "gigabytes", "name"),
    [
        (1_000_000, 100, "Free"),
        (1_000_001, 1, "Pro"),
        (1, 101, "Pro"),
        (10_000_001, 1, "Business"),
        (125_000_000, 51_200, "Business"),
        (125_000_001, 1, "Premium"),
        (500_000_001, 1, None),
        (1, 51_201, None),
    ],
)
def test_the_plan_is_the_cheapest_that_is_enough(
    requests: float, gigabytes: float, name: str | None
) -> None:
    found = plan_for(requests, gigabytes)

    assert (found.name if found else None) == name


def test_a_plan_is_told_only_where_it_saves(config: Config) -> None:
    large = bill(config, Month(images=1_000_000), PriceRegion.VIRGINIA)  # 123,000,000 requests
    small = bill(config, Month(images=1_000), PriceRegion.VIRGINIA, free_tier=True)

    assert large.plan is not None
    assert (large.plan.name, large.plan.usd) == ("Business", 200)
    assert large.by_service()["CloudFront"] > large.plan.usd
    assert small.plan is None
    assert [one.usd for one in PLANS] == [0, 15, 200, 1_000]


def test_the_sum_is_that_of_the_services_and_of_the_lines(config: Config) -> None:
    found = bill(config, MONTH, PriceRegion.FRANKFURT)

    assert found.usd == pytest.approx(sum(found.by_service().values()))
    assert found.usd == pytest.approx(sum(line.usd for line in found.lines))
    assert all(line.usd >= 0 for line in found.lines)


def test_what_is_free_is_taken_off_once(config: Config) -> None:
    small = bill(config, Month(images=100), PriceRegion.VIRGINIA, free_tier=True)
    paid = bill(config, MONTH, PriceRegion.VIRGINIA)
    large = bill(config, MONTH, PriceRegion.VIRGINIA, free_tier=True)

    assert small.by_service()["Lambda"] == small.by_service()["CloudFront"] == 0
    gb_seconds = sum(line.free for line in large.lines if line.price.unit == "GB-seconds")
    assert gb_seconds <= 400_000
    assert large.usd < paid.usd
    assert all(line.free == 0 for line in paid.lines)


def test_large_quantities_are_cheaper_from_where_the_tier_begins() -> None:
    price = PRICES["cloudfront.transfer"][PriceRegion.VIRGINIA]

    assert price.cost(10_240) == pytest.approx(870.40)
    assert price.cost(10_241) - price.cost(10_240) == pytest.approx(0.080)
    assert price.cost(204_800) == pytest.approx(
        870.40 + 40_960 * 0.08 + 102_400 * 0.06 + 51_200 * 0.04
    )


def test_a_domain_with_a_zone_has_its_line(config: Config) -> None:
    named = replace(config, domain=Domain(name="images.example.com", hosted_zone="Z0123456789"))

    without, found = (bill(one, MONTH, PriceRegion.VIRGINIA) for one in (config, named))

    assert "Route 53" not in without.by_service()
    assert found.by_service()["Route 53"] == pytest.approx(0.50)


def test_people_who_sign_in_cost_what_cognito_says_beyond_what_is_free(config: Config) -> None:
    month = replace(MONTH, people=12_000)

    without, paid = (bill(config, one, PriceRegion.VIRGINIA) for one in (MONTH, month))
    free = bill(config, month, PriceRegion.VIRGINIA, free_tier=True)

    assert "Cognito" not in without.by_service()
    assert paid.by_service()["Cognito"] == pytest.approx(180)
    assert free.by_service()["Cognito"] == pytest.approx(30)


def test_the_readme_s_prices_are_those_of_the_arithmetic(config: Config) -> None:
    text = (SOURCES.parent / "README.md").read_text("utf-8")
    (said,) = re.findall(r"A million new\s+photographs a month .*?none are added", text, re.DOTALL)
    months = (
        Month(images=1_000_000, stored_months=1),
        Month(images=1_000_000),
        Month(images=0, stored_months=0, older=1_000_000),
    )

    made = [bill(config, month, PriceRegion.VIRGINIA).usd for month in months]

    assert [float(one.replace(",", "")) for one in re.findall(r"\$([\d,]+)", said)] == [
        float(f"{usd:.2g}") for usd in made
    ]


# What an original becomes


def test_a_larger_original_takes_longer_and_less_memory_too(config: Config) -> None:
    usual = process_milliseconds(config, 3_000_000)
    small = replace(config, service=replace(config.service, process_memory_mib=1_024))

    assert process_milliseconds(config, 6_000_000) > usual
    assert process_milliseconds(small, 3_000_000) > 2 * (usual - measured.OVERHEAD_MS.value)


def test_the_time_is_near_what_the_benchmark_has(config: Config) -> None:
    page = (SOURCES.parent / "docs" / "explanation" / "benchmarks.md").read_text("utf-8")
    part = page.partition("## The default presets")[2]
    (benchmark,) = re.findall(r"(?m)^\| Tintype +\| +(\d+) \|", part.partition("\n## ")[0])
    one_processor = replace(config.service, process_memory_mib=ONE_PROCESSOR_MIB)

    found = process_milliseconds(replace(config, service=one_processor), 2_904_433)

    rendering = (
        found - measured.OVERHEAD_MS.value
    )  # of originals of 2.9 MB, as those of the benchmark
    assert rendering == pytest.approx(float(benchmark), rel=0.35)


def test_a_rendition_is_never_larger_than_its_original() -> None:
    source = original_size(100_000)
    (file,) = renditions([Preset(name="wide", width=8_000)], 100_000)

    assert file.pixels == source.width * source.height


def test_only_the_first_format_of_auto_is_written_and_no_more_bytes_than_asked() -> None:
    formats = (Encoding(format=Format.AVIF, max_bytes=1_000), Encoding(format=Format.JPEG))
    auto = Preset(name="one", width=800, formats=formats, auto=True)

    (file,) = renditions([auto], 3_000_000)

    assert (file.format, file.bytes) == (Format.AVIF, 1_000)


# The prices


def every_price() -> list[tuple[str, PriceRegion, Price]]:
    return [(name, region, price) for name, by in PRICES.items() for region, price in by.items()]


@pytest.mark.parametrize(("name", "region", "price"), every_price())
def test_a_price_says_where_and_when_it_was_read(
    name: str, region: PriceRegion, price: Price
) -> None:
    assert price.source.startswith(("https://aws.amazon.com/", "https://pricing.us-east-1."))
    assert date(2025, 1, 1) < date.fromisoformat(price.seen) <= date(2026, 11, 30), name
    assert price.usd > 0
    starts = [start for start, _ in price.tiers]
    assert starts == sorted(starts)
    rates = [price.usd, *(usd for _, usd in price.tiers)]
    assert rates == sorted(rates, reverse=True)
    if price.proof is Proof.ASSUMED:
        assert region is not PriceRegion.VIRGINIA


def test_every_price_is_used_and_every_region_has_it(config: Config) -> None:
    named = replace(config, domain=Domain(name="images.example.com", hosted_zone="Z0123456789"))
    x86 = replace(named, service=load(shipped(), service={"architecture": "x86_64"}).service)
    colder = [cold(named, each) for each in ("STANDARD_IA", "GLACIER_IR", "INTELLIGENT_TIERING")]
    used = {
        id(line.price)
        for settings in (named, x86, *colder)
        for region in PriceRegion
        for line in bill(settings, replace(MONTH, people=1, sizes=1, purged=1), region).lines
    }

    assert all(set(by) == set(PriceRegion) for by in PRICES.values())
    assert {id(price) for _, _, price in every_price()} == used


def test_what_is_not_confirmed_is_told(config: Config) -> None:
    found = bill(config, MONTH, PriceRegion.FRANKFURT)

    told = "\n".join(found.unconfirmed)
    assert "AppSync, announcements: $4 for 1,000,000 operations is assumed" in told
    assert "from a secondary source" in told
    assert all(fact.source in told for fact in measured.ASSUMED)


def test_who_knows_better_is_not_told_of_our_assumptions(config: Config) -> None:
    ours, yours = (
        bill(config, replace(MONTH, process_ms=ms), PriceRegion.VIRGINIA) for ms in (None, 700.0)
    )

    assert len(yours.unconfirmed) == len(ours.unconfirmed) - 2


def test_every_measured_number_has_a_source_and_a_day() -> None:
    facts = [
        *(one for one in vars(measured).values() if isinstance(one, measured.Measurement)),
        *measured.COLD_MS.values(),
        *measured.LOG_BYTES.values(),
    ]

    assert len(facts) > len(fields(measured.Measurement))
    for fact in facts:
        assert fact.source
        assert date.fromisoformat(fact.day) <= date(2026, 11, 21)
