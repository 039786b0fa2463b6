"""Corporate requirements: permissions boundary, firewall, access logs, traces, budget, own KMS key.

Each is an optional setting that adds nothing unless set. Start with `set_company_rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar, cast

from aws_cdk import (
    Acknowledgment,
    Aws,
    CfnResource,
    Duration,
    Fn,
    RemovalPolicy,
    Tokenization,
    Validations,
)
from aws_cdk import aws_appsync as appsync
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from tintype.config import Service
from tintype.config.service import Tracing
from tintype_infra.choice import NOTHING, DeployTimeChoice, differs, when_given
from tintype_infra.names import unique_name

ALERT_AT_PERCENT = 80  # of the budget; and when all of it is forecast
USE_KEY = ("kms:Decrypt", "kms:GenerateDataKey")
KEPT = ("originals", "renditions", "site")  # the buckets whose names are known in advance
_UNKEYED = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}

Resource = TypeVar("Resource", bound=CfnResource)


def set_company_rules(service_: Construct, service: Service) -> None:
    """Apply the settings to everything in the construct."""
    _bound_roles(service_, service)
    _guard(service_, service)
    _log_access(service_, service)
    _trace(service_, service)
    _watch_the_bill(service_, service)
    _encrypt(service_, service)


def _bound_roles(scope: Construct, service: Service) -> None:
    bounded = when_given(scope, "HasPermissionsBoundary", service.permissions_boundary)
    boundary = bounded.either(service.permissions_boundary, NOTHING)
    _override(
        bounded,
        _all(scope, iam.CfnRole),
        "PermissionsBoundary",
        boundary,
        accept=_empty("PermissionsBoundary", "F3033"),
    )


def _guard(scope: Construct, service: Service) -> None:
    guarded = when_given(scope, "HasWebAcl", service.web_acl)
    acl = guarded.either(service.web_acl, NOTHING)
    _override(guarded, _all(scope, cloudfront.CfnDistribution), "DistributionConfig.WebACLId", acl)


def _log_access(scope: Construct, service: Service) -> None:
    """Make S3 and CloudFront write access logs to a bucket that expires them."""
    days = service.access_logs_days
    logged = _is_not(scope, "HasAccessLogs", days, "0")
    if not logged.may_hold:
        return
    buckets = list(_all(scope, s3.CfnBucket))
    log_bucket = _log_bucket(scope, days)
    logged.decides(log_bucket)
    for bucket in buckets:
        place = {
            "DestinationBucketName": log_bucket.bucket_name,
            "LogFilePrefix": f"{_word(bucket)}/",
        }
        bucket.add_property_override("LoggingConfiguration", logged.either(place, NOTHING))
    cdn = {
        "Bucket": log_bucket.bucket_regional_domain_name,
        "IncludeCookies": False,
        "Prefix": "cdn/",
    }
    distributions = _all(scope, cloudfront.CfnDistribution)
    _override(logged, distributions, "DistributionConfig.Logging", logged.either(cdn, NOTHING))


def _log_bucket(scope: Construct, days: int) -> s3.Bucket:
    """Return the log bucket. It outlives the stack, since CloudFormation only deletes empty buckets.

    CloudFront writes through an access-control list that it adds to the bucket itself.
    """
    bucket = s3.Bucket(
        scope,
        "AccessLogs",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
        lifecycle_rules=[s3.LifecycleRule(id="forget", expiration=Duration.days(days))],
        removal_policy=RemovalPolicy.RETAIN,
    )
    sources = [f"arn:{Aws.PARTITION}:s3:::{unique_name(part)}" for part in KEPT]
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
            actions=["s3:PutObject"],
            resources=[bucket.arn_for_objects("*")],
            conditions={
                "ArnEquals": {"aws:SourceArn": sources},
                "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
            },
        )
    )
    return bucket


def _trace(scope: Construct, service: Service) -> None:
    traced = differs(scope, "HasTracing", service.tracing, Tracing.OFF.value)
    mode = traced.either({"Mode": "Active"}, NOTHING)
    functions = list(_all(scope, lambda_.CfnFunction))
    _override(traced, functions, "TracingConfig", mode)
    apis = _all(scope, appsync.CfnGraphQLApi)
    _override(traced, apis, "XrayEnabled", traced.either(yes=True, no=NOTHING))
    # X-Ray has no resource-level permissions.
    actions = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
    _allow(scope, "Trace", traced, _roles(scope, "Functions"), "*", *actions)


def _watch_the_bill(scope: Construct, service: Service) -> None:
    """Notify of high monthly costs of the account; per stack would need cost tags by its owner."""
    watched = _is_not(scope, "HasMonthlyBudget", service.monthly_budget, "0")
    if not watched.may_hold:
        return
    reader = budgets.CfnBudget.SubscriberProperty(
        address=cast("str", service.alarm_email), subscription_type="EMAIL"
    )
    budget = budgets.CfnBudget(
        scope,
        "Budget",
        budget=budgets.CfnBudget.BudgetDataProperty(
            budget_type="COST",
            time_unit="MONTHLY",
            budget_limit=budgets.CfnBudget.SpendProperty(amount=service.monthly_budget, unit="USD"),
        ),
        notifications_with_subscribers=[
            budgets.CfnBudget.NotificationWithSubscribersProperty(
                notification=budgets.CfnBudget.NotificationProperty(
                    comparison_operator="GREATER_THAN",
                    notification_type=kind,
                    threshold=percent,
                    threshold_type="PERCENTAGE",
                ),
                subscribers=[reader],
            )
            for kind, percent in (("ACTUAL", ALERT_AT_PERCENT), ("FORECASTED", 100))
        ],
    )
    watched.decides(budget)


def _encrypt(scope: Construct, service: Service) -> None:
    """Encrypt stored, sent and logged data with the given key, except for the page's public files."""
    keyed = when_given(scope, "HasKmsKey", service.kms_key)
    if not keyed.may_hold:
        return
    key = service.kms_key
    own = {
        "BucketKeyEnabled": True,
        "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
    }
    encryption = {"ServerSideEncryptionConfiguration": [keyed.either(own, _UNKEYED)]}
    images = [one for one in _all(scope, s3.CfnBucket) if _word(one) in {"originals", "renditions"}]
    accept = _empty("KmsKey", "F3017")
    _override(keyed, images, "BucketEncryption", encryption, accept=accept)
    table = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    given = keyed.either(key, NOTHING)
    queues = list(_all(scope, sqs.CfnQueue))
    _override(keyed, queues, "KmsMasterKeyId", given)
    _override(keyed, queues, "SqsManagedSseEnabled", keyed.either(NOTHING, no=True))
    tables = _all(scope, dynamodb.CfnTable)
    _override(keyed, tables, "SSESpecification", keyed.either(table, NOTHING))
    _override(keyed, _all(scope, sns.CfnTopic), "KmsMasterKeyId", given)
    log_groups = _all(scope, logs.CfnLogGroup)
    _override(keyed, log_groups, "KmsKeyId", given, accept=_empty("KmsKey", "F3031"))
    _allow(scope, "UseKey", keyed, _roles(scope, ""), cast("str", key), *USE_KEY)


def _is_not(scope: Construct, name: str, value: int, other: str) -> DeployTimeChoice:
    return differs(scope, name, Tokenization.stringify_number(value), other)


def _all(scope: Construct, kind: type[Resource]) -> Iterator[Resource]:
    return (one for one in scope.node.find_all() if isinstance(one, kind))


def _roles(scope: Construct, beginning: str) -> list[iam.CfnRole]:
    """Return the roles below the construct with this name, or all roles."""
    return [
        role
        for role in _all(scope, iam.CfnRole)
        if role.node.path.removeprefix(f"{scope.node.path}/").startswith(beginning)
    ]


def _word(bucket: s3.CfnBucket) -> str:
    """Return our name for a bucket: the construct around it, in lower case."""
    return bucket.node.path.split("/")[-2].lower()


def _override(
    choice: DeployTimeChoice,
    resources: Iterator[Resource] | Sequence[Resource],
    path: str,
    value: object,
    *,
    accept: Acknowledgment | None = None,
) -> None:
    if choice.may_hold:
        for resource in resources:
            resource.add_property_override(path, value)
            if accept:
                Validations.of(resource).acknowledge(accept)


def _empty(parameter: str, rule: str) -> Acknowledgment:
    """CDK validates the parameter's empty default, for which the property is omitted."""
    return Acknowledgment(
        id=f"CloudFormation-Validate::{rule}", reason=f"{parameter} may be empty."
    )


def _allow(
    scope: Construct,
    name: str,
    choice: DeployTimeChoice,
    roles: Sequence[iam.CfnRole],
    resource: str,
    *actions: str,
) -> None:
    """Allow the roles additional actions, in a policy that exists only if *choice* holds."""
    if not choice.may_hold:
        return
    statement = iam.PolicyStatement(actions=list(actions), resources=[resource])
    policy = iam.CfnPolicy(
        scope,
        name,
        policy_name=Fn.join("-", [name, Fn.select(2, Fn.split("/", Aws.STACK_ID))]),
        policy_document=iam.PolicyDocument(statements=[statement]),
        roles=[role.ref for role in roles],
    )
    choice.decides(policy)
