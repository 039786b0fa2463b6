"""A small template for `deploy.sh`, what it waits for, and what became of it in the account."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.deploy.account import Account
from tests.deploy.person import person

STACK, WAITING = "small", "waiting"
LONG = 5 * 60  # seconds, within which the test itself ends what takes so long
UUID = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}


def bucket(name: str, policy: str) -> dict[str, Any]:
    """Return a bucket that is named as ours are."""
    return {
        "Type": "AWS::S3::Bucket",
        "DeletionPolicy": policy,
        "UpdateReplacePolicy": policy,
        "Properties": {"BucketName": {"Fn::Join": ["-", ["tintype", name, UUID]]}},
    }


# What the script asks of a template: these parameters, these outputs, a table with that index.
TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "PackagesBucket": {"Type": "String"},
        "PageSources": {"Type": "String", "Default": ""},
        "AccessMode": {"Type": "String", "Default": "cognito"},
        "Topic": {"Type": "String", "Default": "first"},
    },
    "Resources": {
        "Originals": bucket("originals", "Delete"),
        "Site": bucket("site", "Retain"),
        "Jobs": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"QueueName": {"Fn::Sub": "${AWS::StackName}-${Topic}"}},
        },
        "Images": {
            "Type": "AWS::DynamoDB::Table",
            "DeletionPolicy": "Delete",
            "Properties": {
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": "byOwner",
                        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                        "Projection": {"ProjectionType": "ALL"},
                    }
                ],
            },
        },
    },
    "Outputs": {"SiteBucket": {"Value": {"Ref": "Site"}}, "CdnUrl": {"Value": "https://cdn"}},
}


def changed(**resources: Any) -> dict[str, Any]:
    """Return the template with more resources, or others."""
    template = copy.deepcopy(TEMPLATE)
    template["Resources"].update(resources)
    return template


def waiting(*, seconds: int) -> dict[str, Any]:
    """Return resources that wait for `signal_waiting`, and fail after so long."""
    return {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Wait": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": str(seconds), "Count": 1},
        },
    }


def begin_waiting(account: Account, template: Mapping[str, Any]) -> None:
    """Have the stack WAITING created by somebody else; it waits for `signal_waiting`."""
    bucket = f"{WAITING}-packages-{account.number}-{account.region}"
    account.client("cloudformation").create_stack(
        StackName=WAITING,
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": "PackagesBucket", "ParameterValue": bucket}],
    )


def signal_waiting(account: Account, status: str) -> None:
    """Let what waits in the stack WAITING succeed or fail, as soon as it waits."""
    client = account.client("cloudformation")

    def signalled() -> str | None:
        try:
            client.signal_resource(
                StackName=WAITING, LogicalResourceId="Wait", UniqueId="1", Status=status
            )
        except client.exceptions.ClientError:
            return None  # it does not wait yet
        return status

    awaited(signalled)


def physical_name(account: Account, resource: str) -> str:
    """Wait until the stack WAITING has a resource; return its name."""

    def name() -> str | None:
        told = account.client("cloudformation").describe_stack_resources(StackName=WAITING)
        found: dict[str, str] = {
            one["LogicalResourceId"]: one["PhysicalResourceId"]
            for one in told["StackResources"]
            if one["ResourceStatus"] == "CREATE_COMPLETE"
        }
        return found.get(resource)

    return awaited(name)


def awaited(question: Callable[[], str | None]) -> str:
    """Ask until there is an answer."""
    deadline = time.monotonic() + LONG
    while time.monotonic() < deadline:
        response = question()
        if response:
            return response
        time.sleep(0.1)
    pytest.fail("it never came")


def key_without(account: Account, action: str) -> dict[str, str]:
    """Return the key of somebody who may do all but *action*, as the AWS CLI takes it."""
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    other = person(
        account,
        action.replace(":", "-"),
        everything,
        {**everything, "Effect": "Deny", "Action": action},
    )
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    return {name: other.environment[name] for name in names}


def keys_of(account: Account, name: str) -> set[str]:
    """Return the keys of a bucket."""
    listed = account.client("s3").list_objects_v2(Bucket=name)
    return {one["Key"] for one in listed.get("Contents", [])}
