"""The actions that deploying needs, with their resources: for the check beforehand, and as a policy.

CloudFormation creates, reads, changes and deletes resources with the caller's permissions. The schema of
each resource type lists them; `make tables` copies them to `actions.json`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from tintype.aws.account import GLOBAL_REGION
from tintype.deployment.artifacts import bucket_name
from tintype.deployment.stack_parameters import StackParameters

Key = TypeVar("Key")
FILE = Path(__file__).with_name("actions.json")
# What the commands themselves need: for checks, change sets, packages, the page, and destroying.
OWN = [
    "cloudformation:CreateChangeSet",
    "cloudformation:CreateStack",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DeleteStack",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStackEvents",
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
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutObject",
]
CERTIFICATE_TYPE = "AWS::CertificateManager::Certificate"  # in a stack of its own
DOMAIN, CERTIFICATE, KEY, FIREWALL = "a domain", "a certificate", "a key of KMS", "a firewall"
ROLE = "what CloudFormation's role does"
UNBOUNDED = "roles without a boundary"
BOUNDARY = "PermissionsBoundary"  # the parameter
NO_ACTIONS = "names that IAM does not have"
# Actions that a schema names for features that this deployment may lack; the first matching pattern counts.
# Reading is not here: CloudFormation may read whatever a resource could have.
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
# Each action's resources; the first matching pattern counts. If AWS generates the name, or the action takes
# no resource, that is all of them.
SCOPES: tuple[tuple[str, str], ...] = (
    ("cloudformation:ListStacks", "*"),
    ("cloudformation:ValidateTemplate", "*"),
    ("cloudformation:*", "{stacks}"),
    ("s3:*ObjectLock*", "{buckets}"),
    ("s3:*Object*", "{objects}"),
    ("s3:*", "{buckets}"),
    ("iam:SimulatePrincipalPolicy", "*"),
    ("iam:GetRole", "arn:{p}:iam::{a}:role/*"),  # also the role that deploys
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
    ("cognito-idp:CreateUserPool", "*"),
    ("cognito-idp:DescribeUserPoolDomain", "*"),
    ("cognito-idp:*", "arn:{p}:cognito-idp:{r}:{a}:userpool/*"),  # AWS generates the ID
    ("budgets:*", "arn:{p}:budgets::{a}:budget/*"),  # AWS generates the name
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
# The services that assume the stack's roles, and the actions that a role's boundary can limit.
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
# CloudFormation builds names from those of stack and resource, and cuts both if they are too long.
_LONGEST_STACK_NAME = 24


@dataclass(frozen=True, slots=True, order=True)
class PolicyCondition:
    """A condition key of IAM that must have one of some values."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """Actions by their resources, and those left out, by the feature that they belong to."""

    actions: Mapping[tuple[str, ...], frozenset[str]]
    left_out: Mapping[str, frozenset[str]]
    conditions: Mapping[str, PolicyCondition] = field(default_factory=dict)  # by action

    def grouped(self) -> Iterator[tuple[tuple[str, ...], PolicyCondition | None, list[str]]]:
        """Yield resources, a condition, and the actions that need both, in order."""
        for resources, together in sorted(self.actions.items()):
            groups: dict[PolicyCondition | None, list[str]] = {}
            for action in sorted(together):
                groups.setdefault(self.conditions.get(action), []).append(action)
            for condition, actions in groups.items():
                yield resources, condition, actions

    @property
    def needed(self) -> int:
        """How many actions are needed."""
        return sum(map(len, self.actions.values()))

    @property
    def known(self) -> int:
        """How many there are, including those left out."""
        return self.needed + sum(map(len, self.left_out.values()))


def of_types() -> Mapping[str, tuple[str, ...]]:
    """Return the actions that each resource type of this version's template needs."""
    return {kind: tuple(actions) for kind, actions in _read()["types"].items()}


def no_actions() -> frozenset[str]:
    """Return what schemas name although IAM has no such action."""
    return frozenset(_read()["noActions"])


@cache
def _read() -> Mapping[str, Any]:
    known: Mapping[str, Any] = json.loads(FILE.read_text("utf-8"))
    return known


def needs_of_deployer(
    parameters: StackParameters, *, account: str, region: str, partition: str
) -> Needs:
    """Return what the caller needs; with a role for CloudFormation, the role needs the rest."""
    own = set(OWN)
    place = _places(parameters, account=account, region=region, partition=partition)
    if not parameters.role:
        return _needs(own | _of_stack(parameters), parameters, place)
    needs = _needs(own, parameters, place)
    to_role: dict[tuple[str, ...], frozenset[str]] = {
        (parameters.role,): frozenset({"iam:PassRole"})
    }
    rest = _of_stack(parameters) - own
    conditions = {"iam:PassRole": PolicyCondition("iam:PassedToService", (CLOUDFORMATION,))}
    return Needs(
        {**needs.actions, **to_role}, {**needs.left_out, ROLE: frozenset(rest)}, conditions
    )


def needs_of_role(
    parameters: StackParameters, *, account: str, region: str, partition: str
) -> Needs:
    """Return what CloudFormation's service role needs."""
    place = _places(parameters, account=account, region=region, partition=partition)
    # It also reads the functions' packages.
    return _needs(_of_stack(parameters) | {"s3:GetObject"}, parameters, place)


def unknown_types(parameters: StackParameters) -> list[str]:
    """Return the template's types that this version does not know."""
    return sorted(set(parameters.types) - set(of_types()))


def _of_stack(parameters: StackParameters) -> set[str]:
    known = of_types()
    types = {*parameters.types, CERTIFICATE_TYPE} if parameters.types else set(known)
    return {action for kind in types for action in known.get(kind, ())}


def _needs(actions: Iterable[str], parameters: StackParameters, places: Mapping[str, str]) -> Needs:
    lacking = _lacking(parameters)
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
    return Needs(_frozen(needed), _frozen(left_out), _conditions(parameters))


def _conditions(parameters: StackParameters) -> dict[str, PolicyCondition]:
    """Return the conditions that limit who may assume roles, and enforce their boundary."""
    found = {"iam:PassRole": PolicyCondition("iam:PassedToService", TRUSTED)}
    boundary = parameters.text(BOUNDARY)
    if boundary:
        within = PolicyCondition("iam:PermissionsBoundary", (boundary,))
        found.update(dict.fromkeys(BOUNDED, within))
    return found


def _feature(action: str) -> str:
    if action in no_actions():
        return NO_ACTIONS
    return next((what for pattern, what in FEATURES if fnmatchcase(action, pattern)), "")


def _frozen(found: Mapping[Key, Collection[str]]) -> dict[Key, frozenset[str]]:
    return {key: frozenset(actions) for key, actions in found.items()}


def _lacking(parameters: StackParameters) -> set[str]:
    """Return the features that the deployment lacks."""
    features = {NO_ACTIONS, *(feature for _, feature in FEATURES)}
    has = {
        DOMAIN: parameters.domain and parameters.text("HostedZone"),
        CERTIFICATE: parameters.needs_certificate,
        KEY: _keys(parameters),
        UNBOUNDED: not parameters.text(BOUNDARY),
        FIREWALL: any(":wafv2:" in value for value in parameters.values.values()),
    }
    return {feature for feature in features if not has.get(feature)}


def _keys(parameters: StackParameters) -> list[str]:
    return sorted({value for value in parameters.values.values() if ":kms:" in value})


def _places(
    parameters: StackParameters, *, account: str, region: str, partition: str
) -> dict[str, str]:
    """Return the values of the scopes' placeholders."""
    stack, arn = parameters.stack, f"arn:{partition}"
    cut = len(stack) > _LONGEST_STACK_NAME
    names = f"{stack[:_LONGEST_STACK_NAME]}*" if cut else f"{stack}-*"
    packages = bucket_name(stack, account, region)
    # `destroy` looks for the certificate's stack even if there was never a domain.
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
        "zone": parameters.text("HostedZone") or "*",
        "keys": " ".join(_keys(parameters)),
        "stacks": " ".join(stacks),
        "buckets": f"{arn}:s3:::{packages} {arn}:s3:::tintype-*",
        "objects": f"{arn}:s3:::{packages}/* {arn}:s3:::tintype-*/*",
        "functions": f"{arn}:lambda:{region}:{account}:function:{names}",
        "tables": f"{arn}:dynamodb:{region}:{account}:table/{names}",
        "logs": f"{arn}:logs:{region}:{account}:log-group:{names}",
        "gatewaytags": f"{arn}:apigateway:{region}::/tags/*",
    }
