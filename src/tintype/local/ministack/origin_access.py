"""CloudFront's signature on requests to a Lambda function URL, which MiniStack lacks.

Amazon CloudFront's developer guide, "Restrict access to an AWS Lambda function URL origin": with an
origin access control of type lambda, CloudFront signs as the service principal
cloudfront.amazonaws.com on behalf of the distribution. AWS Lambda's, "Control access to Lambda
function URLs": a caller needs `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, TypeAlias

from tintype.local.ministack.modules import ministack_module

Undo: TypeAlias = Callable[[], None]

SERVICE = "cloudfront.amazonaws.com"
# Each action with the condition key that belongs to it alone (service authorization reference).
NEEDED = {
    "lambda:InvokeFunctionUrl": {"lambda:functionurlauthtype": "AWS_IAM"},
    "lambda:InvokeFunction": {"lambda:invokedviafunctionurl": "true"},
}
_is_signed: ContextVar[bool] = ContextVar("is_signed", default=False)


def sign_for_function_urls() -> Undo:
    """Enable it, and return a function that undoes it.

    A request of a distribution that may not invoke the function goes on unsigned, so a function
    URL with AWS_IAM answers 403.
    """
    cloudfront, functions = (
        ministack_module("services.cloudfront"),
        ministack_module("services.lambda_svc"),
    )
    fetch, carries_signature = cloudfront._fetch_from_origin, functions._function_url_is_signed  # noqa: SLF001

    async def fetch_signed(origin: dict[str, Any], *asked: Any) -> Any:  # noqa: ANN401
        if not _signs(origin) or not cloudfront._registered_function_url(origin):  # noqa: SLF001
            return await fetch(origin, *asked)
        method, uri, query, headers, *rest, distribution = asked
        # "Sign requests (always)": CloudFront overwrites the viewer's Authorization header.
        sent = {name: text for name, text in headers.items() if name != "authorization"}
        token = _is_signed.set(_may_invoke(origin["domain_name"], distribution))
        try:
            return await fetch(origin, method, uri, query, sent, *rest, distribution)
        finally:
            _is_signed.reset(token)

    def signed(headers: Mapping[str, str], query: Mapping[str, list[str]]) -> bool:
        return _is_signed.get() or bool(carries_signature(headers, query))

    cloudfront._fetch_from_origin, functions._function_url_is_signed = fetch_signed, signed  # noqa: SLF001

    def undo() -> None:
        cloudfront._fetch_from_origin = fetch  # noqa: SLF001
        functions._function_url_is_signed = carries_signature  # noqa: SLF001

    return undo


def _signs(origin: Mapping[str, Any]) -> bool:
    """Whether an origin has an access control of type lambda that signs every request."""
    known = ministack_module("services.cloudfront")._oacs.get(origin["oac_id"]) or {}  # noqa: SLF001
    kind, behavior = known.get("OriginAccessControlOriginType"), known.get("SigningBehavior")
    return (kind, behavior) == ("lambda", "always")


def _may_invoke(domain: str, distribution: str) -> bool:
    """Whether the function's policy lets CloudFront do both, for the *distribution* with this ARN."""
    functions, evaluator = (
        ministack_module("services.lambda_svc"),
        ministack_module("core.iam_evaluator"),
    )
    account, region, name, qualifier, _ = functions.resolve_function_url(domain.partition(".")[0])
    function, _, _ = functions._get_func_record_for_ref_in_scope(  # noqa: SLF001
        name, account_id=account, region=region
    )
    arn = ":".join(filter(None, ["arn:aws:lambda", region, account, "function", name, qualifier]))
    source = {"aws:sourcearn": distribution, "aws:sourceaccount": account}

    def is_allowed(action: str, own: Mapping[str, str]) -> bool:
        asked = evaluator.EvalContext(
            principal_arn="*",
            principal_type="Service",
            principal_account="",
            action=action,
            resource_arn=arn,
            region=region,
            service_context={**source, **own},
        )
        decided = evaluator.evaluate_resource_policy(function["policy"], asked, service=SERVICE)
        return bool(decided.decision == "Allow")

    return all(is_allowed(action, own) for action, own in NEEDED.items())
