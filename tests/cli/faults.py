"""What can go wrong in the small stack."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Faults:
    """How often each thing goes wrong before it goes right."""

    unavailable: int = 0  # requests to the API answered with 503
    broken_uploads: int = 0  # connections closed in the middle of an upload
    lost_responses: int = 0  # uploads that arrive, whose answer does not
    expired_tickets: int = 0  # uploads refused with 403
    dropped_sockets: int = 0  # sockets closed once the subscription stands
    refuse_sockets: str = ""  # what every socket is refused with
    silent: bool = False  # nothing is announced

    def happens(self, name: str) -> bool:
        """Whether a fault is to happen now; it is counted down."""
        left = getattr(self, name)
        if left:
            setattr(self, name, left - 1)
        return bool(left)
