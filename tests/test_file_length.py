"""Code is read file by file: none that somebody wrote has more than 400 lines.

What is generated may be longer, and what has its reason below.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.names import ROOT, files

LIMIT = 400
SUFFIXES = {".html", ".js", ".mjs", ".py", ".scss", ".sh", ".tf", ".ts"}
GENERATED = re.compile(r"\.generated\.ts$|^settings\.tf$")
LONGER = {
    "tests/deploy/test_tintype_deploy.py": "all in one account: two files would start two emulators",
}


def too_long(root: Path, paths: Sequence[Path]) -> dict[str, int]:
    """Return how many lines those files of code among *paths* have that have too many."""
    code = [path for path in paths if path.suffix in SUFFIXES and not GENERATED.search(path.name)]
    lines = {
        path.relative_to(root).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in code
    }
    return {name: count for name, count in lines.items() if count > LIMIT}


def test_no_file_is_longer_than_can_be_read_at_once() -> None:
    assert too_long(ROOT, files()).keys() - LONGER == set()


def test_every_longer_file_is_still_longer() -> None:
    assert LONGER.keys() - too_long(ROOT, files()) == set()


@pytest.mark.parametrize(
    ("name", "lines", "found"),
    [
        ("a.py", LIMIT, False),
        ("a.py", LIMIT + 1, True),
        ("a.component.ts", LIMIT + 1, True),
        ("a.generated.ts", LIMIT + 1, False),
        ("a.md", LIMIT + 1, False),
    ],
)
def test_a_planted_line_too_many_is_found(
    tmp_path: Path, name: str, lines: int, *, found: bool
) -> None:
    path = tmp_path / name
    path.write_text("x\n" * lines, "utf-8")

    assert too_long(tmp_path, [path]) == ({name: lines} if found else {})
