"""The workflows in `.github`: valid, with few rights, and their commands are ours. They run on GitHub alone."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from typer.core import TyperGroup

from tests.docs.markdown import ROOT
from tintype.cli.main import app

FOLDER = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))
TOOLS = Path(sys.executable).parent
BY_COMMIT = re.compile(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
RIGHTS = {"actions": "read", "contents": "write", "id-token": "write"}  # the most that any job has


def form(workflow: Path) -> subprocess.CompletedProcess[str]:
    """Check it by GitHub's schema, which the tool has with it."""
    schema = ("--builtin-schema", "vendor.github-workflows")
    command = [str(TOOLS / "check-jsonschema"), *schema, str(workflow)]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def risks(workflow: Path) -> subprocess.CompletedProcess[str]:
    """Have zizmor look for injections, rights and leaked credentials, without asking GitHub."""
    alone = ("--offline", "--no-progress", "--no-config")
    command = [str(TOOLS / "zizmor"), *alone, str(workflow)]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def read(workflow: Path) -> dict[str, Any]:
    found = yaml.safe_load(workflow.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def commands(workflow: Path) -> Iterator[str]:
    for job in read(workflow)["jobs"].values():
        for step in job["steps"]:
            yield from (line.strip() for line in step.get("run", "").splitlines())


def test_there_is_one_to_test_one_to_release_and_one_to_deploy() -> None:
    assert {path.stem for path in WORKFLOWS} == {"test", "release", "deploy"}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_is_valid_and_without_known_risks(workflow: Path) -> None:
    checked, looked = form(workflow), risks(workflow)

    assert checked.returncode == 0, checked.stdout
    assert looked.returncode == 0, looked.stdout + looked.stderr


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_named_by_their_commit(workflow: Path) -> None:
    lines = [line.strip("- ") for line in workflow.read_text("utf-8").splitlines()]

    assert not [
        line for line in lines if line.startswith("uses:") and not BY_COMMIT.fullmatch(line)
    ]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_jobs_have_the_rights_that_they_name_and_no_key_of_aws(workflow: Path) -> None:
    said = read(workflow)

    assert said["permissions"] == {}
    for job in said["jobs"].values():
        assert job["permissions"].items() <= {**RIGHTS, "contents": "read"}.items() | RIGHTS.items()
    assert "secrets." not in workflow.read_text("utf-8")
    assert "aws-access-key-id" not in workflow.read_text("utf-8")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_no_job_takes_on_a_role_without_the_approval_of_an_environment(workflow: Path) -> None:
    guide = (ROOT / "docs" / "how-to" / "deploy.md").read_text("utf-8")

    for job in read(workflow)["jobs"].values():
        if any("role-to-assume" in step.get("with", {}) for step in job["steps"]):
            assert f"repo:OWNER/NAME:environment:{job['environment']}`" in guide
    assert "repo:OWNER/NAME:ref:" not in guide


def test_tests_are_what_everybody_runs() -> None:
    assert "bash .ci/run" in commands(FOLDER / "test.yml")
    assert (ROOT / ".ci" / "run").read_text("utf-8").rstrip().endswith("make test")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_commands_are_there(workflow: Path) -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    makefile = (ROOT / "Makefile").read_text("utf-8")

    for line in commands(workflow):
        for target in re.findall(r"\bmake ([a-z-]+)", line):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), line
        if line.startswith(".venv/bin/tintype "):
            _, name, *arguments = line.split()
            with group.commands[name].make_context(name, arguments):
                pass


@pytest.mark.parametrize(
    ("was", "planted", "check"),
    [
        ("runs-on: ubuntu-24.04", "run-on: ubuntu-24.04", form),
        ("timeout-minutes: 60", "timeout-minutes: soon", form),
        ('"$TINTYPE_STACK"', "${{ inputs.stack }}", risks),
        ("persist-credentials: false", "fetch-depth: 0", risks),
    ],
)
def test_planted_fault_is_found(was: str, planted: str, check: Any, tmp_path: Path) -> None:
    text = (FOLDER / "deploy.yml").read_text("utf-8")
    assert was in text
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    changed = folder / "deploy.yml"
    changed.write_text(text.replace(was, planted), "utf-8")

    assert check(changed).returncode != 0
