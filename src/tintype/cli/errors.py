"""What can go wrong around the engine: files, folders and arguments, one sentence each.

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
    """A mistake of Tintype itself, or the machine's trouble, met while rendering one original."""

    code = "unexpected_error"
