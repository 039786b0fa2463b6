"""Errors between a program and a stack: files, uploads, responses, images.

`docs/reference/errors.md` lists the codes, with those of the other layers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tintype.images import Image


class ClientError(Exception):
    """Base class. `code` is stable and machine-readable; the message is for people."""

    code = "client_error"


class FileUnreadableError(ClientError):
    """The file exists but cannot be read: a permission, a directory loop, a device."""

    code = "file_unreadable"


class FileChangedError(ClientError):
    """The file's size changed while it was read or uploaded."""

    code = "file_changed"


class UploadBrokenError(ClientError):
    """The connection to the bucket broke on every try of the upload."""

    code = "upload_broken"


class UploadRefusedError(ClientError):
    """S3 refuses an upload although its ticket is new; the message has S3's error code."""

    code = "upload_refused"


class NotReadyInTimeError(ClientError):
    """An image was uploaded, but there was no update of it within the timeout."""

    code = "not_ready_in_time"


class ApiUnreachableError(ClientError):
    """The API did not answer on any try."""

    code = "api_unreachable"


class NotTheApiError(ClientError):
    """The address answers, but is not Tintype's API."""

    code = "not_the_api"


class ApiRefusedError(ClientError):
    """The API refused the request; the error has the response's code and message, if any.

    *status* is the response's HTTP status.
    """

    code = "api_refused"

    def __init__(self, message: str, *, status: int, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code or type(self).code


class NotSignedInError(ApiRefusedError):
    """The stack wants to know who calls, or does not accept the API key or the sign-in."""

    code = "not_signed_in"


class SignInFailedError(ClientError):
    """The issuer refused a sign-in, or what it returned is not a token."""

    code = "sign_in_failed"


class MalformedApiKeyError(ClientError):
    """`TINTYPE_API_KEY`, or the key passed to the client, is not an API key."""

    code = "malformed_api_key"


class InsecureAddressError(ClientError):
    """The address is not encrypted, so that no API key or token is sent there."""

    code = "insecure_address"


class ImageFailedError(ClientError):
    """The awaited image is `FAILED`, with its failure's code, or `DELETED`, with this code.

    *image* is the record.
    """

    code = "image_failed"

    def __init__(self, message: str, *, image: Image, code: str | None = None) -> None:
        super().__init__(message)
        self.image = image
        self.code = code or type(self).code


class NoLiveUpdatesError(ClientError):
    """No live updates: no address, an API key, or the socket refuses or does not answer."""

    code = "no_live_updates"
