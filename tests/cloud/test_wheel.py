"""The wheel of `make dist`, without its checkout and with npm's registry out of reach: it runs, and makes the release."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.cloud.running import running_cloud
from tests.pictures import picture
from tintype.config import load, shipped
from tintype.site.building import build as build_page
from tintype.site.publishing import files
from tintype_infra.dist import write_wheel
from tintype_infra.packages import ROOT, Platform, build

COMMAND = "from tintype.cli.main import run; run()"
NOWHERE = "http://127.0.0.1:9"  # the discard port, where nothing listens


@dataclass(frozen=True)
class Installed:
    """The wheel in a folder of its own, and the environment of a process that imports it."""

    wheel: Path
    environment: Mapping[str, str]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    wheel = write_wheel(build_page(ROOT), folder)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    path = os.pathsep.join([str(ROOT / ".tools" / "bin"), os.environ["PATH"]])
    return Installed(
        wheel,
        {
            "PATH": path,
            "PYTHONPATH": str(folder / "installed"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "npm_config_registry": NOWHERE,
        },
    )


def test_wheel_has_every_file_of_the_sources(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        found = set(archive.namelist())
    tracked = subprocess.check_output(["git", "ls-files", "src"], cwd=ROOT, text=True)  # noqa: S607

    assert {name.removeprefix("src/") for name in tracked.splitlines()} <= found
    assert not [name for name in found if "__pycache__" in name or name.endswith(".map")]


def test_wheel_starts_the_local_cloud_with_its_page(installed: Installed, tmp_path: Path) -> None:
    variables = [f"{name}={value}" for name, value in installed.environment.items()]
    command = (
        "env",
        "-C",
        str(tmp_path),
        *variables,
        sys.executable,
        "-c",
        COMMAND,
        "up",
        "--quiet",
    )

    with running_cloud(tmp_path / "state", command) as cloud:
        page = httpx.get(cloud.outputs["CdnUrl"])
        answer = httpx.post(
            f"{cloud.outputs['ApiUrl']}/images?filename=photo.jpg",
            content=picture(64, 48),
            headers={"content-type": "image/jpeg"},
        )

    assert page.text == (build_page(ROOT) / "index.html").read_text("utf-8")
    assert answer.status_code == 202


def test_wheel_makes_the_release_that_the_checkout_makes(
    installed: Installed, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tintype_infra.release", "--out", str(tmp_path / "release")]
    subprocess.run(  # noqa: S603
        command, cwd=tmp_path, env={**os.environ, **installed.environment}, check=True
    )

    made = {path.name for path in (tmp_path / "release" / "packages").iterdir()}
    assert made == {package.name for package in build(load(shipped()), Platform.AWS).all.values()}
    site = tmp_path / "release" / "site"
    assert {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()} == {
        file.path for file in files(build_page(ROOT))
    }
