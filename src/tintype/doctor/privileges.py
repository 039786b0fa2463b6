"""What each role must be allowed to do: the rows of docs/permissions.md that are of our own roles.

A test compares the two. What writes logs is left out: a function that cannot do it still works.
"""

from __future__ import annotations

from dataclasses import dataclass

from tintype.doctor.case import Case

_NAMED = "01M7XPE600ABCDEFGHJKMNPQRS"  # stands for any image in the ARN that IAM is asked about


@dataclass(frozen=True, slots=True)
class Privilege:
    """*who* must be allowed *action* *on* a part, in the words of docs/permissions.md."""

    who: str
    action: str
    on: str


_API, _DEVELOP, _CATALOGUE, _READER = (
    "api function",
    "develop function",
    "catalogue function",
    "GraphQL API",
)
PRIVILEGES = (
    Privilege(_API, "dynamodb:GetItem", "images table"),
    Privilege(_API, "dynamodb:PutItem", "images table"),
    Privilege(_API, "dynamodb:Query", "images table `/index/byFilename`"),
    Privilege(_API, "dynamodb:Query", "images table `/index/byOwner`"),
    Privilege(_API, "lambda:InvokeFunction", "develop function"),
    Privilege(_API, "s3:DeleteObject", "originals bucket `/*`"),
    Privilege(_API, "s3:PutObject", "originals bucket `/originals/*`"),
    Privilege(_API, "sqs:SendMessage", "develop queue"),
    Privilege(_CATALOGUE, "appsync:GraphQL", "GraphQL API `/types/Mutation/fields/publishImage`"),
    Privilege(_CATALOGUE, "appsync:UpdateApiKey", "GraphQL API"),
    Privilege(_CATALOGUE, "appsync:UpdateApiKey", "GraphQL key"),
    Privilege(_CATALOGUE, "dynamodb:GetItem", "images table"),
    Privilege(_CATALOGUE, "dynamodb:PutItem", "images table"),
    Privilege(_CATALOGUE, "s3:GetObject", "renditions bucket `/*/manifest.json`"),
    Privilege(_CATALOGUE, "s3:ListBucket", "originals bucket"),
    Privilege(_CATALOGUE, "s3:ListBucket", "renditions bucket"),
    Privilege(_CATALOGUE, "s3:PutObject", "renditions bucket `/*/manifest.json`"),
    Privilege(_CATALOGUE, "sqs:ChangeMessageVisibility", "catalogue queue"),
    Privilege(_CATALOGUE, "sqs:DeleteMessage", "catalogue queue"),
    Privilege(_CATALOGUE, "sqs:DeleteMessage", "develop failed queue"),
    Privilege(_CATALOGUE, "sqs:GetQueueAttributes", "catalogue queue"),
    Privilege(_CATALOGUE, "sqs:GetQueueAttributes", "develop failed queue"),
    Privilege(_CATALOGUE, "sqs:ReceiveMessage", "catalogue queue"),
    Privilege(_CATALOGUE, "sqs:ReceiveMessage", "develop failed queue"),
    Privilege(_CATALOGUE, "sqs:SendMessage", "catalogue dead-letter queue"),
    Privilege(_CATALOGUE, "sqs:SendMessage", "develop dead-letter queue"),
    Privilege(_CATALOGUE, "sqs:SendMessage", "develop queue"),
    Privilege(_DEVELOP, "s3:DeleteObject", "renditions bucket `/*`"),
    Privilege(_DEVELOP, "s3:DeleteObjectVersion", "originals bucket `/originals/*`"),
    Privilege(_DEVELOP, "s3:GetObject", "originals bucket `/*`"),
    Privilege(_DEVELOP, "s3:GetObject", "renditions bucket `/*`"),
    Privilege(_DEVELOP, "s3:ListBucket", "originals bucket"),
    Privilege(_DEVELOP, "s3:ListBucket", "renditions bucket"),
    Privilege(_DEVELOP, "s3:PutObject", "renditions bucket `/*`"),
    Privilege(_DEVELOP, "s3:PutObjectTagging", "renditions bucket `/*`"),
    Privilege(_DEVELOP, "sqs:ChangeMessageVisibility", "develop queue"),
    Privilege(_DEVELOP, "sqs:DeleteMessage", "develop queue"),
    Privilege(_DEVELOP, "sqs:GetQueueAttributes", "develop queue"),
    Privilege(_DEVELOP, "sqs:ReceiveMessage", "develop queue"),
    Privilege(_DEVELOP, "sqs:SendMessage", "catalogue queue"),
    Privilege(_DEVELOP, "sqs:SendMessage", "develop queue"),
    Privilege(_READER, "dynamodb:GetItem", "images table"),
    Privilege(_READER, "dynamodb:Query", "images table `/index/byOwner`"),
)


def arn_of(privilege: Privilege, case: Case) -> str:
    """Return the ARN of one thing that a privilege is for."""
    part, _, rest = privilege.on.partition(" `")
    below = rest.rstrip("`").replace("*", _NAMED)
    name, kind = part.rsplit(" ", 1)
    if kind == "bucket":
        return f"arn:{case.partition}:s3:::{case.bucket(name)}{below}"
    if kind == "queue":
        return case.queue_arn(name)
    if kind == "function":
        return _regional(case, "lambda", f"function:{case.function(name)}")
    if kind == "table":
        return _regional(case, "dynamodb", f"table/{case.table}{below}")
    api = f"apis/{case.outputs['GraphqlApiId']}"
    if kind == "key":
        return _regional(case, "appsync", f"/v1/{api}/apikeys/{case.outputs['GraphqlApiKey']}")
    return _regional(case, "appsync", f"{api}{below}")


def _regional(case: Case, service: str, name: str) -> str:
    return f"arn:{case.partition}:{service}:{case.region}:{case.account_id}:{name}"
