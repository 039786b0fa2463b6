"""The engine stays small: what it imports, and what its dependencies weigh."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import distribution, requires
from importlib.util import find_spec

import pytest

MEBIBYTE = 1 << 20
MOST_INSTALLED_BYTES = 45 * MEBIBYTE
MAY_BE_MISSING = {"pyjpegli"}  # the engine works without it
OVERRIDDEN = {"fontpkg"}  # in pyproject.toml, so it is in no package of ours
# Each costs 15 ms or more at a cold start and is needed by some originals only.
LATE = ("PIL", "pi_heif", "numpy", "pydantic", "asyncio", "http", "typing_extensions")


def loaded(statement: str, modules: tuple[str, ...]) -> str:
    """Return which of *modules* a fresh interpreter has loaded after *statement*."""
    program = f"{statement}\nimport sys\nprint([name for name in {modules} if name in sys.modules])"
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)  # noqa: S603
    return output.stdout.decode().strip()


def test_importing_the_engine_imports_nothing_that_only_some_originals_need() -> None:
    assert loaded("from tintype.imaging import render_all", LATE) == "[]"


@pytest.mark.parametrize(
    "statement",
    ["import tintype.config", "from tintype.imaging import Preset, Limits, ImagingError"],
)
def test_talking_about_presets_does_not_load_libvips(statement: str) -> None:
    assert loaded(statement, ("pyvips", "_libvips", *LATE)) == "[]"


def test_the_engine_s_dependencies_fit_a_function_package() -> None:
    engine = [line for line in requires("tintype") or [] if line.endswith("extra == 'imaging'")]
    weights: dict[str, int] = {}

    missing = {name for name in MAY_BE_MISSING if find_spec(name) is None}
    waiting = [name for line in engine if (name := _name(line)) not in missing]
    while waiting:
        name = waiting.pop()
        if name not in {*weights, *OVERRIDDEN}:
            weights[name] = _installed_bytes(name)
            waiting += [_name(line) for line in requires(name) or [] if "extra ==" not in line]

    assert {"pyvips-binary", "pillow", "pi-heif", "cffi"} <= set(weights)
    assert sum(weights.values()) <= MOST_INSTALLED_BYTES, weights


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    return found[0].lower()


def _installed_bytes(name: str) -> int:
    """Return the bytes of the files that a package installs, without compiled Python."""
    files = [file.locate() for file in distribution(name).files or [] if file.suffix != ".pyc"]
    return sum(file.stat().st_size for file in files if file.is_file())  # type: ignore[attr-defined]
