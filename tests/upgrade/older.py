"""The older release: taken out of git's history, built as it built itself, deployed by its own code.

Start with `older_release`. It is built once on a machine and kept below `.tools`, as nothing of it can change.
"""

from __future__ import annotations

import fcntl
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.deploy.account import Account
from tests.deploy.tools import ROOT
from tintype.nodes import node_folder

# The last state in which a CDK app was deployed: packages as CDK's assets, settings fixed in the template.
COMMIT = "42fa08f4c18eee9aa94a04851defbc4c39d8a260"
STACK = "tintype"
CACHE = ROOT / ".tools" / "upgrade"
MINUTES = 10 * 60.0

# Run by the present Python on the older sources: what `infra.app` does, then what `tintype up` does for its page.
_BUILD = """
import sys
from pathlib import Path
from infra.app import main
from tintype.site.building import build
tree, out = Path(sys.argv[1]), Path(sys.argv[2])
code = main(["--platform", "local", "--out", str(out / "assembly"), "--config", str(tree / "tintype.toml")])
build(tree).rename(out / "page")
sys.exit(code)
"""
# As the older `LocalCloud` deploys, but to an account's own addresses instead of this machine's.
_DEPLOY = """
import json, os, sys
from pathlib import Path
from tintype.aws import signing
from tintype.aws.account import Account
from tintype.aws.s3 import Bucket
from tintype.config import load
from tintype.local.assembly import read_assembly
from tintype.local.deploy import Deployer, deploy
from tintype.local.state import REGION, Credentials, State
from tintype.site.publishing import config, publish
built, work = Path(sys.argv[1]), Path(sys.argv[2])
endpoint, key = os.environ["AWS_ENDPOINT_URL"], os.environ["AWS_ACCESS_KEY_ID"]
secret = os.environ["AWS_SECRET_ACCESS_KEY"]
state = State(work)
state.prepare()
deployer = Deployer(endpoint, Credentials(key, secret), lambda step, detail=False: None)
outputs = deploy(deployer, read_assembly(built / "assembly"), state, {})
account = Account(REGION, endpoint, lambda: signing.Credentials(key, secret))
known = config(outputs, max_bytes=load(built / "tree" / "tintype.toml").limits.max_bytes)
publish(built / "page", Bucket(account, outputs["SiteBucket"]), known)
print(json.dumps(outputs))
"""


class NoHistoryError(Exception):
    """The checkout does not have the older release."""


@dataclass(frozen=True)
class OlderRelease:
    """A folder with the older sources, `tree`, and what was built of them: `assembly` and `page`."""

    folder: Path

    def deploy(self, account: Account, work: Path) -> Mapping[str, str]:
        """Deploy it as it deployed itself, its page included, and return the stack's outputs."""
        code = _run(self.folder / "tree", _DEPLOY, self.folder, work, **account.environment())
        outputs: dict[str, str] = json.loads(code.splitlines()[-1])
        return outputs

    def page(self) -> frozenset[str]:
        """Return the names of the page's files."""
        files = (self.folder / "page").rglob("*")
        root = self.folder / "page"
        return frozenset(path.relative_to(root).as_posix() for path in files if path.is_file())


def older_release(root: Path = ROOT, cache: Path = CACHE) -> OlderRelease:
    """Return the older release, built now if this machine has not built it before.

    Raises:
        NoHistoryError: the checkout at *root* has no history, or not enough of it.
    """
    # Bytecode in the packages is of one Python, and their binaries of one processor.
    folder = cache / f"{COMMIT[:12]}-{sys.implementation.cache_tag}-{os.uname().machine}"
    with _alone(cache):
        if not folder.is_dir():
            with TemporaryDirectory(prefix="building-", dir=cache) as place:
                work = Path(place) / "release"
                take_out(root, work / "tree")
                _share_node_modules(root, work / "tree")
                _run(work / "tree", _BUILD, work / "tree", work)
                _keep_what_is_deployed(work / "tree")
                work.rename(folder)
    return OlderRelease(folder)


def take_out(root: Path, tree: Path, commit: str = COMMIT) -> None:
    """Write the checkout's files of that *commit* to the folder *tree*.

    Raises:
        NoHistoryError: git does not know it.
    """
    git = shutil.which("git") or "git"
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            [git, "-C", str(root), "archive", "--format=tar", commit],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        message = "the test of upgrades takes the older release out of git's history: install git"
        raise NoHistoryError(message) from error
    if done.returncode:
        message = (
            f"the test of upgrades needs commit {commit[:7]}, which this checkout's history does not have. "
            f"Fetch it: git fetch --unshallow\n(git said: {done.stderr.decode().strip()})"
        )
        raise NoHistoryError(message)
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(tree, filter="data")


def _share_node_modules(root: Path, tree: Path) -> None:
    """Take this checkout's packages of the page if they are the same; else npm installs the older ones."""
    now, then = root / "web", tree / "web"
    installed = now / "node_modules" / ".installed"
    same = (now / "package-lock.json").read_bytes() == (then / "package-lock.json").read_bytes()
    if same and installed.is_file():
        (then / "node_modules").symlink_to(now / "node_modules")


def _keep_what_is_deployed(tree: Path) -> None:
    """Keep the sources of the older deployment alone: what they built is beside them."""
    for path in tree.iterdir():
        if path.name in {"src", "tintype.toml"}:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _run(tree: Path, program: str, *arguments: Path, **environment: str) -> str:
    """Run a *program* on the sources in *tree* instead of ours, and return what it prints."""
    path = [str(node_folder()), str(ROOT / ".tools" / "bin"), os.environ.get("PATH", os.defpath)]
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=tree,
        env={
            **(environment or os.environ),
            "PATH": os.pathsep.join(path),
            "PYTHONPATH": os.pathsep.join([str(tree / "src"), str(tree)]),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=MINUTES,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """Keep other processes from building the same meanwhile."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
