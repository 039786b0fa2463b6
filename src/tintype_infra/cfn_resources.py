"""Access to the CloudFormation resource inside a CDK construct."""

from __future__ import annotations

from typing import TypeVar

from constructs import IConstruct

Resource = TypeVar("Resource")


def cfn_resource(construct: IConstruct, kind: type[Resource]) -> Resource:
    """Return the resource of this *kind* in a construct.

    Raises:
        TypeError: the construct's resource has another type.
    """
    resource = construct.node.default_child
    if not isinstance(resource, kind):
        message = f"{construct.node.path} is not a {kind.__name__}"
        raise TypeError(message)
    return resource
