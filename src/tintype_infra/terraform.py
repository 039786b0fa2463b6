"""What of the Terraform module follows from the template: `python -m tintype_infra.terraform` writes it.

Start with `files`: a typed variable for every parameter, an output for every output, and the tables of
both in the module's README.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tintype.releases import PACKAGES_BUCKET
from tintype_infra.packages import ROOT

MODULE = ROOT / "terraform"
SETTINGS, OUTPUTS, README = "settings.tf", "outputs.tf", "README.md"
# The module makes that bucket itself.
NOT_SET = frozenset({PACKAGES_BUCKET})

SETTINGS_HEAD = ("Variable", "Type", "What it is", "Allowed", "The release's default")
OUTPUTS_HEAD = ("Output", "What it is")

# What the stack tells; whoever adds an output adds its line.
ABOUT = {
    "Access": "Who can do what with it",
    "ApiUrl": "Address of the HTTP API, through the CDN: what clients are given",
    "CdnUrl": "What the addresses of the page and of all renditions begin with",
    "HttpApiUrl": "The HTTP API's own address, behind the CDN",
    "GraphqlUrl": "Where GraphQL queries go",
    "GraphqlRealtimeUrl": "Where subscriptions connect, with WebSockets",
    "OriginalsReadable": "Whether whoever may call the API gets links to originals.",
    "GraphqlApiKey": "The page's key for GraphQL; it may only read, and is public",
    "DevelopQueueUrl": "Queue of the originals to render",
    "DevelopFailedQueueUrl": "Queue of the originals that failed on every try, until that is recorded",
    "DevelopDeadLetterQueueUrl": "Queue of the originals that were set aside; `tintype redrive` sends them again",
    "CatalogueQueueUrl": "Queue of the manifests to record",
    "CatalogueDeadLetterQueueUrl": "Queue of the manifests that were set aside",
    "GraphqlApiId": "ID of the GraphQL API",
    "DistributionId": "ID of the CloudFront distribution",
    "DistributionDomain": "The distribution's own domain: what a CNAME of yours points to",
    "OriginalsBucket": "Bucket of the originals",
    "RenditionsBucket": "Bucket of the renditions and manifests",
    "SiteBucket": "Bucket of the page's files",
    "ImagesTable": "Table of the images",
    "ApiFunction": "Name of the function behind the HTTP API",
    "DevelopFunction": "Name of the function that renders",
    "CatalogueFunction": "Name of the function that records and announces",
    "Region": "Region that the stack is in",
    "Version": "Version of Tintype that is deployed",
}

Json = Mapping[str, Any]

_HEAD = "# Written by `python -m tintype_infra.terraform` from the template; a test fails when it is not as that.\n"
_LOCALS = "locals {\n  # What is null is left out: the release's default holds.\n  given = {"
_TYPES = {"String": "string", "Number": "number", "CommaDelimitedList": "list(string)"}
_SHOWN = {"string": "text", "number": "number", "list(string)": "list of texts"}
# Terraform's patterns (RE2) cannot look ahead; CloudFormation still refuses what this would have.
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
    """Return a template's name as Terraform writes names.

    >>> snake_case("DevelopMemoryMib")
    'develop_memory_mib'
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def variables(template: Json) -> list[Variable]:
    """Return the variables that a template's parameters become, in its order."""
    return [
        _variable(name, parameter)
        for name, parameter in template["Parameters"].items()
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


def settings_file(template: Json) -> str:
    """Return `settings.tf`: the variables, and the parameters that they are."""
    found = variables(template)
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
        # A condition's both sides are computed, and null has no length.
        refusal = f"{variable.name}: {variable.refusal}."
        lines += [
            "",
            "  validation {",
            f"    condition     = var.{variable.name} == null ? true : {variable.condition}",
            f"    error_message = {_text(refusal)}",
            "  }",
        ]
    return "\n".join([*lines, "}", ""])


def outputs_file(template: Json) -> str:
    """Return `outputs.tf`: an output for every output of the stack."""
    blocks = (
        f'output "{snake_case(name)}" {{\n'
        f"  description = {_text(ABOUT[name])}\n"
        f'  value       = aws_cloudformation_stack.this.outputs["{name}"]\n'
        "}\n"
        for name in template["Outputs"]
    )
    return "\n".join([_HEAD, *blocks])


def _text(text: str) -> str:
    """Return a text as Terraform quotes it."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def readme(before: str, template: Json) -> str:
    """Return the module's README with the tables as the template has it.

    Raises:
        ValueError: *before* has no place for a table.
    """
    settings = [
        (_code(one.name), _SHOWN[one.type], one.description, one.refusal, _code(one.default))
        for one in variables(template)
    ]
    outputs = [(_code(snake_case(name)), ABOUT[name]) for name in template["Outputs"]]
    text = _between(before, "settings", [SETTINGS_HEAD, *settings])
    return _between(text, "outputs", [OUTPUTS_HEAD, *outputs])


def _code(text: str) -> str:
    return f"`{text}`" if text else "none"


def _between(text: str, name: str, rows: Sequence[Sequence[str]]) -> str:
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    head, found, rest = text.partition(begin)
    _, found_end, tail = rest.partition(end)
    if not (found and found_end):
        message = f"the README has no place for the table of {name}"
        raise ValueError(message)
    lines = [_line(rows[0]), _line(["---"] * len(rows[0])), *map(_line, rows[1:])]
    return "".join([head, begin, *lines, end, tail])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def files(template: Json, folder: Path = MODULE) -> dict[Path, str]:
    """Return the module's files that follow from the template, each with its text."""
    return {
        folder / SETTINGS: settings_file(template),
        folder / OUTPUTS: outputs_file(template),
        folder / README: readme((folder / README).read_text("utf-8"), template),
    }


def main() -> None:
    """Write them."""
    from tintype.config import load, shipped  # noqa: PLC0415
    from tintype_infra.app import readable  # noqa: PLC0415 - reading needs no CDK

    template, _ = readable(load(shipped()))
    for path, text in files(template).items():
        path.write_text(text, "utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
