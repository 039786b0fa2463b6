"""What the checks before a deployment find: a table of facts, of which some forbid to go on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from tintype.aws.errors import ServiceError


class Code(StrEnum):
    """The stable name of whatever a check can find fault with."""

    NO_CREDENTIALS = "no_credentials"
    WRONG_ACCOUNT = "wrong_account"
    NO_REGION = "no_region"
    UNKNOWN_REGION = "unknown_region"
    REGION_LACKS = "region_lacks_service"
    REGION_CLOSED = "region_not_enabled"
    INVALID_CONFIG = "invalid_config"
    WRONG_PARAMETER = "wrong_parameter"
    TOOL_MISSING = "tool_missing"
    RELEASE_DAMAGED = "release_damaged"
    PERMISSION_MISSING = "permission_missing"
    QUOTA_CONCURRENCY = "quota_concurrency"
    QUOTA_MEMORY = "quota_memory"
    QUOTA_REACHED = "quota_reached"
    CERTIFICATE_MISSING = "certificate_missing"
    CERTIFICATE_UNFIT = "certificate_unfit"
    ZONE_MISSING = "zone_missing"
    ZONE_UNFIT = "zone_unfit"
    NOT_TINTYPE = "not_a_tintype"
    PUBLIC_STACK = "public_stack"
    STACK_BUSY = "stack_busy"
    STACK_STUCK = "stack_stuck"
    STACK_NEVER_CAME = "stack_never_came"
    DOWNGRADE = "downgrade"
    BUCKET_NOT_OURS = "bucket_not_ours"
    CHECK_FAILED = "check_failed"


class State(StrEnum):
    """How a fact stands."""

    GOOD = "good"
    NOTE = "note"  # worth knowing; nothing forbids to go on
    BAD = "bad"  # nothing is begun


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact; *code* and *advice* where it is not as it should be."""

    subject: str
    state: State
    message: str
    code: Code | None = None
    advice: str = ""


Check: TypeAlias = "Callable[[], Iterable[Finding]]"


def good(subject: str, message: str) -> Finding:
    """Return a fact that is as it should be."""
    return Finding(subject, State.GOOD, message)


def note(subject: str, code: Code, message: str, advice: str = "") -> Finding:
    """Return a fact that one should know."""
    return Finding(subject, State.NOTE, message, code, advice)


def bad(subject: str, code: Code, message: str, advice: str) -> Finding:
    """Return a fact that must be mended first."""
    return Finding(subject, State.BAD, message, code, advice)


def looked_up(checks: Sequence[tuple[str, Check]]) -> list[Finding]:
    """Run all checks at once; return what they find, in the order of the checks.

    A question that AWS does not answer is a note: what is checked may be right all the same.
    """
    if not checks:
        return []
    with ThreadPoolExecutor(len(checks), thread_name_prefix="check") as pool:
        found = pool.map(lambda check: list(_guarded(*check)), checks)
        return [finding for findings in found for finding in findings]


def _guarded(subject: str, check: Check) -> Iterator[Finding]:
    try:
        yield from check()
    except ServiceError as error:
        advice = "deploying may work all the same"
        yield note(subject, Code.CHECK_FAILED, f"could not be checked: {error}", advice)


def without(findings: Iterable[Finding], ignored: Collection[str]) -> list[Finding]:
    """Return the findings with those of *ignored* codes as notes."""
    return [
        replace(finding, state=State.NOTE) if finding.code in ignored else finding
        for finding in findings
    ]


def forbidding(findings: Iterable[Finding]) -> list[Finding]:
    """Return what must be mended first."""
    return [finding for finding in findings if finding.state is State.BAD]
