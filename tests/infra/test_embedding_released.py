"""Tintype as a part of somebody's own CDK app without a checkout: from a wheel and a release."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Annotations, Match
from aws_cdk.assertions import Template as TemplateCheck

import tintype_infra
from tests.infra.conftest import read
from tests.infra.parts import Template, resources
from tests.infra.shop import resources_of
from tintype.access import AccessMode
from tintype.config import Config, load, shipped
from tintype.functions.bundle import document
from tintype.releases import DIGESTS, OPEN_TO_ALL, ReleaseError
from tintype_infra import Packages, Tintype
from tintype_infra.bytecode import PackageError
from tintype_infra.packages import ROOT, Package, Platform

EXAMPLE = ROOT / "examples" / "embedding" / "app.py"


# Without a checkout


def settings_in(package: Package) -> bytes:
    with zipfile.ZipFile(package.archive) as archive:
        assert archive.namelist() == ["tintype/functions/api.py", "tintype/settings.json"]
        return archive.read("tintype/settings.json")


def test_packages_of_a_release_are_taken_as_they_are(released: Path, tmp_path: Path) -> None:
    config = load(shipped())

    packages = Packages.of_release(released, config, tmp_path)

    assert packages.api.archive == released / "packages" / f"{'0' * 32}.zip"
    assert (packages.architecture, packages.python) == (config.service.architecture, (3, 11))
    assert list(tmp_path.iterdir()) == []


def test_packages_of_a_release_get_the_app_s_own_presets(released: Path, tmp_path: Path) -> None:
    config = load(shipped())
    one = replace(config, presets=config.presets[:1])

    packages = Packages.of_release(released, one, tmp_path / "cache")

    assert settings_in(packages.api) == document(one)
    assert packages.api.name != f"{'0' * 32}.zip"
    assert packages.process == packages.api
    assert Packages.of_release(released, one, tmp_path / "cache") == packages


def test_release_for_another_processor_is_refused(released: Path) -> None:
    config: Config = load(shipped(), service={"architecture": "x86_64"})

    with pytest.raises(PackageError, match="is for arm64, but the settings require x86_64"):
        Packages.of_release(released, config)


def test_release_without_the_detector_is_refused_for_settings_that_ask_for_faces(
    released: Path,
) -> None:
    config = load(shipped())
    asking = replace(config, delivery=replace(config.delivery, faces=True))

    with pytest.raises(PackageError, match="find no faces; make a release with your settings"):
        Packages.of_release(released, asking)


def test_folder_that_is_no_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="not a release folder"):
        Packages.of_release(tmp_path)


def test_release_without_its_checksums_is_refused(released: Path, tmp_path: Path) -> None:
    folder = tmp_path / "release"
    shutil.copytree(released, folder, ignore=shutil.ignore_patterns(DIGESTS))

    with pytest.raises(ReleaseError, match="SHA256SUMS is missing"):
        Packages.of_release(folder)


def synthesised(command: Sequence[str | Path], out: Path, **environment: str) -> Template:
    """Run an app as `cdk synth` does, and return its template."""
    subprocess.run(  # noqa: S603 - this Python
        [sys.executable, *command],
        check=True,
        capture_output=True,
        env={**os.environ, "CDK_OUTDIR": str(out), **environment},
    )
    return read(out, "Shop")


def test_example_synthesises_from_a_wheel_and_a_release(released: Path, tmp_path: Path) -> None:
    uv = ROOT / ".tools" / "bin" / "uv"
    tool = [str(uv)] if uv.exists() else [sys.executable, "-m", "uv"]
    subprocess.run(  # noqa: S603 - the Makefile's uv
        [*tool, "build", "--quiet", "--wheel", "--out-dir", tmp_path, ROOT],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)

    template = synthesised(
        [EXAMPLE],
        tmp_path / "cdk.out",
        PYTHONPATH=str(installed),
        CDK_CONTEXT_JSON=json.dumps({"release": str(released)}),
    )

    assert len(resources(template, "EC2::NatGateway")) == 1
    assert len(resources_of(template, "Custom::CDKBucketDeployment")) == 2
    assert {"ApiUrl", "LatestFunction"} <= set(template["Outputs"])
    functions = resources(template, "Lambda::Function")
    ours = (re.fullmatch(r"ImagesFunctions(\w+)[0-9A-F]{8}", name) for name in functions)
    assert {one[1] for one in ours if one} == {
        "Api",
        "Process",
        "Catalogue",
        "Render",
        "SigningKeys",
    }


def test_installation_without_sources_says_what_to_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tintype.sources.project", lambda: None)

    with pytest.raises(PackageError, match=r"Packages\.of_release"):
        tintype_infra.packages.build(load(shipped()), Platform.AWS)


def test_what_is_not_there_is_told_as_of_any_module() -> None:
    with pytest.raises(AttributeError, match="Daguerreotype"):
        _ = tintype_infra.Daguerreotype


def test_cdk_deploys_an_open_service_only_where_that_is_meant(packages: Packages) -> None:
    plain, meant, unmeant = (Stack(App(), name) for name in ("Plain", "Meant", "Unmeant"))
    by_context = Stack(App(context={"tintype:public": "true"}), "Context")
    config = load(shipped())
    is_open = replace(config, access=replace(config.access, mode=AccessMode.OPEN))

    Tintype(plain, "Images", packages=packages, config=config)
    Tintype(meant, "Images", packages=packages, config=config, public=True)
    Tintype(by_context, "Images", packages=packages, config=config)
    Tintype(unmeant, "Images", packages=packages, config=is_open)

    anything = Match.string_like_regexp(re.escape(OPEN_TO_ALL))
    Annotations.from_stack(unmeant).has_error("*", anything)
    for stack in (meant, by_context):
        assert not Annotations.from_stack(stack).find_error("*", anything)
        Annotations.from_stack(stack).has_warning("*", anything)
        TemplateCheck.from_stack(stack).resource_count_is("AWS::Cognito::UserPoolClient", 0)
        TemplateCheck.from_stack(stack).resource_count_is("AWS::ApiGatewayV2::Authorizer", 0)
    assert not Annotations.from_stack(plain).find_error("*", anything)
    TemplateCheck.from_stack(plain).resource_count_is("AWS::ApiGatewayV2::Authorizer", 1)
    TemplateCheck.from_stack(plain).resource_count_is("AWS::AppSync::ApiKey", 0)
