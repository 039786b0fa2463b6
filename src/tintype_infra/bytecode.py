"""Bytecode for the functions' packages: for the runtime's Python, whichever Python builds.

Lambda's code folder is read-only, so what is not compiled beforehand is compiled at each cold start.
The compiler is Pyodide, a CPython for Node, pinned by `compiler/package-lock.json`: every machine
writes the same bytes. The local cloud's functions run on the Python that builds them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from tintype.nodes import node_folder, npm_script

RUNTIME = (3, 14)  # docs/decisions/0015-one-runtime.md
_COMPILER = Path(__file__).with_name("compiler")
_TASK = "/var/task"  # where Lambda unpacks a package


class PackageError(Exception):
    """A package cannot be built; says what the tool said."""


def compile_for_lambda(root: Path, part: str, cache: Path) -> None:
    """Compile the folder *part* of the package at *root* for Lambda's `RUNTIME`.

    The bytecode is taken without a look at the source, whose time a ZIP may change.

    Raises:
        PackageError: npm cannot get the compiler, or a file does not compile.
    """
    script = installed_compiler(cache) / "compile.mjs"
    run(_node(str(script), dotted(RUNTIME), str(root), _TASK, part))


def compile_for_here(root: Path, part: str) -> None:
    """Compile the folder *part* of the package at *root* for the Python that runs this.

    Raises:
        PackageError: a file does not compile.
    """
    command = [sys.executable, "-m", "compileall", "-q", "-f", "--invalidation-mode"]
    run([*command, "unchecked-hash", "-s", str(root), "-p", _TASK, str(root / part)])


def made_by() -> bytes:
    """Return what bytecode depends on, besides the source."""
    files = [Path(__file__), *sorted(path for path in _COMPILER.iterdir() if path.is_file())]
    return b"\0".join(file.read_bytes() for file in files)


def dotted(python: tuple[int, int]) -> str:
    """Return a Python version as it is written.

    >>> dotted((3, 14))
    '3.14'
    """
    return ".".join(map(str, python))


def installed_compiler(cache: Path) -> Path:
    """Return the folder of the compiler, installed once for each lock file.

    Raises:
        PackageError: npm cannot get it.
    """
    if (_COMPILER / "node_modules").is_dir():  # a wheel of `make dist` brings it
        return _COMPILER
    folder = cache / f"compiler-{hashlib.sha256(made_by()).hexdigest()[:24]}"
    if not folder.exists():
        with workplace(folder) as work:
            shutil.copytree(_COMPILER, work, dirs_exist_ok=True)
            run(_node(str(npm_script()), "ci", "--no-audit", "--no-fund"), folder=work)
    return folder


def _node(*arguments: str) -> list[str]:
    return [str(node_folder() / "node"), *arguments]


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """Yield a folder that takes the place of *folder* once all in it is done."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="building-", dir=folder.parent) as place:
        work = Path(place) / "package"
        work.mkdir()
        yield work
        with suppress(OSError):  # somebody else was faster, with the same content
            work.rename(folder)


def run(command: Sequence[str], typed: str | None = None, folder: Path | None = None) -> str:
    """Run *command* with *typed* on its standard input; return what it prints.

    Raises:
        PackageError: it fails; the message has what it said.
    """
    path = os.pathsep.join([str(node_folder()), os.environ.get("PATH", os.defpath)])
    done = subprocess.run(  # noqa: S603 - our own arguments
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        message = f"{' '.join(command[:3])} …: {(done.stderr or done.stdout).strip()}"
        raise PackageError(message)
    return done.stdout
