"""From a mutation's result to each subscriber's event: pure functions on GraphQL documents."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    execute_sync,
    get_argument_values,
    get_operation_ast,
    get_variable_values,
    parse,
    validate,
    value_from_ast_untyped,
)

Json: TypeAlias = dict[str, Any]
SUBSCRIBE = "aws_subscribe"


class InvalidSubscriptionError(Exception):
    """A subscription that the schema does not allow; *messages* have the reasons."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Published:
    """A successful mutation: its name, and its result by field names, without aliases."""

    mutation: str
    result: Any


@dataclass(frozen=True, slots=True)
class SubscribedField:
    """A subscriber's request: a field with its arguments, and the selection for each event.

    *expires* is the Unix time when the subscriber's token does.
    """

    schema: GraphQLSchema
    document: DocumentNode
    variables: Json
    field: str
    arguments: Json
    mutations: frozenset[str]
    expires: float = math.inf


def parse_subscription(schema: GraphQLSchema, query: str, variables: Json) -> SubscribedField:
    """Return the subscription in *query*.

    Raises:
        InvalidSubscriptionError: it is not valid, or not one subscription.
    """
    try:
        document = parse(query)
    except GraphQLError as error:
        raise InvalidSubscriptionError([error.message]) from error
    errors = validate(schema, document)
    operation = get_operation_ast(document)
    if errors or operation is None or operation.operation is not OperationType.SUBSCRIPTION:
        messages = [error.message for error in errors]
        raise InvalidSubscriptionError(
            messages or ["only subscriptions are supported on this connection"]
        )
    coerced = get_variable_values(schema, operation.variable_definitions, variables)
    if isinstance(coerced, list):
        raise InvalidSubscriptionError([error.message for error in coerced])
    node = next(_fields(operation.selection_set, _fragments(document), coerced), None)
    if node is None:
        raise InvalidSubscriptionError(["the subscription selects nothing"])
    definition = schema.subscription_type.fields[node.name.value]  # type: ignore[union-attr] # validated
    try:
        arguments = get_argument_values(definition, node, coerced)
    except GraphQLError as error:
        raise InvalidSubscriptionError([error.message]) from error
    mutations = subscribed_mutations(schema, node.name.value)
    return SubscribedField(schema, document, variables, node.name.value, arguments, mutations)


def subscribed_mutations(schema: GraphQLSchema, field: str) -> frozenset[str]:
    """Return the mutations that trigger a subscription field."""
    node = schema.subscription_type.fields[field].ast_node  # type: ignore[union-attr] # it has the field
    for directive in node.directives if node else ():
        if directive.name.value == SUBSCRIBE:
            return frozenset(value_from_ast_untyped(directive.arguments[0].value))
    return frozenset()


def published(
    document: DocumentNode, name: str | None, variables: Json, response: Json
) -> Iterator[Published]:
    """Yield the successful mutations of a request, with their results."""
    operation = get_operation_ast(document, name)
    if operation is None or operation.operation is not OperationType.MUTATION:
        return
    fragments = _fragments(document)
    for node in _fields(operation.selection_set, fragments, variables):
        result = (response.get("data") or {}).get(response_key(node))
        if result is not None:
            yield Published(node.name.value, _by_name(node, result, fragments, variables))


def matches(subscription: SubscribedField, event: Published) -> bool:
    """Whether an event matches a subscription: each given argument equals the field."""
    if event.mutation not in subscription.mutations:
        return False
    fields = event.result if isinstance(event.result, Mapping) else {}
    given = {name: value for name, value in subscription.arguments.items() if value is not None}
    return all(fields.get(name) == value for name, value in given.items())


def payload(subscription: SubscribedField, event: Published) -> Json:
    """Return the subscriber's selection of the mutation's result.

    A field that the mutation did not select is null; if it is non-null, an error replaces the
    event, as on AppSync.
    """
    done = execute_sync(
        subscription.schema,
        subscription.document,
        root_value={subscription.field: event.result},
        variable_values=subscription.variables,
    )
    errors = [error.formatted for error in done.errors or []]
    return {"data": done.data, **({"errors": errors} if errors else {})}


def _by_name(
    node: FieldNode,
    value: Any,  # noqa: ANN401 - any JSON
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Json,
) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_by_name(node, each, fragments, variables) for each in value]
    if not isinstance(value, dict) or node.selection_set is None:
        return value
    result: Json = {}
    for field in _fields(node.selection_set, fragments, variables):
        if response_key(field) in value:
            inner = _by_name(field, value[response_key(field)], fragments, variables)
            result[field.name.value] = _merged(result.get(field.name.value), inner)
    return result


def _merged(known: Any, more: Any) -> Any:  # noqa: ANN401 - any JSON
    """Merge the values of two selections of the same field."""
    if isinstance(known, dict) and isinstance(more, dict):
        return {**known, **{name: _merged(known.get(name), more[name]) for name in more}}
    if isinstance(known, list) and isinstance(more, list):
        return [_merged(*pair) for pair in zip(known, more, strict=False)]
    return more


def _fields(
    selection_set: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Json,
) -> Iterator[FieldNode]:
    for selection in selection_set.selections:
        if _is_included(selection, variables):
            if isinstance(selection, FieldNode):
                yield selection
            else:
                inner = (
                    selection
                    if isinstance(selection, InlineFragmentNode)
                    else fragments[selection.name.value]  # type: ignore[attr-defined] # a spread
                )
                yield from _fields(inner.selection_set, fragments, variables)


def _is_included(selection: SelectionNode, variables: Json) -> bool:
    for directive in selection.directives:
        wanted = {"include": True, "skip": False}.get(directive.name.value)
        if wanted is not None:
            said = bool(value_from_ast_untyped(directive.arguments[0].value, variables))
            if said is not wanted:
                return False
    return True


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    definitions = document.definitions
    return {
        each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)
    }


def response_key(node: FieldNode) -> str:
    """Return a field's name in a response: its alias, if it has one."""
    return node.alias.value if node.alias else node.name.value


def root_fields(
    document: DocumentNode, name: str | None, variables: Json
) -> tuple[str, list[FieldNode]]:
    """Return the root type's name and the top-level fields of a request's operation."""
    operation = get_operation_ast(document, name)
    if not isinstance(operation, OperationDefinitionNode):
        return "Query", []
    fields = list(_fields(operation.selection_set, _fragments(document), variables))
    return operation.operation.value.capitalize(), fields
