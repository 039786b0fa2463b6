"""The files made for an image's addresses: once the image is another, they go, and the CDN forgets them.

`deliver.py` makes them, in a folder of their own, each with its revision as metadata. Beside them is a
mark of each revision that anything was made of. Files expire, marks do not: the CDN has nothing of an
image without a mark. So a purge is sent after the files are deleted, and before the marks are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import msgspec

from tintype import keys
from tintype.aws.errors import NotFoundError
from tintype.aws.ports import ObjectStore
from tintype.images import Image, delivered_key, served_revision
from tintype.processing.context import ProcessingContext

REVISION = "revision"  # of a file, in its metadata
_AT_ONCE = 8  # signed addresses may have asked for thousands of files


def mark_key(image: Image) -> str:
    """Return the key of the mark of an image's revision."""
    return delivered_key(image, served_revision(image))


def is_delivered(key: str) -> bool:
    """Whether an object is a file for an address, or a mark."""
    return keys.delivered_in(key) is not None


def forget(context: ProcessingContext, before: Image | None, after: Image) -> None:
    """Delete the files of an image that was replaced by one with other renditions."""
    if before is None or mark_key(before) == mark_key(after):
        return
    folder = mark_key(before).rpartition("/")[0]
    found = [one.key for one in context.renditions.entries(f"{folder}/")]
    replaced = msgspec.structs.replace(before, version=after.version)
    if found:
        remove(context, found, partial(context.schedule_purge, replaced))


def remove(context: ProcessingContext, found: Sequence[str], purge: Callable[[], None]) -> None:
    """Delete files and marks, with a purge between them."""
    marks = [key for key in found if keys.is_mark(key)]
    _delete(context.renditions, [key for key in found if key not in marks])
    purge()
    _delete(context.renditions, marks)


def outdated(bucket: ObjectStore, image: Image | None, found: Sequence[str]) -> list[str]:
    """Return those of the *found* files and marks that are not of the renditions an image has now.

    An interrupted request has left them, or one that the image changed under.
    """
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        revisions = list(threads.map(partial(_revision, bucket), found))
    if image is None:
        return list(found)
    mark = mark_key(image)
    folder, _, current = mark.rpartition("/")
    return [
        key
        for key, revision in zip(found, revisions, strict=True)
        if revision != current or key.rpartition("/")[0] != folder
    ]


def _revision(bucket: ObjectStore, key: str) -> str:
    """Return a file's revision, empty if it has none or is gone."""
    if keys.is_mark(key):
        return key.rpartition("/")[2]
    try:
        return bucket.head(key).metadata.get(REVISION, "")
    except NotFoundError:
        return ""


def _delete(bucket: ObjectStore, found: Sequence[str]) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        list(threads.map(bucket.delete, found))
