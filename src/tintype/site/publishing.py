"""Publishing the page: its files go into the site bucket, with the stack's addresses in config.json."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from tintype.aws.errors import NotFoundError
from tintype.aws.s3 import Bucket
from tintype.releases import SiteFile

INDEX = "index.html"
CONFIG = "config.json"
RETIRED = "retired.json"  # since when each file of an earlier page is no longer part of it
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATED = "no-cache"
# What config.json tells of the stack, and the output that each is: where it is, and what holds there.
ADDRESS_OF = {
    "graphqlUrl": "GraphqlUrl",
    "realtimeUrl": "GraphqlRealtimeUrl",
    "apiKey": "GraphqlApiKey",
    "region": "Region",
}
OUTPUT_OF = {
    **ADDRESS_OF,
    "access": "Access",
    "originalsReadable": "OriginalsReadable",
}
KEPT = timedelta(days=7)  # files of earlier pages stay for those who still have one open

# The build puts a hash into names. One that happens to be lower-case letters only does no harm: such
# a file is asked for again, but a name that merely looks hashed would never be.
_HASHED = re.compile(r"-(?=[\w-]*[A-Z0-9])[\w-]{8}\.\w+(\.map)?$")
# Not Python's `mimetypes`, which takes what the machine that it runs on has in /etc.
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
    folder: Path, bucket: Bucket, config: Mapping[str, object], *, now: datetime | None = None
) -> int:
    """Put the page of *folder* into *bucket*; return how many files were sent.

    The index comes last: whoever gets it finds all that it names. Hashed files that are there are not
    sent again; the few others are, as their content type may be another by now.

    Raises:
        ServiceError: the bucket does not take or tell something.
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
    """Return the page's files in the order of publishing, and what is said of each to browsers."""
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
    """Return what the page must know of its stack; all of it is public."""
    return {"apiUrl": "/api", **facts_of(outputs), "maxBytes": max_bytes}


def facts_of(outputs: Mapping[str, str]) -> dict[str, str]:
    """Return what config.json says that is each stack's own; an older one tells less."""
    return {name: outputs[output] for name, output in OUTPUT_OF.items() if output in outputs}


def _retire(bucket: Bucket, old: Iterable[str], now: datetime) -> None:
    """Delete what has been *old* for long enough, and note since when the rest is.

    When a file was put there says nothing: the page of a year ago may have been the current one until
    now.
    """
    known = _retired(bucket)
    since = {name: known.get(name, now) for name in sorted(old)}
    kept = {name: moment for name, moment in since.items() if now - moment < KEPT}
    for name in since.keys() - kept.keys():
        bucket.delete(name)
    if kept != known:
        _put_json(bucket, RETIRED, {name: moment.isoformat() for name, moment in kept.items()})


def _retired(bucket: Bucket) -> dict[str, datetime]:
    try:
        stored = json.loads(bucket.get(RETIRED).data)
    except NotFoundError:
        return {}
    return {name: datetime.fromisoformat(moment) for name, moment in stored.items()}


def _put_json(bucket: Bucket, key: str, value: Mapping[str, object]) -> None:
    data = json.dumps(value, indent=2).encode()
    bucket.put(key, data, content_type=_content_type(key), cache_control=REVALIDATED)


def _is_hashed(name: str) -> bool:
    """Whether a name has its content's hash in it, so that it never stands for another.

    >>> [_is_hashed(name) for name in ("main-3H6TDJZ4.js", "media/a-kBkxQzC7.woff2", "icon-maskable.png")]
    [True, True, False]
    """
    return _HASHED.search(name) is not None


def _content_type(name: str) -> str:
    return _CONTENT_TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")
