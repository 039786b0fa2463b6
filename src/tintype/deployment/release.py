"""The release to deploy: an existing one, or one built from this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tintype import sources
from tintype.deployment.errors import NoCheckoutError, ReleaseNotMadeError, ReleaseUnreadableError
from tintype.node import node_folder
from tintype.releases import Release, ReleaseError, read_release

SHOWN_LINES = 30


def checkout() -> Path:
    """Return the folder with the sources of a release: the checkout, or the wheel's copy.

    Raises:
        NoCheckoutError: Tintype is installed without them.
    """
    root = sources.project()
    if root is None:
        message = (
            "building a release takes a checkout of Tintype, or the wheel of its `make dist`; "
            "pass --release DIR to deploy an existing one"
        )
        raise NoCheckoutError(message)
    return root


def make_release(root: Path, config: Path, settings: Mapping[str, str]) -> Release:
    """Build the release of the sources at *root*, in a checkout's `dist/release`, and return it.

    *settings* replace those of [service] in *config*.

    Raises:
        ReleaseNotMadeError: a package or the page cannot be built.
    """
    out = sources.release_folder()
    arguments = ["--config", str(config.resolve())]
    for name, value in settings.items():
        arguments += ["--set", f"{name}={value}"]
    write_release(root, out, *arguments)
    return open_release(out, whole=False)  # it was written a moment ago


def write_release(root: Path, out: Path, *arguments: str) -> None:
    """Run `python -m tintype_infra.release` in a separate process: CDK takes seconds to load.

    Raises:
        ReleaseNotMadeError: it fails; the message has the last lines of its output.
    """
    command = [sys.executable, "-m", "tintype_infra.release", "--out", str(out), *arguments]
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
        message = f"the release could not be built (exit code {done.returncode}):\n{shown}"
        raise ReleaseNotMadeError(message)


def open_release(folder: Path, *, whole: bool = True) -> Release:
    """Return the release in *folder*; with *whole*, every file is compared with its checksum.

    Raises:
        ReleaseUnreadableError: it is not a release, or is damaged.
    """
    try:
        release = read_release(folder)
        if whole:
            release.check()
    except ReleaseError as error:
        raise ReleaseUnreadableError(str(error)) from error
    return release
