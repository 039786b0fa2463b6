"""Log lines: what stands in them, and the metrics that CloudWatch reads out of them."""

from __future__ import annotations

import time

import jsonschema_rs
import pytest

from tests.functions.lines import Log, assert_embedded, assert_line
from tintype.functions.logging import METRICS, Level, Unit, report, report_crash


def test_a_line_has_its_facts_by_name_and_leaves_out_those_that_are_not_known(log: Log) -> None:
    report("api", "GET / 200", request_id="x", code=None, path="Straße\n2")

    assert log.line() == {
        "level": "INFO",
        "function": "api",
        "message": "GET / 200",
        "request_id": "x",
        "path": "Straße\n2",
    }


def test_metrics_stand_beside_the_facts_and_are_declared(log: Log) -> None:
    before = int(time.time() * 1000)

    report("process", "READY", metrics={"Ready": 1, "RenderMilliseconds": 12.5, "Failed": None})

    line = log.line()
    assert (line["Ready"], line["RenderMilliseconds"]) == (1, 12.5)
    assert "Failed" not in line
    embedded = line["_aws"]
    assert before <= embedded["Timestamp"] <= time.time() * 1000
    assert embedded["CloudWatchMetrics"] == [
        {
            "Namespace": "Tintype",
            "Dimensions": [["FunctionName"]],
            "Metrics": [
                {"Name": "Ready", "Unit": "Count"},
                {"Name": "RenderMilliseconds", "Unit": "Milliseconds"},
            ],
        }
    ]


def test_a_line_without_numbers_has_no_metrics(log: Log) -> None:
    report("process", "SWEPT", metrics={"Failed": None})

    assert "_aws" not in log.line()


def test_a_line_can_carry_every_metric_that_there_is() -> None:
    assert len(METRICS) <= 100  # of one directive, by the specification


def test_every_metric_s_unit_is_in_its_name() -> None:
    for name, unit in METRICS.items():
        assert (unit is Unit.MILLISECONDS) == name.endswith("Milliseconds")
        assert (unit is Unit.BYTES) == name.endswith("Bytes")


def test_a_crash_is_told_with_its_trace_on_one_line(log: Log) -> None:
    try:
        int("no number")
    except ValueError as error:
        report_crash("catalogue", error, metrics={"Errors": 1}, message_id="1")

    line = log.line(level=Level.ERROR)
    assert line["message"] == "ValueError: invalid literal for int() with base 10: 'no number'"
    assert line["trace"].endswith(f"{line['message']}\n")
    assert (line["message_id"], line["Errors"]) == ("1", 1)


@pytest.mark.parametrize(
    "written",
    [
        '{"level": "INFO", "function": "api", "message": "?X-Amz-Signature=1"}',
        '{"level": "LOUD", "function": "api", "message": ""}',
        '{"level": "INFO", "function": "api", "message": "", "Ready": 1}',
        '{"level": "INFO", "function": "api", "message": "", "_aws": {}}',
    ],
)
def test_a_line_that_must_not_be_written_would_be_seen(written: str) -> None:
    with pytest.raises(AssertionError):
        assert_line(written)


def test_metrics_that_cloudwatch_does_not_take_would_be_seen() -> None:
    directive = {"Namespace": "", "Dimensions": [["FunctionName"]], "Metrics": [{"Name": "Ready"}]}
    line = {"Ready": 1, "_aws": {"Timestamp": 1_795_255_200_000, "CloudWatchMetrics": [directive]}}

    with pytest.raises(jsonschema_rs.ValidationError):
        assert_embedded(line)
