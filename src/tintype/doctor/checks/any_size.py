"""The check of delivery addresses: do they reach the bucket, then the render function, past the edge?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from tintype.aws.errors import NotFoundError
from tintype.delivery.signing import PREFIX, PUBLIC_PREFIX
from tintype.doctor.findings import Fact, Finding, Step
from tintype.doctor.policies import Visit, allows, parsed
from tintype.doctor.stack import SERVES, AwsResponse, StackUnderTest

ANY_SIZE = (f"{PUBLIC_PREFIX}*", f"{PREFIX}*")
# What S3 answers for a file that nobody has asked for; the render function is asked then.
MISSING = {403, 404}
# Both, since October 2025 (Lambda's developer guide, "Control access to Lambda function URLs").
ACTIONS = ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")
_PICTURES = (PUBLIC_PREFIX, PREFIX, "/private/", "/?")  # how paths of pictures begin
_EVENT = "viewer-request"
_ADDRESS = frozenset({Step.ADDRESS})


def any_size(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check the CDN's paths of pictures, and that it may call the render function."""
    try:
        config = target.distribution["DistributionConfig"]
    except NotFoundError:
        return  # `distribution` reports it
    behaviors = {one["PathPattern"]: one for one in _items(config, "CacheBehaviors")}
    found = [
        *_unguarded(target, behaviors),
        *_wrong_groups(target, config, behaviors),
        *_closed(target),
    ]
    yield from found
    if not found:
        yield Fact("any size", "from the bucket, else from the render function, past the edge")


def _unguarded(target: StackUnderTest, behaviors: Mapping[str, AwsResponse]) -> Iterator[Finding]:
    """Check that every path of pictures runs the one function that decides about them."""
    functions = {
        path: next(
            (
                str(one["FunctionARN"])
                for one in _items(behavior, "FunctionAssociations")
                if one["EventType"] == _EVENT
            ),
            "",
        )
        for path, behavior in behaviors.items()
        if path.startswith(_PICTURES)
    }
    for path, function in functions.items():
        others = [other for other in functions.values() if other]
        if function and others.count(function) > len(others) // 2:
            continue
        yield Finding(
            code="edge_function_missing",
            message=f"The CDN's path {path} runs {function or 'no function'} for viewer requests, so "
            "nothing checks or rewrites its addresses.",
            remedy=target.put_back,
            evidence=tuple(f"{other}: {arn or 'none'}" for other, arn in functions.items()),
            explains=_ADDRESS if path in ANY_SIZE else frozenset({Step.RENDITION}),
        )


def _wrong_groups(
    target: StackUnderTest, config: AwsResponse, behaviors: Mapping[str, AwsResponse]
) -> Iterator[Finding]:
    """Check that any size comes from the bucket, and from the render function if it is not there."""
    try:
        url = target.ask(
            "lambda", "get_function_url_config", FunctionName=target.function("render")
        )
    except NotFoundError as error:
        yield target.missing("render function's URL", error, _ADDRESS)
        return
    host = str(urlsplit(url["FunctionUrl"]).hostname)
    wanted = (f"{target.bucket('renditions')}.s3.", host)
    origins = {one["Id"]: one for one in _items(config, "Origins")}
    groups = {one["Id"]: one for one in _items(config, "OriginGroups")}
    for path in ANY_SIZE:
        group = groups.get(behaviors.get(path, {}).get("TargetOriginId", ""), {})
        members = [origins.get(one["OriginId"], {}) for one in _items(group, "Members")]
        hosts = [str(one.get("DomainName")) for one in members]
        codes: set[int] = set(_items(group.get("FailoverCriteria", {}), "StatusCodes"))
        if [each.startswith(one) for each, one in zip(hosts, wanted, strict=False)] != [True, True]:
            code = "origin_wrong"
            seen = " and then ".join(hosts) or "no origin group"
            message = (
                f"The CDN's path {path} uses {seen} instead of the renditions bucket and then the render "
                "function."
            )
        elif not codes >= MISSING:
            code = "origin_wrong"
            message = f"The CDN's path {path} does not ask the render function for files that are missing."
        elif not all(one.get("OriginAccessControlId") for one in members):
            code = "function_closed"
            message = f"The CDN does not sign its requests for {path}: no origin access control."
        else:
            continue
        yield Finding(
            code=code,
            message=message,
            remedy=target.put_back,
            evidence=(f"origins: {', '.join(hosts) or 'none'}", f"on {sorted(codes)}"),
            explains=_ADDRESS,
        )


def _closed(target: StackUnderTest) -> Iterator[Finding]:
    """Check that the render function's policy admits the CDN."""
    if "render" not in target.functions:
        return  # `functions` reports it
    try:
        policy = target.ask("lambda", "get_policy", FunctionName=target.function("render"))[
            "Policy"
        ]
    except NotFoundError:
        policy = None
    for action in ACTIONS:
        visit = Visit(
            service="cloudfront.amazonaws.com",
            action=action,
            resource=target.function_arn("render"),
            source_arn=target.distribution_arn,
            source_account=target.account_id,
        )
        if not allows(parsed(policy), visit):
            yield Finding(
                code="function_closed",
                message=f"The CDN may not invoke the render function: the function's policy does not "
                f"allow {action}.",
                remedy=target.put_back,
                evidence=(f"policy: {policy or 'none'}",),
                explains=SERVES["render"],
            )


def _items(parent: AwsResponse, name: str) -> list[Any]:
    """Return what a list of CloudFront's API contains; an absent list is empty."""
    found: list[Any] = parent.get(name, {}).get("Items", [])
    return found
