"""The phases of a deployment: what may exist if it is interrupted."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """The phases in order; each begins before its first request that changes something."""

    CHECKING = "checking"  # nothing is changed
    CLEARING = "clearing"  # the remains of a failed creation are being deleted
    CLEARED = "cleared"  # they are deleted, and nothing else is changed
    PLANNING = "planning"  # a change set, a stack in review and a packages bucket may exist
    CERTIFYING = "certifying"  # AWS may be creating the certificate
    UPLOADING = "uploading"  # packages are being uploaded; the stack is unchanged
    CHANGING = "changing"  # CloudFormation is at work
    PUBLISHING = "publishing"  # the stack is done, the page is not
    DONE = "done"
