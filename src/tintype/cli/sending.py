"""One file's way to the stack: a look at it, a ticket, the bytes, and again where the line breaks.

Start with `Sender.send`. Several threads do it at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from threading import Event
from typing import Protocol

from tintype.cli.client import Admission, Api, pause
from tintype.cli.errors import (
    FileUnreadableError,
    TooLargeToSendDirectlyError,
    UploadBrokenError,
    UploadRefusedError,
)
from tintype.cli.journal import Journal
from tintype.cli.remote import Via
from tintype.cli.words import amount
from tintype.imaging.formats import SNIFFED_BYTES, sniff
from tintype.uploads import MAX_BODY_BYTES

CHUNK_BYTES = 128 * 1024
PUT_TRIES = 6  # of one file, new tickets included


class Meter(Protocol):
    """Who wants to know how far an upload is."""

    def begin(self, file: Path, size: int) -> None:
        """Say that a file's first byte is about to go."""

    def advance(self, file: Path, number: int) -> None:
        """Say that so many bytes more went."""

    def restart(self, file: Path) -> None:
        """Say that all of it goes again."""

    def end(self, file: Path) -> None:
        """Say that nothing of it goes any more, whatever the reason."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the API wants to know of a file before it goes."""

    filename: str
    content_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that is there; *skipped* if it already was."""

    image_id: str
    size: int
    skipped: bool = False


class StoppedError(Exception):
    """Ctrl-C was pressed while a file was on its way."""


def look_at(path: Path) -> Facts:
    """Read a file once, and refuse what the engine would refuse by its first bytes.

    How large it may be, the API says, before a byte goes: the limits are those of the stack, not of
    the `tintype.toml` here.

    Raises:
        FileUnreadableError: it is gone, forbidden, or not a regular file.
        NotAnImageError, UnsupportedFormatError: by its first bytes.
    """
    digest = hashlib.sha256()
    size = 0
    try:
        if not S_ISREG(path.stat().st_mode):
            message = "not a regular file"
            raise FileUnreadableError(message)
        with path.open("rb") as file:
            head = file.read(SNIFFED_BYTES)
            format_ = sniff(head)
            file.seek(0)
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
    except OSError as error:
        raise FileUnreadableError(error.strerror or str(error)) from error
    name = path.name.encode("utf-8", "replace").decode()
    return Facts(name, format_.content_type, size, digest.hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends files to one API. *again* uploads even what the journal knows."""

    api: Api
    journal: Journal
    meter: Meter
    stop: Event  # set by Ctrl-C: a thread cannot be interrupted, so it asks
    via: Via
    again: bool

    def send(self, path: Path) -> Sent:
        """Bring one file to the stack, unless it is there.

        Raises:
            CliError, ImagingError: why it is not there.
            StoppedError: `stop` was set.
        """
        facts = look_at(path)
        known = None if self.again else self.journal.image_of(facts.sha256)
        if known and self.api.finds(known):
            return Sent(known, facts.size, skipped=True)
        self.meter.begin(path, facts.size)
        try:
            if self.via is Via.DIRECT:
                image_id = self._directly(path, facts)
            else:
                image_id = self._with_tickets(path, facts)
        finally:
            self.meter.end(path)
        self.journal.note(facts.sha256, image_id)
        return Sent(image_id, facts.size)

    def _directly(self, path: Path, facts: Facts) -> str:
        if facts.size > MAX_BODY_BYTES:
            limit = amount(MAX_BODY_BYTES)
            message = f"{amount(facts.size)}; the limit is {limit}; leave out --via direct"
            raise TooLargeToSendDirectlyError(message)
        body = self._chunks(path, facts.size)
        return self.api.send(facts.filename, facts.content_type, facts.size, body)

    def _with_tickets(self, path: Path, facts: Facts) -> str:
        """Upload with a ticket, and with one more where that is refused: it may have expired."""
        for last in (False, True):
            admission = self.api.admit(facts.filename, facts.content_type, facts.size, facts.sha256)
            try:
                if self._delivered(path, facts, admission):
                    return admission.image_id
            except UploadRefusedError:
                if last:
                    raise
            self.meter.restart(path)
        message = "the image was deleted while it was uploaded"
        raise UploadRefusedError(message)

    def _delivered(self, path: Path, facts: Facts, admission: Admission) -> bool:
        """Upload with one ticket; False if its object came, and the image is gone again."""
        for attempt in range(PUT_TRIES):
            try:
                stored = self.api.put(admission.upload, self._chunks(path, facts.size))
            except UploadBrokenError:
                if attempt + 1 == PUT_TRIES:
                    raise
                self.meter.restart(path)
                self._rest(pause(attempt))
            else:
                # What lies there already is what an earlier try brought, whose answer got lost.
                return stored or self.api.finds(admission.image_id) is not None
        raise AssertionError  # the last round returns or raises

    def _rest(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise StoppedError

    def _chunks(self, path: Path, size: int) -> Iterator[bytes]:
        """Yield the bytes of a file as they are taken, no more than *size*."""
        try:
            with path.open("rb") as file:
                left = size
                while left and (chunk := file.read(min(CHUNK_BYTES, left))):
                    if self.stop.is_set():
                        raise StoppedError
                    yield chunk
                    left -= len(chunk)
                    self.meter.advance(path, len(chunk))
        except OSError as error:
            raise FileUnreadableError(error.strerror or str(error)) from error
