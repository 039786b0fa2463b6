"""The CDN's ways to pictures: files by their key, and any size by its address.

Start with `picture_behaviors`. "Guide" is Amazon CloudFront's developer guide.
"""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk.aws_cloudfront_origins import FunctionUrlOrigin, OriginGroup, S3BucketOrigin
from constructs import Construct

from tintype.delivery.grammar import ADDRESS_HEADER
from tintype_infra.cfn_resources import cfn_resource
from tintype_infra.names import unique_name
from tintype_infra.page import EDGE
from tintype_infra.timeouts import ORIGIN_SECONDS

YEAR = Duration.days(365)
ID = "?" * 26  # of an image, in a path pattern
PUBLIC_FILES = f"/{ID}/*"  # paths that begin with an image's ID; none of the page's do
PRIVATE_FILES = f"/p/*/{ID}/*/*"  # private renditions: two segments after the ID
ANY_SIZE = "/i/*"
PRIVATE_ANY_SIZE = "/p/*"  # at most one segment after the ID
BY_KEY = "/private/*"  # keys of private files, which nobody may ask for
PRIVATE_KEPT = Duration.days(1)  # that CloudFront keeps private renditions; deletion purges them
GROUP = "any-size"  # the bucket, then the render function
MISSING = [403, 404]  # what S3 answers for a size that nobody has asked for
_SECURITY = cloudfront.ResponseSecurityHeadersBehavior(
    content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
    strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
        access_control_max_age=YEAR, override=True
    ),
)


def picture_behaviors(
    scope: Construct,
    *,
    renditions: s3.Bucket,
    render: lambda_.Function,
    function: cloudfront.IFunction,
) -> dict[str, cloudfront.BehaviorOptions]:
    """Return the behaviours of pictures by path pattern, in CloudFront's order. All run *function*.

    A pattern alone would not keep private files from public addresses: `?` is any character, a
    slash too (guide, "Path pattern").
    """
    access = cloudfront.S3OriginAccessControl(
        scope, "Access", origin_access_control_name=unique_name("renditions")
    )
    files = S3BucketOrigin.with_origin_access_control(
        renditions, origin_id="renditions", origin_access_control=access
    )
    guard = cloudfront.FunctionAssociation(
        event_type=cloudfront.FunctionEventType.VIEWER_REQUEST, function=function
    )
    headers = _headers_of_files(scope)

    def of_files(policy: cloudfront.ICachePolicy) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=files,
            # CloudFront's default, made explicit because the local cloud treats every method as
            # GET.
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
            cache_policy=policy,
            function_associations=[guard],
            response_headers_policy=headers,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            compress=True,
        )

    # A rendition never changes under its URL and says so in Cache-Control, so a policy that
    # follows the origin is right.
    public = of_files(cloudfront.CachePolicy.CACHING_OPTIMIZED)
    private = of_files(_kept_though_private(scope))
    any_size = _any_size(
        scope,
        origin=OriginGroup(
            # An origin of its own for the same bucket: CDK cannot use one in a group and alone.
            primary_origin=S3BucketOrigin.with_origin_access_control(
                renditions, origin_id="rendered", origin_access_control=access
            ),
            fallback_origin=_render_origin(scope, render),
            fallback_status_codes=MISSING,
        ),
        guard=guard,
    )
    return {
        ANY_SIZE: any_size,
        PRIVATE_FILES: private,
        PRIVATE_ANY_SIZE: any_size,
        BY_KEY: private,
        PUBLIC_FILES: public,
    }


def _render_origin(scope: Construct, render: lambda_.Function) -> cloudfront.IOrigin:
    """Return the function's URL, which takes only requests that this distribution has signed."""
    access = cloudfront.FunctionUrlOriginAccessControl(
        scope,
        "RenderAccess",
        origin_access_control_name=unique_name("render"),
        signing=cloudfront.Signing.SIGV4_ALWAYS,
    )
    return FunctionUrlOrigin(
        render.add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM),
        origin_id="render",
        origin_access_control_id=access.origin_access_control_id,
        read_timeout=Duration.seconds(ORIGIN_SECONDS),
    )


def let_call(distribution: cloudfront.Distribution, render: lambda_.Function) -> None:
    """Allow this distribution to call the function by its URL, and nobody else.

    Both actions are needed (Lambda's developer guide, "Control access to Lambda function URLs").
    Not by CDK's origin, which names its permissions after the stack.
    """
    for name, action, by_url in (
        ("MayCallUrl", "lambda:InvokeFunctionUrl", None),
        ("MayCall", "lambda:InvokeFunction", True),
    ):
        lambda_.CfnPermission(
            distribution,
            name,
            action=action,
            function_name=render.function_arn,
            principal="cloudfront.amazonaws.com",
            source_arn=distribution.distribution_arn,
            invoked_via_function_url=by_url,
        )


def name_the_group(distribution: cloudfront.Distribution, patterns: Iterable[str]) -> None:
    """Name the origin group; CDK's name for it contains the stack's. *patterns* are all behaviours."""
    raw = cfn_resource(distribution, cloudfront.CfnDistribution)
    raw.add_property_override("DistributionConfig.OriginGroups.Items.0.Id", GROUP)
    for index, pattern in enumerate(patterns):
        if pattern in {ANY_SIZE, PRIVATE_ANY_SIZE}:
            place = f"DistributionConfig.CacheBehaviors.{index}.TargetOriginId"
            raw.add_property_override(place, GROUP)


def _any_size(
    scope: Construct, *, origin: cloudfront.IOrigin, guard: cloudfront.FunctionAssociation
) -> cloudfront.BehaviorOptions:
    """Return the behaviour of addresses of any size."""
    share = cloudfront.Function(
        scope,
        "AnySize",
        function_name=unique_name("any-size"),
        code=cloudfront.FunctionCode.from_file(file_path=str(EDGE / "any-size.js")),
        runtime=cloudfront.FunctionRuntime.JS_2_0,
        comment="Let any site and canvas use pictures of any size",
    )
    return cloudfront.BehaviorOptions(
        origin=origin,
        allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
        cache_policy=_as_the_origin_says(scope),
        origin_request_policy=cloudfront.OriginRequestPolicy(
            scope,
            "Address",
            origin_request_policy_name=unique_name("address"),
            header_behavior=cloudfront.OriginRequestHeaderBehavior.allow_list(ADDRESS_HEADER),
        ),
        function_associations=[
            guard,
            cloudfront.FunctionAssociation(
                event_type=cloudfront.FunctionEventType.VIEWER_RESPONSE, function=share
            ),
        ],
        response_headers_policy=_headers_of_any_size(scope),
        viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        compress=False,  # pictures are
    )


def _as_the_origin_says(scope: Construct) -> cloudfront.CachePolicy:
    """Return the policy of any size: CloudFront keeps what Cache-Control allows, by the key alone.

    No minimum: it would hold for `no-store` as well (guide, "Expiration"), and so keep the redirect
    to a large picture in the picture's place. Hence private pictures of any size, which are
    `private`, are in browsers' caches alone.
    """
    return _by_path(scope, "AnySizeCache", "any-size", least=Duration.seconds(0), most=YEAR)


def _kept_though_private(scope: Construct) -> cloudfront.CachePolicy:
    """Return the policy of private renditions, whose Cache-Control is for browsers.

    The minimum overrides `private` (guide, "Expiration"), and the function decides before the
    cache. The key is the path alone: signatures and cookies are the function's.
    """
    return _by_path(scope, "Private", "private", least=PRIVATE_KEPT, most=PRIVATE_KEPT)


def _by_path(
    scope: Construct, name: str, part: str, *, least: Duration, most: Duration
) -> cloudfront.CachePolicy:
    return cloudfront.CachePolicy(
        scope,
        name,
        cache_policy_name=unique_name(part),
        min_ttl=least,
        default_ttl=least,
        max_ttl=most,
        query_string_behavior=cloudfront.CacheQueryStringBehavior.none(),
        header_behavior=cloudfront.CacheHeaderBehavior.none(),
        cookie_behavior=cloudfront.CacheCookieBehavior.none(),
        enable_accept_encoding_gzip=False,
        enable_accept_encoding_brotli=False,
    )


def _headers_of_files(scope: Construct) -> cloudfront.ResponseHeadersPolicy:
    """Return the headers of all renditions: any site and canvas may use them, over HTTPS."""
    return cloudfront.ResponseHeadersPolicy(
        scope,
        "Headers",
        response_headers_policy_name=unique_name("renditions"),
        cors_behavior=cloudfront.ResponseHeadersCorsBehavior(
            access_control_allow_credentials=False,
            access_control_allow_headers=["*"],
            access_control_allow_methods=["GET", "HEAD"],
            access_control_allow_origins=["*"],
            origin_override=True,
        ),
        security_headers_behavior=_SECURITY,
    )


def _headers_of_any_size(scope: Construct) -> cloudfront.ResponseHeadersPolicy:
    """Return the headers of any size: as of files, but `Vary: Accept` instead of CORS.

    CloudFront removes an origin's Vary for headers that it does not forward (guide, "HTTP response
    headers that CloudFront removes or replaces"), so the policy adds it. With CORS in the policy it
    would be lost: CloudFront then sets Vary itself. And CORS's headers are refused as custom ones,
    so `edge/any-size.js` adds that.
    """
    return cloudfront.ResponseHeadersPolicy(
        scope,
        "AnySizeHeaders",
        response_headers_policy_name=unique_name("any-size"),
        custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
            custom_headers=[
                cloudfront.ResponseCustomHeader(header="vary", value="Accept", override=True)
            ]
        ),
        security_headers_behavior=_SECURITY,
    )
