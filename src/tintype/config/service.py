"""`[service]` of `tintype.toml`: what one deployment is given, and what it keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from tintype.config.forms import Form
from tintype.imaging.settings import Doc, Length, Range

# What CloudWatch Logs offers (PutRetentionPolicy, retentionInDays).
LogDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip
Memory = Annotated[int, Range(128, 10_240), Doc("MiB of memory; CPU grows with it")]
# An event source may not be limited to fewer than two (ScalingConfig.MaximumConcurrency).
Concurrency = Annotated[int, Range(2, 1_000), Doc("batches worked on at the same time")]
Reserved = Annotated[
    int | None, Range(1, 1_000), Doc("runs at the same time that no other function can take")
]

ANY_ORIGIN = "*"
# What the catalogue function runs at once beside its own queue: batches of failures that it records.
FAILURES_AT_ONCE = 2
FORMS = {
    "cors_origins": Form(r"https?://[a-z0-9.-]+(:\d+)?", 'an origin like "https://example.com"'),
    "alarm_email": Form(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address"),
    "web_acl": Form(
        r"arn:aws[a-z-]*:wafv2:us-east-1:\d{12}:global/webacl/[^/]+/[0-9a-f-]+",
        "the ARN of a global web ACL, which is in us-east-1",
    ),
    "permissions_boundary": Form(
        r"arn:aws[a-z-]*:iam::(\d{12}|aws):policy/.+", "the ARN of a policy of IAM"
    ),
    "kms_key": Form(
        r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[0-9A-Za-z-]+", "the ARN of a key of KMS"
    ),
}


class Architecture(StrEnum):
    """The processor that the functions run on, in Lambda's words."""

    ARM64 = "arm64"
    X86_64 = "x86_64"


class PriceClass(StrEnum):
    """Which of CloudFront's places serve renditions: its price classes 100, 200 and All."""

    CHEAPEST = "cheapest"
    MOST = "most"
    ALL = "all"


class Tracing(StrEnum):
    """Whether X-Ray follows a request through the functions."""

    OFF = "off"
    ACTIVE = "active"


class OriginalsClass(StrEnum):
    """The storage classes from which S3 reads at once, in its words. Out of an archive nothing can be rendered."""

    STANDARD = "STANDARD"
    STANDARD_IA = "STANDARD_IA"
    INTELLIGENT_TIERING = "INTELLIGENT_TIERING"
    GLACIER_IR = "GLACIER_IR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The settings of one deployment; whatever else a template needs follows from them."""

    ticket_minutes: Annotated[int, Range(1, 60), Doc("minutes that an upload link is good")] = 15
    max_tries: Annotated[int, Range(5, 100), Doc("tries before an original is set aside")] = 5
    retry_seconds: Annotated[
        int, Range(1, 43_200), Doc("seconds from a try that failed to the next")
    ] = 90
    sweep_seconds: Annotated[
        int,
        Range(1, 900),
        Doc("seconds until renditions that a newer manifest replaced are removed"),
    ] = 900
    originals_noncurrent_days: Annotated[
        int, Range(1, 3_650), Doc("days that a deleted original can be restored")
    ] = 7
    originals_class: Annotated[
        OriginalsClass, Doc("storage class that originals move to when they are old")
    ] = OriginalsClass.STANDARD
    # S3 moves nothing to STANDARD_IA before.
    originals_cold_days: Annotated[
        int, Range(30, 3_650), Doc("days until an original moves to originals_class")
    ] = 90
    keep_data: Annotated[bool, Doc("the images' two buckets and table outlive the stack")] = True

    architecture: Annotated[Architecture, Doc("processor of the functions")] = Architecture.ARM64
    develop_memory_mib: Annotated[
        int, Range(2_048, 10_240), Doc("MiB of memory; CPU grows with it")
    ] = 3_008
    develop_concurrency: Concurrency = 10
    develop_reserved: Reserved = None
    catalogue_memory_mib: Memory = 512
    catalogue_concurrency: Concurrency = 5
    catalogue_reserved: Reserved = None
    api_memory_mib: Memory = 512
    api_reserved: Reserved = None

    throttle_rate: Annotated[int, Range(1, 10_000), Doc("requests a second to the API")] = 50
    throttle_burst: Annotated[int, Range(1, 5_000), Doc("requests at once to the API")] = 100
    cors_origins: Annotated[
        tuple[str, ...], Length(1, 20), Doc("sites whose pages may call the service")
    ] = (ANY_ORIGIN,)
    originals_readable: Annotated[
        bool, Doc("whoever may call the API gets links to originals, with all their metadata")
    ] = False
    price_class: Annotated[PriceClass, Doc("CloudFront's places that serve renditions")] = (
        PriceClass.CHEAPEST
    )

    log_days: Annotated[LogDays, Doc("days that log lines are kept")] = 30
    alarm_email: Annotated[str | None, Length(6, 254), Doc("address that alarms are sent to")] = (
        None
    )
    monthly_budget: Annotated[
        int,
        Range(0, 1_000_000),
        Doc("US dollars a month of the whole account, of which alarm_email is told; 0: no budget"),
    ] = 0

    access_logs_days: Annotated[
        int,
        Range(0, 3_650),
        Doc("days that the CDN's and the buckets' access logs are kept; 0: none"),
    ] = 0
    tracing: Annotated[Tracing, Doc("whether X-Ray follows requests through the functions")] = (
        Tracing.OFF
    )
    web_acl: Annotated[
        str | None, Length(20, 2_048), Doc("ARN of a web ACL of AWS WAF for the CDN")
    ] = None
    permissions_boundary: Annotated[
        str | None, Length(20, 2_048), Doc("ARN of the policy that bounds all roles of the stack")
    ] = None
    kms_key: Annotated[
        str | None,
        Length(20, 2_048),
        Doc("ARN of your own key for what is stored, sent and logged"),
    ] = None


DEFAULT_SERVICE = Service()


def contradictions(service: Service) -> list[str]:
    """Return what cannot be deployed though every range holds, one sentence `setting: reason` each.

    >>> contradictions(Service(cors_origins=("https://example.com/",)))
    ['cors_origins[0]: "https://example.com/" is not an origin; write it as "https://example.com"']
    """
    return [*_origins(service), *_forms(service), *_budget(service), *_reserved(service)]


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


def _forms(service: Service) -> list[str]:
    return [
        f'{setting}: "{value}" is not {form.what}'
        for setting, form in FORMS.items()
        if isinstance(value := getattr(service, setting), str) and not form.fits(value)
    ]


def _budget(service: Service) -> list[str]:
    if service.monthly_budget and service.alarm_email is None:
        return ["monthly_budget: nobody would be told; set alarm_email too"]
    return []


def _reserved(service: Service) -> list[str]:
    """Say where a queue would feed more than its function may run, so that tries were thrown away."""
    found = []
    if _is_less(service.develop_reserved, service.develop_concurrency):
        found.append(
            f"develop_reserved: {service.develop_reserved} is less than develop_concurrency, "
            f"{service.develop_concurrency}"
        )
    if _is_less(service.catalogue_reserved, service.catalogue_concurrency + FAILURES_AT_ONCE):
        found.append(
            f"catalogue_reserved: {service.catalogue_reserved} is less than catalogue_concurrency, "
            f"{service.catalogue_concurrency}, and {FAILURES_AT_ONCE} for recording failures"
        )
    return found


def _is_less(reserved: int | None, used: int) -> bool:
    return reserved is not None and reserved < used
