"""Tintype as a construct: a table of contents. What there is along the flow, and who may do what."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from aws_cdk import Aws, Stack, Tokenization
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from constructs import Construct

from tintype.config import Config, Service, load
from tintype.releases import OPEN_TO_ALL
from tintype.site.publishing import config as page_config
from tintype_infra.alarms import watch
from tintype_infra.buckets import (
    MANIFEST,
    let_browsers_upload,
    originals_bucket,
    originals_host,
    renditions_bucket,
    site_bucket,
)
from tintype_infra.cdn import Cdn
from tintype_infra.choice import is_given, is_true
from tintype_infra.company import set_company_rules
from tintype_infra.dashboard import dashboard
from tintype_infra.embedding import (
    brought_originals,
    brought_renditions,
    demand_only_one,
    domain_of,
    let_browsers_upload_to,
    say_who_may,
)
from tintype_infra.functions import ARENAS, Code, Functions, Network, set_environment
from tintype_infra.grants import allow
from tintype_infra.graphql import GraphqlApi
from tintype_infra.http_api import HttpApi
from tintype_infra.outputs import tell
from tintype_infra.packages import Package, Packages, Platform, build
from tintype_infra.page import Page
from tintype_infra.page_files import publish_page
from tintype_infra.queues import Jobs
from tintype_infra.table import (
    images_table,
    may_find_images_by_name,
    may_list_images,
    may_write_images,
)
from tintype_infra.waits import CATALOGUE_SECONDS, develop_seconds, settled

BATCH = 10  # manifests that the catalogue function takes at once: the most without a wait for more
TICKETS = "originals"  # what the keys begin with that the api function gives out
WRITE_RENDITIONS = ("s3:GetObject", "s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject")


def asset(package: Package) -> lambda_.Code:
    """Return the code of a function as an asset of CDK's, which `cdk deploy` uploads."""
    return lambda_.Code.from_asset(str(package.archive))


class Tintype(Construct):
    """One image service, complete; a stack can have one.

    Args:
        scope: The stack, or a construct in it.
        name: The construct's.
        config: Presets, limits and settings; by default those of a tintype.toml in this folder, else
            Tintype's own.
        packages: The functions' code; by default built from the checkout that Tintype is in. Installed
            from a wheel there is none: give `Packages.of_release(folder)`.
        originals: A bucket of yours to put originals into, instead of a new one: one that is made in
            this stack, or one that exists, as `s3.Bucket.from_bucket_name` returns it. The latter's CORS
            rules are yours, too (synthesis says which). With a KMS key its policy must leave it to IAM.
        renditions: A bucket of yours for renditions: one that is made in this stack, without a KMS key.
        vpc: A network to run the functions in. They must reach S3, DynamoDB (gateway endpoints will
            do), SQS and Lambda (interface endpoints will do), and AppSync's public address, which takes
            a NAT gateway: its endpoints are for private APIs alone.
        vpc_subnets: Which of its subnets; by default the private ones.
        security_groups: What may leave them must include HTTPS; by default a new group that lets all.
        domain_name: A name of yours for the CDN, which needs *certificate*.
        certificate: Its certificate, in us-east-1.
        hosted_zone: The zone that gets the name's records; without one you make them.
        public_url: What addresses of renditions begin with, where it is neither *domain_name* nor
            CloudFront's name: that of a CDN of yours before it.
        page_sources: More addresses that the page may reach, as a Content-Security-Policy has them.
        code: Where Lambda gets a package from; by default an asset of CDK's.
        public: Confirm that the service is open to everybody. Without it, or the context
            `tintype:public=true`, `cdk deploy` refuses.

    What it made are its attributes: `originals`, `renditions` and `site` (buckets), `images` (table),
    `http_api.api`, `graphql.api`, `cdn.distribution`, `jobs` (queues and their dead letters),
    `functions.all`, `alarm_topic` (None without the setting `alarm_email`) and `public_url`.

    Raises:
        EmbeddingError: it cannot be made of these; the message says of what it could.
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
        say_who_may(self, confirmed=public)
        config = settled(config or load())
        self._max_bytes = config.limits.max_bytes
        service = config.service
        domain = domain_of(config, domain_name, certificate, hosted_zone)
        named = is_given(self, "HasDomain", domain.name)
        network = Network(vpc, vpc_subnets, security_groups) if vpc else None

        # Along the flow
        self.http_api = HttpApi(self, service)
        self.develop_jobs = Jobs(
            self,
            "Develop",
            timeout_seconds=develop_seconds(config),
            max_tries=service.max_tries,
            failures_are_recorded=True,
        )
        self.originals = (
            brought_originals(self, originals, announced_to=self.develop_jobs)
            if originals
            else originals_bucket(self, service, announced_to=self.develop_jobs)
        )
        self.catalogue_jobs = Jobs(self, "Catalogue", timeout_seconds=CATALOGUE_SECONDS)
        self.renditions = (
            brought_renditions(self, renditions, announced_to=self.catalogue_jobs)
            if renditions
            else renditions_bucket(self, service, announced_to=self.catalogue_jobs)
        )
        self.images = images_table(self, service)
        self.site = site_bucket(self, service)
        self.page = Page(
            self,
            site=self.site,
            domain=domain,
            named=named,
            originals=originals_host(originals),
            sources=page_sources,
        )
        self.cdn = Cdn(
            self,
            service,
            domain,
            named=named,
            page=self.page,
            renditions=self.renditions,
            http_api=self.http_api,
        )
        own_url = named.text(f"https://{domain.name}", self.cdn.url)
        self.public_url = is_given(self, "HasPublicUrl", public_url).text(public_url, own_url)
        let_upload = let_browsers_upload_to if originals else let_browsers_upload
        let_upload(self.originals, service, self.public_url)
        self.graphql = GraphqlApi(self, table=self.images, public_url=self.public_url)
        self._originals_readable = is_true(self, "OriginalsReadable", service.originals_readable)
        packages = packages or build(config, Platform.AWS)
        self.functions = Functions(self, config, packages, code=code, network=network)

        # Who calls whom
        self.http_api.calls(self.functions.api)
        self.develop_jobs.feeds(
            self.functions.develop, batch=1, concurrency=service.develop_concurrency
        )
        self.catalogue_jobs.feeds(
            self.functions.catalogue, batch=BATCH, concurrency=service.catalogue_concurrency
        )
        self.failed_queue = self.develop_jobs.recorded_by(self.functions.catalogue)
        self._settings(service)
        self.graphql.renewed_by(self.functions.catalogue)

        # Who may do what
        self._api_may()
        self._api_may_read_originals()
        self._develop_may()
        self._catalogue_may()
        self._may_decrypt_originals()

        # Who looks after it
        self.alarm_topic = watch(
            self, service, functions=self.functions.all, jobs=self.jobs, http_api=self.http_api
        )
        dashboard(self, functions=self.functions.all, jobs=self.jobs, http_api=self.http_api)

        # What companies ask for
        set_company_rules(self, service)

    def tell(self) -> None:
        """Make outputs of the stack, by which `tintype --stack NAME` finds the service."""
        tell(Stack.of(self), self.outputs)

    def publish_page(self, release: Path) -> None:
        """Have CDK put the page of a release folder where the CDN serves it.

        Raises:
            ReleaseError: the folder is no release.
        """
        publish_page(self, self.site, release, page_config(self.outputs, max_bytes=self._max_bytes))

    @property
    def outputs(self) -> dict[str, str]:
        """What a deployment tells, by the names that the command line and the page know."""
        return {
            **self._addresses(),
            **self._names(),
            "Version": version("tintype"),
            "Access": OPEN_TO_ALL,
        }

    @property
    def jobs(self) -> dict[str, Jobs]:
        """The queues, by the function that they feed."""
        return {"develop": self.develop_jobs, "catalogue": self.catalogue_jobs}

    def _settings(self, service: Service) -> None:
        """Tell each function what it needs, and only that."""
        stringify = Tokenization.stringify_number  # a number may be a parameter's
        originals = {"TINTYPE_ORIGINALS_BUCKET": self.originals.bucket_name}
        renditions = {"TINTYPE_RENDITIONS_BUCKET": self.renditions.bucket_name}
        images = {"TINTYPE_IMAGES_TABLE": self.images.table_name}
        develop_queue = {"TINTYPE_DEVELOP_QUEUE_URL": self.develop_jobs.queue.queue_url}
        catalogue_queue = {"TINTYPE_CATALOGUE_QUEUE_URL": self.catalogue_jobs.queue.queue_url}
        develop = {"TINTYPE_DEVELOP_FUNCTION": self.functions.develop.function_name}
        graphql = {"TINTYPE_GRAPHQL_URL": self.graphql.api.attr_graph_ql_url}
        public = {"TINTYPE_PUBLIC_URL": self.public_url}
        ticket = {"TINTYPE_TICKET_MINUTES": stringify(service.ticket_minutes)}
        retry = {"TINTYPE_RETRY_SECONDS": stringify(service.retry_seconds)}
        sweep = {"TINTYPE_SWEEP_SECONDS": stringify(service.sweep_seconds)}
        tries = {"TINTYPE_MAX_TRIES": stringify(service.max_tries), **retry, **sweep}
        failed = {
            "TINTYPE_DEVELOP_FAILED_QUEUE_ARN": self.failed_queue.queue_arn,
            "TINTYPE_DEVELOP_DEAD_LETTER_QUEUE_URL": self.develop_jobs.dead_letters.queue_url,
            "TINTYPE_CATALOGUE_DEAD_LETTER_QUEUE_URL": self.catalogue_jobs.dead_letters.queue_url,
        }
        queues = develop_queue | catalogue_queue
        links = {"TINTYPE_ORIGINALS_READABLE": self._originals_readable.text("true", "false")}
        api = originals | images | develop_queue | develop | public | ticket | links
        set_environment(self.functions.api, api)
        set_environment(self.functions.develop, originals | renditions | queues | tries | ARENAS)
        catalogue = originals | renditions | images | queues | retry | sweep | failed
        set_environment(self.functions.catalogue, catalogue | graphql | public | ARENAS)

    def _api_may(self) -> None:
        """Give out links, take small originals, read and delete, and hand on the work."""
        api = self.functions.api
        allow(api, self.originals.arn_for_objects(f"{TICKETS}/*"), "s3:PutObject")
        # What somebody put into the bucket under a key of their own is deleted too.
        allow(api, self.originals.arn_for_objects("*"), "s3:DeleteObject")
        may_write_images(api, self.images)
        may_list_images(api, self.images)
        may_find_images_by_name(api, self.images)
        allow(api, self.develop_jobs.queue.queue_arn, "sqs:SendMessage")
        allow(api, self.functions.develop.function_arn, "lambda:InvokeFunction")

    def _api_may_read_originals(self) -> None:
        """Sign links to originals, where the settings let it give them out."""
        if self._originals_readable.may_hold:
            statement = iam.PolicyStatement(
                actions=["s3:GetObject"], resources=[self.originals.arn_for_objects("*")]
            )
            policy = iam.Policy(self, "ReadOriginals", statements=[statement])
            if self.functions.api.role:
                policy.attach_to_role(self.functions.api.role)
            self._originals_readable.decides(policy)

    def _develop_may(self) -> None:
        """Read originals, replace renditions, say that it has begun, and sweep up later.

        Delete a version for good that came too large, but never an original as such.
        """
        develop = self.functions.develop
        allow(develop, self.originals.arn_for_objects("*"), "s3:GetObject")
        allow(develop, self.originals.arn_for_objects(f"{TICKETS}/*"), "s3:DeleteObjectVersion")
        allow(develop, self.renditions.arn_for_objects("*"), *WRITE_RENDITIONS)
        # Without it S3 answers 403 instead of 404 for a key that is missing.
        allow(develop, self.originals.bucket_arn, "s3:ListBucket")
        allow(develop, self.renditions.bucket_arn, "s3:ListBucket")
        allow(develop, self.catalogue_jobs.queue.queue_arn, "sqs:SendMessage")
        allow(develop, self.develop_jobs.queue.queue_arn, "sqs:SendMessage")

    def _catalogue_may(self) -> None:
        """Read manifests, write records, and announce them; write the manifest of what failed."""
        catalogue = self.functions.catalogue
        manifests = self.renditions.arn_for_objects(f"*{MANIFEST}")
        allow(catalogue, manifests, "s3:GetObject", "s3:PutObject")
        allow(catalogue, self.renditions.bucket_arn, "s3:ListBucket")  # 404, as above
        # Whether an original that no function could be started for is there; not what is in it.
        allow(catalogue, self.originals.bucket_arn, "s3:ListBucket")
        allow(catalogue, self.develop_jobs.queue.queue_arn, "sqs:SendMessage")  # a sweep
        for jobs in self.jobs.values():
            allow(catalogue, jobs.dead_letters.queue_arn, "sqs:SendMessage")
        may_write_images(catalogue, self.images)
        self.graphql.may_publish(catalogue)

    def _may_decrypt_originals(self) -> None:
        """Use the key of a bucket that was brought along; the api function signs for who uploads."""
        key = self.originals.encryption_key
        if key:
            allow(self.functions.api, key.key_arn, "kms:Decrypt", "kms:GenerateDataKey")
            allow(self.functions.develop, key.key_arn, "kms:Decrypt")

    def _addresses(self) -> dict[str, str]:
        return {
            "ApiUrl": f"{self.public_url}/api",
            "CdnUrl": self.public_url,
            "HttpApiUrl": self.http_api.api.api_endpoint,
            "GraphqlUrl": self.graphql.api.attr_graph_ql_url,
            "GraphqlRealtimeUrl": self.graphql.realtime_url,
            "GraphqlApiKey": self.graphql.key.attr_api_key,
            "OriginalsReadable": self._originals_readable.text("true", "false"),
            "DevelopQueueUrl": self.develop_jobs.queue.queue_url,
            "DevelopFailedQueueUrl": self.failed_queue.queue_url,
            "DevelopDeadLetterQueueUrl": self.develop_jobs.dead_letters.queue_url,
            "CatalogueQueueUrl": self.catalogue_jobs.queue.queue_url,
            "CatalogueDeadLetterQueueUrl": self.catalogue_jobs.dead_letters.queue_url,
        }

    def _names(self) -> dict[str, str]:
        return {
            "GraphqlApiId": self.graphql.api.attr_api_id,
            "DistributionId": self.cdn.distribution.distribution_id,
            "DistributionDomain": self.cdn.distribution.distribution_domain_name,
            "OriginalsBucket": self.originals.bucket_name,
            "RenditionsBucket": self.renditions.bucket_name,
            "SiteBucket": self.site.bucket_name,
            "ImagesTable": self.images.table_name,
            "ApiFunction": self.functions.api.function_name,
            "DevelopFunction": self.functions.develop.function_name,
            "CatalogueFunction": self.functions.catalogue.function_name,
            "Region": Aws.REGION,
        }
