"""A stack on the emulator with a real user pool and a real table of API keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.aws.emulator import REGION, Emulator, emulator
from tests.cli.conftest import Tintype
from tests.cli.service import Service
from tests.maintenance.operated import client
from tintype import api_keys
from tintype.aws.access_table import AccessTable
from tintype.aws.account import Account
from tintype.aws.sdk import clients_of
from tintype.aws.users import CognitoPool

ADMINS, TABLE = "grown-ups", "access"


@dataclass(frozen=True)
class Access:
    """The pool and the table of a stack, whose outputs the folder's local cloud has."""

    pool: CognitoPool
    client_id: str
    table: AccessTable
    cognito: Any

    def signs_in(self, email: str, password: str) -> str:
        """Return what Cognito asks next of a person who gives a password."""
        answer = self.cognito.admin_initiate_auth(
            UserPoolId=self.pool.id,
            ClientId=self.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )
        return str(answer.get("ChallengeName", "signed in"))

    def record(self, key: str) -> api_keys.ApiKeyRecord:
        """Return what the table has of a key that was printed."""
        credential = api_keys.parse(key)
        assert credential
        item = self.table.get(api_keys.item_id(credential.key_id))
        assert item
        record = api_keys.from_item(item)
        assert record
        assert record.opens_with(credential)
        return record


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with emulator(tmp_path_factory.mktemp("emulator")) as running:
        make_table(running)
        yield running


@pytest.fixture
def access(server: Emulator, stack: Service) -> Iterator[Access]:
    """Make a user pool, and have `.tintype/local.json` name it, its admins and the table."""
    cognito = client(server, "cognito-idp")
    pool_id = cognito.create_user_pool(PoolName="people", UsernameAttributes=["email"])["UserPool"][
        "Id"
    ]
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    made = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="page", ExplicitAuthFlows=flows
    )
    cognito.create_group(UserPoolId=pool_id, GroupName=ADMINS)
    outputs = {
        **stack.outputs,
        "AccessMode": "cognito",
        "UserPoolId": pool_id,
        "AccessTable": TABLE,
        "AdminGroup": ADMINS,
    }
    stack.announce_local(server.endpoint, outputs, server.root.access_key)
    account = Account(REGION, server.endpoint, lambda: server.root)
    pool = CognitoPool(clients_of(account), pool_id, ADMINS)
    client_id = made["UserPoolClient"]["ClientId"]
    yield Access(pool, client_id, AccessTable(account, TABLE), cognito)
    account.connections.close()


def make_table(server: Emulator) -> None:
    """Make a table like the template's."""
    names = ("id", "owner", "createdAt")
    client(server, "dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "byOwner",
                "KeySchema": [
                    {"AttributeName": "owner", "KeyType": "HASH"},
                    {"AttributeName": "createdAt", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


def made_key(tintype: Tintype, owner: str, *scopes: str) -> str:
    """Make a key, and return its ID."""
    words = [f"--scope={scope}" for scope in scopes]
    return tintype("keys", "add", "script", "--owner", owner, *words).out.split("_")[1]
