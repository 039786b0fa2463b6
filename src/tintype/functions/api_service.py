"""What the operations act on: the buckets, the table and the queue, and who may do what to an image.

Operations get an image from `ApiService.image` or `ApiService.named`, which ask `access.may`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tintype import keys
from tintype.access import REQUIRED, Action, Caller, Decision, may
from tintype.aws.ports import ImageTable, Invocable, MessageQueue, ObjectStore
from tintype.functions.authentication import Authentication
from tintype.functions.errors import ImageNotFoundError, NotAllowedError
from tintype.functions.request_limit import RequestLimit
from tintype.functions.signing import AddressSigner
from tintype.functions.slots import Slots
from tintype.images import Image, Rendition, Status, from_document, owner_filename, with_urls
from tintype.uploads import UploadService

_NAMES = {Action.MANAGE_KEYS: "manage API keys", Action.START_SESSION: "have a session"}
_NAMESAKES = 200  # records of one name that are checked, newest first, until one counts


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiService:
    """Everything that the operations act on."""

    originals: ObjectStore
    table: ImageTable
    process_queue: MessageQueue
    background_queue: MessageQueue
    processor: Invocable
    uploads: UploadService
    public_url: str
    originals_readable: bool  # by anyone who may call the API, if access is open
    processed: str
    presets_revision: str
    presets: Mapping[str, frozenset[str]]  # the formats of each
    bucket_owner: str  # of objects put into the originals bucket directly
    authentication: Authentication
    slots: Slots
    request_limit: RequestLimit
    signer: AddressSigner

    def image(self, caller: Caller, action: Action, image_id: str) -> Image:
        """Return the record of an image to a caller who may do *action* to it.

        Raises:
            ImageNotFoundError: there is none, the image was deleted, or it is not the caller's.
            NotAllowedError: it is the caller's, who lacks the scope.
        """
        found = self.table.get(image_id) if keys.is_id(image_id) else None
        image = from_document(found) if found else None
        if (
            image is None
            or image.status is Status.DELETED
            or is_hidden(caller, action, image.owner)
        ):
            message = f"no image has the ID {image_id!r}"
            raise ImageNotFoundError(message)
        demand(caller, action)
        return image

    def named(self, caller: Caller, action: Action, filename: str) -> Image:
        """Return the record of the caller's newest upload with this file name.

        A ticket counts as soon as it is issued, so that a client that replaces a picture never gets
        the previous one. It stops counting when it has expired and no record shows an upload. If
        the upload did happen but its event is still queued, the previous picture is returned until
        then, because this function may not read the bucket. `<id>.<extension>`, the name that `POST
        /process` returns, works as well.

        Raises:
            ImageNotFoundError: none of the newest records with that name counts.
        """
        name = owner_filename(caller.owner, filename)
        for image_id in self.table.named(name, limit=_NAMESAKES):
            found = self.table.get(image_id)
            image = from_document(found) if found else None
            if image and image.status is not Status.DELETED and not self.uploads.has_lapsed(image):
                return image
        image_id = filename.rpartition(".")[0]
        if keys.is_id(image_id):
            return self.image(caller, action, image_id)
        message = f"no image has the name {filename!r:.300}"
        raise ImageNotFoundError(message)

    def is_current(self, image: Image) -> bool:
        """Whether rendering an image again would give the same: it is READY, with these presets."""
        return (image.status, image.presets_revision) == (Status.READY, self.presets_revision)

    def shown(self, image: Image) -> Image:
        """Return a record with the URLs of its renditions, signed if it is private.

        Raises:
            ServiceError: it is private, and the signing keys cannot be read.
        """
        return with_urls(image, self.public_url, self.signer.path)

    def url(self, rendition: Rendition) -> str:
        """Return the URL of one rendition.

        Raises:
            ServiceError: as `shown`.
        """
        return f"{self.public_url}{self.signer.path(rendition.key)}"


def is_hidden(caller: Caller, action: Action, image_owner: str | None) -> bool:
    """Whether an image of *image_owner* does not exist for the caller; None is no owner of anything."""
    return may(caller, action, image_owner or "") is Decision.HIDDEN


def demand(caller: Caller, action: Action) -> None:
    """Make sure that the caller may do *action* to what is its own.

    Raises:
        NotAllowedError: it may not; the message says what is required.
    """
    if may(caller, action, None) is Decision.ALLOWED:
        return
    required = REQUIRED[action]
    message = f"only a person who has signed in can {_NAMES.get(action, action)}"
    if required is not None:
        scopes = ", ".join(sorted(caller.scopes)) or "none"
        message = f"this requires the scope {required}; the caller's scopes: {scopes}"
    raise NotAllowedError(message)
