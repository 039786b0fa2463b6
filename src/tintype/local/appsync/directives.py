"""Which fields of a schema a caller may access, by the schema's authorisation directives.

"Using additional authorization modes" in AppSync's developer guide: a field's own directives apply;
without any, those of its type; without any, the API's default mode.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLNamedType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    value_from_ast_untyped,
    visit,
)
from graphql.language.ast import DirectiveNode

from tintype.local.appsync.apis import LocalApi, Mode
from tintype.local.appsync.callers import GraphqlCaller

MODES: Mapping[str, Mode] = {
    "aws_api_key": Mode.API_KEY,
    "aws_cognito_user_pools": Mode.COGNITO,
    "aws_iam": Mode.IAM,
    "aws_lambda": Mode.LAMBDA,
    "aws_oidc": Mode.OIDC,
}
ONLY_POOL = "aws_auth"  # has a meaning only where a user pool is the one mode
GROUPS = "cognito_groups"

Permitted: TypeAlias = dict[str, frozenset[str] | None]  # mode → groups, None: everybody


@dataclass(frozen=True, slots=True)
class DeniedField:
    """A field that a caller may not access."""

    type_name: str
    name: str

    @property
    def message(self) -> str:
        """AppSync's message."""
        return f"Not Authorized to access {self.name} on type {self.type_name}"


def denied_fields(
    schema: GraphQLSchema, document: DocumentNode, caller: GraphqlCaller
) -> Iterator[DeniedField]:
    """Yield each field of *document* that the caller may not access."""
    finder = _FieldFinder(TypeInfo(schema))
    visit(document, TypeInfoVisitor(finder.types, finder))
    for parent, name in finder.found:
        of_schema = name.startswith("__") or parent.name.startswith("__")
        if not of_schema and not _may_access(caller, _permitted(parent, name, caller.api)):
            yield DeniedField(parent.name, name)


class _FieldFinder(Visitor):
    """Collects the fields of a document with their types."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.found: list[tuple[GraphQLNamedType, str]] = []

    def enter_field(self, node: FieldNode, *_rest: object) -> None:
        parent = self.types.get_parent_type()
        if parent is not None:
            self.found.append((parent, node.name.value))


def _may_access(caller: GraphqlCaller, permitted: Permitted) -> bool:
    if caller.mode not in permitted:
        return False
    groups = permitted[caller.mode]
    return groups is None or not groups.isdisjoint(caller.groups)


def _permitted(parent: GraphQLNamedType, field_name: str, api: LocalApi) -> Permitted:
    field = getattr(parent, "fields", {}).get(field_name)
    node = field.ast_node if field else None
    own = _modes(node.directives if node else (), api)
    type_nodes = [each for each in (parent.ast_node, *parent.extension_ast_nodes) if each]
    of_type = _modes((each for type_node in type_nodes for each in type_node.directives), api)
    by_default: Permitted = {} if api.denies_by_default else {api.default_mode: None}
    return own or of_type or by_default


def _modes(directives: Iterable[DirectiveNode], api: LocalApi) -> Permitted:
    meanings = MODES if api.modes != {Mode.COGNITO} else {**MODES, ONLY_POOL: Mode.COGNITO}
    return {
        meanings[each.name.value]: _groups(each)
        for each in directives
        if each.name.value in meanings
    }


def _groups(directive: DirectiveNode) -> frozenset[str] | None:
    for argument in directive.arguments:
        if argument.name.value == GROUPS:
            value = value_from_ast_untyped(argument.value)
            return (
                None if value is None else frozenset([value] if isinstance(value, str) else value)
            )
    return None
