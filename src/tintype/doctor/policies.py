"""Resource policies, read: may this service of AWS, on behalf of that resource, do this? Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

Policy: TypeAlias = Mapping[str, Any]  # IAM's own JSON
_SOURCE_TESTS = frozenset({"ArnEquals", "ArnLike", "StringEquals", "StringLike"})


@dataclass(frozen=True, slots=True)
class Visit:
    """A service that comes on behalf of a resource and wants something."""

    service: str  # as in `s3.amazonaws.com`
    action: str
    resource: str
    source_arn: str
    source_account: str


def parsed(text: str | None) -> Policy:
    """Return a policy from the text that services give it as; one without statements if there is none.

    >>> parsed(None)
    {'Version': '2012-10-17', 'Statement': []}
    """
    policy: Policy = json.loads(text) if text else {"Version": "2012-10-17", "Statement": []}
    return policy


def allows(policy: Policy, visit: Visit) -> bool:
    """Whether a policy lets somebody in; a statement that forbids it outweighs all others."""
    effects = {
        statement["Effect"]
        for statement in _several(policy["Statement"])
        if _is_for(statement, visit)
    }
    return effects == {"Allow"}


def with_leave(policy: Policy, visit: Visit) -> dict[str, object]:
    """Return a policy that lets somebody in besides all that it says."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": visit.service},
        "Action": visit.action,
        "Resource": visit.resource,
        "Condition": {"StringEquals": {"AWS:SourceArn": visit.source_arn}},
    }
    return {**policy, "Statement": [*_several(policy["Statement"]), statement]}


def _is_for(statement: Policy, visit: Visit) -> bool:
    return (
        _names(statement.get("Principal"), visit.service)
        and _matches(statement.get("Action"), visit.action)
        and _matches(statement.get("Resource", "*"), visit.resource)
        and all(
            _holds(test, key, wanted, visit)
            for test, conditions in statement.get("Condition", {}).items()
            for key, wanted in conditions.items()
        )
    )


def _names(principal: object, service: str) -> bool:
    if isinstance(principal, Mapping):
        # {"AWS": "*"} is everybody too, services included.
        return _matches(principal.get("Service"), service) or "*" in _several(principal.get("AWS"))
    return principal == "*"


def _holds(test: str, key: str, wanted: object, visit: Visit) -> bool:
    """Whether a condition holds; one that we do not know, such as of TLS, is of no concern here."""
    given = {"aws:sourcearn": visit.source_arn, "aws:sourceaccount": visit.source_account}
    if key.lower() in given:
        return test in _SOURCE_TESTS and _matches(wanted, given[key.lower()])
    return (
        key.lower() != "aws:securetransport"
    )  # services come with TLS; policies forbid what is without


def _matches(patterns: object, given: str) -> bool:
    return any(fnmatchcase(given.lower(), str(one).lower()) for one in _several(patterns))


def _several(value: object) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list | tuple) else (value,)
