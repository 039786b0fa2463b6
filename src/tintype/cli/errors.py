"""Errors around the engine: files, folders, arguments, and remote stacks.

`docs/reference/errors.md` lists the codes, with those of the engine and of the configuration.
"""

from __future__ import annotations


class CliError(Exception):
    """Base class. `code` is stable and machine-readable; the message is for people."""

    code = "cli_error"


class FileMissingError(CliError):
    """There is no such file or folder, or nothing matches the pattern."""

    code = "file_not_found"


class NothingToRenderError(CliError):
    """The folders and patterns contain no image."""

    code = "nothing_to_render"


class UnknownPresetError(CliError):
    """`--preset` names a preset that is not in the configuration."""

    code = "unknown_preset"


class DetectorMissingError(CliError):
    """A preset keeps or hides faces, and what finds them is not installed on this machine."""

    code = "detector_missing"


class OutputAmongOriginalsError(CliError):
    """The output folder is a folder of originals; the next run would take renditions for originals."""

    code = "output_among_originals"


class OutputExistsError(CliError):
    """A different file exists at a rendition's path, and `--overwrite` was not passed."""

    code = "output_exists"


class WouldOverwriteOriginalError(CliError):
    """A rendition would replace an original, directly or through a link."""

    code = "would_overwrite_original"


class OutputUnwritableError(CliError):
    """The output folder or a file in it cannot be written: a permission, a full disk."""

    code = "output_unwritable"


class ConfigExistsError(CliError):
    """`tintype presets --init` would replace an existing configuration."""

    code = "config_exists"


class UnexpectedError(CliError):
    """An unexpected error: a bug in Tintype, or a problem of the machine."""

    code = "unexpected_error"


class NothingToUploadError(CliError):
    """The folders and patterns contain no image."""

    code = "nothing_to_upload"


class TooLargeToSendDirectlyError(CliError):
    """The file is too large for `--via direct`, which sends it in one request."""

    code = "too_large_to_send_directly"


class NoRenditionError(CliError):
    """The image has no rendition to open, or none of that preset."""

    code = "no_rendition"


class NotConfirmedError(CliError):
    """The user did not confirm the command."""

    code = "not_confirmed"


class LocalCloudStoppedError(CliError):
    """`--stack local` was passed, but this folder's local cloud is not running."""

    code = "local_cloud_stopped"


class NoStackHereError(CliError):
    """No option names a stack, no local cloud runs in this folder or above, and AWS has none."""

    code = "no_stack_here"


class StackIncompleteError(CliError):
    """The stack lacks an output: it is another application's, or from an older Tintype."""

    code = "stack_incomplete"


class NothingChosenError(CliError):
    """A command was not told which images to use, or which focus, or in more than one way."""

    code = "nothing_chosen"


class InvalidAddressError(CliError):
    """A parameter of an address is unknown, twice there or wrong, or contradicts another."""

    code = "invalid_address"


class SignInNotNeededError(CliError):
    """`tintype login` was run for a stack that is open to all."""

    code = "sign_in_not_needed"


class SignInPortTakenError(CliError):
    """Another program listens on the port that the browser returns to after the sign-in."""

    code = "sign_in_port_taken"


class SignInTimedOutError(CliError):
    """The browser did not come back in time."""

    code = "sign_in_timed_out"


class SignInUnwritableError(CliError):
    """The tokens of a sign-in cannot be stored on this machine, or not deleted."""

    code = "sign_in_unwritable"


class BadKeyError(CliError):
    """The name, the owner or the expiry of a new API key is not valid."""

    code = "invalid_key"


class UnknownKeyError(CliError):
    """The stack has no API key with this ID."""

    code = "unknown_key"


class NoUserPoolError(CliError):
    """The stack has no users of its own: it is open, or people sign in elsewhere."""

    code = "no_user_pool"


class UnknownUserError(CliError):
    """The stack has no user with this e-mail address."""

    code = "unknown_user"


class UserExistsError(CliError):
    """The stack has a user with this e-mail address already."""

    code = "user_exists"
