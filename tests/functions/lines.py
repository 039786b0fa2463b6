"""What the functions write to their logs, and what every line of it must be.

The schema of embedded metrics is written after the CloudWatch User Guide ("Specification: Embedded
metric format"), with its limits.
"""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest

from tintype.functions.logging import METRICS

Line = dict[str, Any]
MOST_BYTES = 4096  # a line is for people; what is longer has something in it that belongs elsewhere

_UNITS = ("Count", "Milliseconds", "Bytes")  # those of CloudWatch that we use
EMBEDDED = {
    "type": "object",
    "required": ["Timestamp", "CloudWatchMetrics"],
    "properties": {
        "Timestamp": {"type": "integer", "minimum": 1_500_000_000_000},
        "CloudWatchMetrics": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["Namespace", "Dimensions", "Metrics"],
                "additionalProperties": False,
                "properties": {
                    "Namespace": {"type": "string", "minLength": 1, "maxLength": 1024},
                    "Dimensions": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "array",
                            "maxItems": 30,
                            "items": {"type": "string", "minLength": 1, "maxLength": 250},
                        },
                    },
                    "Metrics": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 100,
                        "items": {
                            "type": "object",
                            "required": ["Name"],
                            "additionalProperties": False,
                            "properties": {
                                "Name": {"type": "string", "minLength": 1, "maxLength": 1024},
                                "Unit": {"enum": list(_UNITS)},
                            },
                        },
                    },
                },
            },
        },
    },
}
_EMBEDDED = jsonschema_rs.validator_for(EMBEDDED)


class Log:
    """The lines of a test, in the order in which they were written."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self._written: list[str] = []
        self._forgotten = 0

    def written(self) -> list[str]:
        """Return every line until now."""
        self._written += self._capsys.readouterr().out.splitlines()
        return self._written

    def lines(self, **facts: object) -> list[Line]:
        """Return the lines that have these *facts* in them."""
        found: list[Line] = [json.loads(line) for line in self.written()[self._forgotten :]]
        return [line for line in found if facts.items() <= line.items()]

    def line(self, **facts: object) -> Line:
        """Return the one line that has these *facts* in it."""
        (found,) = self.lines(**facts)
        return found

    def forget(self) -> None:
        """Leave out of `lines` what has been written so far."""
        self._forgotten = len(self.written())


def assert_line(written: str) -> None:
    """Check what holds for every line: JSON, short, no secret, and metrics that CloudWatch takes."""
    line = json.loads(written)
    assert {"level", "function", "message"} <= line.keys()
    assert line["level"] in {"INFO", "WARNING", "ERROR"}
    assert "\n" not in written
    assert "X-Amz-" not in written, "a signed address"
    assert "trace" in line or len(written) <= MOST_BYTES
    counted = METRICS.keys() & line.keys()
    assert bool(counted) == ("_aws" in line)
    if counted:
        assert_embedded(line)


def assert_embedded(line: Line) -> None:
    """Check that CloudWatch finds every metric and every dimension that a line names."""
    _EMBEDDED.validate(line["_aws"])
    named = set()
    for directive in line["_aws"]["CloudWatchMetrics"]:
        for dimension in {name for names in directive["Dimensions"] for name in names}:
            assert isinstance(line[dimension], str)
            assert 1 <= len(line[dimension]) <= 1024
        for metric in directive["Metrics"]:
            assert isinstance(line[metric["Name"]], int | float)
            assert not isinstance(line[metric["Name"]], bool)
            assert metric["Unit"] == METRICS[metric["Name"]]
            named.add(metric["Name"])
    assert named == METRICS.keys() & line.keys()
