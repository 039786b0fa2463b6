"""Patches for features of our template's services that MiniStack lacks."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, TypeAlias

from tintype.local.asgi import App, Receive, Scope, Send, header, with_headers
from tintype.local.ministack.authorizers import authorize_as_api_gateway
from tintype.local.ministack.modules import ministack_module
from tintype.local.ministack.origin_access import sign_for_function_urls
from tintype.local.ministack.origin_groups import fail_over
from tintype.local.ministack.revocation import revoke_at_the_endpoint
from tintype.local.ministack.table_reads import read_tables_as_requested
from tintype.local.ports import HOST

Undo: TypeAlias = Callable[[], None]
Handle: TypeAlias = Callable[..., Any]

FUNCTION = "AWS::Lambda::Function"
GRAPHQL_API = "AWS::AppSync::GraphQLApi"
HTTP_API = "AWS::ApiGatewayV2::Api"
SIGN_IN_STYLE = "AWS::Cognito::ManagedLoginBranding"
# Properties set by parameters, which MiniStack passes as text, and CloudFormation with their type.
NUMBERS = {
    "AWS::ApiGatewayV2::Stage": {"ThrottlingBurstLimit", "ThrottlingRateLimit"},
    "AWS::Lambda::EventSourceMapping": {"MaximumConcurrency"},
    FUNCTION: {"MemorySize", "ReservedConcurrentExecutions"},
    "AWS::Logs::LogGroup": {"RetentionInDays"},
    "AWS::S3::Bucket": {"ExpirationInDays", "NoncurrentDays", "TransitionInDays"},
    "AWS::SQS::Queue": {"maxReceiveCount"},
}
HTTP_API_HOST = re.compile(r"([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com")


def fill_gaps(gateway_port: int) -> Undo:
    """Apply all patches, and return a function that undoes them."""
    undo = contextlib.ExitStack()
    undo.callback(_wrap(GRAPHQL_API, _with_realtime_url))
    undo.callback(_wrap(HTTP_API, _with_cors))
    undo.callback(_wrap(FUNCTION, _with_reserved_concurrency))
    undo.callback(_take_numbers_from_parameters())
    undo.callback(_accept_sign_in_styles())
    undo.callback(revoke_at_the_endpoint())
    undo.callback(read_tables_as_requested())
    undo.callback(_let_distributions_reach_http_apis(gateway_port))
    undo.callback(_tell_missing_from_forbidden())
    undo.callback(sign_for_function_urls())
    undo.callback(fail_over())  # each member with its own signature
    undo.callback(_log_only_where_there_is_a_group())
    undo.callback(_keep_the_stack_under_review())
    undo.callback(authorize_as_api_gateway())
    return undo.close


def _take_numbers_from_parameters() -> Undo:
    """Convert parameter values of numeric properties to numbers."""
    undo = contextlib.ExitStack()
    for kind, names in NUMBERS.items():
        undo.callback(_wrap(kind, partial(_with_numbers, names=names)))
    return undo.close


def _accept_sign_in_styles() -> Undo:
    """Accept the style of a sign-in page; MiniStack has one page for all, and AWS none without."""
    handlers = ministack_module("services.cloudformation.provisioners")._RESOURCE_HANDLERS  # noqa: SLF001

    def create(logical_id: str, *_rest: object, **_named: object) -> tuple[str, dict[str, str]]:
        return logical_id, {"ManagedLoginBrandingId": logical_id}

    def delete(*_arguments: object, **_named: object) -> None:
        pass

    handlers[SIGN_IN_STYLE] = {"create": create, "update": create, "delete": delete}
    return lambda: handlers.pop(SIGN_IN_STYLE)


def _wrap(kind: str, wrapper: Callable[[Handle], Handle]) -> Undo:
    """Wrap the handlers that create and update resources of this *kind*."""
    handlers = ministack_module("services.cloudformation.provisioners")._RESOURCE_HANDLERS  # noqa: SLF001
    original = handlers[kind]
    changes = {name: original[name] for name in ("create", "update") if name in original}
    wrapped = {name: wrapper(handle) for name, handle in changes.items()}
    handlers[kind] = {**original, **wrapped}
    return lambda: handlers.__setitem__(kind, original)


def _with_numbers(handle: Handle, names: Collection[str]) -> Handle:
    def handle_numbers(*arguments: object, **named: object) -> object:
        return handle(*(_numbers_in(argument, names) for argument in arguments), **named)

    return handle_numbers


def _numbers_in(value: object, names: Collection[str]) -> object:
    """Return properties with the named ones converted to numbers, at any depth.

    >>> _numbers_in({"Limits": [{"Days": "7"}], "Name": "7"}, {"Days"})
    {'Limits': [{'Days': 7}], 'Name': '7'}
    """
    if isinstance(value, list):
        return [_numbers_in(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: int(item)
        if name in names and isinstance(item, str) and item.isdecimal()
        else _numbers_in(item, names)
        for name, item in value.items()
    }


def _with_realtime_url(handle: Handle) -> Handle:
    """Add the attribute `RealtimeUrl` to GraphQL APIs, as on AWS."""

    def handle_and_add(*arguments: object, **named: object) -> tuple[str, dict[str, str]]:
        physical_id, attributes = handle(*arguments, **named)
        url = attributes["GraphQLUrl"]
        realtime = url.replace("https://", "wss://").replace("appsync-api", "appsync-realtime-api")
        return physical_id, {**attributes, "RealtimeUrl": realtime}

    return handle_and_add


def _with_cors(handle: Handle) -> Handle:
    """Spell the CORS rules as in the API instead of the template, as MiniStack expects."""

    def handle_cors(*arguments: object, **named: object) -> object:
        return handle(*map(_spelt, arguments), **named)

    return handle_cors


def _spelt(properties: object) -> object:
    """Return properties with the names in `CorsConfiguration` in camelCase.

    >>> _spelt({"CorsConfiguration": {"AllowOrigins": ["*"]}})
    {'CorsConfiguration': {'allowOrigins': ['*']}}
    """
    if not isinstance(properties, dict) or "CorsConfiguration" not in properties:
        return properties
    rules = properties["CorsConfiguration"]
    return {
        **properties,
        "CorsConfiguration": {name[:1].lower() + name[1:]: value for name, value in rules.items()},
    }


def _with_reserved_concurrency(handle: Handle) -> Handle:
    """Give functions the reserved concurrency of the template, which MiniStack enforces but drops.

    AWS::Lambda::Function: "The number of simultaneous executions to reserve for the function";
    without it, the function has none reserved.
    """

    def handle_and_reserve(*arguments: object, **named: object) -> tuple[str, dict[str, str]]:
        name, attributes = handle(*arguments, **named)
        *_, properties = (given for given in arguments if isinstance(given, dict))
        function = ministack_module("services.lambda_svc")._functions[name]  # noqa: SLF001
        function["concurrency"] = properties.get("ReservedConcurrentExecutions")
        return name, attributes

    return handle_and_reserve


def _let_distributions_reach_http_apis(gateway_port: int) -> Undo:
    """Connect a distribution to its HTTP API, which MiniStack would look for on the real AWS."""
    cloudfront = ministack_module("services.cloudfront")
    original = cloudfront._origin_connect_target  # noqa: SLF001

    def connect_target(origin: dict[str, Any], *rest: object) -> tuple[str, int, bool]:
        if HTTP_API_HOST.fullmatch(origin["domain_name"]):
            return HOST, gateway_port, False
        target: tuple[str, int, bool] = original(origin, *rest)
        return target

    cloudfront._origin_connect_target = connect_target  # noqa: SLF001
    return lambda: setattr(cloudfront, "_origin_connect_target", original)


def _tell_missing_from_forbidden() -> Undo:
    """Make S3 return 404 to CloudFront for a missing object if it may list the bucket.

    MiniStack returns 403 for all missing objects. S3's API reference, GetObject: 404 for callers
    with s3:ListBucket, 403 for others.
    """
    s3 = ministack_module("services.s3")
    original = s3.serve_cloudfront_origin_fetch

    def serve(
        bucket: str, key: str, *asked: object, source_arn: str = "", **named: object
    ) -> object:
        objects = (s3._ensure_bucket(bucket) or {"objects": {key: None}})["objects"]  # noqa: SLF001
        if key not in objects and _may_read_and_list(bucket, key, source_arn):
            said = "The specified key does not exist."
            return s3._error("NoSuchKey", said, 404, f"/{bucket}/{key}")  # noqa: SLF001
        return original(bucket, key, *asked, source_arn=source_arn, **named)

    s3.serve_cloudfront_origin_fetch = serve
    return lambda: setattr(s3, "serve_cloudfront_origin_fetch", original)


def _may_read_and_list(bucket: str, key: str, distribution: str) -> bool:
    s3, evaluator = ministack_module("services.s3"), ministack_module("core.iam_evaluator")
    owner = s3._bucket_owner_account(bucket)  # noqa: SLF001
    if not distribution or not s3._cloudfront_origin_allows(owner, bucket, key, distribution, ""):  # noqa: SLF001
        return False
    policy = s3._bucket_policies.get_scoped(owner, None, bucket)  # noqa: SLF001
    asked = evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="s3:ListBucket",
        resource_arn=f"arn:aws:s3:::{bucket}",
        region="",
        service_context={"aws:sourcearn": distribution},
    )
    service = "cloudfront.amazonaws.com"
    decided = evaluator.evaluate_resource_policy(policy or {}, asked, service=service)
    return bool(decided.decision == "Allow")


def _log_only_where_there_is_a_group() -> Undo:
    """Drop a function's logs after its log group was deleted, since our roles may not create one.

    MiniStack ignores the roles: a function that outlives its stack would leave a log group behind.
    """
    functions, groups = (
        ministack_module("services.lambda_svc"),
        ministack_module("services.cloudwatch_logs"),
    )
    original = functions._emit_lambda_logs  # noqa: SLF001

    def emit(function: dict[str, Any], *rest: object, **named: object) -> None:
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup")
        if group is None or group in groups._log_groups:  # noqa: SLF001
            original(function, *rest, **named)

    functions._emit_lambda_logs = emit  # noqa: SLF001
    return lambda: setattr(functions, "_emit_lambda_logs", original)


def _keep_the_stack_under_review() -> Undo:
    """Keep one stack with its ID for all change sets that would create it.

    MiniStack creates another stack for each, and forgets the earlier ID. CloudFormation's user
    guide: a stack is REVIEW_IN_PROGRESS, with a unique stack ID, until a change set is executed.
    """
    cloudformation = ministack_module("services.cloudformation")
    handlers = ministack_module("services.cloudformation.handlers")._ACTION_HANDLERS  # noqa: SLF001
    original = handlers["CreateChangeSet"]

    def create(params: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        stacks, name = cloudformation._stacks, "".join(params.get("StackName", [""]))  # noqa: SLF001
        before = stacks.get(name)
        status, headers, body = original(params)
        if before is None or before["StackStatus"] != "REVIEW_IN_PROGRESS":
            return status, headers, body
        made, stacks[name] = stacks.get(name, before), before
        old, new = before["StackId"], made["StackId"]
        if new != old:
            cloudformation._stack_events.pop(new, None)  # noqa: SLF001
            body = body.replace(new.encode(), old.encode())
        for change_set in cloudformation._change_sets.values():  # noqa: SLF001
            if change_set["StackId"] == new:
                change_set["StackId"] = old
        return status, headers, body

    handlers["CreateChangeSet"] = create
    return lambda: handlers.__setitem__("CreateChangeSet", original)


def with_http_api_hosts(app: App) -> App:
    """Return *app* with HTTP APIs also reachable under their host names on AWS."""

    async def with_hosts(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            named = HTTP_API_HOST.fullmatch(header(scope["headers"], b"host"))
            if named:
                local = f"{named[1]}.execute-api.localhost"
                scope = {**scope, "headers": with_headers(scope["headers"], host=local)}
        await app(scope, receive, send)

    return with_hosts
