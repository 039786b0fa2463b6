"""Pre-signed links on the emulator: they work for exactly what was signed, and for so long."""

from __future__ import annotations

import hashlib
import http.client
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from tests.aws.conftest import BUCKET, Cloud
from tintype.aws.account import Account
from tintype.aws.s3 import Bucket
from tintype.aws.signing import Credentials

DATA = b"twelve bytes"
MINUTE = 60


@pytest.fixture
def bucket(account: Account) -> Bucket:
    return Bucket(account, BUCKET)


def ticket() -> dict[str, str]:
    return {
        "content-type": "image/png",
        "content-length": str(len(DATA)),
        "if-none-match": "*",
        "x-amz-meta-filename": "Caf%C3%A9 1.png",
    }


def status(method: str, url: str, headers: dict[str, str], data: bytes = b"") -> int:
    """Use a link as a browser would: all it knows is the link and the headers."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body=data, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_what_was_promised_is_taken_once(bucket: Bucket) -> None:
    key, headers = "originals/a b+ü/Café.png", ticket()
    url = bucket.presign_put(key, headers=headers, expires_seconds=MINUTE)

    assert status("PUT", url, headers, DATA) == 200
    assert status("PUT", url, headers, DATA) == 412
    stored = bucket.get(key)
    assert (stored.data, stored.content_type) == (DATA, "image/png")
    assert stored.metadata == {"filename": "Caf%C3%A9 1.png"}


@pytest.mark.parametrize(
    ("change", "data"),
    [
        ({"content-length": "13"}, b"thirteen byte"),
        ({"content-length": "4"}, b"four"),
        ({"content-type": "text/html"}, DATA),
        ({"x-amz-meta-filename": "other.png"}, DATA),
        ({"if-none-match": ""}, DATA),
    ],
)
def test_what_differs_from_the_ticket_is_refused(
    bucket: Bucket, change: dict[str, str], data: bytes
) -> None:
    url = bucket.presign_put("refused", headers=ticket(), expires_seconds=MINUTE)

    assert status("PUT", url, {**ticket(), **change}, data) == 403


def test_a_ticket_is_for_one_key_and_one_method(bucket: Bucket) -> None:
    url = bucket.presign_put("mine", headers=ticket(), expires_seconds=MINUTE)

    assert status("PUT", url.replace("/mine?", "/yours?"), ticket(), DATA) == 403
    assert status("GET", url, {}) == 403


def test_the_bytes_can_be_fixed_by_their_checksum(bucket: Bucket) -> None:
    checksum = b64encode(hashlib.sha256(DATA).digest()).decode()
    headers = {**ticket(), "x-amz-checksum-sha256": checksum}
    url = bucket.presign_put("checked", headers=headers, expires_seconds=MINUTE)

    assert status("PUT", url, headers, DATA.upper()) == 400
    assert status("PUT", url, headers, DATA) == 200


def test_links_expire(bucket: Bucket) -> None:
    earlier = datetime.now(UTC) - timedelta(seconds=2 * MINUTE)
    url = bucket.presign_put("late", headers=ticket(), expires_seconds=MINUTE, now=earlier)

    assert status("PUT", url, ticket(), DATA) == 403


def test_a_link_reads_one_object(bucket: Bucket) -> None:
    key = "read me + ü.png"
    bucket.put(key, DATA, content_type="image/png")
    url = bucket.presign_get(key, expires_seconds=MINUTE, filename="Café.png")

    assert status("GET", url, {}) == 200
    assert status("GET", url.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"), {}) == 403
    expired = bucket.presign_get(
        key, expires_seconds=1, filename="a", now=datetime.now(UTC) - timedelta(seconds=MINUTE)
    )
    assert status("GET", expired, {}) == 403


def test_a_link_allows_no_more_than_its_signer_may(cloud: Cloud) -> None:
    theirs = Bucket(cloud.account(cloud.stranger), BUCKET)
    url = theirs.presign_put("stranger", headers=ticket(), expires_seconds=MINUTE)

    assert status("PUT", url, ticket(), DATA) == 403


def test_on_aws_the_bucket_has_a_host_of_its_own() -> None:
    account = Account("eu-central-1", None, lambda: Credentials("AKIA", "secret", "token"))

    url = Bucket(account, "pictures").presign_get("a b/ü", expires_seconds=MINUTE, filename="a")
    dotted = Bucket(account, "my.pictures").presign_get("a", expires_seconds=MINUTE, filename="a")
    chinese = Bucket(replace(account, region="cn-north-1"), "pictures").presign_get(
        "a", expires_seconds=MINUTE, filename="a"
    )

    assert url.startswith("https://pictures.s3.eu-central-1.amazonaws.com/a%20b/%C3%BC?")
    assert "X-Amz-Security-Token=token" in url
    assert dotted.startswith("https://s3.eu-central-1.amazonaws.com/my.pictures/a?")
    assert chinese.startswith("https://pictures.s3.cn-north-1.amazonaws.com.cn/a?")
