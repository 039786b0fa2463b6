"""What a shared library needs of the system that loads it, and what Lambda's runtimes have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection
from elftools.elf.sections import SymbolTableSection

from tintype.config.service import Architecture

Version = tuple[int, ...]
MACHINES = {Architecture.ARM64: "EM_AARCH64", Architecture.X86_64: "EM_X86_64"}


@dataclass(frozen=True, slots=True)
class System:
    """A Linux that a runtime runs on: the newest version of each set of symbols that it has."""

    symbols: Mapping[str, Version]


# AL2023 User Guide, "Improved toolchain": Amazon Linux 2 has glibc 2.26 and gcc 7.3, Amazon Linux 2023
# has glibc 2.34 and gcc 11.3; zlib is 1.2.7 and 1.2.11 ("AL2023 upgrades from AL2"). Which symbols a
# libstdc++ has is in its "ABI Policy and Guidelines": that of gcc 7.2 has GLIBCXX_3.4.24 and
# CXXABI_1.3.11, that of gcc 11.1 GLIBCXX_3.4.29 and CXXABI_1.3.13.
AL2 = System(
    {
        "GLIBC": (2, 26),
        "GLIBCXX": (3, 4, 24),
        "CXXABI": (1, 3, 11),
        "GCC": (7, 0, 0),
        "ZLIB": (1, 2, 7),
    }
)
AL2023 = System(
    {
        "GLIBC": (2, 34),
        "GLIBCXX": (3, 4, 29),
        "CXXABI": (1, 3, 13),
        "GCC": (11, 0),
        "ZLIB": (1, 2, 9),  # the newest set of zlib 1.2.11
    }
)
# Lambda Developer Guide, "Lambda runtimes".
RUNTIMES = {
    (3, 11): AL2,
    (3, 12): AL2023,
    (3, 13): AL2023,
    (3, 14): AL2023,
}
# What every runtime brings: glibc, the loader, what Lambda's own client in C++ and Python's zlib need.
BROUGHT = re.compile(
    r"(libc|libm|libdl|librt|libpthread|libresolv|libgcc_s|libstdc\+\+|libz|ld-linux-[\w-]+)\.so\.\d+"
)
_SUFFIX = re.compile(r"\.so(\.\d+)*$")
_TAG = re.compile(r"\.(?:cpython-(\d)(\d+)-[\w-]+|(abi3))\.so$")


@dataclass(frozen=True, slots=True)
class Library:
    """A shared library of a package: who it is for, and what it needs."""

    path: str
    machine: str
    symbols: frozenset[tuple[str, str, Version]]  # of which file, which set, since which version
    needs: frozenset[str]
    is_module: bool

    def shortcomings(self, python: tuple[int, int], there: frozenset[str]) -> Iterator[str]:
        """Yield what the runtime of *python* lacks for it, where the package has the files *there*."""
        has = RUNTIMES[python].symbols
        for name, family, version in sorted(self.symbols):
            if name not in there and version > has.get(family, ()):
                yield f"{self.path} needs {family}_{'.'.join(map(str, version))}"
        for name in sorted(self.needs - there):
            if not BROUGHT.fullmatch(name):
                yield f"{self.path} needs {name}"
        if self.is_module:
            tag = _TAG.search(self.path)
            if not tag or (not tag[3] and (int(tag[1]), int(tag[2])) != python):
                yield f"{self.path} is not for Python {python}"


def libraries(files: Mapping[str, bytes]) -> list[Library]:
    """Return every shared library among the *files* of a package."""
    return [_library(path, data) for path, data in files.items() if data[:4] == b"\x7fELF"]


def unread(files: Mapping[str, bytes]) -> list[str]:
    """Return files that are called shared libraries and are none."""
    return [path for path, data in files.items() if _SUFFIX.search(path) and data[:4] != b"\x7fELF"]


def _library(path: str, data: bytes) -> Library:
    elf = ELFFile(BytesIO(data))
    symbols, needs, is_module = set[tuple[str, str, Version]](), set[str](), False
    for section in elf.iter_sections():
        if isinstance(section, GNUVerNeedSection):
            for needed, versions in section.iter_versions():
                symbols |= {(str(needed.name), *_symbol(version.name)) for version in versions}
        elif isinstance(section, DynamicSection):
            needs |= {str(vars(tag)["needed"]) for tag in section.iter_tags("DT_NEEDED")}
        elif isinstance(section, SymbolTableSection) and section.name == ".dynsym":
            is_module |= any(_is_entry(symbol) for symbol in section.iter_symbols())
    return Library(path, elf["e_machine"], frozenset(symbols), frozenset(needs), is_module)


def _symbol(name: str) -> tuple[str, Version]:
    family, _, version = name.rpartition("_")
    numbers = re.fullmatch(r"\d+(\.\d+)*", version)
    return family, tuple(map(int, version.split("."))) if numbers else ()


def _is_entry(symbol: object) -> bool:
    """Whether Python would load the library as a module: it defines PyInit_…."""
    name, section = getattr(symbol, "name", ""), symbol["st_shndx"]  # type: ignore[index]
    return name.startswith("PyInit_") and section != "SHN_UNDEF"


def names_of(files: Mapping[str, bytes]) -> frozenset[str]:
    """Return the file names that a library may be looked for by."""
    return frozenset(Path(path).name for path in files)
