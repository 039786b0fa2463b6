"""Addresses of pictures: the sizes that they ask for, and what opens those that not everyone may have.

Start with `url`. `grammar.py` says what an address means, `signing.py` what opens it, and
`addresses.py` writes addresses for pages.
"""

from tintype.delivery.addresses import AddressOptions, img, srcset, url
from tintype.delivery.grammar import AddressError
from tintype.delivery.signing import (
    COOKIE,
    EVERYONE,
    KEYS_ITEM,
    PREFIX,
    SESSION_SECONDS,
    SigningKeys,
    cookie,
    expiry,
    from_item,
    mac,
    path,
    session,
    signed,
    signed_variant,
    variant_path,
)

__all__ = [
    "COOKIE",
    "EVERYONE",
    "KEYS_ITEM",
    "PREFIX",
    "SESSION_SECONDS",
    "AddressError",
    "AddressOptions",
    "SigningKeys",
    "cookie",
    "expiry",
    "from_item",
    "img",
    "mac",
    "path",
    "session",
    "signed",
    "signed_variant",
    "srcset",
    "url",
    "variant_path",
]
