"""The owner of an image: from the token of its upload to the original's key and the record.

An owner is 1 to 128 printable ASCII characters without spaces or slashes, so that it fits into a
header, an S3 key, and before a slash. `PUBLIC` owns all uploads without sign-in.
"""

from __future__ import annotations

import hashlib
import re
from urllib.parse import quote

PUBLIC = "public"
PATTERN = r"[!-.0-~]{1,128}"
MAX_LENGTH = 128

_SAFE = (
    "!\"#$&'()*+,:;<=>?@[\\]^`{|}"  # all of PATTERN except the percent sign, which starts an escape
)


def of_subject(subject: str) -> str:
    """Return the owner for a token's `sub`, encoded if it is not a valid owner.

    Two subjects never have the same owner, and none has `PUBLIC`.

    >>> of_subject("auth0|5f7c8ec7c33c6c004bbafe82"), of_subject("zoë/x"), of_subject("public")
    ('auth0|5f7c8ec7c33c6c004bbafe82', 'zo%C3%AB%2Fx', '%70ublic')

    Raises:
        ValueError: it is empty.
    """
    if not subject:
        message = "the subject is empty"
        raise ValueError(message)
    if subject == PUBLIC:
        return f"%{ord(PUBLIC[0]):X}{PUBLIC[1:]}"
    owner = quote(subject, safe=_SAFE, errors="surrogatepass")
    if len(owner) > MAX_LENGTH:  # no escape starts with an s, so no other subject gives this
        return f"%sha256-{hashlib.sha256(owner.encode()).hexdigest()}"
    return owner


def known(text: str) -> str | None:
    """Return *text* if it is a valid owner, else None.

    >>> known("alice"), known("a/b"), known("")
    ('alice', None, None)
    """
    return text if re.fullmatch(PATTERN, text, re.ASCII) else None
