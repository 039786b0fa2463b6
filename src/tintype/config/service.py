"""`[service]` of `tintype.toml`: the settings of one deployment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from tintype import owners
from tintype.config.forms import Form, misfits
from tintype.constraints import Doc, Length, Range

# CloudWatch Logs' choices (PutRetentionPolicy, retentionInDays).
LogDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip
Memory = Annotated[int, Range(128, 10_240), Doc("MiB of memory; CPU grows with it")]
# The minimum for an event source is two (ScalingConfig.MaximumConcurrency).
Concurrency = Annotated[int, Range(2, 1_000), Doc("batches processed at the same time")]
Reserved = Annotated[int | None, Range(1, 1_000), Doc("concurrent runs reserved for this function")]

ANY_ORIGIN = "*"
# Concurrent runs of the catalogue function for recording failures, besides its own queue's.
FAILURES_AT_ONCE = 2
FORMS = {
    "cors_origins": Form(r"https?://[a-z0-9.-]+(:\d+)?", 'an origin like "https://example.com"'),
    "bucket_owner": Form(owners.PATTERN, "an owner: printable ASCII without spaces or slashes"),
    "alarm_email": Form(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address"),
    "web_acl": Form(
        r"arn:aws[a-z-]*:wafv2:us-east-1:\d{12}:global/webacl/[^/]+/[0-9a-f-]+",
        "the ARN of a global web ACL, which is in us-east-1",
    ),
    "permissions_boundary": Form(
        r"arn:aws[a-z-]*:iam::(\d{12}|aws):policy/.+", "the ARN of an IAM policy"
    ),
    "kms_key": Form(
        r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[0-9A-Za-z-]+", "the ARN of a KMS key"
    ),
}


class Architecture(StrEnum):
    """The functions' processor architecture, in Lambda's terms."""

    ARM64 = "arm64"
    X86_64 = "x86_64"


class PriceClass(StrEnum):
    """The CloudFront locations that serve renditions: its price classes 100, 200 and All."""

    CHEAPEST = "cheapest"
    MOST = "most"
    ALL = "all"


class Tracing(StrEnum):
    """Whether X-Ray traces requests through the functions."""

    OFF = "off"
    ACTIVE = "active"


class OriginalsClass(StrEnum):
    """S3's storage classes with immediate access. Objects in an archive cannot be rendered."""

    STANDARD = "STANDARD"
    STANDARD_IA = "STANDARD_IA"
    INTELLIGENT_TIERING = "INTELLIGENT_TIERING"
    GLACIER_IR = "GLACIER_IR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The settings of one deployment; everything else in a template follows from them."""

    ticket_minutes: Annotated[int, Range(1, 60), Doc("minutes that an upload link is valid")] = 15
    max_tries: Annotated[
        int, Range(5, 100), Doc("tries before an original goes to the dead-letter queue")
    ] = 5
    # With less, all tries would be used up during a short outage. With more, a hundred tries do not
    # fit into the 14 days that SQS keeps a message.
    retry_seconds: Annotated[
        int, Range(30, 3_600), Doc("seconds between a failed try and the next")
    ] = 90
    sweep_seconds: Annotated[
        int,
        Range(1, 900),
        Doc("seconds until replaced renditions are removed"),
    ] = 900
    originals_noncurrent_days: Annotated[
        int, Range(1, 3_650), Doc("days that a deleted original can be restored")
    ] = 7
    originals_class: Annotated[OriginalsClass, Doc("storage class that old originals move to")] = (
        OriginalsClass.STANDARD
    )
    # S3's minimum for moving to STANDARD_IA.
    originals_cold_days: Annotated[
        int, Range(30, 3_650), Doc("days until an original moves to originals_class")
    ] = 90
    keep_data: Annotated[
        bool, Doc("keep the images' buckets and table when the stack is deleted")
    ] = True

    architecture: Annotated[Architecture, Doc("processor architecture of the functions")] = (
        Architecture.ARM64
    )
    process_memory_mib: Annotated[
        int, Range(2_048, 10_240), Doc("MiB of memory; CPU grows with it")
    ] = 3_008
    process_concurrency: Concurrency = 10
    background_concurrency: Annotated[
        int,
        Range(2, 1_000),
        Doc("originals processed at the same time for operators: reprocess, backfill, redrive"),
    ] = 5
    process_reserved: Reserved = None
    catalogue_memory_mib: Memory = 512
    catalogue_concurrency: Concurrency = 5
    catalogue_reserved: Reserved = None
    api_memory_mib: Memory = 512
    api_reserved: Reserved = None
    # With less, an AVIF of 100 megapixels is too large (`python -m benchmarks.memory`).
    render_memory_mib: Annotated[
        int, Range(1_769, 10_240), Doc("MiB of memory; CPU grows with it")
    ] = 1_769
    render_concurrency: Annotated[
        int,
        Range(0, 1_000),
        Doc("pictures of any size rendered at the same time, reserved; 0: no maximum"),
    ] = 20

    throttle_rate: Annotated[int, Range(1, 10_000), Doc("API requests per second")] = 50
    throttle_burst: Annotated[int, Range(1, 5_000), Doc("API requests at once")] = 100
    quota_images: Annotated[
        int, Range(0, 1_000_000_000), Doc("images that an owner may have; 0: no limit")
    ] = 0
    quota_bytes: Annotated[
        int,
        Range(0, 1_000_000_000_000_000),
        Doc("bytes that an owner's originals may have together; 0: no limit"),
    ] = 0
    quota_requests: Annotated[
        int, Range(0, 100_000), Doc("API requests of an owner per minute; 0: no limit")
    ] = 0
    cors_origins: Annotated[
        tuple[str, ...],
        Length(0, 20),
        Doc("other sites whose pages may call the service; `*`: all sites"),
    ] = ()
    originals_readable: Annotated[
        bool, Doc("in mode open, everyone gets links to originals, with all their metadata")
    ] = False
    bucket_owner: Annotated[
        str, Length(1, owners.MAX_LENGTH), Doc("owner of objects put into the bucket directly")
    ] = owners.PUBLIC
    price_class: Annotated[PriceClass, Doc("CloudFront locations that serve renditions")] = (
        PriceClass.CHEAPEST
    )

    signing_key_generation: Annotated[
        int,
        Range(1, 1_000),
        Doc("a higher number makes a new key for private addresses"),
    ] = 1

    log_days: Annotated[LogDays, Doc("days that logs are kept")] = 30
    alarm_email: Annotated[str | None, Length(6, 254), Doc("address that alarms are sent to")] = (
        None
    )
    monthly_budget: Annotated[
        int,
        Range(0, 1_000_000),
        Doc("US dollars per month for the whole account, reported to alarm_email; 0: no budget"),
    ] = 0

    access_logs_days: Annotated[
        int,
        Range(0, 3_650),
        Doc("days that the CDN's and the buckets' access logs are kept; 0: none"),
    ] = 0
    tracing: Annotated[Tracing, Doc("whether X-Ray traces requests through the functions")] = (
        Tracing.OFF
    )
    web_acl: Annotated[
        str | None, Length(20, 2_048), Doc("ARN of an AWS WAF web ACL for the CDN")
    ] = None
    permissions_boundary: Annotated[
        str | None,
        Length(20, 2_048),
        Doc("ARN of the permissions boundary for all roles of the stack"),
    ] = None
    kms_key: Annotated[
        str | None,
        Length(20, 2_048),
        Doc("ARN of your own key for stored, queued and logged data"),
    ] = None


DEFAULT_SERVICE = Service()


def contradictions(service: Service) -> list[str]:
    """Return contradictions between valid settings, each as a sentence `setting: reason`.

    >>> contradictions(Service(cors_origins=("https://example.com/",)))
    ['cors_origins[0]: "https://example.com/" is not an origin; write it as "https://example.com"']
    """
    return [*_origins(service), *misfits(service, FORMS), *_budget(service), *_reserved(service)]


def _origins(service: Service) -> list[str]:
    if service.cors_origins == (ANY_ORIGIN,):
        return []
    return [
        f'cors_origins[{index}]: "{origin}" is not an origin; write it as "{_as_origin(origin)}"'
        for index, origin in enumerate(service.cors_origins)
        if not FORMS["cors_origins"].fits(origin)
    ]


def _as_origin(text: str) -> str:
    found = re.match(FORMS["cors_origins"].pattern, text.lower())
    return found[0] if found else "https://example.com"


def _budget(service: Service) -> list[str]:
    if service.monthly_budget and service.alarm_email is None:
        return ["monthly_budget: needs alarm_email, to report to"]
    return []


def _reserved(service: Service) -> list[str]:
    """Find queues that would start more runs than are reserved, which wastes tries."""
    found = []
    if _is_less(
        service.process_reserved, service.process_concurrency + service.background_concurrency
    ):
        found.append(
            f"process_reserved: {service.process_reserved} is less than process_concurrency, "
            f"{service.process_concurrency}, plus background_concurrency, "
            f"{service.background_concurrency}"
        )
    if _is_less(service.catalogue_reserved, service.catalogue_concurrency + FAILURES_AT_ONCE):
        found.append(
            f"catalogue_reserved: {service.catalogue_reserved} is less than catalogue_concurrency, "
            f"{service.catalogue_concurrency}, plus {FAILURES_AT_ONCE} for recording failures"
        )
    return found


def _is_less(reserved: int | None, used: int) -> bool:
    return reserved is not None and reserved < used
