"""The images table: the index of what the manifests say."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from tintype.aws.dynamodb import INDEX, NAME_INDEX
from tintype.config import Service
from tintype.images import OWNER_FILENAME
from tintype_infra.grants import allow


def images_table(scope: Construct, service: Service) -> dynamodb.Table:
    """Return the table, paid by request: an image is a few writes, and then there is silence."""
    table = dynamodb.Table(
        scope,
        "Images",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        encryption=dynamodb.TableEncryption.DEFAULT,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=False  # `tintype reindex` makes it anew from S3
        ),
        time_to_live_attribute="expires",  # of the record of a deleted image
        removal_policy=RemovalPolicy.RETAIN if service.keep_data else RemovalPolicy.DESTROY,
    )
    created_at = dynamodb.Attribute(name="createdAt", type=dynamodb.AttributeType.STRING)
    # The record of a deleted image has neither owner nor name, and so is in neither index.
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
        projection_type=dynamodb.ProjectionType.KEYS_ONLY,  # the record itself is read from the table
    )
    return table


def may_read_images(grantee: iam.IGrantable, table: dynamodb.Table) -> None:
    """Allow to read one record, and to list those of an owner."""
    allow(grantee, table.table_arn, "dynamodb:GetItem")
    may_list_images(grantee, table)


def may_write_images(grantee: iam.IGrantable, table: dynamodb.Table) -> None:
    """Allow to write a record, and to look at the one that is there."""
    allow(grantee, table.table_arn, "dynamodb:GetItem", "dynamodb:PutItem")


def may_find_images_by_name(grantee: iam.IGrantable, table: dynamodb.Table) -> None:
    """Allow to find the records of one file name."""
    allow(grantee, f"{table.table_arn}/index/{NAME_INDEX}", "dynamodb:Query")


def may_list_images(grantee: iam.IGrantable, table: dynamodb.Table) -> None:
    """Allow to list the records of an owner: a query of the index, never of the table."""
    allow(grantee, f"{table.table_arn}/index/{INDEX}", "dynamodb:Query")
