"""`cdk deploy` in a checkout: what `cdk.json` names is run as CDK runs it, and writes the whole stack."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from tests.infra.conftest import read
from tests.infra.parts import resources
from tintype.config import load, shipped
from tintype_infra.app import STACK
from tintype_infra.packages import ROOT
from tintype_infra.plain import add_to


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the app wrote, for a stack of another name."""
    folder = tmp_path_factory.mktemp("cdk") / "cdk.out"
    said = json.loads((ROOT / "cdk.json").read_text("utf-8"))
    context = json.dumps({**said["context"], "stack": "pictures"})
    subprocess.run(  # noqa: S602 - as CDK does
        said["app"],
        shell=True,
        cwd=ROOT,
        env={**os.environ, "CDK_OUTDIR": str(folder), "CDK_CONTEXT_JSON": context},
        check=True,
    )
    return folder


@pytest.fixture(scope="module")
def template(out: Path) -> dict[str, Any]:
    return read(out, "pictures")


def test_stack_has_the_functions_and_the_page(template: dict[str, Any]) -> None:
    functions = resources(template, "Lambda::Function")

    assert {"FunctionsApi", "FunctionsProcess", "FunctionsCatalogue"} <= {
        name[:-8] for name in functions
    }
    assert [kind for kind in kinds(template) if kind == "Custom::CDKBucketDeployment"]
    assert {"ApiUrl", "CdnUrl", "Version"} <= set(template["Outputs"])


def test_settings_are_those_of_the_file_and_no_parameters(template: dict[str, Any]) -> None:
    assert set(template["Parameters"]) == {"BootstrapVersion"}


def test_packages_and_page_are_assets(out: Path) -> None:
    assets = json.loads((out / "pictures.assets.json").read_text("utf-8"))["files"]
    folders = [Path(out, asset["source"]["path"]) for asset in assets.values()]

    assert [folder for folder in folders if (folder / "index.html").is_file()]
    assert len([path for path in folders if path.suffix == ".zip"]) >= 2


def test_boundary_bounds_the_role_that_publishes_the_page_too(
    released: Path, tmp_path: Path
) -> None:
    boundary = "arn:aws:iam::123456789012:policy/boundary"
    app = App(outdir=str(tmp_path), analytics_reporting=False)
    add_to(app, load(shipped(), service={"permissions_boundary": boundary}), released)
    app.synth()

    roles = resources(read(tmp_path, STACK), "IAM::Role")

    assert any(name.startswith("CustomCDKBucketDeployment") for name in roles)
    assert {role["Properties"]["PermissionsBoundary"] for role in roles.values()} == {boundary}


def kinds(template: dict[str, Any]) -> list[str]:
    return [resource["Type"] for resource in template["Resources"].values()]
