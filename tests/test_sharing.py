"""What the tests share is made once, and the folders that are named are there."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.sharing import LONG_AND_QUICK, LONGEST_FIRST, TOGETHER, made_once, next_unit, rank, unit

HERE = Path(__file__).parent
ROOT = HERE.parent


def test_of_two_workers_that_ask_one_makes_and_the_other_waits(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = list[Path]()
    tmp_path_factory.getbasetemp()  # which threads that ask at once would each make

    def make(folder: Path) -> None:
        folder.mkdir()
        time.sleep(0.2)
        (folder / "whole").touch()
        made.append(folder)

    with ThreadPoolExecutor(2) as workers:
        seen = list(
            workers.map(
                lambda _: (made_once(tmp_path_factory, "shared", make) / "whole").exists(), range(2)
            )
        )

    assert seen == [True, True]
    assert len(made) == 1


def test_what_could_not_be_made_is_tried_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    tries = list[Path]()

    def fail_once(folder: Path) -> None:
        tries.append(folder)
        if len(tries) == 1:
            message = "the first time"
            raise OSError(message)

    with pytest.raises(OSError, match="the first time"):
        made_once(tmp_path_factory, "failing", fail_once)
    made_once(tmp_path_factory, "failing", fail_once)

    assert len(tries) == 2


def test_a_second_run_of_make_test_has_what_the_first_one_made(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTS_MADE", str(tmp_path))
    first = made_once(tmp_path_factory, "kept", Path.mkdir)

    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw1")  # no matter where a run keeps its own
    second = made_once(tmp_path_factory, "kept", lambda _: pytest.fail("made again"))

    assert first == second == tmp_path / "kept"


@pytest.mark.parametrize("folder", [*(f"tests/{name}/" for name in LONGEST_FIRST), *TOGETHER])
def test_folders_that_are_named_are_there(folder: str) -> None:
    assert list((ROOT / folder).glob("test_*.py"))


def test_quick_tests_are_all_but_those_that_take_long() -> None:
    said = re.search(r"^QUICK := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert said
    quick = {path for pattern in said[1].split() for path in ROOT.glob(pattern)}
    files = [path for path in HERE.rglob("test_*.py") if rank(path) >= len(LONGEST_FIRST)]

    assert not [path for path in quick if rank(path) < len(LONGEST_FIRST)]
    assert not [path for path in files if not quick & {path, *path.parents}]


def test_files_of_a_shared_stack_stay_together_and_others_do_not() -> None:
    files = [path.relative_to(ROOT).as_posix() for path in HERE.rglob("test_*.py")]
    units = {unit(file) for file in files}

    assert set(TOGETHER) <= units
    assert len(units) == len(TOGETHER) + sum(not file.startswith(TOGETHER) for file in files)


def test_what_starts_stacks_comes_before_what_takes_no_time() -> None:
    turns = [rank(HERE / "web/test_live.py"), rank(HERE / "cloud/test_chaos.py")]
    last = [rank(HERE / "test_keys.py"), rank(ROOT / "src/tintype/keys.py")]

    assert turns == [0, 1]
    assert last == [len(LONGEST_FIRST) + len(LONG_AND_QUICK)] * 2


def test_one_of_four_workers_computes_while_the_others_wait_and_none_is_idle() -> None:
    waits, computes = "tests/cloud/test_chaos.py", "tests/imaging/test_safe.py"

    for queue in ([waits, computes], [computes, waits]):
        assert [next_unit(queue, worker) for worker in range(4)] == [waits] * 3 + [computes]
    assert {next_unit([waits], worker) for worker in range(4)} == {waits}
    assert {next_unit([computes], worker) for worker in range(4)} == {computes}


@pytest.mark.parametrize("name", LONG_AND_QUICK)
def test_what_begins_early_is_there(name: str) -> None:
    assert (HERE / name).exists()
