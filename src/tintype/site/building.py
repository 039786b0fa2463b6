"""Building the page: from `web/` to a folder of static files, once per state of its sources.

Several processes may need it at once: one builds, and the others wait for its result.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from tintype.node import node_folder, npm_script
from tintype.sources import PAGE

KEPT = 4  # built pages, so that switching between recent states builds nothing
INSTALLED = ".installed"  # in node_modules: the package-lock.json that it was installed from
LICENCES = "licences.txt"  # on the page: shell/colophon.ts links to it
SHOWN_LINES = 30
_LOCK = "lock"
_DOWNLOAD = re.compile(r"^npm http fetch GET 200 \S+\.tgz\b")
_UNFINISHED = ".unfinished"
_STYLED_BY = ("bootstrap",)
_NOT_SOURCES = frozenset({"node_modules", "dist", ".angular", "packages"})  # of the page


class SiteBuildError(Exception):
    """The page cannot be built; the message has the last lines of the tool's output."""


def _say_nothing(_step: str) -> None:
    pass


def page(root: Path, report: Callable[[str], None] = _say_nothing) -> Path:
    """Return the folder of the built page: the wheel's, or the one of the checkout at *root*.

    Raises:
        SiteBuildError: it cannot be built.
    """
    return PAGE if (PAGE / "index.html").is_file() else build(root, report)


def build(root: Path, report: Callable[[str], None] = _say_nothing) -> Path:
    """Build the page of the checkout at *root* if necessary, and return its folder.

    Raises:
        SiteBuildError: its packages cannot be installed, or its sources do not compile.
    """
    with _alone(root, report):
        web = root / "web"
        out = _cache(root) / _digest(web)
        page = _page(out)
        if (page / "index.html").is_file():
            os.utime(out)  # the least recently used is removed first
        else:
            _install(web, report)
            report("building the page")
            _build(web, out)
            _forget_old(out.parent)
        return page


def _build(web: Path, out: Path) -> None:
    """Build into a temporary folder, and move it to *out* once complete."""
    unfinished = out.with_suffix(_UNFINISHED)
    shutil.rmtree(unfinished, ignore_errors=True)
    tool = web / "node_modules" / "@angular" / "cli" / "bin" / "ng.js"
    _run(web, [str(tool), "build", "--output-path", str(unfinished)])
    (_page(unfinished) / LICENCES).write_text(_licences(web, unfinished), encoding="utf-8")
    shutil.rmtree(out, ignore_errors=True)
    unfinished.rename(out)


def _page(out: Path) -> Path:
    return out / "browser"  # where Angular puts the files for browsers


def _licences(web: Path, built: Path) -> str:
    """Return the licences of the page's contents; Angular collects only those of scripts."""
    scripts = (built / "3rdpartylicenses.txt").read_text(encoding="utf-8")
    styles = [
        f"Package: {name}\n\n{(web / 'node_modules' / name / 'LICENSE').read_text(encoding='utf-8')}"
        for name in _STYLED_BY
    ]
    return "\n".join([scripts, *styles])


def _cache(root: Path) -> Path:
    return root / ".tools" / "site"


@contextmanager
def _alone(root: Path, report: Callable[[str], None]) -> Iterator[None]:
    """Lock out other processes while installing and building; the lock ends with the process."""
    _cache(root).mkdir(parents=True, exist_ok=True)
    with (_cache(root) / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("waiting for another process to build the page")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(web: Path, report: Callable[[str], None]) -> None:
    """Install the packages in package-lock.json, unless they are installed."""
    lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    mark = web / "node_modules" / INSTALLED
    if not mark.is_file() or mark.read_text(encoding="ascii") != lock:
        number = _number_of_packages(web)
        report(f"installing the page's packages: {number} from npm, only this once")
        # Not `ci`, which refuses a lock file without binaries that a registry lacks for other
        # systems. `--no-save` follows the lock file as well, and leaves it unchanged.
        options = ("--no-save", "--no-audit", "--no-fund", "--loglevel=http")
        seen = _progress(number, report)
        _run(web, [str(npm_script()), "install", *options], each_line=seen)
        mark.write_text(lock, encoding="ascii")


def _number_of_packages(web: Path) -> int:
    """Return the number of packages to download, without platform-specific ones."""
    lock = json.loads((web / "package-lock.json").read_text("utf-8"))
    there = lock["packages"].items()
    return sum(1 for name, one in there if name and not one.keys() & {"os", "cpu", "link"})


def _progress(number: int, report: Callable[[str], None]) -> Callable[[str], None]:
    """Return a function that counts downloads in npm's output and reports each quarter of *number*."""
    left = [75, 50, 25]
    done = 0

    def see(line: str) -> None:
        nonlocal done
        done += bool(_DOWNLOAD.search(line))
        if left and done * 100 >= number * left[-1]:
            report(f"installing the page's packages: {left.pop()} % of {number}")

    return see


def run_script(root: Path, name: str, *arguments: str, given: str = "") -> str:
    """Run a script of `web/package.json` with *given* on its standard input; return its output.

    Raises:
        SiteBuildError: it failed, or its packages cannot be installed.
    """
    web = root / "web"
    with _alone(root, _say_nothing):
        _install(web, _say_nothing)
    return _run(web, [str(npm_script()), "run", "--silent", name, "--", *arguments], given)


def run_npm(folder: Path, *arguments: str) -> str:
    """Run npm in a folder; return its output.

    Raises:
        SiteBuildError: it failed.
    """
    return _run(folder, [str(npm_script()), *arguments])


def _run(
    web: Path,
    command: list[str],
    given: str = "",
    each_line: Callable[[str], None] = _say_nothing,
) -> str:
    path = os.pathsep.join([str(node_folder()), os.environ.get("PATH", os.defpath)])
    with (
        TemporaryFile("w+", encoding="utf-8") as typed,
        subprocess.Popen(  # noqa: S603 - npm and Angular, pinned by package-lock.json
            [str(node_folder() / "node"), *command],
            cwd=web,
            env={**os.environ, "PATH": path, "NG_CLI_ANALYTICS": "false"},
            stdin=_file_of(typed, given),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        lines = list[str]()
        for line in process.stdout or ():
            each_line(line)
            lines.append(line)
    if process.returncode:
        shown = "".join(lines[-SHOWN_LINES:]).rstrip("\n")
        words = " ".join([Path(command[0]).name, *command[1:4]])
        message = f"{words} ended with {process.returncode}:\n{shown}"
        raise SiteBuildError(message)
    return "".join(lines)


def _file_of(file: IO[str], text: str) -> IO[str]:
    """Write *text* to *file* and rewind it; a pipe would have to be fed concurrently."""
    file.write(text)
    file.seek(0)
    return file


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
