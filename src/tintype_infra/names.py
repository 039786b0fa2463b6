"""Names for the few resources that another must know before they exist."""

from __future__ import annotations

from aws_cdk import Aws, Fn


def unique_name(part: str) -> str:
    """Return a name of this part that no other stack in the world has.

    CloudFormation makes up all other names. These are made of the stack's own identifier, a UUID,
    so that two stacks fit one account and a new stack never meets what an old one has kept.
    """
    return f"tintype-{part}-{Fn.select(2, Fn.split('/', Aws.STACK_ID))}"
