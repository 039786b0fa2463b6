"""The actions of IAM that the template's resource types need, for `tintype.deployment.actions`.

Each type's schema, as AWS publishes it, lists them for creating, reading, changing and deleting it. The
schemas come with cfn-lint, a development dependency, so the lists are kept in a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tintype.deployment.actions import CERTIFICATE_TYPE

HANDLERS = ("create", "read", "update", "delete")
# CloudFormation calls a custom resource's function as the deployer, or as its own role if it has one.
CUSTOM, CALL = "Custom::", "lambda:InvokeFunction"
_REGION = "us-east-1"  # which has every type
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")  # schemas have a few other entries


class NoSchemaError(Exception):
    """A resource type whose schema does not list its actions."""


def actions_of(kind: str) -> list[str]:
    """Return the actions that a resource type needs.

    Raises:
        NoSchemaError: its schema does not list them.
    """
    if kind.startswith(CUSTOM):
        return [CALL]
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # noqa: PLC0415 - a development dependency

    schema: Mapping[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(_REGION, kind).schema
    handlers = schema.get("handlers", {})
    named = [
        action
        for handler in HANDLERS
        for action in handlers.get(handler, {}).get("permissions", ())
    ]
    named += schema.get("tagging", {}).get("permissions", ())
    if not named:
        message = (
            f"the schema of {kind} lists no actions; look them up in CloudFormation's documentation"
        )
        raise NoSchemaError(message)
    return sorted({_as_iam_writes(action) for action in named if _ACTION.fullmatch(action)})


def is_action(action: str) -> bool:
    """Whether IAM has this action: schemas list a few that are only operations."""
    service, _, name = action.partition(":")
    return name.lower() in _of_iam().get(service, {}).get("Actions", {})


def takes_resources(action: str) -> bool:
    """Whether a policy can restrict the action to resources."""
    service, _, name = action.partition(":")
    return bool(_of_iam()[service]["Actions"][name.lower()].get("Resources"))


@cache
def _of_iam() -> Mapping[str, Any]:
    """Return IAM's services and their actions from cfn-lint."""
    from cfnlint.data import AdditionalSpecs  # noqa: PLC0415 - a development dependency

    path = Path(str(AdditionalSpecs.__file__)).with_name("Policies.json")
    known: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    return known


def types_of(template: Mapping[str, Any]) -> list[str]:
    """Return the types of a template's resources."""
    return sorted({resource["Type"] for resource in template["Resources"].values()})


def text(types: Iterable[str]) -> str:
    """Return the file's text."""
    known = {kind: actions_of(kind) for kind in sorted({*types, CERTIFICATE_TYPE})}
    named = {action for actions in known.values() for action in actions}
    strange = sorted(action for action in named if not is_action(action))
    return f"{json.dumps({'types': known, 'noActions': strange}, indent=1)}\n"


def _as_iam_writes(action: str) -> str:
    """Return an action capitalised as in IAM.

    >>> _as_iam_writes("s3:getObject")
    's3:GetObject'
    """
    service, _, name = action.partition(":")
    return f"{service}:{name[0].upper()}{name[1:]}"
