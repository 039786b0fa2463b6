"""Packing `tintype-url`, the npm package in `web/packages`, into the file that npm installs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from tintype.site.building import run_npm, run_script

SOURCES = Path("web") / "packages" / "tintype-url"


def write_package(root: Path, out: Path) -> Path:
    """Write the package of the checkout at *root* to the folder *out*, and return its file.

    Raises:
        SiteBuildError: its sources do not compile, or npm cannot pack them.
    """
    sources = root / SOURCES
    described = json.loads((sources / "package.json").read_text("utf-8"))
    with TemporaryDirectory() as place:
        folder = Path(place)
        run_script(root, "url", str(folder / "dist"))
        shutil.copyfile(root / "LICENSE", folder / "LICENSE")
        for name in ("package.json", "README.md"):
            shutil.copyfile(sources / name, folder / name)
        out.mkdir(parents=True, exist_ok=True)
        run_npm(folder, "pack", "--ignore-scripts", "--pack-destination", str(out.resolve()))
    return out / f"{described['name']}-{described['version']}.tgz"
