"""One stack for all tests here: deployed from the older release, used, then updated to this one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud.stack import Stack
from tests.deploy.account import Account, empty_account
from tests.deploy.person import Person, person
from tests.upgrade.older import OlderRelease, older_release
from tests.upgrade.people import PHOTOGRAPH, Known, Left, known_now, outputs_of, use
from tests.upgrade.presets import Earlier, earlier_images, write_other_presets
from tests.upgrade.updating import Updated, update

_ADMINISTRATOR = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.fixture(scope="session")
def older(tmp_path_factory: pytest.TempPathFactory) -> OlderRelease:
    """Return the older release, whose page takes half a minute if this machine has not built it yet."""
    return older_release(tmp_path_factory.mktemp("older"))


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with empty_account(tmp_path_factory.mktemp("upgraded")) as account:
        yield account


@pytest.fixture(scope="session")
def tintype(account: Account) -> Person:
    return person(account, "administrator", _ADMINISTRATOR)


@pytest.fixture(scope="session")
def stack(older: OlderRelease, account: Account) -> Stack:
    """Deploy the older release, and return its public doors: the addresses are its own for good."""
    older.deploy(account)
    return Stack(outputs_of(account), account.browser())


@pytest.fixture(scope="session")
def left(stack: Stack, account: Account) -> Left:
    """Use the older release."""
    return use(stack, account)


@pytest.fixture(scope="session")
def before(stack: Stack, account: Account, left: Left) -> Known:
    return known_now(stack, account, left)


@pytest.fixture(scope="session")
def updated(
    tintype: Person,
    stack: Stack,
    account: Account,
    before: Known,
    release: Path,
) -> Updated:
    """Update the stack to this release."""
    assert before
    return update(tintype, stack, account, release)


@pytest.fixture(scope="session")
def earlier(updated: Updated, stack: Stack, left: Left) -> Earlier:
    """Look at images that the older release and this one have made, all by the shipped presets."""
    fresh = stack.upload(PHOTOGRAPH, "fresh.jpg", "image/jpeg")
    return earlier_images(stack, [left.photograph, left.by_hand, updated.image_ids[0], fresh])


@pytest.fixture(scope="session")
def other_presets(
    earlier: Earlier, tintype: Person, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Deploy a release of other presets to the updated stack, and return its folder."""
    assert earlier
    folder = write_other_presets(tmp_path_factory.mktemp("presets"))
    ended = tintype("deploy", "--public", "--yes", "--json", "--release", folder)
    assert ended.code == 0, ended.out + ended.err
    return folder
