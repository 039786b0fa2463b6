"""`python -m tintype_infra.actions`: which actions of IAM the template's resource types take.

Each type's schema, as AWS publishes it, names them for creating, reading, changing and removing it. The
schemas come with cfn-lint, which is a development dependency; what they say is kept in a file.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tintype.deployment.actions import CERTIFICATE_TYPE, FILE

HANDLERS = ("create", "read", "update", "delete")
_REGION = "us-east-1"  # which has every type
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")  # a schema or two name what is no action


class NoSchemaError(Exception):
    """A resource type whose schema does not say what it takes."""


def actions_of(kind: str) -> list[str]:
    """Return the actions that a resource type takes.

    Raises:
        NoSchemaError: its schema does not say.
    """
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
        message = f"the schema of {kind} names no actions: see what CloudFormation needs for it"
        raise NoSchemaError(message)
    return sorted({_as_iam_writes(action) for action in named if _ACTION.fullmatch(action)})


def is_action(action: str) -> bool:
    """Whether IAM has such an action: schemas name a few that are operations alone."""
    service, _, name = action.partition(":")
    return name.lower() in _of_iam().get(service, {}).get("Actions", {})


def takes_resources(action: str) -> bool:
    """Whether a policy can name the resources of an action, or only all of them."""
    service, _, name = action.partition(":")
    return bool(_of_iam()[service]["Actions"][name.lower()].get("Resources"))


@cache
def _of_iam() -> Mapping[str, Any]:
    """Return IAM's services and their actions, as cfn-lint knows them."""
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
    """Return an action with a capital, as IAM has it.

    >>> _as_iam_writes("s3:getObject")
    's3:GetObject'
    """
    service, _, name = action.partition(":")
    return f"{service}:{name[0].upper()}{name[1:]}"


def main() -> None:
    """Write the file."""
    from tintype.config import load, shipped  # noqa: PLC0415
    from tintype_infra.app import synthesise  # noqa: PLC0415 - reading needs no CDK
    from tintype_infra.packages import ROOT, Platform, build  # noqa: PLC0415

    config = load(shipped())
    packages = build(config, Platform.AWS)
    with TemporaryDirectory() as folder:
        written = synthesise(config, packages, Path(folder))
        template = json.loads(written.service.read_text("utf-8"))
    FILE.write_text(text(types_of(template)), "utf-8")
    sys.stdout.write(f"{FILE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
