"""Errors of deployments. What AWS refuses is an error of `tintype.aws.errors`."""

from __future__ import annotations


class DeployError(Exception):
    """Base class. `code` is stable and machine-readable; the message is for people."""

    code = "deploy_error"


class ChecksFailedError(DeployError):
    """A check failed before anything was changed."""

    code = "checks_failed"


class NoCheckoutError(DeployError):
    """Tintype is installed without the sources of a release, and no release was given."""

    code = "no_checkout"


class ReleaseNotMadeError(DeployError):
    """The release could not be built; the message has the last lines of output."""

    code = "release_not_made"


class ReleaseUnreadableError(DeployError):
    """The folder is not a release, or a file is missing or does not match its checksum."""

    code = "release_damaged"


class WrongParameterError(DeployError):
    """A setting or parameter that the release lacks or cannot change, or a value that is not allowed."""

    code = "wrong_parameter"


class NotTintypeError(DeployError):
    """The stack of that name belongs to another application."""

    code = "not_a_tintype"


class StackBusyError(DeployError):
    """Another change of the stack is in progress."""

    code = "stack_busy"


class StackProtectedError(DeployError):
    """The stack is protected against deletion."""

    code = "stack_protected"


class StackStuckError(DeployError):
    """The stack is in a state in which it can only be deleted, or repaired by hand."""

    code = "stack_stuck"


class ChangesRefusedError(DeployError):
    """CloudFormation does not accept the template or its parameters."""

    code = "change_set_failed"


class LossNotAllowedError(DeployError):
    """The changes would lose data or addresses, and that was not confirmed."""

    code = "loss_not_allowed"


class StackFailedError(DeployError):
    """CloudFormation failed; the message lists the resources that failed, with reasons."""

    code = "deployment_failed"


class LeftBehindError(DeployError):
    """Something that should have been deleted still exists."""

    code = "left_behind"


class BucketNotOursError(DeployError):
    """The packages bucket's name belongs to another account, or may not be read."""

    code = "bucket_not_ours"
