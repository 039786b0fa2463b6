"""`tintype cost`: its table, its explanations, its document."""

from __future__ import annotations

import re

import pytest

from tests.cli.conftest import Tintype


def total(out: str) -> list[float]:
    (line,) = re.findall(r"(?m)^A month (.+)$", out)
    return [float(amount.replace(",", "")) for amount in re.findall(r"\$([\d,.]+)", line)]


def test_the_table_has_a_row_a_service_and_a_million_beside(tintype: Tintype) -> None:
    ended = tintype("cost", "--images", "50000")

    assert ended.code == 0
    first = ended.out.splitlines()[0]
    assert first.split() == ["Service", "50,000", "images", "1,000,000", "images"]
    for service in ("Lambda", "S3", "SQS", "DynamoDB", "AppSync", "CloudFront", "CloudWatch"):
        assert re.search(rf"(?m)^{service} .*\$", ended.out), service
    fifty_thousand, million = total(ended.out)
    assert fifty_thousand < million
    assert "not confirmed" in ended.err


def test_a_million_is_not_compared_with_itself(tintype: Tintype) -> None:
    assert len(total(tintype("cost", "--images", "1000000").out)) == 1


def test_explained_every_position_says_how_it_comes_about(tintype: Tintype) -> None:
    ended = tintype("cost", "--explain", "--region", "eu-central-1")

    assert "10,000 images × 3 requests" in ended.out
    assert "$0.0000133334 / GB-seconds" in ended.out
    assert "Not confirmed:" in ended.err
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
    (seconds,) = (one for one in document["lines"] if one["what"] == "develop function")
    assert seconds["price"] == 0.0000133334
    assert document["notConfirmed"]


def test_what_is_free_makes_it_cheaper(tintype: Tintype) -> None:
    paid, free = (
        tintype("cost", "--json", *more).document["total"] for more in ([], ["--free-tier"])
    )

    assert 0 < free < paid


def test_a_measured_time_of_one_s_own_is_taken(tintype: Tintype) -> None:
    assert tintype("cost", "--json", "--develop-ms", "900").document["developMs"] == 900.0


@pytest.mark.parametrize(
    "wrong", [["--images", "0"], ["--region", "moon"], ["--cached", "2"], ["--config", "gone.toml"]]
)
def test_what_makes_no_sense_is_refused(tintype: Tintype, wrong: list[str]) -> None:
    assert tintype("cost", *wrong).code == 2
