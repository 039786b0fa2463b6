"""The OpenAPI document, generated from the table of routes and their types."""

from __future__ import annotations

import re

import msgspec

from tintype.content_types import CONTENT_TYPES, UNKNOWN
from tintype.functions.change_operations import ImageChange
from tintype.functions.errors import CONTENT_TYPE, STATUS, UNAVAILABLE, Problem
from tintype.functions.routes import ALWAYS, ROUTES, ErrorType, Parameter, Route
from tintype.uploads import MAX_BODY_BYTES, TicketRequest

Object = dict[str, object]
SECURITY_SCHEMES: Object = {
    "accessToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token of a person who has signed in.",
    },
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "tint_<id>_<secret>",
        "description": "An API key. Without the CDN in front, its paths begin with `/with-key`.",
    },
}
_REFERENCE = "#/components/schemas/{name}"


def openapi(*, server: str, presets_revision: str, max_bytes: int, is_open: bool = False) -> Object:
    """Return the document; *server* is the base URL of all paths.

    *max_bytes* is the limit for an original, which is a setting and not in the types. If access
    *is_open*, requests need no credentials.
    """
    kinds: list[type[msgspec.Struct]] = [Problem]
    for route in ROUTES:
        kinds.append(route.gives)
        if route.takes is not None and issubclass(route.takes, msgspec.Struct):
            kinds.append(route.takes)
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    known = dict(zip(kinds, schemas, strict=True))
    components[TicketRequest.__name__]["properties"]["size"]["maximum"] = max_bytes
    components[ImageChange.__name__]["minProperties"] = 1
    paths: dict[str, Object] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, known)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tintype",
            "version": "1",
            "description": "Upload images, and get the URL and facts of every size and format.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "x-presets-revision": presets_revision,
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": SECURITY_SCHEMES},
        "security": [*([{}] if is_open else []), *({name: []} for name in SECURITY_SCHEMES)],
    }


def _operation(route: Route, known: dict[type[msgspec.Struct], Object]) -> Object:
    name = route.operation.__name__
    described: Object = {
        "operationId": name,
        "summary": _sentence(route.operation),
        "responses": _responses(route, known),
    }
    parameters = [_place(name, route) for name in re.findall(r"{(\w+)}", route.path)]
    parameters += [_query(parameter) for parameter in route.query]
    if parameters:
        described["parameters"] = parameters
    if route.takes is not None:
        described["requestBody"] = {"required": True, "content": _content(route, known)}
    return described


def _responses(route: Route, known: dict[type[msgspec.Struct], Object]) -> Object:
    success = {
        "description": _sentence(route.gives),
        "content": {"application/json": {"schema": known[route.gives]}},
    }
    responses: Object = {str(route.status): success}
    by_status: dict[int, list[ErrorType]] = {}
    for error in (*route.errors, *ALWAYS):
        by_status.setdefault(_status(error), []).append(error)
    for status, errors in sorted(by_status.items()):
        said = " ".join(f"`{one.code}`: {_sentence(one)}" for one in errors)
        responses[str(status)] = {
            "description": said,
            "content": {CONTENT_TYPE: {"schema": known[Problem]}},
        }
    return responses


def _sentence(of: object) -> str:
    """Return the first line of a docstring; the rest is for developers of Tintype."""
    return (of.__doc__ or "").strip().splitlines()[0]


def _status(error: ErrorType) -> int:
    return STATUS.get(error, UNAVAILABLE).status


def _content(route: Route, known: dict[type[msgspec.Struct], Object]) -> Object:
    if route.takes is not None and issubclass(route.takes, msgspec.Struct):
        return {"application/json": {"schema": known[route.takes]}}
    bytes_: Object = {
        "type": "string",
        "format": "binary",
        "minLength": 1,
        "maxLength": MAX_BODY_BYTES,
    }
    return {content_type: {"schema": bytes_} for content_type in (*sorted(CONTENT_TYPES), UNKNOWN)}


def _place(name: str, route: Route) -> Object:
    return {
        "name": name,
        "in": "path",
        "description": "the key's ID" if route.path.startswith("/keys/") else "the image's ID",
        "required": True,
        "schema": {"type": "string"},
    }


def _query(parameter: Parameter) -> Object:
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "required": parameter.required,
        "schema": dict(parameter.schema),
    }
