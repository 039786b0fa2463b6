"""The permissions in docs/reference/permissions.md, from the template. Start with `permissions`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from docs.making.tables import code, table
from docs.making.template import ROOT, Json, template, without_number

DOCUMENT = ROOT / "docs" / "reference" / "permissions.md"

# Display names of resources, by logical ID without the suffix that CDK adds.
WORDS = {
    "Access": "access table",
    "AccessLogs": "access logs bucket",
    "AlarmsTopic": "alarm topic",
    "CatalogueJobsDeadLetters": "catalogue dead-letter queue",
    "CatalogueJobsQueue": "catalogue queue",
    "CdnDistribution": "CDN",
    "ProcessJobsDeadLetters": "process dead-letter queue",
    "ProcessJobsBackground": "background queue",
    "ProcessJobsFailed": "process failed queue",
    "ProcessJobsQueue": "process queue",
    "FunctionsApi": "api function",
    "FunctionsApiLogs": "api log group",
    "FunctionsApiRole": "api function",
    "FunctionsCatalogue": "catalogue function",
    "FunctionsCatalogueLogs": "catalogue log group",
    "FunctionsCatalogueRole": "catalogue function",
    "FunctionsProcess": "process function",
    "FunctionsProcessLogs": "process log group",
    "FunctionsProcessRole": "process function",
    "FunctionsRender": "render function",
    "FunctionsRenderFunctionUrl": "render function",
    "FunctionsRenderLogs": "render log group",
    "FunctionsRenderRole": "render function",
    "FunctionsSigningKeys": "keys function",
    "FunctionsSigningKeysLogs": "keys log group",
    "FunctionsSigningKeysRole": "keys function",
    "GraphqlApi": "GraphQL API",
    "GraphqlReaderRole": "GraphQL API",
    "GraphqlRenewKey": "renewal rule",
    "HttpApi": "HTTP API",
    "Images": "images table",
    "Originals": "originals bucket",
    "Renditions": "renditions bucket",
    "Site": "site bucket",
}
_SERVICES = {
    "apigateway.amazonaws.com": "HTTP API",
    "cloudfront.amazonaws.com": "CDN",
    "cloudwatch.amazonaws.com": "CloudWatch",
    "events.amazonaws.com": "EventBridge",
    "logging.s3.amazonaws.com": "S3",
    "s3.amazonaws.com": "S3",
}
_MODES = {
    "AccessIsOpen": "in mode open",
    "LinksToOriginals": "with sign-in or originals_readable",
}
_BUCKET_NAME = re.compile(r"arn:[^:]*:s3:::tintype-(\w+)-(/.*)?")
# Parts that refer to more than one resource, or to none.
_PARTS = {
    "*": "all traces",
    "quota#*": "counters",
    "{KmsKey}": "your key",
    "arn:Partition:cloudwatch:Region:AccountId:alarm:*": "alarms",
    "arn:Partition:appsync:Region:AccountId:/v1/apis/{GraphqlApi}/apikeys/{GraphqlKey}": "GraphQL key",
}


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One allowed action on one resource; *condition* is empty for roles."""

    who: str
    action: str
    resource: str
    condition: str = ""


def permissions(of: Json) -> tuple[Permission, ...]:
    """Return all permissions in the template, sorted."""
    found: set[Permission] = set()
    for resource in of["Resources"].values():
        only = _only(resource.get("Condition", ""))
        found |= {_with(only, one) for one in _permissions_of(resource)}
    return tuple(sorted(found))


def _permissions_of(resource: Json) -> Iterator[Permission]:
    properties = resource.get("Properties", {})
    match resource["Type"]:
        case "AWS::IAM::Policy":
            who = [named(role) for role in properties["Roles"]]
            yield from _statements(properties["PolicyDocument"], who)
        case "AWS::SQS::QueuePolicy" | "AWS::S3::BucketPolicy" | "AWS::SNS::TopicPolicy":
            yield from _statements(properties["PolicyDocument"])
        case "AWS::Lambda::Permission":
            yield _call(properties)


def _only(condition: str) -> str:
    """Return when there is a permission under a condition of the template, naming its parameter."""
    if condition in _MODES:
        return _MODES[condition]
    return f"with {condition.removeprefix('Has')}" if condition else ""


def _with(only: str, permission: Permission) -> Permission:
    if not only:
        return permission
    words = [permission.condition, only]
    return replace(permission, condition=", ".join(filter(None, words)))


def listed() -> str:
    """Return the table of all permissions."""
    rows = (
        (row.who, code(row.action), row.resource, row.condition) for row in permissions(template())
    )
    return table(["Who", "May", "On", "Only for"], rows)


def named(value: object) -> str:
    """Return the display name of the resource that a template value refers to.

    >>> named({"Fn::Join": ["", [{"Fn::GetAtt": ["Originals63BA965B", "Arn"]}, "/originals/*"]]})
    'originals bucket `/originals/*`'
    """
    text = _written(value)
    if text in _PARTS:
        return _PARTS[text]
    bucket = _BUCKET_NAME.match(text)
    if bucket:
        return f"{bucket[1]} bucket `{bucket[2]}`" if bucket[2] else f"{bucket[1]} bucket"
    found = re.search(r"\{(\w+)\}", text)
    if not found:
        return text
    word = WORDS.get(found[1], found[1])
    rest = text[found.end() :]
    # A group's log streams and an API's routes are not separate resources.
    return f"{word} `{rest}`" if rest and rest != "/*/*" else word


def _statements(document: Json, who: Sequence[str] = ()) -> Iterator[Permission]:
    for statement in document["Statement"]:
        if statement["Effect"] == "Allow":
            for person in who or [_principal(statement["Principal"])]:
                for action in _several(statement["Action"]):
                    for resource in _several(statement["Resource"]):
                        condition = _condition(statement.get("Condition", {}))
                        yield Permission(person, action, named(resource), condition)


def _call(properties: Json) -> Permission:
    who = _SERVICES[properties["Principal"]]
    function = named(properties["FunctionName"])
    return Permission(who, properties["Action"], function, named(properties["SourceArn"]))


def _principal(principal: Json) -> str:
    service = principal.get("Service", "")
    return _SERVICES.get(service, service or _written(principal))


def _condition(condition: Json) -> str:
    facts = (fact for test in condition.values() for fact in test.items())
    return ", ".join(
        "this account" if name.lower().endswith("sourceaccount") else named(value)
        for name, values in facts
        for value in _several(values)
    )


def _several(value: Any) -> list[Any]:  # noqa: ANN401 - see Json
    return value if isinstance(value, list) else [value]


def _written(value: object) -> str:
    """Return a template value as text, with resources as IDs in braces."""
    match value:
        case {"Fn::Join": [separator, list(parts)]}:
            return str(separator).join(map(_written, parts))
        case {"Fn::GetAtt": [name, _]} | {"Ref": name}:
            pseudo = str(name).startswith("AWS::")
            return str(name)[5:] if pseudo else f"{{{without_number(str(name))}}}"
        case {"Fn::Select": _}:
            return ""
    return str(value)
