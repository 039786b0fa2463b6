"""The content types that browsers and operating systems use for the files we open.

A content type from a client is a hint: it lets us refuse a video before it is uploaded. The bytes
determine the format.
"""

from __future__ import annotations

import re

from tintype.imaging.formats import SVG_IS_OFF, Format

# The registered names, and their aliases.
_ALWAYS = [one for one in Format if not one.facts.optional]
CONTENT_TYPES = frozenset(f"image/{name}" for one in _ALWAYS for name in one.facts.types)
ALIASES = frozenset(
    name if "/" in name else f"image/{name}" for one in _ALWAYS for name in one.facts.aliases
)
# For a file of unknown type.
UNKNOWN = "application/octet-stream"
UNTYPED = frozenset({UNKNOWN, "binary/octet-stream"})
ACCEPTED = CONTENT_TYPES | ALIASES | UNTYPED
SVG_TYPES = frozenset(
    f"image/{name}" for name in (*Format.SVG.facts.types, *Format.SVG.facts.aliases)
)
_PERHAPS = sorted(ACCEPTED | SVG_TYPES)

MAX_LENGTH = 255  # characters of a content type, including parameters
# For the OpenAPI document: lower case, although any case is accepted. JSON Schema has no flag for it.
PATTERN = "^({})?$".format("|".join(re.escape(one).replace("/", "\\/") for one in _PERHAPS))


def essence(content_type: str) -> str:
    """Return a content type without parameters and spaces, in lower case.

    >>> essence(" IMAGE/JPEG; name=beach.jpg"), essence("")
    ('image/jpeg', '')
    """
    return content_type.partition(";")[0].strip().lower()


def is_accepted(content_type: str, *, svg: bool = False) -> bool:
    r"""Whether a client may use this content type for an original, and send it as a header.

    *svg*: the stack accepts SVG.

    >>> [is_accepted(one) for one in ("image/jpg", "Image/PNG; q=1", "", "text/html", "image/png;\n")]
    [True, True, True, False, False]
    """
    sendable = content_type.isascii() and content_type.isprintable()
    short = len(content_type) <= MAX_LENGTH
    accepted = ACCEPTED | SVG_TYPES if svg else ACCEPTED
    return sendable and short and (not content_type.strip() or essence(content_type) in accepted)


def why_not_accepted(content_type: str, *, svg: bool) -> str | None:
    """Return why a content type is not accepted, as a sentence; None if it is."""
    if is_accepted(content_type, svg=svg):
        return None
    if essence(content_type) in SVG_TYPES:
        return SVG_IS_OFF
    known = ", ".join(sorted(CONTENT_TYPES))
    return f"{content_type!r:.300} is not accepted; send {known}, or none"
