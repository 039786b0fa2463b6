"""The schema, and the resolvers that AppSync's own JavaScript must understand."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_leaf_type,
    parse,
    validate,
)

from tests.infra.parts import Template, resources, the
from tests.infra.resolvers import Resolvers
from tintype import delivery, images, owners
from tintype.catalogue import PUBLISH, announcement
from tintype.keys import rendition_key
from tintype_infra import graphql
from tintype_infra.graphql import RESOLVERS, SCHEMA, SHARED, SOURCES, resolver_code

# What AppSync brings with it.
APPSYNC = """
scalar AWSDateTime
directive @aws_iam on FIELD_DEFINITION | OBJECT
directive @aws_api_key on FIELD_DEFINITION | OBJECT
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
"""
# "JavaScript runtime features for resolvers and functions", AppSync Developer Guide.
FORBIDDEN = {
    "statements": r"\b(try|catch|finally|throw|while|do|continue|class|async|await|function\s*\*)\b",
    "counting loops": r"\bfor\s*\([^)]*;",
    "unary operators": r"\+\+|--|~",
    "the in operator": r"\(\s*\w+ in \w+\s*\)",
    "regular expressions": r"=\s*/[^/*]",
    "what is not there": r"\b(console|require|Promise|setTimeout|Date|new|this|eval)\b",
}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return build_schema(APPSYNC + graphql.schema())


def object_type(schema: GraphQLSchema, name: str) -> GraphQLObjectType | GraphQLInputObjectType:
    found = schema.type_map[name]
    assert isinstance(found, GraphQLObjectType | GraphQLInputObjectType)
    return found


def test_every_query_and_mutation_has_a_resolver(schema: GraphQLSchema) -> None:
    fields = {
        f"{kind}.{field}"
        for kind in ("Query", "Mutation", "Subscription")
        for field in object_type(schema, kind).fields
    }

    assert fields == set(SOURCES)
    shared = {path.stem for path in SHARED.values()}
    assert {path.stem for path in RESOLVERS.glob("*.js")} - shared == fields


def test_resolvers_are_deployed(template: Template) -> None:
    deployed = {
        f"{one['Properties']['TypeName']}.{one['Properties']['FieldName']}": one["Properties"]
        for one in resources(template, "AppSync::Resolver").values()
    }

    assert set(deployed) == set(SOURCES)
    for field, resolver in deployed.items():
        assert resolver["Code"] == resolver_code(field)
        assert resolver["Runtime"] == {"Name": "APPSYNC_JS", "RuntimeVersion": "1.0.0"}


def test_announcement_is_for_the_functions_role_alone(schema: GraphQLSchema) -> None:
    text = SCHEMA.read_text("utf-8")

    assert re.search(r"publishImage\(image: ImageInput!\): Image @aws_iam\n", text)
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType) and name in _reached(schema, "Image"):
            assert f"type {name} @aws_api_key @aws_iam {{" in text


def _reached(schema: GraphQLSchema, name: str) -> set[str]:
    """Return the types that an answer of that type can hold."""
    inner = {
        get_named_type(field.type).name
        for field in object_type(schema, name).fields.values()
        if not is_leaf_type(get_named_type(field.type))
    }
    return {name}.union(*(_reached(schema, one) for one in inner))


def test_input_of_the_announcement_mirrors_the_image(schema: GraphQLSchema) -> None:
    for name in _reached(schema, "Image"):
        output, given = object_type(schema, name), object_type(schema, f"{name}Input")
        assert {key: str(field.type) for key, field in output.fields.items()} == {
            key: str(field.type).replace("Input", "") for key, field in given.fields.items()
        }


def test_a_new_field_of_the_schema_may_be_announced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = tmp_path / "schema.graphql"
    text = SCHEMA.read_text("utf-8").replace(
        "  iso: Int\n", '  "How it felt."\n  moods: [Mood!]!\n'
    )
    changed.write_text(f"{text}\ntype Mood @aws_api_key @aws_iam {{\n  colour: String!\n}}\n")
    monkeypatch.setattr(graphql, "SCHEMA", changed)

    known = build_schema(APPSYNC + graphql.schema())

    camera, mood = object_type(known, "CameraInput"), object_type(known, "MoodInput")
    assert str(camera.fields["moods"].type) == "[MoodInput!]!"
    assert "iso" not in camera.fields
    assert {name: str(one.type) for name, one in mood.fields.items()} == {"colour": "String!"}


def test_catalogue_function_selects_every_field(schema: GraphQLSchema) -> None:
    document = parse(PUBLISH)

    assert not validate(schema, document)
    selected = set(re.findall(r"\w+", PUBLISH.partition("publishImage")[2]))
    for name in _reached(schema, "Image"):
        assert set(object_type(schema, name).fields) <= selected


def test_catalogue_function_sends_no_field_that_the_schema_does_not_know(
    schema: GraphQLSchema,
) -> None:
    said = announcement(_image(), "https://cdn.example")

    assert set(said) <= set(object_type(schema, "ImageInput").fields)
    for part, kind in (("original", "OriginalInput"), ("renditions", "RenditionInput")):
        values = said[part] if isinstance(said[part], list) else [said[part]]
        assert isinstance(values, list)
        for value in values:
            assert set(value) <= set(object_type(schema, kind).fields)


def test_words_of_the_schema_are_those_of_the_records(schema: GraphQLSchema) -> None:
    for name, kind in (("ImageStatus", images.Status), ("ImageSource", images.Source)):
        enum = schema.type_map[name]
        assert isinstance(enum, GraphQLEnumType)
        assert set(enum.values) == set(kind)
    for name, record in (
        ("Camera", images.Camera),
        ("Failure", images.Failure),
        ("Timings", images.Timings),
    ):
        words = {field.encode_name for field in msgspec.structs.fields(record)}
        assert set(object_type(schema, name).fields) == words


@pytest.mark.parametrize("field", SOURCES)
def test_resolver_keeps_to_what_appsync_understands(field: str) -> None:
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", resolver_code(field), flags=re.DOTALL)

    for what, pattern in FORBIDDEN.items():
        found = re.search(pattern, code)
        assert not found, f"{what}: {found and found[0]}"
    assert len(code.encode()) < 32_768  # the longest that AppSync takes


@pytest.fixture
def resolve(tmp_path: Path) -> Resolvers:
    return Resolvers(tmp_path)


ENV = {
    "PUBLIC_URL": "https://cdn.example",
    "ACCESS_MODE": "open",
    "ADMIN_GROUP": "admin",
    "GROUPS_CLAIM": "",
}
RECORD = {
    "id": "1",
    "status": "READY",
    "renditions": [{"preset": "thumb", "key": "1/f/thumb.webp"}],
}


def test_image_is_read_by_its_id(resolve: Resolvers) -> None:
    asked = resolve("Query.image", "request", args={"id": "1"})

    assert asked == {"operation": "GetItem", "key": {"id": "1"}}


def test_image_comes_with_the_addresses_of_its_renditions(resolve: Resolvers) -> None:
    response = resolve("Query.image", "response", result=RECORD, env=ENV)

    assert response["renditions"][0]["url"] == "https://cdn.example/1/f/thumb.webp"


def test_record_from_before_visibility_is_public(resolve: Resolvers) -> None:
    response = resolve("Query.image", "response", result=RECORD, env=ENV)

    assert response["visibility"] == "public"


@pytest.mark.parametrize("owner", ["ann", "auth0|ann", "z%C3%AB", ".."])
def test_private_renditions_have_the_same_addresses_in_graphql_as_in_python(
    resolve: Resolvers, owner: str
) -> None:
    key = rendition_key("1", "f", "thumb.webp", owner)
    record = {**RECORD, "visibility": "private", "renditions": [{"preset": "thumb", "key": key}]}

    response = resolve("Query.image", "response", result=record, env=ENV)

    assert response["visibility"] == "private"
    assert response["renditions"][0]["url"] == f"https://cdn.example{delivery.path(key)}"


@pytest.mark.parametrize("record", [None, {**RECORD, "status": "DELETED"}])
def test_image_that_is_not_there_is_null(resolve: Resolvers, record: object) -> None:
    assert resolve("Query.image", "response", result=record, env=ENV) is None


def test_images_are_listed_newest_first(resolve: Resolvers) -> None:
    asked = resolve("Query.images", "request", args={"nextToken": "abc"}, env=ENV)

    assert asked["index"] == "byOwner"
    assert asked["scanIndexForward"] is False
    assert (asked["limit"], asked["nextToken"]) == (50, "abc")
    assert asked["query"]["expressionValues"] == {":owner": owners.PUBLIC}


@pytest.mark.parametrize("limit", [0, 101])
def test_images_are_listed_up_to_a_hundred(resolve: Resolvers, limit: int) -> None:
    assert "limit_out_of_range" in resolve("Query.images", "request", args={"limit": limit})


def test_images_are_answered_as_a_page(resolve: Resolvers) -> None:
    result = {"items": [RECORD], "nextToken": None}

    response = resolve("Query.images", "response", result=result, env=ENV)

    assert response["images"][0]["renditions"][0]["url"].startswith("https://cdn.example/")
    assert response["nextToken"] is None


@pytest.mark.parametrize("field", ["Query.image", "Query.images"])
def test_error_of_the_table_is_told(resolve: Resolvers, field: str) -> None:
    error = {"message": "slow down", "type": "DynamoDB:ThrottlingException"}

    assert "ThrottlingException: slow down" in resolve(field, "response", error=error, env=ENV)


def test_announcement_is_passed_on(resolve: Resolvers) -> None:
    assert resolve("Mutation.publishImage", "request", args={"image": RECORD}) == {
        "payload": RECORD
    }
    assert resolve("Mutation.publishImage", "response", result=RECORD) == RECORD


def test_api_is_open_to_the_key_and_to_signatures(opened: Template) -> None:
    api = the(opened, "AppSync::GraphQLApi")

    assert api["AuthenticationType"] == "API_KEY"
    assert [one["AuthenticationType"] for one in api["AdditionalAuthenticationProviders"]] == [
        "AWS_IAM"
    ]
    assert api["EnvironmentVariables"].keys() == ENV.keys()


def _image() -> images.Image:
    return images.Image(
        id="1",
        version=3,
        status=images.Status.READY,
        filename="a.jpg",
        source=images.Source.UPLOAD,
        original=images.Original(key="originals/1/a.jpg", width=4, camera=images.Camera(make="M")),
        renditions=(
            images.Rendition(
                preset="thumb",
                format="webp",
                content_type="image/webp",
                width=1,
                height=1,
                bytes=9,
                key="1/f/thumb.webp",
            ),
        ),
        timings=images.Timings(read=1.5),
        revision="f",
        presets_revision="g",
        created_at="2026-11-21T10:00:00.000Z",
        updated_at="2026-11-21T10:00:00.000Z",
        expires=5,
    )


def test_one_request_can_ask_for_what_the_record_has_and_for_little_more(
    template: Template, schema: GraphQLSchema
) -> None:
    api = the(template, "AppSync::GraphQLApi", "GraphqlApi")
    fields = "{ images { images { original { camera { make } } } } }"

    assert api["QueryDepthLimit"] == fields.count("{") == depth_of(schema)
    assert api["ResolverCountLimit"] == 5


def depth_of(schema: GraphQLSchema) -> int:
    """Return the levels of the deepest query."""
    types = schema.type_map

    def below(name: str) -> int:
        fields = getattr(types[name], "fields", {})
        return max((1 + below(get_named_type(one.type).name) for one in fields.values()), default=0)

    return below("Query")
