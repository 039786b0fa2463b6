"""`tintype deploy`: deploy the service to an AWS account, or update the existing stack."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from tintype.cli.confirmation import Account, DeployedStack
from tintype.cli.connection import Profile, Region, Yes, confirm, is_interactive
from tintype.cli.options import USAGE, ConfigPath, Json, reported_errors
from tintype.cli.output.console import Screen, open_screen
from tintype.cli.output.json import Document, print_document
from tintype.cli.output.text import duration
from tintype.cli.stack import DEFAULT_NAME
from tintype.deployment.checks.findings import CheckFinding, forbidding, without
from tintype.deployment.errors import ChecksFailedError, LossNotAllowedError, StackStuckError
from tintype.outputs import Output
from tintype.releases import ACCESS

if TYPE_CHECKING:
    from tintype.deployment.changes import ChangePlan
    from tintype.deployment.checks.run import AccountContext
    from tintype.deployment.deploy import Deployment, Prepared
    from tintype.deployment.request import DeployOptions, DeployRequest
    from tintype.deployment.stack_state import StackFacts


@dataclass(frozen=True, slots=True)
class DeployFlags:
    """The flags of the command."""

    check: bool
    plan: bool
    yes: bool
    allow_loss: bool
    json: bool


def deploy(
    *,
    release: Annotated[
        Path | None,
        typer.Option(
            "--release",
            metavar="DIR",
            help="Release folder to deploy. Default: build one from this checkout.",
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
            help="Override a tintype.toml setting for this deployment, e.g. log_days=90. Repeatable.",
            show_default=False,
        ),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter",
            metavar="NAME=VALUE",
            help="Set a template parameter by its own name. Repeatable.",
            show_default=False,
        ),
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            "--tag",
            metavar="KEY=VALUE",
            help="Tag the stack and its resources. Repeatable; without it, existing tags stay.",
            show_default=False,
        ),
    ] = None,
    role_arn: Annotated[
        str,
        typer.Option(
            "--role-arn",
            metavar="ARN",
            envvar="TINTYPE_ROLE_ARN",
            help="Role for CloudFormation to assume instead of using your permissions.",
            show_default=False,
        ),
    ] = "",
    protect: Annotated[
        bool | None,
        typer.Option(
            "--protect/--no-protect",
            help="Turn the stack's deletion protection on or off.",
            show_default=False,
        ),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only check the prerequisites.")] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only show the planned changes and losses.")
    ] = False,
    yes: Yes = False,
    allow_loss: Annotated[
        bool, typer.Option("--allow-loss", help="Continue even if data or addresses would be lost.")
    ] = False,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore",
            metavar="CODE",
            help="Ignore this failed check (by code), e.g. downgrade. Repeatable.",
            show_default=False,
        ),
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="Open the stack to everyone, without sign-in.")
    ] = False,
    rotate: Annotated[
        bool,
        typer.Option(
            "--rotate-signing-keys", help="Make a new key for the addresses of private images."
        ),
    ] = False,
    policy: Annotated[
        bool,
        typer.Option(
            "--policy", help="Only print the IAM policies needed to deploy, one document per line."
        ),
    ] = False,
    account: Account = None,
    profile: Profile = None,
    region: Region = None,
    json: Json = False,
) -> None:
    """Deploy the service to AWS, or update an existing stack.

    Checks the prerequisites, shows the planned changes and losses, and asks for
    confirmation. Settings you omit revert to tintype.toml or the release's
    default, even if you set them last time.

    Examples:
      tintype deploy --region eu-central-1
      tintype deploy --plan --set process_memory_mib=2048
      tintype deploy --public --release dist/release --stack pictures --yes
    """
    # boto3 takes 0.2 s to load, and no other command needs these modules.
    from tintype.deployment.checks.run import (  # noqa: PLC0415
        check_access,
        check_account,
        find_account,
        sorted_for_reading,
    )
    from tintype.deployment.request import DeployOptions, build_request  # noqa: PLC0415

    screen = open_screen(quiet=json)
    flags = DeployFlags(check, plan, yes, allow_loss, json)
    options = DeployOptions(
        stack,
        config,
        release,
        settings or (),
        parameter or (),
        tag or (),
        role_arn,
        protect,
        public,
        rotate,
    )
    if policy:
        with reported_errors(screen, json=json, code=USAGE):
            _print_policies(options, profile, region, account)
        return
    with reported_errors(screen, json=json, code=USAGE):
        request = build_request(options)
        context, findings = find_account(profile, region, account)
        findings += request.findings
        there = None
        if context and not forbidding(findings):
            state = check_account(context, request.stack_parameters)
            there, findings = state.stack, [*findings, *state.findings]
        findings = without(sorted_for_reading(findings), ignore or ())
        wanted = request.stack_parameters
        findings.append(
            check_access(
                wanted.text(ACCESS["mode"]),
                is_open=wanted.is_open,
                confirmed=public,
                deploying=not (check or plan),
            )
        )
        _report_findings(findings, context, options, flags, screen)
        if check or context is None:
            return
        _confirm_cleanup(there, flags)
    _deploy(request, context, flags, screen)


def _print_policies(
    options: DeployOptions, profile: str | None, region: str | None, account: str | None
) -> None:
    """Print the permissions needed to deploy; with an account number, AWS is not called.

    Raises:
        ChecksFailedError: the settings are wrong, or the account or region is unknown.
    """
    from tintype.deployment.actions import BOUNDARY  # noqa: PLC0415
    from tintype.deployment.checks.run import find_account  # noqa: PLC0415
    from tintype.deployment.policies import needed_policies  # noqa: PLC0415
    from tintype.deployment.request import build_request  # noqa: PLC0415

    request = build_request(options)
    findings = list(request.findings)
    if account is None or region is None:
        context, found = find_account(profile, region, account)
        findings += found
        if context:
            account, region = context.account, context.clients.region
    unfit = forbidding(findings)
    if unfit or account is None or region is None:
        raise ChecksFailedError("; ".join(f"{each.message}: {each.advice}" for each in unfit))
    for document in needed_policies(request.stack_parameters, account=account, region=region):
        typer.echo(document)
    if not request.stack_parameters.role and not request.stack_parameters.text(BOUNDARY):
        typer.echo(
            "! These policies allow their holder to gain any permission: they create roles, and no "
            "permissions_boundary limits those roles.",
            err=True,
        )


def _report_findings(
    findings: list[CheckFinding],
    context: AccountContext | None,
    options: DeployOptions,
    flags: DeployFlags,
    screen: Screen,
) -> None:
    """Show the checks.

    Raises:
        ChecksFailedError: something must be fixed first.
    """
    from tintype.cli.output.deploy_plan import findings_document, show_findings  # noqa: PLC0415

    unfit = forbidding(findings)
    if flags.json and (flags.check or unfit):
        document = findings_document(
            findings,
            account=context.account if context else None,
            region=context.clients.region if context else None,
            stack=options.stack,
        )
        print_document(document)
        if unfit:
            raise typer.Exit(USAGE)
    if not flags.json:
        show_findings(findings, screen)
    if unfit:
        message = f"{len(unfit)} of {len(findings)} checks failed; nothing was changed"
        raise ChecksFailedError(message)


def _confirm_cleanup(there: StackFacts | None, flags: DeployFlags) -> None:
    """Ask before deleting the remains of a failed creation.

    Raises:
        StackStuckError: it must be deleted first, but only a plan was requested.
        NotConfirmedError: the answer is no, or there is no terminal to ask on.
    """
    from tintype.deployment.stack_state import Condition  # noqa: PLC0415

    if there is None or there.condition is not Condition.NEVER_CAME:
        return
    if flags.plan:
        message = f"{there.name} is {there.status}; without --plan, it is deleted and created again"
        raise StackStuckError(message)
    confirm(
        f"Delete what is left of {there.name}, whose creation failed?",
        yes=flags.yes,
        json=flags.json,
    )


def _deploy(
    request: DeployRequest, context: AccountContext, flags: DeployFlags, screen: Screen
) -> None:
    from tintype.cli.output.deploy_progress import Board  # noqa: PLC0415
    from tintype.deployment.deploy import Deployment  # noqa: PLC0415

    start = perf_counter()
    name, region = request.stack_parameters.stack, context.clients.region
    working: list[Deployment] = []

    def interrupted() -> list[str]:
        from tintype.cli.output.deploy_plan import stopped  # noqa: PLC0415
        from tintype.deployment.phases import Phase  # noqa: PLC0415

        phase = working[0].phase if working else Phase.CHECKING
        return stopped(phase, name, region)

    with reported_errors(screen, json=flags.json, interrupted=interrupted):
        with Board(screen) as board:
            if request.release is None:
                board.step("building the release: packages, page, template")
            release, parameters = request.complete()
            deployment = Deployment(context, release, name, parameters, board, request.options)
            working.append(deployment)
            prepared = deployment.prepare()
        if not _agreed(deployment, prepared, flags, screen):
            return
        with Board(screen) as board:
            deployment.reporter = board
            outputs = deployment.apply(prepared)
    outcome = (
        "created" if prepared.plan.is_new else "updated" if prepared.plan.changes else "unchanged"
    )
    facts = {"stack": name, "account": context.account, "region": region, "outcome": outcome}
    _print_done(facts, outputs, perf_counter() - start, None if flags.json else screen)


def _agreed(deployment: Deployment, prepared: Prepared, flags: DeployFlags, screen: Screen) -> bool:
    """Show the plan, and return whether to execute it; otherwise discard it.

    Raises:
        LossNotAllowedError: something would be lost, and there is no terminal to ask on.
        NotConfirmedError: the answer is no, or there is no terminal to ask on.
    """
    from tintype.cli.output.deploy_plan import plan_document, question, show_plan  # noqa: PLC0415

    plan, context = prepared.plan, deployment.context
    region = context.clients.region
    title = f"stack {deployment.name} in {region}"
    agreed = False
    try:
        if prepared.certificate_missing and not flags.json:
            screen.err.print(
                "A certificate will be created first, in a separate stack in us-east-1."
            )
        if not flags.json:
            show_plan(plan, title, screen)
        if not flags.plan:
            _allow(plan, title, flags)
            if plan.changes:
                confirm(question(plan, title), yes=flags.yes, json=flags.json)
            agreed = True
    finally:
        if not agreed:
            deployment.discard(prepared)
    if flags.plan and flags.json:
        facts = {"stack": deployment.name, "account": context.account, "region": region}
        print_document(plan_document(plan, **facts))
    return agreed


def _allow(plan: ChangePlan, title: str, flags: DeployFlags) -> None:
    """Refuse losses that the user cannot confirm.

    Raises:
        LossNotAllowedError: something would be lost, and there is no terminal to ask on.
    """
    if plan.losses and not flags.allow_loss and (flags.yes or not is_interactive(json=flags.json)):
        lost = "; ".join(f"{change.title}: {change.lost}" for change in plan.losses)
        message = f"{title} would lose {lost}. Pass --allow-loss to continue anyway"
        raise LossNotAllowedError(message)


def _print_done(
    facts: dict[str, str], outputs: dict[str, str], seconds: float, screen: Screen | None
) -> None:
    """Print the addresses and next steps; as JSON without a *screen*."""
    from tintype.cli.output.deploy_plan import next_steps, show_addresses  # noqa: PLC0415

    access = outputs.get(Output.ACCESS, "")
    if screen is None:
        document: dict[str, Document] = {
            **facts,
            "access": access,
            "outputs": {key: outputs[key] for key in sorted(outputs)},
            "seconds": round(seconds, 3),
        }
        print_document(document)
        return
    said = f"✓ stack {facts['stack']} in {facts['region']} {facts['outcome']} · {duration(seconds)}"
    screen.err.print(said, style="bold green")
    show_addresses(outputs, screen)
    if access:
        screen.err.print(Text.assemble(("! ", "bold yellow"), access), soft_wrap=True)
    screen.err.print("Next:", style="dim")
    mode = outputs.get(Output.ACCESS_MODE, "")
    for step in next_steps(facts["stack"], facts["region"], mode=mode):
        screen.err.print(f"  {step}", style="dim", soft_wrap=True)
