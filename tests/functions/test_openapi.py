"""The OpenAPI document: valid, whole, and true of what the API really says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from tests.functions.cases import ERROR_CASES, SUCCESSES, TICKET, MakeRequest, RouteKey
from tests.functions.stack import MAX_BYTES, PUBLIC_URL, Stack
from tintype.aws.errors import UnavailableError
from tintype.content_types import CONTENT_TYPES, UNKNOWN
from tintype.functions import errors
from tintype.functions.openapi import openapi
from tintype.functions.routes import ROUTES, ErrorType
from tintype.uploads import MAX_BODY_BYTES

Document = dict[str, Any]
EVERYWHERE: tuple[type[errors.ApiError], ...] = (
    errors.SignInRequiredError,
    errors.InvalidApiKeyError,
    errors.NotAllowedError,
    errors.RateLimitedError,
)

DOCUMENT: Document = json.loads(
    msgspec.json.encode(openapi(server="", presets_revision="presets", max_bytes=MAX_BYTES))
)


def operation(place: RouteKey) -> Document:
    method, path = place
    found: Document = DOCUMENT["paths"][path][method.lower()]
    return found


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def validate(content: object, schema: Document) -> None:
    """Check *content* against a schema of the document."""
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema_rs.validate(whole, content)


def test_the_document_is_openapi_3_1() -> None:
    OPENAPI_31_VALIDATOR.validate(DOCUMENT)


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_every_schema_is_json_schema(name: str) -> None:
    jsonschema_rs.meta.validate(DOCUMENT["components"]["schemas"][name])


def test_every_reference_leads_to_a_schema_and_every_schema_is_referred_to() -> None:
    found = set(references(DOCUMENT))

    assert found == {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}


def kinds(kind: msgspec.inspect.Type) -> Iterator[msgspec.inspect.Type]:
    """Yield a type, and those of its parts."""
    yield kind
    if isinstance(kind, msgspec.inspect.StructType):
        for field in kind.fields:
            yield from kinds(field.type)
    elif isinstance(kind, msgspec.inspect.UnionType):
        for one in kind.types:
            yield from kinds(one)
    elif isinstance(kind, msgspec.inspect.VarTupleType | msgspec.inspect.ListType):
        yield from kinds(kind.item_type)


def test_no_request_refuses_a_whole_number_that_is_written_with_a_point() -> None:
    """To JSON Schema 18427.0 is an integer; to msgspec's `int` it is none."""
    bodies = [route.takes for route in ROUTES if route.takes and route.takes is not bytes]
    found = {
        body.__name__
        for body in bodies
        for kind in kinds(msgspec.inspect.type_info(body))
        if isinstance(kind, msgspec.inspect.IntType)
    }

    assert bodies
    assert found == set()


def test_every_route_is_there_and_no_other() -> None:
    described = {
        (method.upper(), path)
        for path, operations in DOCUMENT["paths"].items()
        for method in operations
    }

    assert described == {(route.method, route.path) for route in ROUTES}


def test_every_operation_has_a_name_of_its_own_and_a_sentence() -> None:
    operations = [operation((route.method, route.path)) for route in ROUTES]

    assert len({one["operationId"] for one in operations}) == len(ROUTES)
    for one in operations:
        assert one["summary"].endswith(".")


def test_every_refusal_of_every_route_stands_under_its_status() -> None:
    for route in ROUTES:
        responses = operation((route.method, route.path))["responses"]
        expected: dict[str, set[str]] = {"503": {"service_unavailable"}}
        for refusal in (*route.errors, *EVERYWHERE):
            expected.setdefault(str(errors.STATUS[refusal].status), set()).add(refusal.code)
        said = {
            status: set(re.findall(r"`(\w+)`", response["description"]))
            for status, response in responses.items()
            if status != str(route.status)
        }
        assert said == expected, route.path


def test_every_place_in_a_path_is_a_parameter() -> None:
    for route in ROUTES:
        parameters = operation((route.method, route.path)).get("parameters", [])
        places = {one["name"] for one in parameters if one["in"] == "path"}
        assert places == set(re.findall(r"{(\w+)}", route.path))
        assert all(one["required"] for one in parameters if one["in"] == "path")


def test_bytes_are_taken_as_every_image_that_we_open() -> None:
    content = operation(("POST", "/images"))["requestBody"]["content"]

    assert content.keys() == CONTENT_TYPES | {UNKNOWN}
    assert {one["schema"]["maxLength"] for one in content.values()} == {MAX_BODY_BYTES}


@pytest.mark.parametrize("place", SUCCESSES, ids=" ".join)
def test_what_a_route_says_is_what_the_document_says(stack: Stack, place: RouteKey) -> None:
    said = SUCCESSES[place](stack)

    response = operation(place)["responses"][str(said.status)]
    validate(said.json, response["content"]["application/json"]["schema"])


@pytest.mark.parametrize(
    "case", ERROR_CASES, ids=lambda case: f"{' '.join(case[0])} {case[1].code}"
)
def test_what_a_route_refuses_is_what_the_document_says(
    stack: Stack, case: tuple[RouteKey, ErrorType, MakeRequest]
) -> None:
    place, refusal, asking = case

    said = asking(stack)

    response = operation(place)["responses"][str(said.status)]
    validate(said.json, response["content"][said.headers["content-type"]]["schema"])
    assert f"`{refusal.code}`" in response["description"]


@pytest.mark.parametrize("image", [Stack.ready, Stack.failed, Stack.expected])
def test_an_image_in_every_status_is_what_the_document_says(stack: Stack, image: Any) -> None:
    said = stack.ask("GET", f"/images/{image(stack)}")

    validate(said.json, {"$ref": "#/components/schemas/Image"})


@pytest.mark.parametrize(
    "change",
    [{"size": 0}, {"size": MAX_BYTES + 1}, {"sha256": "x"}, {"filename": ""}, {"size": None}],
)
def test_what_the_document_rules_out_the_api_refuses(
    stack: Stack, change: dict[str, object]
) -> None:
    body = TICKET | change
    schema = operation(("POST", "/uploads"))["requestBody"]["content"]["application/json"]["schema"]

    with pytest.raises(jsonschema_rs.ValidationError):
        validate(body, schema)
    assert stack.ask("POST", "/uploads", body=body).status in {400, 413}


def test_the_document_allows_the_content_type_of_a_drawing_which_the_settings_may() -> None:
    schema = operation(("POST", "/uploads"))["requestBody"]["content"]["application/json"]["schema"]

    validate(TICKET | {"contentType": "image/svg+xml"}, schema)
    with pytest.raises(jsonschema_rs.ValidationError):
        validate(TICKET | {"contentType": "text/html"}, schema)


def test_the_document_that_is_served_is_this_one(stack: Stack) -> None:
    served = stack.ask("GET", "/openapi.json").json

    server = {"servers": [{"url": f"{PUBLIC_URL}/api"}]}
    assert served == DOCUMENT | server | {"security": [{}, *DOCUMENT["security"]]}


def test_the_document_is_for_everyone_and_says_what_credentials_are_needed(stack: Stack) -> None:
    stack.sign_in()

    served = stack.ask("GET", "/openapi.json").json

    assert served["security"] == [{"accessToken": []}, {"apiKey": []}]
    assert set(served["components"]["securitySchemes"]) == {"accessToken", "apiKey"}


def test_services_that_are_away_are_said_to_be_worth_another_try() -> None:
    assert UnavailableError.retryable
    assert errors.UNAVAILABLE.status == 503
