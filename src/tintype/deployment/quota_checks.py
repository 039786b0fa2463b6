"""Whether the account's quotas have room for what is to be deployed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tintype.aws.errors import ServiceError
from tintype.config.service import FAILURES_AT_ONCE
from tintype.deployment.clients import GLOBAL_REGION, Clients, asked
from tintype.deployment.findings import Code, Finding, bad, good, note
from tintype.deployment.stacks import StackFacts
from tintype.deployment.wanted import Wanted

FOR_THE_API = 4  # concurrent executions that requests need beside the queues'
NEW_ACCOUNT_CONCURRENCY = 50  # accounts that have had no traffic begin with 10
NEW_ACCOUNT_MEMORY_MIB = 3_008
LEAST_OF_A_QUEUE = 2  # concurrent executions, says SQS
_OF_A_QUEUE = "Concurrency"  # how the parameters end that bound them
UNRESERVABLE = 100  # concurrent executions that Lambda never lets one reserve
BUCKETS, DEFAULT_BUCKETS = 4, 10_000  # ours; S3's quota where Service Quotas does not tell
DISTRIBUTIONS = "L-24B04930"  # "Web distributions per AWS account"
GENERAL_BUCKETS = "L-DC2B2D3D"  # "General purpose buckets"
_RESERVES = ("DevelopReserved", "CatalogueReserved", "ApiReserved")
_ASK = 'ask for more at Service Quotas, AWS Lambda, "Concurrent executions"'


def check_concurrency(
    clients: Clients, wanted: Wanted, stack: StackFacts | None
) -> Iterator[Finding]:
    """Compare Lambda's concurrent executions with what the queues may use and the reserves take."""
    with asked("lambda", "GetAccountSettings"):
        limits = clients("lambda").get_account_settings()["AccountLimit"]
    whole, free = limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"]
    reserved = sum(wanted.number(name) for name in _RESERVES)
    before = sum(int(stack.parameters.get(name) or 0) for name in _RESERVES) if stack else 0
    if reserved > before and free - (reserved - before) < UNRESERVABLE:
        message = f"{reserved} concurrent executions are to be reserved; {max(0, free + before - UNRESERVABLE)} can be"
        yield bad("quotas", Code.QUOTA_CONCURRENCY, message, f"leave out the reserves, or {_ASK}")
        return
    queues = {name: wanted.number(name) for name in wanted.values if name.endswith(_OF_A_QUEUE)}
    yield _queues(queues, whole)
    memory = max(wanted.number(f"{name}MemoryMib") for name in ("Develop", "Catalogue", "Api"))
    if whole < NEW_ACCOUNT_CONCURRENCY and memory > NEW_ACCOUNT_MEMORY_MIB:
        message = f"{memory:,} MiB of memory; new accounts may have no more than {NEW_ACCOUNT_MEMORY_MIB:,}"
        yield note(
            "quotas", Code.QUOTA_MEMORY, message, "if it is refused: set develop_memory_mib = 3008"
        )


def _queues(queues: Mapping[str, int], whole: int) -> Finding:
    """Compare what the functions behind queues may take with what the account has."""
    total = sum(queues.values()) + FAILURES_AT_ONCE
    if total + FOR_THE_API <= whole:
        return good("quotas", f"{whole:,} concurrent executions; the queues may use {total}")
    each = ", ".join(f"{_setting(name)} {number}" for name, number in queues.items())
    message = (
        f"{whole} concurrent executions in the account; the queues may use {total}: {each}, "
        f"{FAILURES_AT_ONCE} for recording failures"
    )
    smaller = " ".join(
        f"--set {_setting(name)}={to}" for name, to in _fitted(queues, whole).items()
    )
    if total >= whole:
        advice = f"{smaller}, or {_ASK}; to deploy all the same: --ignore {Code.QUOTA_CONCURRENCY}"
        return bad("quotas", Code.QUOTA_CONCURRENCY, message, advice)
    advice = f"while many images come, requests are refused and messages tried again, each a try less: {smaller}, or {_ASK}"
    return note("quotas", Code.QUOTA_CONCURRENCY, message, advice)


def _fitted(queues: Mapping[str, int], whole: int) -> dict[str, int]:
    """Return the queues' parts of what the API and the failures leave; SQS takes none below two."""
    room = max(0, whole - FOR_THE_API - FAILURES_AT_ONCE)
    total = sum(queues.values())
    return {
        name: max(LEAST_OF_A_QUEUE, min(number, room * number // total))
        for name, number in queues.items()
    }


def _setting(parameter: str) -> str:
    """Return a parameter's name in tintype.toml.

    >>> _setting("DevelopConcurrency")
    'develop_concurrency'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "_", parameter).lower()


def check_buckets(clients: Clients) -> Iterator[Finding]:
    """Say whether there is room for our buckets."""
    with asked("s3", "ListBuckets"):
        pages = clients("s3").get_paginator("list_buckets").paginate()
        there = sum(len(page.get("Buckets", [])) for page in pages)
    limit = _quota(clients, "s3", GENERAL_BUCKETS) or DEFAULT_BUCKETS
    yield from _room("buckets", there, BUCKETS, limit)


def check_distributions(clients: Clients) -> Iterator[Finding]:
    """Say whether there is room for a distribution, where Service Quotas tells."""
    limit = _quota(clients, "cloudfront", DISTRIBUTIONS)
    if limit is None:
        return
    with asked("cloudfront", "ListDistributions"):
        pages = clients("cloudfront").get_paginator("list_distributions").paginate()
        there = sum(page["DistributionList"].get("Quantity", 0) for page in pages)
    yield from _room("CloudFront distributions", there, 1, limit)


def _room(what: str, there: int, more: int, limit: int) -> Iterator[Finding]:
    if there + more > limit:
        message = f"{there:,} of {limit:,} {what} are in use; {more} more are needed"
        yield bad(
            "quotas", Code.QUOTA_REACHED, message, "remove some, or ask for more at Service Quotas"
        )
    else:
        yield good("quotas", f"{there:,} of {limit:,} {what}")


def _quota(clients: Clients, service: str, code: str) -> int | None:
    """Return the account's own quota, or None where Service Quotas does not tell."""
    try:
        with asked("service-quotas", "GetServiceQuota"):
            client = clients("service-quotas", region=GLOBAL_REGION, tries=1)
            return int(
                client.get_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]["Value"]
            )
    except ServiceError:
        return None  # many may not ask
