"""Bytecode for the functions' packages, for the runtime's Python, whichever Python builds them.

Lambda's code folder is read-only, so code that is not precompiled is compiled at each cold start.
The compiler is Pyodide, a CPython for Node, pinned by `compiler/package-lock.json`: every machine
produces the same bytes. The local cloud's functions run on the Python that builds them.
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

from tintype.node import node_folder, npm_script

RUNTIME = (3, 14)  # docs/explanation/decisions/0015-one-runtime.md
_COMPILER = Path(__file__).with_name("compiler")
_TASK = "/var/task"  # where Lambda unpacks a package


class PackageError(Exception):
    """A package cannot be built; the message has the tool's output."""


def compile_for_lambda(root: Path, part: str, cache: Path) -> None:
    """Compile the folder *part* of the package at *root* for Lambda's `RUNTIME`.

    The bytecode is not checked against the source, whose timestamp a ZIP may change.

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
    command = [sys.executable, "-P", "-m", "compileall", "-q", "-f", "--invalidation-mode"]
    run([*command, "unchecked-hash", "-s", str(root), "-p", _TASK, str(root / part)])


def made_by() -> bytes:
    """Return the inputs of the bytecode besides the source."""
    files = [Path(__file__), *sorted(path for path in _COMPILER.iterdir() if path.is_file())]
    return b"\0".join(file.read_bytes() for file in files)


def dotted(python: tuple[int, int]) -> str:
    """Return a Python version as text.

    >>> dotted((3, 14))
    '3.14'
    """
    return ".".join(map(str, python))


def installed_compiler(cache: Path) -> Path:
    """Return the folder of the compiler, installed once per lock file.

    Raises:
        PackageError: npm cannot install it.
    """
    if (_COMPILER / "node_modules").is_dir():  # included in a wheel of `make dist`
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
    """Yield a temporary folder that is moved to *folder* at the end."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="building-", dir=folder.parent) as place:
        work = Path(place) / "package"
        work.mkdir()
        yield work
        with suppress(OSError):  # another process was first, with the same content
            work.rename(folder)


def run(command: Sequence[str], typed: str | None = None, folder: Path | None = None) -> str:
    """Run *command* with *typed* on its standard input; return its output.

    Raises:
        PackageError: it failed; the message has its error output.
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
