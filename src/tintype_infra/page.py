"""The page on the CDN: the site bucket's files, deep links, and security headers."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Aws, Duration, Fn
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.aws_cloudfront_origins import S3BucketOrigin
from constructs import Construct

from tintype.config import Domain
from tintype_infra.choice import DeployTimeChoice
from tintype_infra.names import unique_name

INDEX = "index.html"
YEAR = Duration.days(365)
EDGE = Path(__file__).with_name("edge")
_HEADERS = {
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
}


class Page(Construct):
    """The CDN's behaviour for the page; `behavior` is the default for all other paths."""

    def __init__(
        self,
        scope: Construct,
        *,
        site: s3.Bucket,
        domain: Domain,
        named: DeployTimeChoice,
        originals: str,
        sign_in: str,
        sources: str,
    ) -> None:
        super().__init__(scope, "Page")
        self.site = site
        # Renditions must also load for viewers on CloudFront's own domain.
        ours = named.text(f"'self' https://{domain.name}", "'self'")
        self.behavior = cloudfront.BehaviorOptions(
            origin=S3BucketOrigin.with_origin_access_control(
                site,
                origin_id="page",
                origin_access_control=cloudfront.S3OriginAccessControl(
                    self, "Access", origin_access_control_name=unique_name("page")
                ),
            ),
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
            # The files set their own cache times: none for the index (a second here, the policy's
            # minimum), a year for hashed ones.
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            response_headers_policy=self._headers(
                _policy(ours, f"https://{originals}", sign_in, sources)
            ),
            function_associations=[
                cloudfront.FunctionAssociation(
                    event_type=cloudfront.FunctionEventType.VIEWER_REQUEST,
                    function=self._deep_links(),
                )
            ],
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            compress=True,
        )

    def _deep_links(self) -> cloudfront.Function:
        return cloudfront.Function(
            self,
            "DeepLinks",
            function_name=unique_name("page"),  # CDK's default contains the stack's name
            code=cloudfront.FunctionCode.from_file(file_path=str(EDGE / "page.js")),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            comment="Serve the index for paths of the page's router",
        )

    def _headers(self, policy: str) -> cloudfront.ResponseHeadersPolicy:
        return cloudfront.ResponseHeadersPolicy(
            self,
            "Headers",
            response_headers_policy_name=unique_name("page"),
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy=policy, override=True
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=True
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.SAME_ORIGIN, override=True
                ),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=YEAR, override=True
                ),
            ),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(header=name, value=value, override=True)
                    for name, value in _HEADERS.items()
                ]
            ),
        )


def let_missing_be_404(bucket: s3.Bucket, distribution: cloudfront.Distribution) -> None:
    """Let S3 return 404 for missing objects, which requires permission to list; otherwise it is 403.

    Viewers cannot list: that needs the bucket's root, or a query, which the cache policy drops. The
    function and the default root object cover the page's root, and paths to the renditions begin
    with an image ID. A CloudFront error page instead would apply to the whole distribution,
    including the API's 403 responses.
    """
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
            actions=["s3:ListBucket"],
            resources=[bucket.bucket_arn],
            conditions={"StringEquals": {"AWS:SourceArn": distribution.distribution_arn}},
        )
    )


def _policy(ours: str, bucket: str, sign_in: str, more: str) -> str:
    """Return the Content-Security-Policy: our own scripts and styles, bucket, GraphQL API, sign-in.

    The hosts of our own GraphQL API and sign-in page would create a cycle (they refer to the CDN),
    hence the region's.
    """
    graphql = f"appsync-api.{Aws.REGION}.{Aws.URL_SUFFIX}"
    realtime = f"appsync-realtime-api.{Aws.REGION}.{Aws.URL_SUFFIX}"
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        # Placeholders are data URLs, thumbnails of uploads are blobs.
        "img-src": f"{ours} data: blob: {bucket} {more}",
        "connect-src": f"{ours} {bucket} https://*.{graphql} wss://*.{realtime} {sign_in} {more}",
        "manifest-src": "'self'",
        "base-uri": "'self'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return Fn.join("; ", [f"{name} {sources}" for name, sources in rules.items()])
