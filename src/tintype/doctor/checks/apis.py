"""Checks of the APIs behind the CDN: does the HTTP API lead on, is the GraphQL API's key good?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tintype.access import AccessMode
from tintype.aws.errors import NotFoundError
from tintype.doctor.findings import Fact, Finding, Step
from tintype.doctor.policies import Visit, allows, parsed
from tintype.doctor.stack import SERVES, AwsResponse, StackUnderTest
from tintype.outputs import Output

SOON = timedelta(days=5)  # a new key has seven days, and is renewed after one
RESOLVERS = {"Query": ("image", "images"), "Mutation": ("publishImage",)}
# How AppSync knows callers in each mode.
_PROVIDERS = {
    AccessMode.OPEN: "API_KEY",
    AccessMode.COGNITO: "AMAZON_COGNITO_USER_POOLS",
    AccessMode.OIDC: "OPENID_CONNECT",
}
_WITH_KEY = frozenset({Step.SOCKET, Step.QUERY, Step.ANNOUNCEMENT})


def http_api(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check that the HTTP API exists and sends every request to the api function."""
    api_id = target.http_api_id
    try:
        routes = target.ask("apigatewayv2", "get_routes", ApiId=api_id)["Items"]
        integrations = target.ask("apigatewayv2", "get_integrations", ApiId=api_id)["Items"]
    except NotFoundError as error:
        yield target.missing(f"HTTP API {api_id}", error, SERVES["api"])
        return
    function = target.function_arn("api")
    targets = {
        f"integrations/{one['IntegrationId']}"
        for one in integrations
        if function in str(one.get("IntegrationUri"))
    }
    if any(one["RouteKey"] == "$default" and one.get("Target") in targets for one in routes):
        yield Fact("HTTP API", "all requests go to the api function")
    else:
        lost = "route $default" if targets else "integration"
        yield Finding(
            code="route_missing",
            message=f"The HTTP API {api_id} has no {lost} to the api function.",
            remedy=target.put_back,
            explains=SERVES["api"],
        )
    yield from _function_policy(target)


def _function_policy(target: StackUnderTest) -> Iterator[Finding]:
    """Check that the api function's policy admits the HTTP API."""
    if "api" not in target.functions:
        return  # `functions` reports it
    try:
        policy = target.ask("lambda", "get_policy", FunctionName=target.function("api"))["Policy"]
    except NotFoundError:
        policy = None
    api = f"arn:{target.partition}:execute-api:{target.region}:{target.account_id}:{target.http_api_id}"
    visit = Visit(
        service="apigateway.amazonaws.com",
        action="lambda:InvokeFunction",
        resource=target.function_arn("api"),
        source_arn=f"{api}/*/*",
        source_account=target.account_id,
    )
    if not allows(parsed(policy), visit):
        yield Finding(
            code="function_closed",
            message="The HTTP API may not invoke the api function: the function's policy does not "
            "allow it.",
            remedy=target.put_back,
            evidence=(f"policy: {policy or 'none'}",),
            explains=SERVES["api"],
        )


def graphql(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check that the GraphQL API exists with its resolvers, and accepts what the page sends."""
    api_id = target.outputs[Output.GRAPHQL_API_ID]
    try:
        api = target.ask("appsync", "get_graphql_api", apiId=api_id)["graphqlApi"]
        keys = target.ask("appsync", "list_api_keys", apiId=api_id)["apiKeys"]
    except NotFoundError as error:
        yield target.missing(f"GraphQL API {api_id}", error, _WITH_KEY)
        return
    others = api.get("additionalAuthenticationProviders") or []
    modes = [one["authenticationType"] for one in (api, *others)]
    mode = target.outputs.get(Output.ACCESS_MODE, AccessMode.OPEN)
    if mode != AccessMode.OPEN:
        yield _sign_ins(target, mode, modes)
    elif "API_KEY" in modes:
        yield _key(target, keys)
    else:
        yield Finding(
            code="keys_off",
            message=f"The GraphQL API {api_id} no longer accepts API keys, so clients can neither "
            "subscribe nor query.",
            remedy=target.put_back,
            evidence=(f"accepts {', '.join(modes)}",),
            explains=_WITH_KEY,
        )
    yield from _resolvers(target)


def _sign_ins(target: StackUnderTest, mode: str, modes: list[str]) -> Finding | Fact:
    """Return whether the GraphQL API of a stack that is not open accepts its issuer's tokens."""
    accepted = ", ".join(modes)
    if _PROVIDERS[AccessMode(mode)] in modes:
        return Fact("GraphQL API", f"accepts {accepted}")
    api_id = target.outputs[Output.GRAPHQL_API_ID]
    return Finding(
        code="sign_ins_off",
        message=f"The GraphQL API {api_id} no longer accepts sign-ins, so clients can neither "
        "subscribe nor query.",
        remedy=target.put_back,
        evidence=(f"accepts {accepted}",),
        explains=_WITH_KEY,
    )


def _key(target: StackUnderTest, keys: list[AwsResponse]) -> Finding | Fact:
    api_id, key = target.outputs[Output.GRAPHQL_API_ID], target.outputs[Output.GRAPHQL_API_KEY]
    expires = next((one["expires"] for one in keys if one["id"] == key), None)
    if expires is None:
        return Finding(
            code="key_gone",
            message=f"The GraphQL API's key {_hidden(key)} was deleted, so clients can neither "
            "subscribe nor query.",
            remedy=_new_key(target),
            evidence=(f"keys: {', '.join(_hidden(one['id']) for one in keys) or 'none'}",),
            explains=_WITH_KEY,
        )
    moment = datetime.fromtimestamp(expires, UTC)
    left = moment - datetime.now(UTC)
    year = str(int((datetime.now(UTC) + timedelta(days=364)).timestamp()))
    words = ("--api-id", api_id, "--id", key, "--expires", year)
    extend = target.command("appsync", "update-api-key", *words)
    if left <= timedelta():
        return Finding(
            code="key_expired",
            message=f"The GraphQL API's key {_hidden(key)} expired on {moment:%Y-%m-%d}.",
            remedy=extend,
            explains=_WITH_KEY,
        )
    if left < SOON:
        return Finding(
            code="key_expires",
            message=f"The GraphQL API's key {_hidden(key)} expires on {moment:%Y-%m-%d}: the "
            "catalogue function, which renews it every day, has not done so.",
            remedy=f"{extend} helps for now; the catalogue function's log has the cause",
        )
    return Fact("GraphQL API", f"its key is good until {moment:%Y-%m-%d}")


def _new_key(target: StackUnderTest) -> str:
    """Return how to get another key from the stack: one made by hand would be in no output."""
    if target.is_local:
        return target.put_back
    return f"{target.put_back} Then {target.deploy_again} publishes the page with the new key."


def _hidden(key: str) -> str:
    """Return enough of a key to recognize it."""
    return f"{key[:6]}…"


def _resolvers(target: StackUnderTest) -> Iterator[Finding]:
    for type_name, fields in RESOLVERS.items():
        answer = target.ask(
            "appsync",
            "list_resolvers",
            apiId=target.outputs[Output.GRAPHQL_API_ID],
            typeName=type_name,
        )
        there = {one["fieldName"] for one in answer["resolvers"]}
        step = Step.ANNOUNCEMENT if type_name == "Mutation" else Step.QUERY
        for field in fields:
            if field not in there:
                yield Finding(
                    code="resolver_missing",
                    message=f"The GraphQL API's field {type_name}.{field} has no resolver.",
                    remedy=target.put_back,
                    explains=frozenset({step}),
                )
