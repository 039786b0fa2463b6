"""The Terraform module: as the template has it, without an account, and for real."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from docs.making.terraform import MODULE, NOT_SET, snake_case
from tests.cloud.stack import Stack
from tests.deploy.account import Account
from tests.deploy.listing import difference, listing
from tests.deploy.script import Script
from tests.deploy.smoke import page_loads, smoke
from tests.deploy.tools import aws_folder, provider_folder, terraform
from tests.pictures import picture

SKIP = "TINTYPE_SKIP_TERRAFORM"
STACK = "images"  # as the example calls it
MINUTES = 5 * 60.0
WEEK, YEAR = 7 * 86_400, 365 * 86_400
MONDAY = 4 * 86_400  # the first of 1970

# What is other than in the example: where it deploys to, and what becomes of the images.
_HERE = """
provider "aws" {
  region            = var.region
  s3_use_path_style = true
}
module "images" {
  delete_images = var.delete_images
}
"""
_BESIDES = """
variable "delete_images" { type = bool }
output "everything" { value = module.images }
"""

needs_terraform = pytest.mark.skipif(os.environ.get(SKIP) == "1", reason=f"{SKIP}=1")


@dataclass
class Terraform:
    """Terraform in one folder."""

    folder: Path
    environment: Mapping[str, str]

    def __call__(self, command: str, *arguments: str, code: int = 0) -> str:
        """Run a command, check how it ends, and return what it says."""
        done = subprocess.run(  # noqa: S603 - what the test needs
            [terraform(), command, "-no-color", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=MINUTES,
            check=False,
        )
        assert done.returncode == code, done.stdout
        return done.stdout

    def initialise(self) -> Terraform:
        """Have the provider in the folder."""
        self("init", "-input=false", f"-plugin-dir={provider_folder()}")
        return self


@pytest.fixture(scope="module")
def template(release: Path) -> dict[str, Any]:
    known: dict[str, Any] = json.loads((release / "tintype.template.json").read_text())
    return known


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the module, so that nothing of Terraform's own comes into the checkout."""
    folder = tmp_path_factory.mktemp("terraform") / "terraform"
    shutil.copytree(MODULE, folder, ignore=shutil.ignore_patterns(".terraform*"))
    return folder


@pytest.fixture(scope="module")
def alone(module: Path, account: Account) -> Terraform:
    """Return Terraform in the module itself."""
    return Terraform(module, account.environment(CHECKPOINT_DISABLE="1")).initialise()


@pytest.fixture(scope="module")
def example(module: Path, account: Account, release: Path) -> Terraform:
    """Return Terraform in the example, which deploys the release to the emulator."""
    folder = module / "examples" / "complete"
    (folder / "here_override.tf").write_text(_HERE)
    (folder / "besides.tf").write_text(_BESIDES)
    variables = account.environment(
        CHECKPOINT_DISABLE="1",
        PATH=os.pathsep.join([str(aws_folder()), os.environ["PATH"]]),
        TF_VAR_release=str(release),
        TF_VAR_region=account.region,
        TF_VAR_delete_images="true",
        TF_VAR_public="true",  # what follows uses it without signing in
    )
    return Terraform(folder, variables).initialise()


def test_every_parameter_has_a_variable_and_every_output_an_output(
    template: Mapping[str, Any],
) -> None:
    text = "\n".join(path.read_text("utf-8") for path in MODULE.glob("*.tf"))

    for name in set(template["Parameters"]) - NOT_SET:
        assert f'variable "{snake_case(name)}"' in text
    for name in template["Outputs"]:
        assert f'output "{snake_case(name)}"' in text


def test_the_readme_has_a_row_for_each_of_the_modules_own_variables() -> None:
    readme = (MODULE / "README.md").read_text("utf-8")
    own = (MODULE / "variables.tf").read_text("utf-8").split('variable "')[1:]
    assert len(own) == 7

    for block in own:
        name = block.split('"')[0]
        (words,) = (line for line in block.splitlines() if line.startswith("  description"))
        assert f"| `{name}` |" in readme
        assert words.split('"')[1] in readme


@needs_terraform
def test_the_module_is_formatted_and_valid(alone: Terraform, example: Terraform) -> None:
    alone("fmt", "-check", "-recursive", "-diff", str(MODULE))
    example("validate")


@needs_terraform
def test_the_modules_own_tests_pass(alone: Terraform) -> None:
    assert "0 failed" in alone("test")


@needs_terraform
def test_a_stack_is_applied_changed_and_destroyed_and_leaves_nothing(
    example: Terraform, account: Account
) -> None:
    before = listing(account)

    example("apply", "-auto-approve", "-input=false", "-var", "alarm_email=me@example.com")
    outputs = _outputs(account)
    everything = json.loads(example("output", "-json"))["everything"]["value"]
    assert {snake_case(name): value for name, value in outputs.items()} == everything
    parameters = _parameters(account)
    assert parameters["ProcessMemoryMib"] == "4096"
    assert parameters["AlarmEmail"] == "me@example.com"
    assert parameters["MaxTries"] == "5", "the release's default"
    image = smoke(account, outputs)

    said = example("apply", "-auto-approve", "-input=false")
    # The stack and, since a plan does not know what its outputs will be, config.json.
    assert "Plan: 0 to add, 2 to change, 0 to destroy" in said
    assert _parameters(account)["AlarmEmail"] == ""
    assert _outputs(account) == outputs, "addresses stay"
    stack = Stack(outputs, account.browser())
    assert stack.ready(image["id"])["renditions"] == image["renditions"], "images stay"
    page_loads(stack)
    example("plan", "-input=false", "-detailed-exitcode")

    example("destroy", "-auto-approve", "-input=false")
    assert difference(before, listing(account)) == {}


@needs_terraform
def test_images_stay_after_a_destroy_unless_they_are_to_be_deleted(
    example: Terraform, account: Account, release: Path
) -> None:
    before = listing(account)
    keeping = ("-auto-approve", "-input=false", "-var", "delete_images=false")
    example("apply", *keeping)
    outputs = _outputs(account)
    stack = Stack(outputs, account.browser())
    image = stack.ready(stack.upload(picture(64, 48), "beach.jpg", "image/jpeg"))

    example("destroy", *keeping)

    images = [outputs["OriginalsBucket"], outputs["RenditionsBucket"]]
    left = difference(before, listing(account))
    tables = [outputs["AccessTable"], outputs["ImagesTable"]]
    assert left == {"buckets": sorted(images), "tables": sorted(tables)}
    kept = account.client("s3").list_objects_v2(Bucket=outputs["RenditionsBucket"])["Contents"]
    assert len(kept) > len(image["renditions"]), "and a manifest"

    Script(release, account)("empty", "--yes", "--stack", STACK)
    assert difference(before, listing(account)) == {}


def _outputs(account: Account) -> dict[str, str]:
    return {one["OutputKey"]: one["OutputValue"] for one in _stack(account)["Outputs"]}


def _parameters(account: Account) -> dict[str, str]:
    return {one["ParameterKey"]: one["ParameterValue"] for one in _stack(account)["Parameters"]}


def _stack(account: Account) -> Mapping[str, Any]:
    response = account.client("cloudformation").describe_stacks(StackName=STACK)
    found: Mapping[str, Any] = response["Stacks"][0]
    return found
