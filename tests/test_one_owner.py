"""One owner for a name."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[1] / "src"


def public_names(package: str, *kinds: type[ast.AST]) -> Iterator[tuple[str, str]]:
    """Yield the public classes or functions of a package's modules, each with its module's path."""
    for path in sorted((SOURCES / package).rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, kinds):
                name = getattr(node, "name", "_")
                if not name.startswith("_"):
                    yield name, str(path.relative_to(SOURCES))


@pytest.mark.parametrize("package", ["tintype", "tintype_infra"])
def test_a_class_has_a_name_of_its_own(package: str) -> None:
    owners: dict[str, list[str]] = defaultdict(list)
    for name, path in public_names(package, ast.ClassDef):
        owners[name].append(path)

    assert {name: paths for name, paths in owners.items() if len(paths) > 1} == {}
