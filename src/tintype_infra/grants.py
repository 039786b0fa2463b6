"""The one way to grant permissions: exactly these actions on this resource.

CDK's `grant_read` and the like allow more than a function needs (`s3:GetObject*`, `s3:List*`,
`sqs:ChangeMessageVisibility`, `dynamodb:Scan`); docs/reference/permissions.md lists the result.
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_iam as iam
from constructs import Construct

from tintype_infra.choice import DeployTimeChoice


def grant(
    grantee: iam.IGrantable,
    resource: str,
    *actions: str,
    only_for: Mapping[str, Mapping[str, str]] | None = None,
) -> iam.Grant:
    """Allow *actions* on the resource with this ARN, *only_for* requests that fulfil conditions."""
    return iam.Grant.add_to_principal(
        grantee=grantee,
        actions=list(actions),
        resource_arns=[resource],
        conditions=only_for,
    )


def grant_if(
    choice: DeployTimeChoice,
    scope: Construct,
    name: str,
    role: iam.IRole | None,
    resource: str,
    *actions: str,
) -> None:
    """Allow *actions* on the resource with this ARN if *choice* holds, by a policy called *name*."""
    if not choice.may_hold:
        return
    statement = iam.PolicyStatement(actions=list(actions), resources=[resource])
    policy = iam.Policy(scope, name, statements=[statement])
    if role:
        policy.attach_to_role(role)
    choice.decides(policy)
