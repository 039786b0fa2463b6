"""Signs addresses and sessions with the deployment's keys, which are read once a minute at most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tintype import delivery
from tintype.access import Caller, Visibility
from tintype.aws.errors import NotFoundError
from tintype.aws.ports import KeyStore
from tintype.delivery import SigningKeys
from tintype.delivery.grammar import Variant
from tintype.images import Image

_KEPT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedPath:
    """A path with its query, and when it expires, in seconds since 1970; None is never."""

    path: str = field(repr=False)
    expires: int | None


@dataclass(slots=True)
class AddressSigner:
    """Signs with the keys in this store."""

    store: KeyStore
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _keys: SigningKeys | None = field(init=False, repr=False, default=None)
    _read_at: datetime | None = field(init=False, default=None)

    def path(self, key: str) -> str:
        """Return the path of a rendition's address, signed if the rendition is private.

        Raises:
            ServiceError: the keys cannot be read.
        """
        plain = delivery.path(key)
        if not plain.startswith(delivery.PREFIX):
            return plain
        now = self.now()
        return delivery.signed(plain, self._key(now), delivery.expiry(now))

    def variant(self, image: Image, variant: Variant, seconds: int | None = None) -> SignedPath:
        """Return the path and query of a signed address of any size, valid for *seconds* at least.

        Without *seconds*, one of a private image expires after one to two hours, and that of a public
        one does not.

        Raises:
            ServiceError: the keys cannot be read.
        """
        now = self.now()
        private = image.visibility is Visibility.PRIVATE
        expires = None
        if private or seconds is not None:
            expires = delivery.expiry(now) if seconds is None else delivery.expiry(now, seconds)
        plain = delivery.variant_path(image.id, image.owner if private else None)
        return SignedPath(delivery.signed_variant(plain, variant, self._key(now), expires), expires)

    def session(self, caller: Caller) -> tuple[str, datetime]:
        """Return the value of a caller's cookie, and when it expires.

        Raises:
            ServiceError: the keys cannot be read.
        """
        now = self.now()
        expires = int(now.timestamp()) + delivery.SESSION_SECONDS
        owner = None if caller.admin else caller.owner
        value = delivery.session(owner, self._key(now), expires)
        return value, datetime.fromtimestamp(expires, UTC)

    def _key(self, now: datetime) -> str:
        if self._keys is None or self._read_at is None or now - self._read_at > _KEPT:
            found = self.store.get(delivery.KEYS_ITEM)
            if found is None:
                raise NotFoundError(
                    delivery.KEYS_ITEM,
                    service="dynamodb",
                    operation="GetItem",
                    status=404,
                    name="no such item; deploy the stack again",
                )
            self._keys, self._read_at = delivery.from_item(found), now
        return self._keys.in_use(now)
