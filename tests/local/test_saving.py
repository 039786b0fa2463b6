"""The emulator's state is saved a moment after it changed, and what is in the journal not much later."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tintype.local.ministack import saving
from tintype.local.ministack.journal import Journal
from tintype.local.ministack.saving import AT_DEPLOYMENT, JOURNALED, Saver

INTERVAL_SECONDS = 0.02
JOURNAL_SECONDS = 10 * INTERVAL_SECONDS
TIMEOUT_SECONDS = 20.0


class NotedSaver(Saver):
    """Notes what is left out of each saving, and saves by removing the journal's files."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Journal(folder))
        self.folder = folder
        self.left_out: list[frozenset[str]] = []

    def _save(self, left_out: frozenset[str]) -> None:
        self.left_out.append(left_out)
        if not left_out & JOURNALED:
            for path in self.folder.glob("journal.*"):
                path.unlink()


@pytest.fixture
def saver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NotedSaver:
    monkeypatch.setattr(saving, "SAVE_SECONDS", INTERVAL_SECONDS)
    monkeypatch.setattr(saving, "JOURNALED_SECONDS", JOURNAL_SECONDS)
    return NotedSaver(tmp_path)


def test_journal_is_saved_after_the_last_of_many_requests(saver: NotedSaver) -> None:
    journal = saver.folder / "journal.1.jsonl"
    journal.touch()

    saver.start()
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while journal.exists() and time.monotonic() < deadline:
        time.sleep(INTERVAL_SECONDS)
    saver.stop()

    assert saver.left_out == [AT_DEPLOYMENT]


def test_nothing_is_saved_where_nothing_changed(saver: NotedSaver) -> None:
    saver.start()
    time.sleep(5 * JOURNAL_SECONDS)
    saver.stop()

    assert saver.left_out == []
