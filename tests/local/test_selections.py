"""What a subscriber gets of a mutation: pure functions on documents."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema, parse

from tintype.local.appsync.selections import (
    InvalidSubscriptionError,
    Published,
    matches,
    parse_subscription,
    payload,
    published,
)

SCHEMA = build_schema("""
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
enum Status { READY FAILED }
type Part { name: String! bytes: Int }
type Picture { id: ID! title: String status: Status parts: [Part!] }
type Query { picture: Picture }
type Mutation { publish(id: ID): Picture other(id: ID): Picture }
type Subscription {
  changed(id: ID, status: Status = null): Picture @aws_subscribe(mutations: ["publish"])
}
""")
FULL = "subscription ($id: ID, $status: Status) { changed(id: $id, status: $status) { id title } }"


def events(mutation: str, answer: dict[str, Any], **variables: object) -> list[Published]:
    return list(published(parse(mutation), None, variables, {"data": answer}))


def test_aliases_and_fragments_of_the_mutation_are_undone() -> None:
    mutation = """
      mutation { mine: publish { i: id ...more parts { n: name } } }
      fragment more on Picture { what: title parts { bytes } }
    """
    answer = {"mine": {"i": "a", "what": "T", "parts": [{"n": "x", "bytes": 1}]}}

    result = {"id": "a", "title": "T", "parts": [{"name": "x", "bytes": 1}]}
    assert events(mutation, answer) == [Published("publish", result)]


def test_failed_mutation_is_no_event() -> None:
    assert events("mutation { publish { id } }", {"publish": None}) == []


def test_query_is_no_event() -> None:
    assert events("{ picture { id } }", {"picture": {"id": "a"}}) == []


def test_skipped_field_is_not_in_the_event() -> None:
    mutation = "mutation ($no: Boolean!) { publish { id title @include(if: $no) } }"

    (event,) = events(mutation, {"publish": {"id": "a"}}, no=False)

    assert event.result == {"id": "a"}


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ({}, True),
        ({"id": None}, True),
        ({"id": "a"}, True),
        ({"id": "b"}, False),
        ({"id": "a", "status": "READY"}, True),
        ({"id": "a", "status": "FAILED"}, False),
    ],
)
def test_each_argument_that_is_given_must_equal_the_field(
    arguments: dict[str, Any], *, wanted: bool
) -> None:
    subscription = parse_subscription(SCHEMA, FULL, arguments)

    event = Published("publish", {"id": "a", "status": "READY"})

    assert matches(subscription, event) is wanted


def test_argument_whose_field_was_not_selected_by_the_mutation_never_matches() -> None:
    subscription = parse_subscription(SCHEMA, FULL, {"status": "READY"})

    assert not matches(subscription, Published("publish", {"id": "a"}))


def test_other_mutations_are_not_for_the_subscriber() -> None:
    subscription = parse_subscription(SCHEMA, FULL, {})

    assert not matches(subscription, Published("other", {"id": "a"}))


def test_field_that_may_not_be_null_and_was_not_selected_is_an_error() -> None:
    subscription = parse_subscription(SCHEMA, FULL, {})

    said = payload(subscription, Published("publish", {"title": "T"}))

    assert said["data"] == {"changed": None}
    assert "non-nullable field Picture.id" in said["errors"][0]["message"]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("subscription { changed { id ", "Syntax Error"),
        ("subscription { changed { no } }", "Cannot query field 'no'"),
        ("subscription ($id: ID!) { changed(id: $id) { id } }", "$id"),
        ("mutation { publish { id } }", "only subscriptions"),
        ("subscription A { changed { id } } subscription B { changed { id } }", "only"),
        ("subscription { changed @skip(if: true) { id } }", "selects nothing"),
    ],
)
def test_invalid_subscription_says_why(query: str, why: str) -> None:
    with pytest.raises(InvalidSubscriptionError) as error:
        parse_subscription(SCHEMA, query, {})

    assert why in str(error.value)
