"""Building the page: `web/` becomes a folder of static files, once for each state of its sources."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from tintype.nodes import node_folder, npm_script

KEPT = 4  # built pages: going back and forth between two states builds nothing
INSTALLED = ".installed"  # in node_modules: which package-lock.json it was made of
SHOWN_LINES = 30
_NOT_SOURCES = frozenset({"node_modules", "dist", ".angular"})


class SiteBuildError(Exception):
    """The page cannot be built; the message has the last lines that its tools printed."""


def build(root: Path, report: Callable[[str], None] = lambda _step: None) -> Path:
    """Return the folder with the built page of the checkout at *root*.

    Raises:
        SiteBuildError: its packages cannot be installed, or its sources do not compile.
    """
    web = root / "web"
    cache = root / ".tools" / "site"
    out = cache / _digest(web)
    page = out / "browser"  # where Angular puts what a browser needs
    if not (page / "index.html").is_file():
        _install(web, report)
        report("building the page")
        unfinished = out.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        tool = web / "node_modules" / "@angular" / "cli" / "bin" / "ng.js"
        _run(web, [str(tool), "build", "--output-path", str(unfinished)])
        shutil.rmtree(out, ignore_errors=True)
        unfinished.rename(out)
        _forget_old(cache)
    return page


def _install(web: Path, report: Callable[[str], None]) -> None:
    """Install what package-lock.json says, unless that was done."""
    lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    mark = web / "node_modules" / INSTALLED
    if not mark.is_file() or mark.read_text(encoding="ascii") != lock:
        report("installing the page's packages")
        # Not `ci`: it refuses a lock file without the binaries for systems that a registry lacks.
        # `--no-save` keeps to the lock file all the same, and leaves it as it is.
        _run(web, [str(npm_script()), "install", "--no-save", "--no-audit", "--no-fund"])
        mark.write_text(lock, encoding="ascii")


def run_script(root: Path, name: str, *, given: str = "") -> str:
    """Run a script of `web/package.json` with *given* on its standard input; return what it prints.

    Raises:
        SiteBuildError: it fails, or its packages cannot be installed.
    """
    web = root / "web"
    _install(web, lambda _step: None)
    return _run(web, [str(npm_script()), "run", "--silent", name], given)


def _run(web: Path, command: list[str], given: str = "") -> str:
    path = os.pathsep.join([str(node_folder()), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(  # noqa: S603 - npm and Angular, as package-lock.json pins them
        [str(node_folder() / "node"), *command],
        cwd=web,
        env={**os.environ, "PATH": path, "NG_CLI_ANALYTICS": "false"},
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        shown = "\n".join(done.stdout.splitlines()[-SHOWN_LINES:])
        words = " ".join([Path(command[0]).name, *command[1:4]])
        message = f"{words} ended with {done.returncode}:\n{shown}"
        raise SiteBuildError(message)
    return done.stdout


def _digest(web: Path) -> str:
    digest = hashlib.sha256()
    for file in _sources(web):
        digest.update(f"{file.relative_to(web).as_posix()}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _sources(web: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(web):
        folders[:] = sorted(set(folders) - _NOT_SOURCES)
        yield from (Path(folder, name) for name in sorted(names) if not name.endswith(".spec.ts"))


def _forget_old(cache: Path) -> None:
    pages = [path for path in cache.iterdir() if path.is_dir()]
    pages.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for old in pages[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
