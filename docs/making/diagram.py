"""The architecture's diagram: what the template has, and who speaks to whom in it.

`make tables` draws docs/explanation/architecture.svg for who reads the page outside of the built
site, which gets a drawing that follows its colours. Where things stand is in `places`, how they look in
`drawing`; a resource or an arrow that the template has and `places` does not know is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from docs.making.permissions import WORDS, permissions
from docs.making.template import Json, referred, resources, template

FILE = Path(__file__).parents[1] / "explanation" / "architecture.svg"
NAMES = WORDS | {
    "CatalogueJobsDeadLetters": "catalogue dead letters",
    "ProcessJobsDeadLetters": "process dead letters",
}
_SHORTER = {word: NAMES[name] for name, word in WORDS.items()}
# What is drawn as a box; everything else of the template belongs to one of these.
DRAWN = {
    "AWS::ApiGatewayV2::Api": "API Gateway",
    "AWS::AppSync::GraphQLApi": "AppSync",
    "AWS::CloudFront::Distribution": "CloudFront",
    "AWS::DynamoDB::Table": "DynamoDB",
    "AWS::Lambda::Function": "Lambda",
    "AWS::S3::Bucket": "S3",
    "AWS::SQS::Queue": "SQS",
}
# What is counted below the drawing.
COUNTED = {
    "AWS::IAM::Role": "roles",
    "AWS::CloudWatch::Alarm": "alarms",
    "AWS::CloudWatch::Dashboard": "dashboard",
    "AWS::Logs::LogGroup": "log groups",
}
_VERBS = {
    "appsync:GraphQL": "announces",
    "dynamodb:DeleteItem": "deletes",
    "dynamodb:GetItem": "reads",
    "dynamodb:PutItem": "writes",
    "dynamodb:Query": "reads",
    "dynamodb:UpdateItem": "writes",
    "lambda:InvokeFunction": "calls",
    "lambda:InvokeFunctionUrl": "calls",
    "s3:DeleteObject": "deletes",
    "s3:DeleteObjectVersion": "deletes",
    "s3:GetObject": "reads",
    "s3:ListBucketVersions": "reads",
    "s3:ListBucket": "reads",
    "s3:PutObject": "writes",
    "s3:PutObjectTagging": "writes",
    "sqs:SendMessage": "sends",
}
# What a role may do so that the arrow into the other direction works.
_FOLDED = {
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
}
_UNSEEN = {
    "appsync:UpdateApiKey",
    "cloudfront:CreateInvalidation",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sns:Publish",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
# The background queue goes the way of the process queue; the keys function runs in a deployment alone.
_NOT_DRAWN = {"EventBridge", "S3", "access logs bucket", "background queue", "keys function"}


class Kind(StrEnum):
    """What an arrow means: work moves along it; a role may do something; what failed is put aside."""

    FLOW = "flow"
    ROLE = "role"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Box:
    """A resource that is drawn: what we call it, and the AWS service that it is of."""

    name: str
    service: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one box to another; *says* is what stands beside it."""

    start: str
    end: str
    kind: Kind
    says: str


def boxes() -> list[Box]:
    """Return what is drawn."""
    named = ((NAMES[name], word) for kind, word in DRAWN.items() for name, _ in resources(kind))
    return [Box(name, word) for name, word in named if name not in _NOT_DRAWN]


def arrows() -> list[Arrow]:
    """Return who speaks to whom: each pair once, by the strongest reason."""
    found: dict[tuple[str, str], Arrow] = {}
    for arrow in (*_events(), *_requests(), *_failures(), *_roles()):
        if not {arrow.start, arrow.end} & _NOT_DRAWN:
            found.setdefault((arrow.start, arrow.end), arrow)
    return list(found.values())


def counts() -> dict[str, int]:
    """Return how many of the things there are that are not drawn."""
    return {word: sum(1 for _ in resources(kind)) for kind, word in COUNTED.items()}


def inline() -> str:
    """Return the drawing for the built site, whose style sheet colours it."""
    from docs.making.drawing import drawn, style_sheet  # noqa: PLC0415 - it needs the types above

    drawing = drawn(boxes(), arrows(), counts())
    return f'<div class="diagram">\n<style>\n{style_sheet()}</style>\n{drawing}</div>\n'


def _events() -> Iterator[Arrow]:
    """Yield what S3 announces, and what Lambda takes from the queues."""
    for name, facts in resources("AWS::S3::Bucket"):
        told: dict[str, str] = {}
        for one in facts.get("NotificationConfiguration", {}).get("QueueConfigurations", []):
            (queue,) = referred(one["Queue"])
            suffix = "".join(rule["Value"] for rule in _rules(one))
            told[queue] = suffix.strip("/") or "every object"
        for queue, says in told.items():
            yield Arrow(NAMES[name], NAMES[queue], Kind.FLOW, says)
    for _, facts in resources("AWS::Lambda::EventSourceMapping"):
        (queue,), (function,) = referred(facts["EventSourceArn"]), referred(facts["FunctionName"])
        most = resolved(facts["ScalingConfig"]["MaximumConcurrency"])
        says = f"{facts['BatchSize']} × {most}"
        yield Arrow(NAMES[queue], NAMES[function], Kind.FLOW, says)


def _rules(configuration: Json) -> list[Any]:
    rules: list[Any] = configuration.get("Filter", {}).get("S3Key", {}).get("Rules", [])
    return rules


def _requests() -> Iterator[Arrow]:
    """Yield where the CDN and the HTTP API hand requests on to."""
    for name, facts in resources("AWS::CloudFront::Distribution"):
        for origin in facts["DistributionConfig"]["Origins"]:
            for other in referred(origin["DomainName"]):
                yield Arrow(NAMES[name], NAMES[other], Kind.FLOW, "")
    for _, facts in resources("AWS::ApiGatewayV2::Integration"):
        (api,), (function,) = referred(facts["ApiId"]), referred(facts["IntegrationUri"])
        yield Arrow(NAMES[api], NAMES[function], Kind.FLOW, "")


def _failures() -> Iterator[Arrow]:
    for name, facts in resources("AWS::SQS::Queue"):
        if "RedrivePolicy" in facts:
            (other,) = referred(facts["RedrivePolicy"]["deadLetterTargetArn"])
            tries = resolved(facts["RedrivePolicy"]["maxReceiveCount"])
            yield Arrow(NAMES[name], NAMES[other], Kind.FAILED, f"after {tries} tries")


def _roles() -> Iterator[Arrow]:
    """Yield what roles may do beyond what the other arrows need."""
    verbs: dict[tuple[str, str], dict[str, None]] = {}
    for one in permissions(template()):
        if one.action not in _FOLDED | _UNSEEN and one.who not in _NOT_DRAWN:
            on = one.resource.partition(" `")[0]
            pair = one.who, _SHORTER.get(on, on)
            verbs.setdefault(pair, {})[_VERBS[one.action]] = None
    for (who, on), said in verbs.items():
        order = [verb for verb in dict.fromkeys(_VERBS.values()) if verb in said]
        yield Arrow(who, on, Kind.ROLE, ", ".join(sorted(order, key=_importance)))


def _importance(verb: str) -> int:
    return ("reads", "writes", "deletes", "sends", "calls", "announces").index(verb)


def resolved(value: object) -> object:
    """Return a value, or the default of the parameter that it refers to."""
    match value:
        case {"Ref": str(name)} if name in template()["Parameters"]:
            default: object = template()["Parameters"][name]["Default"]
            return default
    return value


def standing() -> str:
    """Return the picture that is kept beside the page."""
    from docs.making.drawing import standing_alone  # noqa: PLC0415

    return standing_alone(boxes(), arrows(), counts())
