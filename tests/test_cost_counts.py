"""What the bill counts of an image is what the event path does for it, and what functions report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.event_path import PRESETS as SMALL
from tests.event_path import Cloud, original
from tests.images_table import MemoryTable
from tests.simulation import MemoryAnnouncements, MemoryBucket, MemoryQueue
from tests.world import Odds
from tintype.costs import bill as cost
from tintype.functions.logging import METRICS

SOURCES = Path(__file__).parents[1] / "src"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count every call of a service while one image goes along the event path on a good day."""
    calls: Counter[str] = Counter()

    def count(kind: type, name: str, as_: str) -> None:
        done: Callable[..., Any] = getattr(kind, name)

        def counting(*arguments: Any, **named: Any) -> Any:
            calls[as_] += 1
            return done(*arguments, **named)

        monkeypatch.setattr(kind, name, counting)

    count(MemoryBucket, "put", "puts")
    count(MemoryBucket, "versions", "puts")  # S3 has one price for both
    count(MemoryBucket, "get", "gets")
    count(MemoryQueue, "put", "messages")
    count(MemoryTable, "_put", "writes")
    count(MemoryAnnouncements, "execute", "announcements")
    cloud = Cloud(seed=2, odds=Odds())
    cloud.upload("originals/01M7XPE600ABCDEFGHJKMNPQRS/a.png", original(1))
    cloud.run()
    return calls


def test_the_counts_are_those_of_the_event_path(counted: Counter[str]) -> None:
    files = sum(len(preset.formats) for preset in SMALL)

    assert counted["puts"] == files + cost.PUTS_BESIDES
    assert counted["gets"] == cost.GETS
    assert counted["messages"] == cost.PROCESS_MESSAGES + cost.CATALOGUE_MESSAGES
    assert counted["writes"] == len(cost.RECORDS_WRITTEN)  # the ticket's is the api function's
    assert counted["announcements"] == cost.ANNOUNCEMENTS


def test_the_metrics_are_those_that_the_functions_report() -> None:
    assert {name for names in cost.METRICS_OF.values() for name in names} == set(METRICS)

    for function, names in cost.METRICS_OF.items():
        source = (SOURCES / "tintype" / "functions" / f"{function}.py").read_text("utf-8")
        shared = (SOURCES / "tintype" / "functions" / "batches.py").read_text("utf-8")
        for name in names:
            by_outcome = name in {"Ready", "Failed", "Deleted"} and "outcome.capitalize()" in source
            assert by_outcome or f'"{name}"' in source + shared, (function, name)
