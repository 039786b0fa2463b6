"""AWS's Signature Version 4: headers for our own requests, or pre-signed links for others.

The rules are in "AWS Signature Version 4 for API requests" in AWS's IAM user guide. Paths and
queries are passed as sent, percent-encoded by `encoded_path` and `encoded_query`: S3 signs the path
as sent, all other services percent-encode it once more.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
MOST_EXPIRES_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Credentials:
    """The signing credentials. Secrets are not shown in logs."""

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Signer:
    """Credentials with a region and a service (AWS's signing name, such as `s3`)."""

    credentials: Credentials
    region: str
    service: str


def encoded_path(path: str) -> str:
    """Return *path* percent-encoded for the request; slashes, dots and double slashes are kept.

    >>> encoded_path("/bucket/a b+ü//../c")
    '/bucket/a%20b%2B%C3%BC//../c'
    """
    return quote(path, safe="/-_.~")


def encoded_query(query: Mapping[str, str]) -> str:
    """Return *query* percent-encoded and sorted, as both sent and signed."""
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(text, safe="-_.~")) for name, text in query.items()
    )
    return "&".join(f"{name}={text}" for name, text in pairs)


def sign_headers(
    signer: Signer,
    method: str,
    path: str,
    *,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: bytes,
    now: datetime | None = None,
) -> dict[str, str]:
    """Return *headers*, which must include `host` and are all signed, plus the signature.

    *path* is percent-encoded; header names are lower case.
    """
    moment = _moment(now)
    payload_hash = hashlib.sha256(body).hexdigest()
    signed = {**headers, "x-amz-date": moment}
    if signer.service == "s3":
        signed["x-amz-content-sha256"] = payload_hash
    if signer.credentials.session_token is not None:
        signed["x-amz-security-token"] = signer.credentials.session_token
    names = _names(signed)
    canonical = _canonical(
        signer, method, path, encoded_query(query), headers=signed, payload_hash=payload_hash
    )
    signed["authorization"] = (
        f"{ALGORITHM} Credential={signer.credentials.access_key}/{_scope(signer, moment)}, "
        f"SignedHeaders={names}, Signature={_signature(signer, moment, canonical)}"
    )
    return signed


def presign(
    signer: Signer,
    method: str,
    path: str,
    *,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    expires_seconds: int,
    now: datetime | None = None,
) -> str:
    """Return the query of a link to *path* that is valid for *expires_seconds* (1 to 604,800).

    Requests must send exactly *headers*, which must include `host`; names are lower case. The body
    is not signed: sign `content-length` and `x-amz-checksum-sha256` to fix it.

    Raises:
        ValueError: *expires_seconds* is out of range.
    """
    if not 1 <= expires_seconds <= MOST_EXPIRES_SECONDS:
        message = f"expires_seconds is {expires_seconds}; it must be 1 to {MOST_EXPIRES_SECONDS}"
        raise ValueError(message)
    moment = _moment(now)
    signed = {
        **query,
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{signer.credentials.access_key}/{_scope(signer, moment)}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(expires_seconds),
        "X-Amz-SignedHeaders": _names(headers),
    }
    if signer.credentials.session_token is not None:
        signed["X-Amz-Security-Token"] = signer.credentials.session_token
    text = encoded_query(signed)
    canonical = _canonical(
        signer, method, path, text, headers=headers, payload_hash=UNSIGNED_PAYLOAD
    )
    return f"{text}&X-Amz-Signature={_signature(signer, moment, canonical)}"


def _moment(now: datetime | None) -> str:
    return (now or datetime.now(UTC)).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _names(headers: Mapping[str, str]) -> str:
    return ";".join(sorted(headers))


def _scope(signer: Signer, moment: str) -> str:
    return f"{moment[:8]}/{signer.region}/{signer.service}/aws4_request"


def _canonical(
    signer: Signer,
    method: str,
    path: str,
    query: str,
    *,
    headers: Mapping[str, str],
    payload_hash: str,
) -> str:
    """Return the canonical request, the input of the signature on both sides."""
    lines = [f"{name}:{' '.join(headers[name].split())}\n" for name in sorted(headers)]
    signed_path = path if signer.service == "s3" else quote(path, safe="/-_.~")
    return "\n".join([method, signed_path, query, "".join(lines), _names(headers), payload_hash])


def _signature(signer: Signer, moment: str, canonical: str) -> str:
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join([ALGORITHM, moment, _scope(signer, moment), digest])
    key = f"AWS4{signer.credentials.secret_key}".encode()
    for part in (moment[:8], signer.region, signer.service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()
