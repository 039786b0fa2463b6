"""The settings of the functions: their environment variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Tokenization

from tintype.config import Service
from tintype_infra.functions import MALLOC, set_environment

if TYPE_CHECKING:
    from tintype_infra.construct import Tintype


def set_settings(tintype: Tintype, service: Service) -> None:
    """Give each function the settings that it needs, and no others."""
    stringify = Tokenization.stringify_number  # a number may be a parameter
    originals = {"TINTYPE_ORIGINALS_BUCKET": tintype.originals.bucket_name}
    renditions = {"TINTYPE_RENDITIONS_BUCKET": tintype.renditions.bucket_name}
    images = {
        "TINTYPE_IMAGES_TABLE": tintype.images.table_name,
        "TINTYPE_ACCESS_TABLE": tintype.access.table_name,  # with the owners' counters
    }
    process_queue = {"TINTYPE_PROCESS_QUEUE_URL": tintype.process_jobs.queue.queue_url}
    background = {"TINTYPE_BACKGROUND_QUEUE_URL": tintype.background_queue.queue_url}
    catalogue_queue = {"TINTYPE_CATALOGUE_QUEUE_URL": tintype.catalogue_jobs.queue.queue_url}
    process = {"TINTYPE_PROCESS_FUNCTION": tintype.functions.process.function_name}
    graphql = {"TINTYPE_GRAPHQL_URL": tintype.graphql.api.attr_graph_ql_url}
    public = {"TINTYPE_PUBLIC_URL": tintype.public_url}
    ticket = {"TINTYPE_TICKET_MINUTES": stringify(service.ticket_minutes)}
    retry = {"TINTYPE_RETRY_SECONDS": stringify(service.retry_seconds)}
    sweep = {"TINTYPE_SWEEP_SECONDS": stringify(service.sweep_seconds)}
    tries = {"TINTYPE_MAX_TRIES": stringify(service.max_tries), **retry, **sweep}
    owner = {"TINTYPE_BUCKET_OWNER": service.bucket_owner}
    visibility = {"TINTYPE_VISIBILITY": tintype.sign_in.access.visibility}
    failed = {
        "TINTYPE_PROCESS_FAILED_QUEUE_ARN": tintype.failed_queue.queue_arn,
        "TINTYPE_PROCESS_DEAD_LETTER_QUEUE_URL": tintype.process_jobs.dead_letters.queue_url,
        "TINTYPE_CATALOGUE_DEAD_LETTER_QUEUE_URL": tintype.catalogue_jobs.dead_letters.queue_url,
    }
    queues = process_queue | catalogue_queue
    links = {"TINTYPE_ORIGINALS_READABLE": tintype.originals_readable.text("true", "false")}
    sign_in = tintype.sign_in
    access = {
        "TINTYPE_ACCESS_MODE": sign_in.access.mode,
        "TINTYPE_ADMIN_GROUP": sign_in.access.admin_group,
        "TINTYPE_ANYONE": sign_in.anyone,
        "TINTYPE_GROUPS_CLAIM": sign_in.of_mode(lambda one: one.groups_claim),
        "TINTYPE_PROCESS_SLOTS": stringify(service.process_concurrency),
    }
    quotas = {
        "TINTYPE_QUOTA_BYTES": stringify(service.quota_bytes),
        "TINTYPE_QUOTA_IMAGES": stringify(service.quota_images),
        "TINTYPE_QUOTA_REQUESTS": stringify(service.quota_requests),
    }
    objects = originals | images | public | ticket | links | owner | visibility
    api = objects | queues | background | process | access | quotas
    set_environment(tintype.functions.api, api)
    caches = {"TINTYPE_DISTRIBUTION": tintype.cdn.distribution.distribution_id}
    processing = originals | renditions | queues | background | tries | owner | visibility
    set_environment(tintype.functions.process, processing | caches | MALLOC)
    # By its name alone, since the CDN needs this function, and the bucket's CORS rules the CDN.
    by_name = {"TINTYPE_ORIGINALS_BUCKET": tintype.originals_name}
    set_environment(tintype.functions.render, by_name | renditions | MALLOC)
    catalogue = originals | renditions | images | queues | retry | sweep | failed | owner
    catalogue |= visibility
    set_environment(tintype.functions.catalogue, catalogue | graphql | public | MALLOC)
