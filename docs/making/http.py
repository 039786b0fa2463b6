"""The reference of the HTTP API, from the document that the API serves at `/openapi.json`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from docs.making.tables import code, sentence, table, wrapped
from tintype.functions.errors import CONTENT_TYPE
from tintype.site.contract import http_api

Json = Mapping[str, Any]  # a part of the document: values of any type
_ERRORS = "errors/api.md#the-api-refuses-a-request"
_CODE = re.compile(r" ?`([a-z_]+)`: ")
_LONGEST_VALUES = 6  # of an enumeration that a cell shows whole


@cache
def document() -> Json:
    """Return the OpenAPI document of the shipped settings."""
    found: Json = json.loads(json.dumps(http_api()))
    return found


def reference() -> str:
    """Return the routes, and then the types that they take and give."""
    routes = [
        _route(method.upper(), path, operation)
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
    ]
    schemas = document()["components"]["schemas"]
    types = [_type(name, schema) for name, schema in schemas.items()]
    return "\n".join(["## Routes\n", *routes, "## Types\n", *types])


def _route(method: str, path: str, operation: Json) -> str:
    parts = [f"### {method} {path}\n", f"{wrapped(sentence(operation['summary']))}\n"]
    if operation.get("parameters"):
        rows = [_parameter(one) for one in operation["parameters"]]
        parts.append(table(["Parameter", "In", "Type", "Meaning"], rows))
    if "requestBody" in operation:
        parts.append(wrapped(f"Takes {_body(operation['requestBody']['content'])}.") + "\n")
    answers = operation["responses"].items()
    rows = [[status, _answer(answer)] for status, answer in answers]
    parts.append(table(["Status", "Response"], rows))
    return "\n".join(parts)


def _parameter(parameter: Json) -> list[str]:
    needed = "needed; " if parameter["required"] else ""
    meaning = sentence(parameter["description"])
    return [code(parameter["name"]), parameter["in"], needed + _said(parameter["schema"]), meaning]


def _body(content: Json) -> str:
    kinds = list(content)
    if kinds == ["application/json"]:
        return f"{_said(content['application/json']['schema'])} as `application/json`"
    most = content[kinds[0]]["schema"]["maxLength"]
    listed = ", ".join(code(kind) for kind in kinds)
    return f"the bytes of an image, at most {most:,}, as {listed}"


def _answer(answer: Json) -> str:
    """Return what an answer means; each code of a refusal stands in a line of its own."""
    if CONTENT_TYPE in answer["content"]:
        return _CODE.sub(rf"<br>[`\1`]({_ERRORS}): ", answer["description"]).removeprefix("<br>")
    schema = answer["content"]["application/json"]["schema"]
    return f"{_said(schema)}: {sentence(answer['description'])}"


def _type(name: str, schema: Json) -> str:
    parts = [f"### {name}\n"]
    parts += [f"{one}\n" for one in _paragraphs(schema.get("description", ""))]
    if "enum" in schema:
        parts.append(f"One of {', '.join(code(value) for value in schema['enum'])}.\n")
    else:
        parts.append(table(["Field", "Type", ""], _fields(schema)))
    return "\n".join(parts)


def _paragraphs(text: str) -> Iterator[str]:
    for part in text.split("\n\n"):
        yield wrapped(part)


def _fields(schema: Json) -> Iterator[list[str]]:
    required = schema.get("required", [])
    for name, field in schema["properties"].items():
        left_out = "" if name in required else f"may be absent{_default(field)}"
        yield [code(name), _said(field), left_out]


def _default(field: Json) -> str:
    default = field.get("default")
    return "" if default in (None, []) else f"; default {code(default)}"


def _said(schema: Json) -> str:
    """Return a schema in words, with a link to a type that has a name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_said(one) for one in schema["anyOf"])
    if "enum" in schema:
        values = schema["enum"]
        shown = ", ".join(code(value) for value in values[:_LONGEST_VALUES])
        return shown + (", …" if len(values) > _LONGEST_VALUES else "")
    if schema["type"] == "array":
        return f"list of {_said(schema['items'])}"
    if schema["type"] == "object" and "additionalProperties" in schema:
        return f"object of {_said(schema['additionalProperties'])}"
    return f"{schema['type']}{_range(schema)}"


def _range(schema: Json) -> str:
    low = schema.get("minimum", schema.get("minLength"))
    high = schema.get("maximum", schema.get("maxLength"))
    unit = " characters" if schema["type"] == "string" else ""
    if low is not None and high is not None:
        return f", {low:,} to {high:,}{unit}"
    if high is not None:
        return f", at most {high:,}{unit}"
    return f", at least {low:,}{unit}" if low is not None else ""
