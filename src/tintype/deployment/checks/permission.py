"""Check of the caller's permissions, as far as IAM's simulation covers them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from tintype.aws.errors import AccessDeniedError, InvalidRequestError, ServiceError
from tintype.aws.sdk import Clients, calling
from tintype.deployment.actions import (
    NO_ACTIONS,
    Needs,
    PolicyCondition,
    needs_of_deployer,
    needs_of_role,
    unknown_types,
)
from tintype.deployment.checks.findings import CheckFinding, Code, bad, good, note
from tintype.deployment.stack_parameters import StackParameters

NO_CLOUDFORMATION = "ask the account's administrator for access to CloudFormation"
AT_ONCE = 6  # simulations; IAM throttles more
BATCH = 40  # actions of a simulation
SHOWN = 5  # features that are named
_ASSUMED = re.compile(r"arn:([a-z-]+):sts::(\d+):assumed-role/([^/]+)/.*")
_TRIED = '{"Resources":{"Nothing":{"Type":"AWS::CloudFormation::WaitConditionHandle"}}}'


def check_permissions(
    clients: Clients, account: str, caller: str, parameters: StackParameters
) -> Iterator[CheckFinding]:
    """Try CloudFormation without changing anything, and have IAM simulate the rest."""
    try:
        with calling("cloudformation", "ValidateTemplate"):
            clients("cloudformation").validate_template(TemplateBody=_TRIED)
    except AccessDeniedError as error:
        yield bad("permissions", Code.PERMISSION_MISSING, str(error), NO_CLOUDFORMATION)
        return
    place = {"account": account, "region": clients.region, "partition": clients.partition}
    source = _principal(clients, caller)
    if source is None:
        yield good("permissions", "not asked: no policy limits the account's root user")
    else:
        yield from _simulated(clients, source, needs_of_deployer(parameters, **place), parameters)
    if parameters.role:
        yield from _simulated(
            clients, parameters.role, needs_of_role(parameters, **place), parameters
        )


def _simulated(
    clients: Clients, source: str, needs: Needs, parameters: StackParameters
) -> Iterator[CheckFinding]:
    """Have IAM simulate each action, and name those that were not asked."""
    who = "CloudFormation's role" if source == parameters.role else "you"
    try:
        simulation = _ask(clients, source, needs)
    except ServiceError as error:
        message = f"IAM does not report what {who} may do: {error}"
        advice = "CloudFormation rolls back if a permission is missing"
        yield note("permissions", Code.CHECK_FAILED, message, advice)
        return
    if simulation.denied:
        message = f"{who} may not: {', '.join(sorted(simulation.denied))}"
        advice = f"attach what `tintype deploy --policy` prints; if IAM is mistaken: --ignore {Code.PERMISSION_MISSING}"
        yield bad("permissions", Code.PERMISSION_MISSING, message, advice)
        return
    simulated = needs.needed - len(simulation.unknown)
    message = f"{simulated} of {needs.known} actions asked of IAM, and {who} may do them"
    left_out = _left_out(needs, simulation.unknown, unknown_types(parameters))
    yield replace(
        good("permissions", f"{message}; not asked: {left_out}" if left_out else message),
        advice="IAM's simulation leaves out conditions, policies of resources and some rules of an organization",
    )


def _left_out(needs: Needs, unknown: Collection[str], types: Sequence[str]) -> str:
    """Return what was not asked, the largest groups first."""
    unknown = {*unknown, *needs.left_out.get(NO_ACTIONS, ())}
    groups = {
        f"{len(actions)} for {what}": len(actions)
        for what, actions in needs.left_out.items()
        if what != NO_ACTIONS
    }
    ordered = sorted(groups, key=lambda group: (-groups[group], group))
    shown, rest = ordered[:SHOWN], ordered[SHOWN:]
    if rest:
        shown.append(f"{sum(groups[group] for group in rest)} for {len(rest)} more things")
    said = [f"{', '.join(shown)}, which this stack does not have"] if shown else []
    if unknown:
        said.append(f"{len(unknown)} that IAM does not know")
    if types:
        said.append(f"those for {', '.join(types)}, unknown to this version")
    return "; ".join(said)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """The actions that IAM denies, and those that it does not know."""

    denied: frozenset[str]
    unknown: frozenset[str]


def _principal(clients: Clients, caller: str) -> str | None:
    """Return the user or role whose policies count; None for root, which no policy limits."""
    if caller.endswith(":root"):
        return None
    session = _ASSUMED.fullmatch(caller)
    if session is None:
        return caller
    with calling("iam", "GetRole"):  # its path is not in the session's ARN
        return str(clients("iam").get_role(RoleName=session[3])["Role"]["Arn"])


def _ask(clients: Clients, source: str, needs: Needs) -> _Verdict:
    """Return IAM's verdict on all actions.

    Raises:
        ServiceError: it does not answer.
    """

    def simulated(question: _Question) -> _Verdict:
        actions = question.actions
        try:
            pages = clients.pages(
                "iam",
                "simulate_principal_policy",
                PolicySourceArn=source,
                ActionNames=actions,
                ResourceArns=question.resources,
                ContextEntries=question.context,
            )
            results = [result for page in pages for result in page["EvaluationResults"]]
        except InvalidRequestError:  # one unknown action invalidates the request
            if len(actions) == 1:
                return _Verdict(frozenset(), frozenset(actions))
            half = len(actions) // 2
            halves = (actions[:half], actions[half:])
            return _together([simulated(replace(question, actions=part)) for part in halves])
        denied = {result["EvalActionName"] for result in results if not _is_allowed(result)}
        return _Verdict(frozenset(denied), frozenset())

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="simulate") as pool:
        return _together(list(pool.map(simulated, _questions(needs))))


def _together(parts: Sequence[_Verdict]) -> _Verdict:
    return _Verdict(
        frozenset().union(*(part.denied for part in parts)),
        frozenset().union(*(part.unknown for part in parts)),
    )


def _is_allowed(result: Mapping[str, Any]) -> bool:
    """Whether IAM allows an action on all named resources."""
    decisions = [result["EvalDecision"]]
    decisions += [
        each["EvalResourceDecision"] for each in result.get("ResourceSpecificResults", ())
    ]
    by_organization = result.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations")
    return set(decisions) == {"allowed"} and by_organization is not False


@dataclass(frozen=True, slots=True)
class _Question:
    """One request to IAM."""

    resources: Sequence[str]
    actions: Sequence[str]
    context: Sequence[Mapping[str, object]]


def _questions(needs: Needs) -> Iterator[_Question]:
    """Yield the requests; a part of a name that is not known yet becomes `check`."""
    for resources, condition, actions in needs.grouped():
        named = [name if name == "*" else name.replace("*", "check") for name in resources]
        for context in _contexts(condition):
            for start in range(0, len(actions), BATCH):
                yield _Question(named, actions[start : start + BATCH], context)


def _contexts(condition: PolicyCondition | None) -> list[list[Mapping[str, object]]]:
    """Return the context keys of the requests, one request for each value."""
    if condition is None:
        return [[]]
    key = {"ContextKeyName": condition.key, "ContextKeyType": "string"}
    return [[{**key, "ContextKeyValues": [value]}] for value in condition.values]
