"""What `make up` says it downloads is what the lock file names, and it installs nothing for developers."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator

from tests.docs.markdown import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
UV = ROOT / ".tools" / "bin" / "uv"
FITS = re.compile(r"(?:cp311-cp311|abi3|py3-none|py2\.py3-none)-(?:\S*manylinux\S*x86_64|any)")
DEVELOPERS = {"mypy", "playwright", "pytest", "ruff", "schemathesis", "sphinx"}


def recipe(target: str) -> str:
    found = re.search(rf"^{target}:[^\n]*\n((?:\t[^\n]*\n)+)", MAKEFILE, re.MULTILINE)
    assert found, target
    return found[1]


def installed(target: str) -> Iterator[str]:
    """Yield the names of what the target installs, as uv's dry run in an empty place would."""
    flags = re.search(r"\$\(UV\) sync ([^&\n]+)", recipe(target))
    assert flags
    wanted = [flag for flag in flags[1].split() if flag != "--inexact"]
    shape = ["--no-emit-project", "--no-hashes", "--no-header", "--no-annotate"]
    listed = subprocess.check_output(  # noqa: S603 - the Makefile's uv
        [UV, "export", "--quiet", *wanted, *shape], cwd=ROOT, text=True
    )
    for line in listed.splitlines():
        if "sys_platform == 'win32'" not in line:
            yield re.split(r"[=\[ ;]", line, maxsplit=1)[0]


def megabytes(names: set[str]) -> float:
    """Add up what they are to download for Python 3.11 on Linux."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    total = 0
    for package in lock["package"]:
        if package["name"] in names:
            fitting = [one["size"] for one in package.get("wheels", ()) if FITS.search(one["url"])]
            total += min(fitting) if fitting else package["sdist"]["size"]
    return total / 1e6


def test_up_downloads_what_it_says() -> None:
    said = re.search(r"about (\d+) MB of Python packages", recipe("up"))
    assert said

    found = megabytes(set(installed("up")))
    assert abs(found - int(said[1])) < 0.1 * found, found


def test_running_and_deploying_install_nothing_for_developers() -> None:
    for target in ("up", "install", "deploy"):
        found = set(installed(target))
        assert "boto3" in found
        assert not found & DEVELOPERS


def test_what_is_installed_besides_stays() -> None:
    for target in ("up", "install", "deploy"):
        assert "--inexact" in recipe(target)
