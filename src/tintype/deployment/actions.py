"""Every action that deploying needs, and on what: for the check beforehand, and as a policy.

CloudFormation creates, reads, changes and removes resources as whoever deploys. What that takes, AWS says
in the schema of each resource type; `actions.json` has it, written by `python -m tintype_infra.actions`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from tintype.deployment.clients import GLOBAL_REGION
from tintype.deployment.packages import bucket_name
from tintype.deployment.wanted import Wanted

Key = TypeVar("Key")
FILE = Path(__file__).with_name("actions.json")
# What the commands call themselves: checks, change sets, packages, page, and the same backwards.
OWN = [
    "cloudformation:CreateChangeSet",
    "cloudformation:CreateStack",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DeleteStack",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStackResources",
    "cloudformation:DescribeStacks",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:GetTemplate",
    "cloudformation:ListChangeSets",
    "cloudformation:ListStackResources",
    "cloudformation:ListStacks",
    "cloudformation:TagResource",
    "cloudformation:UntagResource",
    "cloudformation:UpdateStack",
    "cloudformation:UpdateTerminationProtection",
    "cloudformation:ValidateTemplate",
    "cloudfront:ListDistributions",
    "dynamodb:DeleteTable",
    "dynamodb:DescribeTable",
    "dynamodb:Scan",
    "iam:GetRole",
    "iam:SimulatePrincipalPolicy",
    "lambda:GetAccountSettings",
    "logs:DeleteLogGroup",
    "s3:CreateBucket",
    "s3:DeleteBucket",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:GetObject",
    "s3:ListAllMyBuckets",
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutObject",
    "servicequotas:GetServiceQuota",
]
CERTIFICATE_TYPE = "AWS::CertificateManager::Certificate"  # of a stack beside the service's
DOMAIN, CERTIFICATE, KEY, FIREWALL = "a domain", "a certificate", "a key of KMS", "a firewall"
ROLE = "what CloudFormation's role does"
UNBOUNDED = "roles without a boundary"
BOUNDARY = "PermissionsBoundary"  # the parameter
NO_ACTIONS = "names that IAM does not have"
# Actions that a schema names for what this deployment may lack; the first pattern that fits counts. What
# only looks is not here: CloudFormation may look at whatever a resource could have.
FEATURES: tuple[tuple[str, str], ...] = (
    ("route53:*", DOMAIN),
    ("acm:*", CERTIFICATE),
    ("acm-pca:*", "a private certificate authority"),
    ("kms:*", KEY),
    ("wafv2:*", FIREWALL),
    ("ec2:*", "a network of its own"),
    ("elasticfilesystem:*", "file systems"),
    ("s3files:*", "file systems"),
    ("s3tables:*", "tables of metadata in S3"),
    ("s3:CreateBucketMetadata*", "tables of metadata in S3"),
    ("s3:UpdateBucketMetadata*", "tables of metadata in S3"),
    ("s3:DeleteBucketMetadata*", "tables of metadata in S3"),
    ("firehose:*", "streams"),
    ("kinesis:*", "streams"),
    ("dynamodb:*ableKinesis*", "streams"),
    ("dynamodb:UpdateKinesis*", "streams"),
    ("dynamodb:*Replica", "replicas and imports of tables"),
    ("dynamodb:*Import*", "replicas and imports of tables"),
    ("dynamodb:*Item", "replicas and imports of tables"),
    ("dynamodb:Query", "replicas and imports of tables"),
    ("iam:DeleteRolePermissionsBoundary", UNBOUNDED),
    ("iam:*UserPolicy", "users and groups"),
    ("iam:*GroupPolicy", "users and groups"),
    ("lambda:GetCodeSigningConfig", "signed code"),
    ("lambda:PutFunctionCodeSigningConfig", "signed code"),
    ("lambda:DeleteFunctionCodeSigningConfig", "signed code"),
    ("lambda:GetLayerVersion", "layers"),
    ("lambda:PassCapacityProvider", "capacity providers"),
)
# Each action's resources; the first pattern that fits counts. Where AWS makes up the name, or the action
# takes no resource, that is all of them.
SCOPES: tuple[tuple[str, str], ...] = (
    ("cloudformation:ListStacks", "*"),
    ("cloudformation:ValidateTemplate", "*"),
    ("cloudformation:*", "{stacks}"),
    ("s3:ListAllMyBuckets", "*"),
    ("s3:*ObjectLock*", "{buckets}"),
    ("s3:*Object*", "{objects}"),
    ("s3:*", "{buckets}"),
    ("iam:SimulatePrincipalPolicy", "*"),
    ("iam:GetRole", "arn:{p}:iam::{a}:role/*"),  # also of the role that deploys
    ("iam:CreateServiceLinkedRole", "arn:{p}:iam::{a}:role/aws-service-role/*"),
    ("iam:*", "arn:{p}:iam::{a}:role/{names}"),
    ("lambda:GetAccountSettings", "*"),
    ("lambda:*EventSourceMapping", "*"),
    ("lambda:*Tag*", "{functions} arn:{p}:lambda:{r}:{a}:event-source-mapping:*"),
    ("lambda:*", "{functions}"),
    ("sqs:*", "arn:{p}:sqs:{r}:{a}:{names} arn:{p}:sqs:{r}:{a}:tintype-*"),
    ("sns:Unsubscribe", "*"),
    ("sns:*SubscriptionAttributes", "*"),
    ("sns:*", "arn:{p}:sns:{r}:{a}:{names}"),
    ("dynamodb:*", "{tables}"),
    ("logs:*Delivery", "*"),
    ("logs:*ResourcePolic*", "*"),
    ("logs:*IndexPolicy", "*"),
    ("logs:DescribeLogStreams", "{logs}"),
    ("logs:Describe*", "*"),
    ("logs:*", "{logs}"),
    ("cloudwatch:DescribeAlarms", "*"),
    ("cloudwatch:*Dashboard*", "arn:{p}:cloudwatch::{a}:dashboard/*"),
    (
        "cloudwatch:*Tag*",
        "arn:{p}:cloudwatch:{r}:{a}:alarm:{names} arn:{p}:cloudwatch::{a}:dashboard/*",
    ),
    ("cloudwatch:*", "arn:{p}:cloudwatch:{r}:{a}:alarm:{names}"),
    ("events:*", "arn:{p}:events:{r}:{a}:rule/{names}"),
    ("budgets:*", "arn:{p}:budgets::{a}:budget/*"),  # AWS makes up the name
    ("cloudfront:List*s", "*"),
    ("cloudfront:Create*", "*"),
    ("cloudfront:*", "arn:{p}:cloudfront::{a}:*"),
    ("apigateway:*", "arn:{p}:apigateway:{r}::/apis arn:{p}:apigateway:{r}::/apis/* {gatewaytags}"),
    ("route53:ListHostedZones", "*"),
    ("route53:GetChange", "arn:{p}:route53:::change/*"),
    ("route53:*", "arn:{p}:route53:::hostedzone/{zone}"),
    ("acm:RequestCertificate", "*"),
    ("acm:*", "arn:{p}:acm:{global}:{a}:certificate/*"),
    ("kms:ListAliases", "*"),
    ("kms:*", "{keys}"),
    ("*", "*"),
)
# Who takes on the stack's roles, and what IAM's key for a role's boundary can limit.
TRUSTED = ("appsync.amazonaws.com", "lambda.amazonaws.com")
CLOUDFORMATION = "cloudformation.amazonaws.com"
BOUNDED = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
)
# CloudFormation makes names of a stack's and a resource's, and cuts both where they are too long.
_LONGEST_STACK_NAME = 24


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """A key of IAM's that must have one of some values."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """Actions by the resources on which they are needed, and those that are not, by what they are for."""

    actions: Mapping[tuple[str, ...], frozenset[str]]
    left_out: Mapping[str, frozenset[str]]
    conditions: Mapping[str, Condition] = field(default_factory=dict)  # by action

    @property
    def asked(self) -> int:
        """How many actions are needed."""
        return sum(map(len, self.actions.values()))

    @property
    def known(self) -> int:
        """How many there are, with those that are left out."""
        return self.asked + sum(map(len, self.left_out.values()))


def of_types() -> Mapping[str, tuple[str, ...]]:
    """Return the actions that each resource type of this version's template takes."""
    return {kind: tuple(actions) for kind, actions in _read()["types"].items()}


def no_actions() -> frozenset[str]:
    """Return what schemas name though IAM has no such action."""
    return frozenset(_read()["noActions"])


@cache
def _read() -> Mapping[str, Any]:
    known: Mapping[str, Any] = json.loads(FILE.read_text("utf-8"))
    return known


def needs_of_deployer(wanted: Wanted, *, account: str, region: str, partition: str) -> Needs:
    """Return what whoever deploys needs; with a role for CloudFormation, the rest is the role's."""
    own = set(OWN)
    place = _places(wanted, account=account, region=region, partition=partition)
    if not wanted.role:
        return _needs(own | _of_stack(wanted), wanted, place)
    needs = _needs(own, wanted, place)
    to_role: dict[tuple[str, ...], frozenset[str]] = {(wanted.role,): frozenset({"iam:PassRole"})}
    rest = _of_stack(wanted) - own
    conditions = {"iam:PassRole": Condition("iam:PassedToService", (CLOUDFORMATION,))}
    return Needs(
        {**needs.actions, **to_role}, {**needs.left_out, ROLE: frozenset(rest)}, conditions
    )


def needs_of_role(wanted: Wanted, *, account: str, region: str, partition: str) -> Needs:
    """Return what CloudFormation's service role needs."""
    place = _places(wanted, account=account, region=region, partition=partition)
    # It reads the functions' packages, too.
    return _needs(_of_stack(wanted) | {"s3:GetObject"}, wanted, place)


def unknown_types(wanted: Wanted) -> list[str]:
    """Return the template's types whose schemas were not read: another version's."""
    return sorted(set(wanted.types) - set(of_types()))


def _of_stack(wanted: Wanted) -> set[str]:
    known = of_types()
    types = {*wanted.types, CERTIFICATE_TYPE} if wanted.types else set(known)
    return {action for kind in types for action in known.get(kind, ())}


def _needs(actions: Iterable[str], wanted: Wanted, places: Mapping[str, str]) -> Needs:
    lacking = _lacking(wanted)
    needed: dict[tuple[str, ...], set[str]] = {}
    left_out: dict[str, set[str]] = {}
    for action in actions:
        feature = _feature(action)
        if feature in lacking:
            left_out.setdefault(feature, set()).add(action)
        else:
            scope = next(scope for pattern, scope in SCOPES if fnmatchcase(action, pattern))
            resources = tuple(dict.fromkeys(scope.format_map(places).split()))
            needed.setdefault(resources, set()).add(action)
    return Needs(_frozen(needed), _frozen(left_out), _conditions(wanted))


def _conditions(wanted: Wanted) -> dict[str, Condition]:
    """Return what keeps roles with the services that trust them, and within their boundary."""
    found = {"iam:PassRole": Condition("iam:PassedToService", TRUSTED)}
    boundary = wanted.text(BOUNDARY)
    if boundary:
        within = Condition("iam:PermissionsBoundary", (boundary,))
        found.update(dict.fromkeys(BOUNDED, within))
    return found


def _feature(action: str) -> str:
    if action in no_actions():
        return NO_ACTIONS
    return next((what for pattern, what in FEATURES if fnmatchcase(action, pattern)), "")


def _frozen(found: Mapping[Key, Collection[str]]) -> dict[Key, frozenset[str]]:
    return {key: frozenset(actions) for key, actions in found.items()}


def _lacking(wanted: Wanted) -> set[str]:
    """Return the features that the deployment does not have."""
    features = {NO_ACTIONS, *(feature for _, feature in FEATURES)}
    has = {
        DOMAIN: wanted.domain and wanted.text("HostedZone"),
        CERTIFICATE: wanted.needs_certificate,
        KEY: _keys(wanted),
        UNBOUNDED: not wanted.text(BOUNDARY),
        FIREWALL: any(":wafv2:" in value for value in wanted.values.values()),
    }
    return {feature for feature in features if not has.get(feature)}


def _keys(wanted: Wanted) -> list[str]:
    return sorted({value for value in wanted.values.values() if ":kms:" in value})


def _places(wanted: Wanted, *, account: str, region: str, partition: str) -> dict[str, str]:
    """Return what the scopes' names stand for."""
    stack, arn = wanted.stack, f"arn:{partition}"
    cut = len(stack) > _LONGEST_STACK_NAME
    names = f"{stack[:_LONGEST_STACK_NAME]}*" if cut else f"{stack}-*"
    packages = bucket_name(stack, account, region)
    # Whoever destroys looks for the certificate's stack even where there was never a domain.
    stacks = (
        f"{arn}:cloudformation:{region}:{account}:stack/{stack}/*",
        f"{arn}:cloudformation:{GLOBAL_REGION}:{account}:stack/{stack}-certificate/*",
    )
    return {
        "p": partition,
        "r": region,
        "a": account,
        "global": GLOBAL_REGION,
        "names": names,
        "zone": wanted.text("HostedZone") or "*",
        "keys": " ".join(_keys(wanted)),
        "stacks": " ".join(stacks),
        "buckets": f"{arn}:s3:::{packages} {arn}:s3:::tintype-*",
        "objects": f"{arn}:s3:::{packages}/* {arn}:s3:::tintype-*/*",
        "functions": f"{arn}:lambda:{region}:{account}:function:{names}",
        "tables": f"{arn}:dynamodb:{region}:{account}:table/{names}",
        "logs": f"{arn}:logs:{region}:{account}:log-group:{names}",
        "gatewaytags": f"{arn}:apigateway:{region}::/tags/*",
    }
