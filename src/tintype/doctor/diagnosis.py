"""The diagnosis: from all findings to the one to fix first. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tintype.doctor.findings import RANK, SYMPTOMS, Finding, Severity, Step


class StepOutcome(StrEnum):
    """How a step ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"  # an earlier step failed, or it was not requested


@dataclass(frozen=True, slots=True)
class StepResult:
    """One step of the canary: what was observed, and how long it took."""

    step: Step
    outcome: StepOutcome
    observed: str = ""
    milliseconds: float | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What to fix first, what else is wrong (mostly because of it), and notes."""

    root_cause: Finding | None
    others: tuple[Finding, ...]
    notes: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing fails."""
        return self.root_cause is None


def judge(findings: Iterable[Finding], results: Sequence[StepResult]) -> Diagnosis:
    """Return what to fix first, and the rest.

    The root cause is what explains the first broken step, else what explains another one, else the
    first other failure; of several, the one that comes first in `FINDING_TYPES`. A broken step without
    an explanation is a finding itself.
    """
    passed = {result.step for result in results if result.outcome is StepOutcome.PASSED}
    broken = [result for result in results if result.outcome is StepOutcome.FAILED]
    steps = [result.step for result in broken]
    found = [*findings, *map(symptom, broken)]
    notes = tuple(one for one in found if _is_over(one, passed, steps))
    wrong = sorted(
        (one for one in found if not _is_over(one, passed, steps)),
        key=lambda one: (_distance(one, steps), RANK[one.code]),
    )
    return Diagnosis(wrong[0] if wrong else None, tuple(wrong[1:]), notes)


def symptom(result: StepResult) -> Finding:
    """Return a broken step as a finding."""
    kind = SYMPTOMS[result.step]
    return Finding(
        code=kind.code,
        message=f"{kind.meaning.rstrip('.')}: {result.observed}",
        explains=frozenset({result.step}),
    )


def _is_over(finding: Finding, passed: Collection[Step], broken: Collection[Step]) -> bool:
    """Whether a finding is not a failure: a note, or trouble that the canary did not meet."""
    if finding.severity is Severity.SUSPECT:
        return bool(finding.explains.intersection(passed)) and not finding.explains.intersection(
            broken
        )
    return finding.severity is Severity.NOTE


def _distance(finding: Finding, broken: Sequence[Step]) -> int:
    """Return how far a finding is from the step at which the canary failed first."""
    if not broken or broken[0] in finding.explains:
        return 0
    return 1 if finding.explains.intersection(broken) else 2
