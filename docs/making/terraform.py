"""The parts of the Terraform module that follow from the template.

Start with `files`: a typed variable for every parameter, an output for every output.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docs.making.tables import code, table
from docs.making.template import ROOT, Json, template
from tintype.outputs import Output
from tintype.releases import PACKAGES_BUCKET

MODULE = ROOT / "terraform"
SETTINGS, OUTPUTS = MODULE / "settings.tf", MODULE / "outputs.tf"
# The module creates this bucket itself.
NOT_SET = frozenset({PACKAGES_BUCKET})

_HEAD = "# Written by `make tables` from the template; a test fails if it differs.\n"
_LOCALS = "locals {\n  # What is null is left out: the release's default holds.\n  given = {"
_TYPES = {"String": "string", "Number": "number", "CommaDelimitedList": "list(string)"}
_SHOWN = {"string": "text", "number": "number", "list(string)": "list of texts"}
# Terraform's patterns (RE2) have no lookahead; CloudFormation still refuses those values.
_LOOKAHEAD = re.compile(r"\(\?!.*?\)")


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable, and the parameter that it sets."""

    parameter: str
    type: str
    description: str
    default: str
    condition: str
    refusal: str

    @property
    def name(self) -> str:
        """The variable's name."""
        return snake_case(self.parameter)


def snake_case(name: str) -> str:
    """Return a template's name in Terraform's style.

    >>> snake_case("ProcessMemoryMib")
    'process_memory_mib'
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def variables(of: Json) -> list[Variable]:
    """Return the variables for a template's parameters, in its order."""
    return [
        _variable(name, parameter)
        for name, parameter in of["Parameters"].items()
        if name not in NOT_SET
    ]


def _variable(name: str, parameter: Json) -> Variable:
    words = parameter["Description"]
    return Variable(
        parameter=name,
        type=_TYPES[parameter["Type"]],
        description=words,
        default=str(parameter["Default"]),
        condition=" && ".join(_conditions(f"var.{snake_case(name)}", parameter)),
        refusal=parameter.get("ConstraintDescription", ""),
    )


def _conditions(variable: str, parameter: Json) -> Iterator[str]:
    kind = parameter["Type"]
    if "AllowedValues" in parameter:
        quote = str if kind == "Number" else json.dumps
        values = ", ".join(quote(value) for value in parameter["AllowedValues"])
        yield f"contains([{values}], {variable})"
    elif kind == "Number":
        yield f"{variable} == floor({variable})"
    for bound, sign in (("MinValue", ">="), ("MaxValue", "<=")):
        if bound in parameter:
            yield f"{variable} {sign} {parameter[bound]}"
    if "MaxLength" in parameter:
        yield f"length({variable}) <= {parameter['MaxLength']}"
    if "AllowedPattern" in parameter:
        pattern = _text(f"^(?:{_LOOKAHEAD.sub('', parameter['AllowedPattern'])})$")
        if kind == "String":
            yield f"can(regex({pattern}, {variable}))"
        else:
            yield f"alltrue([for one in {variable} : can(regex({pattern}, one))])"


def settings_file(of: Json) -> str:
    """Return `settings.tf`: the variables, and the parameters that they set."""
    found = variables(of)
    wide = max(len(one.parameter) for one in found)
    given = [f"    {one.parameter.ljust(wide)} = {_given(one)}" for one in found]
    return "\n".join([_HEAD, *map(_variable_block, found), _LOCALS, *given, "  }", "}", ""])


def _given(variable: Variable) -> str:
    name = f"var.{variable.name}"
    if variable.type == "list(string)":
        return f'{name} == null ? null : join(",", {name})'
    return name


def _variable_block(variable: Variable) -> str:
    lines = [
        f'variable "{variable.name}" {{',
        f"  type        = {variable.type}",
        "  default     = null",
        f"  description = {_text(variable.description)}",
    ]
    if variable.condition:
        # Terraform evaluates both sides of a condition, and null has no length.
        refusal = f"{variable.name}: {variable.refusal}."
        lines += [
            "",
            "  validation {",
            f"    condition     = var.{variable.name} == null ? true : {variable.condition}",
            f"    error_message = {_text(refusal)}",
            "  }",
        ]
    return "\n".join([*lines, "}", ""])


def outputs_file() -> str:
    """Return `outputs.tf`: an output for every output of the stack."""
    blocks = (
        f'output "{snake_case(output)}" {{\n'
        f"  description = {_text(output.description)}\n"
        f'  value       = aws_cloudformation_stack.this.outputs["{output}"]\n'
        "}\n"
        for output in Output
    )
    return "\n".join([_HEAD, *blocks])


def _text(text: str) -> str:
    """Return a text in Terraform's quoting."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def settings() -> str:
    """Return the table of the variables."""
    rows = (
        (
            code(one.name),
            _SHOWN[one.type],
            one.description,
            one.refusal,
            code(one.default) or "none",
        )
        for one in variables(template())
    )
    return table(["Variable", "Type", "What it is", "Allowed", "The release's default"], rows)


def outputs() -> str:
    """Return the table of the outputs."""
    rows = ((code(snake_case(output)), output.description) for output in Output)
    return table(["Output", "What it is"], rows)


def files() -> dict[Path, str]:
    """Return the module's generated files, each with its text."""
    return {SETTINGS: settings_file(template()), OUTPUTS: outputs_file()}
