"""What the bill counts of an image is what the event path does for it, and what functions report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.delivering import DeliveringCloud
from tests.event_path import PRESETS as SMALL
from tests.event_path import Cloud, original
from tests.images_table import MemoryTable
from tests.records import READY
from tests.simulation import MemoryAnnouncements, MemoryBucket, MemoryQueue
from tests.world import Odds
from tintype import keys
from tintype.access import Visibility
from tintype.costs import any_size
from tintype.costs import bill as cost
from tintype.functions.logging import METRICS
from tintype.images import cached_paths
from tintype.processing.deliver import DeliveryOutcome, deliver

SOURCES = Path(__file__).parents[1] / "src"


IMAGE, OBJECT = "01M7XPE600ABCDEFGHJKMNPQRS", "originals/01M7XPE600ABCDEFGHJKMNPQRS/a.png"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count every call of a service."""
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
    return calls


def test_the_counts_are_those_of_the_event_path(calls: Counter[str]) -> None:
    cloud = Cloud(seed=2, odds=Odds())
    cloud.upload(OBJECT, original(1))
    cloud.run()

    files = sum(len(preset.formats) for preset in SMALL)

    assert calls["puts"] == files + cost.PUTS_BESIDES
    assert calls["gets"] == cost.GETS
    assert calls["messages"] == cost.PROCESS_MESSAGES + cost.CATALOGUE_MESSAGES
    assert calls["writes"] == len(cost.RECORDS_WRITTEN)  # the ticket's is the api function's
    assert calls["announcements"] == cost.ANNOUNCEMENTS


def test_the_counts_of_any_size_are_those_of_its_delivery(calls: Counter[str]) -> None:
    cloud = DeliveringCloud(seed=2, odds=Odds())
    cloud.upload(OBJECT, original(1))
    cloud.run()
    calls.clear()

    key = keys.delivered_key(IMAGE, "w_4.png")
    made = deliver(cloud.delivery, key)

    assert made.outcome is DeliveryOutcome.RENDERED
    assert calls == {"puts": any_size.PUTS, "gets": any_size.GETS}
    assert len(keys.DELIVERED_TAGS) == any_size.TAGS


@pytest.mark.parametrize("owner", [None, "ann"])
def test_the_paths_are_those_that_are_purged(owner: str | None) -> None:
    visibility = Visibility.PRIVATE if owner else Visibility.PUBLIC

    paths = cached_paths(replace(READY, owner=owner, visibility=visibility))

    assert len(paths) == any_size.PATHS


def test_the_metrics_are_those_that_the_functions_report() -> None:
    assert {name for names in cost.METRICS_OF.values() for name in names} == set(METRICS)

    for function, names in cost.METRICS_OF.items():
        source = (SOURCES / "tintype" / "functions" / f"{function}.py").read_text("utf-8")
        shared = (SOURCES / "tintype" / "functions" / "batches.py").read_text("utf-8")
        for name in names:
            by_outcome = name in {"Ready", "Failed", "Deleted"} and "outcome.capitalize()" in source
            assert by_outcome or f'"{name}"' in source + shared, (function, name)
