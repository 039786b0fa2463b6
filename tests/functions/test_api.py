"""What the API does for those who ask rightly: fourteen routes, and what follows from them."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.functions.aws_events import event, http_event
from tests.functions.cases import PLAIN, PNG, SUCCESSES, TICKET, RouteKey
from tests.functions.lines import Log
from tests.functions.stack import (
    BROKEN,
    MAX_BYTES,
    PUBLIC_URL,
    TICKET_SECONDS,
    ApiResponse,
    Stack,
    original,
)
from tests.pictures import picture
from tintype import keys
from tintype.functions import api
from tintype.functions.routes import ROUTES
from tintype.imaging import Format

# What browsers, operating systems and tools say of a PNG.
HINTS = [
    "image/png",
    "IMAGE/PNG",
    "image/png; charset=binary",
    " image/png ",
    "image/x-png",
    "image/jpg",
    "image/pjpeg",
    "image/heif-sequence",
    "application/octet-stream",
    "",
]


def test_every_route_has_a_request_that_succeeds() -> None:
    assert SUCCESSES.keys() == {(route.method, route.path) for route in ROUTES}


@pytest.mark.parametrize("place", SUCCESSES, ids=" ".join)
def test_every_route_succeeds_with_its_status_and_one_line(
    stack: Stack, log: Log, place: RouteKey
) -> None:
    (route,) = (one for one in ROUTES if (one.method, one.path) == place)

    said = SUCCESSES[place](stack)

    assert said.status == route.status, said.body
    assert said.headers["content-type"] == "application/json"
    line = log.lines(function="api")[-1]
    assert line["message"].startswith(f"{route.method} {route.path.partition('{')[0]}")
    assert line["message"].endswith(f" {route.status}")
    assert (line["level"], line["Requests"]) == ("INFO", 1)
    assert not {"Refused", "Errors"} & line.keys()


@pytest.mark.usefixtures("stack")
def test_a_long_answer_is_compressed_for_who_asks_for_that() -> None:
    plain = api.handler(http_event("GET", "/openapi.json"), None)
    asked = http_event("GET", "/openapi.json", headers={"Accept-Encoding": "gzip, br"})
    packed = api.handler(asked, None)

    assert packed["isBase64Encoded"] is True
    assert gzip.decompress(b64decode(str(packed["body"]))).decode() == plain["body"]
    assert len(str(packed["body"])) < len(str(plain["body"])) / 3


def test_a_ticket_says_all_that_the_upload_must_carry(stack: Stack) -> None:
    said = stack.ask("POST", "/uploads", body=TICKET | {"filename": "Café 1.PNG"})

    image_id, upload = said.json["imageId"], said.json["upload"]
    assert upload["method"] == "PUT"
    assert urlsplit(upload["url"]).path == f"/originals/{image_id}/Cafe_1.PNG"
    assert upload["headers"] == {
        "content-type": "image/png",
        "content-length": "1024",
        "if-none-match": "*",
        "x-amz-meta-filename": "Caf%C3%A9%201.PNG",
        "x-amz-meta-trace": said.headers["x-trace-id"],
    }
    signed = parse_qs(upload["url"])["X-Amz-SignedHeaders"][0].split(";")
    assert set(signed) == {"host", *upload["headers"]}
    assert said.json["processedFilename"] == f"{image_id}-processed.png"
    assert stack.table.items[image_id]["status"] == "AWAITING_UPLOAD"


def test_a_ticket_that_is_used_becomes_an_image(stack: Stack) -> None:
    image_id = stack.ask("POST", "/uploads", body=TICKET).json["imageId"]

    stack.put(original(), keys.original_key(image_id, "beach.png"))
    stack.settle()

    image = stack.ask("GET", f"/images/{image_id}").json
    assert (image["status"], image["version"], image["source"]) == ("READY", 4, "UPLOAD")


def test_a_client_that_knows_a_file_name_gets_its_picture(stack: Stack) -> None:
    ticket = stack.ask("POST", "/generate-upload-url", body=PLAIN).json
    assert ticket.keys() == {"uploadUrl", "key", "processedFilename"}
    query = f"filename={ticket['processedFilename']}"
    assert stack.ask("GET", "/get-processed-image-url", query=query).status == 404

    stack.put(original(), ticket["key"])
    stack.settle()

    said = stack.ask("GET", "/get-processed-image-url", query=query)
    assert said.status == 200
    key = said.json["url"].removeprefix(f"{PUBLIC_URL}/")
    assert stack.renditions.objects[key].data.startswith(b"\x89PNG")


def upload_by_name(stack: Stack, name: str, data: bytes) -> str:
    """Upload as a plain client does, and return the image's id."""
    ticket = stack.ask("POST", "/generate-upload-url", body=PLAIN | {"filename": name}).json
    stack.originals.put(ticket["key"], data, content_type="image/png")
    stack.settle()
    return keys.image_id("originals", ticket["key"])


def by_name(stack: Stack, name: str) -> ApiResponse:
    query = urlencode({"filename": f"processed-{name}"})
    return stack.ask("GET", "/get-processed-image-url", query=query)


@pytest.mark.parametrize(
    "name", ["my-image.jpg", "Café 100% + a/b&c=d.png", "写真.heic", "processed-x.png", "no ending"]
)
def test_a_picture_is_found_by_the_name_that_was_uploaded(stack: Stack, name: str) -> None:
    assert by_name(stack, name).status == 404

    ticket = stack.ask("POST", "/generate-upload-url", body=PLAIN | {"filename": name}).json
    assert (by_name(stack, name).status, by_name(stack, name).json["code"]) == (404, "not_ready")
    stack.put(original(), ticket["key"])
    stack.process_queue.messages, process_queue = [], stack.process_queue.messages
    assert by_name(stack, name).status == 404
    stack.process_queue.messages = process_queue
    stack.settle()

    said = by_name(stack, name)
    assert said.status == 200
    assert said.json["url"].startswith(f"{PUBLIC_URL}/{keys.image_id('originals', ticket['key'])}/")


def test_of_one_name_the_newest_upload_is_meant(stack: Stack) -> None:
    first = upload_by_name(stack, "a.png", original())
    second = upload_by_name(stack, "a.png", picture(6, 6, Format.PNG))
    assert second in by_name(stack, "a.png").json["url"]

    stack.ask("DELETE", f"/images/{second}")
    stack.settle()
    assert first in by_name(stack, "a.png").json["url"]

    upload_by_name(stack, "a.png", BROKEN)
    said = by_name(stack, "a.png")
    assert (said.status, said.json["code"]) == (422, "processing_failed")


def test_a_ticket_hides_the_picture_before_it_until_it_runs_out(stack: Stack) -> None:
    first = upload_by_name(stack, "a.png", original())
    stack.ask("POST", "/generate-upload-url", body=PLAIN | {"filename": "a.png"})
    assert by_name(stack, "a.png").status == 404

    stack.world.now += timedelta(seconds=TICKET_SECONDS + 1)

    assert first in by_name(stack, "a.png").json["url"]


def test_no_number_of_unused_tickets_that_anybody_needs_hides_a_picture(stack: Stack) -> None:
    first = upload_by_name(stack, "a.png", original())
    for _ in range(150):
        stack.ask("POST", "/generate-upload-url", body=PLAIN | {"filename": "a.png"})

    stack.world.now += timedelta(seconds=TICKET_SECONDS + 1)

    assert first in by_name(stack, "a.png").json["url"]


def test_bytes_that_come_with_the_request_become_an_image(stack: Stack) -> None:
    said = stack.ask(
        "POST", "/api/images", query="filename=Stra%C3%9Fe.png", headers=PNG, body=original()
    )
    stack.settle()

    image = stack.ask("GET", f"/api/images/{said.json['imageId']}").json
    assert (image["status"], image["source"], image["filename"]) == ("READY", "API", "Straße.png")
    (stored,) = stack.originals.objects.values()
    assert (stored.data, stored.content_type) == (original(), "image/png")


@pytest.mark.parametrize("content_type", HINTS)
def test_a_content_type_is_understood_however_it_is_written(
    stack: Stack, content_type: str
) -> None:
    said = stack.ask("POST", "/images", headers={"content-type": content_type}, body=original())
    stack.settle()

    assert said.status == 202
    image = stack.ask("GET", f"/images/{said.json['imageId']}").json
    assert (image["status"], image["original"]["contentType"]) == ("READY", "image/png")


@pytest.mark.parametrize("content_type", HINTS)
def test_what_is_signed_is_the_content_type_that_the_client_will_send(
    stack: Stack, content_type: str
) -> None:
    hint = {"contentType": content_type}
    ticket = stack.ask("POST", "/uploads", body=TICKET | hint)
    plain = stack.ask("POST", "/generate-upload-url", body=PLAIN | hint)

    assert (ticket.status, plain.status) == (201, 200)
    said = content_type.strip()
    assert ticket.json["upload"]["headers"]["content-type"] == (said or "application/octet-stream")
    signed = parse_qs(plain.json["uploadUrl"])["X-Amz-SignedHeaders"][0].split(";")
    assert signed == (["content-type", "host"] if said else ["host"])


def test_a_content_type_need_not_be_said_at_all(stack: Stack) -> None:
    for path, body in (("/uploads", TICKET), ("/generate-upload-url", PLAIN)):
        untyped = {name: value for name, value in body.items() if name != "contentType"}
        assert stack.ask("POST", path, body=untyped).status in {200, 201}


def test_a_size_may_be_written_with_a_point(stack: Stack) -> None:
    said = stack.ask("POST", "/uploads", body=json.dumps(TICKET | {"size": 454.0}).encode())

    assert said.status == 201
    assert said.json["upload"]["headers"]["content-length"] == "454"


def test_bytes_without_a_name_are_an_image_all_the_same(stack: Stack) -> None:
    image_id = stack.ask("POST", "/images", headers=PNG, body=original()).json["imageId"]

    assert stack.table.items[image_id]["filename"] == "image"


def test_an_image_has_the_addresses_of_its_renditions(stack: Stack) -> None:
    image = stack.ask("GET", f"/images/{stack.ready()}").json

    assert {one["preset"] for one in image["renditions"]} == {"processed", "thumb"}
    for rendition in image["renditions"]:
        assert rendition["url"] == f"{PUBLIC_URL}/{rendition['key']}"


def test_a_link_to_an_original_has_an_answer_of_its_own(stack: Stack) -> None:
    link = stack.ask("GET", f"/images/{stack.ready()}/original").json

    assert link.keys() == {"url", "expiresAt"}
    assert parse_qs(link["url"])["X-Amz-Expires"] == ["900"]
    assert link["expiresAt"] > stack.world.now.isoformat()[:19]


def test_nothing_else_that_the_api_says_is_a_link_to_an_original(stack: Stack) -> None:
    for place, asking in SUCCESSES.items():
        said = asking(stack).body
        allowed = place[1] in {"/images/{id}/original", "/uploads", "/generate-upload-url"}
        assert ("X-Amz-Signature" in said) == allowed, place


def test_the_listing_gives_every_image_once_newest_first(stack: Stack) -> None:
    made = [stack.ready() for _ in range(5)]
    stack.deleted()
    found, cursor, pages = [], "", 0

    while cursor is not None:
        query = "limit=2" + (f"&cursor={cursor}" if cursor else "")
        page = stack.ask("GET", "/images", query=query).json
        assert len(page["images"]) <= 2
        found += [image["id"] for image in page["images"]]
        cursor, pages = page["cursor"], pages + 1

    assert found == made[::-1]
    assert pages == 3


def test_the_listing_of_nothing_is_empty(stack: Stack) -> None:
    assert stack.ask("GET", "/images").json == {"images": [], "cursor": None}


@pytest.mark.parametrize("query", ["limit=1", "limit=100", "limit=007", "colour=red", "cursor="])
def test_the_listing_takes_what_it_can_and_leaves_the_rest_alone(stack: Stack, query: str) -> None:
    stack.ready()

    assert len(stack.ask("GET", "/images", query=query).json["images"]) == 1


def test_a_deleted_image_goes_with_all_that_belongs_to_it(stack: Stack) -> None:
    image_id = stack.ready()

    said = stack.ask("DELETE", f"/images/{image_id}")
    stack.settle()

    assert (said.status, said.json["imageId"]) == (202, image_id)
    assert stack.ask("GET", f"/images/{image_id}").status == 404
    assert not stack.originals.objects
    assert list(stack.renditions.objects) == [keys.manifest_key(image_id)]


def test_a_ticket_that_is_given_back_is_gone(stack: Stack) -> None:
    image_id = stack.expected()

    stack.ask("DELETE", f"/images/{image_id}")
    stack.settle()

    assert stack.ask("GET", f"/images/{image_id}").status == 404


def test_an_image_whose_original_is_gone_unheard_can_be_deleted(stack: Stack) -> None:
    """Its record stands at PROCESSING; S3 need not tell of the removal of what is not there."""
    image_id = stack.expected()
    there = stack.service.table.get(image_id)
    assert there is not None
    stack.table.put_newer({**there, "status": "PROCESSING", "version": 2})

    stack.ask("DELETE", f"/images/{image_id}")
    told = [json.loads(one.body) for one in stack.process_queue.messages]
    stack.settle()

    assert [one["imageId"] for one in told if one.get("command") == "discard"] == [image_id]
    assert stack.ask("GET", f"/images/{image_id}").status == 404


def test_a_reprocessed_image_has_a_higher_version(stack: Stack) -> None:
    image_id = stack.outdated()

    stack.ask("POST", f"/images/{image_id}/reprocess")
    stack.settle()

    image = stack.ask("GET", f"/images/{image_id}").json
    assert (image["status"], image["version"]) == ("READY", 7)


def test_an_object_that_is_there_is_processed_at_once(stack: Stack) -> None:
    key = "holiday 2026/café.png"
    image_id = stack.put(original(), key)

    said = stack.ask("POST", "/process", body={"bucket": "originals", "key": key})

    assert said.status == 200
    found = said.json
    assert found["image"]["id"] == image_id
    assert (found["original"], found["processed"]) == (key, f"processed-{image_id}.png")
    rendition = found["processedUrl"].removeprefix(f"{PUBLIC_URL}/")
    assert rendition in stack.renditions.objects
    stack.settle()
    query = f"filename={found['processed']}"
    asked = stack.ask("GET", "/get-processed-image-url", query=query)
    assert asked.json["url"] == found["processedUrl"]


def test_the_largest_file_may_be_announced(stack: Stack) -> None:
    assert stack.ask("POST", "/uploads", body=TICKET | {"size": MAX_BYTES}).status == 201


def test_a_ticket_for_a_drawing_is_given_where_the_settings_say_so(stack: Stack) -> None:
    body = TICKET | {"contentType": "image/svg+xml"}

    refused = stack.ask("POST", "/uploads", body=body)
    stack.service = replace(stack.service, uploads=replace(stack.service.uploads, svg=True))
    given = stack.ask("POST", "/uploads", body=body)

    assert (refused.status, given.status) == (415, 201)
    assert refused.json["code"] == "unsupported_content_type"
    assert "`svg = true` in [limits]" in refused.json["detail"]


def test_a_ticket_ends_when_it_says(stack: Stack) -> None:
    said = stack.ask("POST", "/uploads", body=TICKET).json

    query = parse_qs(said["upload"]["url"])
    assert query["X-Amz-Expires"] == [str(TICKET_SECONDS)]
    assert said["upload"]["expiresAt"].startswith("2026-11-21T00:15:00")


def test_the_description_of_the_api_is_served_with_its_own_address(stack: Stack) -> None:
    said = stack.ask("GET", "/api/openapi.json")

    assert said.status == 200
    assert said.json["servers"] == [{"url": f"{PUBLIC_URL}/api"}]


@pytest.mark.usefixtures("stack")
def test_a_request_that_api_gateway_documents_is_answered(log: Log) -> None:
    response = api.handler(event("http_post_json"), None)

    assert response["statusCode"] == 201
    assert json.loads(str(response["body"]))["upload"]["headers"]["x-amz-meta-filename"]
    assert log.line()["request_id"] == "Bq3f0jX4liAEM4w="
