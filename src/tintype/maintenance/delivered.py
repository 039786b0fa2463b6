"""The files that were made for addresses: how many a stack stores, and deleting them.

They are derived from the originals: what is deleted here is made again when it is next asked for. The
marks beside them stay: what the CDN has of an image is known by them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote

from tintype import keys
from tintype.access import Visibility
from tintype.aws.s3 import Bucket, Entry
from tintype.delivery import variant_path
from tintype.delivery.grammar import AddressError, Variant, read_filename
from tintype.images import Image
from tintype.maintenance.errors import UnknownImageError
from tintype.maintenance.parallel import in_parallel
from tintype.processing.manifests import read

# CloudFront has at most 15 invalidations with a wildcard in progress ("Quotas on invalidations").
MOST_PATHS = 15


@dataclass(frozen=True, slots=True)
class DeliveredFiles:
    """The files of one size and extension, such as `640` and `auto-avif`, and their bytes."""

    size: str
    extension: str
    files: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class DeletedFiles:
    """What was deleted of an image, and the paths under which the CDN may have it."""

    files: int
    bytes: int
    paths: tuple[str, ...]


def of_all(renditions: Bucket) -> Iterator[Entry]:
    """Yield the files of all images; this lists the whole bucket.

    Raises:
        ServiceError: the bucket cannot be listed.
    """
    return _files(entry for entry in renditions.entries() if keys.delivered_in(entry.key))


def of_image(renditions: Bucket, image: Image) -> Iterator[Entry]:
    """Yield the files of one image, private ones included.

    Raises:
        ServiceError: the bucket cannot be listed.
    """
    yield from _files(renditions.entries(keys.delivered_folder(image.id)))
    if image.owner is not None:
        yield from _files(renditions.entries(keys.delivered_folder(image.id, image.owner)))


def _files(entries: Iterable[Entry]) -> Iterator[Entry]:
    return (entry for entry in entries if not keys.is_mark(entry.key))


def image_of(renditions: Bucket, image_id: str) -> Image:
    """Return the image in a manifest.

    Raises:
        UnknownImageError: there is no manifest of this ID.
        ServiceError: the manifest cannot be read.
    """
    image = read(renditions, image_id).image if keys.is_id(image_id) else None
    if image is None:
        message = f"no image has the ID {image_id!r:.60}"
        raise UnknownImageError(message)
    return image


def totals(entries: Iterable[Entry]) -> list[DeliveredFiles]:
    """Return the number of files by size and extension, the largest sum of bytes first."""
    found = dict[tuple[str, str], DeliveredFiles]()
    for entry in entries:
        name = size_and_extension(entry.key)
        known = found.get(name) or DeliveredFiles(*name)
        found[name] = replace(known, files=known.files + 1, bytes=known.bytes + entry.size)
    return sorted(found.values(), key=lambda one: (-one.bytes, one.size, one.extension))


def size_and_extension(key: str) -> tuple[str, str]:
    """Return what a file is counted under.

    >>> image = "01M7XPE600ABCDEFGHJKMNPQRS"
    >>> size_and_extension(f"{image}/x/w_640,h_480,fit_crop,q_70.auto-avif")
    ('640 × 480', 'auto-avif')
    >>> size_and_extension(f"{image}/x/preset_thumb.webp"), size_and_extension(f"{image}/x/odd.txt")
    (('thumb', 'webp'), ('other', 'txt'))
    """
    filename = key.rpartition("/")[2]
    try:
        file = read_filename(filename)
    except AddressError:
        return "other", filename.rpartition(".")[2]
    return _size(file.variant), file.extension.value


def _size(variant: Variant) -> str:
    if variant.preset is not None:
        return variant.preset
    if variant.width is None and variant.height is None:
        return "full"
    if variant.height is None:
        return str(variant.width)
    return f"{variant.width or 'any'} × {variant.height}"


def delete_files(
    renditions: Bucket, image_id: str, advance: Callable[[], None] = lambda: None
) -> DeletedFiles:
    """Delete the files that were made for an image's addresses.

    Raises:
        UnknownImageError: there is no such image.
        ServiceError: the bucket fails; some files may be deleted.
    """
    image = image_of(renditions, image_id)
    files, size = delete_entries(renditions, of_image(renditions, image), advance)
    return DeletedFiles(files, size, _paths(image))


def delete_entries(
    renditions: Bucket, entries: Iterable[Entry], advance: Callable[[], None] = lambda: None
) -> tuple[int, int]:
    """Delete files, and return their number and their bytes.

    Raises:
        ServiceError: the bucket fails; some files may be deleted.
    """
    files = size = 0
    for entry, failure in in_parallel(lambda one: renditions.delete(one.key), entries):
        if failure is not None:
            raise failure
        files, size = files + 1, size + entry.size
        advance()
    return files, size


def to_purge(deleted: Iterable[DeletedFiles]) -> list[str]:
    """Return the paths that the CDN is to forget: everything, if there are too many for it."""
    paths = sorted({path for one in deleted for path in one.paths})
    return paths if len(paths) <= MOST_PATHS else ["/*"]


def _paths(image: Image) -> tuple[str, ...]:
    """Return the paths of addresses and of the files that the edge leads them to.

    CloudFront's guide recommends to invalidate both.
    """
    owner = image.owner if image.visibility is Visibility.PRIVATE else None
    folder = keys.delivered_folder(image.id, owner)
    return f"{variant_path(image.id, owner)}*", f"/{quote(folder)}*"
