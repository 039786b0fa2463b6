"""An original's whole way through the deployed stack, by every way in."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import pyvips

from tests.cloud.operator import Operator
from tests.cloud.stack import TIMEOUT_SECONDS, Stack
from tests.pictures import picture
from tintype.imaging import Format, Limits
from tintype.keys import ORIGINALS

PNG = picture(400, 300, Format.PNG)


def test_an_uploaded_original_becomes_ready_and_is_served_by_the_cdn(stack: Stack) -> None:
    image = stack.ready(stack.upload(PNG, "Strand – Café.png"))

    assert image["version"] == 4
    assert image["filename"] == "Strand – Café.png"
    assert (image["original"]["width"], image["original"]["height"]) == (400, 300)
    assert [(one["preset"], one["format"]) for one in image["renditions"]] == [
        ("processed", "jpeg"),
        ("thumb", "webp"),
        ("small", "avif"),
        ("small", "webp"),
        ("display", "avif"),
        ("display", "webp"),
    ]
    for rendition in image["renditions"]:
        answer = stack.client.get(rendition["url"])
        assert answer.status_code == 200
        assert len(answer.content) == rendition["bytes"]
        assert answer.headers["content-type"] == rendition["contentType"]
        assert "immutable" in answer.headers["cache-control"]
    manifest = stack.client.get(f"{stack.outputs['CdnUrl']}/{image['id']}/manifest.json")
    assert manifest.status_code == 404, "it names the bucket of the originals"


def test_a_picture_is_seen_by_its_address_as_soon_as_it_is_there(stack: Stack) -> None:
    known = stack.ready(stack.upload(PNG))
    ticket = stack.ticket(PNG, "picture.png", "image/png")
    # The same bytes and presets give the same address but for the image's id.
    address = known["renditions"][0]["url"].replace(known["id"], ticket["imageId"])

    missing = stack.client.get(address)
    stack.put(ticket, PNG)
    stack.when(
        ticket["imageId"],
        lambda one: (
            bool(stack.client.get(address)) and one is not None and one["status"] == "READY"
        ),
    )

    # A URL that is polled is answered by the CDN, which repeats an error for 10 s if it may.
    assert missing.status_code == 404
    assert stack.client.get(address).status_code == 200


def test_one_trace_is_in_the_log_of_every_function_on_the_way(
    stack: Stack, operator: Operator
) -> None:
    wanted = {"filename": "traced.png", "contentType": "image/png", "size": len(PNG)}
    answer = stack.request("POST", "/uploads", json=wanted)
    trace, ticket = answer.headers["x-trace-id"], answer.json()
    assert ticket["upload"]["headers"]["x-amz-meta-trace"] == trace
    assert stack.put(ticket, PNG).status_code == 200
    stack.ready(ticket["imageId"])

    said = _lines_of(operator, trace)
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while ("catalogue", "WRITTEN") not in {(one["function"], one["message"]) for one in said}:
        assert time.monotonic() < deadline, said
        time.sleep(0.2)
        said = _lines_of(operator, trace)

    assert {one["function"] for one in said} == {"api", "process", "catalogue"}
    assert {one["image_id"] for one in said} == {ticket["imageId"]}
    assert [one["message"] for one in said if one["function"] == "process"] == ["READY"]
    other = stack.put(
        stack.ticket(PNG, "other.png", "image/png"), PNG, **{"x-amz-meta-trace": trace}
    )
    assert other.status_code == 403, "the trace is signed"


def _lines_of(operator: Operator, trace: str) -> list[dict[str, Any]]:
    """Return the lines of all functions that have a trace."""
    logs = operator.client("logs")
    return [
        json.loads(event["message"])
        for group in logs.describe_log_groups()["logGroups"]
        for page in logs.get_paginator("filter_log_events").paginate(
            logGroupName=group["logGroupName"]
        )
        for event in page["events"]
        if f'"trace_id":"{trace}"' in event["message"]
    ]


def test_the_link_to_the_original_gives_the_uploaded_bytes(stack: Stack) -> None:
    image = stack.ready(stack.upload(PNG))

    answer = stack.request("GET", f"/images/{image['id']}/original")

    assert answer.status_code == 200
    original = stack.client.get(answer.json()["url"])
    assert original.content == PNG
    assert original.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")


def test_bytes_sent_to_the_api_become_an_image(stack: Stack) -> None:
    answer = stack.request(
        "POST",
        "/images",
        params={"filename": "direct.png"},
        content=PNG,
        headers={"content-type": "image/png"},
    )

    assert answer.status_code == 202
    image = stack.ready(answer.json()["imageId"])
    assert (image["source"], image["filename"]) == ("API", "direct.png")


@pytest.mark.parametrize(
    "key",
    [
        "plain.png",
        "with space/and+plus.png",
        "ünïcödé/日本/🙂.png",
        "percent%20encoded%2B.png",
        "a" * 1019 + ".png",
        "dots/../and//slashes/.png",
        "no ending",
    ],
)
def test_an_object_put_into_the_bucket_becomes_an_image(
    stack: Stack, operator: Operator, key: str
) -> None:
    bucket = operator.outputs["OriginalsBucket"]
    operator.client("s3").put_object(Bucket=bucket, Key=key, Body=PNG)

    answer = stack.request("POST", "/process", json={"bucket": bucket, "key": key})

    assert answer.status_code == 200, answer.text
    image = stack.ready(answer.json()["image"]["id"])
    assert image["source"] == "BUCKET"
    assert image["original"]["key"] == key
    said = answer.json()
    assert (said["original"], said["processed"]) == (key, f"processed-{image['id']}.jpg")
    assert stack.client.get(said["processedUrl"]).headers["content-type"] == "image/jpeg"


def test_a_transparent_object_is_processed_into_a_transparent_picture(
    stack: Stack, operator: Operator
) -> None:
    bucket, clear = operator.outputs["OriginalsBucket"], picture(40, 30, Format.PNG, mode="RGBA")
    operator.client("s3").put_object(Bucket=bucket, Key="example.png", Body=clear)

    said = stack.request("POST", "/process", json={"bucket": bucket, "key": "example.png"}).json()

    assert said["original"] == "example.png"
    assert said["processed"] == f"processed-{said['image']['id']}.png"
    shown = stack.client.get(said["processedUrl"]).content
    image = pyvips.Image.new_from_buffer(shown, "")
    assert (image.width, image.height, image[3].min()) == (512, 512, 0)


def test_a_client_that_knows_only_file_names_gets_its_picture(stack: Stack) -> None:
    wanted = {"filename": "plain.png", "contentType": "image/png"}
    ticket = stack.request("POST", "/generate-upload-url", json=wanted).json()
    question = {"filename": ticket["processedFilename"]}
    assert stack.request("GET", "/get-processed-image-url", params=question).status_code == 404

    # As such a client would: nothing but the content type.
    put = stack.client.put(ticket["uploadUrl"], content=PNG, headers={"content-type": "image/png"})
    assert put.status_code == 200
    stack.ready(ticket["processedFilename"].split("-")[0])

    answer = stack.request("GET", "/get-processed-image-url", params=question)
    assert answer.status_code == 200
    assert stack.client.get(answer.json()["url"]).headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize("name", ["my-image.png", "Strand + 100% & Café #1.png", "写真 🙂.png"])
def test_a_client_that_never_reads_our_names_gets_its_picture(stack: Stack, name: str) -> None:
    question = {"filename": f"processed-{name}"}
    wanted = {"filename": name, "contentType": "image/x-png"}
    assert stack.request("GET", "/get-processed-image-url", params=question).status_code == 404

    for size in (30, 40):
        ticket = stack.request("POST", "/generate-upload-url", json=wanted).json()
        waiting = stack.request("GET", "/get-processed-image-url", params=question)
        assert (waiting.status_code, waiting.json()["code"]) == (404, "not_ready")
        sent = stack.client.put(
            ticket["uploadUrl"],
            content=picture(size, size, Format.PNG),
            headers={"content-type": "image/x-png"},
        )
        assert sent.status_code == 200
        image_id = ticket["processedFilename"].split("-")[0]
        stack.ready(image_id)

        answer = stack.request("GET", "/get-processed-image-url", params=question)
        assert answer.status_code == 200
        assert image_id in answer.json()["url"]


def test_what_comes_too_large_or_again_by_a_plain_link_is_not_kept(
    stack: Stack, operator: Operator
) -> None:
    wanted = {"filename": "large.png", "contentType": "image/png"}
    links = [stack.request("POST", "/generate-upload-url", json=wanted).json() for _ in range(2)]
    (huge, first), header = links, {"content-type": "image/png"}
    ids = [link["processedFilename"].split("-")[0] for link in links]

    assert stack.client.put(first["uploadUrl"], content=PNG, headers=header).status_code == 200
    before = stack.ready(ids[1])
    large = bytes(Limits().max_bytes + 1)
    for link, data in ((huge, large), (huge, large), (first, large), (first, PNG + b"again")):
        sent = stack.client.put(link["uploadUrl"], content=data, headers=header)
        assert sent.status_code == 200

    failed = stack.when(ids[0], lambda one: one is not None and one["status"] == "FAILED")
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while (kept := [_versions(operator, stack, one) for one in ids]) != [[], [len(PNG)]]:
        assert time.monotonic() < deadline, kept
        time.sleep(0.1)
    assert failed is not None
    assert failed["failure"]["code"] == "too_many_bytes"
    assert stack.image(ids[1]) == before, "nothing was rendered again"
    still = stack.image(ids[0])
    assert still is not None
    assert still["status"] == "FAILED", "its deletion for good is not the image's"
    stack.request("DELETE", f"/images/{ids[0]}").raise_for_status()
    stack.when(ids[0], lambda one: one is None)


def _versions(operator: Operator, stack: Stack, image_id: str) -> list[int]:
    """Return the sizes of all versions that there are of an image's original."""
    found = operator.client("s3").list_object_versions(
        Bucket=stack.outputs["OriginalsBucket"], Prefix=f"{ORIGINALS}{image_id}/"
    )
    return [one["Size"] for one in found.get("Versions", [])]


def test_a_client_that_knows_no_content_type_uploads_all_the_same(stack: Stack) -> None:
    wanted = {"filename": "IMG_0001.HEIC", "contentType": ""}  # as browsers say of a HEIC
    ticket = stack.request("POST", "/generate-upload-url", json=wanted).json()

    assert stack.client.put(ticket["uploadUrl"], content=PNG).status_code == 200

    assert stack.ready(ticket["processedFilename"].split("-")[0])["original"]["format"] == "png"


def test_what_is_no_image_fails_with_its_reason_and_is_not_tried_again(stack: Stack) -> None:
    image = stack.ended(stack.upload(b"<html>not at all</html>", "page.png"))

    assert image["status"] == "FAILED"
    assert image["failure"] == {
        "code": "unsupported_format",
        "message": image["failure"]["message"],
        "retryable": False,
    }
    assert image["version"] == 4, "one manifest, so it was tried once"


def test_a_deleted_image_leaves_nothing_behind(stack: Stack, operator: Operator) -> None:
    image = stack.ready(stack.upload(PNG))

    assert stack.request("DELETE", f"/images/{image['id']}").status_code == 202

    stack.when(image["id"], lambda one: one is None)
    listed = stack.request("GET", "/images", params={"limit": 100}).json()["images"]
    assert image["id"] not in {one["id"] for one in listed}
    s3 = operator.client("s3")
    left = s3.list_objects_v2(Bucket=operator.outputs["RenditionsBucket"], Prefix=image["id"])
    assert [one["Key"] for one in left.get("Contents", [])] == [f"{image['id']}/manifest.json"]
    tombstone = s3.get_object(
        Bucket=operator.outputs["RenditionsBucket"], Key=f"{image['id']}/manifest.json"
    )
    assert json.load(tombstone["Body"])["image"]["filename"] == "", "it tells nothing any more"


def test_a_ticket_that_was_never_used_can_be_deleted(stack: Stack) -> None:
    ticket = stack.ticket(PNG, "never.png", "image/png")
    image_id = ticket["imageId"]
    awaited = stack.image(image_id)
    assert awaited is not None
    assert awaited["status"] == "AWAITING_UPLOAD"

    assert stack.request("DELETE", f"/images/{image_id}").status_code == 202

    stack.when(image_id, lambda one: one is None)


def test_reprocessing_gives_a_new_version_with_the_same_addresses(
    stack: Stack, operator: Operator
) -> None:
    image = stack.ready(stack.upload(PNG))
    operator.change_record(image["id"], presetsRevision="older")

    assert stack.request("POST", f"/images/{image['id']}/reprocess").status_code == 202

    def again(one: dict[str, Any] | None) -> bool:
        return one is not None and one["version"] == 7

    after = stack.when(image["id"], again)
    assert after is not None
    assert after["renditions"] == image["renditions"]


def test_an_overwritten_original_is_rendered_anew_under_new_addresses(
    stack: Stack, operator: Operator
) -> None:
    s3, bucket = operator.client("s3"), operator.outputs["OriginalsBucket"]
    s3.put_object(Bucket=bucket, Key="changing.png", Body=PNG)
    body = {"bucket": bucket, "key": "changing.png"}
    image_id = stack.request("POST", "/process", json=body).json()["image"]["id"]
    first = stack.ready(image_id)

    other = picture(200, 200, Format.PNG)
    s3.put_object(Bucket=bucket, Key="changing.png", Body=other)

    second = stack.when(
        image_id, lambda one: one is not None and one["original"]["bytes"] == len(other)
    )
    second = stack.ready(image_id)
    assert second["version"] > first["version"]
    assert second["renditions"][0]["url"] != first["renditions"][0]["url"]


def test_the_listing_has_the_newest_first_and_goes_on_from_its_cursor(stack: Stack) -> None:
    ids = [stack.upload(PNG) for _ in range(3)]
    for image_id in ids:
        stack.ready(image_id)

    first = stack.request("GET", "/images", params={"limit": 2}).json()
    second = stack.request("GET", "/images", params={"limit": 2, "cursor": first["cursor"]}).json()

    listed = [one["id"] for one in first["images"] + second["images"]]
    assert listed[:3] == ids[::-1]
    assert len(set(listed)) == len(listed) == 4
