"""How far a deployment is: what may be there by then, if somebody stops it."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """The phases in their order; each begins before the first request that changes something."""

    LOOKING = "looking"  # nothing is changed
    CLEARING = "clearing"  # what is left of a failed creation is being deleted
    CLEARED = "cleared"  # it is deleted, and nothing else is changed
    ASKING = "asking"  # there may be a change set, a stack under review and a packages bucket
    CERTIFYING = "certifying"  # AWS may be making the certificate
    SENDING = "sending"  # packages go into their bucket; the stack is as it was
    CHANGING = "changing"  # CloudFormation is at work
    PUBLISHING = "publishing"  # the stack is done, the page is not
    DONE = "done"
