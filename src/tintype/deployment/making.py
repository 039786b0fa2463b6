"""The release that is deployed: one that is there, or one made from the checkout that runs this."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tintype.deployment.errors import NoCheckoutError, ReleaseNotMadeError, ReleaseUnreadableError
from tintype.nodes import node_folder
from tintype.releases import Release, ReleaseError, read_release

SHOWN_LINES = 30
KEY_EXPIRES = "ApiKeyExpires"
_KEY_DAYS = 364  # AppSync takes 365 at most


def checkout() -> Path:
    """Return the checkout's folder, which has what a release is made of.

    Raises:
        NoCheckoutError: Tintype is installed without it.
    """
    root = Path(__file__).resolve().parents[3]
    if not (root / "src" / "tintype_infra" / "app.py").is_file():
        message = (
            "a release is made from a checkout of Tintype; give one that is made: --release DIR"
        )
        raise NoCheckoutError(message)
    return root


def make_release(root: Path, config: Path, settings: Mapping[str, str]) -> Release:
    """Write `dist/release` of the checkout at *root* anew, and return it.

    *settings* replace those of [service] in *config*.

    Raises:
        ReleaseNotMadeError: a package or the page cannot be built.
    """
    out = root / "dist" / "release"
    command = [sys.executable, "-m", "tintype_infra.release", "--out", str(out)]
    command += ["--config", str(config.resolve())]
    for name, value in settings.items():
        command += ["--set", f"{name}={value}"]
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
    return open_release(out, whole=False)  # it was written a moment ago


def open_release(folder: Path, *, whole: bool = True) -> Release:
    """Return the release in *folder*; with *whole*, every file is as its checksum says.

    Raises:
        ReleaseUnreadableError: it is not.
    """
    try:
        release = read_release(folder)
        if whole:
            release.check()
    except (OSError, ReleaseError) as error:
        raise ReleaseUnreadableError(str(error)) from error
    return release


def key_expiry(now: datetime) -> int:
    """Return when the GraphQL API's key is to end, in seconds since 1970: the same for a whole week.

    A release's own default ages with it.

    >>> key_expiry(datetime(2026, 11, 21, tzinfo=UTC)) == key_expiry(datetime(2026, 11, 16, tzinfo=UTC))
    True
    """
    monday = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday -= timedelta(days=monday.weekday())
    return int((monday + timedelta(days=_KEY_DAYS)).timestamp())
