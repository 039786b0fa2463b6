"""`tintype users` and `tintype keys` on the emulator: a real user pool and a real table."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.aws.emulator import REGION, Emulator, emulator
from tests.cli.conftest import Tintype
from tests.cli.service import Service
from tests.maintenance.operated import client
from tintype import api_keys, owners
from tintype.access import Scope
from tintype.aws.access_table import AccessTable
from tintype.aws.account import Account
from tintype.aws.errors import NotFoundError
from tintype.aws.sdk import clients_of
from tintype.aws.users import CognitoPool, temporary_password

ADMINS, FUNCTION, TABLE = "grown-ups", "api", "access"
EMAIL = "ann@example.com"


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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with emulator(tmp_path_factory.mktemp("emulator")) as running:
        make_function(running)
        make_table(running)
        yield running


@pytest.fixture
def access(server: Emulator, stack: Service) -> Iterator[Access]:
    """Make a user pool, and have `.tintype/local.json` name it, the table and the API's function."""
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
        "ApiFunction": FUNCTION,
    }
    stack.announce_local(server.endpoint, outputs, server.root.access_key)
    account = Account(REGION, server.endpoint, lambda: server.root)
    pool = CognitoPool(clients_of(account), pool_id, ADMINS)
    client_id = made["UserPoolClient"]["ClientId"]
    yield Access(pool, client_id, AccessTable(account, TABLE), cognito)
    account.connections.close()


def make_function(server: Emulator) -> None:
    """Make what the API's function says of the admins' group."""
    role = client(server, "iam").create_role(
        RoleName="api", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17"})
    )["Role"]["Arn"]
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("api.py", "def handler(event, context): pass")
    client(server, "lambda").create_function(
        FunctionName=FUNCTION,
        Runtime="python3.11",
        Role=role,
        Handler="api.handler",
        Code={"ZipFile": package.getvalue()},
        Environment={"Variables": {"TINTYPE_ADMIN_GROUP": ADMINS}},
    )


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


def password_in(out: str) -> str:
    (line,) = [one for one in out.splitlines() if one.startswith("Temporary password: ")]
    return line.partition(": ")[2]


def test_invited_person_signs_in_with_the_printed_password_and_must_change_it(
    tintype: Tintype, access: Access
) -> None:
    ended = tintype("users", "add", EMAIL)

    assert ended.code == 0, ended.err
    assert f"{EMAIL} is now a user of the local cloud" in ended.out
    assert access.signs_in(EMAIL, password_in(ended.out)) == "NEW_PASSWORD_REQUIRED"


def test_admin_is_in_the_group_that_the_api_goes_by(tintype: Tintype, access: Access) -> None:
    ended = tintype("users", "add", EMAIL, "--admin", "--json")

    assert ended.document["admin"] is True
    (user,) = access.cognito.list_users_in_group(UserPoolId=access.pool.id, GroupName=ADMINS)[
        "Users"
    ]
    assert {one["Name"]: one["Value"] for one in user["Attributes"]}["email"] == EMAIL


def test_person_becomes_an_admin_later_and_a_user_again(tintype: Tintype, access: Access) -> None:
    tintype("users", "add", EMAIL)

    promoted = tintype("users", "add", EMAIL, "--admin")
    assert "is now an admin" in promoted.out
    assert "Temporary password" not in promoted.out
    assert access.pool.person(EMAIL).admin

    assert "is now a user" in tintype("users", "add", EMAIL, "--no-admin").out
    assert not access.pool.person(EMAIL).admin


def test_person_who_is_there_is_not_invited_again(tintype: Tintype, access: Access) -> None:
    tintype("users", "add", EMAIL)

    ended = tintype("users", "add", EMAIL)

    assert ended.code == 1
    assert "user_exists" in ended.err
    assert [one.email for one in access.pool.people()] == [EMAIL]


def test_list_shows_everybody_with_the_owner_of_the_images(
    tintype: Tintype, access: Access
) -> None:
    emails = sorted(f"user{number:02}@example.com" for number in range(65))  # more than a page
    for email in emails:
        access.pool.add(email, password=temporary_password())
    access.pool.set_admin(emails[3], admin=True)

    lines = [line.split("\t") for line in tintype("users", "list").out.splitlines()]

    assert [line[0] for line in lines] == emails
    assert {line[1] for line in lines} == {one.subject for one in access.pool.people()}
    assert [line[0] for line in lines if line[2] == "admin"] == [emails[3]]


def test_empty_pool_is_said(tintype: Tintype, access: Access) -> None:
    assert access

    assert "No users." in tintype("users", "list").err


def test_removed_person_s_keys_are_revoked_and_nobody_else_s(
    tintype: Tintype, access: Access
) -> None:
    access.pool.add(EMAIL)
    owner = owners.of_subject(access.pool.person(EMAIL).subject)
    hers = tintype("keys", "add", "script", "--scope", "read", "--owner", owner).out.strip()
    other = tintype("keys", "add", "script", "--scope", "read", "--owner", "bob").out.strip()

    ended = tintype("users", "remove", EMAIL, "--yes")

    assert f"{EMAIL} is removed, and 1 API key revoked. The owner was {owner}" in ended.out
    with pytest.raises(NotFoundError):
        access.pool.person(EMAIL)
    assert access.table.get(api_keys.item_id(hers.split("_")[1])) is None
    assert access.record(other).owner == "bob"


def test_nobody_is_removed_without_confirmation(tintype: Tintype, access: Access) -> None:
    access.pool.add(EMAIL)

    ended = tintype("users", "remove", EMAIL)

    assert "not_confirmed" in ended.err
    assert access.pool.person(EMAIL).email == EMAIL


@pytest.mark.parametrize("command", ["remove", "reset"])
def test_unknown_person_is_said(tintype: Tintype, access: Access, command: str) -> None:
    assert access

    ended = tintype("users", command, "nobody@example.com")

    assert ended.code == 1
    assert "unknown_user: the local cloud has no user nobody@example.com" in ended.err


def test_reset_person_needs_the_new_password(tintype: Tintype, access: Access) -> None:
    first = password_in(tintype("users", "add", EMAIL).out)

    second = password_in(tintype("users", "reset", EMAIL, "--second-factor").out)

    assert access.signs_in(EMAIL, second) == "NEW_PASSWORD_REQUIRED"
    with pytest.raises(access.cognito.exceptions.NotAuthorizedException):
        access.signs_in(EMAIL, first)


@pytest.mark.parametrize("has_signed_in", [True, False])
def test_reset_on_aws_leaves_the_password_to_a_mail(access: Access, *, has_signed_in: bool) -> None:
    access.pool.add(EMAIL, password="Passw0rd-of-old")  # noqa: S106
    if has_signed_in:
        access.cognito.admin_set_user_password(
            UserPoolId=access.pool.id,
            Username=EMAIL,
            Password="Passw0rd-of-old",  # noqa: S106
            Permanent=True,
        )
    person = access.pool.person(EMAIL)

    access.pool.reset(person)

    assert person.has_signed_in is has_signed_in
    after = access.pool.person(EMAIL).status
    assert after == ("RESET_REQUIRED" if has_signed_in else "FORCE_CHANGE_PASSWORD")


def test_stack_without_a_pool_says_what_it_is(tintype: Tintype, stack: Service) -> None:
    outputs = {**stack.outputs, "AccessMode": "oidc", "UserPoolId": ""}
    stack.announce_local("http://127.0.0.1:9", outputs)

    ended = tintype("users", "list")

    assert ended.code == 2
    assert 'no_user_pool: the local cloud has no users of its own: its access mode is "oidc"' in (
        " ".join(ended.err.split())
    )


def test_key_is_printed_alone_and_stored_as_a_hash(tintype: Tintype, access: Access) -> None:
    ended = tintype("keys", "add", "shop", "--scope", "upload", "--scope", "read")

    key = ended.out.removesuffix("\n")
    record = access.record(key)
    assert (record.name, record.owner) == ("shop", "public")
    assert record.scopes == (Scope.READ, Scope.UPLOAD)
    assert record.expires is None
    assert key.split("_", 2)[2] not in json.dumps(access.table.get(api_keys.item_id(record.id)))
    assert key not in ended.err


def test_key_of_an_owner_that_expires(tintype: Tintype, access: Access) -> None:
    words = ["--scope", "delete", "--owner", "shop", "--days", "30", "--json"]

    document = tintype("keys", "add", "clean-up", *words).document

    record = access.record(document["key"])
    assert record.owner == document["owner"] == "shop"
    assert record.expires
    left = datetime.fromtimestamp(record.expires, UTC) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < left <= timedelta(days=30)


@pytest.mark.parametrize(
    "words",
    [
        ["", "--scope", "read"],
        ["x" * 101, "--scope", "read"],
        ["shop", "--scope", "read", "--owner", "two words"],
    ],
)
def test_key_with_a_wrong_name_or_owner_is_not_made(
    tintype: Tintype, access: Access, words: list[str]
) -> None:
    ended = tintype("keys", "add", *words)

    assert (ended.code, ended.out) == (2, "")
    assert "invalid_key" in ended.err
    assert access.table.owned("two words") == ()


def test_key_without_a_scope_is_a_mistake(tintype: Tintype, access: Access) -> None:
    assert access

    assert tintype("keys", "add", "shop").code == 2
    assert tintype("keys", "add", "shop", "--scope", "write").code == 2


def test_keys_are_listed_all_or_of_one_owner_without_a_secret(
    tintype: Tintype, access: Access
) -> None:
    made = [
        tintype("keys", "add", f"of {owner}", "--scope", "read", "--owner", owner).out.strip()
        for owner in ("ann-1", "bob-1")
    ]
    ids = [key.split("_")[1] for key in made]

    everyone = tintype("keys", "list").out
    of_ann = [
        line.split("\t") for line in tintype("keys", "list", "--owner", "ann-1").out.splitlines()
    ]

    assert {ids[0], ids[1]} <= {line.split("\t")[0] for line in everyone.splitlines()}
    assert [line[:4] for line in of_ann] == [[ids[0], "of ann-1", "ann-1", "read"]]
    assert not any(key.split("_", 2)[2] in everyone for key in made)
    found = tintype("keys", "list", "--owner", "bob-1", "--json").document["keys"]
    assert [one["id"] for one in found] == [ids[1]]
    assert access.record(made[0]).hash not in json.dumps(found) + everyone


def test_revoked_key_is_gone(tintype: Tintype, access: Access) -> None:
    key_id = tintype("keys", "add", "shop", "--scope", "read").out.split("_")[1]

    assert "not_confirmed" in tintype("keys", "revoke", key_id).err
    assert access.table.get(api_keys.item_id(key_id))

    assert tintype("keys", "revoke", key_id, "--yes").out == f"Key {key_id} is revoked.\n"
    assert access.table.get(api_keys.item_id(key_id)) is None
    assert "unknown_key" in tintype("keys", "revoke", key_id, "--yes").err


@pytest.mark.parametrize("key_id", ["abc", "key#abcdefghij27", "abcdefghij27"])
def test_unknown_key_is_said(tintype: Tintype, access: Access, key_id: str) -> None:
    assert access

    ended = tintype("keys", "revoke", key_id, "--yes")

    assert f"has no API key with the ID {key_id}" in " ".join(ended.err.split())
