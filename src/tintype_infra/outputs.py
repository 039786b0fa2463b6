"""What a deployment tells: addresses and names, for the command line, the pages and people."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import CfnOutput, Stack


def tell(stack: Stack, values: Mapping[str, str]) -> None:
    """Make each value an output of that name."""
    for name, value in values.items():
        CfnOutput(stack, f"{name}Output", value=value).override_logical_id(name)
