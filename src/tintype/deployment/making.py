"""The release that is deployed: one that is there, or one made from the checkout that runs this."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tintype import sources
from tintype.deployment.errors import NoCheckoutError, ReleaseNotMadeError, ReleaseUnreadableError
from tintype.nodes import node_folder
from tintype.releases import Release, ReleaseError, read_release

SHOWN_LINES = 30


def checkout() -> Path:
    """Return the folder of what a release is made of: a checkout's, or the wheel's part of it.

    Raises:
        NoCheckoutError: Tintype is installed without it.
    """
    root = sources.project()
    if root is None:
        message = (
            "a release is made from a checkout of Tintype, or from the wheel of its `make dist`; "
            "give one that is made: --release DIR"
        )
        raise NoCheckoutError(message)
    return root


def make_release(root: Path, config: Path, settings: Mapping[str, str]) -> Release:
    """Write the release of what is at *root* anew, to a checkout's `dist/release`, and return it.

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
    """Run `python -m tintype_infra.release` in a process of its own: CDK takes seconds to load.

    Raises:
        ReleaseNotMadeError: it fails; the message has the last lines of what it says.
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
        message = f"the release could not be made (exit {done.returncode}):\n{shown}"
        raise ReleaseNotMadeError(message)


def open_release(folder: Path, *, whole: bool = True) -> Release:
    """Return the release in *folder*; with *whole*, every file is as its checksum says.

    Raises:
        ReleaseUnreadableError: it is not.
    """
    try:
        release = read_release(folder)
        if whole:
            release.check()
    except ReleaseError as error:
        raise ReleaseUnreadableError(str(error)) from error
    return release
