"""The outputs of a stack, written into its template."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import CfnOutput, Stack

from tintype.outputs import Output


def add_outputs(stack: Stack, values: Mapping[str, str]) -> None:
    """Add each value as an output with its name, with its description.

    Raises:
        ValueError: `Output` has no such name.
    """
    for name, value in values.items():
        output = Output(name)
        add_output(stack, output.value, value, output.description)


def add_output(stack: Stack, name: str, value: str, description: str) -> None:
    """Add an output of exactly that *name*."""
    made = CfnOutput(stack, f"{name}Output", value=value, description=description)
    made.override_logical_id(name)
