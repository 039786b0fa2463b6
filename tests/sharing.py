"""What a run of the tests makes once: for all its workers, or for the files that stay with one of them."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

# Folders whose files share what takes long to set up: a stack, a browser, the built documentation.
TOGETHER: Final = ("tests/web/", "tests/upgrade/", "tests/docs/")
# Folders by the time of their longest files: the short ones come last, and fill the workers evenly.
LONGEST_FIRST: Final = ("web", "cloud", "upgrade", "deploy", "docs", "local", "infra", "functions")
# What `make quick` runs, and yet takes so long that no worker must be left alone with it.
LONG_AND_QUICK: Final = ("test_focus_path.py", "imaging")
# Folders whose tests wait for a stack most of the time, and leave the processor to others.
WAITING: Final = tuple(f"tests/{name}/" for name in LONGEST_FIRST[:6])
_TESTS: Final = Path(__file__).parent


class Schedule(LoadFileScheduling):
    """Keeps with one worker what `unit` says, and gives each what `next_unit` says."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(super()._split_scope(nodeid))

    def _assign_work_unit(self, node: WorkerController) -> None:
        chosen = next_unit(self.workqueue, self.nodes.index(node))
        self.workqueue.move_to_end(chosen, last=False)
        super()._assign_work_unit(node)


def next_unit(queue: Iterable[str], worker: int) -> str:
    """Return what a worker takes of *queue*: every fourth prefers tests that do not wait.

    Left to their order, all workers would first wait at once, and later compute at once.

    >>> [next_unit(["tests/web/", "tests/infra/test_bill.py"], worker) for worker in range(4)][2:]
    ['tests/web/', 'tests/infra/test_bill.py']
    """
    left = list(queue)
    computes = worker % 4 == 3
    return next((one for one in left if one.startswith(WAITING) is not computes), left[0])


def unit(file: str) -> str:
    """Return what stays with one worker: the *file* of a test, or its folder.

    >>> unit("tests/web/test_live.py"), unit("tests/cloud/test_chaos.py")
    ('tests/web/', 'tests/cloud/test_chaos.py')
    """
    return next((folder for folder in TOGETHER if file.startswith(folder)), file)


def rank(path: Path) -> int:
    """Return when the tests of the file *path* have their turn, the first with 0."""
    folder = path.relative_to(_TESTS).parts[0] if path.is_relative_to(_TESTS) else ""
    order = (*LONGEST_FIRST, *LONG_AND_QUICK)
    return order.index(folder) if folder in order else len(order)


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return the folder *name* of this run, which the first worker that asks for it makes.

    The others wait meanwhile. Nobody may change what is in it. *make* is given a folder that is not there yet;
    what it raises, its caller gets, and the next worker tries again.
    """
    place = factory.getbasetemp()
    if made := os.environ.get("TESTS_MADE"):  # by `make test`, for both of its runs
        place = Path(made)
    elif "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    folder = place / name
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (done := place / f"{name}.made").exists():
            shutil.rmtree(folder, ignore_errors=True)  # what a failure left
            make(folder)
            done.touch()
    return folder
