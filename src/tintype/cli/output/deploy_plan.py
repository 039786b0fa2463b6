"""The output of `tintype deploy`: checks, plan and addresses, as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from tintype.access import AccessMode
from tintype.aws.account import GLOBAL_REGION
from tintype.cli.confirmation import following, which
from tintype.cli.output.console import Screen
from tintype.cli.output.json import Document, camel, plain
from tintype.cli.output.text import count
from tintype.deployment.changes import Change, ChangePlan, Effect, Setting, by_kind
from tintype.deployment.checks.findings import CheckFinding, CheckState
from tintype.deployment.parameters import setting_name
from tintype.deployment.phases import Phase
from tintype.outputs import Output
from tintype.releases import certificate_stack_name

MARKS = {
    CheckState.GOOD: ("✓", "green"),
    CheckState.NOTE: ("!", "bold yellow"),
    CheckState.BAD: ("✗", "bold red"),
}
SIGNS = {
    Effect.ADDED: ("+", "green"),
    Effect.CHANGED: ("~", "yellow"),
    Effect.PERHAPS_REPLACED: ("?", "bold yellow"),
    Effect.REPLACED: ("!", "bold red"),
    Effect.REMOVED: ("-", "red"),
}
STOPPED = {
    Phase.CHECKING: "Stopped; nothing was changed.",
    Phase.CLEARED: "Stopped; what was left of {name} is deleted, and nothing else was changed.",
    Phase.PLANNING: (
        "Stopped; the stack {name} is unchanged, but a change set or a packages bucket may be left"
        " behind. The next deployment uses the bucket, and needs no old change set."
    ),
    Phase.CERTIFYING: (
        "Stopped; the stack {name} is unchanged, but AWS may still be creating the certificate, in"
        " the stack {certificate} in {where}. Run the command again to continue."
    ),
    Phase.UPLOADING: (
        "Stopped; the stack {name} is unchanged, and uploaded files stay in its packages bucket."
        " Run the command again to continue."
    ),
    Phase.PUBLISHING: (
        "Stopped; the stack {name} is deployed, but its page may be only partly published."
        " Run the command again to continue."
    ),
    Phase.DONE: "Stopped; nothing was left to do: {name} and its page are deployed.",
}  # the stack's state then; CHANGING and CLEARING have longer messages
LISTED_PROPERTIES = 5
ADDRESSES = {
    Output.CDN_URL: "Page",
    Output.API_URL: "HTTP API",
    Output.GRAPHQL_URL: "GraphQL",
    Output.ORIGINALS_BUCKET: "Originals",
    Output.RENDITIONS_BUCKET: "Renditions",
}


def show_findings(findings: Sequence[CheckFinding], screen: Screen) -> None:
    """Show the checks' table, each subject once."""
    width = max((len(finding.subject) for finding in findings), default=0)
    before = ""
    for finding in findings:
        subject = "" if finding.subject == before else finding.subject
        before = finding.subject
        mark, style = MARKS[finding.state]
        line = Text.assemble((f"{mark} ", style), (f"{subject:<{width}}  ", "bold"))
        if finding.code and finding.state is not CheckState.GOOD:
            line.append(
                f"{finding.code}: ", style="red" if finding.state is CheckState.BAD else "yellow"
            )
        line.append(finding.message)
        screen.err.print(line, soft_wrap=True)
        if finding.advice:
            screen.err.print(f"{'':<{width + 4}}→ {finding.advice}", style="dim", soft_wrap=True)


def show_plan(plan: ChangePlan, title: str, screen: Screen) -> None:
    """Show what would change, and what would be lost."""
    if not plan.changes:
        screen.err.print(f"{title} is up to date; only the page is published.")
    elif plan.is_new:
        screen.err.print(Text.assemble((title, "bold"), " would be created:"))
        screen.err.print(f"  {by_kind(plan.changes)}", style="dim", soft_wrap=True)
    else:
        screen.err.print(Text.assemble((title, "bold"), f" would change: {plan.summary}"))
        for effect in Effect:
            for change in plan.of(effect):
                screen.err.print(_line(change), soft_wrap=True)
        if plan.following:
            said = f"  … and {len(plan.following)} that refer to them"
            screen.err.print(said, style="dim")
    if plan.settings:
        screen.err.print("Settings:" if plan.is_new else "Settings that change:")
        for setting in plan.settings:
            screen.err.print(_setting(setting), soft_wrap=True)
    if plan.losses:
        screen.err.print("Would be lost:", style="bold red")
        for change in plan.losses:
            name = f" {change.physical_id}" if change.physical_id else ""
            text = f"  ✗ {change.title}{name}, {change.effect}: {change.lost}"
            screen.err.print(text, style="red", soft_wrap=True)


def _line(change: Change) -> Text:
    sign, style = SIGNS[change.effect]
    line = Text.assemble((f"  {sign} ", style), change.title)
    shown = change.properties[:LISTED_PROPERTIES]
    if shown:
        more = ", …" if len(change.properties) > LISTED_PROPERTIES else ""
        line.append(f"  {', '.join(shown)}{more}", style="dim")
    if change.effect not in {Effect.ADDED, Effect.CHANGED}:
        line.append(f"  {change.effect}", style=style)
    return line


def _setting(setting: Setting) -> Text:
    before = "" if setting.before is None else f"{setting.before or 'none'} → "
    return Text.assemble(
        f"  {setting_name(setting.name)}  ", (before, "dim"), setting.after or "none"
    )


def show_addresses(outputs: Mapping[str, str], screen: Screen) -> None:
    """Print the stack's addresses."""
    width = max(len(title) for title in ADDRESSES.values())
    for name, title in ADDRESSES.items():
        if outputs.get(name):
            screen.out.print(
                Text.assemble((f"{title:<{width}}  ", "bold"), outputs[name]), soft_wrap=True
            )


def next_steps(name: str, region: str, *, mode: str = "") -> list[str]:
    """Return commands to try first, by access mode."""
    steps = {
        "users add YOU@EXAMPLE.COM --admin": mode == AccessMode.COGNITO,
        "doctor": True,
        "login": mode in {AccessMode.COGNITO, AccessMode.OIDC},
        "upload PHOTOS": True,
    }
    options = which(name, region)
    return [f"tintype {step} {options}" for step, is_needed in steps.items() if is_needed]


def stopped(phase: Phase, name: str, region: str) -> list[str]:
    """Return the message for Ctrl-C during a deployment: the stack's state by then.

    >>> stopped(Phase.CLEARED, "tintype", "eu-central-1")
    ['Stopped; what was left of tintype is deleted, and nothing else was changed.']
    """
    if phase is Phase.CLEARING:
        return following(name, region)
    if phase is Phase.CHANGING:
        back = f"aws cloudformation cancel-update-stack --stack-name {name} --region {region}"
        return [*following(name, region), f"To cancel an update: {back}"]
    certificate = certificate_stack_name(name)
    return [STOPPED[phase].format(name=name, certificate=certificate, where=GLOBAL_REGION)]


def findings_document(
    findings: Sequence[CheckFinding], *, account: str | None, region: str | None, stack: str
) -> dict[str, Document]:
    """Return what `tintype deploy --check --json` prints."""
    return {
        "stack": stack,
        "account": account,
        "region": region,
        "ready": all(finding.state is not CheckState.BAD for finding in findings),
        "findings": plain(findings),
    }


def plan_document(
    plan: ChangePlan, *, stack: str, account: str, region: str
) -> dict[str, Document]:
    """Return what `tintype deploy --plan --json` prints."""
    return {
        "stack": stack,
        "account": account,
        "region": region,
        "isNew": plan.is_new,
        "counts": {
            **{camel(effect.name.lower()): len(plan.of(effect)) for effect in Effect},
            "following": len(plan.following),
        },
        "changes": [_change_document(change) for change in plan.changes],
        "settings": plain(plan.settings),
        "losses": [_change_document(change) for change in plan.losses],
    }


def _change_document(change: Change) -> dict[str, Document]:
    return {
        "effect": change.effect.value,
        "title": change.title,
        "logicalId": change.logical_id,
        "resourceType": change.resource_type,
        "physicalId": change.physical_id or None,
        "follows": change.follows,
        "properties": list(change.properties),
        "loss": change.loss and change.loss.value,
        "lost": change.lost if change.loss else None,
    }


def question(plan: ChangePlan, title: str) -> str:
    """Return the confirmation question."""
    if plan.is_new:
        return f"Create {title}?"
    if plan.losses:
        return f"Update {title} and lose the {count(len(plan.losses), 'thing')} listed above?"
    return f"Update {title}?"
