"""`python -m tintype_infra.dist`: write a wheel, an npm package and a release to a folder.

The wheel includes what otherwise only a checkout has: the built page, the locked versions of the
functions' packages, and the compiler of their bytecode. With it installed, `tintype up` and
`tintype deploy` need neither a checkout nor npm's registry.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tintype.site.building import SiteBuildError
from tintype.site.building import build as build_page
from tintype.site.packaging import write_package
from tintype_infra import release
from tintype_infra.bytecode import PackageError, installed_compiler
from tintype_infra.packages import CACHE, ROOT, uv

LOCKED = ("LICENSE", "pyproject.toml", "uv.lock")  # inputs of the packages besides the sources
_BUILT_FROM = (*LOCKED, "README.md", "tintype.toml")
_NEEDLESS = ("*.map", "*.d.ts", "*.html", "__pycache__", ".package-lock.json", "@types")


def write_wheel(page: Path, out: Path) -> Path:
    """Build the wheel of this checkout, with the page in the folder *page*, into the folder *out*.

    Raises:
        PackageError: uv cannot build it, or npm cannot install the compiler.
    """
    with TemporaryDirectory() as place:
        root, built = Path(place) / "tintype", Path(place) / "built"
        infra = root / "src" / "tintype_infra"
        shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__"))
        for name in _BUILT_FROM:
            shutil.copyfile(ROOT / name, root / name)
        shutil.copytree(page, infra / "project" / "page")
        for name in LOCKED:
            shutil.copyfile(ROOT / name, infra / "project" / name)
        shutil.copytree(
            installed_compiler(CACHE) / "node_modules",
            infra / "compiler" / "node_modules",
            ignore=shutil.ignore_patterns(*_NEEDLESS),
        )
        uv("build", "--quiet", "--wheel", "--out-dir", str(built), str(root))
        (wheel,) = built.glob("*.whl")
        out.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copyfile(wheel, out / wheel.name))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tintype_infra.dist", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    options = parser.parse_args(arguments)
    try:
        wheel = write_wheel(build_page(ROOT), options.out)
        package = write_package(ROOT, options.out)
    except (PackageError, SiteBuildError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{wheel}\n{package}\n")
    return release.main(["--out", str(options.out / "release")])


if __name__ == "__main__":
    sys.exit(main())
