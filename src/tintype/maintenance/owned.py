"""What a stack stores of one owner: images, in buckets and table, and items of the access table.

Start with `find_images` and `read_image`. S3 is the truth: an original's key names its owner, or else the
manifest does. The table is only asked for what neither knows, and for which manifests to read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tintype import api_keys, keys, owners
from tintype.api_keys import ApiKeyRecord
from tintype.aws.access_table import AccessTable
from tintype.aws.attributes import Item
from tintype.aws.dynamodb import Table
from tintype.aws.errors import ServiceError
from tintype.aws.s3 import Bucket, StoredVersion
from tintype.maintenance.parallel import in_parallel
from tintype.processing.manifests import ManifestHead, read
from tintype.usage import counters_id, is_of_requests

_REPROCESS = "reprocess"


@dataclass(frozen=True, slots=True)
class Stores:
    """Where a stack stores what people bring: two buckets and two tables."""

    originals: Bucket
    renditions: Bucket
    images: Table
    access: AccessTable


@dataclass(frozen=True, slots=True)
class OwnedImage:
    """All that is stored of an image: versions in both buckets, newest first, and the record.

    *files* are the versions below the image's folder of the renditions bucket, without *manifests*.
    """

    id: str
    head: ManifestHead
    record: Item | None
    originals: tuple[StoredVersion, ...]
    files: tuple[StoredVersion, ...]
    manifests: tuple[StoredVersion, ...]

    @property
    def is_gone(self) -> bool:
        """Whether nothing is stored."""
        stored = self.originals or self.files or self.manifests
        return not stored and self.record is None

    @property
    def key(self) -> str:
        """The key of the original, or an empty string if nothing knows it."""
        manifest = self.head.manifest
        known = manifest.origin.key if manifest else _key_in(self.record)
        return known or next((one.key for one in self.originals), "")

    @property
    def bytes(self) -> int:
        """The size of everything in the buckets."""
        return sum(one.version.size for one in (*self.originals, *self.files, *self.manifests))


@dataclass(slots=True)
class OwnerTotals:
    """The number of an owner's images, and the bytes of their originals and renditions."""

    owner: str
    images: int = 0
    original_bytes: int = 0
    rendition_bytes: int = 0


@dataclass(slots=True)
class _Known:
    """What the listings say of images: owners by key, owners by record, and the rest."""

    by_key: dict[str, str] = field(default_factory=dict)
    by_record: dict[str, str] = field(default_factory=dict)
    with_manifest: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)


def find_images(
    stores: Stores, owner: str, advance: Callable[[], None] = lambda: None
) -> list[str]:
    """Return the IDs of an owner's images, deleted ones included. Reads all listings of the stack.

    An original of the owner's that was put directly into the bucket is found once it is processed.

    Raises:
        ServiceError: a bucket or the table cannot be read.
    """
    known = _Known()
    _list_originals(stores.originals, known, advance)
    mine = _list_renditions(stores.renditions, owner, known, advance)
    _list_records(stores, known, advance)
    unsure = (one for one in sorted(known.with_manifest) if _is_unsure(known, one, owner))
    for image_id, found in in_parallel(lambda one: read(stores.renditions, one), unsure):
        if isinstance(found, ServiceError):
            raise found
        if found.image is not None and found.image.owner is not None:
            known.by_record[image_id] = found.image.owner
        advance()
    return sorted(one for one in known.ids if one in mine or _owner_of(known, one) == owner)


def read_image(stores: Stores, image_id: str, owner: str) -> OwnedImage:
    """Return all that is stored of an image.

    Raises:
        ServiceError: a bucket or the table cannot be read.
    """
    head, record = read(stores.renditions, image_id), stores.images.get(image_id)
    folder = f"{keys.ORIGINALS}{image_id}/"
    originals = list(stores.originals.versions_below(folder))
    keyed = {head.manifest.origin.key if head.manifest else "", _key_in(record)}
    for key in sorted(keyed - {""}):
        if not key.startswith(folder):
            found = stores.originals.versions(key)
            originals += (StoredVersion(key, one) for one in found)
    places = keys.image_folder(image_id), keys.private_folder(image_id, owner)
    files = [one for place in places for one in stores.renditions.versions_below(place)]
    manifest = keys.manifest_key(image_id)
    return OwnedImage(
        image_id,
        head,
        record,
        tuple(originals),
        tuple(one for one in files if one.key != manifest),
        tuple(one for one in files if one.key == manifest),
    )


def api_keys_of(stores: Stores, owner: str) -> list[ApiKeyRecord]:
    """Return an owner's API keys. Reads the whole access table: an index may lag.

    Raises:
        ServiceError: the table cannot be read.
    """
    found = (api_keys.from_item(one) for one in _access_items(stores))
    return [one for one in found if one and one.owner == owner]


def quota_of(stores: Stores, owner: str) -> Item | None:
    """Return the counters of what an owner has, or None.

    Raises:
        ServiceError: the table cannot be read.
    """
    return stores.access.get(counters_id(owner))


def access_ids(stores: Stores, owner: str, image_ids: set[str]) -> list[str]:
    """Return the IDs of the access table's items that name an owner or one of the images.

    They are API keys, the owner's counters, and leases of requests to process an image again. The
    numbers of the owner's requests in a minute are among them until DynamoDB removes them.

    Raises:
        ServiceError: the table cannot be read.
    """
    return sorted(
        str(one["id"])
        for one in _access_items(stores)
        if one.get("owner") == owner
        or one["id"] == counters_id(owner)
        or is_of_requests(str(one["id"]), owner)
        or _leased_image(str(one["id"])) in image_ids
    )


def totals(records: Iterator[Item]) -> list[OwnerTotals]:
    """Return the totals of all owners of images, by owner."""
    found: dict[str, OwnerTotals] = {}
    for record in records:
        owner = record.get("owner")
        if not isinstance(owner, str):
            continue  # a deleted image's
        total = found.setdefault(owner, OwnerTotals(owner))
        total.images += 1
        total.original_bytes += _bytes(record.get("original"))
        renditions = record.get("renditions")
        total.rendition_bytes += sum(
            map(_bytes, renditions if isinstance(renditions, list) else [])
        )
    return sorted(found.values(), key=lambda one: one.owner)


def _list_originals(bucket: Bucket, known: _Known, advance: Callable[[], None]) -> None:
    for one in bucket.versions_below():
        image_id = keys.image_id(bucket.name, one.key)
        owner = keys.owner_in(one.key)
        if owner is not None:
            known.by_key[image_id] = owner
            known.ids.add(image_id)
        advance()


def _list_renditions(
    bucket: Bucket, owner: str, known: _Known, advance: Callable[[], None]
) -> set[str]:
    """Note the images of all files, and return those with private files of the owner's."""
    mine, folder = set[str](), f"{keys.PRIVATE}{keys.owner_folder(owner)}/"
    for one in bucket.versions_below():
        image_id = one.key.removeprefix(folder).partition("/")[0]
        if keys.is_id(image_id):
            known.ids.add(image_id)
        if one.key.startswith(folder):
            mine.add(image_id)
        if one.key == keys.manifest_key(image_id):
            known.with_manifest.add(image_id)
        advance()
    return mine


def _list_records(stores: Stores, known: _Known, advance: Callable[[], None]) -> None:
    for record in stores.images.scan():
        image_id, owner = str(record["id"]), record.get("owner")
        known.ids.add(image_id)
        if isinstance(owner, str):
            known.by_record[image_id] = owner
        keyed = keys.owner_in(_key_in(record))
        if keyed is not None:
            known.by_key.setdefault(image_id, keyed)
        advance()


def _is_unsure(known: _Known, image_id: str, owner: str) -> bool:
    """Whether only the manifest knows whose an image is.

    A key names every owner but `public`, and only a public image can be transferred: its record may
    not say so yet.
    """
    keyed = known.by_key.get(image_id, owners.PUBLIC)
    recorded = known.by_record.get(image_id, owners.PUBLIC)
    return keyed == owners.PUBLIC and recorded in {owners.PUBLIC, owner}


def _owner_of(known: _Known, image_id: str) -> str | None:
    keyed = known.by_key.get(image_id)
    if keyed not in {None, owners.PUBLIC}:
        return keyed
    return known.by_record.get(image_id, keyed)


def _access_items(stores: Stores) -> Iterator[Item]:
    return Table(stores.access.account, stores.access.name).scan()


def _leased_image(item_id: str) -> str:
    kind, _, rest = item_id.partition("#")
    return rest.partition("#")[0] if kind == _REPROCESS else ""


def _key_in(record: Mapping[str, object] | None) -> str:
    original = record.get("original") if record else None
    return str(original.get("key", "")) if isinstance(original, dict) else ""


def _bytes(part: object) -> int:
    return int(str(part.get("bytes", 0))) if isinstance(part, dict) else 0
