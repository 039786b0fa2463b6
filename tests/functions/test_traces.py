"""One search, by image or by trace, finds what every function did for a request."""

from __future__ import annotations

import pytest

from tests.functions.aws_events import batch_of, message
from tests.functions.cases import PNG, TICKET
from tests.functions.lines import Log
from tests.functions.stack import (
    Stack,
    original,
)
from tintype import keys, traces
from tintype.aws.errors import UnavailableError
from tintype.functions import process


@pytest.mark.parametrize("way", ["/uploads", "/generate-upload-url", "/images"])
def test_one_search_for_an_image_s_id_finds_what_every_function_did(
    stack: Stack, log: Log, way: str
) -> None:
    if way == "/images":
        said = stack.ask("POST", way, headers=PNG, body=original()).json
        image_id = said["imageId"]
    else:
        said = stack.ask("POST", way, body=TICKET).json
        image_id = str(said.get("imageId") or keys.image_id("originals", said["key"]))
        stack.put(original(), said.get("key") or keys.original_key(image_id, "beach.png"))
    stack.settle()
    stack.ask("GET", f"/images/{image_id}")
    stack.ask("DELETE", f"/images/{image_id}")

    found = log.lines(image_id=image_id)
    assert {line["function"] for line in found} == {"api", "process", "catalogue"}
    said_by_api = [line["message"] for line in found if line["function"] == "api"]
    assert [message.split()[0] for message in said_by_api] == ["POST", "GET", "DELETE"]


TRACE = "1-67891233-abcdef012345678912345678"
TRACED = {"X-Amzn-Trace-Id": f"Root={TRACE};Parent=463ac35c9f6413ad;Sampled=1"}


def traces_of(log: Log, image_id: str) -> dict[str, set[str]]:
    """Return the traces in the lines about an image, function by function.

    Sweeps are left out, which come a quarter of an hour later and are nobody's request.
    """
    found: dict[str, set[str]] = {}
    for line in log.lines(image_id=image_id):
        if line["message"] != "SWEPT":
            found.setdefault(line["function"], set()).add(line["trace_id"])
    return found


@pytest.mark.parametrize("way", ["/uploads", "/images"])
def test_one_trace_goes_from_the_request_to_the_announcement(
    stack: Stack, log: Log, way: str
) -> None:
    if way == "/images":
        said = stack.ask("POST", way, headers={**PNG, **TRACED}, body=original())
        image_id = said.json["imageId"]
    else:
        said = stack.ask("POST", way, headers=TRACED, body=TICKET)
        image_id, sent = said.json["imageId"], said.json["upload"]["headers"]
        assert sent["x-amz-meta-trace"] == TRACE
        metadata = {"filename": sent["x-amz-meta-filename"], "trace": sent["x-amz-meta-trace"]}
        key = keys.original_key(image_id, "beach.png")
        stack.originals.put(key, original(), content_type="image/png", metadata=metadata)
    stack.settle()

    assert said.headers["x-trace-id"] == TRACE
    assert traces_of(log, image_id) == {"api": {TRACE}, "process": {TRACE}, "catalogue": {TRACE}}
    announced = [line["message"] for line in log.lines(function="catalogue", trace_id=TRACE)]
    assert announced == ["WRITTEN"] * 3, "PROCESSING, the first rendition and READY"
    assert b"67891233" not in stack.ask("GET", f"/images/{image_id}").body.encode()


def test_who_has_an_image_rendered_again_is_followed_too(stack: Stack, log: Log) -> None:
    image_id = stack.outdated()
    log.forget()

    stack.ask("POST", f"/images/{image_id}/reprocess", headers=TRACED)
    stack.settle()

    assert traces_of(log, image_id) == {"api": {TRACE}, "process": {TRACE}, "catalogue": {TRACE}}


@pytest.mark.parametrize(
    "metadata", [{}, {"trace": "\x1b[2J"}, {"trace": f"{TRACE} "}, {"trace": "1" * 2000}]
)
def test_an_object_that_nobody_asked_for_has_the_trace_of_its_first_job(
    stack: Stack, log: Log, monkeypatch: pytest.MonkeyPatch, metadata: dict[str, str]
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root={TRACE};Parent=463ac35c9f6413ad;Sampled=0")
    stack.originals.put("by/hand.png", original(), content_type="image/png", metadata=metadata)
    stack.deliver(stack.process_queue, process.handler)
    monkeypatch.delenv("_X_AMZN_TRACE_ID")
    stack.settle()

    image_id = keys.image_id("originals", "by/hand.png")
    assert traces_of(log, image_id) == {"process": {TRACE}, "catalogue": {TRACE}}


def test_a_try_that_fails_is_found_by_image_and_trace(
    stack: Stack, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = stack.ask("POST", "/images", headers={**PNG, **TRACED}, body=original()).json[
        "imageId"
    ]

    def refuse(*_: object, **__: object) -> str:
        message = "no"
        raise UnavailableError(message, service="s3", operation="PutObject")

    with monkeypatch.context() as patched:
        patched.setattr(stack.renditions, "put", refuse)
        taken = stack.process_queue.receive()
        assert taken is not None
        process.handler(batch_of(message(taken.body, id="1", received=1)), None)

    line = log.line(function="process", level="ERROR")
    assert (line["image_id"], line["trace_id"]) == (image_id, TRACE)


@pytest.mark.parametrize(
    ("header", "is_taken"),
    [
        (f"Root={TRACE}", True),
        (f"Self=1-67891234-12456789abcdef0123456789;Root={TRACE}", True),
        (f"Root={TRACE};Parent=463ac35c9f6413ad;Sampled=1;Lineage=a87bd80c:1|68fd508a:5", True),
        (f"Root={TRACE} rubbish", False),
        (f"xRoot={TRACE}", False),
        ("Root=1-6789-abc", False),
        ("\x1b[2J", False),
        ("", False),
    ],
)
def test_only_a_trace_in_aws_s_form_is_taken(
    stack: Stack, log: Log, header: str, is_taken: bool
) -> None:
    said = stack.ask("GET", "/images", headers={"X-Amzn-Trace-Id": header})

    found = log.lines(function="api")[-1]["trace_id"]
    assert (found == TRACE) is is_taken
    assert traces.known(found) == said.headers["x-trace-id"] == found
