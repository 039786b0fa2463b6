"""The OpenAPI document, made from the table of routes and the types that they take and give."""

from __future__ import annotations

import re

import msgspec

from tintype.content_types import CONTENT_TYPES, UNKNOWN
from tintype.functions.problems import CONTENT_TYPE, OUTCOMES, UNAVAILABLE, Problem
from tintype.functions.routes import ALWAYS, ROUTES, Parameter, Refusal, Route
from tintype.uploads import MAX_BODY_BYTES, TicketRequest

Object = dict[str, object]
_REFERENCE = "#/components/schemas/{name}"


def openapi(*, server: str, presets_revision: str, max_bytes: int) -> Object:
    """Return the document; *server* is the address that all paths begin with.

    *max_bytes* is the limit for an original, which the types do not know.
    """
    kinds: list[type[msgspec.Struct]] = [Problem]
    for route in ROUTES:
        kinds.append(route.gives)
        if route.takes is not None and issubclass(route.takes, msgspec.Struct):
            kinds.append(route.takes)
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    known = dict(zip(kinds, schemas, strict=True))
    components[TicketRequest.__name__]["properties"]["size"]["maximum"] = max_bytes
    paths: dict[str, Object] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, known)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tintype",
            "version": "1",
            "description": "Upload an image; every size and format of it is made, described and served.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "x-presets-revision": presets_revision,
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"schemas": components},
    }


def _operation(route: Route, known: dict[type[msgspec.Struct], Object]) -> Object:
    name = route.operation.__name__
    described: Object = {
        "operationId": name,
        "summary": _sentence(route.operation),
        "responses": _responses(route, known),
    }
    parameters = [_place(name) for name in re.findall(r"{(\w+)}", route.path)]
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
    by_status: dict[int, list[Refusal]] = {}
    for refusal in (*route.refusals, *ALWAYS):
        by_status.setdefault(_status(refusal), []).append(refusal)
    for status, refusals in sorted(by_status.items()):
        said = " ".join(f"`{one.code}`: {_sentence(one)}" for one in refusals)
        responses[str(status)] = {
            "description": said,
            "content": {CONTENT_TYPE: {"schema": known[Problem]}},
        }
    return responses


def _sentence(of: object) -> str:
    """Return the first line of a docstring; what else it says is for those who program it."""
    return (of.__doc__ or "").strip().splitlines()[0]


def _status(refusal: Refusal) -> int:
    return OUTCOMES.get(refusal, UNAVAILABLE).status


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


def _place(name: str) -> Object:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query(parameter: Parameter) -> Object:
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "required": parameter.required,
        "schema": dict(parameter.schema),
    }
