"""The CDN: the page, renditions from the bucket, and the API under `/api/`, on one domain."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import cast

from aws_cdk import Aws, CfnMapping, Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from aws_cdk.aws_cloudfront_origins import HttpOrigin
from aws_cdk.aws_route53_targets import CloudFrontTarget
from constructs import Construct

from tintype.config import Domain, Service
from tintype.config.delivery import Dialect
from tintype.config.service import PriceClass
from tintype_infra.buckets import MANIFEST
from tintype_infra.cfn_resources import cfn_resource
from tintype_infra.choice import NOTHING, DeployTimeChoice, when_given
from tintype_infra.delivery import let_call, name_the_group, picture_behaviors
from tintype_infra.http_api import HttpApi
from tintype_infra.moving_edge import redirecting_behaviors
from tintype_infra.names import unique_name
from tintype_infra.page import EDGE, INDEX, Page, let_missing_be_404
from tintype_infra.signing_keys import SigningKeys

# Errors that CloudFront caches for 10 s regardless of the origin's Cache-Control, under every cache
# policy except the managed CachingDisabled ("How CloudFront processes HTTP 4xx and 5xx status codes
# from your origin", in its developer guide). A client polling for its picture would see 404s for
# too long.
REPEATED_ERRORS = (404, 414, 500, 501, 502, 503, 504)
_PRICE_CLASSES = {
    PriceClass.CHEAPEST: "PriceClass_100",
    PriceClass.MOST: "PriceClass_200",
    PriceClass.ALL: "PriceClass_All",
}


class Cdn(Construct):
    """The distribution, which alone outside the account may read the renditions."""

    def __init__(
        self,
        scope: Construct,
        service: Service,
        domain: Domain,
        *,
        named: DeployTimeChoice,
        page: Page,
        renditions: s3.Bucket,
        http_api: HttpApi,
        render: lambda_.Function,
        signing_keys: SigningKeys,
        accepted: Collection[Dialect],
        originals: s3.IBucket,
    ) -> None:
        super().__init__(scope, "Cdn")
        behaviors = {
            "/api/*": self._api(http_api),
            **redirecting_behaviors(
                accepted,
                page.behavior.origin,
                partial(signing_keys.redirect_of, self, bucket=originals.bucket_name),
            ),
            **picture_behaviors(
                self,
                renditions=renditions,
                render=render,
                function=signing_keys.checked_at_the_edge(self),
            ),
        }
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            default_behavior=page.behavior,
            default_root_object=INDEX,
            additional_behaviors=behaviors,
            error_responses=[
                # Without an error page the viewer gets the origin's own response.
                cloudfront.ErrorResponse(http_status=status, ttl=Duration.seconds(0))
                for status in REPEATED_ERRORS
            ],
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
        )
        name_the_group(self.distribution, behaviors)
        let_call(self.distribution, render)
        self._set("PriceClass", self._price_class(service.price_class))
        for bucket in (page.site, renditions):
            let_missing_be_404(bucket, self.distribution)
        _hide_manifests(renditions)
        if named.may_hold:
            self._answer_to(domain, named)

    @property
    def url(self) -> str:
        """The distribution's own CloudFront URL."""
        return f"https://{self.distribution.distribution_domain_name}"

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
            # API Gateway refuses any Host but its own.
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            function_associations=[
                cloudfront.FunctionAssociation(
                    event_type=cloudfront.FunctionEventType.VIEWER_REQUEST,
                    function=self._lead_keys(),
                )
            ],
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            compress=True,
        )

    def _lead_keys(self) -> cloudfront.Function:
        return cloudfront.Function(
            self,
            "ApiKeys",
            function_name=unique_name("api"),
            code=cloudfront.FunctionCode.from_file(file_path=str(EDGE / "api.js")),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            comment="Lead requests with an API key past the check of tokens",
        )

    def _set(self, name: str, value: object) -> None:
        """Set a property whose value may be known only at deploy time."""
        raw = cfn_resource(self.distribution, cloudfront.CfnDistribution)
        raw.add_property_override(f"DistributionConfig.{name}", value)

    def _price_class(self, chosen: PriceClass) -> str:
        """Return CloudFront's name for our price class; the template has a mapping for it."""
        words = CfnMapping(
            self,
            "PriceClasses",
            mapping={ours.value: {"CloudFront": theirs} for ours, theirs in _PRICE_CLASSES.items()},
            lazy=True,
        )
        return words.find_in_map(chosen, "CloudFront")

    def _answer_to(self, domain: Domain, named: DeployTimeChoice) -> None:
        """Use the domain's name and certificate, and point the name here."""
        self._set("Aliases", named.either([domain.name], NOTHING))
        certificate = {
            "AcmCertificateArn": domain.certificate,
            "MinimumProtocolVersion": "TLSv1.2_2021",
            "SslSupportMethod": "sni-only",
        }
        self._set("ViewerCertificate", named.either(certificate, NOTHING))
        recorded = when_given(self, "HasHostedZone", domain.hosted_zone)
        if recorded.may_hold:
            for kind in ("A", "AAAA"):
                recorded.decides(self._record(kind, domain))

    def _record(self, kind: str, domain: Domain) -> route53.CfnRecordSet:
        """Point the name to the distribution.

        A raw CloudFormation record, since CDK's needs the zone's name, which may be the domain's or
        a parent's and is not known.
        """
        return route53.CfnRecordSet(
            self,
            kind,
            name=cast("str", domain.name),
            type=kind,
            hosted_zone_id=domain.hosted_zone,
            alias_target=route53.CfnRecordSet.AliasTargetProperty(
                dns_name=self.distribution.distribution_domain_name,
                hosted_zone_id=CloudFrontTarget.get_hosted_zone_id(self),
            ),
        )


def _hide_manifests(renditions: s3.Bucket) -> None:
    """Hide manifests from the CDN: they contain the originals bucket and the original's key."""
    renditions.add_to_resource_policy(
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
            actions=["s3:GetObject"],
            resources=[renditions.arn_for_objects(f"*{MANIFEST}")],
        )
    )
