"""The tables: images, an index of the manifests, and access, with the API keys' hashes."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from tintype.aws.dynamodb import INDEX, NAME_INDEX
from tintype.config import Service
from tintype.images import OWNER_FILENAME
from tintype.usage import COUNTERS
from tintype_infra.grants import grant


def images_table(scope: Construct, service: Service) -> dynamodb.Table:
    """Return the table, billed per request: an image causes a few writes, then nothing."""
    table = dynamodb.Table(
        scope,
        "Images",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        encryption=dynamodb.TableEncryption.DEFAULT,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=False  # `tintype reindex` rebuilds it from S3
        ),
        time_to_live_attribute="expires",  # of a deleted image's record
        removal_policy=RemovalPolicy.RETAIN if service.keep_data else RemovalPolicy.DESTROY,
    )
    created_at = dynamodb.Attribute(name="createdAt", type=dynamodb.AttributeType.STRING)
    # A deleted image's record has neither owner nor name, so neither index contains it.
    table.add_global_secondary_index(
        index_name=INDEX,
        partition_key=dynamodb.Attribute(name="owner", type=dynamodb.AttributeType.STRING),
        sort_key=created_at,
        projection_type=dynamodb.ProjectionType.ALL,
    )
    table.add_global_secondary_index(
        index_name=NAME_INDEX,
        partition_key=dynamodb.Attribute(name=OWNER_FILENAME, type=dynamodb.AttributeType.STRING),
        sort_key=created_at,
        projection_type=dynamodb.ProjectionType.KEYS_ONLY,  # records are read from the table
    )
    return table


def access_table(scope: Construct, service: Service) -> dynamodb.Table:
    """Return the table of API keys, which nothing else has: it can be restored to any second."""
    table = dynamodb.Table(
        scope,
        "Access",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        encryption=dynamodb.TableEncryption.DEFAULT,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        time_to_live_attribute="expires",
        removal_policy=RemovalPolicy.RETAIN if service.keep_data else RemovalPolicy.DESTROY,
    )
    table.add_global_secondary_index(
        index_name=INDEX,
        partition_key=dynamodb.Attribute(name="owner", type=dynamodb.AttributeType.STRING),
        sort_key=dynamodb.Attribute(name="createdAt", type=dynamodb.AttributeType.STRING),
        projection_type=dynamodb.ProjectionType.ALL,
    )
    return table


def may_manage_access(grantee: iam.IGrantable, table: dynamodb.Table) -> None:
    """Allow making, checking, listing and revoking API keys."""
    actions = ("GetItem", "PutItem", "UpdateItem", "DeleteItem")
    grant(grantee, table.table_arn, *(f"dynamodb:{action}" for action in actions))
    grant(grantee, f"{table.table_arn}/index/{INDEX}", "dynamodb:Query")


def may_count(grantee: iam.IGrantable, table: dynamodb.Table) -> None:
    """Allow changing the owners' counters, and no other items of the table: API keys are there too."""
    counters = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": f"{COUNTERS}*"}}
    grant(grantee, table.table_arn, "dynamodb:UpdateItem", only_for=counters)


def may_read_images(grantee: iam.IGrantable, table: dynamodb.Table) -> None:
    """Allow reading a record, and listing an owner's records."""
    grant(grantee, table.table_arn, "dynamodb:GetItem")
    may_list_images(grantee, table)


def may_write_images(grantee: iam.IGrantable, table: dynamodb.Table) -> None:
    """Allow writing a record, and reading the current one."""
    grant(grantee, table.table_arn, "dynamodb:GetItem", "dynamodb:PutItem")


def may_find_images_by_name(grantee: iam.IGrantable, table: dynamodb.Table) -> None:
    """Allow finding records by file name."""
    grant(grantee, f"{table.table_arn}/index/{NAME_INDEX}", "dynamodb:Query")


def may_list_images(grantee: iam.IGrantable, table: dynamodb.Table) -> None:
    """Allow listing an owner's records, by querying the index but not the table."""
    grant(grantee, f"{table.table_arn}/index/{INDEX}", "dynamodb:Query")
