"""Tintype as a stack of its own: its template has the settings as parameters."""

from __future__ import annotations

from aws_cdk import BootstraplessSynthesizer, CfnParameter, RemovalPolicy, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from constructs import Construct

from tintype.config import Config
from tintype.releases import PACKAGES_BUCKET
from tintype_infra.construct import Tintype
from tintype_infra.functions import Code
from tintype_infra.packages import Package, Packages
from tintype_infra.parameters import as_parameters
from tintype_infra.waits import settled


class TintypeStack(Stack):
    """One image service, whose template anybody can deploy without CDK."""

    def __init__(self, scope: Construct, name: str, *, config: Config, packages: Packages) -> None:
        super().__init__(
            scope,
            name,
            description="Tintype: images in, every size and format of them out",
            # Nothing of CDK's need be in the account: packages come from the deployment's own bucket.
            synthesizer=BootstraplessSynthesizer(),
        )
        self.tintype = Tintype(
            self,
            "Default",  # which CDK leaves out of the identifiers of all that is in it
            config=as_parameters(self, settled(config)),
            packages=packages,
            code=self._packages_bucket(),
            public_url=self._public_url(),
            page_sources=self._page_sources(),
            public=True,  # whoever deploys a release is asked
        )
        # The page comes with each release. Whoever removes the stack empties this bucket before; of an
        # app's own stack nobody does, and CloudFormation deletes no bucket that has something in it.
        self.tintype.site.apply_removal_policy(RemovalPolicy.DESTROY)
        self.tintype.tell()

    def _packages_bucket(self) -> Code:
        """Return where Lambda finds the packages: in the bucket that whoever deploys put them into."""
        given = CfnParameter(
            self,
            PACKAGES_BUCKET,
            allowed_pattern="[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
            constraint_description="the name of a bucket",
            description="Bucket in the stack's region with the functions' packages, by their names",
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
            constraint_description="empty, or an address without a slash at its end",
            description="What addresses of renditions begin with; empty: DomainName, else the CDN's own",
        ).value_as_string

    def _page_sources(self) -> str:
        return CfnParameter(
            self,
            "PageSources",
            default="",
            description="More addresses that the page may reach; a local cloud's are not AWS's",
        ).value_as_string
