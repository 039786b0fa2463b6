"""What `tintype doctor` prints: the stations, the culprit with what to do, and the rest after it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from importlib.metadata import version
from typing import TYPE_CHECKING

from rich.text import Text

from tintype.cli.documents import Document, camel, plain
from tintype.cli.screen import Screen
from tintype.cli.words import duration, name_of
from tintype.doctor.findings import Finding
from tintype.doctor.verdict import Leg, Outcome

if TYPE_CHECKING:
    from tintype.doctor.examination import Examination

_MARKS = {
    Outcome.PASSED: ("✓", "bold green"),
    Outcome.BROKE: ("✗", "bold red"),
    Outcome.SKIPPED: ("-", "dim"),
}
_STATION_WIDTH = 13


def say_leg(leg: Leg, screen: Screen) -> None:
    """Print one station as soon as it is known."""
    took = "" if leg.milliseconds is None else duration(leg.milliseconds / 1000)
    line = Text.assemble(
        _MARKS[leg.outcome],
        (f" {leg.station:<{_STATION_WIDTH}}", "" if leg.outcome is Outcome.PASSED else "bold"),
        (f"{took:>8}  ", "dim"),
        (name_of(leg.said), "dim" if leg.outcome is Outcome.SKIPPED else ""),
    )
    screen.out.print(line, soft_wrap=True)


def say_examination(found: Examination, screen: Screen, *, everything: bool = False) -> None:
    """Print the verdict: the culprit first, then what is also wrong, then what is to be known.

    With *everything* what is well inside stands before it.
    """
    verdict = found.verdict
    screen.out.print()
    if everything and found.facts:
        for fact in found.facts:
            screen.out.print(f"  {fact.part:<20} {fact.said}", style="dim", soft_wrap=True)
        screen.out.print()
    if verdict.culprit:
        _say(verdict.culprit, screen, "bold red")
        _say_all("Also, perhaps because of it:", verdict.others, screen, "red")
    else:
        screen.out.print(f"All is well · {duration(found.seconds)}", style="bold green")
    _say_all("To know:", verdict.notes, screen, "yellow")


def say_left(image_id: str | None, api_url: str, screen: Screen) -> None:
    """Say which picture is still there, if one is, and how to delete it from this very stack."""
    if image_id:
        command = shlex.join(["tintype", "delete", image_id, "--endpoint", api_url])
        remark = f"The doctor's picture could not be deleted; later: {command}"
        screen.err.print(remark, style="yellow", soft_wrap=True)


def _say_all(heading: str, findings: Iterable[Finding], screen: Screen, style: str) -> None:
    listed = list(findings)
    if listed:
        screen.out.print(f"\n{heading}", style="bold")
    for finding in listed:
        _say(finding, screen, style)


def _say(finding: Finding, screen: Screen, style: str) -> None:
    mark = Text.assemble(
        ("✗ " if style != "yellow" else "! ", style), (f"{finding.code}: ", style), finding.message
    )
    screen.out.print(mark, soft_wrap=True)
    for line in finding.evidence:
        screen.out.print(Text(f"    {name_of(line)}", "dim"), soft_wrap=True)
    if finding.remedy:
        screen.out.print(Text.assemble(("  → ", "bold"), finding.remedy), soft_wrap=True)


def examination_document(found: Examination, title: str) -> Document:
    """Return what `tintype doctor --json` prints."""
    verdict = found.verdict
    return {
        "tintype": version("tintype"),
        "stack": title,
        "healthy": verdict.healthy,
        "culprit": _document(verdict.culprit) if verdict.culprit else None,
        "others": [_document(one) for one in verdict.others],
        "notes": [_document(one) for one in verdict.notes],
        "journey": [plain(leg) for leg in found.legs],
        "facts": [plain(fact) for fact in found.facts],
        "left": found.left,
        "seconds": round(found.seconds, 3),
    }


def _document(finding: Finding) -> Document:
    names = ("code", "message", "remedy", "evidence")
    document = {camel(name): plain(getattr(finding, name)) for name in names}
    return document | {"explains": [station.value for station in sorted(finding.explains)]}
