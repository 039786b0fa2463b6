"""The OpenAPI document against the API that serves it: what it allows works, what it forbids does not.

The document is made here, by the code that the deployed function has, so that each operation is a
test; that the deployed function serves the same one is a test as well. All of schemathesis' checks
are on; what is left out says why.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import strategies
from hypothesis.errors import FlakyStrategyDefinition
from schemathesis import Case, GenerationMode, HookContext
from schemathesis.core.parameters import ParameterLocation

from tests.cloud.operator import Operator
from tests.cloud.people import UserPool
from tests.cloud.running import UP, running_cloud
from tests.cloud.stack import TIMEOUT_SECONDS, Json, Stack
from tintype import keys
from tintype.content_types import CONTENT_TYPES, UNKNOWN
from tintype.owners import PUBLIC
from tintype.site.contract import http_api
from tintype.uploads import MAX_HEADER_LENGTH

DOCUMENT: Json = json.loads(json.dumps(http_api(is_open=True)))
SIGNED_IN_DOCUMENT: Json = json.loads(json.dumps(http_api(is_open=False)))


def _tested(document: Json) -> Any:
    """Return a document's operations, with the checks that its requests get."""
    api = schemathesis.openapi.from_dict(document)
    # Not TRACE: CloudFront refuses it itself, whatever it is told to let through.
    api.config.phases.coverage.unexpected_methods = {
        "delete",
        "get",
        "head",
        "patch",
        "post",
        "put",
    }
    # Schemathesis' own list has no 413, which is the right answer to what is too large.
    api.config.checks.negative_data_rejection.expected_statuses += ["413"]
    # A deletion is accepted with 202: for a moment the image is still there.
    api.config.checks.use_after_free.enabled = False
    api.hook(filter_case)
    return api


def filter_case(_context: HookContext, case: Case[Any]) -> bool:
    """Leave out what says nothing about this API."""
    left_out = (
        _is_lost_on_its_way,
        _has_wrong_bytes,
        _is_too_long_in_bytes,
        _is_a_place_in_another_listing,
        _has_a_past,
        _contradicts_itself,
    )
    return not any(reason(case) for reason in left_out)


FEW = hypothesis.settings(max_examples=40)
FEWER = hypothesis.settings(max_examples=10)  # of what the other document has as well


def _cursor(image_id: str) -> str:
    """Return what the listing gives for a place in it; nobody else is meant to make one."""
    place = {"id": image_id, "owner": PUBLIC, "createdAt": "2026-11-21T10:00:00.123Z"}
    return urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


schemathesis.openapi.format(
    "cursor", strategies.from_regex(keys.ID_PATTERN, fullmatch=True).map(_cursor)
)
for content_type in (*CONTENT_TYPES, UNKNOWN):
    schemathesis.openapi.media_type(content_type, strategies.binary(min_size=1, max_size=100))


def _is_lost_on_its_way(case: Case[Any]) -> bool:
    """Whether a line ends in the path: then the emulator's CloudFront does not find it below /api."""
    return "%0A" in case.formatted_path


def _has_wrong_bytes(case: Case[Any]) -> bool:
    """Whether an original is meant to be wrong: that is found out later, and is no refusal here."""
    if case.operation.label != "POST /images" or case.meta is None:
        return False
    body = case.meta.components.get(ParameterLocation.BODY)
    return body is not None and body.mode is GenerationMode.NEGATIVE


def _is_a_place_in_another_listing(case: Case[Any]) -> bool:
    """Whether the cursor is the public's and the owner another: JSON Schema cannot tie the two."""
    query = case.query or {}
    return "cursor" in query and query.get("owner", PUBLIC) != PUBLIC


def _has_a_past(case: Case[Any]) -> bool:
    """Whether a key is to expire at a time of its own: JSON Schema knows no now."""
    return isinstance(case.body, dict) and bool(case.body.get("expiresAt"))


def _contradicts_itself(case: Case[Any]) -> bool:
    """Whether an address is to have parameters that exclude or need each other, or any preset.

    JSON Schema could tell, at the price of a schema that nobody reads; which presets there are it
    cannot know.
    """
    if case.operation.label != "POST /images/{id}/address" or not isinstance(case.body, dict):
        return False
    given = {name for name, value in case.body.items() if value is not None}
    point = given & {"fp-x", "fp-y"}
    return "preset" in given or len(point) == 1 or ("gravity" in given and bool(point))


def _is_too_long_in_bytes(case: Case[Any]) -> bool:
    """Whether S3 has no room for a file name, of which JSON Schema counts the characters."""
    given = case.body if isinstance(case.body, dict) else case.query
    name = (given or {}).get("filename")
    return isinstance(name, str) and len(quote(name, safe="")) > MAX_HEADER_LENGTH


API, SIGNED_IN = _tested(DOCUMENT), _tested(SIGNED_IN_DOCUMENT)


@pytest.fixture(scope="module")
def alice(
    deployed_state: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Stack, str]]:
    """Run a stack with sign-in, and return it with a person's access token."""
    state, command = tmp_path_factory.mktemp("signed-in"), (*UP, "--access", "cognito")
    with ExitStack() as closing:
        cloud = closing.enter_context(running_cloud(state, command, deployed=deployed_state))
        client = closing.enter_context(httpx.Client(timeout=TIMEOUT_SECONDS))
        pool = UserPool(cloud, Operator(cloud, closing), client)
        yield Stack(cloud.outputs, client), pool.add("alice").access


@SIGNED_IN.parametrize()  # type: ignore[untyped-decorator] # of a class that its hook makes
@FEWER
def test_every_answer_to_a_person_is_as_documented(
    alice: tuple[Stack, str], case: Case[Any]
) -> None:
    stack, token = alice
    headers = {"Authorization": f"Bearer {token}"}
    hypothesis.assume(not {"cursor", "owner"} & set(case.query or {}))  # the public's
    case.call_and_validate(base_url=stack.outputs["ApiUrl"], headers=headers)


@API.parametrize()  # type: ignore[untyped-decorator]
@FEW
def test_every_answer_is_as_documented(stack: Stack, case: Case[Any]) -> None:
    case.call_and_validate(base_url=stack.outputs["ApiUrl"])


def test_the_stack_serves_this_document(stack: Stack) -> None:
    served = stack.request("GET", "/openapi.json").json()

    assert served == {**DOCUMENT, "servers": [{"url": stack.outputs["ApiUrl"]}]}


def test_every_operation_finds_what_another_one_made(stack: Stack) -> None:
    class Chains(API.as_state_machine()):  # type: ignore[misc] # a class that is made as it runs
        def get_call_kwargs(self, _case: Case[Any]) -> dict[str, str]:
            return {"base_url": stack.outputs["ApiUrl"]}

    few = hypothesis.settings(FEW, max_examples=20, stateful_step_count=6)
    for tries_left in reversed(range(8)):
        try:
            Chains.run(settings=few)
            break
        except FlakyStrategyDefinition:
            # No check failed: an answer came sooner or later than in the run before, so that another
            # operation could follow, and Hypothesis lost its thread.
            if not tries_left:
                raise
