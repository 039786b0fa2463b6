"""Whether whoever deploys may do what deploying does, as far as IAM tells."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from tintype.aws.errors import AccessDeniedError, InvalidRequestError, ServiceError
from tintype.deployment.actions import (
    NO_ACTIONS,
    Condition,
    Needs,
    needs_of_deployer,
    needs_of_role,
    unknown_types,
)
from tintype.deployment.clients import Clients, asked
from tintype.deployment.findings import Code, Finding, bad, good, note
from tintype.deployment.wanted import Wanted

AT_ONCE = 6  # simulations; IAM takes few at a time
BATCH = 40  # actions of a simulation
SHOWN = 5  # features that are named
_ASSUMED = re.compile(r"arn:([a-z-]+):sts::(\d+):assumed-role/([^/]+)/.*")
_TRIED = '{"Resources":{"Nothing":{"Type":"AWS::CloudFormation::WaitConditionHandle"}}}'


def check_permissions(
    clients: Clients, account: str, caller: str, wanted: Wanted
) -> Iterator[Finding]:
    """Try CloudFormation without changing anything, and let IAM simulate the rest."""
    try:
        with asked("cloudformation", "ValidateTemplate"):
            clients("cloudformation").validate_template(TemplateBody=_TRIED)
    except AccessDeniedError as error:
        advice = "let whoever looks after the account allow you CloudFormation"
        yield bad("permissions", Code.PERMISSION_MISSING, str(error), advice)
        return
    place = {"account": account, "region": clients.region, "partition": clients.partition}
    source = _principal(clients, caller)
    if source is None:
        yield good("permissions", "not asked: no policy limits the account's root user")
    else:
        yield from _simulated(clients, source, needs_of_deployer(wanted, **place), wanted)
    if wanted.role:
        yield from _simulated(clients, wanted.role, needs_of_role(wanted, **place), wanted)


def _simulated(clients: Clients, source: str, needs: Needs, wanted: Wanted) -> Iterator[Finding]:
    """Let IAM simulate each action, and say which were not asked."""
    who = "CloudFormation's role" if source == wanted.role else "you"
    try:
        verdict = _ask(clients, source, needs)
    except ServiceError as error:
        message = f"IAM does not tell what {who} may do: {error}"
        advice = "what is missing shows while deploying, and is undone"
        yield note("permissions", Code.CHECK_FAILED, message, advice)
        return
    if verdict.denied:
        message = f"{who} may not: {', '.join(sorted(verdict.denied))}"
        advice = f"attach what `tintype deploy --policy` prints; if IAM is wrong: --ignore {Code.PERMISSION_MISSING}"
        yield bad("permissions", Code.PERMISSION_MISSING, message, advice)
        return
    asked_for = needs.asked - len(verdict.unknown)
    message = f"{asked_for} of {needs.known} actions asked of IAM, and {who} may do them"
    left_out = _left_out(needs, verdict.unknown, unknown_types(wanted))
    yield replace(
        good("permissions", f"{message}; not asked: {left_out}" if left_out else message),
        advice="IAM's simulation leaves out conditions, policies of resources and some rules of an organization",
    )


def _left_out(needs: Needs, unknown: Collection[str], types: Sequence[str]) -> str:
    """Return what was not asked, the most first."""
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
        said.append(f"what {', '.join(types)} takes, which this version does not know")
    return "; ".join(said)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What IAM would not allow, and which actions it does not know."""

    denied: frozenset[str]
    unknown: frozenset[str]


def _principal(clients: Clients, caller: str) -> str | None:
    """Return whose policies count: of a session, its role's; None for root, who has none."""
    if caller.endswith(":root"):
        return None
    session = _ASSUMED.fullmatch(caller)
    if session is None:
        return caller
    with asked("iam", "GetRole"):  # its path is not in the session's ARN
        return str(clients("iam").get_role(RoleName=session[3])["Role"]["Arn"])


def _ask(clients: Clients, source: str, needs: Needs) -> _Verdict:
    """Return what IAM says to each action.

    Raises:
        ServiceError: it does not tell.
    """
    iam = clients("iam")

    def simulated(question: _Question) -> _Verdict:
        actions = question.actions
        try:
            with asked("iam", "SimulatePrincipalPolicy"):
                pages = iam.get_paginator("simulate_principal_policy").paginate(
                    PolicySourceArn=source,
                    ActionNames=actions,
                    ResourceArns=question.resources,
                    ContextEntries=question.context,
                )
                results = [result for page in pages for result in page["EvaluationResults"]]
        except InvalidRequestError:  # an action that it does not know spoils the whole question
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
    """Whether IAM allows an action on all resources that were named."""
    decisions = [result["EvalDecision"]]
    decisions += [
        each["EvalResourceDecision"] for each in result.get("ResourceSpecificResults", ())
    ]
    by_organization = result.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations")
    return set(decisions) == {"allowed"} and by_organization is not False


@dataclass(frozen=True, slots=True)
class _Question:
    """What IAM is asked at a time."""

    resources: Sequence[str]
    actions: Sequence[str]
    context: Sequence[Mapping[str, object]]


def _questions(needs: Needs) -> Iterator[_Question]:
    """Return resources and actions, so many at a time; a name that is not known yet is `check`."""
    for resources, actions in needs.actions.items():
        named = [name if name == "*" else name.replace("*", "check") for name in resources]
        by_condition: dict[Condition | None, list[str]] = {}
        for action in sorted(actions):
            by_condition.setdefault(needs.conditions.get(action), []).append(action)
        for condition, ordered in by_condition.items():
            for context in _contexts(condition):
                for start in range(0, len(ordered), BATCH):
                    yield _Question(named, ordered[start : start + BATCH], context)


def _contexts(condition: Condition | None) -> list[list[Mapping[str, object]]]:
    """Return what requests say where policies may look at it: each value is a request of its own."""
    if condition is None:
        return [[]]
    key = {"ContextKeyName": condition.key, "ContextKeyType": "string"}
    return [[{**key, "ContextKeyValues": [value]}] for value in condition.values]
