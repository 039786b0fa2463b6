"""One stack in every access mode, one after the other: each is an update, and nothing gets lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cloud.stack import Stack
from tests.deploy.account import Account
from tests.deploy.person import Person, person
from tests.deploy.smoke import smoke
from tintype.releases import OPEN_TO_ALL

_ADMINISTRATOR = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ISSUER = "https://login.example.com/realms/main"
OIDC = {
    "access.mode": "oidc",
    "access.issuer": ISSUER,
    "access.audience": "images",
    "access.client_id": "images-page",
}
ANN = "ann@example.com"


@pytest.fixture(scope="module")
def tintype(account: Account) -> Person:
    return person(account, "administrator", _ADMINISTRATOR)


def deployed(tintype: Person, release: Path, *options: str, **settings: str) -> Any:
    """Deploy, and return the document that the command prints."""
    given = [text for name, value in settings.items() for text in ("--set", f"{name}={value}")]
    ended = tintype("deploy", "--yes", "--json", "--release", release, *options, *given)
    assert ended.code == 0, ended.out + ended.err
    return ended.document


def answers(account: Account, outputs: dict[str, str]) -> tuple[int, int, str]:
    """Return what somebody without a token is answered, and the mode of the GraphQL API."""
    stack = Stack(outputs, account.browser())
    api = account.client("appsync").get_graphql_api(apiId=outputs["GraphqlApiId"])["graphqlApi"]
    listing, document = (stack.request("GET", f"/{path}") for path in ("images", "openapi.json"))
    return listing.status_code, document.status_code, api["authenticationType"]


def test_stack_goes_through_all_modes_and_keeps_its_people_and_images(
    tintype: Person, release: Path, account: Account
) -> None:
    closed = deployed(tintype, release)
    outputs = closed["outputs"]
    assert (closed["access"], outputs["AccessMode"]) == ("", "cognito")
    assert answers(account, outputs) == (401, 200, "AMAZON_COGNITO_USER_POOLS")
    cognito = account.client("cognito-idp")
    cognito.admin_create_user(UserPoolId=outputs["UserPoolId"], Username=ANN)
    assert cognito.get_group(GroupName="admin", UserPoolId=outputs["UserPoolId"])

    opened = deployed(tintype, release, "--public")
    assert (opened["access"], opened["outputs"]["UserPoolId"]) == (OPEN_TO_ALL, "")
    assert answers(account, opened["outputs"]) == (200, 200, "API_KEY")
    image = smoke(account, opened["outputs"])

    again = deployed(tintype, release)["outputs"]
    assert again["UserPoolId"] == outputs["UserPoolId"]
    assert again["CdnUrl"] == outputs["CdnUrl"]
    (person_,) = cognito.list_users(UserPoolId=again["UserPoolId"])["Users"]
    assert {"Name": "email", "Value": ANN} in person_["Attributes"]
    assert answers(account, again) == (401, 200, "AMAZON_COGNITO_USER_POOLS")
    rows = account.client("dynamodb").scan(TableName=again["ImagesTable"])["Items"]
    assert image["id"] in {row["id"]["S"] for row in rows}

    other = deployed(tintype, release, **OIDC)["outputs"]
    assert (other["SignInIssuer"], other["SignInClientId"]) == (ISSUER, "images-page")
    assert answers(account, other) == (401, 200, "OPENID_CONNECT")

    back = deployed(tintype, release)["outputs"]
    assert back["UserPoolId"] == outputs["UserPoolId"]
    assert cognito.list_users(UserPoolId=back["UserPoolId"])["Users"] == [person_]

    refused = tintype("deploy", "--yes", "--release", release, "--set", "access.mode=oidc")
    assert refused.code != 0
    assert "AccessIssuer" in refused.err
    gone = tintype("destroy", "--yes", "--json", "--delete-images")
    assert (gone.code, gone.document["left"]) == (0, [])
    assert gone.document["userPool"] == outputs["UserPoolId"]
    cognito.delete_user_pool(UserPoolId=outputs["UserPoolId"])  # which it has kept
