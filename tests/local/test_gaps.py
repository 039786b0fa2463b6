"""What MiniStack does otherwise than AWS, and the local cloud does as AWS."""

from __future__ import annotations

import io
import json
import zipfile

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import Cloud

NAME, GROUP = "outliving", "/tests/outliving"
CODE = "def handler(event, context):\n    print('still here')\n"


def test_run_that_outlives_its_log_group_does_not_make_it_anew(cloud: Cloud) -> None:
    functions, logs = cloud.client("lambda"), cloud.client("logs")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("index.py", CODE)
    role = functions.get_function(FunctionName=cloud.outputs["Looker"])["Configuration"]["Role"]
    logs.create_log_group(logGroupName=GROUP)
    functions.create_function(
        FunctionName=NAME,
        Runtime="python3.13",
        Handler="index.handler",
        Role=role,
        Code={"ZipFile": buffer.getvalue()},
        LoggingConfig={"LogGroup": GROUP},
    )

    functions.invoke(FunctionName=NAME)
    written = logs.filter_log_events(logGroupName=GROUP)["events"]
    logs.delete_log_group(logGroupName=GROUP)
    functions.invoke(FunctionName=NAME)
    groups = logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
    functions.delete_function(FunctionName=NAME)

    assert any("still here" in event["message"] for event in written)
    assert groups == []


def test_change_sets_that_would_create_a_stack_are_of_one_stack(cloud: Cloud) -> None:
    cloudformation = cloud.client("cloudformation")
    template = json.dumps({"Resources": {"Orders": {"Type": "AWS::SNS::Topic"}}})
    broken = json.dumps({"Resources": {"Orders": {"Type": "AWS::Nothing::AtAll"}}})
    asked = [
        cloudformation.create_change_set(
            StackName="reviewed", ChangeSetName=name, ChangeSetType="CREATE", TemplateBody=template
        )
        for name in ("one", "two")
    ]
    with pytest.raises(ClientError):
        cloudformation.create_change_set(
            StackName="reviewed", ChangeSetName="three", ChangeSetType="CREATE", TemplateBody=broken
        )

    there = cloudformation.describe_stacks(StackName="reviewed")["Stacks"][0]["StackId"]
    cloudformation.delete_change_set(StackName=asked[0]["StackId"], ChangeSetName=asked[0]["Id"])
    left = cloudformation.list_change_sets(StackName="reviewed")["Summaries"]
    cloudformation.delete_stack(StackName=there)

    assert [each["StackId"] for each in asked] == [there, there]
    assert [(each["ChangeSetName"], each["StackId"]) for each in left] == [("two", there)]


def test_sign_in_that_was_revoked_is_renewed_no_more(cloud: Cloud) -> None:
    cognito = cloud.client("cognito-idp")
    pool_id = cognito.create_user_pool(PoolName="leaving")["UserPool"]["Id"]
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="page",
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool_id, Username="ada")
    secret = "Passw0rd-of-ada"  # noqa: S105 - a test's
    cognito.admin_set_user_password(
        UserPoolId=pool_id, Username="ada", Password=secret, Permanent=True
    )
    token = cognito.admin_initiate_auth(
        UserPoolId=pool_id,
        ClientId=client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": secret},
    )["AuthenticationResult"]["RefreshToken"]

    def renewed() -> None:
        cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": token},
        )

    renewed()
    url = f"{cloud.address.endpoint}/oauth2/revoke"
    without = httpx.post(url, data={"client_id": client_id})
    revoked = httpx.post(url, data={"token": token, "client_id": client_id})

    assert (without.status_code, without.json()["error"]) == (400, "invalid_request")
    assert (revoked.status_code, revoked.content) == (200, b"")
    with pytest.raises(ClientError, match="revoked"):
        renewed()
