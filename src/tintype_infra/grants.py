"""One way to allow something: these actions on this resource, and nothing that comes along.

CDK's own `grant_read` and its like allow more than a function does (`s3:GetObject*`, `s3:List*`,
`sqs:ChangeMessageVisibility`, `dynamodb:Scan`); docs/permissions.md shows what is left.
"""

from __future__ import annotations

from aws_cdk import aws_iam as iam


def allow(grantee: iam.IGrantable, resource: str, *actions: str) -> iam.Grant:
    """Allow *actions* on the resource of that ARN."""
    return iam.Grant.add_to_principal(
        grantee=grantee, actions=list(actions), resource_arns=[resource]
    )
