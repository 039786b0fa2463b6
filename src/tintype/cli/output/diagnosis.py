"""The output of `tintype doctor`: the steps, the root cause with its fix, and other findings."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.text import Text

from tintype.cli.output.console import Screen
from tintype.cli.output.json import Document, camel, plain
from tintype.cli.output.text import duration, name_of
from tintype.doctor.diagnosis import StepOutcome, StepResult
from tintype.doctor.findings import Finding

if TYPE_CHECKING:
    from tintype.doctor.run import Examination

_MARKS = {
    StepOutcome.PASSED: ("✓", "bold green"),
    StepOutcome.FAILED: ("✗", "bold red"),
    StepOutcome.SKIPPED: ("-", "dim"),
}
_STEP_WIDTH = 13


def print_step(result: StepResult, screen: Screen) -> None:
    """Print one step as soon as it is known."""
    took = "" if result.milliseconds is None else duration(result.milliseconds / 1000)
    line = Text.assemble(
        _MARKS[result.outcome],
        (
            f" {result.step:<{_STEP_WIDTH}}",
            "" if result.outcome is StepOutcome.PASSED else "bold",
        ),
        (f"{took:>8}  ", "dim"),
        (name_of(result.observed), "dim" if result.outcome is StepOutcome.SKIPPED else ""),
    )
    screen.out.print(line, soft_wrap=True)


def print_examination(found: Examination, screen: Screen, *, everything: bool = False) -> None:
    """Print the diagnosis: the root cause first, then other failures, then notes.

    With *everything*, the internal checks that passed come first.
    """
    diagnosis = found.diagnosis
    screen.out.print()
    if everything and found.facts:
        for fact in found.facts:
            screen.out.print(f"  {fact.part:<20} {fact.observed}", style="dim", soft_wrap=True)
        screen.out.print()
    if diagnosis.root_cause:
        _print(diagnosis.root_cause, screen, "bold red")
        _print_all("Also failing, possibly as a result:", diagnosis.others, screen, "red")
    else:
        screen.out.print(f"No problems found · {duration(found.seconds)}", style="bold green")
    _print_all("Notes:", diagnosis.notes, screen, "yellow")


def print_left(image_id: str | None, api_url: str, screen: Screen) -> None:
    """If the test image could not be deleted, print the command that deletes it from this stack."""
    if image_id:
        command = shlex.join(["tintype", "delete", image_id, "--endpoint", api_url])
        remark = f"The doctor could not delete its test image. Delete it with: {command}"
        screen.err.print(remark, style="yellow", soft_wrap=True)


def _print_all(heading: str, findings: Iterable[Finding], screen: Screen, style: str) -> None:
    listed = list(findings)
    if listed:
        screen.out.print(f"\n{heading}", style="bold")
    for finding in listed:
        _print(finding, screen, style)


def _print(finding: Finding, screen: Screen, style: str) -> None:
    mark = Text.assemble(
        ("✗ " if style != "yellow" else "! ", style), (f"{finding.code}: ", style), finding.message
    )
    screen.out.print(mark, soft_wrap=True)
    for line in finding.evidence:
        screen.out.print(Text(f"    {name_of(line)}", "dim"), soft_wrap=True)
    if finding.remedy:
        screen.out.print(Text.assemble(("  → ", "bold"), finding.remedy), soft_wrap=True)


def examination_document(found: Examination, title: str) -> dict[str, Document]:
    """Return what `tintype doctor --json` prints."""
    diagnosis = found.diagnosis
    return {
        "stack": title,
        "healthy": diagnosis.healthy,
        "rootCause": _document(diagnosis.root_cause) if diagnosis.root_cause else None,
        "others": [_document(one) for one in diagnosis.others],
        "notes": [_document(one) for one in diagnosis.notes],
        "steps": plain(found.results),
        "facts": plain(found.facts),
        "left": found.left,
        "seconds": round(found.seconds, 3),
    }


def _document(finding: Finding) -> Document:
    names = ("code", "message", "remedy", "evidence")
    document = {camel(name): plain(getattr(finding, name)) for name in names}
    return document | {"explains": [step.value for step in sorted(finding.explains)]}
