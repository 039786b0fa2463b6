"""What MiniStack does otherwise than AWS, and the local cloud does as AWS."""

from __future__ import annotations

import io
import json
import zipfile

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
