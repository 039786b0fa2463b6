"""The doctor's own API key: made for one examination, and removed after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

from tintype import api_keys
from tintype.access import Scope
from tintype.aws.errors import ServiceError
from tintype.aws.ports import KeyStore
from tintype.client.credentials import KeyCredential

NAME = "tintype doctor"
OWNER = "%doctor"  # no token's, since a percent sign is followed by two digits in those
SCOPES = (Scope.READ, Scope.UPLOAD, Scope.DELETE)
MINUTES = 15  # after which the key is worth nothing, if it could not be removed


@contextmanager
def short_lived_key(table: KeyStore, owner: str = OWNER) -> Iterator[KeyCredential]:
    """Make a key that can do what the test image needs; remove it at the end, also after Ctrl-C.

    Raises:
        ServiceError: the table cannot be written.
    """
    now = datetime.now(UTC)
    expires_at = now + timedelta(minutes=MINUTES)
    record, credential = api_keys.new_key(owner, NAME, SCOPES, now=now, expires_at=expires_at)
    try:
        table.put_new(api_keys.item(record))
        yield KeyCredential(str(credential))
    finally:
        with suppress(ServiceError):  # it ends by itself
            table.delete(api_keys.item_id(record.id))
