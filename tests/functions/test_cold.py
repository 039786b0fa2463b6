"""Cold starts stay short: what the built packages load before their first request, and what it costs.

Ratios, not milliseconds, which are the machine's; `python -m benchmarks.cold` prints those.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import pytest

from benchmarks.cold import (
    BOTO3,
    ENVIRONMENT,
    INSTALLED,
    ISOLATED,
    STARTS,
    Start,
    cpu_ms,
    program,
)
from tintype.config import load, shipped
from tintype_infra.packages import Packages, Platform, build

RUNS = 5
# The bars are 160, 160 and 120 ms, where boto3 and three clients take 220 (and with pydantic 376).
MOST_OF_BOTO3 = {"api": 0.6, "process": 0.7, "catalogue": 0.5, "render": 0.7}

NOWHERE = {
    "asyncio",
    "boto3",
    "botocore",
    "httpx",
    "json",
    "multiprocessing",
    "numpy",
    "pydantic",
    "requests",
    "rich",
    "sqlite3",
    "subprocess",
    "tomllib",
    "typer",
    "typing_extensions",
    "urllib.request",
    "urllib3",
    "websockets",
    "xml",
    "yaml",
    "tintype.aws.sdk",
    "tintype.cli",
    "tintype.config",
    "tintype.functions.openapi",
    "tintype.local",
}
# Only the process and the render function have the engine, and some of it only for some originals.
ENGINE = {"PIL", "cffi", "_cffi_backend", "_libvips", "pi_heif", "pyjpegli", "pyvips"}
ENGINE |= {"concurrent", "logging", "tintype.imaging", "traceback"}
# What the formats are called, and what a manifest says of a face, without a pixel.
FACES = {"tintype.imaging", "tintype.imaging.face"}
FORMATS = FACES | {
    "tintype.imaging.errors",
    "tintype.imaging.format_facts",
    "tintype.imaging.formats",
    "tintype.imaging.refused_formats",
}
LATE = {"PIL", "pi_heif", "cffi"}
FORBIDDEN = {
    "api": NOWHERE | ENGINE - FORMATS,
    "process": NOWHERE | LATE,
    "catalogue": NOWHERE | ENGINE - FACES,
    "render": NOWHERE | LATE,
}


@cache
def packages() -> Packages:
    return build(load(shipped()), Platform.LOCAL)


def loaded(start: Start) -> set[str]:
    """Return what a fresh interpreter has loaded when all is ready."""
    code = f"{program(start, packages())}; print(*sys.modules)"
    done = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, *ISOLATED, "-c", code], env=ENVIRONMENT, capture_output=True, check=True
    )
    return set(done.stdout.decode().split())


@cache
def boto3_ms() -> float:
    return least_ms(BOTO3, INSTALLED)


def least_ms(code: str, flags: tuple[str, ...]) -> float:
    """Return the least CPU time over the least of a bare interpreter: what others take is no matter."""
    cpu_ms(code, flags)  # the disk, and bytecode that is not there yet
    rounds = [(cpu_ms(code, flags), cpu_ms("pass", flags)) for _ in range(RUNS)]
    return min(full for full, _ in rounds) - min(bare for _, bare in rounds)


@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.function)
def test_nothing_is_loaded_that_only_some_requests_need(start: Start) -> None:
    found = loaded(start)

    assert f"tintype.functions.{start.function}" in found
    assert found & FORBIDDEN[start.function] == set()


def test_the_api_knows_the_formats_without_the_engine() -> None:
    (start,) = (one for one in STARTS if one.function == "api")

    assert {name for name in loaded(start) if name.startswith("tintype.imaging")} == FORMATS


def test_the_process_function_has_its_engine_ready() -> None:
    (start,) = (one for one in STARTS if one.function == "process")

    assert {"pyvips", "_libvips", "tintype.imaging.render"} <= loaded(start)


@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.function)
def test_a_function_is_ready_before_boto3_has_its_clients(start: Start) -> None:
    ours = least_ms(program(start, packages()), ISOLATED)

    assert ours < boto3_ms() * MOST_OF_BOTO3[start.function], (ours, boto3_ms())
