"""What an account has, so that nothing of a stack that was destroyed can hide: `listing(account)`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.deploy.account import Account

Listing: TypeAlias = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Kind:
    """One kind of thing: whose call lists it, and where the names are in the answers."""

    name: str
    service: str
    operation: str
    names: Callable[[Any], Iterable[str]]
    options: Mapping[str, object] | None = None


def _each(items: str, name: str) -> Callable[[Any], Iterable[str]]:
    return lambda response: [item[name] for item in response.get(items, [])]


def _cloudfront(items: str, name: Callable[[Any], str]) -> Callable[[Any], Iterable[str]]:
    return lambda response: [name(item) for item in response[items].get("Items", [])]


KINDS = (
    Kind("buckets", "s3", "list_buckets", _each("Buckets", "Name")),
    Kind("functions", "lambda", "list_functions", _each("Functions", "FunctionName")),
    Kind("sources", "lambda", "list_event_source_mappings", _each("EventSourceMappings", "UUID")),
    Kind("queues", "sqs", "list_queues", lambda response: response.get("QueueUrls", [])),
    Kind("tables", "dynamodb", "list_tables", lambda response: response["TableNames"]),
    Kind("roles", "iam", "list_roles", _each("Roles", "RoleName")),
    Kind("policies", "iam", "list_policies", _each("Policies", "Arn"), {"Scope": "Local"}),
    Kind("logs", "logs", "describe_log_groups", _each("logGroups", "logGroupName")),
    Kind("HTTP APIs", "apigatewayv2", "get_apis", _each("Items", "ApiId")),
    Kind("GraphQL APIs", "appsync", "list_graphql_apis", _each("graphqlApis", "apiId")),
    Kind(
        "distributions",
        "cloudfront",
        "list_distributions",
        _cloudfront("DistributionList", lambda item: item["Id"]),
    ),
    Kind(
        "edge functions",
        "cloudfront",
        "list_functions",
        _cloudfront("FunctionList", lambda item: item["Name"]),
    ),
    Kind(
        "origin access",
        "cloudfront",
        "list_origin_access_controls",
        _cloudfront("OriginAccessControlList", lambda item: item["Id"]),
    ),
    Kind(
        "headers",
        "cloudfront",
        "list_response_headers_policies",
        _cloudfront("ResponseHeadersPolicyList", lambda item: item["ResponseHeadersPolicy"]["Id"]),
        {"Type": "custom"},
    ),
    Kind("alarms", "cloudwatch", "describe_alarms", _each("MetricAlarms", "AlarmName")),
    Kind("dashboards", "cloudwatch", "list_dashboards", _each("DashboardEntries", "DashboardName")),
    Kind("topics", "sns", "list_topics", _each("Topics", "TopicArn")),
    Kind(
        "certificates",
        "acm",
        "list_certificates",
        _each("CertificateSummaryList", "CertificateArn"),
    ),
    Kind("parameters", "ssm", "describe_parameters", _each("Parameters", "Name")),
    Kind("stacks", "cloudformation", "describe_stacks", _each("Stacks", "StackName")),
)


def listing(account: Account) -> Listing:
    """Return the names of everything that the account has, by kind."""
    return {kind.name: _names(account, kind) for kind in KINDS}


def difference(before: Listing, after: Listing) -> dict[str, list[str]]:
    """Return what *after* has more, by kind; kinds of which it has nothing more are left out."""
    more = {name: sorted(after[name] - before[name]) for name in before}
    return {name: names for name, names in more.items() if names}


def _names(account: Account, kind: Kind) -> frozenset[str]:
    client = account.client(kind.service)
    response = getattr(client, kind.operation)(**(kind.options or {}))
    # A second page would hide things; no account of the tests comes near one.
    assert not any(
        response.get(token) for token in ("NextToken", "nextToken", "NextMarker", "Marker")
    )
    return frozenset(kind.names(response))
