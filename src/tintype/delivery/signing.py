"""What opens private renditions and sizes of one's own: signatures and the session's cookie.

Start with `path`. A private rendition is below `/p/`, where the CloudFront Function `edge/images/`
wants one of two things, both made with the same key:

- in the address, an expiry `e` and a signature `s`, base64url of
  `HMAC-SHA256(key, "{path}?e={e}")`, with the path as it is in the address, percent-encoded;
- in a cookie, `{expiry}.{mac}.{owner}`, whose `mac` is base64url of
  `HMAC-SHA256(key, "session:{expiry}.{owner}")`: it opens the private renditions of that owner,
  percent-encoded as in a key, or of everyone (`*`).

An address of any size, public or private, has the same two parameters: its signature is base64url of
`HMAC-SHA256(key, "{path}?{canonical query}")`, whose query ends with `e` if the address expires.

Times are in seconds since 1970; base64url has no padding. The key is the text of `SigningKeys`.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote

from tintype import keys
from tintype.delivery.grammar import Variant

PREFIX = "/p/"
PUBLIC_PREFIX = "/i/"  # of addresses of any size
COOKIE = "__Secure-tintype"  # browsers take this prefix over HTTPS alone (RFC 6265bis, 4.1.3)
EVERYONE = "*"  # of an admin's cookie; no owner's folder is it
SESSION_SECONDS = 3600
KEYS_ITEM = "signing_keys"  # in the access table

_HOUR, _MINUTE = 3600, 60
# The edge has a new key a few minutes after the table; CloudFront gives no promise.
_SPREADING = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The key that signs and the one before it; the edge accepts both."""

    current: str = field(repr=False)
    previous: str | None = field(repr=False)
    changed_at: datetime

    def in_use(self, now: datetime) -> str:
        """Return the key to sign with: not a new one before the edge knows it.

        >>> from datetime import UTC
        >>> two = SigningKeys("new", "old", datetime(2026, 11, 21, 10, tzinfo=UTC))
        >>> [two.in_use(datetime(2026, 11, 21, 10, minute, tzinfo=UTC)) for minute in (15, 16)]
        ['old', 'new']
        """
        if self.previous is not None and now - self.changed_at <= _SPREADING:
            return self.previous
        return self.current


def from_item(item: Mapping[str, object]) -> SigningKeys:
    """Read the keys' item of the access table."""
    previous = item.get("previous")
    return SigningKeys(
        current=str(item["current"]),
        previous=None if previous is None else str(previous),
        changed_at=datetime.fromisoformat(str(item["changedAt"])),
    )


def path(key: str) -> str:
    """Return the path of a rendition's address.

    >>> path("01M7XPE600ABCDEFGHJKMNPQRS/3f9a/thumb.webp")
    '/01M7XPE600ABCDEFGHJKMNPQRS/3f9a/thumb.webp'
    >>> path("private/auth0%7Cann/01M7XPE600ABCDEFGHJKMNPQRS/3f9a/thumb.webp")
    '/p/auth0%257Cann/01M7XPE600ABCDEFGHJKMNPQRS/3f9a/thumb.webp'
    """
    if not key.startswith(keys.PRIVATE):
        return f"/{key}"
    return f"{PREFIX}{quote(key.removeprefix(keys.PRIVATE))}"


def expiry(now: datetime, seconds: int = _HOUR) -> int:
    """Return when an address expires that is signed at *now*, and is to be valid for *seconds* at least.

    It is the same moment for an hour, or for a minute if *seconds* are less than an hour, so that the
    address can be cached.

    >>> from datetime import UTC
    >>> [expiry(datetime(1970, 1, 1, 0, minute, tzinfo=UTC)) for minute in (0, 59)]
    [7200, 7200]
    >>> [expiry(datetime(1970, 1, 1, 0, 0, second, tzinfo=UTC), 90) for second in (0, 29, 30)]
    [120, 120, 180]
    """
    step = _HOUR if seconds >= _HOUR else _MINUTE
    return ((int(now.timestamp()) + seconds) // step + 1) * step


def variant_path(image_id: str, owner: str | None = None) -> str:
    """Return the path of an image's addresses of any size, which a name may follow.

    *owner* is that of a private image.

    >>> variant_path("01M7XPE600ABCDEFGHJKMNPQRS")
    '/i/01M7XPE600ABCDEFGHJKMNPQRS'
    >>> variant_path("01M7XPE600ABCDEFGHJKMNPQRS", "auth0|ann")
    '/p/auth0%257Cann/01M7XPE600ABCDEFGHJKMNPQRS'
    """
    if owner is None:
        return f"{PUBLIC_PREFIX}{image_id}"
    return path(keys.private_folder(image_id, owner)).removesuffix("/")


def signed(address_path: str, key: str, expires: int) -> str:
    """Return a private path with its signature.

    >>> signed("/p/ann/01M7XPE600ABCDEFGHJKMNPQRS/3f9a/thumb.webp", "key", 7200)[-53:]
    '?e=7200&s=DEdTO1TSmBLzbMv81Tp2tNW1770lJaG9lc7oBejjHS4'
    """
    wanted = f"{address_path}?e={expires}"
    return f"{wanted}&s={mac(key, wanted)}"


def signed_variant(
    address_path: str, variant: Variant, key: str, expires: int | None = None
) -> str:
    """Return an address of any size with its signature; a private one needs *expires*.

    >>> signed_variant("/i/01M7XPE600ABCDEFGHJKMNPQRS", Variant(width=80, quality=70), "key")[30:45]
    'w=80&q=70&s=ZNN'
    """
    end = [] if expires is None else [f"e={expires}"]
    wanted = f"{address_path}?{'&'.join([*filter(None, [variant.query()]), *end])}"
    separator = "" if wanted.endswith("?") else "&"
    return f"{wanted}{separator}s={mac(key, wanted)}"


def session(owner: str | None, key: str, expires: int) -> str:
    """Return the cookie's value for an *owner*; None stands for everyone.

    >>> session("auth0|ann", "key", 7200)
    '7200.YHrPnDMvZfbg-AHtlBwN3ZWp2HkNOWXVStswxgU6eNU.auth0%7Cann'
    """
    name = EVERYONE if owner is None else keys.owner_folder(owner)
    return f"{expires}.{mac(key, f'session:{expires}.{name}')}.{name}"


def cookie(value: str, seconds: int) -> str:
    """Return the header Set-Cookie for a session that lasts *seconds*; 0 ends it.

    >>> cookie("", 0)
    '__Secure-tintype=; Path=/p/; Max-Age=0; Secure; HttpOnly; SameSite=Strict'
    """
    return f"{COOKIE}={value}; Path={PREFIX}; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict"


def mac(key: str, text: str) -> str:
    """Return the HMAC-SHA256 of a text (RFC 2104), in base64url without padding."""
    digest = hmac.digest(key.encode(), text.encode(), sha256)
    return urlsafe_b64encode(digest).decode().rstrip("=")
