"""The machine and the versions: what the figures were measured with, so that others can be compared."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pyvips

from benchmarks.node import node, sharp_version

PACKAGES = ("pillow", "pyvips", "pyvips-binary", "pyjpegli", "ssimulacra2", "numpy")


def machine_line() -> str:
    """Return one line about the computer."""
    cores = os.cpu_count() or 1
    model = _cpu_model()
    return (
        f"{platform.system()}, {platform.machine()}, {cores} cores{f' ({model})' if model else ''}"
    )


def measured_line(part: str) -> str:
    """Return one line that says when and how a part was measured that is also measured alone."""
    today = datetime.now(UTC).date().isoformat()
    command = f"python -m benchmarks --only {part} --update"
    return f"Measured {today} by `{command}` on {machine_line()}."


def version_line() -> str:
    """Return one line with the version of everything that has a say."""
    libvips = ".".join(str(pyvips.version(part)) for part in range(3))
    packages = [f"{name} {version(name)}" for name in PACKAGES]
    ran = subprocess.run([node(), "--version"], capture_output=True, text=True, check=True)
    return ", ".join(
        (
            f"Python {platform.python_version()}",
            f"libvips {libvips}",
            *packages,
            f"sharp {sharp_version()}",
            f"Node {ran.stdout.strip().removeprefix('v')}",
        )
    )


def _cpu_model() -> str:
    """Return what the processor calls itself, where that can be read."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "")
