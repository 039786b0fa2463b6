"""Tintype as a stack of its own, with the settings as template parameters."""

from __future__ import annotations

from aws_cdk import (
    Acknowledgment,
    BootstraplessSynthesizer,
    CfnParameter,
    RemovalPolicy,
    Stack,
    Validations,
)
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from tintype.config import Config
from tintype.releases import PACKAGES_BUCKET
from tintype_infra.construct import Tintype
from tintype_infra.functions import Code
from tintype_infra.packages import Package, Packages
from tintype_infra.parameters import as_parameters
from tintype_infra.timeouts import settled


class TintypeStack(Stack):
    """One image service, whose template can be deployed without CDK."""

    def __init__(self, scope: Construct, name: str, *, config: Config, packages: Packages) -> None:
        super().__init__(
            scope,
            name,
            description="Tintype: a serverless image service",
            # No CDK bootstrap needed: packages come from the deployment's own bucket.
            synthesizer=BootstraplessSynthesizer(),
        )
        self.tintype = Tintype(
            self,
            "Default",  # CDK omits this from the IDs of everything in it
            config=as_parameters(self, settled(config)),
            packages=packages,
            code=self._packages_bucket(),
            public_url=self._public_url(),
            page_sources=self._page_sources(),
        )
        # Each release contains the page. Tintype's own tools empty this bucket before they remove
        # the stack; other CDK apps do not, and CloudFormation only deletes empty buckets.
        self.tintype.site.apply_removal_policy(RemovalPolicy.DESTROY)
        self.tintype.add_outputs()
        Validations.of(self).acknowledge(
            Acknowledgment(
                id="CloudFormation-Validate::W1001",
                reason="Outputs are empty where the access mode has no such resource.",
            )
        )

    def _packages_bucket(self) -> Code:
        """Return where Lambda finds the packages: the bucket that the deployment uploaded them to."""
        given = CfnParameter(
            self,
            PACKAGES_BUCKET,
            allowed_pattern="[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
            constraint_description="a bucket name",
            description="Bucket with the functions' packages, in the stack's region",
        )
        bucket = s3.Bucket.from_bucket_name(self, "Packages", given.value_as_string)

        def code(package: Package) -> lambda_.Code:
            return lambda_.Code.from_bucket(bucket, package.name)

        return code

    def _public_url(self) -> str:
        return CfnParameter(
            self,
            "PublicUrl",
            default="",
            allowed_pattern="|https?://[^/]+(/[^/]+)*",
            constraint_description="empty, or a URL without a trailing slash",
            description="Base URL of the renditions; empty: DomainName, or else the CDN's own domain",
        ).value_as_string

    def _page_sources(self) -> str:
        return CfnParameter(
            self,
            "PageSources",
            default="",
            description="Additional URLs that the page may connect to, for a local cloud",
        ).value_as_string
