"""The IAM policies that a deployment needs, as `tintype deploy --policy` prints them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from tintype.deployment.actions import Needs, PolicyCondition, needs_of_deployer
from tintype.deployment.stack_parameters import StackParameters

LONGEST = 6_144  # characters of a managed policy, without white space
MOST = 10  # managed policies that a user or a role can have


def needed_policies(parameters: StackParameters, *, account: str, region: str) -> list[str]:
    """Return the policies for deploying, updating and destroying what is wanted."""
    needs = needs_of_deployer(parameters, account=account, region=region, partition="aws")
    return policies(needs)


def policies(needs: Needs) -> list[str]:
    """Return documents that allow what is needed, each short enough for a managed policy."""
    documents: list[list[Mapping[str, object]]] = [[]]
    for statement in _statements(needs):
        if len(_document([*documents[-1], statement])) > LONGEST:
            documents.append([])
        documents[-1].append(statement)
    return [_document(statements) for statements in documents]


def _statements(needs: Needs) -> Iterator[dict[str, object]]:
    """Yield the statements; one that is too long for a document is split."""
    for resources, condition, actions in needs.grouped():
        limits = {"Resource": list(resources), **_condition(condition)}
        rest = actions
        while rest:
            number = _how_many_fit(rest, limits)
            yield _statement(rest[:number], limits)
            rest = rest[number:]


def _condition(condition: PolicyCondition | None) -> dict[str, object]:
    if condition is None:
        return {}
    return {"Condition": {"StringEquals": {condition.key: list(condition.values)}}}


def _how_many_fit(actions: Sequence[str], limits: Mapping[str, object]) -> int:
    number = len(actions)
    while len(_document([_statement(actions[:number], limits)])) > LONGEST:
        number //= 2
    return number


def _statement(actions: Sequence[str], limits: Mapping[str, object]) -> dict[str, object]:
    return {"Effect": "Allow", "Action": list(actions), **limits}


def _document(statements: Sequence[Mapping[str, object]]) -> str:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return json.dumps(document, separators=(",", ":"))
