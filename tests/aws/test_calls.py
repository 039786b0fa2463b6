"""A GraphQL API and a function on the emulator: answers, errors, refusals."""

from __future__ import annotations

import json

import pytest

from tests.aws.conftest import FUNCTION, Cloud
from tests.aws.hostile_server import hostile_server, http
from tintype.aws.account import Account
from tintype.aws.appsync import GraphqlApi
from tintype.aws.errors import (
    AccessDeniedError,
    FunctionFailedError,
    GraphqlFailedError,
    InvalidRequestError,
    NotFoundError,
)
from tintype.aws.lambda_ import Function
from tintype.aws.signing import Credentials

PUBLISH = "mutation M($id: ID!, $text: String!) { publish(id: $id, text: $text) { id text } }"
NOTE = {"id": "1", "text": "Café ☕"}


def test_a_mutation_answers_its_data(cloud: Cloud, account: Account) -> None:
    api = GraphqlApi(account, cloud.graphql_url)

    assert api.execute(PUBLISH, NOTE) == {"publish": NOTE}


def test_a_resolver_s_error_has_its_type_and_text(cloud: Cloud, account: Account) -> None:
    api = GraphqlApi(account, cloud.graphql_url)

    with pytest.raises(GraphqlFailedError, match="not today") as caught:
        api.execute("mutation { refuse { id } }", {})

    assert caught.value.name == "Closed"
    assert not caught.value.retryable


def test_a_query_that_the_schema_does_not_know_fails(cloud: Cloud, account: Account) -> None:
    api = GraphqlApi(account, cloud.graphql_url)

    with pytest.raises(GraphqlFailedError, match="nothing"):
        api.execute("mutation { nothing }", {})


def test_who_has_no_policy_may_not_publish(cloud: Cloud, strange_account: Account) -> None:
    with pytest.raises(AccessDeniedError):
        GraphqlApi(strange_account, cloud.graphql_url).execute(PUBLISH, NOTE)


def test_a_wrong_secret_may_not_publish(cloud: Cloud) -> None:
    """AppSync, alone among the services, calls this a bad request."""
    account = cloud.account(Credentials(cloud.owner.access_key, "wrong"))

    with pytest.raises(InvalidRequestError, match="BadRequestException: The request signature"):
        GraphqlApi(account, cloud.graphql_url).execute(PUBLISH, NOTE)


def test_an_api_is_named_by_its_host_at_the_endpoint() -> None:
    url = "https://abc.appsync-api.eu-central-1.amazonaws.com/graphql"
    with hostile_server(http(200, b'{"data": {"a": 1}}')) as server:
        account = Account("eu-central-1", server.endpoint, lambda: Credentials("AKIA", "s"))

        assert GraphqlApi(account, url).execute("{ a }", {}) == {"a": 1}

    (head,) = server.requests
    assert head.startswith("POST /graphql HTTP/1.1")
    assert "\r\nhost: abc.appsync-api.eu-central-1.amazonaws.com\r\n" in head


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("Unauthorized", AccessDeniedError), ("MappingTemplate", GraphqlFailedError)],
)
def test_errors_beside_data_are_errors(kind: str, expected: type[Exception]) -> None:
    errors = [
        {"path": ["publishImage", 0], "errorType": kind, "message": "One."},
        {"message": "Two."},
    ]
    body = json.dumps({"data": {"publishImage": None}, "errors": errors}).encode()
    with hostile_server(http(200, body)) as server:
        account = Account("eu-central-1", server.endpoint, lambda: Credentials("AKIA", "s"))

        with pytest.raises(expected, match=f"{kind}: publishImage.0: One.; Two."):
            GraphqlApi(account, f"{server.endpoint}/graphql").execute("{ a }", {})


def test_a_function_answers(account: Account) -> None:
    answer = Function(account, FUNCTION).invoke(json.dumps({"key": "Café"}).encode())

    assert json.loads(answer) == {"echo": {"key": "Café"}}


def test_a_function_that_raises_has_failed(account: Account) -> None:
    with pytest.raises(FunctionFailedError, match="too bad") as caught:
        Function(account, FUNCTION).invoke(b'{"fail": "too bad"}')

    assert json.loads(caught.value.payload)["errorMessage"] == "too bad"


def test_a_function_can_be_named_by_its_arn(account: Account) -> None:
    arn = f"arn:aws:lambda:{account.region}:000000000000:function:{FUNCTION}"

    assert Function(account, arn).invoke(b"{}") == b'{"echo": {}}'


def test_a_missing_function_is_not_found(account: Account) -> None:
    with pytest.raises(NotFoundError):
        Function(account, "missing").invoke(b"{}")


def test_who_has_no_policy_may_not_invoke(strange_account: Account) -> None:
    with pytest.raises(AccessDeniedError):
        Function(strange_account, FUNCTION).invoke(b"{}")


def test_a_failure_says_what_was_raised() -> None:
    body = b'{"errorMessage": "too bad", "errorType": "ValueError", "stackTrace": ["..."]}'
    failure = http(200, body, headers="X-Amz-Function-Error: Unhandled\r\n")
    with hostile_server(failure) as server:
        account = Account("eu-central-1", server.endpoint, lambda: Credentials("AKIA", "s"))

        with pytest.raises(
            FunctionFailedError, match="lambda Invoke: ValueError: too bad"
        ) as caught:
            Function(account, "process").invoke(b"{}")

    assert caught.value.payload == body


def test_a_crash_without_words_is_still_a_failure() -> None:
    crash = http(200, b"null", headers="X-Amz-Function-Error: Unhandled\r\n")
    with hostile_server(crash) as server:
        account = Account("eu-central-1", server.endpoint, lambda: Credentials("AKIA", "s"))

        with pytest.raises(FunctionFailedError, match="without a message"):
            Function(account, "process").invoke(b"{}")
