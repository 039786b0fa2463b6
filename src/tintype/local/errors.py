"""The errors of the local cloud; messages are for people."""

from __future__ import annotations


class LocalCloudError(Exception):
    """Base class. `code` is stable and machine-readable; the message is for people."""

    code = "local_cloud_error"


class AlreadyRunningError(LocalCloudError):
    """Another process is using this state folder."""

    code = "already_running"


class PortTakenError(LocalCloudError):
    """Another program is listening on the port."""

    code = "port_taken"


class NotStartedError(LocalCloudError):
    """The emulator did not start."""

    code = "not_started"


class SynthesisError(LocalCloudError):
    """The template could not be synthesised."""

    code = "synthesis_failed"


class DeploymentError(LocalCloudError):
    """The stack could not be created or updated; the message lists the resources that failed."""

    code = "deployment_failed"


class PageNotBuiltError(LocalCloudError):
    """The page's packages cannot be installed, or its sources do not compile."""

    code = "page_not_built"
