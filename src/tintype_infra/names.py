"""Predictable names for the few resources that others must refer to before they exist."""

from __future__ import annotations

from aws_cdk import Aws, Fn


def unique_name(part: str) -> str:
    """Return a globally unique name for this part.

    CloudFormation generates all other names. These contain the stack's UUID, so that two stacks can
    share an account and a new stack never collides with what an old one left.
    """
    return f"tintype-{part}-{Fn.select(2, Fn.split('/', Aws.STACK_ID))}"
