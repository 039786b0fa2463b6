"""Running `deploy.sh` of a release folder as a person does, with the AWS CLI and nothing else of ours."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.account import Account
from tests.deploy.tools import ROOT, aws_folder

SCRIPT = ROOT / "src" / "tintype_infra" / "deploy.sh"
MINUTES = 5 * 60.0
SITE = (
    "main-ABCDEFGH.js\ttext/javascript; charset=utf-8\tpublic, max-age=31536000, immutable\n"
    "index.html\ttext/html; charset=utf-8\tno-cache\n"
)


@dataclass
class Running:
    """A run that goes on."""

    child: subprocess.Popen[str]

    def until(self, pattern: str) -> None:
        """Wait for a line in which *pattern* is found."""
        assert self.child.stdout is not None
        said = ""
        for line in self.child.stdout:
            said += line
            if re.search(pattern, line):
                return
        pytest.fail(f"it ended without {pattern!r}:\n{said}")

    def press_ctrl_c(self) -> None:
        """Interrupt it and whatever it started, as a terminal does."""
        os.killpg(self.child.pid, signal.SIGINT)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let it do nothing meanwhile."""
        os.killpg(self.child.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.child.pid, signal.SIGCONT)

    def end(self, *, code: int = 0) -> str:
        """Wait for its end, check how it ends, and return what it has said since."""
        said = self.child.communicate(timeout=MINUTES)[0]
        assert self.child.returncode == code, said
        return said


@dataclass
class Script:
    """The script in a release folder, and the account that it works on."""

    release: Path
    account: Account
    public: bool = True

    def __call__(self, *arguments: str, code: int = 0, **environment: str) -> str:
        """Run it where nobody can be asked, check how it ends, and return what it says."""
        done = subprocess.run(  # noqa: S603 - our own script
            self.command(*arguments),
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=MINUTES,
            check=False,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    @contextmanager
    def running(self, *arguments: str) -> Iterator[Running]:
        """Start it as a terminal does, and end it if it still runs at the end."""
        child = subprocess.Popen(  # noqa: S603 - our own script
            ["/usr/bin/env", "--default-signal=INT", *self.command(*arguments)],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        with child:
            try:
                yield Running(child)
            finally:
                if child.poll() is None:
                    os.killpg(child.pid, signal.SIGKILL)

    def command(self, *arguments: str) -> Sequence[str]:
        """Return the command of a run; each but one that is to be refused confirms that it is public."""
        deploys = not arguments or arguments[0] == "deploy" or arguments[0].startswith("--stack")
        public = ["--public"] if deploys and self.public else []
        return [str(self.release / "deploy.sh"), *public, *arguments]

    def environment(self, **more: str) -> Mapping[str, str]:
        """Return the environment of a run, in which SIGINT has its usual meaning."""
        path = os.pathsep.join([str(aws_folder()), os.environ.get("PATH", os.defpath)])
        return self.account.environment(**{"PATH": path, **more})

    def outputs(self, stack: str) -> dict[str, str]:
        """Return the stack's outputs as the script tells them."""
        lines = self("outputs", "--stack", stack).splitlines()
        return dict(line.split("\t", 1) for line in lines)


def script_options() -> set[str]:
    """Return the options that the script's `case` takes."""
    labels = re.findall(r"(?m)^ +(--[a-z][a-z |-]*)\)", SCRIPT.read_text("utf-8"))
    return {option for label in labels for option in re.findall(r"--[a-z-]+", label)}


def small_release(
    folder: Path,
    template: Mapping[str, object],
    *,
    version: str = "1.0.0",
    name: str = "tintype",
    page: bool = True,
) -> Path:
    """Write a release folder with *template*, one package and a page of two files, or without one.

    What the script does around a template does not depend on ours, which takes longer to deploy.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "packages").mkdir(parents=True)
    shutil.copy(SCRIPT, folder)
    package = f"package of {version}".encode()
    (folder / "packages" / f"{hashlib.sha256(package).hexdigest()[:32]}.zip").write_bytes(package)
    if page:
        (folder / "site").mkdir()
        (folder / "site" / "index.html").write_text("<title>index</title>")
        (folder / "site" / "main-ABCDEFGH.js").write_text("// main")
    (folder / "site.tsv").write_text(SITE if page else "")
    (folder / f"{name}.template.json").write_text(json.dumps(template, indent=1))
    facts = {
        "version": version,
        "name": name,
        "template": f"{name}.template.json",
        "settings": {"keep_data": True},
        "maxBytes": 1000,
    }
    (folder / "release.json").write_text(json.dumps(facts, indent=1))
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n"
        for path in paths
    ]
    (folder / "SHA256SUMS").write_text("".join(lines))
    return folder
