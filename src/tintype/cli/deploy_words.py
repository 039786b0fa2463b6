"""What `tintype deploy` says: the checks as a table, the plan, the addresses; as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version

from rich.text import Text

from tintype.cli.deploying import following, which
from tintype.cli.documents import Document, camel
from tintype.cli.screen import Screen
from tintype.cli.words import count
from tintype.deployment.certificates import certificate_stack_name
from tintype.deployment.changes import Change, Effect, Plan, Setting, by_kind
from tintype.deployment.clients import GLOBAL_REGION
from tintype.deployment.findings import Finding, State
from tintype.deployment.parameters import setting_name
from tintype.deployment.phases import Phase

MARKS = {State.GOOD: ("✓", "green"), State.NOTE: ("!", "bold yellow"), State.BAD: ("✗", "bold red")}
SIGNS = {
    Effect.ADDED: ("+", "green"),
    Effect.CHANGED: ("~", "yellow"),
    Effect.PERHAPS_REPLACED: ("?", "bold yellow"),
    Effect.REPLACED: ("!", "bold red"),
    Effect.REMOVED: ("-", "red"),
}
STOPPED = {
    Phase.LOOKING: "Stopped; nothing was changed.",
    Phase.CLEARED: "Stopped; what was left of {name} is deleted, and nothing else was changed.",
    Phase.ASKING: (
        "Stopped; the stack {name} is as it was, but the changes that were asked for, or a packages"
        " bucket, may be left. The next deployment takes them over."
    ),
    Phase.CERTIFYING: (
        "Stopped; the stack {name} is as it was, but AWS may go on with the certificate, in the stack"
        " {certificate} in {where}. Run the command again to go on."
    ),
    Phase.SENDING: (
        "Stopped; the stack {name} is as it was, and what was sent stays in its packages bucket."
        " Run the command again to go on."
    ),
    Phase.PUBLISHING: (
        "Stopped; the stack {name} is done, but its page may be published in part."
        " Run the command again to go on."
    ),
    Phase.DONE: "Stopped; all was done: {name} is deployed, with its page.",
}  # what is true then; while CloudFormation is at work there is more to say
LISTED_PROPERTIES = 5
ADDRESSES = {
    "CdnUrl": "Page",
    "ApiUrl": "HTTP API",
    "GraphqlUrl": "GraphQL",
    "OriginalsBucket": "Originals",
    "RenditionsBucket": "Renditions",
}


def show_findings(findings: Sequence[Finding], screen: Screen) -> None:
    """Show the checks' table, each subject once."""
    width = max((len(finding.subject) for finding in findings), default=0)
    before = ""
    for finding in findings:
        subject = "" if finding.subject == before else finding.subject
        before = finding.subject
        mark, style = MARKS[finding.state]
        line = Text.assemble((f"{mark} ", style), (f"{subject:<{width}}  ", "bold"))
        if finding.code and finding.state is not State.GOOD:
            line.append(
                f"{finding.code}: ", style="red" if finding.state is State.BAD else "yellow"
            )
        line.append(finding.message)
        screen.err.print(line, soft_wrap=True)
        if finding.advice:
            screen.err.print(f"{'':<{width + 4}}→ {finding.advice}", style="dim", soft_wrap=True)


def show_plan(plan: Plan, title: str, screen: Screen) -> None:
    """Show what would change, and what would be lost."""
    if not plan.changes:
        screen.err.print(f"{title} is as it should be; nothing but the page is published.")
    elif plan.is_new:
        screen.err.print(Text.assemble((title, "bold"), " would be created:"))
        screen.err.print(f"  {by_kind(plan.changes)}", style="dim", soft_wrap=True)
    else:
        screen.err.print(Text.assemble((title, "bold"), f" would change: {plan.summary}"))
        for effect in Effect:
            for change in plan.of(effect):
                screen.err.print(_line(change), soft_wrap=True)
        if plan.following:
            said = f"  … and {len(plan.following)} that name them"
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
    """Print where everything is, and what one does next."""
    width = max(len(title) for title in ADDRESSES.values())
    for name, title in ADDRESSES.items():
        if outputs.get(name):
            screen.out.print(
                Text.assemble((f"{title:<{width}}  ", "bold"), outputs[name]), soft_wrap=True
            )


def next_steps(name: str, region: str) -> list[str]:
    """Return the commands that one tries first."""
    options = which(name, region)
    return [f"tintype doctor {options}", f"tintype upload PHOTOS {options}"]


def stopped(phase: Phase, name: str, region: str) -> list[str]:
    """Return what to say when Ctrl-C ends a deployment: what is true of the stack by then.

    >>> stopped(Phase.CLEARED, "tintype", "eu-central-1")
    ['Stopped; what was left of tintype is deleted, and nothing else was changed.']
    """
    if phase is Phase.CLEARING:
        return following(name, region)
    if phase is Phase.CHANGING:
        back = f"aws cloudformation cancel-update-stack --stack-name {name} --region {region}"
        return [*following(name, region), f"To go back while it is an update: {back}"]
    certificate = certificate_stack_name(name)
    return [STOPPED[phase].format(name=name, certificate=certificate, where=GLOBAL_REGION)]


def findings_document(
    findings: Sequence[Finding], *, account: str | None, region: str | None, stack: str
) -> Document:
    """Return what `tintype deploy --check --json` prints."""
    return {
        "tintype": version("tintype"),
        "stack": stack,
        "account": account,
        "region": region,
        "ready": all(finding.state is not State.BAD for finding in findings),
        "findings": [
            {
                "subject": finding.subject,
                "state": finding.state.value,
                "code": finding.code and finding.code.value,
                "message": finding.message,
                "advice": finding.advice,
            }
            for finding in findings
        ],
    }


def plan_document(plan: Plan, *, stack: str, account: str, region: str) -> Document:
    """Return what `tintype deploy --plan --json` prints."""
    return {
        "tintype": version("tintype"),
        "stack": stack,
        "account": account,
        "region": region,
        "isNew": plan.is_new,
        "counts": {
            **{camel(effect.name.lower()): len(plan.of(effect)) for effect in Effect},
            "following": len(plan.following),
        },
        "changes": [_change_document(change) for change in plan.changes],
        "settings": [
            {"name": setting.name, "before": setting.before, "after": setting.after}
            for setting in plan.settings
        ],
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


def question(plan: Plan, title: str) -> str:
    """Return what is asked before anything is done."""
    if plan.is_new:
        return f"Create {title}?"
    if plan.losses:
        return f"Update {title}, and lose {count(len(plan.losses), 'thing')} listed above?"
    return f"Update {title}?"
