"""Requests as API Gateway hands them over, and answers as it takes them."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode

import msgspec
import pytest

from tests.functions.aws_events import event, http_event
from tintype.functions import http
from tintype.functions.errors import BadRequestError, MalformedJsonError
from tintype.functions.http import Response
from tintype.uploads import FilenameTicketRequest, TicketRequest


def test_a_request_by_the_cdn_is_read() -> None:
    request = http.request(event("http_get"))

    assert (request.method, request.path) == ("GET", "/images")
    assert request.query == {"limit": "3", "name": "café +1", "empty": ""}
    assert request.body == b""
    assert request.id == "Bq3f0jX4liAEM4w="


def test_a_request_without_the_prefix_is_read() -> None:
    request = http.request(event("http_post_json"))

    assert (request.method, request.path) == ("POST", "/uploads")
    assert http.parsed(request.body, TicketRequest).filename == "Café am Meer.jpg"


def test_a_body_in_base64_is_decoded() -> None:
    request = http.request(event("http_post_bytes"))

    assert request.body == b"\x89PNG\r\n\x1a\n\x00\xff\xfe bytes that are no text"
    assert request.query == {"filename": "Straße 1.png"}


def test_a_named_stage_is_no_part_of_the_path() -> None:
    assert http.request(event("http_stage")).path == "/images/01M7XPE600ABCDEFGHJKMNPQRS"


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/", "/"),
        ("/api", "/"),
        ("/api/", "/"),
        ("/images/", "/images"),
        ("/api/images//", "/images"),
        ("/api/api/images", "/api/images"),
        ("/apiimages", "/apiimages"),
        ("/images/%41 é", "/images/%41 é"),
    ],
)
def test_paths_are_cut_at_whole_parts(path: str, meant: str) -> None:
    assert http.request(http_event("GET", path)).path == meant


def test_a_stage_that_is_called_as_a_path_begins_is_not_mistaken() -> None:
    plain = event("http_stage")
    plain["requestContext"]["stage"] = "images"
    plain["requestContext"]["http"]["path"] = "/images/images"
    there = event("http_stage")
    there["requestContext"]["stage"] = "im"
    there["requestContext"]["http"]["path"] = "/images"

    assert http.request(plain).path == "/images"
    assert http.request(there).path == "/images"


def test_headers_are_found_in_any_case() -> None:
    plain = event("http_post_json")
    plain["headers"] = {"Content-TYPE": "image/png", "X-Own": "Value"}

    assert http.request(plain).headers == {"content-type": "image/png", "x-own": "Value"}


def test_a_request_shows_nobody_its_body() -> None:
    assert "Meer" not in repr(http.request(event("http_post_json")))


def test_an_answer_is_never_kept_nor_guessed_at() -> None:
    response = http.for_gateway(http.json(200, {"ü": 1}))

    assert response == {
        "statusCode": 200,
        "headers": {
            "content-type": "application/json",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        },
        "body": '{"ü":1}',
        "isBase64Encoded": False,
    }


def test_an_answer_that_is_no_text_goes_in_base64() -> None:
    response = http.for_gateway(Response(status=200, body=b"\xff", content_type="image/png"))

    assert (response["body"], response["isBase64Encoded"]) == ("/w==", True)


LISTING = http.json(200, {"images": ["beach.jpg"] * 200})


def test_a_long_answer_is_compressed_for_those_who_can_unpack_it() -> None:
    response = http.packed(LISTING, "gzip, deflate, br")

    assert gzip.decompress(response.body) == LISTING.body
    assert len(response.body) < len(LISTING.body) / 5
    assert response.headers == {"content-encoding": "gzip", "vary": "accept-encoding"}
    assert b64decode(str(http.for_gateway(response)["body"])) == response.body


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "identity"])
def test_nobody_gets_what_he_did_not_ask_for(accepted: str) -> None:
    assert http.packed(LISTING, accepted) is LISTING


def test_a_short_answer_is_sent_as_it_is() -> None:
    short = http.json(200, "x" * (http.PACKED_FROM - 3))

    assert http.packed(short, "gzip") is short


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b'{"filename": "\xff"}', b"'a'", b'{"x": ' + b"[" * 100_000, b'"\\ud800"'],
    ids=["nothing", "cut", "bytes", "latin-1", "quotes", "deep", "surrogate"],
)
def test_a_body_that_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedJsonError):
        http.parsed(body, FilenameTicketRequest)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "filename"),
        ({"filename": "a", "contentType": 1}, "contentType"),
        ({"filename": "", "contentType": "image/png"}, "$.filename"),
        ({"filename": "a" * 256, "contentType": "image/png"}, "$.filename"),
        ({"filename": 1, "contentType": "image/png"}, "$.filename"),
        ({"filename": None, "contentType": "image/png"}, "$.filename"),
        ([], "object"),
    ],
)
def test_a_value_that_is_wrong_is_named(body: object, place: str) -> None:
    with pytest.raises(BadRequestError, match=place.replace("$", r"\$")):
        http.parsed(json.dumps(body).encode(), FilenameTicketRequest)


def test_what_we_do_not_know_of_a_body_is_left_alone() -> None:
    body = msgspec.json.encode({"filename": "a", "contentType": "b", "colour": "red"})

    assert http.parsed(body, FilenameTicketRequest) == FilenameTicketRequest(
        filename="a", content_type="b"
    )
