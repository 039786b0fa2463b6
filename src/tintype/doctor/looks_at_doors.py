"""Looking at the doors behind the CDN: does the HTTP API lead on, is the GraphQL API's key good?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tintype.doctor.case import SERVES, Answer, Case, GoneError
from tintype.doctor.findings import Fact, Finding, Station
from tintype.doctor.policies import Visit, allows, parsed

SOON = timedelta(days=5)  # a new key has seven days until it is renewed for the first time, in one
RESOLVERS = {"Query": ("image", "images"), "Mutation": ("publishImage",)}
_WITH_KEY = frozenset({Station.SOCKET, Station.QUERY, Station.ANNOUNCEMENT})


def http_api(case: Case) -> Iterator[Finding | Fact]:
    """Prove that the HTTP API is there, and that every request of it goes to the api function."""
    api_id = case.http_api_id
    try:
        routes = case.ask("apigatewayv2", "get_routes", ApiId=api_id)["Items"]
        integrations = {
            one["IntegrationId"]: one
            for one in case.ask("apigatewayv2", "get_integrations", ApiId=api_id)["Items"]
        }
    except GoneError as error:
        yield Finding(
            code="part_missing",
            message=f"The HTTP API {api_id} is not there any more.",
            remedy=case.put_back,
            evidence=(f"{error.action}: {error}",),
            explains=SERVES["api"],
        )
        return
    uri = _api_function(case)
    ours = [key for key, one in integrations.items() if uri in str(one.get("IntegrationUri"))]
    route = next((one for one in routes if one["RouteKey"] == "$default"), None)
    target = str((route or {}).get("Target", "")).rpartition("/")[2]
    if route is None or target not in ours:
        yield _no_route(case, route, ours)
    else:
        yield Fact("HTTP API", "all requests go to the api function")
    yield from _leave(case)


def _no_route(case: Case, route: Answer | None, ours: list[str]) -> Finding:
    api_id = case.http_api_id
    words = ["apigatewayv2"]
    if not ours:
        words += ["create-integration", "--api-id", api_id, "--integration-type", "AWS_PROXY"]
        words += ["--integration-uri", _api_function(case), "--payload-format-version", "2.0"]
        what, then = "no integration with the api function", "; then its route $default to that"
    else:
        verb = ["update-route", "--route-id", route["RouteId"]] if route else ["create-route"]
        words += [*verb, "--api-id", api_id, "--route-key", "$default"]
        words += ["--target", f"integrations/{ours[0]}"]
        what, then = "no route $default to the api function", ""
    return Finding(
        code="route_missing",
        message=f"The HTTP API {api_id} has {what}.",
        remedy=case.command(*words) + then,
        explains=SERVES["api"],
    )


def _api_function(case: Case) -> str:
    name = case.function("api")
    return f"arn:{case.partition}:lambda:{case.region}:{case.account_id}:function:{name}"


def _leave(case: Case) -> Iterator[Finding]:
    """Find out whether the function's own policy lets the HTTP API in."""
    if "api" not in case.functions:
        return  # `functions` says so
    try:
        text = case.ask("lambda", "get_policy", FunctionName=case.function("api"))["Policy"]
    except GoneError:
        text = None
    source = (
        f"arn:{case.partition}:execute-api:{case.region}:{case.account_id}:{case.http_api_id}/*/*"
    )
    visit = Visit(
        service="apigateway.amazonaws.com",
        action="lambda:InvokeFunction",
        resource=_api_function(case),
        source_arn=source,
        source_account=case.account_id,
    )
    if not allows(parsed(text), visit):
        yield Finding(
            code="function_closed",
            message="The HTTP API may not call the api function: its policy does not allow it.",
            remedy=case.command(
                "lambda",
                "add-permission",
                "--function-name",
                case.function("api"),
                "--statement-id",
                "http-api",
                "--action",
                visit.action,
                "--principal",
                visit.service,
                "--source-arn",
                source,
            ),
            evidence=(f"policy: {text or 'none'}",),
            explains=SERVES["api"],
        )


def graphql(case: Case) -> Iterator[Finding | Fact]:
    """Prove that the GraphQL API is there, with its resolvers and the key that the outputs tell."""
    api_id = case.outputs["GraphqlApiId"]
    try:
        api = case.ask("appsync", "get_graphql_api", apiId=api_id)["graphqlApi"]
        keys = case.ask("appsync", "list_api_keys", apiId=api_id)["apiKeys"]
    except GoneError as error:
        yield Finding(
            code="part_missing",
            message=f"The GraphQL API {api_id} is not there any more.",
            remedy=case.put_back,
            evidence=(f"{error.action}: {error}",),
            explains=_WITH_KEY,
        )
        return
    others = api.get("additionalAuthenticationProviders") or []
    modes = [one["authenticationType"] for one in (api, *others)]
    if "API_KEY" in modes:
        yield _key(case, keys)
    else:
        yield Finding(
            code="keys_off",
            message=f"The GraphQL API {api_id} takes no keys any more: nobody can listen or query.",
            remedy=case.put_back,
            evidence=(f"it takes {', '.join(modes)}",),
            explains=_WITH_KEY,
        )
    yield from _resolvers(case)


def _key(case: Case, keys: list[Answer]) -> Finding | Fact:
    api_id, key = case.outputs["GraphqlApiId"], case.outputs["GraphqlApiKey"]
    expires = next((one["expires"] for one in keys if one["id"] == key), None)
    if expires is None:
        return Finding(
            code="key_gone",
            message=f"The GraphQL API's key {_hidden(key)} is deleted: nobody can listen or query.",
            remedy=_new_key(case),
            evidence=(f"keys: {', '.join(_hidden(one['id']) for one in keys) or 'none'}",),
            explains=_WITH_KEY,
        )
    moment = datetime.fromtimestamp(expires, UTC)
    left = moment - datetime.now(UTC)
    longer = case.command(
        "appsync",
        "update-api-key",
        "--api-id",
        api_id,
        "--id",
        key,
        "--expires",
        str(int((datetime.now(UTC) + timedelta(days=364)).timestamp())),
    )
    if left <= timedelta():
        return Finding(
            code="key_expired",
            message=f"The GraphQL API's key {_hidden(key)} expired on {moment:%Y-%m-%d}.",
            remedy=longer,
            explains=_WITH_KEY,
        )
    if left < SOON:
        return Finding(
            code="key_expires",
            message=f"The GraphQL API's key {_hidden(key)} expires on {moment:%Y-%m-%d}: nothing "
            "has renewed it, as the catalogue function should every day.",
            remedy=f"{longer} for now; the catalogue function's log says why",
        )
    return Fact("GraphQL API", f"its key is good until {moment:%Y-%m-%d}")


def _new_key(case: Case) -> str:
    """Return what gives the stack another key: one made by hand is in no output, so nobody knows it."""
    if case.is_local:
        return case.put_back
    return f"{case.put_back} Then {case.deploy_again} publishes the page with the new key."


def _hidden(key: str) -> str:
    """Return enough of a key to know it by."""
    return f"{key[:6]}…"


def _resolvers(case: Case) -> Iterator[Finding | Fact]:
    for type_name, fields in RESOLVERS.items():
        answer = case.ask(
            "appsync",
            "list_resolvers",
            apiId=case.outputs["GraphqlApiId"],
            typeName=type_name,
        )
        there = {one["fieldName"] for one in answer["resolvers"]}
        for field in fields:
            if field not in there:
                station = Station.ANNOUNCEMENT if type_name == "Mutation" else Station.QUERY
                yield Finding(
                    code="resolver_missing",
                    message=f"The GraphQL API's field {type_name}.{field} has no resolver.",
                    remedy=case.put_back,
                    explains=frozenset({station}),
                )
