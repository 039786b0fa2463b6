"""Checks of the stack, its name and its packages bucket."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tintype.aws.errors import AccessDeniedError, InvalidRequestError
from tintype.aws.sdk import Clients
from tintype.deployment.artifacts import PackagesBucket, bucket_name
from tintype.deployment.checks.findings import CheckFinding, Code, bad, good, note
from tintype.deployment.stack_parameters import StackParameters
from tintype.deployment.stack_state import Condition, StackFacts

LOCAL = "local"  # what the other commands call the local cloud
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")


def check_stack(stack: StackFacts | None, parameters: StackParameters) -> Iterator[CheckFinding]:
    """Report the stack of that name, and what forbids changing it."""
    if stack is None or stack.condition is Condition.NEW:
        yield good("stack", f"{parameters.stack} will be created")
        return
    if not stack.is_ours:
        message = (
            f"{stack.name} belongs to another application: {stack.description or 'no description'}"
        )
        yield bad("stack", Code.NOT_TINTYPE, message, "choose another name with --stack")
        return
    yield _condition(stack)
    if stack.version and _number(parameters.version) < _number(stack.version):
        message = f"{stack.name} has version {stack.version}; this is {parameters.version}"
        yield bad(
            "version",
            Code.DOWNGRADE,
            message,
            f"to downgrade anyway: --ignore {Code.DOWNGRADE}",
        )


def _condition(stack: StackFacts) -> CheckFinding:
    said = f"{stack.name} is {stack.status}"
    if stack.condition is Condition.BUSY:
        return note(
            "stack",
            Code.STACK_BUSY,
            f"{said}: another change is in progress",
            "this deployment waits until it ends",
        )
    if stack.condition is Condition.NEVER_CAME:
        return note(
            "stack",
            Code.STACK_NEVER_CAME,
            f"{said}: it cannot be updated",
            "it will be deleted and created again",
        )
    if stack.condition in {Condition.STUCK, Condition.HALF_GONE}:
        message = f"{said}: {stack.reason}".rstrip(": ")
        return bad("stack", Code.STACK_STUCK, message, stack.recovery)
    of = f", version {stack.version}" if stack.version else ""
    return good("stack", f"{stack.name} will be updated ({stack.status}{of})")


def _number(version: str) -> tuple[int, ...]:
    """Return a version as something to compare.

    >>> _number("0.10.1") > _number("0.9"), _number("0.2.0") == _number("0.2.0.dev3")
    (True, True)
    """
    return tuple(int(part) for part in version.split(".")[:3] if part.isdigit())


def check_name(name: str) -> Iterator[CheckFinding]:
    """Check that CloudFormation accepts the stack's name."""
    if name == LOCAL:
        advice = "`tintype up` deploys that one; choose another name with --stack"
        yield bad("stack", Code.WRONG_PARAMETER, "local is the name of the local cloud", advice)
    elif not _NAME.fullmatch(name):
        advice = "a letter, then letters, digits and hyphens; at most 128 characters"
        yield bad("stack", Code.WRONG_PARAMETER, f"{name!r} is not a valid stack name", advice)


def check_bucket(
    clients: Clients, account: str, parameters: StackParameters
) -> Iterator[CheckFinding]:
    """Check that the packages bucket's name is free, or the account's own."""
    name = bucket_name(parameters.stack, account, clients.region)
    try:
        there = PackagesBucket(clients, name, account).exists()
    except (AccessDeniedError, InvalidRequestError) as error:
        message = f"{name} belongs to another account, or s3:ListBucket is missing: {error}"
        advice = "choose another --stack, or ask for s3:ListBucket on it"
        yield bad("packages bucket", Code.BUCKET_NOT_OURS, message, advice)
        return
    yield good("packages bucket", f"{name} {'exists' if there else 'will be created'}")
