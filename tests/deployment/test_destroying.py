"""Destroying looks at the end for what was to go."""

from __future__ import annotations

from datetime import UTC, datetime

import boto3
import pytest

from tests.deployment.conftest import ACCOUNT, Stubbed
from tintype.aws.account import GLOBAL_REGION
from tintype.aws.sdk import Clients
from tintype.deployment.checks.run import AccountContext
from tintype.deployment.destroy import destroy
from tintype.deployment.events import Progress
from tintype.deployment.inventory import Inventory, Store, StoreKind
from tintype.deployment.stack_state import StackFacts

GONE = StackFacts("tintype", "arn", "DELETE_COMPLETE", "", "Tintype: images", {}, {})
TABLE = Store(StoreKind.TABLE, "images", "tintype-images", kept=True)
FOUND = Inventory(GONE, (TABLE,), {}, 1, None, None)


class Silent:
    """Hears of everything and does nothing."""

    def step(self, text: str) -> None: ...

    def emptied(self, number: int) -> None: ...

    def progress(self, progress: Progress, /) -> None: ...


def test_user_pool_that_outlives_the_stack_is_told(session: boto3.Session) -> None:
    aws = Stubbed(Clients(session, GLOBAL_REGION))
    stacks = aws.of("cloudformation")
    for _look in ("certificate", "stack", "certificate"):
        stacks.add_client_error("describe_stacks", "ValidationError", "it does not exist")
    found = Inventory(GONE, (), {}, 1, None, None, people="us-east-1_Ab12")

    ended = destroy(AccountContext(aws.clients, ACCOUNT, "root"), found, Silent())

    assert (ended.people, ended.left) == ("us-east-1_Ab12", ())


@pytest.mark.parametrize("is_back", [True, False])
def test_table_that_is_there_again_is_left_behind(session: boto3.Session, *, is_back: bool) -> None:
    aws = Stubbed(Clients(session, GLOBAL_REGION))
    tables = aws.of("dynamodb")
    stacks = aws.of("cloudformation")
    described = {"TableName": TABLE.name, "CreationDateTime": datetime(2026, 11, 21, tzinfo=UTC)}
    tables.add_response("delete_table", {}, {"TableName": TABLE.name})
    tables.add_client_error("describe_table", "ResourceNotFoundException")
    if is_back:
        tables.add_response("describe_table", {"Table": described})
    else:
        tables.add_client_error("describe_table", "ResourceNotFoundException")
    for _look in ("certificate", "stack", "certificate"):
        stacks.add_client_error("describe_stacks", "ValidationError", "it does not exist")

    ended = destroy(
        AccountContext(aws.clients, ACCOUNT, "root"), FOUND, Silent(), delete_images=True
    )

    assert ended.removed == ("images table tintype-images",)
    assert ended.left == (("images table tintype-images",) if is_back else ())
    tables.assert_no_pending_responses()
    stacks.assert_no_pending_responses()
