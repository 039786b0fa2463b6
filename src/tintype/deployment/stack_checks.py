"""Whether the stack can be created or updated, and its packages bucket be used."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tintype.aws.errors import AccessDeniedError, InvalidRequestError
from tintype.deployment.clients import Clients
from tintype.deployment.findings import Code, Finding, bad, good, note
from tintype.deployment.packages import PackagesBucket, bucket_name
from tintype.deployment.stacks import Condition, StackFacts
from tintype.deployment.wanted import Wanted

LOCAL = "local"  # what the other commands take for the local cloud
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")


def check_stack(stack: StackFacts | None, wanted: Wanted) -> Iterator[Finding]:
    """Say what there is under the stack's name, and whether something forbids to change it."""
    if stack is None or stack.condition is Condition.NEW:
        yield good("stack", f"{wanted.stack} will be created")
        return
    if not stack.is_ours:
        message = f"{stack.name} is another application's: {stack.description or 'it says nothing of itself'}"
        yield bad("stack", Code.NOT_TINTYPE, message, "choose another name with --stack")
        return
    yield _condition(stack)
    if stack.version and _number(wanted.version) < _number(stack.version):
        message = f"{stack.name} is of version {stack.version}, and this is {wanted.version}"
        yield bad(
            "version",
            Code.DOWNGRADE,
            message,
            f"to go back all the same: --ignore {Code.DOWNGRADE}",
        )


def _condition(stack: StackFacts) -> Finding:
    said = f"{stack.name} is {stack.status}"
    if stack.condition is Condition.BUSY:
        return note(
            "stack",
            Code.STACK_BUSY,
            f"{said}: somebody changes it just now",
            "the end of that is waited for",
        )
    if stack.condition is Condition.NEVER_CAME:
        return note(
            "stack",
            Code.STACK_NEVER_CAME,
            f"{said}: it cannot be updated",
            "it will be deleted and created anew",
        )
    if stack.condition in {Condition.STUCK, Condition.HALF_GONE}:
        message = f"{said}: {stack.reason}".rstrip(": ")
        return bad("stack", Code.STACK_STUCK, message, stack.way_out)
    of = f", version {stack.version}" if stack.version else ""
    return good("stack", f"{stack.name} will be updated ({stack.status}{of})")


def _number(version: str) -> tuple[int, ...]:
    """Return a version as something to compare.

    >>> _number("0.10.1") > _number("0.9"), _number("0.2.0") == _number("0.2.0.dev3")
    (True, True)
    """
    return tuple(int(part) for part in version.split(".")[:3] if part.isdigit())


def check_name(name: str) -> Iterator[Finding]:
    """Say whether CloudFormation takes the stack's name."""
    if name == LOCAL:
        advice = "that one is updated by `tintype up`; choose another name with --stack"
        yield bad("stack", Code.WRONG_PARAMETER, "local is the local cloud", advice)
    elif not _NAME.fullmatch(name):
        advice = "letters, digits and hyphens, the first a letter, 128 at most"
        yield bad("stack", Code.WRONG_PARAMETER, f"{name!r} is no name for a stack", advice)


def check_bucket(clients: Clients, account: str, wanted: Wanted) -> Iterator[Finding]:
    """Say whether the packages bucket's name is free or ours."""
    name = bucket_name(wanted.stack, account, clients.region)
    try:
        there = PackagesBucket(clients, name, account).exists()
    except (AccessDeniedError, InvalidRequestError) as error:
        message = f"{name} is not ours, or may not be looked at: {error}"
        advice = "choose another --stack, or ask for s3:ListBucket on it"
        yield bad("packages bucket", Code.BUCKET_NOT_OURS, message, advice)
        return
    yield good("packages bucket", f"{name} {'is there' if there else 'will be created'}")
