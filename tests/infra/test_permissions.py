"""docs/reference/permissions.md, which says who may do what."""

from __future__ import annotations

import pytest

from docs.making.permissions import Permission, permissions
from tests.infra.deployed import deployed
from tests.infra.parts import Template


def test_every_resource_has_a_word(written: Template) -> None:
    for row in permissions(written):
        for text in (row.who, row.resource):
            assert " " in text or text in {"CDN", "CloudWatch", "EventBridge", "S3"}, row


def test_each_queue_is_read_by_its_function_alone(template: Template) -> None:
    readers = {
        (row.who, row.resource)
        for row in permissions(template)
        if row.action == "sqs:ReceiveMessage"
    }

    assert readers == {
        ("catalogue function", "catalogue queue"),
        ("catalogue function", "process failed queue"),
        ("process function", "process queue"),
        ("process function", "background queue"),
    }


def test_only_the_catalogue_function_may_announce(template: Template) -> None:
    (row,) = (row for row in permissions(template) if row.action == "appsync:GraphQL")

    assert row == Permission(
        "catalogue function", "appsync:GraphQL", "GraphQL API `/types/Mutation/fields/publishImage`"
    )


def test_originals_are_never_written_by_who_processes_them(template: Template) -> None:
    may = {
        row.action
        for row in permissions(template)
        if row.who == "process function" and row.resource.startswith("originals")
    }

    assert may == {
        "s3:DeleteObjectVersion",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:ListBucketVersions",
    }


def test_cdn_may_read_and_tell_what_is_missing(template: Template) -> None:
    may = {(row.action, row.resource) for row in permissions(template) if row.who == "CDN"}

    assert may == {
        ("lambda:InvokeFunction", "render function"),
        ("lambda:InvokeFunctionUrl", "render function"),
        ("s3:GetObject", "renditions bucket `/*`"),
        ("s3:GetObject", "site bucket `/*`"),
        ("s3:ListBucket", "renditions bucket"),
        ("s3:ListBucket", "site bucket"),
    }


def test_cdn_s_rights_are_this_distribution_s(template: Template) -> None:
    conditions = {row.condition for row in permissions(template) if row.who == "CDN"}

    assert conditions == {"CDN"}


@pytest.mark.parametrize(
    ("mode", "readable", "reads"),
    [
        ("cognito", "false", True),
        ("cognito", "true", True),
        ("oidc", "false", True),
        ("open", "true", True),
        ("open", "false", False),
    ],
)
def test_the_api_reads_originals_for_their_owners_or_where_everyone_may(
    written: Template, mode: str, readable: str, *, reads: bool
) -> None:
    template = deployed(written, AccessMode=mode, OriginalsReadable=readable)

    rows = {(row.who, row.action, row.resource) for row in permissions(template)}

    assert (("api function", "s3:GetObject", "originals bucket `/*`") in rows) is reads


def test_the_catalogue_function_may_change_counters_but_no_api_key(template: Template) -> None:
    """The local cloud takes no notice of the condition, which AWS enforces (`dynamodb:LeadingKeys`)."""
    statements = [
        statement
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::IAM::Policy"
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
        if statement["Action"] == "dynamodb:UpdateItem"
    ]

    (statement,) = statements
    assert statement["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": "quota#*"}
    }
