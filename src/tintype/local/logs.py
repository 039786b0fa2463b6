"""What the functions log, as one readable stream.

A function writes JSON lines; whatever else it says is shown as it is.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from tintype.local.isolation import LineSink
from tintype.printable import printable

NAME_WIDTH = 9
# Shown in their own way, or of no interest in a terminal.
APART = frozenset(
    {"level", "function", "message", "image_id", "filename", "ms", "trace", "request_id", "version"}
)
FUNCTION_OUTPUTS = {
    "ApiFunction": "api",
    "DevelopFunction": "develop",
    "CatalogueFunction": "catalogue",
}


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line for a person; *level* is INFO, WARNING or ERROR."""

    time: datetime
    function: str
    text: str
    level: str = "INFO"

    def __str__(self) -> str:
        """Return the line as it is printed, without colours."""
        return f"{self.time:%H:%M:%S} {self.function:<{NAME_WIDTH}} {self.text}"


def read_line(function: str, line: str, time: datetime) -> LogLine:
    """Return what a function's line says.

    >>> ready = '{"level": "INFO", "function": "develop", "message": "READY", "image_id": "01JD", '
    >>> ready += '"filename": "photo.jpg", "Renditions": 5, "ms": {"read": 5.1, "render": 306.9}}'
    >>> print(read_line("tintype-Develop-1A2B", ready, datetime(2026, 11, 21, 12, 1, 33)))
    12:01:33 develop   READY 01JD photo.jpg 5 renditions 312 ms
    """
    facts = _facts(line)
    if facts is None:
        return LogLine(time, function, _lines(line))
    name = printable(str(facts.get("function", function)))
    words = " ".join(map(printable, _words(facts)))
    trace = f"\n{_lines(str(facts['trace']))}".rstrip() if facts.get("trace") else ""
    return LogLine(time, name, words + trace, str(facts.get("level", "INFO")))


def _lines(text: str) -> str:
    """Return a text of several lines so that a terminal can print it."""
    return "\n".join(map(printable, text.expandtabs().splitlines()))


def _facts(line: str) -> Mapping[str, object] | None:
    try:
        facts = json.loads(line)
    except ValueError:
        return None
    return facts if isinstance(facts, dict) and "message" in facts else None


def _words(facts: Mapping[str, object]) -> Iterator[str]:
    for name in ("message", "image_id", "filename"):
        if facts.get(name):
            yield str(facts[name])
    for name, value in facts.items():
        # Names with a capital are metrics; of these, one is news.
        if name == "Renditions":
            yield f"{value} rendition{'' if value == 1 else 's'}"
        elif name not in APART and not name[:1].isupper() and not name.startswith("_"):
            yield str(value) if name == "status" else f"{name}={value}"
    milliseconds = _milliseconds(facts)
    if milliseconds is not None:
        yield f"{milliseconds:.0f} ms"


def _milliseconds(facts: Mapping[str, object]) -> float | None:
    """Return how long it took; the time in the queue is not work."""
    spent = facts.get("ms", facts.get("RequestMilliseconds"))
    if isinstance(spent, dict):
        stages = [spent[name] for name in spent if name != "wait"]
        return sum(stage for stage in stages if isinstance(stage, int | float))
    return float(spent) if isinstance(spent, int | float) else None


def short_names(outputs: Mapping[str, str]) -> dict[str, str]:
    """Return the functions' short names by those of the deployed functions."""
    return {outputs[output]: name for output, name in FUNCTION_OUTPUTS.items() if output in outputs}


class _LambdaTrouble(logging.Handler):
    """What MiniStack has to say of a function that cannot be started, or that was killed."""

    def __init__(self, sink: LineSink) -> None:
        super().__init__(logging.WARNING)
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        self._sink("emulator", record.getMessage())


@contextlib.contextmanager
def lambda_trouble(sink: LineSink) -> Iterator[None]:
    """Give *sink* the emulator's warnings about functions while the block lasts."""
    handler = _LambdaTrouble(sink)
    logger = logging.getLogger("lambda")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
