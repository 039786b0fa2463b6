"""What the API says when it says no: a problem document, the right status, and nothing of AWS's."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

import msgspec
import pytest

from tests.functions.cases import (
    DELETION,
    ERROR_CASES,
    IMAGES,
    KEYS,
    ME,
    REVOCATION,
    SIGN_OFF,
    SUCCESSES,
    MakeRequest,
    RouteKey,
    send,
)
from tests.functions.lines import Log
from tests.functions.stack import ApiResponse, Stack, original
from tintype.aws.errors import (
    AccessDeniedError,
    FunctionFailedError,
    InvalidRequestError,
    NotFoundError,
    ServiceError,
    UnavailableError,
)
from tintype.functions import errors
from tintype.functions.routes import ALWAYS, ROUTES, ErrorType
from tintype.uploads import MAX_BODY_BYTES, UploadError
from tintype.usage import OverQuotaError

AWS_SAID = "arn:aws:iam::123456789012:role/tintype-api is not authorized"


def assert_problem(said: ApiResponse, status: int, code: str) -> None:
    assert said.status == status, said.body
    assert said.headers["content-type"] == "application/problem+json"
    problem = said.json
    assert problem.keys() == {"type", "title", "status", "detail", "code"}
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"urn:tintype:problem:{code}"
    assert problem["title"]
    assert problem["detail"]


def named(case: tuple[RouteKey, ErrorType, MakeRequest]) -> str:
    (method, path), refusal, _ = case
    return f"{method} {path} {refusal.code}"


@pytest.mark.parametrize("case", ERROR_CASES, ids=named)
def test_every_refusal_is_a_problem_document_with_its_status(
    stack: Stack, log: Log, case: tuple[RouteKey, ErrorType, MakeRequest]
) -> None:
    _, refusal, asking = case

    said = asking(stack)

    assert_problem(said, errors.STATUS[refusal].status, refusal.code)
    line = log.lines(function="api")[-1]
    assert (line["level"], line["Requests"], line["Refused"]) == ("INFO", 1, 1)


def test_every_refusal_that_a_route_is_said_to_have_is_tried() -> None:
    tried = {(place, refusal) for place, refusal, _ in ERROR_CASES}

    assert tried == {
        ((route.method, route.path), refusal) for route in ROUTES for refusal in route.errors
    }


def classes_below(base: type[Exception]) -> set[type[Exception]]:
    direct = set(base.__subclasses__())
    return direct.union(*(classes_below(kind) for kind in direct))


def test_the_table_of_outcomes_has_a_row_for_every_error_and_no_other() -> None:
    known = classes_below(errors.ApiError) | classes_below(UploadError) | {OverQuotaError}

    assert errors.STATUS.keys() == known


def test_every_outcome_is_a_client_s_and_says_so_in_a_title() -> None:
    for outcome in errors.STATUS.values():
        assert 400 <= outcome.status < 500
        assert outcome.title


@pytest.mark.parametrize("path", ["/", "/nothing", "/images/a/b", "/uploads/x", "/apiimages"])
def test_what_is_not_there_says_where_to_look(stack: Stack, path: str) -> None:
    said = stack.ask("GET", path)

    assert_problem(said, 404, "route_not_found")
    assert said.json["detail"] == f"no route for {path}; see /openapi.json"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/uploads", {"POST"}),
        ("PUT", "/images", {"GET", "POST"}),
        ("HEAD", "/images", {"GET", "POST"}),
        ("OPTIONS", "/images/x", {"GET", "PATCH", "DELETE"}),
        ("PATCH", "/images/x/reprocess", {"POST"}),
        ("POST", "/openapi.json", {"GET"}),
        ("HEAD", "/api/openapi.json", {"GET"}),
        ("get", "/images", {"GET", "POST"}),
    ],
)
def test_a_method_that_a_path_does_not_have_is_told_those_that_it_has(
    stack: Stack, method: str, path: str, allowed: set[str]
) -> None:
    said = stack.ask(method, path)

    assert_problem(said, 405, "method_not_allowed")
    assert set(said.headers["allow"].split(", ")) == allowed


def test_a_body_that_is_too_large_is_told_of_tickets(stack: Stack) -> None:
    said = send(b"x" * (MAX_BODY_BYTES + 1))(stack)

    assert said.status == 413
    assert "POST /uploads" in said.json["detail"]
    assert "4,500,001 bytes; the limit here is 4,500,000" in said.json["detail"]
    assert not stack.table.items


def test_the_largest_body_is_taken(stack: Stack) -> None:
    assert send(b"x" * MAX_BODY_BYTES)(stack).status == 202


def test_what_is_refused_leaves_nothing_behind(stack: Stack) -> None:
    for place, _, asking in ERROR_CASES:
        if place[1] in {"/uploads", "/images", "/generate-upload-url"}:
            asking(stack)

    assert not stack.table.items
    assert not stack.originals.objects


def tampered(change: Callable[[dict[str, object]], object]) -> Callable[[str], str]:
    def change_cursor(cursor: str) -> str:
        plain = msgspec.json.decode(urlsafe_b64decode(cursor + "=="), type=dict[str, object])
        change(plain)
        return urlsafe_b64encode(msgspec.json.encode(plain)).decode().rstrip("=")

    return change_cursor


@pytest.mark.parametrize(
    "change",
    [
        lambda cursor: cursor[:-3],
        lambda cursor: cursor[5:],
        lambda _cursor: "%C3%A9",
        lambda _cursor: "*",
        lambda _cursor: urlsafe_b64encode(b"[" * 5000).decode(),
        tampered(lambda plain: plain.update(owner="somebody")),
        tampered(lambda plain: plain.update(id="")),
        tampered(lambda plain: plain.update(id="x" * 3000)),
        tampered(lambda plain: plain.update(createdAt="")),
        tampered(lambda plain: plain.update(createdAt=7)),
        tampered(lambda plain: plain.update(createdAt="x" * 3000)),
        tampered(lambda plain: plain.pop("owner")),
        tampered(lambda plain: plain.update(more=1)),
    ],
)
def test_a_cursor_that_was_tampered_with_is_refused(
    stack: Stack, change: Callable[[str], str]
) -> None:
    stack.ready()
    cursor = stack.ask("GET", "/images", query="limit=1").json["cursor"]
    assert stack.ask("GET", "/images", query=f"cursor={cursor}").status == 200

    said = stack.ask("GET", "/images", query=f"cursor={change(cursor)}")

    assert_problem(said, 400, "invalid_request")


def denied(kind: type[ServiceError]) -> ServiceError:
    return kind(AWS_SAID, service="dynamodb", operation="PutItem", status=400, name="Said")


SERVICE_ERRORS = [
    (denied(UnavailableError), 503, "service_unavailable"),
    (denied(AccessDeniedError), 500, "internal_error"),
    (denied(NotFoundError), 500, "internal_error"),
    (denied(InvalidRequestError), 500, "internal_error"),
    (FunctionFailedError(AWS_SAID, name="Unhandled", payload=b"{}"), 500, "internal_error"),
]


@pytest.mark.parametrize(("error", "status", "code"), SERVICE_ERRORS, ids=lambda one: str(one)[:24])
@pytest.mark.parametrize("place", sorted(SUCCESSES.keys() - {ME, SIGN_OFF}), ids=" ".join)
def test_what_a_service_says_stays_in_the_log(
    stack: Stack,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
    place: RouteKey,
    error: ServiceError,
    status: int,
    code: str,
) -> None:
    images = [stack.ready()] if place[1].startswith("/images/{id}") else []

    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(stack.world, "call", refuse)
    monkeypatch.setattr(stack, "ready", lambda: images[0] if images else "")
    monkeypatch.setattr(stack, "expected", lambda: "")
    monkeypatch.setattr(stack, "put", lambda *_: "")

    said = ask_again(stack, place, images)

    assert_problem(said, status, code)
    assert AWS_SAID not in said.body
    assert log.line(level="ERROR", code=error.code)["message"].endswith(AWS_SAID)
    assert log.lines()[-1]["Errors"] == 1


def ask_again(stack: Stack, place: RouteKey, images: list[str]) -> ApiResponse:
    if place == ("GET", "/get-processed-image-url"):
        query = "filename=01M7XPE600ABCDEFGHJKMNPQRS-processed.png"
        return stack.ask(*place, query=query)
    if place in {KEYS, REVOCATION}:
        return stack.ask(place[0], place[1].replace("{id}", "abcdefghij27"), subject="alice")
    if images:
        return stack.ask(place[0], place[1].replace("{id}", images[0]))
    return SUCCESSES[place](stack)


@pytest.mark.parametrize("place", [IMAGES, DELETION], ids=" ".join)
def test_a_mistake_of_ours_is_one_line_with_a_trace_and_tells_nobody_why(
    stack: Stack, log: Log, monkeypatch: pytest.MonkeyPatch, place: RouteKey
) -> None:
    image_id = stack.ready()
    log.forget()

    def fail(*_: object) -> None:
        original().decode()

    monkeypatch.setattr(stack.world, "call", fail)

    said = stack.ask(
        place[0],
        place[1].replace("{id}", image_id),
        headers={"content-type": "image/png"},
        body=original(),
    )

    assert_problem(said, 500, "internal_error")
    assert "decode" not in said.body
    (line,) = (line for line in log.lines(level="ERROR") if "trace" in line)
    assert line["message"].startswith("UnicodeDecodeError: ")
    assert line["trace"].startswith("Traceback")
    assert "IHDR" not in "".join(log.written())


def test_what_may_happen_to_every_request_is_said_of_every_route() -> None:
    assert list(ALWAYS) == [
        errors.SignInRequiredError,
        errors.InvalidApiKeyError,
        errors.NotAllowedError,
        errors.RateLimitedError,
        UnavailableError,
    ]
