"""Catalogue: write a manifest to the table as a record, and notify subscribers.

Start with `Catalogue`. The table is an index of the manifests and can be rebuilt from them. A record
is only replaced by one of a higher version, so neither the order nor the number of messages matters.
The record is written first, then announced: a failed announcement is not retried, since subscribers
that missed it read the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import get_args

import msgspec
from msgspec.structs import FieldInfo

from tintype import traces
from tintype.aws.errors import ServiceError
from tintype.aws.ports import Announcements, ObjectStore
from tintype.images import Image, document, item, with_urls
from tintype.processing import manifests
from tintype.records import Records

_PRIVATE = frozenset({"key", "expires", "presetsRevision"})  # not useful to subscribers


def selection(record: type[msgspec.Struct]) -> str:
    """Return a record's public fields as a GraphQL selection.

    >>> from tintype.images import Failure
    >>> selection(Failure)
    'code message retryable'
    """
    fields = (one for one in msgspec.structs.fields(record) if one.encode_name not in _PRIVATE)
    return " ".join(_selected(field) for field in fields)


def _selected(field: FieldInfo) -> str:
    part = _record_in(field.type)
    return f"{field.encode_name} {{ {selection(part)} }}" if part else field.encode_name


def _record_in(hint: object) -> type[msgspec.Struct] | None:
    """Return the kind of record that a value is or contains, or None if it is plain."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    return next(filter(None, map(_record_in, get_args(hint))), None)


# Every field, since a subscriber receives only what the mutation selects (AppSync Developer Guide,
# "Subscriptions"). A test compares it with schema.graphql.
PUBLISH = f"""mutation Publish($image: ImageInput!) {{
  publishImage(image: $image) {{ {selection(Image)} }}
}}"""


class WriteResult(StrEnum):
    """The result of writing a record."""

    WRITTEN = "WRITTEN"
    REPEATED = "REPEATED"  # the same version exists
    OUTDATED = "OUTDATED"  # a newer version exists
    MISSING = "MISSING"  # its manifest is gone: an expired tombstone


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """The result of writing a record, and why its announcement failed, if it did."""

    result: WriteResult
    image_id: str
    image: Image | None = None
    unannounced: ServiceError | None = None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Stores and announces records; `on_trace` receives the trace of a manifest."""

    renditions: ObjectStore
    records: Records
    announcements: Announcements
    public_url: str
    on_trace: Callable[[str], None] = lambda _trace: None

    def write_manifest(self, image_id: str) -> CatalogueEntry:
        """Write and announce the record of an image's current manifest.

        Raises:
            UnreadableObjectError: the object is not a manifest.
            ServiceError: S3 or the table failed; retry.
        """
        manifest = manifests.read(self.renditions, image_id).checked().manifest
        if manifest is None:
            return CatalogueEntry(WriteResult.MISSING, image_id)
        if trace := traces.known(manifest.origin.trace):
            self.on_trace(trace)
        return self.write(manifest.image)

    def write(self, image: Image) -> CatalogueEntry:
        """Write and announce a record.

        Raises:
            ServiceError: the table failed; retry.
        """
        if self.records.put_newer(item(image)):
            return CatalogueEntry(WriteResult.WRITTEN, image.id, image, self._announce(image))
        there = self.records.get(image.id)
        if there is None or there["version"] != image.version:
            return CatalogueEntry(WriteResult.OUTDATED, image.id, image)
        # The writer may have died before the announcement; a second one does no harm.
        return CatalogueEntry(WriteResult.REPEATED, image.id, image, self._announce(image))

    def _announce(self, image: Image) -> ServiceError | None:
        try:
            self.announcements.execute(PUBLISH, {"image": announcement(image, self.public_url)})
        except ServiceError as error:
            return error
        return None


def announcement(image: Image, public_url: str) -> dict[str, object]:
    """Return the `ImageInput` of a record: its public fields."""
    shown = with_urls(image, public_url)
    return {
        **_public(document(shown)),
        "original": _public(msgspec.to_builtins(shown.original)),
        "renditions": [_public(msgspec.to_builtins(one)) for one in shown.renditions],
    }


def _public(plain: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in plain.items() if name not in _PRIVATE}
