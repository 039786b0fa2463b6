"""The verdict: from everything that was found to the one thing to mend first. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tintype.doctor.findings import RANK, SYMPTOMS, Finding, Station, Weight


class Outcome(StrEnum):
    """How a station went."""

    PASSED = "passed"
    BROKE = "broke"
    SKIPPED = "skipped"  # what it needs had broken before, or nobody wanted it


@dataclass(frozen=True, slots=True)
class Leg:
    """One station of the journey: what was seen there, and after how many milliseconds."""

    station: Station
    outcome: Outcome
    said: str = ""
    milliseconds: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to mend first, what else is wrong (mostly because of it), and what is only to be known."""

    culprit: Finding | None
    others: tuple[Finding, ...]
    notes: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing fails."""
        return self.culprit is None


def judge(findings: Iterable[Finding], legs: Sequence[Leg]) -> Verdict:
    """Return what is to be mended first.

    That is what explains the first broken station; else what explains any other; else the first of
    what is wrong besides. Of several, the one that stands highest in `KINDS`. Where nothing inside
    explains a broken station, the station itself is the finding.
    """
    passed = {leg.station for leg in legs if leg.outcome is Outcome.PASSED}
    broken = [leg for leg in legs if leg.outcome is Outcome.BROKE]
    stations = [leg.station for leg in broken]
    found = [*findings, *map(symptom, broken)]
    notes = tuple(one for one in found if _is_over(one, passed, stations))
    wrong = sorted(
        (one for one in found if not _is_over(one, passed, stations)),
        key=lambda one: (_distance(one, stations), RANK[one.code]),
    )
    return Verdict(wrong[0] if wrong else None, tuple(wrong[1:]), notes)


def symptom(leg: Leg) -> Finding:
    """Return a broken station as a finding."""
    kind = SYMPTOMS[leg.station]
    return Finding(
        code=kind.code,
        message=f"{kind.meaning.rstrip('.')}: {leg.said}",
        explains=frozenset({leg.station}),
    )


def _is_over(finding: Finding, passed: Collection[Station], broken: Collection[Station]) -> bool:
    """Whether a finding is no failure: a note, or trouble that the journey came through unharmed."""
    if finding.weight is Weight.SUSPECT:
        return bool(finding.explains.intersection(passed)) and not finding.explains.intersection(
            broken
        )
    return finding.weight is Weight.NOTE


def _distance(finding: Finding, broken: Sequence[Station]) -> int:
    """Return how far a finding is from where the journey broke first."""
    if not broken or broken[0] in finding.explains:
        return 0
    return 1 if finding.explains.intersection(broken) else 2
