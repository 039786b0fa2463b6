"""Refused at the door: what S3, the API, the CDN and the GraphQL API turn away themselves."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.cloud.needs import API
from tests.cloud.operator import Operator
from tests.cloud.permissions import Roles
from tests.cloud.running import RunningCloud
from tests.cloud.stack import Json, Stack
from tests.cloud.test_watching import watching
from tests.pictures import picture
from tintype.aws.dynamodb import Table
from tintype.aws.s3 import Bucket
from tintype.catalogue import PUBLISH, announcement
from tintype.images import from_document
from tintype.imaging import Format
from tintype.uploads import MAX_BODY_BYTES, Counter, TicketRequest
from tintype_infra.packages import ROOT

PNG = picture(16, 16, Format.PNG)
OTHER = PNG[:-1] + b"\0"  # of the same size
ERRORS = (ROOT / "docs" / "errors.md").read_text("utf-8")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def put(
    stack: Stack, ticket: Json, data: bytes = PNG, without: str = "", **changed: str
) -> httpx.Response:
    headers: dict[str, str] = {**ticket["upload"]["headers"], "content-length": str(len(data))}
    headers |= {name.replace("_", "-"): content for name, content in changed.items()}
    headers.pop(without, None)
    return stack.client.put(ticket["upload"]["url"], content=data, headers=headers)


def assert_refused_by_s3(answer: httpx.Response, status: int, *codes: str) -> None:
    found = re.search("<Code>(.*?)</Code>", answer.text)
    assert (answer.status_code, found and found[1] in codes) == (status, True), answer.text


# The ticket: S3 takes what was announced, once, and nothing else.


@pytest.mark.parametrize(
    ("data", "changed"),
    [
        pytest.param(PNG + b"\0", {}, id="one byte more"),
        pytest.param(PNG[:-1], {}, id="one byte less"),
        pytest.param(PNG, {"content_type": "image/jpeg"}, id="another type"),
        pytest.param(PNG, {"without": "content-type"}, id="no type"),
        pytest.param(PNG, {"without": "if-none-match"}, id="also where something is"),
        pytest.param(PNG, {"x_amz_meta_filename": "b.png"}, id="another name"),
        pytest.param(PNG, {"without": "x-amz-meta-filename"}, id="no name"),
    ],
)
def test_a_ticket_is_for_what_was_announced(
    stack: Stack, data: bytes, changed: Mapping[str, str]
) -> None:
    ticket = stack.ticket(PNG, "a.png", "image/png")

    answer = put(stack, ticket, data, **changed)

    assert_refused_by_s3(answer, 403, "SignatureDoesNotMatch", "AccessDenied")
    image = stack.image(ticket["imageId"])
    assert image is not None
    assert image["status"] == "AWAITING_UPLOAD"


def test_a_ticket_is_for_the_announced_checksum(stack: Stack) -> None:
    ticket = stack.ticket(PNG, "a.png", "image/png", sha256=sha256(PNG))
    others = b64encode(hashlib.sha256(OTHER).digest()).decode()

    assert_refused_by_s3(put(stack, ticket, OTHER), 400, "BadDigest", "InvalidRequest")
    changed = put(stack, ticket, OTHER, x_amz_checksum_sha256=others)
    assert_refused_by_s3(changed, 403, "SignatureDoesNotMatch")
    missing = put(stack, ticket, OTHER, without="x-amz-checksum-sha256")
    assert_refused_by_s3(missing, 403, "SignatureDoesNotMatch", "AccessDenied")
    assert put(stack, ticket).status_code == 200


@pytest.mark.parametrize(
    "header", ["x_amz_acl", "x_amz_storage_class", "x_amz_meta_owner", "x_amz_tagging"]
)
def test_a_ticket_takes_no_header_that_it_does_not_sign(stack: Stack, header: str) -> None:
    ticket = stack.ticket(PNG, "a.png", "image/png")

    answer = put(stack, ticket, PNG, **{header: "mine"})

    assert_refused_by_s3(answer, 403, "AccessDenied")
    assert header.replace("_", "-") in answer.text


def test_a_ticket_takes_one_upload(stack: Stack) -> None:
    ticket = stack.ticket(PNG, "a.png", "image/png")

    assert put(stack, ticket).status_code == 200
    assert_refused_by_s3(put(stack, ticket), 412, "PreconditionFailed")
    assert_refused_by_s3(put(stack, ticket, OTHER), 412, "PreconditionFailed")


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "POST"])
def test_a_ticket_is_for_no_other_method(stack: Stack, method: str) -> None:
    ticket = stack.ticket(PNG, "a.png", "image/png")

    answer = stack.client.request(method, ticket["upload"]["url"])

    assert answer.status_code == 403


def test_a_ticket_is_for_no_other_key(stack: Stack) -> None:
    ticket = stack.ticket(PNG, "a.png", "image/png")
    ticket["upload"]["url"] = ticket["upload"]["url"].replace("/a.png?", "/b.png?")

    assert_refused_by_s3(put(stack, ticket), 403, "SignatureDoesNotMatch")


@pytest.fixture(scope="module")
def counter(cloud: RunningCloud, stack: Stack, operator: Operator) -> Iterator[Counter]:
    """Return the api function's own code, with its role's credentials and a clock that can be turned.

    The deployed function's clock cannot be, and its tickets live for many minutes.
    """
    ticket = stack.ticket(PNG, "a.png", "image/png")
    lives = parse_qs(urlsplit(ticket["upload"]["url"]).query)["X-Amz-Expires"]
    with ExitStack() as closing:
        account = Roles(cloud, operator, closing).account(API)
        yield Counter(
            originals=Bucket(account, stack.outputs["OriginalsBucket"]),
            table=Table(account, stack.outputs["ImagesTable"]),
            max_bytes=len(PNG),
            ticket_seconds=int(lives[0]),
            processed="processed.jpg",
        )


@pytest.mark.parametrize(("late_seconds", "status"), [(-30, 200), (1, 403)])
def test_a_ticket_expires_when_it_says(counter: Counter, late_seconds: int, status: int) -> None:
    age = timedelta(seconds=counter.ticket_seconds + late_seconds)
    aged = dataclasses.replace(counter, now=lambda: datetime.now(UTC) - age)
    wanted = TicketRequest(filename="a.png", content_type="image/png", size=len(PNG))

    upload = aged.issue(wanted).upload

    expiry = datetime.fromisoformat(upload.expires_at)
    assert abs((datetime.now(UTC) - expiry).total_seconds() - late_seconds) < 5
    answer = httpx.put(upload.url, content=PNG, headers=upload.headers)
    assert answer.status_code == status
    assert ("Request has expired" in answer.text) is (status == 403)


# The API: a problem document that says what is wrong, with a code that is documented.

JSON = {"content-type": "application/json"}
GOOD = {"filename": "a.png", "contentType": "image/png", "size": 1}
NOBODY = "01M7XPE600ABCDEFGHJKMNPQRS"
REFUSALS: list[tuple[int, str, str, str, dict[str, Any]]] = [
    (404, "route_not_found", "GET", "/nothing", {}),
    (405, "method_not_allowed", "PUT", "/images", {}),
    (405, "method_not_allowed", "DELETE", "/uploads", {}),
    (400, "malformed_json", "POST", "/uploads", {"content": b"{", "headers": JSON}),
    (400, "malformed_json", "POST", "/uploads", {"content": b"", "headers": JSON}),
    (400, "malformed_json", "POST", "/process", {"content": b"\xff", "headers": JSON}),
    (400, "invalid_request", "POST", "/uploads", {"json": {**GOOD, "size": 0}}),
    (400, "invalid_request", "POST", "/uploads", {"json": {**GOOD, "sha256": "abc"}}),
    (400, "invalid_request", "POST", "/uploads", {"json": {"filename": "a.png"}}),
    (400, "invalid_request", "POST", "/uploads", {"json": {**GOOD, "filename": ""}}),
    (400, "invalid_request", "GET", "/images?limit=0", {}),
    (400, "invalid_request", "GET", "/images?limit=101", {}),
    (400, "invalid_request", "GET", "/images?cursor=abc", {}),
    (400, "invalid_request", "GET", "/get-processed-image-url?filename=a.jpg", {}),
    (400, "invalid_filename", "POST", "/uploads", {"json": {**GOOD, "filename": "a\n.png"}}),
    (400, "invalid_filename", "POST", "/uploads", {"json": {**GOOD, "filename": "😀" * 255}}),
    (415, "unsupported_content_type", "POST", "/uploads", {"json": {**GOOD, "contentType": "a/b"}}),
    (
        415,
        "unsupported_content_type",
        "POST",
        "/images",
        {"content": b"<svg/>", "headers": {"content-type": "image/svg+xml"}},
    ),
    (413, "upload_too_large", "POST", "/uploads", {"json": {**GOOD, "size": 50_000_001}}),
    (
        413,
        "body_too_large",
        "POST",
        "/images",
        {"content": bytes(MAX_BODY_BYTES + 1), "headers": {"content-type": "image/png"}},
    ),
    (400, "empty_body", "POST", "/images", {"headers": {"content-type": "image/png"}}),
    (404, "image_not_found", "GET", f"/images/{NOBODY}", {}),
    (404, "image_not_found", "GET", "/images/manifest.json", {}),
    (404, "image_not_found", "DELETE", f"/images/{NOBODY}", {}),
    (404, "image_not_found", "POST", f"/images/{NOBODY}/reprocess", {}),
    (404, "image_not_found", "GET", f"/get-processed-image-url?filename={NOBODY}-a.jpg", {}),
    (404, "image_not_found", "GET", "/get-processed-image-url?filename=processed-never.jpg", {}),
    (403, "bucket_not_allowed", "POST", "/process", {"json": {"bucket": "theirs", "key": "a"}}),
]


@pytest.mark.parametrize(("status", "code", "method", "path", "request_"), REFUSALS)
def test_the_api_says_what_is_wrong(
    stack: Stack, status: int, code: str, method: str, path: str, request_: dict[str, Any]
) -> None:
    answer = stack.request(method, path, **request_)

    assert_problem(answer, status, code)


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["detail"]
    assert f"| `{code}` |" in ERRORS


def test_what_is_too_large_for_the_api_is_shown_the_other_way_in(stack: Stack) -> None:
    answer = stack.request(
        "POST",
        "/images",
        content=bytes(MAX_BODY_BYTES + 1),
        headers={"content-type": "image/png"},
    )

    assert "POST /uploads" in answer.json()["detail"]
    assert "4,500,000" in answer.json()["detail"]


@pytest.mark.parametrize("length", [4_800_000, 6_000_000, 10_000_000])
def test_what_is_too_large_for_the_function_is_refused_before_it(stack: Stack, length: int) -> None:
    headers = {"content-type": "image/png"}

    answer = stack.request("POST", "/images", content=bytes(length), headers=headers)

    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})


def test_the_largest_body_comes_through(stack: Stack) -> None:
    headers = {"content-type": "image/png"}

    answer = stack.request("POST", "/images", content=bytes(MAX_BODY_BYTES), headers=headers)

    assert answer.status_code == 202


def test_what_has_not_come_can_be_neither_rendered_nor_fetched(stack: Stack) -> None:
    ticket = stack.ticket(PNG, "a.png", "image/png")
    bucket, name = stack.outputs["OriginalsBucket"], ticket["processedFilename"]

    reprocess = stack.request("POST", f"/images/{ticket['imageId']}/reprocess")
    fetch = stack.request("GET", "/get-processed-image-url", params={"filename": name})
    process = stack.request("POST", "/process", json={"bucket": bucket, "key": "nothing.png"})

    assert_problem(reprocess, 409, "not_uploaded")
    assert_problem(fetch, 404, "not_ready")
    assert_problem(process, 404, "object_not_found")


# The buckets: nobody comes in without a signature.


@pytest.mark.parametrize("bucket", ["OriginalsBucket", "RenditionsBucket"])
def test_a_bucket_is_closed_to_the_anonymous(
    stack: Stack, cloud: RunningCloud, bucket: str
) -> None:
    image = stack.ready(stack.upload(PNG))
    known = {
        "OriginalsBucket": image["original"]["key"],
        "RenditionsBucket": image["renditions"][0]["key"],
    }
    address = f"{cloud.endpoint}/{stack.outputs[bucket]}"
    there = f"{address}/{known[bucket]}"

    for answer in (
        stack.client.get(there),
        stack.client.head(there),
        stack.client.get(address),
        stack.client.get(f"{address}?versions"),
        stack.client.get(f"{address}?policy"),
        stack.client.put(f"{address}/mine.png", content=PNG),
        stack.client.put(f"{address}?policy", content=b"{}"),
        stack.client.delete(there),
    ):
        assert answer.status_code == 403, (answer.request.method, answer.request.url)


@pytest.mark.parametrize("path", ["/", "/originals/", "/?list-type=2"])
def test_the_cdn_gives_the_page_where_a_bucket_would_list_itself(stack: Stack, path: str) -> None:
    answer = stack.client.get(f"{stack.outputs['CdnUrl']}{path}")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<tt-root>" in answer.text
    assert "ListBucketResult" not in answer.text


@pytest.mark.parametrize("query", ["", "?list-type=2"])
def test_the_cdn_does_not_list_an_images_renditions(stack: Stack, query: str) -> None:
    image = stack.ready(stack.upload(PNG))

    answer = stack.client.get(f"{stack.outputs['CdnUrl']}/{image['id']}/{query}")

    assert answer.status_code == 404
    assert "NoSuchKey" in answer.text


def test_the_cdn_serves_no_original(stack: Stack) -> None:
    image = stack.ready(stack.upload(PNG))

    answer = stack.client.get(f"{stack.outputs['CdnUrl']}/{image['original']['key']}")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "localhost.evil.example", ""]
)
def test_a_name_that_is_not_this_machines_is_answered_nothing(stack: Stack, host: str) -> None:
    # A page that gives its own name this address would otherwise read and delete everything.
    for address in (
        stack.outputs["ApiUrl"],
        stack.outputs["GraphqlUrl"],
        stack.outputs["HttpApiUrl"],
    ):
        answer = stack.client.get(f"{address}/images", headers={"host": host})

        assert (answer.status_code, answer.headers.get("access-control-allow-origin")) == (
            421,
            None,
        )


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_the_front_door_has_all_names_of_this_machine(stack: Stack, name: str) -> None:
    port = stack.outputs["CdnUrl"].rsplit(":", 1)[1]

    assert stack.client.get(f"http://{name}:{port}/api/images").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_the_cdn_takes_nothing(stack: Stack, method: str) -> None:
    image = stack.ready(stack.upload(PNG))

    answer = stack.client.request(method, image["renditions"][0]["url"], content=PNG)

    assert answer.status_code == 403


# The GraphQL API: the key is for looking.

LOOK = "{ images(limit: 1) { images { id } } }"


def graphql(stack: Stack, query: str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): content for name, content in headers.items()}
    return stack.client.post(stack.outputs["GraphqlUrl"], json={"query": query}, headers=named)


def test_the_key_is_for_queries_and_the_subscription(stack: Stack) -> None:
    looked = graphql(stack, LOOK, x_api_key=stack.outputs["GraphqlApiKey"])

    assert "errors" not in looked.json()
    with watching(stack) as watcher:
        watcher.subscribe()


def test_the_key_is_not_for_the_mutation(stack: Stack) -> None:
    image = stack.ready(stack.upload(PNG))
    about = announcement(from_document(image), stack.outputs["CdnUrl"])

    answer = stack.client.post(
        stack.outputs["GraphqlUrl"],
        json={"query": PUBLISH, "variables": {"image": about}},
        headers={"x-api-key": stack.outputs["GraphqlApiKey"]},
    ).json()

    assert answer["data"] == {"publishImage": None}
    assert {one["errorType"] for one in answer["errors"]} == {"Unauthorized"}


@pytest.mark.parametrize("key", [{}, {"x_api_key": ""}, {"x_api_key": "da2-nobodys"}])
def test_nobody_looks_without_the_key(stack: Stack, key: dict[str, str]) -> None:
    answer = graphql(stack, LOOK, **key)

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["errorType"] == "UnauthorizedException"
