"""Originals handed in: tickets, and what S3 will hold whoever has one to."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.images_table import MemoryTable
from tests.simulation import MemoryBucket, MemoryQueue
from tests.world import START, Odds, World
from tintype import keys
from tintype.aws.account import Account
from tintype.aws.errors import UnavailableError
from tintype.aws.s3 import Bucket
from tintype.aws.signing import Credentials
from tintype.content_types import ALIASES, CONTENT_TYPES, UNTYPED
from tintype.images import from_document
from tintype.messages import Expire, decode
from tintype.owners import PUBLIC
from tintype.records import Records
from tintype.uploads import (
    MAX_BODY_BYTES,
    BodyTooLargeError,
    EmptyBodyError,
    FilenameTicketRequest,
    InvalidFilenameError,
    TicketRequest,
    UnsupportedContentTypeError,
    UploadService,
    UploadTooLargeError,
    processed_filename,
    split_processed_filename,
)

MAX_BYTES = 50_000_000
TICKET_SECONDS = 900
ACCOUNT = Account("eu-central-1", None, lambda: Credentials("AKIAIOSFODNN7EXAMPLE", "secret"))
REQUEST = TicketRequest(filename="beach.jpg", content_type="image/jpeg", size=1024)
NAMES = [
    "beach.jpg",
    "Screenshot 2026-11-21 at 10.00.00\N{NARROW NO-BREAK SPACE}AM.png",
    "家族\N{IDEOGRAPHIC SPACE}写真.jpg",
    "👨\N{ZERO WIDTH JOINER}👩\N{ZERO WIDTH JOINER}👧.png",
    "\U0001fae9.png",  # a face of Unicode 16, newer than Python 3.11
    'a"b;c=d%20+&é.jpg',
    "x" * 255,
    "  .  ",
]


class Desk:
    """A uploads, with what lies behind it."""

    def __init__(self) -> None:
        self.world = World(0, Odds())
        self.bucket, self.table = MemoryBucket(self.world, "originals"), MemoryTable(self.world)
        self.queue = MemoryQueue(self.world)
        self.uploads = UploadService(
            originals=self.bucket,
            records=Records(self.table),
            expiries=self.queue,
            max_bytes=MAX_BYTES,
            ticket_seconds=TICKET_SECONDS,
            processed="processed.jpg",
            now=lambda: START,
        )
        # The one that signs as S3 wants it, and sends nothing.
        self.signing = replace(self.uploads, originals=Bucket(ACCOUNT, "originals"))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def query_of(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def test_a_ticket_s_signature_holds_the_upload_to_every_header(desk: Desk) -> None:
    ticket = desk.signing.issue(REQUEST, owner=PUBLIC)

    url, query = urlsplit(ticket.upload.url), query_of(ticket.upload.url)
    assert (ticket.upload.method, url.scheme) == ("PUT", "https")
    assert url.netloc == "originals.s3.eu-central-1.amazonaws.com"
    assert url.path == f"/originals/{ticket.image_id}/beach.jpg"
    assert query["X-Amz-Expires"] == [str(TICKET_SECONDS)]
    assert query["X-Amz-SignedHeaders"] == [
        "content-length;content-type;host;if-none-match;x-amz-meta-filename"
    ]
    assert ticket.upload.headers == {
        "content-type": "image/jpeg",
        "content-length": "1024",
        "if-none-match": "*",
        "x-amz-meta-filename": "beach.jpg",
    }
    assert ticket.upload.expires_at == "2026-11-21T00:15:00.000Z"


def test_a_checksum_that_was_announced_is_one_that_s3_checks(desk: Desk) -> None:
    digest = "9F86D081884C7D659A2FEAA0C55AD015a3bf4f1b2b0b822cd15d6c15b0f00a08"

    upload = desk.signing.issue(replace_request(sha256=digest), owner=PUBLIC).upload

    checksum = upload.headers["x-amz-checksum-sha256"]
    assert b64decode(checksum).hex() == digest.lower()
    assert "x-amz-checksum-sha256" in query_of(upload.url)["X-Amz-SignedHeaders"][0]


def test_a_plain_ticket_asks_for_the_content_type_alone(desk: Desk) -> None:
    ticket = desk.signing.issue_for_filename(
        FilenameTicketRequest(filename="a b.png", content_type="image/png"), owner=PUBLIC
    )

    assert query_of(ticket.upload_url)["X-Amz-SignedHeaders"] == ["content-type;host"]
    assert ticket.key.endswith("/a%20b.png")
    split = split_processed_filename(ticket.processed_filename)
    assert split == (keys.image_id("originals", ticket.key), "processed.jpg")


def test_a_ticket_leaves_a_record_that_is_forgotten_if_nobody_comes(desk: Desk) -> None:
    ticket = desk.uploads.issue(REQUEST, owner=PUBLIC)

    image = from_document(desk.table.items[ticket.image_id])
    assert (image.version, image.status, image.source) == (1, "AWAITING_UPLOAD", "UPLOAD")
    assert (image.original.bytes, image.original.content_type) == (1024, "image/jpeg")
    assert image.expires is None
    (message,) = desk.queue.messages
    at = int(START.timestamp()) + TICKET_SECONDS + 3600
    assert decode(message.body) == Expire(image_id=ticket.image_id, at=at)
    assert message.visible >= START + timedelta(seconds=TICKET_SECONDS)
    assert keys.created_at(image.id) == START
    assert image.created_at == image.updated_at == "2026-11-21T00:00:00.000Z"


def test_every_ticket_is_for_an_image_of_its_own(desk: Desk) -> None:
    tickets = [desk.uploads.issue(REQUEST, owner=PUBLIC) for _ in range(20)]

    assert len({ticket.image_id for ticket in tickets}) == 20
    assert len(desk.table.items) == 20


def test_no_ticket_is_given_where_no_record_could_be_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = UnavailableError("no", service="dynamodb", operation="PutItem")

    def refuse(_item: object, **_: object) -> None:
        raise error

    monkeypatch.setattr(desk.table, "write", refuse)

    with pytest.raises(UnavailableError):
        desk.uploads.issue(REQUEST, owner=PUBLIC)


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_of_any_language_goes_along_and_comes_back(desk: Desk, name: str) -> None:
    ticket = desk.signing.issue(replace_request(filename=name), owner=PUBLIC)

    header = ticket.upload.headers["x-amz-meta-filename"]
    assert header.isascii()
    assert header.isprintable()
    assert " " not in header
    assert unquote(header) == name
    assert desk.table.items[ticket.image_id]["filename"] == name


@pytest.mark.parametrize("name", [*NAMES, ".", "..", "a/../b.png", "100%25.png"], ids=ascii)
def test_a_key_tells_the_name_of_an_upload_without_metadata(desk: Desk, name: str) -> None:
    key = desk.signing.issue_for_filename(FilenameTicketRequest(filename=name), owner=PUBLIC).key

    assert keys.name_in(key) == name
    assert keys.is_ours(key)
    assert key.isascii()
    assert not {".", ".."} & set(key.split("/"))


def test_a_name_that_no_key_can_hold_is_refused_to_who_sends_no_metadata(desk: Desk) -> None:
    assert desk.uploads.issue_for_filename(
        FilenameTicketRequest(filename="写" * 109), owner=PUBLIC
    ).key

    with pytest.raises(InvalidFilenameError, match="an S3 key"):
        desk.uploads.issue_for_filename(FilenameTicketRequest(filename="写" * 110), owner=PUBLIC)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a\nb.png",
        "a\0.png",
        "\x7f",
        "\x85.png",
        "\ud800.png",
        "\N{LINE SEPARATOR}",
        "x" * 256,
        "写" * 212,
    ],
    ids=ascii,
)
def test_a_name_with_control_characters_or_too_long_is_refused(desk: Desk, name: str) -> None:
    plain = FilenameTicketRequest(filename=name, content_type="image/png")

    for give in (
        lambda: desk.uploads.issue(replace_request(filename=name), owner=PUBLIC),
        lambda: desk.uploads.issue_for_filename(plain, owner=PUBLIC),
        lambda: desk.uploads.accept(b"x", name, "image/png", owner=PUBLIC),
    ):
        with pytest.raises(InvalidFilenameError):
            give()
    assert not desk.table.items


@given(st.text(min_size=1, max_size=255))
def test_every_name_is_either_refused_or_comes_back(name: str) -> None:
    desk = Desk()
    try:
        ticket = desk.signing.issue(replace_request(filename=name), owner=PUBLIC)
    except InvalidFilenameError:
        assert not desk.table.items
    else:
        assert unquote(ticket.upload.headers["x-amz-meta-filename"]) == name
        assert "\n" not in name


@pytest.mark.parametrize(
    "content_type",
    [
        "text/html",
        "image/png\r\nx: y",
        "image/png;\tx",
        "image/*",
        "image/pñg",
        "image/png;" + "a" * 255,
    ],
)
def test_a_type_that_we_do_not_open_is_refused_with_those_that_we_do(
    desk: Desk, content_type: str
) -> None:
    with pytest.raises(
        UnsupportedContentTypeError, match="image/avif, image/bmp, image/gif, image/heic"
    ):
        desk.uploads.issue(replace_request(content_type=content_type), owner=PUBLIC)

    assert not desk.table.items


def test_svg_is_taken_only_where_the_settings_say_so(desk: Desk) -> None:
    request = replace_request(content_type="image/svg+xml")

    with pytest.raises(UnsupportedContentTypeError, match=r"only with `svg = true` in \[limits\]"):
        desk.uploads.issue(request, owner=PUBLIC)

    assert replace(desk.uploads, svg=True).issue(request, owner=PUBLIC).image_id


@pytest.mark.parametrize("content_type", sorted(CONTENT_TYPES | ALIASES | UNTYPED))
def test_every_type_that_we_open_is_taken(desk: Desk, content_type: str) -> None:
    assert desk.uploads.issue(replace_request(content_type=content_type), owner=PUBLIC).image_id


def test_a_size_over_the_limit_is_refused_with_both_numbers(desk: Desk) -> None:
    assert desk.uploads.issue(replace_request(size=MAX_BYTES), owner=PUBLIC).image_id

    with pytest.raises(UploadTooLargeError, match=r"50,000,001 bytes; the limit is 50,000,000"):
        desk.uploads.issue(replace_request(size=MAX_BYTES + 1), owner=PUBLIC)


def test_bytes_are_stored_with_all_that_the_event_path_asks_for(desk: Desk) -> None:
    image = desk.uploads.accept(b"bytes", "Café.png", "image/png", owner=PUBLIC)

    stored = desk.bucket.objects[image.original.key]
    assert (stored.data, stored.content_type) == (b"bytes", "image/png")
    assert stored.metadata == {"filename": "Caf%C3%A9.png", "source": "api"}
    assert (image.source, image.status) == ("API", "AWAITING_UPLOAD")
    assert from_document(desk.table.items[image.id]) == image


def test_bytes_whose_first_answer_was_lost_are_taken_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = desk.bucket.put

    def put_twice(*arguments: object, **named: object) -> str:
        put(*arguments, **named)  # type: ignore[arg-type] # as they come
        return put(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.bucket, "put", put_twice)

    image = desk.uploads.accept(b"bytes", "a.png", "image/png", owner=PUBLIC)

    assert desk.bucket.objects[image.original.key].data == b"bytes"


def test_no_bytes_and_too_many_are_refused(desk: Desk) -> None:
    with pytest.raises(EmptyBodyError):
        desk.uploads.accept(b"", "a.png", "image/png", owner=PUBLIC)
    with pytest.raises(BodyTooLargeError, match="POST /uploads"):
        desk.uploads.accept(bytes(MAX_BODY_BYTES + 1), "a.png", "image/png", owner=PUBLIC)

    assert not desk.bucket.objects
    assert not desk.table.items


def test_the_largest_body_fits_lambda_s_6_mib_in_base64() -> None:
    event = 8 * 1024  # of API Gateway around the body; its headers are at most that

    assert -(-MAX_BODY_BYTES // 3) * 4 + event <= 6 * 1024 * 1024


@pytest.mark.parametrize(
    ("filename", "split"),
    [
        (
            "01M7XPE600ABCDEFGHJKMNPQRS-processed.jpg",
            ("01M7XPE600ABCDEFGHJKMNPQRS", "processed.jpg"),
        ),
        ("01M7XPE600ABCDEFGHJKMNPQRS-a-b.jpg", ("01M7XPE600ABCDEFGHJKMNPQRS", "a-b.jpg")),
        ("01M7XPE600ABCDEFGHJKMNPQRS", None),
        ("beach-processed.jpg", None),
        ("", None),
    ],
)
def test_a_processed_file_name_says_which_image_and_which_rendition(
    filename: str, split: tuple[str, str] | None
) -> None:
    assert split_processed_filename(filename) == split
    if split:
        assert processed_filename(*split) == filename


def replace_request(**changes: object) -> TicketRequest:
    facts = {"filename": "beach.jpg", "content_type": "image/jpeg", "size": 1024, **changes}
    return TicketRequest(**facts)  # type: ignore[arg-type] # a test may say anything


def test_an_owner_is_in_what_is_signed_of_every_way_in(desk: Desk) -> None:
    wanted = FilenameTicketRequest(filename="a b.png", content_type="image/png")

    ticket = desk.signing.issue(REQUEST, owner="alice@example.com")
    plain = desk.signing.issue_for_filename(wanted, owner="alice@example.com")
    image = desk.uploads.accept(b"bytes", "a.png", "image/png", owner="alice@example.com")

    signed = urlsplit(ticket.upload.url).path
    assert signed == f"/originals/{ticket.image_id}/~alice%2540example.com/beach.jpg"
    for key in (unquote(signed[1:]), plain.key, image.original.key):
        assert keys.owner_in(key) == "alice@example.com"
    assert {one["owner"] for one in desk.table.items.values()} == {"alice@example.com"}
    assert not any("alice" in text for text in ticket.upload.headers.values())
