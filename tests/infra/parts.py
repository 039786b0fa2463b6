"""Ways to look at a template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Template = dict[str, Any]
Resource = dict[str, Any]


def resources(template: Template, kind: str) -> dict[str, Resource]:
    """Return the resources of a type, such as `S3::Bucket`, by their identifiers."""
    return {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] == f"AWS::{kind}"
    }


def the(template: Template, kind: str, beginning: str = "") -> Resource:
    """Return the properties of the one resource of a type whose identifier begins so."""
    (found,) = (
        resource
        for name, resource in resources(template, kind).items()
        if name.startswith(beginning)
    )
    properties: Resource = found["Properties"]
    return properties


def statements(template: Template) -> Iterator[Resource]:
    """Yield the statements of all policies that allow something."""
    for resource in template["Resources"].values():
        document = resource.get("Properties", {}).get("PolicyDocument")
        if document:
            yield from (one for one in document["Statement"] if one["Effect"] == "Allow")


def several(value: object) -> list[Any]:
    """Return a value of a policy, which may stand alone or in a list, as a list."""
    return value if isinstance(value, list) else [value]
