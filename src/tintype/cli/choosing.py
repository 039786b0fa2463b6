"""Which images `tintype reprocess` means: those that are named, all, or those of other presets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tintype import keys
from tintype.aws.errors import ServiceError
from tintype.cli.errors import CliError, NotTheApiError, UnknownImageError
from tintype.cli.operating import Parts
from tintype.cli.words import count
from tintype.images import Status

_NO_ORIGINAL = frozenset({Status.AWAITING_UPLOAD, Status.DELETED})


class Why(StrEnum):
    """Why an image is to be rendered again."""

    NAMED = "asked for"
    OUTDATED = "of other presets"
    WITHOUT_MANIFEST = "has no manifest"


@dataclass(frozen=True, slots=True)
class Chosen:
    """An image, and where its original lies."""

    image_id: str
    key: str
    why: Why


def chosen_by_id(
    parts: Parts, image_ids: Sequence[str]
) -> tuple[list[Chosen], dict[str, CliError | ServiceError]]:
    """Return the images with these ids, and why some cannot be rendered."""
    chosen: list[Chosen] = []
    failures: dict[str, CliError | ServiceError] = {}
    for image_id in dict.fromkeys(image_ids):
        record = parts.images.get(image_id)
        original = record.get("original") if record else None
        if record is None or not isinstance(original, dict):
            failures[image_id] = UnknownImageError(f"not in {parts.stack.title}")
        elif record.get("status") in _NO_ORIGINAL:
            status = str(record["status"]).lower().replace("_", " ")
            failures[image_id] = UnknownImageError(f"it has no original: it is {status}")
        else:
            chosen.append(Chosen(image_id, str(original["key"]), Why.NAMED))
    return chosen, failures


def everything(parts: Parts, *, say: Callable[[str], None]) -> list[Chosen]:
    """Return all originals that are in the bucket and can be read."""
    originals = _originals(parts, say)
    return [Chosen(image_id, key, Why.NAMED) for image_id, key in originals.items()]


def outdated(parts: Parts, *, say: Callable[[str], None]) -> list[Chosen]:
    """Return the images of other presets than the deployed ones, and originals without a manifest.

    Raises:
        NotTheApiError: the API does not say which presets are deployed.
        CliError, ServiceError: something did not answer.
    """
    with parts.stack.api() as api:
        deployed = api.presets_revision()
    if deployed is None:
        message = f"{api.url} does not say which presets it has; deploy this version first"
        raise NotTheApiError(message)
    renditions = parts.renditions.keys()
    finished = {found for key in renditions if (found := keys.id_of_manifest(key))}
    revisions = {str(item["id"]): item.get("presetsRevision") for item in parts.images.scan()}
    chosen: list[Chosen] = []
    unknown = 0
    for image_id, key in _originals(parts, say).items():
        if image_id not in finished:
            chosen.append(Chosen(image_id, key, Why.WITHOUT_MANIFEST))
        elif image_id not in revisions:
            unknown += 1
        elif revisions[image_id] != deployed:
            chosen.append(Chosen(image_id, key, Why.OUTDATED))
    if unknown:
        say(f"{count(unknown, 'image')} without a record left out; first run: tintype reindex")
    return chosen


def _originals(parts: Parts, say: Callable[[str], None]) -> dict[str, str]:
    bucket = parts.originals
    found: dict[str, str] = {}
    archived = 0
    for entry in bucket.entries():
        if entry.is_archived:
            archived += 1
        elif not entry.key.endswith("/"):  # what consoles make to show a folder
            found[keys.image_id(bucket.name, entry.key)] = entry.key
    if archived:
        say(f"{count(archived, 'archived original')} left out; restore what you need in S3 first")
    return found
