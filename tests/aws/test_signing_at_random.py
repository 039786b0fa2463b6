"""Two thousand random requests, signed by our signer and by botocore's: the same to the byte."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest

from tests.aws.test_signing import NOW, botocore_signer
from tintype.aws.signing import (
    Credentials,
    Signer,
    encoded_path,
    encoded_query,
    presign,
    sign_headers,
)

NUMBER = 1_000  # of each kind
PIECES = [
    "a", "Z", "0", " ", "  ", "\t", "+", "%", "%2F", "%20", "..", ".", "/", "//", "~", "-", "_", "*",
    "'", "(", ")", "&", "=", "?", "#", ";", ":", ",", "@", "ü", "é", "日本", "🎉", "\u202e", "سلام",
]  # fmt: skip
HEADERS = {
    "content-length": ["0", "1", "52428800"],
    "if-none-match": ["*", '"d41d8cd98f00b204e9800998ecf8427e"'],
    "x-amz-checksum-sha256": ["47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="],
    "content-type": ["image/jpeg", "text/plain;  charset=utf-8", "\timage/png ", ""],
    "x-amz-meta-filename": ["a.jpg", "%F0%9F%8E%89.jpg", "two  spaces\tand a tab", " at its ends "],
    "cache-control": ["no-cache", "public, max-age=31536000, immutable"],
}
HOSTS = {
    "s3": "pictures.s3.eu-central-1.amazonaws.com",
    "dynamodb": "dynamodb.eu-central-1.amazonaws.com",
    "sqs": "sqs.eu-central-1.amazonaws.com",
    "lambda": "lambda.eu-central-1.amazonaws.com",
    "appsync": "g1.appsync-api.eu-central-1.amazonaws.com",
}


def text(random: Random, most: int = 8) -> str:
    return "".join(random.choices(PIECES, k=random.randint(0, most)))


def headers_of(random: Random, host: str) -> dict[str, str]:
    names = random.sample(sorted(HEADERS), random.randint(0, len(HEADERS)))
    return {"host": host, **{name: random.choice(HEADERS[name]) for name in names}}


def query_of(random: Random) -> dict[str, str]:
    return {text(random, 4) or "name": text(random) for _ in range(random.randint(0, 4))}


def credentials_of(random: Random) -> Credentials:
    secret = "".join(random.choices("abcXYZ019+/", k=40))
    token = "".join(random.choices("abcXYZ019+/=", k=random.randint(1, 300)))
    return Credentials("AKIAEXAMPLE", secret, random.choice([None, token]))


def path_of(random: Random, service: str) -> str:
    path = f"/{text(random)}"
    if service != "s3":
        # botocore takes dots and doubled slashes out of these; in S3's they are part of a key.
        path = "/" + re.sub("/+", "/", path.replace(".", "")).lstrip("/")
    return encoded_path(path)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=NOW):
        yield


def test_headers_of_random_requests_are_botocore_s() -> None:
    random = Random(10)
    for number in range(NUMBER):
        service = random.choice(sorted(HOSTS))
        credentials, headers = credentials_of(random), headers_of(random, HOSTS[service])
        path, query = path_of(random, service), query_of(random)
        method, body = (
            random.choice(["GET", "PUT", "POST", "DELETE"]),
            random.randbytes(number % 50),
        )

        signer = Signer(credentials, "eu-central-1", service)
        ours = sign_headers(signer, method, path, query=query, headers=headers, body=body, now=NOW)

        url = f"https://{headers['host']}{path}?{encoded_query(query)}"
        theirs = AWSRequest(method, url, {**headers}, body)
        name = "S3SigV4Auth" if service == "s3" else "SigV4Auth"
        botocore_signer(name, credentials, service).add_auth(theirs)
        known = {name.lower(): value for name, value in theirs.headers.items()}
        assert ours == known, (number, url, headers)


def test_random_links_are_botocore_s() -> None:
    random = Random(11)
    for number in range(NUMBER):
        credentials, headers = credentials_of(random), headers_of(random, HOSTS["s3"])
        path, query = path_of(random, "s3"), query_of(random)
        method, seconds = random.choice(["GET", "PUT"]), random.randint(1, 604_800)

        ours = presign(
            Signer(credentials, "eu-central-1", "s3"),
            method,
            path,
            query=query,
            headers=headers,
            expires_seconds=seconds,
            now=NOW,
        )

        url = f"https://{headers['host']}{path}?{encoded_query(query)}"
        theirs = AWSRequest(method, url, {**headers})
        botocore_signer("S3SigV4QueryAuth", credentials, "s3", expires=seconds).add_auth(theirs)
        assert pairs(ours) == pairs(urlsplit(theirs.url).query), (number, url, headers)


def pairs(query: str) -> list[tuple[str, str]]:
    """Return names and values in order; botocore has the signature's own after ours, unsorted."""
    return sorted(parse_qsl(query, keep_blank_values=True))
