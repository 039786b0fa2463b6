"""Send one file to the stack unless it is there: the client sends, this adds cache and progress."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tintype.access import Visibility
from tintype.cli.connection import Via
from tintype.cli.errors import TooLargeToSendDirectlyError
from tintype.cli.output.progress import UploadBars
from tintype.cli.output.text import amount
from tintype.cli.uploads.cache import UploadCache
from tintype.client.sender import Parcel, Sender, parcel_of_file
from tintype.uploads import MAX_BODY_BYTES


@dataclass(frozen=True, slots=True)
class Sent:
    """An uploaded file; *skipped*: it was uploaded before."""

    image_id: str
    size: int
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class _FileMeter:
    """The progress of one file."""

    bars: UploadBars
    file: Path

    def advance(self, number: int) -> None:
        self.bars.advance(self.file, number)

    def restart(self) -> None:
        self.bars.restart(self.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSender:
    """Sends files to one API. *again*: also those in the cache, of which others get the *visibility*."""

    sender: Sender
    cache: UploadCache
    bars: UploadBars
    via: Via
    again: bool
    visibility: Visibility | None = None

    def send(self, path: Path) -> Sent:
        """Upload one file, unless it is there.

        Raises:
            ClientError, CliError, ImagingError: the upload failed.
            UploadStoppedError: the sender was stopped.
        """
        parcel = replace(parcel_of_file(path), visibility=self.visibility)
        known = None if self.again else self.cache.image_of(parcel.sha256)
        if known and (image := self.sender.api.finds(known)):
            if self.visibility not in {None, image.visibility}:
                self.sender.api.change(known, {"visibility": self.visibility})
            return Sent(known, parcel.size, skipped=True)
        self.bars.begin(path, parcel.size)
        try:
            image_id = self._sent(parcel, _FileMeter(self.bars, path))
        finally:
            self.bars.end(path)
        self.cache.note(parcel.sha256, image_id)
        return Sent(image_id, parcel.size)

    def _sent(self, parcel: Parcel, meter: _FileMeter) -> str:
        if self.via is Via.TICKETS:
            return self.sender.send(parcel, meter)
        if parcel.size > MAX_BODY_BYTES:
            limit = amount(MAX_BODY_BYTES)
            message = f"{amount(parcel.size)}; --via direct takes at most {limit}; leave it out"
            raise TooLargeToSendDirectlyError(message)
        return self.sender.send_directly(parcel, meter)
