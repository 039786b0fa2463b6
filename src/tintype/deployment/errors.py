"""What can go wrong with a deployment. What AWS refuses is an error of `tintype.aws.errors`."""

from __future__ import annotations


class DeployError(Exception):
    """Base class. `code` is stable and machine-readable; the message is for people."""

    code = "deploy_error"


class ChecksFailedError(DeployError):
    """Something is missing that was looked for before anything was changed."""

    code = "checks_failed"


class NoCheckoutError(DeployError):
    """Tintype is installed without what a release is made of, and none was given."""

    code = "no_checkout"


class ReleaseNotMadeError(DeployError):
    """The release could not be made from the checkout; the message has the last lines of output."""

    code = "release_not_made"


class ReleaseUnreadableError(DeployError):
    """The folder is no release, or a file in it is missing or another than its checksum says."""

    code = "release_damaged"


class WrongParameterError(DeployError):
    """A setting or a parameter that the release does not have, cannot change, or not to that value."""

    code = "wrong_parameter"


class NotTintypeError(DeployError):
    """The stack of that name is another application's."""

    code = "not_a_tintype"


class StackBusyError(DeployError):
    """Somebody else is changing the stack just now."""

    code = "stack_busy"


class StackProtectedError(DeployError):
    """The stack is protected against deletion."""

    code = "stack_protected"


class StackStuckError(DeployError):
    """The stack is in a state in which it can only be deleted, or mended by hand."""

    code = "stack_stuck"


class ChangesRefusedError(DeployError):
    """CloudFormation does not accept the template or its parameters."""

    code = "change_set_failed"


class LossNotAllowedError(DeployError):
    """The changes would lose data or addresses, and nobody allowed that."""

    code = "loss_not_allowed"


class StackFailedError(DeployError):
    """CloudFormation could not do it; the message lists the resources that failed, with reasons."""

    code = "deployment_failed"


class LeftBehindError(DeployError):
    """Something that was to be removed is still there."""

    code = "left_behind"


class BucketNotOursError(DeployError):
    """The packages bucket's name is another account's, or it may not be looked at."""

    code = "bucket_not_ours"
