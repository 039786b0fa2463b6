"""AWS's Signature Version 4: headers for a request of ours, or a link that somebody else may use.

The rules are in "AWS Signature Version 4 for API requests" of AWS's IAM user guide. Paths and queries come
in as they go over the wire, percent-encoded by `encoded_path` and `encoded_query`: S3 signs its path as
it is sent, every other service percent-encodes it once more.
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
    """Who signs. Neither secret shows in a log."""

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs, and for which region and service (AWS's signing name, such as `s3`)."""

    credentials: Credentials
    region: str
    service: str


def encoded_path(path: str) -> str:
    """Return *path* percent-encoded for the wire; slashes, dots and doubles stay.

    >>> encoded_path("/bucket/a b+ü//../c")
    '/bucket/a%20b%2B%C3%BC//../c'
    """
    return quote(path, safe="/-_.~")


def encoded_query(query: Mapping[str, str]) -> str:
    """Return *query* percent-encoded and sorted, as it is both sent and signed."""
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
    """Return the headers to send: *headers*, which must have `host`, all of them signed, and the signature.

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
    """Return the query of a link to *path* that works for *expires_seconds* (1 to 604,800) seconds.

    Whoever uses it must send exactly *headers*, which must have `host`; their names are lower case.
    The body is not signed: sign `content-length` and `x-amz-checksum-sha256` to fix it.

    Raises:
        ValueError: *expires_seconds* is out of range.
    """
    if not 1 <= expires_seconds <= MOST_EXPIRES_SECONDS:
        message = f"expires_seconds is {expires_seconds}; 1 to {MOST_EXPIRES_SECONDS} are possible"
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
    """Return the canonical request: what both sides of the signature must agree on."""
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
