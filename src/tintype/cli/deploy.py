"""`tintype deploy`: the service into an AWS account, or the stack that is there to this version."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from tintype.cli.deploying import Account, DeployedStack, can_ask, deploy_errors
from tintype.cli.documents import Document, printed
from tintype.cli.options import USAGE, ConfigPath, Json
from tintype.cli.remote import Profile, Region, Yes, confirm
from tintype.cli.screen import Screen, open_screen
from tintype.cli.stacks import DEFAULT_NAME
from tintype.cli.words import duration
from tintype.deployment.errors import ChecksFailedError, LossNotAllowedError, StackStuckError
from tintype.deployment.findings import Finding, forbidding, without
from tintype.releases import OPEN_TO_ALL

if TYPE_CHECKING:
    from tintype.deployment.changes import Plan
    from tintype.deployment.checks import Place
    from tintype.deployment.intent import Asked, Intent
    from tintype.deployment.stack import Deployment, Prepared
    from tintype.deployment.stacks import StackFacts


@dataclass(frozen=True, slots=True)
class Manner:
    """How the command goes about it."""

    check: bool
    plan: bool
    yes: bool
    allow_loss: bool
    public: bool
    json: bool


def deploy(
    *,
    release: Annotated[
        Path | None,
        typer.Option(
            "--release",
            metavar="DIR",
            help="A release folder to deploy; else one is made from this checkout.",
            show_default=False,
        ),
    ] = None,
    config: ConfigPath = None,
    stack: DeployedStack = DEFAULT_NAME,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="A setting of tintype.toml for this deployment, e.g. log_days=90. Repeatable.",
            show_default=False,
        ),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter",
            metavar="NAME=VALUE",
            help="A parameter of the template, by its own name. Repeatable.",
            show_default=False,
        ),
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            "--tag",
            metavar="KEY=VALUE",
            help="A tag of the stack and all that is in it. Repeatable; without any, tags stay.",
            show_default=False,
        ),
    ] = None,
    role_arn: Annotated[
        str,
        typer.Option(
            "--role-arn",
            metavar="ARN",
            envvar="TINTYPE_ROLE_ARN",
            help="The role that CloudFormation takes on, instead of your own rights.",
            show_default=False,
        ),
    ] = "",
    protect: Annotated[
        bool | None,
        typer.Option(
            "--protect/--no-protect",
            help="Protect the stack against deletion, or end that.",
            show_default=False,
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only look whether everything is there that it needs.")
    ] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only show what would change and what would be lost.")
    ] = False,
    yes: Yes = False,
    allow_loss: Annotated[
        bool, typer.Option("--allow-loss", help="Go on though data or addresses would be lost.")
    ] = False,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore",
            metavar="CODE",
            help="A check's code that is not to stop it, e.g. downgrade. Repeatable.",
            show_default=False,
        ),
    ] = None,
    public: Annotated[
        bool,
        typer.Option(
            "--public",
            help="Confirm that the stack is open: anyone can upload, see and delete images.",
        ),
    ] = False,
    policy: Annotated[
        bool,
        typer.Option(
            "--policy", help="Only print the IAM policies of whoever deploys, one document a line."
        ),
    ] = False,
    account: Account = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Deploy the service to AWS, or update the stack that is there.

    Looks first whether everything is there, shows what would change and what
    would be lost, and asks. What is not set is as tintype.toml or the release
    says, also if it was set before.

    Examples:
      tintype deploy --public --region eu-central-1
      tintype deploy --plan --set develop_memory_mib=2048
      tintype deploy --public --release dist/release --stack pictures --yes
    """
    # boto3 takes 0.2 s to load, and no other command needs all of this.
    from tintype.deployment.checks import (  # noqa: PLC0415
        check_access,
        find_place,
        look_around,
        sorted_for_reading,
    )
    from tintype.deployment.intent import Asked, understand  # noqa: PLC0415

    screen = open_screen(quiet=json)
    manner = Manner(check, plan, yes, allow_loss, public, json)
    asked = Asked(
        stack, config, release, settings or (), parameter or (), tag or (), role_arn, protect
    )
    if policy:
        with deploy_errors(screen, json=json, code=USAGE):
            _print_policies(asked, profile, region, account)
        return
    with deploy_errors(screen, json=json, code=USAGE):
        intent = understand(asked)
        place, findings = find_place(profile, region, account)
        findings += intent.findings
        there = None
        if place and not forbidding(findings):
            around = look_around(place, intent.wanted)
            there, findings = around.stack, [*findings, *around.findings]
        findings = without(sorted_for_reading(findings), ignore or ())
        findings.append(check_access(confirmed=public, deploying=not (check or plan)))
        _told(findings, place, asked, manner, screen)
        if check or place is None:
            return
        _make_way(there, manner)
    _deploy(intent, place, manner, screen, profile)


def _print_policies(
    asked: Asked, profile: str | None, region: str | None, account: str | None
) -> None:
    """Print what whoever deploys needs; with an account's number nothing is asked of AWS.

    Raises:
        ChecksFailedError: the settings are wrong, or nothing says which account and region.
    """
    from tintype.deployment.actions import BOUNDARY  # noqa: PLC0415
    from tintype.deployment.checks import find_place  # noqa: PLC0415
    from tintype.deployment.intent import understand  # noqa: PLC0415
    from tintype.deployment.policies import needed_policies  # noqa: PLC0415

    intent = understand(asked)
    findings = list(intent.findings)
    if account is None or region is None:
        place, found = find_place(profile, region, account)
        findings += found
        if place:
            account, region = place.account, place.clients.region
    unfit = forbidding(findings)
    if unfit or account is None or region is None:
        raise ChecksFailedError("; ".join(f"{each.message}: {each.advice}" for each in unfit))
    for document in needed_policies(intent.wanted, account=account, region=region):
        typer.echo(document)
    if not intent.wanted.role and not intent.wanted.text(BOUNDARY):
        typer.echo(
            "! Whoever holds these can give themselves any right: they write roles, and no "
            "permissions_boundary limits those.",
            err=True,
        )


def _told(
    findings: list[Finding], place: Place | None, asked: Asked, manner: Manner, screen: Screen
) -> None:
    """Show the checks.

    Raises:
        ChecksFailedError: something must be mended first.
    """
    from tintype.cli.deploy_words import findings_document, show_findings  # noqa: PLC0415

    unfit = forbidding(findings)
    if manner.json and (manner.check or unfit):
        document = findings_document(
            findings,
            account=place.account if place else None,
            region=place.clients.region if place else None,
            stack=asked.stack,
        )
        typer.echo(printed(document))
        if unfit:
            raise typer.Exit(USAGE)
    if not manner.json:
        show_findings(findings, screen)
    if unfit:
        message = f"{len(unfit)} of {len(findings)} checks; nothing was changed"
        raise ChecksFailedError(message)


def _make_way(there: StackFacts | None, manner: Manner) -> None:
    """Ask before what is left of a failed creation is deleted.

    Raises:
        StackStuckError: it would have to be deleted, and only a plan is asked for.
        NotConfirmedError: the answer is no, or nobody can be asked.
    """
    from tintype.deployment.stacks import Condition  # noqa: PLC0415

    if there is None or there.condition is not Condition.NEVER_CAME:
        return
    if manner.plan:
        message = (
            f"{there.name} is {there.status}; without --plan it is deleted first, and created anew"
        )
        raise StackStuckError(message)
    confirm(
        f"Delete what is left of {there.name}, which never came to be?",
        yes=manner.yes,
        asking=not manner.json,
    )


def _deploy(
    intent: Intent, place: Place, manner: Manner, screen: Screen, profile: str | None
) -> None:
    from tintype.cli.deploy_board import Board  # noqa: PLC0415
    from tintype.deployment.stack import Deployment  # noqa: PLC0415

    start = perf_counter()
    name, region = intent.wanted.stack, place.clients.region
    working: list[Deployment] = []

    def interrupted() -> list[str]:
        from tintype.cli.deploy_words import stopped  # noqa: PLC0415
        from tintype.deployment.phases import Phase  # noqa: PLC0415

        phase = working[0].phase if working else Phase.LOOKING
        return stopped(phase, name, region)

    with deploy_errors(screen, json=manner.json, interrupted=interrupted):
        with Board(screen) as board:
            if intent.release is None:
                board.step("making the release: packages, page, template")
            release, parameters = intent.complete()
            deployment = Deployment(
                place, release, name, parameters, board, profile, intent.options
            )
            working.append(deployment)
            prepared = deployment.prepare()
        if not _agreed(deployment, prepared, manner, screen):
            return
        with Board(screen) as board:
            deployment.reporter = board
            outputs = deployment.apply(prepared)
    outcome = (
        "created" if prepared.plan.is_new else "updated" if prepared.plan.changes else "unchanged"
    )
    facts = {"stack": name, "account": place.account, "region": region, "outcome": outcome}
    _say_done(facts, outputs, perf_counter() - start, None if manner.json else screen)


def _agreed(deployment: Deployment, prepared: Prepared, manner: Manner, screen: Screen) -> bool:
    """Show the plan, and return whether it is to be carried out; else nothing is left of it.

    Raises:
        LossNotAllowedError: something would be lost, and nobody is there to agree.
        NotConfirmedError: the answer is no, or nobody can be asked.
    """
    from tintype.cli.deploy_words import plan_document, question, show_plan  # noqa: PLC0415

    plan, place = prepared.plan, deployment.place
    region = place.clients.region
    title = f"stack {deployment.name} in {region}"
    agreed = False
    try:
        if prepared.certificate_missing and not manner.json:
            screen.err.print(
                "A certificate will be made first, in a stack of its own in us-east-1."
            )
        if not manner.json:
            show_plan(plan, title, screen)
        if not manner.plan:
            _allow(plan, title, manner)
            if plan.changes:
                confirm(question(plan, title), yes=manner.yes, asking=not manner.json)
            agreed = True
    finally:
        if not agreed:
            deployment.discard(prepared)
    if manner.plan and manner.json:
        facts = {"stack": deployment.name, "account": place.account, "region": region}
        typer.echo(printed(plan_document(plan, **facts)))
    return agreed


def _allow(plan: Plan, title: str, manner: Manner) -> None:
    """Let nothing be lost unseen.

    Raises:
        LossNotAllowedError: something would be, and nobody is there to agree.
    """
    if plan.losses and not manner.allow_loss and (manner.yes or not can_ask(json=manner.json)):
        lost = "; ".join(f"{change.title}: {change.lost}" for change in plan.losses)
        message = f"{title} would lose {lost}. --allow-loss goes on all the same"
        raise LossNotAllowedError(message)


def _say_done(
    facts: dict[str, str], outputs: dict[str, str], seconds: float, screen: Screen | None
) -> None:
    """Print where everything is; as JSON without a *screen*."""
    from tintype.cli.deploy_words import next_steps, show_addresses  # noqa: PLC0415

    if screen is None:
        told: Document = {
            "tintype": version("tintype"),
            **facts,
            "access": OPEN_TO_ALL,
            "outputs": {key: outputs[key] for key in sorted(outputs)},
            "seconds": round(seconds, 3),
        }
        typer.echo(printed(told))
        return
    said = f"✓ stack {facts['stack']} in {facts['region']} {facts['outcome']} · {duration(seconds)}"
    screen.err.print(said, style="bold green")
    show_addresses(outputs, screen)
    screen.err.print(Text.assemble(("! ", "bold yellow"), OPEN_TO_ALL), soft_wrap=True)
    screen.err.print("Next:", style="dim")
    for step in next_steps(facts["stack"], facts["region"]):
        screen.err.print(f"  {step}", style="dim", soft_wrap=True)
