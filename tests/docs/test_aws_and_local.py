"""The page of differences between AWS and the local cloud names tests, and those tests are there."""

from __future__ import annotations

import ast
import re

import pytest

from tests.docs.markdown import ROOT

PAGE = ROOT / "docs" / "explanation" / "aws-and-local.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
ROW = re.compile(r"^\| (?!---|What AWS does).*\|$", re.MULTILINE)


def test_every_row_names_what_proves_it() -> None:
    rows = ROW.findall(PAGE.read_text("utf-8"))

    assert rows
    assert [row for row in rows if not NAMED.search(row.rsplit("|", 2)[1])] == []


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED.findall(PAGE.read_text("utf-8")))))
def test_named_test_is_there(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text("utf-8"))

    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    assert name in {each.name for each in tree.body if isinstance(each, functions)}


def test_index_leads_to_the_page() -> None:
    assert "(explanation/aws-and-local.md)" in (ROOT / "docs" / "index.md").read_text("utf-8")
