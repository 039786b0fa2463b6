"""Our template by `deploy.sh`, for real: from an empty account to the CDN's renditions and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cloud.stack import Stack
from tests.deploy.account import Account
from tests.deploy.listing import Listing, difference, listing
from tests.deploy.script import Script
from tests.deploy.smoke import page_loads, smoke

STACK = "pictures"
DATA = {"buckets": 2, "tables": 2}


@pytest.fixture(scope="module")
def before(account: Account) -> Listing:
    return listing(account)


@pytest.fixture(scope="module")
def script(release: Path, account: Account) -> Script:
    return Script(release, account)


def test_a_stack_is_deployed_changed_and_removed_and_leaves_nothing(
    script: Script, account: Account, before: Listing
) -> None:
    said = script("--stack", STACK, "--yes")
    outputs = script.outputs(STACK)
    assert outputs["CdnUrl"] in said
    assert "Add" in said
    assert "LOST" not in said, "nothing is lost where nothing was"
    image = smoke(account, outputs)

    said = script("--stack", STACK, "--yes", "--parameter", "MaxTries=6")
    assert "Modify" in said
    assert "LOST" not in said
    assert script.outputs(STACK) == outputs, "addresses stay"
    stack = Stack(outputs, account.browser())
    assert stack.ready(image["id"])["renditions"] == image["renditions"], "images stay"
    page_loads(stack)

    said = script("--stack", STACK, "--yes", "--parameter", "MaxTries=6")
    assert "No changes" in said

    said = script("destroy", "--stack", STACK, "--yes")
    said = said.split("To be kept:")[1]
    left = difference(before, listing(account))
    assert {kind: len(names) for kind, names in left.items()} == DATA
    assert all(name in said for names in left.values() for name in names), "it says what stays"

    said = script("destroy", "--stack", STACK, "--yes", "--delete-images")
    assert "DELETED PERMANENTLY" in said
    assert all(name in said for names in left.values() for name in names)
    assert difference(before, listing(account)) == {}
