"""`deploy.sh` and who can use what it deploys: an open stack only where that is meant."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from tests.deploy.account import Account
from tests.deploy.listing import difference, listing
from tests.deploy.script import SCRIPT, Script, small_release
from tests.deploy.small import STACK, TEMPLATE
from tests.deploy.tools import ROOT
from tintype.releases import OPEN_TO_ALL


@pytest.fixture
def script(tmp_path: Path, account: Account) -> Script:
    return Script(small_release(tmp_path / "release", TEMPLATE), account)


def test_open_stack_is_deployed_only_where_that_is_meant(script: Script, account: Account) -> None:
    before = listing(account)
    script.public = False

    said = script("--stack", STACK, "--yes", "--parameter", "AccessMode=open", code=1)

    assert f"public_stack: {OPEN_TO_ALL} Pass --public to confirm" in said
    assert difference(before, listing(account)) == {}


def test_release_that_is_open_by_itself_is_not_deployed_either(
    tmp_path: Path, account: Account
) -> None:
    before = listing(account)
    template = copy.deepcopy(TEMPLATE)
    template["Parameters"]["AccessMode"]["Default"] = "open"
    script = Script(small_release(tmp_path / "open", template), account, public=False)

    said = script("--stack", STACK, "--yes", code=1)

    assert "public_stack" in said
    assert difference(before, listing(account)) == {}


@pytest.mark.parametrize("default", [None, 1, "Cognito"])
def test_release_whose_mode_cannot_be_read_is_not_deployed(
    tmp_path: Path, account: Account, default: object
) -> None:
    before = listing(account)
    template = copy.deepcopy(TEMPLATE)
    template["Parameters"]["AccessMode"]["Default"] = default
    script = Script(small_release(tmp_path / "unread", template), account, public=False)

    said = script("--stack", STACK, "--yes", code=1)

    assert "public_stack" in said
    assert difference(before, listing(account)) == {}


def test_public_and_a_mode_are_two_words_for_one_thing(script: Script) -> None:
    said = script("--stack", STACK, "--parameter", "AccessMode=cognito", code=2)

    assert "--public is AccessMode=open" in said


def test_all_ways_to_deploy_say_the_same_of_who_can_do_what() -> None:
    assert OPEN_TO_ALL in SCRIPT.read_text("utf-8")
    assert OPEN_TO_ALL in (ROOT / "terraform" / "main.tf").read_text("utf-8")


def test_the_user_pool_is_named_among_what_is_kept_whatever_else_goes(
    tmp_path: Path, account: Account
) -> None:
    template = copy.deepcopy(TEMPLATE)
    template["Resources"]["Images"]["DeletionPolicy"] = "Retain"
    people = {"Type": "AWS::Cognito::UserPool", "DeletionPolicy": "Retain", "Properties": {}}
    template["Resources"]["People"] = people
    script = Script(small_release(tmp_path / "people", template), account)
    script("--stack", STACK, "--yes")
    cognito = account.client("cognito-idp")
    (pool,) = cognito.list_user_pools(MaxResults=10)["UserPools"]

    said = script("destroy", "--stack", STACK, "--yes", "--delete-images")

    assert f"AWS::Cognito::UserPool\t{pool['Id']}" in said.split("To be kept:")[1]
    cognito.delete_user_pool(UserPoolId=pool["Id"])  # fails if it is gone
