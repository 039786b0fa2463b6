"""The generation of the signing keys: what was rotated once is not taken back by a later deployment."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.account import Account
from tests.deploy.listing import difference, listing
from tests.deploy.script import Script, small_release
from tests.deploy.small import STACK, TEMPLATE
from tintype.deployment.signing_keys import GENERATION, with_generation


@pytest.fixture
def script(tmp_path: Path, account: Account) -> Iterator[Script]:
    before = listing(account)
    template = copy.deepcopy(TEMPLATE)
    template["Parameters"][GENERATION] = {"Type": "Number", "Default": 1}
    template["Resources"]["Jobs"]["Properties"]["VisibilityTimeout"] = {"Ref": GENERATION}
    script = Script(small_release(tmp_path / "release", template), account)
    yield script
    script("destroy", "--stack", STACK, "--yes", "--delete-images")
    assert difference(before, listing(account)) == {}


def generation(account: Account) -> str:
    (stack,) = account.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {one["ParameterKey"]: str(one["ParameterValue"]) for one in stack["Parameters"]}[
        GENERATION
    ]


def test_deploy_sh_keeps_the_generation_that_it_was_told(script: Script, account: Account) -> None:
    script("--stack", STACK, "--yes")
    assert generation(account) == "1"

    script("--stack", STACK, "--yes", "--parameter", f"{GENERATION}=3")
    script("--stack", STACK, "--yes", "--parameter", "Topic=second", "--allow-loss")

    assert generation(account) == "3"


@pytest.mark.parametrize(
    ("given", "default", "deployed", "rotate", "wanted"),
    [
        ({}, "1", {}, False, "1"),
        ({}, "1", {GENERATION: "4"}, False, "4"),
        ({}, "7", {GENERATION: "4"}, False, "7"),
        ({GENERATION: "5"}, "1", {GENERATION: "4"}, False, "5"),
        ({GENERATION: "2"}, "1", {GENERATION: "4"}, False, "4"),
        ({}, "1", {GENERATION: "4"}, True, "5"),
        ({}, "1", {}, True, "2"),
    ],
)
def test_tintype_deploy_goes_on_from_the_stack_s_generation(
    *, given: dict[str, str], default: str, deployed: dict[str, str], rotate: bool, wanted: str
) -> None:
    found = with_generation(given, default=default, deployed=deployed, rotate=rotate)

    assert found == {GENERATION: wanted}


def test_release_without_signing_keys_is_told_nothing() -> None:
    assert with_generation({"A": "b"}, default=None, deployed={}, rotate=True) == {"A": "b"}
