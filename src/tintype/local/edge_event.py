"""A viewer's request as CloudFront matches it, and as it gives it to a function at the edge.

"Guide" is Amazon CloudFront's developer guide.
"""

from __future__ import annotations

import re
from typing import Any

_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


def normalized(uri: str) -> str:
    """Return the path that is compared with path patterns.

    Guide, "Path pattern": normalized as in RFC 3986 (6.2.2), several slashes being one; the origin and
    functions get the raw path.

    >>> normalized("/a//b/../%70/./x%2fy")
    '/a/p/x%2Fy'
    """
    decoded = _ESCAPE.sub(_least_escaped, uri)
    kept: list[str] = []
    segments = re.sub("/+", "/", decoded).split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)


def event_items(text: str, separator: str) -> dict[str, Any]:
    """Return names and values, neither decoded, in the form of a function's event.

    >>> event_items("a=1&b&a=%32", "&")
    {'a': {'value': '1', 'multiValue': [{'value': '1'}, {'value': '%32'}]}, 'b': {'value': ''}}
    """
    found: dict[str, Any] = {}
    for part in text.split(separator):
        name, _, value = part.strip().partition("=")
        if not name:
            continue
        first = found.setdefault(name, {"value": value, "multiValue": []})
        first["multiValue"].append({"value": value})
    for one in found.values():
        if len(one["multiValue"]) == 1:
            del one["multiValue"]
    return found


def _least_escaped(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()
