"""Quotas: what an owner may have and send, and who sees what waits for its upload."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.functions.cases import PLAIN
from tests.functions.stack import ApiResponse, Stack, original
from tintype.access import AccessMode, Scope
from tintype.functions import catalogue
from tintype.uploads import LONGEST_UPLOAD_SECONDS
from tintype.usage import Allowance

PNG = len(original())


@pytest.fixture
def signed_in(stack: Stack) -> Stack:
    stack.sign_in(AccessMode.COGNITO)
    return stack


def ticket(stack: Stack, owner: str, size: int = PNG) -> ApiResponse:
    body: dict[str, object] = {"filename": "a.png", "contentType": "image/png", "size": size}
    return stack.ask("POST", "/uploads", body=body, subject=owner)


def uploaded(stack: Stack, owner: str) -> str:
    """Return the id of an image that the owner has sent in one request, when it is ready."""
    headers = {"content-type": "image/png"}
    said = stack.ask("POST", "/images", headers=headers, body=original(), subject=owner)
    assert said.status == 202, said.body
    stack.settle()
    return str(said.json["imageId"])


def used(stack: Stack, owner: str) -> dict[str, int]:
    found: dict[str, int] = stack.ask("GET", "/me", subject=owner).json["used"]
    stack.table.assert_counted()
    return found


def test_me_says_what_the_owner_has_and_may_have(signed_in: Stack) -> None:
    signed_in.limit(Allowance(images=5, bytes=9_000), requests=60)
    uploaded(signed_in, "alice")
    ticket(signed_in, "alice", size=7)

    said = signed_in.ask("GET", "/me", subject="alice").json

    assert said["used"] == {"images": 2, "bytes": PNG + 7}
    assert said["limits"] == {"images": 5, "bytes": 9_000, "requestsPerMinute": 60}
    assert used(signed_in, "bob") == {"images": 0, "bytes": 0}


def test_a_deleted_image_gives_its_room_back(signed_in: Stack) -> None:
    signed_in.limit(Allowance(images=1))
    image_id = uploaded(signed_in, "alice")
    assert ticket(signed_in, "alice").status == 429

    signed_in.ask("DELETE", f"/images/{image_id}", subject="alice")
    signed_in.settle()

    assert used(signed_in, "alice") == {"images": 0, "bytes": 0}
    assert ticket(signed_in, "alice").status == 201


@pytest.mark.parametrize(
    ("allowance", "says"),
    [
        (Allowance(images=1), "1 images are stored or awaited; the limit is 1"),
        (
            Allowance(bytes=PNG + 9),
            f"{PNG:,} bytes are used, and this upload has 10; the limit is {PNG + 9:,}",
        ),
    ],
)
def test_who_is_over_a_limit_is_told_which_and_how_much_is_used(
    signed_in: Stack, allowance: Allowance, says: str
) -> None:
    uploaded(signed_in, "alice")
    signed_in.limit(allowance)

    refused = ticket(signed_in, "alice", size=10)

    assert (refused.status, refused.json["code"]) == (429, "quota_exceeded")
    assert refused.json["detail"] == says
    assert int(refused.headers["retry-after"]) == signed_in.service.uploads.ticket_seconds
    assert ticket(signed_in, "bob", size=10).status == 201, "another owner's quota is another"
    assert len(signed_in.table.items) == 2, "nothing is awaited of what was refused"


def test_an_object_that_is_put_by_hand_is_counted_and_not_refused(stack: Stack) -> None:
    stack.limit(Allowance(images=1, bytes=1))

    for name in ("a.png", "b.png"):
        stack.put(original(), name)
    stack.settle()

    assert {item["status"] for item in stack.table.items.values()} == {"READY"}
    assert stack.table.used("museum").images == 2
    stack.table.assert_counted()


def test_an_upload_without_an_announced_size_is_counted_when_it_comes(signed_in: Stack) -> None:
    body: dict[str, object] = {"filename": "a.png", "contentType": "image/png"}
    said = signed_in.ask("POST", "/generate-upload-url", body=body, subject="alice").json
    assert used(signed_in, "alice") == {"images": 1, "bytes": 0}

    signed_in.put(original(), said["key"])
    signed_in.settle()

    assert used(signed_in, "alice") == {"images": 1, "bytes": PNG}


def test_what_waits_for_its_upload_is_seen_by_its_owner_alone(signed_in: Stack) -> None:
    image_id = ticket(signed_in, "alice").json["imageId"]

    seen = {
        owner: (
            [one["id"] for one in signed_in.ask("GET", "/images", subject=owner).json["images"]],
            signed_in.ask("GET", f"/images/{image_id}", subject=owner).status,
        )
        for owner in ("alice", "bob")
    }

    assert seen == {"alice": ([image_id], 200), "bob": ([], 404)}
    assert image_id not in signed_in.announcements.published


def wait(stack: Stack, minutes: int) -> None:
    """Let time pass, and the functions handle what comes by then."""
    for _ in range(minutes):
        stack.world.now += timedelta(minutes=1)
        stack.settle()
        stack.deliver(stack.news, catalogue.handler)


@pytest.mark.parametrize("ticket_seconds", [60, 900, 3600])
def test_a_record_goes_with_its_ticket_and_gives_its_room_back(
    signed_in: Stack, ticket_seconds: int
) -> None:
    uploads = replace(signed_in.service.uploads, ticket_seconds=ticket_seconds)
    signed_in.service = replace(signed_in.service, uploads=uploads)
    signed_in.limit(Allowance(images=1))
    image_id = ticket(signed_in, "alice").json["imageId"]

    last_upload = (ticket_seconds + LONGEST_UPLOAD_SECONDS) // 60
    wait(signed_in, last_upload - 1)
    assert (image_id in signed_in.table.items, ticket(signed_in, "alice").status) == (True, 429)
    wait(signed_in, 2)

    assert image_id not in signed_in.table.items
    assert used(signed_in, "alice") == {"images": 0, "bytes": 0}
    assert ticket(signed_in, "alice").status == 201


def test_an_upload_whose_event_is_late_keeps_its_record(signed_in: Stack) -> None:
    image_id = ticket(signed_in, "alice").json["imageId"]
    key = signed_in.table.items[image_id]["original"]["key"]  # type: ignore[call-overload,index]
    signed_in.put(original(), str(key))
    late, signed_in.process_queue.messages = signed_in.process_queue.messages, []

    wait(signed_in, 100)
    assert signed_in.table.items[image_id]["status"] == "AWAITING_UPLOAD"
    signed_in.process_queue.messages = late
    wait(signed_in, 20)

    assert signed_in.table.items[image_id]["status"] == "READY"
    assert used(signed_in, "alice") == {"images": 1, "bytes": PNG}
    assert not signed_in.news.messages, "nothing asks for it any more"


def test_a_slow_upload_that_began_in_time_keeps_its_record_and_its_room(signed_in: Stack) -> None:
    signed_in.limit(Allowance(images=1))
    image_id = ticket(signed_in, "alice").json["imageId"]
    key = signed_in.table.items[image_id]["original"]["key"]  # type: ignore[call-overload,index]

    wait(signed_in, 15 + 52)  # 50 MB at 128 kbit/s, from the last moment of the ticket
    assert (image_id in signed_in.table.items, ticket(signed_in, "alice").status) == (True, 429)
    signed_in.put(original(), str(key))
    wait(signed_in, 20)

    assert signed_in.table.items[image_id]["status"] == "READY"
    assert used(signed_in, "alice") == {"images": 1, "bytes": PNG}


def test_an_upload_that_comes_after_the_end_makes_its_record_again(signed_in: Stack) -> None:
    image_id = ticket(signed_in, "alice").json["imageId"]
    key = signed_in.table.items[image_id]["original"]["key"]  # type: ignore[call-overload,index]
    wait(signed_in, 77)
    assert image_id not in signed_in.table.items

    signed_in.put(original(), str(key))
    wait(signed_in, 1)

    assert signed_in.table.items[image_id]["owner"] == "alice"
    assert used(signed_in, "alice") == {"images": 1, "bytes": PNG}


def test_an_owner_sends_so_many_requests_in_a_minute_keys_included(signed_in: Stack) -> None:
    key = signed_in.key_of("alice", Scope.READ)
    signed_in.limit(requests=3)
    signed_in.world.now = signed_in.world.now.replace(second=20)

    said = [
        signed_in.ask("GET", "/me", subject="alice"),
        signed_in.ask("GET", "/me", key=key),
        signed_in.ask("GET", "/nothing", subject="alice", groups=["admin"]),
        signed_in.ask("GET", "/me", key=key),
    ]

    assert [one.status for one in said] == [200, 200, 404, 429]
    assert said[-1].json["code"] == "rate_limited"
    assert 35 <= int(said[-1].headers["retry-after"]) <= 40
    assert signed_in.ask("GET", "/me", subject="bob").status == 200
    signed_in.world.now += timedelta(minutes=1)
    assert signed_in.ask("GET", "/me", subject="alice").status == 200


def test_without_a_limit_requests_are_not_counted(signed_in: Stack) -> None:
    signed_in.ask("GET", "/me", subject="alice")

    assert not any(name.startswith("requests#") for name in signed_in.access.items)


def test_a_link_that_names_no_size_takes_room_for_the_largest_file_until_it_is_used(
    signed_in: Stack,
) -> None:
    largest = signed_in.service.uploads.max_bytes
    signed_in.limit(Allowance(bytes=largest + PNG - 1))

    def link() -> ApiResponse:
        return signed_in.ask("POST", "/generate-upload-url", body=PLAIN, subject="alice")

    first = link()
    assert (first.status, link().status) == (200, 429)
    assert used(signed_in, "alice") == {"images": 1, "bytes": largest}

    signed_in.originals.put(first.json["key"], original(), content_type="image/png")
    signed_in.settle()

    assert used(signed_in, "alice") == {"images": 1, "bytes": PNG}
    assert link().status == 429, "one byte too few is left"
    signed_in.limit(Allowance(bytes=largest + PNG))
    assert link().status == 200
