"""What a deployment needs as policies of IAM, ready to attach: `tintype deploy --policy` prints them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from tintype.deployment.actions import Needs, needs_of_deployer
from tintype.deployment.wanted import Wanted

LONGEST = 6_144  # characters of a managed policy, without white space
MOST = 10  # managed policies that a user or a role can have


def needed_policies(
    wanted: Wanted, *, account: str, region: str, partition: str = "aws"
) -> list[str]:
    """Return the policies of whoever deploys, updates and destroys what is wanted."""
    needs = needs_of_deployer(wanted, account=account, region=region, partition=partition)
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
    """Return the statements; one that is too long for a document is divided."""
    for resources, actions in sorted(needs.actions.items()):
        rest = sorted(actions)
        while rest:
            number = _how_many_fit(rest, resources)
            yield _statement(rest[:number], resources)
            rest = rest[number:]


def _how_many_fit(actions: Sequence[str], resources: Sequence[str]) -> int:
    number = len(actions)
    while len(_document([_statement(actions[:number], resources)])) > LONGEST:
        number //= 2
    return number


def _statement(actions: Sequence[str], resources: Sequence[str]) -> dict[str, object]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def _document(statements: Sequence[Mapping[str, object]]) -> str:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return json.dumps(document, separators=(",", ":"))
