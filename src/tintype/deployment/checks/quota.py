"""Check of Lambda's concurrency: a function that Lambda does not start costs its message a try."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tintype.aws.sdk import Clients, calling
from tintype.config.service import FAILURES_AT_ONCE
from tintype.deployment.checks.findings import CheckFinding, CheckState, Code, bad, good, note
from tintype.deployment.parameters import setting_name
from tintype.deployment.stack_parameters import StackParameters
from tintype.deployment.stack_state import StackFacts

FOR_THE_API = 4  # concurrent executions for requests, in addition to the queues'
LEAST_OF_A_QUEUE = 2  # concurrent executions, the minimum of SQS
UNRESERVABLE = 100  # concurrent executions that Lambda always keeps unreserved
_OF_A_QUEUE = "Concurrency"  # how the parameters end that limit them
_RENDERS = "RenderConcurrency"  # no queue's, but a reserve
_RESERVES = ("ProcessReserved", "CatalogueReserved", "ApiReserved", _RENDERS)
_REQUEST = 'request more at Service Quotas, AWS Lambda, "Concurrent executions"'


def check_concurrency(
    clients: Clients, parameters: StackParameters, stack: StackFacts | None
) -> Iterator[CheckFinding]:
    """Compare Lambda's concurrent executions with the queues' limits and the reserves."""
    with calling("lambda", "GetAccountSettings"):
        limits = clients("lambda").get_account_settings()["AccountLimit"]
    whole, free = limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"]
    reserved = sum(parameters.number(name) for name in _RESERVES)
    before = sum(int(stack.parameters.get(name) or 0) for name in _RESERVES) if stack else 0
    room = max(0, free + before - UNRESERVABLE)
    too_much = reserved > before and reserved > room
    if too_much:
        message = f"{reserved} concurrent executions are to be reserved, {room} can be"
        advice = f"{_fewer(parameters, reserved, room)}, or {_REQUEST}"
        yield bad("quotas", Code.QUOTA_CONCURRENCY, message, advice)
    queues = {
        name: parameters.number(name)
        for name in parameters.values
        if name.endswith(_OF_A_QUEUE) and name != _RENDERS
    }
    found = _queues(queues, whole)
    if not (too_much and found.state is CheckState.GOOD):
        yield found


def _fewer(parameters: StackParameters, reserved: int, room: int) -> str:
    """Return which reserves to change: that of renders, if it is enough to lower it."""
    others = reserved - parameters.number(_RENDERS)
    if others > room:
        return f"leave out the reserves, also by --set {setting_name(_RENDERS)}=0"
    return f"--set {setting_name(_RENDERS)}={room - others} (0: no reserve, and no maximum)"


def _queues(queues: Mapping[str, int], whole: int) -> CheckFinding:
    """Compare what the functions behind queues may use with what the account has."""
    total = sum(queues.values()) + FAILURES_AT_ONCE
    if total + FOR_THE_API <= whole:
        return good("quotas", f"{whole:,} concurrent executions; the queues may use {total}")
    each = ", ".join(f"{setting_name(name)} {number}" for name, number in queues.items())
    message = (
        f"{whole} concurrent executions in the account; the queues may use {total}: {each}, "
        f"{FAILURES_AT_ONCE} for recording failures"
    )
    smaller = " ".join(
        f"--set {setting_name(name)}={to}" for name, to in _fitted(queues, whole).items()
    )
    if total >= whole:
        advice = f"{smaller}, or {_REQUEST}; to deploy anyway: --ignore {Code.QUOTA_CONCURRENCY}"
        return bad("quotas", Code.QUOTA_CONCURRENCY, message, advice)
    advice = (
        "during a rush requests are refused, and messages lose a try each time they are: "
        f"{smaller}, or {_REQUEST}"
    )
    return note("quotas", Code.QUOTA_CONCURRENCY, message, advice)


def _fitted(queues: Mapping[str, int], whole: int) -> dict[str, int]:
    """Divide what the API and the recording of failures leave among the queues."""
    room = max(0, whole - FOR_THE_API - FAILURES_AT_ONCE)
    total = sum(queues.values())
    return {
        name: max(LEAST_OF_A_QUEUE, min(number, room * number // total))
        for name, number in queues.items()
    }
