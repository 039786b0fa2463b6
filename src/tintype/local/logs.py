"""The functions' logs as one readable stream.

A function writes JSON lines; other output is shown unchanged.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from tintype.local.ministack.isolation import LineSink
from tintype.outputs import FUNCTION_OUTPUTS
from tintype.printable import printable

NAME_WIDTH = 9
# Shown separately, or not useful in a terminal.
APART = frozenset(
    {
        "level",
        "function",
        "message",
        "image_id",
        "filename",
        "ms",
        "trace",
        "trace_id",
        "request_id",
        "version",
    }
)


@dataclass(frozen=True, slots=True)
class LogLine:
    """A log line for people; *level* is INFO, WARNING or ERROR."""

    time: datetime
    function: str
    text: str
    level: str = "INFO"

    def __str__(self) -> str:
        """Return the line as printed, without colours."""
        return f"{self.time:%H:%M:%S} {self.function:<{NAME_WIDTH}} {self.text}"


def read_line(function: str, line: str, time: datetime) -> LogLine:
    """Parse a function's log line.

    >>> ready = '{"level": "INFO", "function": "process", "message": "READY", "image_id": "01JD", '
    >>> ready += '"filename": "photo.jpg", "Renditions": 5, "ms": {"read": 5.1, "render": 306.9}}'
    >>> print(read_line("tintype-Process-1A2B", ready, datetime(2026, 11, 21, 12, 1, 33)))
    12:01:33 process   READY 01JD photo.jpg 5 renditions 312 ms
    """
    facts = _facts(line)
    if facts is None:
        return LogLine(time, function, _lines(line))
    name = printable(str(facts.get("function", function)))
    words = " ".join(map(printable, _words(facts)))
    trace = f"\n{_lines(str(facts['trace']))}".rstrip() if facts.get("trace") else ""
    return LogLine(time, name, words + trace, str(facts.get("level", "INFO")))


def _lines(text: str) -> str:
    """Return multi-line text in a form safe for a terminal."""
    return "\n".join(map(printable, text.expandtabs().splitlines()))


def _facts(line: str) -> Mapping[str, object] | None:
    try:
        facts = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return facts if isinstance(facts, dict) and "message" in facts else None


def _words(facts: Mapping[str, object]) -> Iterator[str]:
    for name in ("message", "image_id", "filename"):
        if facts.get(name):
            yield str(facts[name])
    for name, value in facts.items():
        # Capitalised names are metrics, of which only one is shown.
        if name == "Renditions":
            yield f"{value} rendition{'' if value == 1 else 's'}"
        elif name not in APART and not name[:1].isupper() and not name.startswith("_"):
            yield str(value) if name == "status" else f"{name}={value}"
    milliseconds = _milliseconds(facts)
    if milliseconds is not None:
        yield f"{milliseconds:.0f} ms"


def _milliseconds(facts: Mapping[str, object]) -> float | None:
    """Return the duration without the time in the queue."""
    spent = facts.get("ms", facts.get("RequestMilliseconds"))
    if isinstance(spent, dict):
        stages = [spent[name] for name in spent if name != "wait"]
        return sum(stage for stage in stages if isinstance(stage, int | float))
    return float(spent) if isinstance(spent, int | float) else None


def short_names(outputs: Mapping[str, str]) -> dict[str, str]:
    """Return the functions' short names by their deployed names."""
    return {outputs[output]: name for name, output in FUNCTION_OUTPUTS.items() if output in outputs}


class _LambdaTrouble(logging.Handler):
    """Forwards MiniStack's warnings about functions that cannot be started or were killed."""

    def __init__(self, sink: LineSink) -> None:
        super().__init__(logging.WARNING)
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        self._sink("emulator", record.getMessage())


@contextlib.contextmanager
def lambda_trouble(sink: LineSink) -> Iterator[None]:
    """Pass the emulator's warnings about functions to *sink* during the block."""
    handler = _LambdaTrouble(sink)
    logger = logging.getLogger("lambda")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
