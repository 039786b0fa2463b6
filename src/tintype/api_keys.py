"""API keys: made once, kept as a hash, recognised in constant time.

A key is `tint_<id>_<secret>`. Only its holder knows the secret: the table has the SHA-256 of it, which
needs no salt and no slow hash, since the secret is 32 random bytes. Start with `new_key`.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from tintype.access import Caller, Scope, limited
from tintype.images import timestamp

PREFIX = "tint_"
ID_PATTERN = "[a-z2-7]{12}"
MAX_NAME_LENGTH = 100
MAX_DAYS = 3_650
MAX_ADMIN_DAYS = 90  # of a key with the scope admin, which outlives its maker's being one
USED_EVERY_SECONDS = 3600  # `lastUsedAt` is written at most once in this time

_ITEM_PREFIX = "key#"
_SECRET_BYTES = 32
_ID_BYTES = 8  # 13 characters of base 32, of which the ID has 12
_ID_LENGTH = 12
_KEY = re.compile(rf"{PREFIX}({ID_PATTERN})_([A-Za-z0-9_-]{{43}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Credential:
    """The two halves of a key as its holder sends it."""

    key_id: str
    secret: str = field(repr=False)

    def __str__(self) -> str:
        """Return the key's text."""
        return f"{PREFIX}{self.key_id}_{self.secret}"


class ApiKeyRecord(msgspec.Struct, frozen=True, rename="camel", kw_only=True, omit_defaults=True):
    """What the table has of a key. `expires` is in seconds since 1970, as DynamoDB wants it.

    The scope `admin` is in it only if its maker was an admin.
    """

    id: str
    owner: str
    name: str
    scopes: tuple[Scope, ...]
    hash: str
    created_at: str
    last_used_at: str | None = None
    expires: int | None = None

    @property
    def caller(self) -> Caller:
        """The caller that sends this key."""
        return limited(self.owner, self.scopes, self.id)

    def opens_with(self, credential: Credential) -> bool:
        """Whether *credential* is this key; the time this takes does not tell how much is right."""
        return hmac.compare_digest(self.hash, digest(credential.secret))

    def has_expired(self, now: datetime) -> bool:
        """Whether its time is over; the table may list it for two days more."""
        return self.expires is not None and self.expires <= now.timestamp()


def new_key(
    owner: str,
    name: str,
    scopes: Iterable[Scope],
    *,
    now: datetime,
    expires_at: datetime | None = None,
) -> tuple[ApiKeyRecord, Credential]:
    """Return a new key of *owner*, and what its holder sends: to be shown once, and not stored.

    An expiry within a second is rounded down. Without one, a key with the scope admin expires after
    `MAX_ADMIN_DAYS`.
    """
    wanted = frozenset(scopes)
    if expires_at is None and Scope.ADMIN in wanted:
        expires_at = now + timedelta(days=MAX_ADMIN_DAYS)
    key_id = b32encode(os.urandom(_ID_BYTES)).decode().lower()[:_ID_LENGTH]
    secret = urlsafe_b64encode(os.urandom(_SECRET_BYTES)).decode().rstrip("=")
    key = ApiKeyRecord(
        id=key_id,
        owner=owner,
        name=name,
        scopes=tuple(sorted(wanted, key=list(Scope).index)),
        hash=digest(secret),
        created_at=timestamp(now),
        expires=None if expires_at is None else int(expires_at.timestamp()),
    )
    return key, Credential(key_id, secret)


def most_days(scopes: Iterable[Scope]) -> int:
    """Return for how many days a key with these scopes is valid at most.

    >>> most_days([Scope.READ]), most_days([Scope.READ, Scope.ADMIN])
    (3650, 90)
    """
    return MAX_ADMIN_DAYS if Scope.ADMIN in scopes else MAX_DAYS


def parse(text: str) -> Credential | None:
    """Return the two halves of a key, or None if *text* is not one.

    >>> parse("tint_abcdefghij27_" + "x" * 43)
    Credential(key_id='abcdefghij27')
    >>> parse("tint_abcdefghij27_short"), parse("eyJhbGciOiJSUzI1NiJ9.e30.c2ln")
    (None, None)
    """
    match = _KEY.fullmatch(text)
    return Credential(match[1], match[2]) if match else None


def digest(secret: str) -> str:
    """Return the hash of a secret, as the table has it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_id(text: str) -> bool:
    """Whether *text* can be a key's ID."""
    return re.fullmatch(ID_PATTERN, text, re.ASCII) is not None


def item_id(key_id: str) -> str:
    """Return the `id` of a key's item, which the access table shares with other kinds of items.

    >>> item_id("abcdefghij27")
    'key#abcdefghij27'
    """
    return f"{_ITEM_PREFIX}{key_id}"


def item(key: ApiKeyRecord) -> dict[str, object]:
    """Return a key as an item of the access table."""
    plain: dict[str, object] = msgspec.to_builtins(key)
    return {**plain, "id": item_id(key.id)}


def from_item(item: Mapping[str, object]) -> ApiKeyRecord | None:
    """Return the key in an item of the access table, or None if the item is another kind."""
    kind, _, key_id = str(item["id"]).partition("#")
    if f"{kind}#" != _ITEM_PREFIX:
        return None
    return msgspec.convert({**item, "id": key_id}, ApiKeyRecord)


def expiry(key: ApiKeyRecord) -> str | None:
    """Return the time at which a key expires, as text, or None if it never does."""
    return None if key.expires is None else timestamp(datetime.fromtimestamp(key.expires, UTC))
