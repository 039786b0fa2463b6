"""Resource policies: do they allow a service of AWS to act for a resource? Pure."""

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
    """A request that a service makes for the resource *source_arn*."""

    service: str  # as in `s3.amazonaws.com`
    action: str
    resource: str
    source_arn: str
    source_account: str


def parsed(text: str | None) -> Policy:
    """Return a policy from its text; one without statements if there is none."""
    policy: Policy = json.loads(text) if text else {"Statement": []}
    return policy


def allows(policy: Policy, visit: Visit) -> bool:
    """Whether a policy allows a request; one denying statement outweighs all others."""
    statements = (one for one in _several(policy["Statement"]) if _is_for(one, visit))
    return {one["Effect"] for one in statements} == {"Allow"}


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
        # {"AWS": "*"} includes services.
        return _matches(principal.get("Service"), service) or "*" in _several(principal.get("AWS"))
    return principal == "*"


def _holds(test: str, key: str, wanted: object, visit: Visit) -> bool:
    """Whether a condition holds; conditions on anything but the source are taken to hold."""
    given = {"aws:sourcearn": visit.source_arn, "aws:sourceaccount": visit.source_account}
    if key.lower() in given:
        return test in _SOURCE_TESTS and _matches(wanted, given[key.lower()])
    return key.lower() != "aws:securetransport"  # services use TLS; statements about it deny HTTP


def _matches(patterns: object, given: str) -> bool:
    return any(fnmatchcase(given.lower(), str(one).lower()) for one in _several(patterns))


def _several(value: object) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list | tuple) else (value,)
