"""Synthesising the template in a process of its own, if anything that it depends on has changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tintype.config import load
from tintype.local.assembly import digest_of
from tintype.local.errors import SynthesisError
from tintype.local.state import State
from tintype.nodes import node_folder

RECORD = "synthesised.json"
SHOWN_LINES = 30
NOT_DEPLOYED = frozenset({"__pycache__", "cli", "local", "site"})


def project_root() -> Path:
    """Return the checkout's folder, which has the stack in it.

    Raises:
        SynthesisError: Tintype is installed without it.
    """
    root = Path(__file__).resolve().parents[3]
    if not (root / "src" / "tintype_infra" / "app.py").is_file():
        message = (
            f"{root} has no src/tintype_infra/app.py: the local cloud needs a checkout of Tintype"
        )
        raise SynthesisError(message)
    return root


def synthesise(state: State, config: Path | None) -> Path:
    """Return the folder with the synthesised template, made anew only if its inputs changed.

    Raises:
        SynthesisError: the template cannot be made; the message has the last lines of output.
    """
    root = project_root()
    settings = load(config)
    package = root / "src" / "tintype"
    sources = [path for path in sorted(package.iterdir()) if path.name not in NOT_DEPLOYED]
    inputs = [*sources, root / "src" / "tintype_infra", root / "uv.lock"]
    # The configuration as it was read has the watermarks' bytes in it.
    digest = digest_of(inputs, sys.version, repr(settings))
    known = state.read(RECORD).get("digest")
    if known != digest or not any(state.assembly.glob("*.template.json")):
        _run(root, state.assembly.resolve(), settings.path.resolve())
        state.write(RECORD, {"digest": digest})
    return state.assembly


def _run(root: Path, out: Path, config: Path) -> None:
    command = [sys.executable, "-m", "tintype_infra.app", "--out", str(out), "--platform", "local"]
    command += ["--config", str(config)]
    path = os.pathsep.join([str(node_folder()), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(  # noqa: S603 - our own program
        command,
        cwd=root,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        shown = "\n".join(done.stdout.splitlines()[-SHOWN_LINES:])
        message = f"the template could not be synthesised (exit {done.returncode}):\n{shown}"
        raise SynthesisError(message)
