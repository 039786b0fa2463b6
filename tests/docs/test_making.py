"""What makes the pages: its examples hold."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import docs.making

MODULES = [f"docs.making.{module.name}" for module in pkgutil.iter_modules(docs.making.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_its_documentation_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
