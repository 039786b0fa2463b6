"""What the README says in figures and facts is what the project says of itself."""

from __future__ import annotations

import re
import tomllib

import pytest
from typer.testing import CliRunner

from tests.docs.markdown import ROOT, unwrapped
from tintype.cli.main import app

README = unwrapped(ROOT / "README.md")
DEPLOY = README.split("## Deploy it ")[1].split(" ## ")[0]


def said(pattern: str) -> tuple[int, ...]:
    """Return the numbers that the README gives, in its words."""
    found = re.search(pattern, README)
    assert found, pattern
    return tuple(int(one.replace(",", "")) for one in found.groups())


def months(*options: str) -> tuple[float, float, float]:
    """Return what `tintype cost` says of month 1, month 12, and a million stored."""
    done = CliRunner().invoke(app, ["cost", *options])
    assert done.exit_code == 0, done.output
    found = re.search(r"Per month +\$([\d,.]+) +\$([\d,.]+) +\$([\d,.]+)", done.output)
    assert found, done.output
    first, last, stored = (float(one.replace(",", "")) for one in found.groups())
    return first, last, stored


def test_small_use_costs_what_the_readme_says() -> None:
    about, free = said(
        r"A thousand new photographs a month cost about \$(\d+) a month, .*?; \$(\d+) with"
    )
    first, last, _ = months("--images", "1000")
    _, at_most, _ = months("--images", "1000", "--free-tier")

    assert first - 0.5 <= about <= last + 0.5
    assert round(at_most) == free


def test_large_use_costs_what_the_readme_says() -> None:
    numbers = said(
        r"A million new photographs a month cost \[about \$([\d,]+) in the first and \$([\d,]+) in the twelfth\]"
        r".*?about \$([\d,]+) while a million are kept"
    )

    for figure, exact in zip(numbers, months("--images", "1000000"), strict=True):
        assert figure == pytest.approx(exact, rel=0.05)


def test_version_and_status_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (status,) = [one for one in project["classifiers"] if one.startswith("Development Status")]

    assert (
        f"**Status: {status.rpartition(' ')[2].lower()}, version {project['version']}.**" in README
    )


def test_who_deploys_is_told_who_can_use_it() -> None:
    assert "**People sign in**" in DEPLOY
    assert "`--public` deploys without sign-in" in DEPLOY


def test_download_is_what_make_up_says() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    told = re.search(
        r"downloads (about \d+ MB of Python packages and \d+ MB of npm packages)", makefile
    )

    assert told
    assert told[1] in README
