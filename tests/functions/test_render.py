"""One file on request: from the event of a function's URL to an answer that CloudFront may keep."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from PIL import Image

from tests.functions.lines import Log
from tests.functions.stack import BROKEN, PRESETS, Stack, original
from tests.functions.test_private import by_ticket, change, image_of
from tests.pictures import picture
from tintype import keys
from tintype.access import Visibility
from tintype.aws.errors import UnavailableError
from tintype.functions import render
from tintype.imaging import Encoding, Format, Limits, Preset
from tintype.processing.delivered import REVISION

PUBLIC_CACHE = "public, max-age=86400, s-maxage=31536000"
FILE = "w_4.auto"


def public(image_id: str, filename: str = FILE) -> str:
    return keys.delivered_key(image_id, filename)


def size(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


def test_a_size_is_rendered_stored_and_returned(stack: Stack) -> None:
    image_id = stack.ready()
    key = public(image_id)

    answer = stack.fetch(key)

    assert answer.status == 200
    assert size(answer.body) == (4, 3)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == PUBLIC_CACHE
    assert re.fullmatch(r"render;dur=\d+\.\d", answer.headers["server-timing"])
    stored = stack.renditions.objects[key]
    assert stored.data == answer.body
    assert stored.content_type == "image/jpeg"
    assert stored.metadata == {REVISION: image_of(stack, image_id).revision}
    assert stack.renditions.cache_control[key] == PUBLIC_CACHE
    assert stack.renditions.tags[key] == keys.DELIVERED_TAGS


def test_a_private_size_is_for_the_browser_alone(stack: Stack) -> None:
    stack.sign_in()
    image_id = by_ticket(stack, original(), Visibility.PRIVATE)
    stack.settle()
    key = keys.delivered_key(image_id, FILE, "alice")

    answer = stack.fetch(key)

    assert answer.status == 200
    assert answer.headers["cache-control"] == "private, max-age=3600"
    assert stack.renditions.cache_control[key] == "private, max-age=3600"


def test_the_owner_of_a_private_image_is_in_the_path_as_it_is_in_the_key(stack: Stack) -> None:
    stack.sign_in()
    key = keys.original_key(keys.new_id(stack.world.now), "a.png", "auth0|ann%7C")
    metadata = {"visibility": "private"}
    stack.originals.put(key, original(), content_type="image/png", metadata=metadata)
    stack.settle()
    image_id = keys.image_id("originals", key)

    assert stack.fetch(keys.delivered_key(image_id, FILE, "auth0|ann%7C")).status == 200
    assert stack.fetch(keys.delivered_key(image_id, FILE, "auth0|ann|")).status == 404


def test_the_rendition_of_a_preset_is_copied_and_not_rendered(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = stack.ready()
    monkeypatch.setattr(stack.originals, "objects", {})

    answer = stack.fetch(public(image_id, "preset_processed.png"))

    rendition = image_of(stack, image_id).renditions[0]
    assert rendition.preset == "processed"
    assert answer.body == stack.renditions.objects[rendition.key].data
    assert answer.headers["content-type"] == "image/png"


def test_a_preset_that_is_newer_than_the_image_is_rendered(stack: Stack) -> None:
    image_id = stack.ready()
    wide = Preset(name="wide", width=4, formats=(Encoding(format=Format.WEBP),))
    stack.delivery = replace(stack.delivery, presets=(*PRESETS, wide))

    answer = stack.fetch(public(image_id, "preset_wide.webp"))

    assert (size(answer.body), answer.headers["content-type"]) == ((4, 3), "image/webp")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "x",
        "ID/3f9a/thumb.webp",
        "ID/x/",
        "ID/x/w_4",
        "ID/x/w_04.auto",
        "ID/x/h_4,w_4.auto",
        "ID/x/w_4.bmp",
        "ID/x/a/w_4.auto",
        "ID/x/preset_huge.webp",
        "ID/x/preset_processed.avif",
        "ID/x/../manifest.json",
        "private/ID/x/w_4.auto.",
        "ID/manifest.json",
    ],
)
def test_a_key_that_no_address_leads_to_is_answered_at_once(stack: Stack, key: str) -> None:
    image_id = stack.ready()
    before = dict(stack.renditions.objects)

    answer = stack.fetch(key.replace("ID", image_id))

    assert (answer.status, answer.code) == (404, "rendition_not_found")
    assert answer.headers["cache-control"] == "max-age=10"
    assert stack.renditions.objects == before


def test_an_image_that_never_was_or_is_no_more_has_no_size(stack: Stack) -> None:
    for image_id in (keys.new_id(stack.world.now), stack.deleted()):
        answer = stack.fetch(public(image_id))

        assert (answer.status, answer.code) == (404, "image_not_found")
        assert answer.headers["cache-control"] == "max-age=10"
        assert not any(f"{image_id}/x/" in key for key in stack.renditions.objects)


def test_the_other_visibility_and_another_owner_have_no_size(stack: Stack) -> None:
    stack.sign_in()
    private, open_ = (by_ticket(stack, original(), one) for one in ("private", "public"))
    stack.settle()

    answers = [
        stack.fetch(public(private)),
        stack.fetch(keys.delivered_key(private, FILE, "bob")),
        stack.fetch(keys.delivered_key(open_, FILE, "alice")),
    ]

    assert [(one.status, one.code) for one in answers] == [(404, "image_not_found")] * 3
    assert not any("/x/" in key for key in stack.renditions.objects)


def test_an_original_that_has_come_and_is_not_processed_yet_is_asked_for_again(
    stack: Stack,
) -> None:
    image_id = stack.put(original())

    answer = stack.fetch(public(image_id))

    assert (answer.status, answer.code) == (404, "not_ready")
    assert answer.headers["cache-control"] == "no-store"


def test_a_new_original_that_is_not_processed_yet_is_not_shown_under_the_old_one_s_revision(
    stack: Stack,
) -> None:
    image_id = stack.put(original(), "beach.png")
    stack.settle()
    stack.originals.put("beach.png", picture(9, 9, Format.PNG), content_type="image/png")

    answer = stack.fetch(public(image_id))

    assert (answer.status, answer.code) == (404, "not_ready")
    stack.settle()
    assert size(stack.fetch(public(image_id)).body) == (4, 4)


def test_a_refused_original_is_refused_with_its_reason_for_a_minute(stack: Stack) -> None:
    answer = stack.fetch(public(stack.failed()))

    assert (answer.status, answer.code) == (422, "not_an_image")
    assert answer.headers["cache-control"] == "max-age=60"
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_failure_that_keeps_renditions_keeps_the_other_sizes(stack: Stack) -> None:
    image_id = stack.ready()
    kept = image_of(stack, image_id).revision
    key = image_of(stack, image_id).original.key
    stack.context = replace(stack.context, limits=Limits(max_pixels=1))
    stack.ask("POST", f"/images/{image_id}/reprocess")
    stack.change_presets()
    stack.ask("POST", f"/images/{image_id}/reprocess")
    stack.settle()
    assert image_of(stack, image_id).status == "FAILED"

    answer = stack.fetch(public(image_id))

    assert answer.status == 200
    assert stack.renditions.objects[public(image_id)].metadata == {REVISION: kept}
    assert key in stack.originals.objects


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(max_pixels=47), "too_many_pixels"),
        (Limits(max_bytes=10), "too_many_bytes"),
        (Limits(max_pixels=48), ""),
    ],
)
def test_a_size_keeps_to_the_limits_of_originals(stack: Stack, limits: Limits, code: str) -> None:
    image_id = stack.ready()
    stack.delivery = replace(stack.delivery, limits=limits)

    answer = stack.fetch(public(image_id))

    assert (answer.status, answer.code if code else "") == (422 if code else 200, code)


def test_an_enlarged_size_keeps_to_them_as_well(stack: Stack) -> None:
    image_id = stack.ready()
    stack.delivery = replace(stack.delivery, limits=Limits(max_pixels=63))

    answer = stack.fetch(public(image_id, "w_8,h_8,fit_fill.png"))

    assert (answer.status, answer.code) == (422, "too_many_pixels")


def test_what_is_too_large_for_an_answer_is_stored_and_the_viewer_sent_to_it(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "MOST_BYTES", 100)
    image_id = stack.ready()
    key, address = public(image_id), f"/i/{image_id}/beach.jpg?w=4&v=7"

    answer = stack.fetch(key, address=address)

    assert (answer.status, answer.body) == (302, b"")
    assert answer.headers["location"] == address
    assert answer.headers["cache-control"] == "no-store"
    assert len(stack.renditions.objects[key].data) > 100


def test_the_largest_answer_fits_into_what_lambda_returns() -> None:
    """Lambda Developer Guide, "Lambda quotas": 6 MB; the file is in base64, in JSON."""
    largest = -(-render.MOST_BYTES // 3) * 4

    assert largest + 10_000 < 6 * 1024 * 1024


def test_a_gone_original_is_no_image_and_its_deletion_is_on_the_way(stack: Stack) -> None:
    image_id = stack.ready()
    stack.originals.delete(image_of(stack, image_id).original.key)

    answer = stack.fetch(public(image_id))

    assert (answer.status, answer.code) == (404, "image_not_found")


def test_an_image_that_becomes_private_meanwhile_is_not_delivered(stack: Stack) -> None:
    stack.sign_in()
    image_id = by_ticket(stack, original(), "public")
    stack.settle()
    change(stack, image_id, Visibility.PRIVATE)

    answer = stack.fetch(public(image_id))

    assert (answer.status, answer.code) == (404, "image_not_found")


def test_only_get_and_head_are_answered(stack: Stack) -> None:
    key = public(stack.ready())

    assert stack.fetch(key, method="POST").status == 405
    assert stack.fetch(key, method="POST").headers["allow"] == "GET, HEAD"
    assert stack.fetch(key, method="HEAD").status == 200


def test_a_service_that_fails_is_asked_again_and_not_remembered(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(key: str, **_: object) -> None:
        raise UnavailableError(key, service="s3", operation="GetObject", status=503)

    image_id = stack.ready()
    monkeypatch.setattr(stack.renditions, "get", refuse)

    answer = stack.fetch(public(image_id))

    assert (answer.status, answer.code) == (503, "service_unavailable")
    assert answer.headers["cache-control"] == "no-store"


def test_a_bug_is_answered_and_logged(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    monkeypatch.setattr(render, "context", lambda: 1 / 0)

    answer = stack.fetch(public(keys.new_id(stack.world.now)))

    assert (answer.status, answer.code) == (500, "internal_error")
    assert any("ZeroDivisionError" in str(line) for line in log.written())


def test_a_line_has_the_file_and_its_bytes_and_no_owner(stack: Stack, log: Log) -> None:
    stack.sign_in()
    image_id = by_ticket(stack, original(), "private")
    stack.settle()

    answer = stack.fetch(keys.delivered_key(image_id, FILE, "alice"))

    line = log.line(function="render")
    assert line["image_id"] == image_id
    assert (line["file"], line["bytes"]) == (FILE, len(answer.body))
    assert line["Requests"] == 1
    assert line["RequestMilliseconds"] > 0
    assert "alice" not in str(line)


def test_broken_bytes_are_no_reason_to_read_them_again(stack: Stack) -> None:
    image_id = stack.put(BROKEN)
    stack.settle()
    stack.originals.poisoned = next(iter(stack.originals.objects))

    assert stack.fetch(public(image_id)).status == 422
