"""Signatures are AWS's: its published examples, and botocore's signer beside ours."""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from tintype.aws.signing import (
    Credentials,
    Signer,
    encoded_path,
    encoded_query,
    presign,
    sign_headers,
)

NOW = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)
HOST = "pictures.s3.eu-central-1.amazonaws.com"
# AWS's documentation uses one example key in its test suite, and another spelling of it for S3.
SUITE = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
S3_EXAMPLE = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
SUITE_TIME = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
S3_TIME = datetime(2013, 5, 24, tzinfo=UTC)

TEXT = st.text(max_size=20)  # all but surrogates, which UTF-8 has not
KEYS = st.one_of(TEXT, st.text("ab /+.%~ü", max_size=12))
SECRETS = st.text(string.ascii_letters + string.digits + "+/", min_size=1, max_size=40)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["content-type", "content-length", "if-none-match", "x-amz-meta-filename", "cache-control"]
    ),
    st.text(string.printable.replace("\r", "").replace("\n", "").replace("\x0b\x0c", "")),
)


def signature(headers: Mapping[str, str]) -> str:
    return headers["authorization"].rpartition("Signature=")[2]


@pytest.mark.parametrize(
    ("signer", "path", "query", "headers", "now", "expected"),
    [
        (
            Signer(SUITE, "us-east-1", "service"),
            "/",
            {},
            {"host": "example.amazonaws.com"},
            SUITE_TIME,
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            Signer(SUITE, "us-east-1", "iam"),
            "/",
            {"Action": "ListUsers", "Version": "2010-05-08"},
            {
                "host": "iam.amazonaws.com",
                "content-type": "application/x-www-form-urlencoded; charset=utf-8",
            },
            SUITE_TIME,
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        ),
        (
            Signer(S3_EXAMPLE, "us-east-1", "s3"),
            "/test.txt",
            {},
            {"host": "examplebucket.s3.amazonaws.com", "range": "bytes=0-9"},
            S3_TIME,
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            Signer(S3_EXAMPLE, "us-east-1", "s3"),
            "/",
            {"max-keys": "2", "prefix": "J"},
            {"host": "examplebucket.s3.amazonaws.com"},
            S3_TIME,
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
    ids=["get-vanilla", "iam ListUsers", "s3 GetObject", "s3 ListObjects"],
)
def test_aws_s_published_examples_come_out(
    signer: Signer,
    path: str,
    query: dict[str, str],
    headers: dict[str, str],
    now: datetime,
    expected: str,
) -> None:
    signed = sign_headers(signer, "GET", path, query=query, headers=headers, body=b"", now=now)

    assert signature(signed) == expected


def test_aws_s_published_link_comes_out() -> None:
    query = presign(
        Signer(S3_EXAMPLE, "us-east-1", "s3"),
        "GET",
        "/test.txt",
        query={},
        headers={"host": "examplebucket.s3.amazonaws.com"},
        expires_seconds=86400,
        now=S3_TIME,
    )

    assert query.endswith("=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


@given(KEYS, st.dictionaries(TEXT.filter(bool), TEXT), HEADERS, st.binary(), SECRETS, SECRETS)
def test_headers_are_signed_as_botocore_signs_them(
    key: str,
    query: dict[str, str],
    headers: dict[str, str],
    body: bytes,
    secret: str,
    token: str,
) -> None:
    credentials = Credentials("AKIA", secret, token)
    path = encoded_path(f"/{key}")
    signer = Signer(credentials, "eu-central-1", "s3")

    ours = sign_headers(
        signer, "PUT", path, query=query, headers={**headers, "host": HOST}, body=body, now=NOW
    )

    theirs = AWSRequest("PUT", f"https://{HOST}{path}?{encoded_query(query)}", headers, body)
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=NOW):
        botocore_signer("S3SigV4Auth", credentials, "s3").add_auth(theirs)
    assert ours["authorization"] == theirs.headers["Authorization"]


@given(
    st.text("ab:+ /ü", max_size=12).map(lambda text: text.replace("//", "/")), HEADERS, st.binary()
)
def test_other_services_sign_a_path_that_is_encoded_twice(
    name: str, headers: dict[str, str], body: bytes
) -> None:
    path = encoded_path(f"/functions/{name}".replace("//", "/"))
    host = "lambda.eu-central-1.amazonaws.com"
    signer = Signer(SUITE, "eu-central-1", "lambda")

    ours = sign_headers(
        signer, "POST", path, query={}, headers={**headers, "host": host}, body=body, now=NOW
    )

    theirs = AWSRequest("POST", f"https://{host}{path}", headers, body)
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=NOW):
        botocore_signer("SigV4Auth", SUITE, "lambda").add_auth(theirs)
    assert ours["authorization"] == theirs.headers["Authorization"]


@given(KEYS, HEADERS, st.integers(1, 604800), st.one_of(st.none(), SECRETS))
def test_links_are_signed_as_botocore_signs_them(
    key: str, headers: dict[str, str], expires_seconds: int, token: str | None
) -> None:
    credentials = Credentials("AKIA", "secret", token)
    path = encoded_path(f"/{key}")

    ours = presign(
        Signer(credentials, "eu-central-1", "s3"),
        "PUT",
        path,
        query={},
        headers={**headers, "host": HOST},
        expires_seconds=expires_seconds,
        now=NOW,
    )

    theirs = AWSRequest("PUT", f"https://{HOST}{path}", headers)
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=NOW):
        botocore_signer("S3SigV4QueryAuth", credentials, "s3", expires=expires_seconds).add_auth(
            theirs
        )
    assert parse_qs(ours) == parse_qs(urlsplit(theirs.url).query)


def botocore_signer(name: str, credentials: Credentials, service: str, **settings: int) -> Any:
    key = BotocoreCredentials(
        credentials.access_key, credentials.secret_key, credentials.session_token
    )
    return getattr(botocore.auth, name)(key, service, "eu-central-1", **settings)


@pytest.mark.parametrize("seconds", [0, -1, 604801])
def test_a_link_s_life_has_limits(seconds: int) -> None:
    signer = Signer(SUITE, "eu-central-1", "s3")

    with pytest.raises(ValueError, match="604800"):
        presign(signer, "GET", "/", query={}, headers={"host": HOST}, expires_seconds=seconds)


def test_the_time_is_utc_wherever_the_clock_is() -> None:
    signer = Signer(SUITE, "eu-central-1", "s3")
    shifted = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))

    signed = sign_headers(
        signer, "GET", "/", query={}, headers={"host": HOST}, body=b"", now=shifted
    )

    assert signed["x-amz-date"] == "20261121T100000Z"


def test_secrets_do_not_show() -> None:
    credentials = Credentials("AKIA", "very-secret", "very-token")

    assert "very" not in repr(credentials)
    assert "AKIA" in repr(credentials)
