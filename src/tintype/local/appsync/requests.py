"""GraphQL requests over HTTP, checked as AppSync checks them before MiniStack executes them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from graphql import DocumentNode, FieldNode, GraphQLError, parse

from tintype.local.appsync.apis import LocalApi
from tintype.local.appsync.callers import KEY_HEADER, TOKEN_HEADER, GraphqlCaller, identify_request
from tintype.local.appsync.directives import DeniedField, denied_fields
from tintype.local.appsync.limits import exceeded
from tintype.local.appsync.messages import UNAUTHORIZED, ErrorType, UnauthorizedError
from tintype.local.appsync.selections import Json, response_key, root_fields
from tintype.local.asgi import Scope

REFUSED_STATUS, DENIED_STATUS = 401, 200
NOWHERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class GraphqlRequest:
    """A request; *document* is None if its query is not GraphQL."""

    query: str
    document: DocumentNode | None
    operation: str | None
    variables: Json


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """AppSync's answer to a request that it does not execute."""

    status: int
    kind: str
    body: Json


def parsed_request(body: bytes) -> GraphqlRequest | None:
    """Return the request in a body, None if MiniStack should report what is wrong with it."""
    try:
        request = json.loads(body)
        query, variables = request["query"], request.get("variables") or {}
        return GraphqlRequest(query, _document(query), request.get("operationName"), variables)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _document(query: str) -> DocumentNode | None:
    try:
        return parse(query)
    except GraphQLError:
        return None


def checked_caller(
    api: LocalApi, scope: Scope, request: GraphqlRequest | None
) -> GraphqlCaller | ErrorResponse:
    """Return a request's caller, or why AppSync would refuse it. Waits for issuers' keys."""
    try:
        caller = identify_request(api, _headers(scope), client_address(scope))
    except UnauthorizedError as error:
        kind = ErrorType.UNAUTHORIZED
        errors = [{"errorType": kind, "message": str(error)}]
        return ErrorResponse(REFUSED_STATUS, kind, {"errors": errors})
    schema = api.schema()
    if request is None or request.document is None or schema is None:
        return caller
    denied = list(denied_fields(schema, request.document, caller))
    if denied:
        return _denial(request, request.document, denied)
    _, fields = root_fields(request.document, request.operation, request.variables)
    limit = exceeded(api, request.document, fields)
    return _over_limit(*limit, fields) if limit else caller


def client_address(scope: Scope) -> str:
    """Return the address that a client called from."""
    client = scope.get("client")
    return str(client[0]) if client else NOWHERE


def _headers(scope: Scope) -> dict[str, str]:
    """Return the request's headers by lower-case name.

    Raises:
        UnauthorizedError: it brings two credentials of a kind.
    """
    names = [name.lower() for name, _ in scope["headers"]]
    if max(names.count(each.encode()) for each in (KEY_HEADER, TOKEN_HEADER)) > 1:
        raise UnauthorizedError(UNAUTHORIZED)
    pairs = zip(names, scope["headers"], strict=True)
    return {name.decode("latin-1"): value.decode("latin-1") for name, (_, value) in pairs}


def _over_limit(kind: ErrorType, message: str, fields: list[FieldNode]) -> ErrorResponse:
    names = [response_key(field) for field in fields]
    errors = [{"path": names[-1:], "data": None, "errorType": kind, "message": message}]
    return ErrorResponse(DENIED_STATUS, kind, {"data": dict.fromkeys(names), "errors": errors})


def _denial(
    request: GraphqlRequest, document: DocumentNode, denied: list[DeniedField]
) -> ErrorResponse:
    _, fields = root_fields(document, request.operation, request.variables)
    keys = [response_key(field) for field in fields]
    errors = [
        {
            "path": keys[:1],
            "data": None,
            "errorType": ErrorType.DENIED,
            "errorInfo": None,
            "message": field.message,
        }
        for field in denied
    ]
    body = {"data": dict.fromkeys(keys), "errors": errors}
    return ErrorResponse(DENIED_STATUS, ErrorType.DENIED, body)
