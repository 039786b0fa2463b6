"""The limits of a GraphQL API on what one request may ask for, which MiniStack stores and ignores.

AppSync's developer guide, "Configuring GraphQL run complexity, query depth, and introspection": past the
depth a query ends with `QueryDepthLimitReached`, past the count resolvers do not run and end with
`ResolverExecutionLimitReached`. AppSync runs what comes before; here the whole request is refused.
"""

from __future__ import annotations

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, FragmentSpreadNode, Node
from graphql.language.ast import SelectionSetNode

from tintype.local.appsync.apis import LocalApi
from tintype.local.appsync.messages import ErrorType


def exceeded(
    api: LocalApi, document: DocumentNode, fields: list[FieldNode]
) -> tuple[ErrorType, str] | None:
    """Return the limit that a request exceeds, with AppSync's error type and a message.

    *fields* are the top-level fields of its operation; each has a resolver, and no other field has.
    """
    most = int(api.record.get("resolverCountLimit") or 0)
    if most and len(fields) > most:
        return ErrorType.TOO_MANY_RESOLVERS, "Resolver execution limit reached."
    deepest = int(api.record.get("queryDepthLimit") or 0)
    if deepest and _depth(document, fields) > deepest:
        return ErrorType.TOO_DEEP, "Query depth limit reached."
    return None


def _depth(document: DocumentNode, fields: list[FieldNode]) -> int:
    """Return how many levels of fields there are, the leaves included."""
    fragments = {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }

    def of(node: Node, seen: frozenset[str]) -> int:
        own = 1 if isinstance(node, FieldNode) else 0
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name in seen or name not in fragments:
                return 0  # not valid, which MiniStack reports
            return of(fragments[name], seen | {name})
        below: SelectionSetNode | None = getattr(node, "selection_set", None)
        return own + max((of(one, seen) for one in below.selections), default=0) if below else own

    return max((of(one, frozenset()) for one in fields), default=0)
