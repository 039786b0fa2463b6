"""Every shared library of every package, against what Lambda's runtime has: Linux, C++ and Python."""

from __future__ import annotations

import importlib.util
import zipfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest

from tests.infra.libraries import MACHINES, RUNTIMES, Library, libraries, names_of, unread
from tintype.config import load, shipped
from tintype.config.service import Architecture
from tintype_infra.bytecode import RUNTIME
from tintype_infra.packages import Packages, Platform, build

# Include/internal/pycore_magic_number.h of CPython: the bytecode's number, which a release never changes.
MAGIC = {(3, 12): 3531, (3, 13): 3571, (3, 14): 3627}
FUNCTIONS = ("api", "process", "catalogue")


@pytest.fixture(scope="module", params=list(Architecture))
def packages(request: pytest.FixtureRequest) -> Packages:
    """With everything that any configuration needs: the detector of faces, too."""
    config = load(shipped(), service={"architecture": request.param.value})
    return build(replace(config, delivery=replace(config.delivery, faces=True)), Platform.AWS)


def files(packages: Packages, name: str) -> dict[str, bytes]:
    return contents(packages.all[name].archive)


@lru_cache(maxsize=3)
def contents(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as package:
        return {path: package.read(path) for path in package.namelist()}


@lru_cache(maxsize=3)
def read(archive: Path) -> list[Library]:
    return libraries(contents(archive))


def libraries_of(packages: Packages, name: str) -> list[Library]:
    return read(packages.all[name].archive)


def shortcomings(packages: Packages, name: str, python: tuple[int, int]) -> list[str]:
    there = names_of(files(packages, name))
    found = libraries_of(packages, name)
    return [lack for library in found for lack in library.shortcomings(python, there)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_runtime_has_what_every_library_needs(packages: Packages, name: str) -> None:
    assert libraries_of(packages, name)
    assert not unread(files(packages, name))
    assert not shortcomings(packages, name, packages.python)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_library_is_for_the_processor(packages: Packages, name: str) -> None:
    wanted = MACHINES[packages.architecture]

    assert {library.machine for library in libraries_of(packages, name)} == {wanted}


def test_older_linux_would_not_load_the_engine(packages: Packages) -> None:
    lacks = shortcomings(packages, "process", (3, 11))

    assert [lack for lack in lacks if "libvips" in lack and "needs GLIBC_2.28" in lack]
    assert [lack for lack in lacks if "is not for Python (3, 11)" in lack]


def test_libraries_that_are_read_are_those_of_the_engine(packages: Packages) -> None:
    """The reader sees symbols, other libraries and modules: were it blind, nothing would be lacking."""
    found = {
        library.path.partition("/")[0]: library for library in libraries_of(packages, "process")
    }
    modules = [library for library in libraries_of(packages, "process") if library.is_module]

    assert {"PIL", "pyvips_binary.libs"} <= set(found)
    assert len(modules) >= 5
    families = {
        family for library in libraries_of(packages, "process") for _, family, _ in library.symbols
    }
    assert {"GLIBC", "GLIBCXX", "CXXABI"} <= families


@pytest.mark.parametrize(
    ("library", "lack"),
    [
        (Library("a.so", "", frozenset({("libc.so.6", "GLIBC", (2, 35))}), frozenset(), is_module=False), "GLIBC_2.35"),
        (Library("a.so", "", frozenset({("libstdc++.so.6", "GLIBCXX", (3, 4, 30))}), frozenset(), is_module=False), "GLIBCXX_3.4.30"),
        (Library("a.so", "", frozenset({("libssl.so.3", "OPENSSL", (3,))}), frozenset(), is_module=False), "OPENSSL_3"),
        (Library("a.so", "", frozenset(), frozenset({"libglib-2.0.so.0"}), is_module=False), "libglib-2.0.so.0"),
        (Library("a.cpython-313-x86_64-linux-gnu.so", "", frozenset(), frozenset(), is_module=True), "Python"),
        (Library("a.so", "", frozenset(), frozenset(), is_module=True), "Python"),
    ],
)  # fmt: skip
def test_what_the_runtime_lacks_is_named(library: Library, lack: str) -> None:
    (said,) = library.shortcomings((3, 14), frozenset())

    assert lack in said


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_source_has_bytecode_of_the_runtime(packages: Packages, name: str) -> None:
    found = files(packages, name)
    compiled = {path: data for path, data in found.items() if path.endswith(".pyc")}
    tag = "".join(map(str, packages.python))

    assert len(compiled) == len([path for path in found if path.endswith(".py")])
    for path, data in compiled.items():
        assert path.endswith(f".cpython-{tag}.pyc")
        assert data[:4] == MAGIC[packages.python].to_bytes(2, "little") + b"\r\n"
        assert int.from_bytes(data[4:8], "little") == 0b01  # by hash (PEP 552), not to be checked


def test_runtime_is_the_same_whatever_builds(packages: Packages) -> None:
    assert packages.python == RUNTIME
    assert RUNTIME in RUNTIMES
    assert RUNTIME in MAGIC


def test_local_package_is_for_the_python_that_is_here() -> None:
    local = build(load(shipped()), Platform.LOCAL)

    compiled = [data for path, data in files(local, "api").items() if path.endswith(".pyc")]
    assert {data[:4] for data in compiled} == {importlib.util.MAGIC_NUMBER}
