"""Refused at the door: what S3, the API, the CDN and the GraphQL API turn away themselves."""

from __future__ import annotations

import dataclasses
import hashlib
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
from tests.cloud.refusing import PNG, assert_problem, assert_refused_by_s3, put, sha256
from tests.cloud.running import RunningCloud
from tests.cloud.stack import Stack
from tests.cloud.test_watching import watching
from tintype.aws.dynamodb import Table
from tintype.aws.s3 import Bucket
from tintype.aws.sqs import Queue
from tintype.catalogue import PUBLISH, announcement
from tintype.images import from_document
from tintype.owners import PUBLIC
from tintype.records import Records
from tintype.uploads import MAX_BODY_BYTES, TicketRequest, UploadService

OTHER = PNG[:-1] + b"\0"  # of the same size


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

    response = put(stack, ticket, data, **changed)

    assert_refused_by_s3(response, 403, "SignatureDoesNotMatch", "AccessDenied")
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

    response = put(stack, ticket, PNG, **{header: "mine"})

    assert_refused_by_s3(response, 403, "AccessDenied")
    assert header.replace("_", "-") in response.text


def test_a_ticket_takes_one_upload(stack: Stack) -> None:
    ticket = stack.ticket(PNG, "a.png", "image/png")

    assert put(stack, ticket).status_code == 200
    assert_refused_by_s3(put(stack, ticket), 412, "PreconditionFailed")
    assert_refused_by_s3(put(stack, ticket, OTHER), 412, "PreconditionFailed")


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "POST"])
def test_a_ticket_is_for_no_other_method(stack: Stack, method: str) -> None:
    ticket = stack.ticket(PNG, "a.png", "image/png")

    response = stack.client.request(method, ticket["upload"]["url"])

    assert response.status_code == 403


def test_a_ticket_is_for_no_other_key(stack: Stack) -> None:
    ticket = stack.ticket(PNG, "a.png", "image/png")
    ticket["upload"]["url"] = ticket["upload"]["url"].replace("/a.png?", "/b.png?")

    assert_refused_by_s3(put(stack, ticket), 403, "SignatureDoesNotMatch")


@pytest.fixture(scope="module")
def uploads(cloud: RunningCloud, stack: Stack, operator: Operator) -> Iterator[UploadService]:
    """Return the api function's own code, with its role's credentials and a clock that can be turned.

    The deployed function's clock cannot be, and its tickets live for many minutes.
    """
    ticket = stack.ticket(PNG, "a.png", "image/png")
    lives = parse_qs(urlsplit(ticket["upload"]["url"]).query)["X-Amz-Expires"]
    with ExitStack() as closing:
        account = Roles(cloud, operator, closing).account(API)
        yield UploadService(
            originals=Bucket(account, stack.outputs["OriginalsBucket"]),
            records=Records(
                Table(account, stack.outputs["ImagesTable"], stack.outputs["AccessTable"])
            ),
            expiries=Queue(account, stack.outputs["CatalogueQueueUrl"]),
            max_bytes=len(PNG),
            ticket_seconds=int(lives[0]),
            processed="processed.jpg",
        )


@pytest.mark.parametrize(("late_seconds", "status"), [(-30, 200), (1, 403)])
def test_a_ticket_expires_when_it_says(
    uploads: UploadService, late_seconds: int, status: int
) -> None:
    age = timedelta(seconds=uploads.ticket_seconds + late_seconds)
    aged = dataclasses.replace(uploads, now=lambda: datetime.now(UTC) - age)
    wanted = TicketRequest(filename="a.png", content_type="image/png", size=len(PNG))

    upload = aged.issue(wanted, owner=PUBLIC).upload

    expiry = datetime.fromisoformat(upload.expires_at)
    assert abs((datetime.now(UTC) - expiry).total_seconds() - late_seconds) < 5
    response = httpx.put(upload.url, content=PNG, headers=upload.headers)
    assert response.status_code == status
    assert ("Request has expired" in response.text) is (status == 403)


# The API: a problem document that says what is wrong, with a code that is documented.

JSON = {"content-type": "application/json"}
GOOD = {"filename": "a.png", "contentType": "image/png", "size": 1}
UNKNOWN_ID = "01M7XPE600ABCDEFGHJKMNPQRS"
ERROR_CASES: list[tuple[int, str, str, str, dict[str, Any]]] = [
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
    (404, "image_not_found", "GET", f"/images/{UNKNOWN_ID}", {}),
    (404, "image_not_found", "GET", "/images/manifest.json", {}),
    (404, "image_not_found", "DELETE", f"/images/{UNKNOWN_ID}", {}),
    (404, "image_not_found", "POST", f"/images/{UNKNOWN_ID}/reprocess", {}),
    (404, "image_not_found", "GET", f"/get-processed-image-url?filename={UNKNOWN_ID}-a.jpg", {}),
    (404, "image_not_found", "GET", "/get-processed-image-url?filename=processed-never.jpg", {}),
    (403, "bucket_not_allowed", "POST", "/process", {"json": {"bucket": "theirs", "key": "a"}}),
]


@pytest.mark.parametrize(("status", "code", "method", "path", "request_"), ERROR_CASES)
def test_the_api_says_what_is_wrong(
    stack: Stack, status: int, code: str, method: str, path: str, request_: dict[str, Any]
) -> None:
    response = stack.request(method, path, **request_)

    assert_problem(response, status, code)


def test_what_is_too_large_for_the_api_is_shown_the_other_way_in(stack: Stack) -> None:
    response = stack.request(
        "POST",
        "/images",
        content=bytes(MAX_BODY_BYTES + 1),
        headers={"content-type": "image/png"},
    )

    assert "POST /uploads" in response.json()["detail"]
    assert "4,500,000" in response.json()["detail"]


@pytest.mark.parametrize("length", [4_800_000, 6_000_000, 10_000_000])
def test_what_is_too_large_for_the_function_is_refused_before_it(stack: Stack, length: int) -> None:
    headers = {"content-type": "image/png"}

    response = stack.request("POST", "/images", content=bytes(length), headers=headers)

    assert (response.status_code, response.json()) == (413, {"message": "Request Entity Too Large"})


def test_the_largest_body_comes_through(stack: Stack) -> None:
    headers = {"content-type": "image/png"}

    response = stack.request("POST", "/images", content=bytes(MAX_BODY_BYTES), headers=headers)

    assert response.status_code == 202


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

    for response in (
        stack.client.get(there),
        stack.client.head(there),
        stack.client.get(address),
        stack.client.get(f"{address}?versions"),
        stack.client.get(f"{address}?policy"),
        stack.client.put(f"{address}/mine.png", content=PNG),
        stack.client.put(f"{address}?policy", content=b"{}"),
        stack.client.delete(there),
    ):
        assert response.status_code == 403, (response.request.method, response.request.url)


@pytest.mark.parametrize("path", ["/", "/originals/", "/?list-type=2"])
def test_the_cdn_gives_the_page_where_a_bucket_would_list_itself(stack: Stack, path: str) -> None:
    response = stack.client.get(f"{stack.outputs['CdnUrl']}{path}")

    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "<tt-root>" in response.text
    assert "ListBucketResult" not in response.text


@pytest.mark.parametrize("query", ["", "?list-type=2"])
def test_the_cdn_does_not_list_an_images_renditions(stack: Stack, query: str) -> None:
    image = stack.ready(stack.upload(PNG))

    response = stack.client.get(f"{stack.outputs['CdnUrl']}/{image['id']}/{query}")

    assert response.status_code == 404
    assert "ListBucketResult" not in response.text


def test_the_cdn_serves_no_original(stack: Stack) -> None:
    image = stack.ready(stack.upload(PNG))

    response = stack.client.get(f"{stack.outputs['CdnUrl']}/{image['original']['key']}")

    assert response.status_code == 404


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
        response = stack.client.get(f"{address}/images", headers={"host": host})

        assert (response.status_code, response.headers.get("access-control-allow-origin")) == (
            421,
            None,
        )


def test_a_page_of_another_site_may_neither_ask_nor_upload(stack: Stack) -> None:
    ticket = stack.ticket(PNG, "a.png", "image/png")
    foreign = {"origin": "https://evil.example", "access-control-request-method": "PUT"}

    for response in (
        stack.request("GET", "/images", headers=foreign),
        stack.request("OPTIONS", "/uploads", headers=foreign),
        stack.client.options(ticket["upload"]["url"], headers=foreign),
    ):
        assert (response.status_code, response.headers.get("access-control-allow-origin")) == (
            403,
            None,
        )


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_the_front_door_has_all_names_of_this_machine(stack: Stack, name: str) -> None:
    port = stack.outputs["CdnUrl"].rsplit(":", 1)[1]

    assert stack.client.get(f"http://{name}:{port}/api/images").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_the_cdn_takes_nothing(stack: Stack, method: str) -> None:
    image = stack.ready(stack.upload(PNG))

    response = stack.client.request(method, image["renditions"][0]["url"], content=PNG)

    assert response.status_code == 403


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

    response = stack.client.post(
        stack.outputs["GraphqlUrl"],
        json={"query": PUBLISH, "variables": {"image": about}},
        headers={"x-api-key": stack.outputs["GraphqlApiKey"]},
    ).json()

    assert response["data"] == {"publishImage": None}
    assert {one["errorType"] for one in response["errors"]} == {"Unauthorized"}


@pytest.mark.parametrize("key", [{}, {"x_api_key": ""}, {"x_api_key": "da2-nobodys"}])
def test_nobody_looks_without_the_key(stack: Stack, key: dict[str, str]) -> None:
    response = graphql(stack, LOOK, **key)

    assert response.status_code == 401
    assert response.json()["errors"][0]["errorType"] == "UnauthorizedException"
