"""What the checks before a deployment find: a table of facts, some of which forbid to continue."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from tintype.aws.errors import ServiceError


class Code(StrEnum):
    """The stable name of each problem that a check can find."""

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


class CheckState(StrEnum):
    """Whether a fact stops the deployment."""

    GOOD = "good"
    NOTE = "note"  # worth knowing
    BAD = "bad"  # the deployment does not begin


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One fact; a problem has a *code* and *advice*."""

    subject: str
    state: CheckState
    message: str
    code: Code | None = None
    advice: str = ""


Check: TypeAlias = "Callable[[], Iterable[CheckFinding]]"


def good(subject: str, message: str) -> CheckFinding:
    """Return a fact that is all right."""
    return CheckFinding(subject, CheckState.GOOD, message)


def note(subject: str, code: Code, message: str, advice: str = "") -> CheckFinding:
    """Return a fact worth knowing."""
    return CheckFinding(subject, CheckState.NOTE, message, code, advice)


def bad(subject: str, code: Code, message: str, advice: str) -> CheckFinding:
    """Return a fact that stops the deployment."""
    return CheckFinding(subject, CheckState.BAD, message, code, advice)


def looked_up(checks: Sequence[tuple[str, Check]]) -> list[CheckFinding]:
    """Run all checks at once; return what they find, in the order of the checks.

    A request that AWS does not answer is a note, since its subject may be all right.
    """
    if not checks:
        return []
    with ThreadPoolExecutor(len(checks), thread_name_prefix="check") as pool:
        found = pool.map(lambda check: list(_guarded(*check)), checks)
        return [finding for findings in found for finding in findings]


def _guarded(subject: str, check: Check) -> Iterator[CheckFinding]:
    try:
        yield from check()
    except ServiceError as error:
        advice = "deploying may work anyway"
        yield note(subject, Code.CHECK_FAILED, f"could not be checked: {error}", advice)


def without(findings: Iterable[CheckFinding], ignored: Collection[str]) -> list[CheckFinding]:
    """Return the findings with those of *ignored* codes as notes."""
    return [
        replace(finding, state=CheckState.NOTE) if finding.code in ignored else finding
        for finding in findings
    ]


def forbidding(findings: Iterable[CheckFinding]) -> list[CheckFinding]:
    """Return what stops the deployment."""
    return [finding for finding in findings if finding.state is CheckState.BAD]
