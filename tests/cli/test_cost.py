"""`tintype cost`: its table, its explanations, its document."""

from __future__ import annotations

import re

import pytest

from tests.cli.conftest import Tintype
from tintype.config import shipped


def total(out: str) -> list[float]:
    (line,) = re.findall(r"(?m)^Per month (.+)$", out)
    return [float(amount.replace(",", "")) for amount in re.findall(r"\$([\d,.]+)", line)]


def test_the_table_has_the_first_month_the_twelfth_and_a_million_stored(tintype: Tintype) -> None:
    ended = tintype("cost", "--images", "50000")

    assert ended.code == 0
    first = ended.out.splitlines()[0]
    assert first.split() == ["Service", "Month", "1", "Month", "12", "1,000,000", "stored"]
    for service in ("Lambda", "S3", "SQS", "DynamoDB", "AppSync", "CloudFront", "CloudWatch"):
        assert re.search(rf"(?m)^{service} .*\$", ended.out), service
    one, twelve, stored = total(ended.out)
    assert one < twelve
    assert one < stored  # twenty times as many are stored
    assert "unconfirmed" in ended.err


def test_the_first_month_alone_is_shown_once(tintype: Tintype) -> None:
    assert len(total(tintype("cost", "--months", "1").out)) == 2


def test_the_months_of_the_document_are_those_of_their_own(tintype: Tintype) -> None:
    asked = tintype("cost", "--json", "--images", "1000000").document
    first = tintype("cost", "--json", "--images", "1000000", "--months", "1").document

    assert asked["firstMonth"]["total"] == first["total"]
    assert asked["millionStored"]["services"]["API Gateway"] == 0
    assert asked["millionStored"]["total"] < first["total"] < asked["total"]


def test_a_cheaper_plan_of_cloudfront_is_told(tintype: Tintype) -> None:
    million = ["cost", "--config", shipped(), "--images", "1000000"]
    said = " ".join(tintype(*million).out.split())
    document = tintype(*million, "--json").document

    assert "CloudFront's flat-rate plan Business would cost $200.00 instead of $" in said
    assert document["cloudfrontPlan"]["requests"] == 125_000_000
    assert (
        tintype("cost", "--json", "--images", "100", "--free-tier").document["cloudfrontPlan"]
        is None
    )


def test_explained_every_position_says_how_it_comes_about(tintype: Tintype) -> None:
    ended = tintype("cost", "--explain", "--region", "eu-central-1")

    assert "10,000 images × 3 requests" in ended.out
    assert "$0.0000133334 / GB-seconds" in ended.out
    assert "Unconfirmed:" in ended.err
    assert "https://aws.amazon.com/appsync/pricing/" in ended.err


def test_the_presets_are_those_of_the_folder_s_tintype_toml(tintype: Tintype) -> None:
    document = tintype("cost", "--json").document

    assert [(one["preset"], one["format"]) for one in document["renditions"]] == [
        ("thumb", "webp"),
        ("square", "jpeg"),
        ("square", "png"),
    ]


def test_the_document_adds_up_and_names_its_sources(tintype: Tintype) -> None:
    document = tintype("cost", "--json", "--images", "200000", "--size", "4.5").document

    assert (document["currency"], document["region"]) == ("USD", "us-east-1")
    assert document["month"]["originalBytes"] == 4_500_000
    sums = sum(line["usd"] for line in document["lines"])
    assert sums == pytest.approx(document["total"], abs=0.01)
    assert sum(document["services"].values()) == pytest.approx(document["total"], abs=0.01)
    assert all(line["source"].startswith("https://") for line in document["lines"])
    (seconds,) = (one for one in document["lines"] if one["what"] == "process function")
    assert seconds["price"] == 0.0000133334
    assert document["notConfirmed"]


def test_what_is_free_makes_it_cheaper(tintype: Tintype) -> None:
    paid, free = (
        tintype("cost", "--json", *more).document["total"] for more in ([], ["--free-tier"])
    )

    assert 0 < free < paid


def test_a_measured_time_of_one_s_own_is_taken(tintype: Tintype) -> None:
    assert tintype("cost", "--json", "--process-ms", "900").document["processMs"] == 900.0


@pytest.mark.parametrize(
    "wrong", [["--images", "0"], ["--region", "moon"], ["--cached", "2"], ["--config", "gone.toml"]]
)
def test_what_makes_no_sense_is_refused(tintype: Tintype, wrong: list[str]) -> None:
    assert tintype("cost", *wrong).code == 2
