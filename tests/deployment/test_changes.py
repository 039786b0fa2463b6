"""What a change set would do, from CloudFormation's own words for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deployment.conftest import Stubbed
from tintype.deployment.changes import (
    ChangePlan,
    Effect,
    Loss,
    Setting,
    changed_settings,
    changes_of,
    read_changes,
)
from tintype.deployment.parameters import TemplateParameter

BUCKET, TABLE, QUEUE = "AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SQS::Queue"
POOL, GROUP = "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolGroup"


def said(name: str, kind: str, action: str = "Modify", **more: Any) -> dict[str, Any]:
    return {"Action": action, "LogicalResourceId": name, "ResourceType": kind, **more}


def detail(
    name: str, recreation: str = "Never", cause: str = "", evaluation: str = "Static"
) -> dict[str, Any]:
    target = {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation}
    caused = {"CausingEntity": cause} if cause else {}
    return {"Target": target, "Evaluation": evaluation, **caused}


@pytest.mark.parametrize(
    ("change", "effect"),
    [
        (said("A", BUCKET, "Add"), Effect.ADDED),
        (said("A", BUCKET, "Import"), Effect.ADDED),
        (said("A", BUCKET, "Remove"), Effect.REMOVED),
        (said("A", BUCKET, Replacement="False"), Effect.CHANGED),
        (said("A", BUCKET, Replacement="True"), Effect.REPLACED),
    ],
)
def test_effect_is_what_cloudformation_would_do(change: dict[str, Any], effect: Effect) -> None:
    assert changes_of([change])[0].effect is effect


@pytest.mark.parametrize(
    ("kind", "loss"),
    [
        (BUCKET, Loss.DATA),
        (TABLE, Loss.DATA),
        (QUEUE, Loss.DATA),
        (POOL, Loss.DATA),
        (GROUP, Loss.DATA),
        ("AWS::CloudFront::Distribution", Loss.ADDRESS),
        ("AWS::ApiGatewayV2::Api", Loss.ADDRESS),
        ("AWS::AppSync::GraphQLApi", Loss.ADDRESS),
        ("AWS::AppSync::ApiKey", Loss.ADDRESS),
        ("AWS::Route53::RecordSet", Loss.ADDRESS),
        ("AWS::Lambda::Function", None),
    ],
)
@pytest.mark.parametrize("how", [{"action": "Remove"}, {"Replacement": "True"}])
def test_loss_of_what_holds_something_is_told(
    kind: str, loss: Loss | None, how: dict[str, Any]
) -> None:
    plan = ChangePlan(changes_of([said("Thing0A1B2C3D", kind, **how)]))

    assert [change.loss for change in plan.losses] == ([loss] if loss else [])


def test_adding_and_changing_lose_nothing() -> None:
    plan = ChangePlan(changes_of([said("A", BUCKET, "Add"), said("B", TABLE, Replacement="False")]))

    assert plan.losses == ()


@pytest.mark.parametrize("policy", ["Retain", "ReplaceAndRetain"])
def test_what_the_template_keeps_is_left_behind(policy: str) -> None:
    kept, deleted = changes_of(
        [said("A", BUCKET, "Remove", PolicyAction=policy), said("B", BUCKET, "Remove", PolicyAction="Delete")]
    )  # fmt: skip

    assert kept.lost == "it stays outside the stack, with every object in it"
    assert deleted.lost == "every object in it"


@pytest.mark.parametrize("name", ["Access0A1B2C3D", "PicturesAccess0A1B2C3D"])
def test_keys_are_not_said_to_be_recreated_as_images_are(name: str) -> None:
    keys, images = changes_of(
        [said(name, TABLE, "Remove"), said("PicturesImages0A1B2C3D", TABLE, "Remove")]
    )

    assert keys.lost.startswith("every API key in it (nothing recreates them")
    assert images.lost == "every record in it (tintype reindex recreates them)"


def test_group_under_another_name_loses_its_admins() -> None:
    renamed = said(
        "SignInAdmins0A1B2C3D",
        GROUP,
        Replacement="Conditional",
        Details=[detail("GroupName", "Always", "AccessAdminGroup", "Dynamic")],
    )
    described = said(
        "SignInAdmins0A1B2C3D", GROUP, Replacement="False", Details=[detail("Description")]
    )

    assert [change.lost for change in ChangePlan(changes_of([renamed])).losses] == [
        "its members: add the admins again"
    ]
    assert ChangePlan(changes_of([described])).losses == ()


def test_bucket_that_names_a_changed_queue_is_not_replaced() -> None:
    queue = said("Queue", QUEUE, Replacement="False", Details=[detail("RedrivePolicy")])
    bucket = said(
        "Bucket",
        BUCKET,
        Replacement="Conditional",
        Details=[
            detail("NotificationConfiguration", "Conditionally", "Queue.Arn", "Dynamic"),
            detail("NotificationConfiguration", "Conditionally", "", "Dynamic"),
        ],
    )

    changes = changes_of([queue, bucket])

    assert [change.effect for change in changes] == [Effect.CHANGED, Effect.CHANGED]
    assert [change.follows for change in changes] == [False, True]
    assert ChangePlan(changes).summary == "1 changed, 1 that refer to them"


def test_key_of_a_replaced_api_is_replaced_too_however_long_the_chain() -> None:
    api = said("Api", "AWS::AppSync::GraphQLApi", Replacement="True", Details=[])
    key = said(
        "Key",
        "AWS::AppSync::ApiKey",
        Replacement="Conditional",
        Details=[detail("ApiId", "Always", "Api.ApiId", "Dynamic")],
    )
    record = said(
        "Record",
        "AWS::Route53::RecordSet",
        Replacement="Conditional",
        Details=[detail("Name", "Always", "Key", "Dynamic")],
    )

    changes = changes_of([record, key, api])

    assert [change.effect for change in changes] == [
        Effect.PERHAPS_REPLACED,
        Effect.PERHAPS_REPLACED,
        Effect.REPLACED,
    ]
    assert len(ChangePlan(changes).losses) == 3
    assert not any(change.follows for change in changes)


def test_bucket_whose_own_name_depends_on_a_parameter_may_be_replaced() -> None:
    (bucket,) = changes_of(
        [
            said(
                "Bucket",
                BUCKET,
                Replacement="Conditional",
                Details=[detail("BucketName", "Always", "NameParameter", "Dynamic")],
            )
        ]
    )

    assert bucket.effect is Effect.PERHAPS_REPLACED
    assert bucket.loss is Loss.DATA


def test_all_pages_of_a_change_set_are_read(stubbed: Stubbed) -> None:
    first = {"Changes": [{"Type": "Resource", "ResourceChange": said("A", BUCKET, "Add")}]}
    second = {"Changes": [{"Type": "Resource", "ResourceChange": said("B", TABLE, "Add")}]}
    stubbed.respond_with(
        "cloudformation",
        "describe_change_set",
        {**first, "NextToken": "2"},
        ChangeSetName="arn",
        StackName="stack",
    )
    stubbed.respond_with(
        "cloudformation",
        "describe_change_set",
        second,
        ChangeSetName="arn",
        StackName="stack",
        NextToken="2",
    )

    changes = read_changes(stubbed.clients, "arn", "stack")

    assert [change.title for change in changes] == ["a bucket", "b table"]


def test_settings_that_differ_are_told_with_what_they_were() -> None:
    known = {
        name: TemplateParameter(default)
        for name, default in (("LogDays", "30"), ("MaxTries", "3"), ("Bucket", None))
    }

    updated = changed_settings(
        known, {"LogDays": "90", "Bucket": "b"}, {"LogDays": "30", "MaxTries": "5", "Bucket": "b"}
    )
    created = changed_settings(
        known, {"LogDays": "90", "Bucket": "b"}, None, hidden=frozenset({"Bucket"})
    )

    assert updated == (Setting("LogDays", "30", "90"), Setting("MaxTries", "5", "3"))
    assert created == (Setting("LogDays", None, "90"),)


def test_parameter_that_is_new_in_this_version_is_no_change_while_it_is_empty() -> None:
    known = {
        "AlarmEmail": TemplateParameter(""),
        "LogDays": TemplateParameter("30"),
    }

    assert changed_settings(known, {}, {}) == (Setting("LogDays", None, "30"),)
