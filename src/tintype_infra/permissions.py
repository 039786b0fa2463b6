"""Who may do what, read from the template: `python -m tintype_infra.permissions` writes docs/permissions.md.

Start with `permissions`. What is not in the table is not allowed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tintype_infra.packages import ROOT

DOCUMENT = ROOT / "docs" / "permissions.md"
Json = Mapping[str, Any]  # a part of a template: the one place where values are of any type

# What people call a resource; its logical identifier without the number that CDK adds.
WORDS = {
    "AccessLogs": "access logs bucket",
    "AlarmsTopic": "alarm topic",
    "CatalogueJobsDeadLetters": "catalogue dead-letter queue",
    "CatalogueJobsQueue": "catalogue queue",
    "CdnDistribution": "CDN",
    "DevelopJobsDeadLetters": "develop dead-letter queue",
    "DevelopJobsFailed": "develop failed queue",
    "DevelopJobsQueue": "develop queue",
    "FunctionsApi": "api function",
    "FunctionsApiLogs": "api log group",
    "FunctionsApiRole": "api function",
    "FunctionsCatalogue": "catalogue function",
    "FunctionsCatalogueLogs": "catalogue log group",
    "FunctionsCatalogueRole": "catalogue function",
    "FunctionsDevelop": "develop function",
    "FunctionsDevelopLogs": "develop log group",
    "FunctionsDevelopRole": "develop function",
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
_BUCKET_NAME = re.compile(r"arn:[^:]*:s3:::tintype-(\w+)-")
# Parts that are named by more than one resource, or by none.
_PARTS = {
    "*": "all traces",
    "{KmsKey}": "your key",
    "arn:Partition:cloudwatch:Region:AccountId:alarm:*": "alarms",
    "arn:Partition:appsync:Region:AccountId:/v1/apis/{GraphqlApi}/apikeys/{GraphqlKey}": "GraphQL key",
}
_PREAMBLE = """# Who may do what

Written by `python -m tintype_infra.permissions` from the template that is deployed; a test fails when it is
not what the template says. What is not here is not allowed: no role has a policy of AWS's, none may do
an action on "all resources" (but for X-Ray, which knows none, with `tracing`), and nobody but these may call
these. What is there only with a setting names its parameter. Besides, every bucket, queue and topic refuses
whoever comes without TLS.

| Who | May | On | Only for |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One action that somebody may do on one resource; *condition* is empty for a role's own."""

    who: str
    action: str
    resource: str
    condition: str = ""


def permissions(template: Json) -> tuple[Permission, ...]:
    """Return everything that the template allows, in order."""
    found: set[Permission] = set()
    for resource in template["Resources"].values():
        setting = resource.get("Condition", "").removeprefix("Has")
        found |= {_with(setting, one) for one in _permissions_of(resource)}
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


def _with(setting: str, permission: Permission) -> Permission:
    """Return a permission that is there only with a setting, whose parameter is named."""
    if not setting:
        return permission
    words = [permission.condition, f"with {setting}"]
    return replace(permission, condition=", ".join(filter(None, words)))


def markdown(rows: Sequence[Permission]) -> str:
    """Return the page."""
    lines = (f"| {row.who} | `{row.action}` | {row.resource} | {row.condition} |\n" for row in rows)
    return _PREAMBLE + "".join(lines)


def named(value: object) -> str:
    """Return what people call the resource that a value of a template refers to.

    >>> named({"Fn::Join": ["", [{"Fn::GetAtt": ["Originals63BA965B", "Arn"]}, "/originals/*"]]})
    'originals bucket `/originals/*`'
    """
    text = _written(value)
    if text in _PARTS:
        return _PARTS[text]
    bucket = _BUCKET_NAME.match(text)
    if bucket:
        return f"{bucket[1]} bucket"
    found = re.search(r"\{(\w+)\}", text)
    if not found:
        return text
    word = WORDS.get(found[1], found[1])
    rest = text[found.end() :]
    # The log streams of a group, and the routes of an API, have no resource of their own.
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
    """Return a value of a template as text, with a resource as its identifier in braces."""
    match value:
        case {"Fn::Join": [separator, list(parts)]}:
            return str(separator).join(map(_written, parts))
        case {"Fn::GetAtt": [name, _]} | {"Ref": name}:
            pseudo = str(name).startswith("AWS::")
            return str(name)[5:] if pseudo else f"{{{_without_number(str(name))}}}"
        case {"Fn::Select": _}:
            return ""
    return str(value)


def _without_number(name: str) -> str:
    return re.sub(r"[0-9A-F]{8}$", "", name)


def main() -> None:
    """Write the page."""
    from tintype.config import load, shipped  # noqa: PLC0415
    from tintype_infra.app import readable  # noqa: PLC0415 - reading needs no CDK

    template, _ = readable(load(shipped()))
    DOCUMENT.write_text(markdown(permissions(template)), "utf-8")
    sys.stdout.write(f"{DOCUMENT.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
