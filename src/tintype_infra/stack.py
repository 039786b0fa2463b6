"""The stack: a table of contents. What there is along the flow, who may do what, what is told."""

from __future__ import annotations

from datetime import date

from aws_cdk import Aws, CliCredentialsStackSynthesizer, Stack
from constructs import Construct

from tintype.config import Config
from tintype_infra.alarms import watch
from tintype_infra.buckets import (
    MANIFEST,
    lets_page_upload,
    originals_bucket,
    renditions_bucket,
    site_bucket,
)
from tintype_infra.cdn import Cdn, public_url
from tintype_infra.dashboard import dashboard
from tintype_infra.functions import (
    ARENAS,
    CATALOGUE_SECONDS,
    Functions,
    develop_seconds,
    set_environment,
    sweep_seconds,
)
from tintype_infra.grants import allow
from tintype_infra.graphql import GraphqlApi
from tintype_infra.http_api import HttpApi
from tintype_infra.outputs import tell
from tintype_infra.packages import Packages
from tintype_infra.page import Page
from tintype_infra.queues import Jobs
from tintype_infra.table import images_table, may_list_images, may_write_images

BATCH = 10  # manifests that the catalogue function takes at once: the most without a wait for more
TICKETS = "originals"  # what the keys begin with that the api function gives out
WRITE_RENDITIONS = ("s3:GetObject", "s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject")


class Tintype(Stack):
    """One image service, complete."""

    def __init__(
        self, scope: Construct, name: str, *, config: Config, packages: Packages, today: date
    ) -> None:
        super().__init__(
            scope,
            name,
            description="Tintype: images in, every size and format of them out",
            # Uploads the packages as whoever deploys, not with roles that may do anything.
            synthesizer=CliCredentialsStackSynthesizer(),
        )
        service, domain = config.service, config.domain

        # Along the flow
        self.http_api = HttpApi(self, service)
        self.develop_jobs = Jobs(self, "Develop", service, timeout_seconds=develop_seconds(config))
        self.originals = originals_bucket(self, service, announced_to=self.develop_jobs)
        self.catalogue_jobs = Jobs(self, "Catalogue", service, timeout_seconds=CATALOGUE_SECONDS)
        self.renditions = renditions_bucket(self, service, announced_to=self.catalogue_jobs)
        self.images = images_table(self, service)
        self.site = site_bucket(self, service)
        self.page = Page(self, site=self.site, domain=domain)
        self.cdn = Cdn(
            self,
            service,
            domain,
            page=self.page,
            renditions=self.renditions,
            http_api=self.http_api,
        )
        self.public_url = public_url(self, self.cdn, domain)
        lets_page_upload(self.originals, service, self.public_url)
        self.graphql = GraphqlApi(self, table=self.images, public_url=self.public_url, today=today)
        self.functions = Functions(self, config, packages)

        # Who calls whom
        self.http_api.calls(self.functions.api)
        self.develop_jobs.feeds(
            self.functions.develop, batch=1, concurrency=service.develop_concurrency
        )
        self.catalogue_jobs.feeds(
            self.functions.catalogue, batch=BATCH, concurrency=service.catalogue_concurrency
        )
        self._settings(config)

        # Who may do what
        self._api_may()
        self._develop_may()
        self._catalogue_may()

        # Who looks after it
        watch(self, service, functions=self.functions.all, jobs=self.jobs, http_api=self.http_api)
        dashboard(self, functions=self.functions.all, jobs=self.jobs, http_api=self.http_api)

        # What is told
        tell(self, self._addresses() | self._names())

    @property
    def jobs(self) -> dict[str, Jobs]:
        """The queues, by the function that they feed."""
        return {"develop": self.develop_jobs, "catalogue": self.catalogue_jobs}

    def _settings(self, config: Config) -> None:
        """Tell each function what it needs, and only that."""
        originals = {"TINTYPE_ORIGINALS_BUCKET": self.originals.bucket_name}
        renditions = {"TINTYPE_RENDITIONS_BUCKET": self.renditions.bucket_name}
        images = {"TINTYPE_IMAGES_TABLE": self.images.table_name}
        develop_queue = {"TINTYPE_DEVELOP_QUEUE_URL": self.develop_jobs.queue.queue_url}
        catalogue_queue = {"TINTYPE_CATALOGUE_QUEUE_URL": self.catalogue_jobs.queue.queue_url}
        develop = {"TINTYPE_DEVELOP_FUNCTION": self.functions.develop.function_name}
        graphql = {"TINTYPE_GRAPHQL_URL": self.graphql.api.attr_graph_ql_url}
        public = {"TINTYPE_PUBLIC_URL": self.public_url}
        tries = {
            "TINTYPE_MAX_TRIES": str(config.service.max_tries),
            "TINTYPE_SWEEP_SECONDS": str(sweep_seconds(config)),
        }
        queues = develop_queue | catalogue_queue
        set_environment(self.functions.api, originals | images | develop_queue | develop | public)
        set_environment(self.functions.develop, originals | renditions | queues | tries | ARENAS)
        set_environment(self.functions.catalogue, renditions | images | graphql | public | ARENAS)

    def _api_may(self) -> None:
        """Give out links, take small originals, read and delete, and hand on the work."""
        api = self.functions.api
        allow(api, self.originals.arn_for_objects(f"{TICKETS}/*"), "s3:PutObject")
        # What somebody put into the bucket under a key of their own is shown and deleted too.
        allow(api, self.originals.arn_for_objects("*"), "s3:GetObject", "s3:DeleteObject")
        may_write_images(api, self.images)
        may_list_images(api, self.images)
        allow(api, self.develop_jobs.queue.queue_arn, "sqs:SendMessage")
        allow(api, self.functions.develop.function_arn, "lambda:InvokeFunction")

    def _develop_may(self) -> None:
        """Read originals, replace renditions, say that it has begun, and sweep up later."""
        develop = self.functions.develop
        allow(develop, self.originals.arn_for_objects("*"), "s3:GetObject")
        allow(develop, self.renditions.arn_for_objects("*"), *WRITE_RENDITIONS)
        # Without it S3 answers 403 instead of 404 for a key that is missing.
        allow(develop, self.originals.bucket_arn, "s3:ListBucket")
        allow(develop, self.renditions.bucket_arn, "s3:ListBucket")
        allow(develop, self.catalogue_jobs.queue.queue_arn, "sqs:SendMessage")
        allow(develop, self.develop_jobs.queue.queue_arn, "sqs:SendMessage")

    def _catalogue_may(self) -> None:
        """Read manifests, write records, and announce them."""
        catalogue = self.functions.catalogue
        allow(catalogue, self.renditions.arn_for_objects(f"*{MANIFEST}"), "s3:GetObject")
        allow(catalogue, self.renditions.bucket_arn, "s3:ListBucket")  # 404, as above
        may_write_images(catalogue, self.images)
        self.graphql.may_publish(catalogue)

    def _addresses(self) -> dict[str, str]:
        return {
            "ApiUrl": f"{self.public_url}/api",
            "CdnUrl": self.public_url,
            "HttpApiUrl": self.http_api.api.api_endpoint,
            "GraphqlUrl": self.graphql.api.attr_graph_ql_url,
            "GraphqlRealtimeUrl": self.graphql.realtime_url,
            "GraphqlApiKey": self.graphql.key.attr_api_key,
            "DevelopQueueUrl": self.develop_jobs.queue.queue_url,
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
