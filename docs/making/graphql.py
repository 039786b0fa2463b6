"""The reference of the GraphQL API, from the schema that is deployed."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import DocumentNode, parse
from graphql.language import ast

from docs.making.tables import code, sentence, table, wrapped
from tintype_infra.graphql import schema as deployed

_ROOTS = {
    "Query": "Queries",
    "Mutation": "The mutation",
    "Subscription": "The subscription",
}
_NATIVE = {"ID", "Int", "Float", "String", "Boolean", "AWSDateTime"}
Fields = ast.ObjectTypeDefinitionNode | ast.InputObjectTypeDefinitionNode


def schema() -> DocumentNode:
    """Return the parsed schema."""
    return parse(deployed())


def reference() -> str:
    """Return the operations, then the types, the enumerations and the inputs."""
    parts: list[str] = []
    for node in schema().definitions:
        match node:
            case ast.ObjectTypeDefinitionNode() if node.name.value in _ROOTS:
                parts.append(f"## {_ROOTS[node.name.value]}\n")
                parts += [_operation(node.name.value.lower(), field) for field in node.fields]
            case ast.ObjectTypeDefinitionNode() | ast.InputObjectTypeDefinitionNode():
                parts += [_title(node), _fields(node)]
            case ast.EnumTypeDefinitionNode():
                rows = [[code(one.name.value), _described(one)] for one in node.values]
                parts += [_title(node), table(["Value", "Meaning"], rows)]
    first = next(
        index for index, part in enumerate(parts) if part.startswith("### ImageConnection")
    )
    return "\n".join([*parts[:first], "## Types\n", *parts[first:]])


def _operation(kind: str, field: ast.FieldDefinitionNode) -> str:
    arguments = ", ".join(f"{one.name.value}: {_written(one.type)}" for one in field.arguments)
    signature = f"{field.name.value}({arguments}): {_written(field.type)}"
    parts = [f"### {kind} {field.name.value}\n", f"```text\n{signature}\n```\n"]
    return "\n".join([*parts, wrapped(f"{_described(field)} Gives {_linked(field.type)}.") + "\n"])


def _title(node: Fields | ast.EnumTypeDefinitionNode) -> str:
    said = _described(node)
    return f"### {node.name.value}\n" + (f"\n{said}\n" if said else "")


def _fields(node: Fields) -> str:
    return table(["Field", "Type", "Meaning"], _rows(node))


def _rows(node: Fields) -> Iterator[list[str]]:
    for field in node.fields:
        yield [code(field.name.value), _linked(field.type), _described(field)]


def _described(
    node: ast.FieldDefinitionNode
    | ast.InputValueDefinitionNode
    | ast.EnumValueDefinitionNode
    | ast.TypeDefinitionNode,
) -> str:
    return sentence(node.description.value) if node.description else ""


def _written(kind: ast.TypeNode) -> str:
    match kind:
        case ast.NonNullTypeNode():
            return f"{_written(kind.type)}!"
        case ast.ListTypeNode():
            return f"[{_written(kind.type)}]"
        case ast.NamedTypeNode():
            return kind.name.value
    message = f"no such type: {kind}"
    raise TypeError(message)


def _linked(kind: ast.TypeNode) -> str:
    """Return a type with a link to its section, where it has one."""
    written = _written(kind)
    name = written.strip("[]!")
    return code(written) if name in _NATIVE else f"[`{written}`](#{name.lower()})"
