"""Trace IDs: the root of a request's X-Ray trace, logged in every line that the request causes.

The ID is copied from the request to the original's metadata, from there to the manifest, and to the log
of every reader. Since anyone may have written it, each reader accepts only valid IDs.
"""

from __future__ import annotations

import re
from datetime import datetime
from secrets import token_hex

METADATA = "trace"  # its name in an object's metadata
_ID = r"1-[0-9a-f]{8}-[0-9a-f]{24}"
_ROOT = re.compile(rf"(?:^|;)Root=({_ID})(?:;|$)", re.ASCII)
_MOST_HEADER_CHARACTERS = 1_000


def root(header: str) -> str | None:
    """Return the root in an `X-Amzn-Trace-Id`, or None if there is none.

    >>> root("Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1")
    '1-67891233-abcdef012345678912345678'
    >>> root("Root=1-67891233-abc")
    """
    found = _ROOT.search(header[:_MOST_HEADER_CHARACTERS])
    return found[1] if found else None


def known(text: str | None) -> str | None:
    """Return *text* if it is a trace ID, else None."""
    return text if text is not None and re.fullmatch(_ID, text, re.ASCII) else None


def new(now: datetime) -> str:
    """Return a new ID in X-Ray's format, for requests without a trace.

    >>> new(datetime.fromisoformat("2026-11-28T00:00:00Z"))[:11]
    '1-6b0a1980-'
    """
    return f"1-{int(now.timestamp()):08x}-{token_hex(12)}"
