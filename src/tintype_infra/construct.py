"""Tintype as a construct, in the order of the flow: its parts, then their permissions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aws_cdk import Aws, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from constructs import Construct

from tintype.config import Config, load
from tintype.site.publishing import config as page_config
from tintype_infra.alarms import watch
from tintype_infra.buckets import (
    MANIFEST,
    let_browsers_upload,
    originals_bucket,
    originals_host,
    originals_name,
    renditions_bucket,
    site_bucket,
)
from tintype_infra.cdn import Cdn
from tintype_infra.choice import any_of, is_true, when_given
from tintype_infra.company import set_company_rules
from tintype_infra.dashboard import dashboard
from tintype_infra.embedding import (
    access_of,
    brought_originals,
    brought_renditions,
    demand_only_one,
    domain_of,
    let_browsers_upload_to,
)
from tintype_infra.functions import Code, Functions, Network
from tintype_infra.grants import grant, grant_if
from tintype_infra.graphql import GraphqlApi
from tintype_infra.http_api import HttpApi
from tintype_infra.outputs import add_outputs, outputs_of
from tintype_infra.packages import Package, Packages, Platform, build
from tintype_infra.page import Page
from tintype_infra.page_files import publish_page
from tintype_infra.queues import Jobs
from tintype_infra.settings import set_settings
from tintype_infra.sign_in import SignIn
from tintype_infra.signing_keys import SigningKeys
from tintype_infra.sites import sites_of
from tintype_infra.table import (
    access_table,
    images_table,
    may_count,
    may_find_images_by_name,
    may_list_images,
    may_manage_access,
    may_write_images,
)
from tintype_infra.timeouts import CATALOGUE_SECONDS, process_seconds, settled

BATCH = 10  # manifests per run of the catalogue function: the maximum without a batching window
TICKETS = "originals"  # the prefix of keys issued by the api function
WRITE_DELIVERED = ("s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject")
WRITE_RENDITIONS = ("s3:GetObject", *WRITE_DELIVERED)
DELIVERED = "*/x/*"  # keys of pictures of any size


def asset(package: Package) -> lambda_.Code:
    """Return the code of a function as a CDK asset, which `cdk deploy` uploads."""
    return lambda_.Code.from_asset(str(package.archive))


class Tintype(Construct):
    """A complete image service; a stack can have one.

    Args:
        scope: The stack, or a construct in it.
        name: The construct's ID.
        config: Presets, limits and settings; by default from tintype.toml in this folder, or else
            Tintype's defaults.
        packages: The functions' code; by default built from Tintype's checkout. If Tintype is installed
            from a wheel, pass `Packages.of_release(folder)`.
        originals: Your own bucket for originals instead of a new one: one created in this stack, or an
            existing one from `s3.Bucket.from_bucket_name`. You must set the latter's CORS rules
            (synthesis reports them). If it has a KMS key, the key policy must delegate to IAM.
        renditions: Your own bucket for renditions, created in this stack without a KMS key.
        vpc: A VPC to run the functions in. They must reach S3 and DynamoDB (gateway endpoints are
            sufficient), SQS and Lambda (interface endpoints are sufficient), and the public
            addresses of AppSync and CloudFront, which need a NAT gateway.
        vpc_subnets: Its subnets to use; by default the private ones.
        security_groups: Must allow outgoing HTTPS; by default a new group that allows all.
        domain_name: A custom domain name for the CDN; requires *certificate*.
        certificate: Its certificate, in us-east-1.
        hosted_zone: The zone to create the name's records in; without one you create them.
        public_url: Base URL of the renditions, if it is neither *domain_name* nor CloudFront's domain,
            such as that of your own CDN in front.
        page_sources: Additional URLs that the page may connect to, as Content-Security-Policy sources.
        code: Where Lambda gets a package from; by default a CDK asset.
        public: Open the service to everyone, without sign-in: mode `open` of [access]. So does the
            context `tintype:public=true`. If tintype.toml has that mode, `cdk deploy` fails without
            either.

    Its resources are attributes: `originals`, `renditions` and `site` (buckets), `images` and `access`
    (tables),     `http_api.api`, `graphql.api`, `cdn.distribution`, `jobs` (queues and their dead letters),
    `functions.all`, `alarm_topic` (None without the setting `alarm_email`) and `public_url`.

    Raises:
        EmbeddingError: the arguments do not work; the message says what would.
        PackageError: the packages cannot be built.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        config: Config | None = None,
        packages: Packages | None = None,
        originals: s3.IBucket | None = None,
        renditions: s3.IBucket | None = None,
        vpc: ec2.IVpc | None = None,
        vpc_subnets: ec2.SubnetSelection | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        domain_name: str | None = None,
        certificate: acm.ICertificate | None = None,
        hosted_zone: route53.IHostedZone | None = None,
        public_url: str = "",
        page_sources: str = "",
        code: Code = asset,
        public: bool = False,
    ) -> None:
        super().__init__(scope, name)
        demand_only_one(self)
        config = settled(config or load())
        access = access_of(self, config.access, public=public)
        self._max_bytes = config.limits.max_bytes
        service = config.service
        domain = domain_of(config, domain_name, certificate, hosted_zone)
        named = when_given(self, "HasDomain", domain.name)
        network = Network(vpc, vpc_subnets, security_groups) if vpc else None

        # Along the flow
        self.sign_in = SignIn(self, access)
        sites = sites_of(self, service)
        self.http_api = HttpApi(self, service, sites)
        self.process_jobs = Jobs(
            self,
            "Process",
            timeout_seconds=process_seconds(config),
            max_tries=service.max_tries,
            failures_are_recorded=True,
            has_background=True,
        )
        self.originals = (
            brought_originals(self, originals, announced_to=self.process_jobs)
            if originals
            else originals_bucket(self, service, announced_to=self.process_jobs)
        )
        self.originals_name = originals_name(originals)
        self.catalogue_jobs = Jobs(self, "Catalogue", timeout_seconds=CATALOGUE_SECONDS)
        self.delivery = config.delivery
        self.renditions = (
            brought_renditions(self, renditions, config.delivery, announced_to=self.catalogue_jobs)
            if renditions
            else renditions_bucket(self, service, config.delivery, announced_to=self.catalogue_jobs)
        )
        self.images = images_table(self, service)
        self.access = access_table(self, service)
        self.site = site_bucket(self, service)
        self.page = Page(
            self,
            site=self.site,
            domain=domain,
            named=named,
            originals=originals_host(originals),
            sign_in=self.sign_in.sources,
            sources=page_sources,
        )
        packages = packages or build(config, Platform.AWS)
        self.functions = Functions(self, config, packages, code=code, network=network)
        self.signing_keys = SigningKeys(
            self, config, table=self.access, function=self.functions.keys
        )
        self.cdn = Cdn(
            self,
            service,
            domain,
            named=named,
            page=self.page,
            renditions=self.renditions,
            http_api=self.http_api,
            render=self.functions.render,
            signing_keys=self.signing_keys,
            accepted=config.delivery.accept,
            originals=self.originals,
        )
        own_url = named.text(f"https://{domain.name}", self.cdn.url)
        self.public_url = when_given(self, "HasPublicUrl", public_url).text(public_url, own_url)
        let_upload = let_browsers_upload_to if originals else let_browsers_upload
        let_upload(self.originals, sites, self.public_url)
        self.sign_in.has_page(service, self.public_url)
        self.graphql = GraphqlApi(
            self, table=self.images, sign_in=self.sign_in, public_url=self.public_url
        )
        self.originals_readable = is_true(self, "OriginalsReadable", service.originals_readable)

        # Who calls whom
        self.http_api.calls(self.functions.api, self.sign_in)
        self.process_jobs.triggers(
            self.functions.process, batch=1, concurrency=service.process_concurrency
        )
        self.background_queue = self.process_jobs.triggers_in_background(
            self.functions.process, batch=1, concurrency=service.background_concurrency
        )
        self.catalogue_jobs.triggers(
            self.functions.catalogue, batch=BATCH, concurrency=service.catalogue_concurrency
        )
        self.failed_queue = self.process_jobs.recorded_by(self.functions.catalogue)
        set_settings(self, service)
        self.graphql.renewed_by(self.functions.catalogue)

        # Who may do what
        self._api_may()
        self._api_may_read_originals()
        self._process_may()
        self._catalogue_may()
        self._render_may()
        self._may_decrypt_originals()

        # Who looks after it
        self.alarm_topic = watch(
            self, service, functions=self.functions.all, jobs=self.jobs, http_api=self.http_api
        )
        dashboard(self, functions=self.functions.all, jobs=self.jobs, http_api=self.http_api)

        # What companies ask for
        set_company_rules(self, service)

    def add_outputs(self) -> None:
        """Make outputs of the stack, by which `tintype --stack NAME` finds the service."""
        add_outputs(Stack.of(self), self.outputs)

    def publish_page(self, release: Path) -> None:
        """Deploy the page of a release folder with CDK, to the bucket behind the CDN.

        Raises:
            ReleaseError: the folder is not a release.
        """
        publish_page(self, self.site, release, page_config(self.outputs, max_bytes=self._max_bytes))

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of a deployment: URLs, names and facts."""
        return outputs_of(self)

    @property
    def jobs(self) -> dict[str, Jobs]:
        """The queues, by the function that reads them."""
        return {"process": self.process_jobs, "catalogue": self.catalogue_jobs}

    def _api_may(self) -> None:
        """Allow it to issue links, accept small originals, read and delete, and queue work."""
        api = self.functions.api
        grant(api, self.originals.arn_for_objects(f"{TICKETS}/*"), "s3:PutObject")
        # Objects put directly into the bucket, under any key, can be deleted as well.
        grant(api, self.originals.arn_for_objects("*"), "s3:DeleteObject")
        may_write_images(api, self.images)
        may_list_images(api, self.images)
        may_find_images_by_name(api, self.images)
        may_manage_access(api, self.access)
        grant(api, self.process_jobs.queue.queue_arn, "sqs:SendMessage")
        grant(api, self.background_queue.queue_arn, "sqs:SendMessage")
        grant(api, self.catalogue_jobs.queue.queue_arn, "sqs:SendMessage")  # the end of a ticket
        grant(api, self.functions.process.function_arn, "lambda:InvokeFunction")

    def _api_may_read_originals(self) -> None:
        """Allow it to sign links to originals: for their owners, or for everyone if that is set."""
        links = any_of(self, "LinksToOriginals", self.sign_in.is_closed, self.originals_readable)
        originals = self.originals.arn_for_objects("*")
        grant_if(links, self, "ReadOriginals", self.functions.api.role, originals, "s3:GetObject")

    def _process_may(self) -> None:
        """Allow it to read originals, replace renditions, announce the start, schedule sweeps, and purge the CDN.

        It may permanently delete versions that are too large or follow the first, but no originals.
        """
        process = self.functions.process
        grant(process, self.originals.arn_for_objects("*"), "s3:GetObject")
        grant(process, self.originals.arn_for_objects(f"{TICKETS}/*"), "s3:DeleteObjectVersion")
        grant(process, self.renditions.arn_for_objects("*"), *WRITE_RENDITIONS)
        grant(process, self.originals.bucket_arn, "s3:ListBucketVersions")  # to find the first
        # Without it S3 returns 403 instead of 404 for a missing key.
        grant(process, self.originals.bucket_arn, "s3:ListBucket")
        grant(process, self.renditions.bucket_arn, "s3:ListBucket")
        grant(process, self.catalogue_jobs.queue.queue_arn, "sqs:SendMessage")
        grant(process, self.process_jobs.queue.queue_arn, "sqs:SendMessage")
        grant(process, self.cdn.distribution.distribution_arn, "cloudfront:CreateInvalidation")

    def _catalogue_may(self) -> None:
        """Allow it to read manifests, write and announce records, and write manifests of failures."""
        catalogue = self.functions.catalogue
        manifests = self.renditions.arn_for_objects(f"*{MANIFEST}")
        grant(catalogue, manifests, "s3:GetObject", "s3:PutObject")
        grant(catalogue, self.renditions.bucket_arn, "s3:ListBucket")  # 404, as above
        # Whether an original exists for which no function could be started, but not its content.
        grant(catalogue, self.originals.bucket_arn, "s3:ListBucket")
        grant(catalogue, self.process_jobs.queue.queue_arn, "sqs:SendMessage")  # a sweep
        for jobs in self.jobs.values():
            grant(catalogue, jobs.dead_letters.queue_arn, "sqs:SendMessage")
        grant(catalogue, self.catalogue_jobs.queue.queue_arn, "sqs:SendMessage")  # a ticket's end
        may_write_images(catalogue, self.images)
        grant(catalogue, self.images.table_arn, "dynamodb:DeleteItem")  # a ticket's record
        may_count(catalogue, self.access)
        self.graphql.may_publish(catalogue)

    def _render_may(self) -> None:
        """Allow it to read originals and renditions, and to write and take back pictures of any size."""
        render = self.functions.render
        originals = f"arn:{Aws.PARTITION}:s3:::{self.originals_name}"
        for bucket in (originals, self.renditions.bucket_arn):
            grant(render, f"{bucket}/*", "s3:GetObject")
            grant(render, bucket, "s3:ListBucket")  # 404, as above
        grant(render, self.renditions.arn_for_objects(DELIVERED), *WRITE_DELIVERED)

    def _may_decrypt_originals(self) -> None:
        """Allow use of an existing bucket's key; the api function needs it to sign uploads."""
        key = self.originals.encryption_key
        if key:
            grant(self.functions.api, key.key_arn, "kms:Decrypt", "kms:GenerateDataKey")
            for function in (self.functions.process, self.functions.render):
                grant(function, key.key_arn, "kms:Decrypt")
