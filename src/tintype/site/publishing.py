"""Publishing the page: upload its files to the site bucket, with the stack's URLs in config.json."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from tintype.aws.errors import NotFoundError
from tintype.aws.ports import ObjectStore
from tintype.outputs import Output
from tintype.releases import SiteFile

INDEX = "index.html"
CONFIG = "config.json"
RETIRED = "retired.json"  # when each file of an earlier page became obsolete
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATED = "no-cache"
# The stack's facts in config.json, and their outputs.
OUTPUT_OF: Mapping[str, Output | Mapping[str, Output]] = {
    "graphqlUrl": Output.GRAPHQL_URL,
    "realtimeUrl": Output.GRAPHQL_REALTIME_URL,
    "apiKey": Output.GRAPHQL_API_KEY,
    "region": Output.REGION,
    "access": Output.ACCESS,
    "accessMode": Output.ACCESS_MODE,
    "anyone": Output.ANYONE,
    "visibility": Output.VISIBILITY,
    "delivery": {"unsigned": Output.DELIVERY_UNSIGNED, "widths": Output.DELIVERY_WIDTHS},
    "signIn": {
        "issuer": Output.SIGN_IN_ISSUER,
        "clientId": Output.SIGN_IN_CLIENT_ID,
        "url": Output.SIGN_IN_URL,
        "scope": Output.SIGN_IN_SCOPE,
        "audience": Output.SIGN_IN_AUDIENCE,
    },
    "originalsReadable": Output.ORIGINALS_READABLE,
}
KEPT = timedelta(days=7)  # keep files of earlier pages for viewers who have one open

# The build adds hashes to names. A hash of only lower-case letters is not recognised, which is
# harmless: the file is revalidated. A name that merely looked hashed would never be.
_HASHED = re.compile(r"-(?=[\w-]*[A-Z0-9])[\w-]{8}\.\w+(\.map)?$")
# Not Python's `mimetypes`, which depends on the machine's files in /etc.
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


def publish(
    folder: Path, bucket: ObjectStore, config: Mapping[str, object], *, now: datetime | None = None
) -> int:
    """Upload the page in *folder* to *bucket*; return the number of uploaded files.

    The index comes last, so that all files it refers to exist. Existing hashed files are not
    uploaded again; the few others are, since their content type may have changed.

    Raises:
        ServiceError: the bucket refused or failed.
    """
    page = files(folder)
    there = {entry.key for entry in bucket.entries()}
    fresh = [file for file in page if file.path not in there or not _is_hashed(file.path)]
    _put_json(bucket, CONFIG, config)
    for file in fresh:
        bucket.put(
            file.path,
            (folder / file.path).read_bytes(),
            content_type=file.content_type,
            cache_control=file.cache_control,
        )
    names = {file.path for file in page}
    _retire(bucket, there - names - {CONFIG, RETIRED}, now or datetime.now(UTC))
    return len(fresh)


def files(folder: Path) -> list[SiteFile]:
    """Return the page's files in the order of publishing, with their headers."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return [
        SiteFile(
            path=name,
            sha256=hashlib.sha256((folder / name).read_bytes()).hexdigest(),
            content_type=_content_type(name),
            cache_control=IMMUTABLE if _is_hashed(name) else REVALIDATED,
        )
        for name in sorted(names, key=lambda name: (name == INDEX, name))
    ]


def config(outputs: Mapping[str, str], *, max_bytes: int) -> dict[str, object]:
    """Return the page's configuration of its stack, all of which is public."""
    return {"apiUrl": "/api", **facts_of(outputs), "maxBytes": max_bytes}


def facts_of(outputs: Mapping[str, str]) -> dict[str, str | dict[str, str]]:
    """Return the stack-specific facts in config.json; older stacks have fewer."""
    facts: dict[str, str | dict[str, str]] = {}
    for name, output in OUTPUT_OF.items():
        if isinstance(output, Output):
            facts |= {name: outputs[output]} if output in outputs else {}
        else:
            inner = {key: outputs[one] for key, one in output.items() if one in outputs}
            facts |= {name: inner} if inner else {}
    return facts


def _retire(bucket: ObjectStore, old: Iterable[str], now: datetime) -> None:
    """Delete files that have been *old* for long enough, and record since when the others are.

    Upload times do not help: a page uploaded a year ago may have been the current one until now.
    """
    known = _retired(bucket)
    since = {name: known.get(name, now) for name in sorted(old)}
    kept = {name: moment for name, moment in since.items() if now - moment < KEPT}
    for name in since.keys() - kept.keys():
        bucket.delete(name)
    if kept != known:
        _put_json(bucket, RETIRED, {name: moment.isoformat() for name, moment in kept.items()})


def _retired(bucket: ObjectStore) -> dict[str, datetime]:
    """Return when files became obsolete; empty if unreadable, which keeps files longer."""
    try:
        stored = json.loads(bucket.get(RETIRED).data)
        known = {name: datetime.fromisoformat(moment) for name, moment in stored.items()}
    except (NotFoundError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
    return known if all(moment.tzinfo for moment in known.values()) else {}


def _put_json(bucket: ObjectStore, key: str, value: Mapping[str, object]) -> None:
    data = json.dumps(value, indent=2).encode()
    bucket.put(key, data, content_type=_content_type(key), cache_control=REVALIDATED)


def _is_hashed(name: str) -> bool:
    """Whether a name contains its content's hash, and thus never refers to other content.

    >>> [_is_hashed(name) for name in ("main-3H6TDJZ4.js", "media/a-kBkxQzC7.woff2", "icon-maskable.png")]
    [True, True, False]
    """
    return _HASHED.search(name) is not None


def _content_type(name: str) -> str:
    return _CONTENT_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")
