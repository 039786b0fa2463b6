"""Send one original to the stack: check it, get a ticket, send the bytes, retry if interrupted.

Start with `Sender.send`. It is thread-safe.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from stat import S_ISREG
from threading import Event
from typing import BinaryIO, Protocol

from tintype.access import Visibility
from tintype.client.api import Api, pause
from tintype.client.errors import FileUnreadableError, UploadBrokenError, UploadRefusedError
from tintype.client.responses import Admission
from tintype.imaging.formats import SNIFFED_BYTES, sniff

CHUNK_BYTES = 128 * 1024
PUT_TRIES = 6  # for one original, new tickets included


class Meter(Protocol):
    """Receives the progress of an upload."""

    def advance(self, number: int) -> None:
        """Report that this many more bytes were sent."""

    def restart(self) -> None:
        """Report that the upload starts again."""


class NoMeter:
    """Ignores progress."""

    def advance(self, number: int) -> None:
        """Do nothing."""

    def restart(self) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """An original to send: the facts that the API needs first, and how to read its bytes.

    *size* is in bytes, *sha256* in hexadecimal; *open* starts at the first byte each time. Without a
    *visibility*, the image has that of the stack.
    """

    filename: str
    content_type: str
    size: int
    sha256: str
    open: Callable[[], BinaryIO]
    visibility: Visibility | None = None


class UploadStoppedError(Exception):
    """The sender's owner set `stop` during an upload."""


def parcel_of_file(path: Path, filename: str | None = None) -> Parcel:
    """Read a file once, and refuse it if the engine would refuse its first bytes.

    The API checks the size before the upload: the stack's limits apply, not those of the local
    `tintype.toml`.

    Raises:
        FileUnreadableError: it is missing, not readable, or not a regular file.
        NotAnImageError, UnsupportedFormatError: from its first bytes.
    """
    try:
        if not S_ISREG(path.stat().st_mode):
            message = "not a regular file"
            raise FileUnreadableError(message)
        return _parcel(lambda: path.open("rb"), filename or path.name)
    except OSError as error:
        raise FileUnreadableError(error.strerror or str(error)) from error


def parcel_of_bytes(data: bytes, filename: str | None = None) -> Parcel:
    """Return bytes as a parcel; the default name is `image` with the format's extension.

    Raises:
        NotAnImageError, UnsupportedFormatError: from the first bytes.
    """
    return _parcel(lambda: BytesIO(data), filename)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends originals to one API until *stop* is set, since a thread cannot be interrupted."""

    api: Api
    stop: Event = field(default_factory=Event)

    def send(self, parcel: Parcel, meter: Meter) -> str:
        """Upload with a ticket, and return the image ID.

        If the ticket is refused, another one is requested: the first may have expired.

        Raises:
            ClientError: why it is not there.
            UploadStoppedError: `stop` was set.
        """
        for last in (False, True):
            admission = self.api.admit(
                parcel.filename,
                parcel.content_type,
                parcel.size,
                parcel.sha256,
                parcel.visibility,
            )
            try:
                if self._delivered(parcel, admission, meter):
                    return admission.image_id
            except UploadRefusedError:
                if last:
                    raise
            meter.restart()
        message = "the image was deleted during the upload"
        raise UploadRefusedError(message)

    def send_directly(self, parcel: Parcel, meter: Meter) -> str:
        """Send in one request through the API, which takes up to `MAX_BODY_BYTES`; no retry.

        Raises:
            ClientError: why it is not there.
            UploadStoppedError: `stop` was set.
        """
        begun = False

        def body() -> Iterator[bytes]:
            nonlocal begun
            if begun:
                meter.restart()
            begun = True
            return self._chunks(parcel, meter)

        return self.api.send(
            parcel.filename, parcel.content_type, parcel.size, body, parcel.visibility
        )

    def _delivered(self, parcel: Parcel, admission: Admission, meter: Meter) -> bool:
        """Upload with one ticket; return False if the object arrived but the image was deleted."""
        for attempt in range(PUT_TRIES):
            try:
                stored = self.api.put(admission.upload, self._chunks(parcel, meter))
            except UploadBrokenError:
                if attempt + 1 == PUT_TRIES:
                    raise
                meter.restart()
                self._rest(pause(attempt))
            else:
                # The existing object comes from an earlier try whose response was lost.
                return stored or self.api.finds(admission.image_id) is not None
        raise AssertionError  # the last round returns or raises

    def _rest(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise UploadStoppedError

    def _chunks(self, parcel: Parcel, meter: Meter) -> Iterator[bytes]:
        """Yield the bytes of an original as they are sent, no more than its size."""
        try:
            with parcel.open() as file:
                left = parcel.size
                while left and (chunk := file.read(min(CHUNK_BYTES, left))):
                    if self.stop.is_set():
                        raise UploadStoppedError
                    yield chunk
                    left -= len(chunk)
                    meter.advance(len(chunk))
        except OSError as error:
            raise FileUnreadableError(error.strerror or str(error)) from error


def _parcel(open_: Callable[[], BinaryIO], filename: str | None) -> Parcel:
    digest = hashlib.sha256()
    size = 0
    with open_() as file:
        format_ = sniff(file.read(SNIFFED_BYTES))
        file.seek(0)
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    name = (filename or f"image.{format_.extension}").encode("utf-8", "replace").decode()
    return Parcel(name, format_.content_type, size, digest.hexdigest(), open_)
