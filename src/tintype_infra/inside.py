"""The way into a CDK construct, to the CloudFormation resource that it is made of."""

from __future__ import annotations

from typing import TypeVar

from constructs import IConstruct

Resource = TypeVar("Resource")


def inside(construct: IConstruct, kind: type[Resource]) -> Resource:
    """Return the resource of that *kind* in a construct.

    Raises:
        TypeError: the construct is made of another one.
    """
    resource = construct.node.default_child
    if not isinstance(resource, kind):
        message = f"{construct.node.path} is no {kind.__name__}"
        raise TypeError(message)
    return resource
