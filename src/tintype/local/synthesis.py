"""Build the release in a separate process, if any of its inputs has changed."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from tintype import sources
from tintype.config import load
from tintype.deployment.errors import NoCheckoutError, ReleaseNotMadeError
from tintype.deployment.release import checkout, write_release
from tintype.local.errors import SynthesisError
from tintype.local.state import StateFolder
from tintype.releases import MANIFEST

RECORD = "synthesised.json"
# Code that is in no package and not used for building. The template is built with `config`,
# `node.py`, `releases.py` and `sources.py`, which are in no package either.
UNUSED = frozenset(
    {
        "__pycache__",
        "cli",
        "client",
        "costs",
        "deployment",
        "doctor",
        "local",
        "maintenance",
        "site",
    }
)


def project_root() -> Path:
    """Return the folder with the inputs of a release.

    Raises:
        SynthesisError: Tintype is installed without it.
    """
    try:
        return checkout()
    except NoCheckoutError as error:
        message = "the local cloud needs a checkout of Tintype, or a wheel from `make dist`"
        raise SynthesisError(message) from error


def synthesise(state: StateFolder, config: Path | None) -> Path:
    """Return the release folder for this machine, rebuilt only if its inputs changed.

    It omits the page, which changes far more often than the rest.

    Raises:
        SynthesisError: the build failed; the message has the last lines of output.
    """
    root = project_root()
    settings = load(config)
    parts = [path for path in sorted(sources.PACKAGE.iterdir()) if path.name not in UNUSED]
    inputs = [*parts, sources.INFRA, root / "uv.lock"]
    # The parsed configuration contains the watermarks' bytes.
    digest = digest_of(inputs, sys.version, repr(settings))
    known = state.read(RECORD).get("digest")
    if known != digest or not (state.release / MANIFEST).is_file():
        arguments = ["--platform", "local", "--no-site", "--config", str(settings.path.resolve())]
        try:
            write_release(root, state.release.resolve(), *arguments)
        except ReleaseNotMadeError as error:
            raise SynthesisError(str(error)) from error
        state.write(RECORD, {"digest": digest})
    return state.release


def digest_of(paths: list[Path], *facts: str) -> str:
    """Return a hash of the files' names and contents (recursively for folders) and of *facts*."""
    digest = hashlib.sha256("\0".join(facts).encode())
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(f"\0{file}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
