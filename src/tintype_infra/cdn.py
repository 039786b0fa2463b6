"""The CDN: the page, renditions from the bucket, and the API under `/api/`, on one domain."""

from __future__ import annotations

from aws_cdk import Aws, CfnCondition, CfnParameter, Duration, Fn, Token
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from aws_cdk.aws_cloudfront_origins import HttpOrigin, S3BucketOrigin
from aws_cdk.aws_route53_targets import CloudFrontTarget
from constructs import Construct

from tintype.config import Domain, Service
from tintype.config.domain import CERTIFICATE_ARN
from tintype.config.service import PriceClass
from tintype_infra.buckets import MANIFEST
from tintype_infra.certificate import OUTPUT as CERTIFICATE
from tintype_infra.http_api import HttpApi
from tintype_infra.names import unique_name
from tintype_infra.page import INDEX, Page

YEAR = Duration.days(365)
RENDITIONS = f"/{'?' * 26}/*"  # what begins with an image's id; no path of the page does
_PRICE_CLASSES = {
    PriceClass.CHEAPEST: cloudfront.PriceClass.PRICE_CLASS_100,
    PriceClass.MOST: cloudfront.PriceClass.PRICE_CLASS_200,
    PriceClass.ALL: cloudfront.PriceClass.PRICE_CLASS_ALL,
}


class Cdn(Construct):
    """The distribution; it may read the renditions, and nobody else outside the account may."""

    def __init__(
        self,
        scope: Construct,
        service: Service,
        domain: Domain,
        *,
        page: Page,
        renditions: s3.Bucket,
        http_api: HttpApi,
    ) -> None:
        super().__init__(scope, "Cdn")
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            default_behavior=page.behavior,
            default_root_object=INDEX,
            additional_behaviors={
                "/api/*": self._api(http_api),
                RENDITIONS: self._renditions(renditions),
            },
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            price_class=_PRICE_CLASSES[service.price_class],
            domain_names=[domain.name] if domain.name else None,
            certificate=self._certificate(domain) if domain.name else None,
        )
        page.tells_what_is_missing(self.distribution)
        _hide_manifests(renditions)
        if domain.name and domain.hosted_zone:
            self._records(domain.name, domain.hosted_zone)

    def _renditions(self, bucket: s3.Bucket) -> cloudfront.BehaviorOptions:
        # A rendition never changes under its address and says so itself (Cache-Control), so the
        # policy that keeps what the origin lets it keep is right.
        return cloudfront.BehaviorOptions(
            origin=S3BucketOrigin.with_origin_access_control(
                bucket,
                origin_id="renditions",
                origin_access_control=cloudfront.S3OriginAccessControl(
                    self, "Access", origin_access_control_name=unique_name("renditions")
                ),
            ),
            # CloudFront's own default, said aloud: the local cloud's is to take every method for GET.
            allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            response_headers_policy=self._headers(),
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            compress=True,
        )

    def _headers(self) -> cloudfront.ResponseHeadersPolicy:
        """Return what is said of every rendition: any site and any canvas may use it, over HTTPS."""
        return cloudfront.ResponseHeadersPolicy(
            self,
            "Headers",
            response_headers_policy_name=unique_name("renditions"),
            cors_behavior=cloudfront.ResponseHeadersCorsBehavior(
                access_control_allow_credentials=False,
                access_control_allow_headers=["*"],
                access_control_allow_methods=["GET", "HEAD"],
                access_control_allow_origins=["*"],
                origin_override=True,
            ),
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=YEAR, override=True
                ),
            ),
        )

    def _api(self, http_api: HttpApi) -> cloudfront.BehaviorOptions:
        host = f"{http_api.api.api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}"
        return cloudfront.BehaviorOptions(
            origin=HttpOrigin(
                host,
                origin_id="api",
                protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            ),
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            # API Gateway refuses a Host that is not its own.
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            compress=True,
        )

    def _certificate(self, domain: Domain) -> acm.ICertificate:
        arn = domain.certificate
        if arn is None:
            given = CfnParameter(
                self,
                CERTIFICATE,
                allowed_pattern=CERTIFICATE_ARN,
                constraint_description="the ARN of a certificate in us-east-1",
                description="What the stack of src/tintype_infra/certificate.py tells",
            )
            given.override_logical_id(CERTIFICATE)
            arn = given.value_as_string
        return acm.Certificate.from_certificate_arn(self, "Certificate", arn)

    def _records(self, name: str, zone_id: str) -> None:
        """Point the name to the distribution, for IPv4 and IPv6.

        CloudFormation's own records: CDK's ask for the zone's name, which may be the domain's own or
        one above it, and need not be known.
        """
        for kind in ("A", "AAAA"):
            route53.CfnRecordSet(
                self,
                kind,
                name=name,
                type=kind,
                hosted_zone_id=zone_id,
                alias_target=route53.CfnRecordSet.AliasTargetProperty(
                    dns_name=self.distribution.distribution_domain_name,
                    hosted_zone_id=CloudFrontTarget.get_hosted_zone_id(self),
                ),
            )


def _hide_manifests(renditions: s3.Bucket) -> None:
    """Keep from the CDN what is ours: a manifest names the originals bucket and the original's key."""
    renditions.add_to_resource_policy(
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
            actions=["s3:GetObject"],
            resources=[renditions.arn_for_objects(f"*{MANIFEST}")],
        )
    )


def public_url(scope: Construct, cdn: Cdn, domain: Domain) -> str:
    """Return what addresses of renditions begin with: the parameter PublicUrl, else the CDN's own."""
    given = CfnParameter(
        scope,
        "PublicUrl",
        default="",
        allowed_pattern="|https?://[^/]+(/[^/]+)*",
        constraint_description="empty, or an address without a slash at its end",
        description="What addresses of renditions begin with; empty: the CDN's own domain",
    )
    is_given = CfnCondition(
        scope, "HasPublicUrl", expression=Fn.condition_not(Fn.condition_equals(given, ""))
    )
    name = domain.name or cdn.distribution.distribution_domain_name
    url = Fn.condition_if(is_given.logical_id, given.value_as_string, f"https://{name}")
    return Token.as_string(url)
