"""Whether whoever deploys may do what deploying does, as far as IAM tells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from tintype.aws.errors import AccessDeniedError, ServiceError
from tintype.deployment.clients import Clients, asked
from tintype.deployment.findings import Code, Finding, bad, good, note
from tintype.deployment.wanted import Wanted

AT_ONCE = 6  # simulations; IAM takes few at a time
# What a deployment does, by what it does it to.
ACTIONS: Mapping[str, str] = {
    "arn:{partition}:cloudformation:{region}:{account}:stack/{stack}/*": (
        "cloudformation:CreateChangeSet cloudformation:DeleteChangeSet"
        " cloudformation:DescribeChangeSet cloudformation:DescribeStackEvents"
        " cloudformation:DescribeStacks cloudformation:ExecuteChangeSet"
        " cloudformation:ListChangeSets"
    ),
    "arn:{partition}:s3:::{stack}-check": (
        "s3:CreateBucket s3:PutBucketNotification s3:PutBucketPolicy"
        " s3:PutBucketPublicAccessBlock s3:PutEncryptionConfiguration s3:PutLifecycleConfiguration"
    ),
    "arn:{partition}:s3:::{stack}-check/*": "s3:GetObject s3:PutObject",
    "arn:{partition}:iam::{account}:role/{stack}-check": (
        "iam:CreateRole iam:GetRole iam:PassRole iam:PutRolePolicy"
    ),
    "arn:{partition}:lambda:{region}:{account}:function:{stack}-check": (
        "lambda:AddPermission lambda:CreateFunction lambda:GetFunction"
    ),
    "arn:{partition}:sqs:{region}:{account}:{stack}-check": (
        "sqs:CreateQueue sqs:SetQueueAttributes"
    ),
    "arn:{partition}:dynamodb:{region}:{account}:table/{stack}-check": (
        "dynamodb:CreateTable dynamodb:DescribeTable"
    ),
    "arn:{partition}:logs:{region}:{account}:log-group:{stack}-check": (
        "logs:CreateLogGroup logs:PutRetentionPolicy"
    ),
    "arn:{partition}:cloudwatch:{region}:{account}:alarm:{stack}-check": "cloudwatch:PutMetricAlarm",
    "*": (
        "apigateway:POST appsync:CreateApiKey appsync:CreateGraphqlApi"
        " cloudfront:CreateDistribution cloudfront:CreateFunction"
        " cloudfront:CreateOriginAccessControl cloudfront:CreateResponseHeadersPolicy"
        " lambda:CreateEventSourceMapping"
    ),
}
FOR_A_DOMAIN = " route53:ChangeResourceRecordSets route53:GetHostedZone"
FOR_A_CERTIFICATE = " acm:DescribeCertificate acm:RequestCertificate"
_ASSUMED = re.compile(r"arn:([a-z-]+):sts::(\d+):assumed-role/([^/]+)/.*")
_TRIED = '{"Resources":{"Nothing":{"Type":"AWS::CloudFormation::WaitConditionHandle"}}}'


def check_permissions(
    clients: Clients, account: str, caller: str, wanted: Wanted
) -> Iterator[Finding]:
    """Try CloudFormation without changing anything, and let IAM simulate the rest."""
    try:
        with asked("cloudformation", "ValidateTemplate"):
            clients("cloudformation").validate_template(TemplateBody=_TRIED)
    except AccessDeniedError as error:
        advice = "let whoever looks after the account allow you CloudFormation"
        yield bad("permissions", Code.PERMISSION_MISSING, str(error), advice)
        return
    source = _principal(clients, caller)
    if source is None:
        yield good("permissions", "the account's root user may do everything")
        return
    try:
        denied = _denied(clients, account, source, wanted)
    except ServiceError as error:
        message = f"IAM does not tell them beforehand: {error}"
        yield note(
            "permissions",
            Code.CHECK_FAILED,
            message,
            "what is missing shows while deploying, and is undone",
        )
        return
    if denied:
        message = f"not allowed: {', '.join(sorted(denied))}"
        advice = f"let whoever looks after the account allow them; if IAM is wrong: --ignore {Code.PERMISSION_MISSING}"
        yield bad("permissions", Code.PERMISSION_MISSING, message, advice)
    else:
        yield good("permissions", "everything that deploying needs, says IAM")


def _principal(clients: Clients, caller: str) -> str | None:
    """Return whose policies count: of a session, its role's; None for root, who has none."""
    if caller.endswith(":root"):
        return None
    session = _ASSUMED.fullmatch(caller)
    if session is None:
        return caller
    with asked("iam", "GetRole"):  # its path is not in the session's ARN
        return str(clients("iam").get_role(RoleName=session[3])["Role"]["Arn"])


def _denied(clients: Clients, account: str, source: str, wanted: Wanted) -> set[str]:
    """Return the actions that IAM would not allow.

    Raises:
        ServiceError: it does not tell.
    """

    def simulated(asked_for: tuple[str, list[str]]) -> set[str]:
        resource, actions = asked_for
        arn = resource.format(
            partition=clients.partition, region=clients.region, account=account, stack=wanted.stack
        )
        with asked("iam", "SimulatePrincipalPolicy"):
            pages = iam.get_paginator("simulate_principal_policy").paginate(
                PolicySourceArn=source, ActionNames=actions, ResourceArns=[arn]
            )
            results = [result for page in pages for result in page["EvaluationResults"]]
        return {each["EvalActionName"] for each in results if each["EvalDecision"] != "allowed"}

    iam = clients("iam")
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="simulate") as pool:
        return set().union(*pool.map(simulated, _asked_for(wanted)))


def _asked_for(wanted: Wanted) -> list[tuple[str, list[str]]]:
    everywhere = ACTIONS["*"]
    if wanted.text("HostedZone"):
        everywhere += FOR_A_DOMAIN
    if wanted.needs_certificate:
        everywhere += FOR_A_CERTIFICATE
    return [(arn, actions.split()) for arn, actions in {**ACTIONS, "*": everywhere}.items()]
