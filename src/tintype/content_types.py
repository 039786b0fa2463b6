"""What browsers and operating systems call the files that we open.

A content type that a client sends is a hint: it lets us refuse a video before it is uploaded. What
the file is, its bytes say.
"""

from __future__ import annotations

import re

# The registered names.
CONTENT_TYPES = frozenset(
    f"image/{name}"
    for name in ("jpeg", "png", "webp", "avif", "gif", "tiff", "heic", "heif", "heic-sequence")
)
# Other names of the same: Internet Explorer's and Windows' (pjpeg, x-png, x-citrix-), those of old
# mail programs, and what is registered for several pictures in one file.
ALIASES = frozenset(
    f"image/{name}"
    for name in (
        *("jpg", "jpe", "jfif", "pjpeg", "x-jpeg", "x-jpg", "x-pjpeg", "x-citrix-jpeg"),
        *("x-png", "apng", "vnd.mozilla.apng", "x-citrix-png"),
        *("x-webp", "avif-sequence", "heif-sequence", "x-heic", "x-heif"),
        *("x-gif", "x-citrix-gif", "tif", "x-tif", "x-tiff"),
    )
)
# What is said of a file whose type nobody knows.
UNKNOWN = "application/octet-stream"
UNTYPED = frozenset({UNKNOWN, "binary/octet-stream"})
ACCEPTED = CONTENT_TYPES | ALIASES | UNTYPED

MAX_LENGTH = 255  # characters of a content type, its parameters included
# For the OpenAPI document: lower case, although any is taken. JSON Schema has no flag for that.
PATTERN = "^({})?$".format("|".join(re.escape(one).replace("/", "\\/") for one in sorted(ACCEPTED)))


def essence(content_type: str) -> str:
    """Return a content type without parameters, spaces and capitals.

    >>> essence(" IMAGE/JPEG; name=beach.jpg"), essence("")
    ('image/jpeg', '')
    """
    return content_type.partition(";")[0].strip().lower()


def is_accepted(content_type: str) -> bool:
    r"""Whether a client may say this of an original, which it may then send as a header.

    >>> [is_accepted(one) for one in ("image/jpg", "Image/PNG; q=1", "", "text/html", "image/png;\n")]
    [True, True, True, False, False]
    """
    sendable = content_type.isascii() and content_type.isprintable()
    short = len(content_type) <= MAX_LENGTH
    return sendable and short and (not content_type.strip() or essence(content_type) in ACCEPTED)
