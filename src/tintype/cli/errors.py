"""What can go wrong around the engine: files, folders, arguments, and a stack far away.

`docs/errors.md` lists the codes, with those of the engine and of the configuration.
"""

from __future__ import annotations


class CliError(Exception):
    """Base class. `code` is stable and machine-readable; the message is for people."""

    code = "cli_error"


class FileMissingError(CliError):
    """There is no such file or folder, or nothing matches the pattern."""

    code = "file_not_found"


class FileUnreadableError(CliError):
    """The file is there and cannot be read: a permission, a directory loop, a device."""

    code = "file_unreadable"


class NothingToRenderError(CliError):
    """The folders and patterns hold no image."""

    code = "nothing_to_render"


class UnknownPresetError(CliError):
    """`--preset` names a preset that the configuration does not have."""

    code = "unknown_preset"


class OutputAmongOriginalsError(CliError):
    """The output folder is a folder of originals, so that renditions would be taken for originals."""

    code = "output_among_originals"


class OutputExistsError(CliError):
    """Another file stands where a rendition would be written, and `--overwrite` is not given."""

    code = "output_exists"


class WouldOverwriteOriginalError(CliError):
    """A rendition would be written over an original, directly or through a link."""

    code = "would_overwrite_original"


class OutputUnwritableError(CliError):
    """The output folder or a file in it cannot be written: a permission, a full disk."""

    code = "output_unwritable"


class ConfigExistsError(CliError):
    """`tintype presets --init` found a configuration where it would write one."""

    code = "config_exists"


class UnexpectedError(CliError):
    """A mistake of Tintype itself, or the machine's trouble: nobody has foreseen it."""

    code = "unexpected_error"


class NothingToUploadError(CliError):
    """The folders and patterns hold no image."""

    code = "nothing_to_upload"


class FileChangedError(CliError):
    """A file became longer or shorter while it was read or uploaded."""

    code = "file_changed"


class TooLargeToSendDirectlyError(CliError):
    """`--via direct` met a file that the API does not take in one request."""

    code = "too_large_to_send_directly"


class UploadBrokenError(CliError):
    """The connection to the bucket broke each time that the upload was tried."""

    code = "upload_broken"


class UploadRefusedError(CliError):
    """S3 refuses an upload although its ticket is new; the message has S3's own code."""

    code = "upload_refused"


class NotReadyInTimeError(CliError):
    """An image was uploaded, and within `--timeout` it came to no end that was seen."""

    code = "not_ready_in_time"


class NoRenditionError(CliError):
    """The image has no rendition that could be opened, or none of that preset."""

    code = "no_rendition"


class NotConfirmedError(CliError):
    """A command that removes something was not answered with yes."""

    code = "not_confirmed"


class LocalCloudStoppedError(CliError):
    """`--stack local` asks for the local cloud of this folder, and none is running."""

    code = "local_cloud_stopped"


class NoStackHereError(CliError):
    """No option names a stack, no local cloud runs in this folder or above, and AWS has none either."""

    code = "no_stack_here"


class StackIncompleteError(CliError):
    """The stack has no output of that name: it is another application's, or of an older Tintype."""

    code = "stack_incomplete"


class AccountRefusedError(CliError):
    """A service of AWS says no or does not answer; the error has the code of `tintype.aws.errors`."""

    code = "account_refused"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code or type(self).code


class ApiUnreachableError(CliError):
    """The API did not answer, however often it was asked."""

    code = "api_unreachable"


class NotTheApiError(CliError):
    """Something answers at that address, and it is not Tintype's API."""

    code = "not_the_api"


class ApiRefusedError(CliError):
    """The API says no; where its answer has a code, the error has that one, and the API's sentence.

    *status* is the answer's HTTP status.
    """

    code = "api_refused"

    def __init__(self, message: str, *, status: int, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code or type(self).code


class NothingChosenError(CliError):
    """`tintype reprocess` was told no image, or in more than one way which ones."""

    code = "nothing_chosen"


class UnknownImageError(CliError):
    """The stack has no image of that id, or not its original."""

    code = "unknown_image"


class NotAnS3AddressError(CliError):
    """`tintype backfill` was given something else than `s3://bucket/prefix`."""

    code = "not_an_s3_address"


class NothingToBackfillError(CliError):
    """There is no object under that address."""

    code = "nothing_to_backfill"
