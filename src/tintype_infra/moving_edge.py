"""The CloudFront Functions for other programs' addresses, which redirect to ours."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from aws_cdk import aws_cloudfront as cloudfront

from tintype.config.delivery import Dialect
from tintype_infra.images_edge import squeezed, with_keys

FOLDER = Path(__file__).parent / "edge"
# Of the paths of each dialect's addresses, in the order in which CloudFront has to try them. thumbor
# and imgproxy have a word where a signature would be; DIT's begin with `{"` in base64.
PATTERNS = {
    Dialect.IMGPROXY: ("/unsafe/*plain/*", "/insecure/*plain/*", "/_/*plain/*"),
    Dialect.THUMBOR: ("/unsafe/*",),
    Dialect.DIT: ("/eyJ*",),
}


def redirecting_behaviors(
    dialects: Collection[Dialect],
    origin: cloudfront.IOrigin,
    redirect_of: Callable[[Dialect], cloudfront.IFunction],
) -> dict[str, cloudfront.BehaviorOptions]:
    """Return the behaviours of other programs' addresses by path pattern, in CloudFront's order.

    Their function answers every request, so none reaches the *origin*, which CloudFront demands.
    """
    functions = {dialect: redirect_of(dialect) for dialect in PATTERNS if dialect in dialects}
    return {
        pattern: cloudfront.BehaviorOptions(
            origin=origin,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            function_associations=[
                cloudfront.FunctionAssociation(
                    event_type=cloudfront.FunctionEventType.VIEWER_REQUEST, function=function
                )
            ],
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        )
        for dialect, function in functions.items()
        for pattern in PATTERNS[dialect]
    }


def redirect_code(dialect: Dialect, current: str, previous: str, bucket: str) -> str:
    """Return the function's code for a *dialect*, with the keys and the originals *bucket*, which may be tokens."""
    files = ("moving/handler.js", f"moving/{dialect}.js", "images/grammar.js")
    code = squeezed("".join((FOLDER / file).read_text("utf-8") for file in files))
    return with_keys(code.replace("ORIGINALS_BUCKET", bucket), current, previous)
