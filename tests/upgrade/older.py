"""The older release: taken out of git's history, and made and deployed by its own code.

Start with `older_release`. It shares this checkout's `.tools`, in which packages and pages are called by
the digest of all that went into them: what a machine has built once is built for good.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.account import Account
from tests.deploy.tools import ROOT
from tintype_infra.packages import this_cpu

# The first state from which an update is promised: what was called develop is called process.
COMMIT = "58ee5f0f66f7336e71d42d9c8e3e3a44e5d41b3e"
_MINUTES = 10 * 60.0


class NoHistoryError(Exception):
    """The checkout does not have the older release."""


@dataclass(frozen=True)
class OlderRelease:
    """The older sources, `tree`, and the release folder that they made, `release`."""

    tree: Path
    release: Path

    def deploy(self, account: Account, *options: str) -> None:
        """Deploy it by its own `tintype deploy`."""
        tintype = Path(sys.executable).with_name("tintype")
        command = ("deploy", "--release", self.release, "--public", "--yes", "--json")
        _run(self.tree, account.environment(), tintype, *command, *options)


def older_release(folder: Path) -> OlderRelease:
    """Take the older release out of history, and make its release folder, in the folder *folder*.

    Raises:
        NoHistoryError: the checkout has no history, or not enough of it.
    """
    older = OlderRelease(folder / "tree", folder / "release")
    take_out(ROOT, older.tree)
    _share_what_is_built(older.tree)
    settings = ("--platform", "local", "--set", f"architecture={this_cpu().value}")
    _run(older.tree, os.environ, "-m", "tintype_infra.release", "--out", older.release, *settings)
    return older


def take_out(root: Path, tree: Path) -> None:
    """Write the files of the older commit to the folder *tree*, from the history of the checkout *root*.

    Raises:
        NoHistoryError: git does not know it.
    """
    git = shutil.which("git")
    if git is None:
        message = "the test of upgrades takes the older release out of git's history: install git"
        raise NoHistoryError(message)
    done = subprocess.run(  # noqa: S603 - our own arguments
        [git, "-C", str(root), "archive", "--format=tar", COMMIT],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        message = (
            f"the test of upgrades needs commit {COMMIT[:7]}, which this checkout's history does not have. "
            f"Fetch it: git fetch --unshallow\n(git said: {done.stderr.decode().strip()})"
        )
        raise NoHistoryError(message)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(tree, filter="data")


def _share_what_is_built(tree: Path) -> None:
    """Let the older sources use what this checkout has built, and npm's packages if they are the same."""
    (tree / ".tools").symlink_to(ROOT / ".tools")
    lock, modules = Path("web", "package-lock.json"), Path("web", "node_modules")
    if (ROOT / modules).is_dir() and (ROOT / lock).read_bytes() == (tree / lock).read_bytes():
        (tree / modules).symlink_to(ROOT / modules)


def _run(tree: Path, environment: Mapping[str, str], *arguments: str | Path) -> None:
    """Run Python with the sources in *tree* instead of ours."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, *map(str, arguments)],
        cwd=tree,
        env={**environment, "PYTHONPATH": str(tree / "src")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_MINUTES,
        check=False,
    )
    assert done.returncode == 0, done.stdout
