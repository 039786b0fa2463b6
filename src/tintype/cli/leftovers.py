"""Find images that earlier runs of the local cloud left unfinished, and report them in a line."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

from tintype.aws.errors import ServiceError
from tintype.cli.stack import DEFAULT_NAME
from tintype.local.cloud import LocalCloud
from tintype.local.state import REGION

# At once, and again when work in progress at the start has finished, or never will.
CHECK_AFTER_SECONDS = (0.0, 45.0)


class Leftovers:
    """Searches in the background, so that nothing waits for it."""

    def __init__(self, cloud: LocalCloud, on_line: Callable[[str], None]) -> None:
        self._cloud, self._on_line = cloud, on_line
        self._stopped = Event()
        self._thread = Thread(target=self._look, name="tintype-leftovers", daemon=True)

    def start(self) -> None:
        """Start searching."""
        self._thread.start()

    def stop(self) -> None:
        """Stop searching."""
        self._stopped.set()

    def _look(self) -> None:
        for seconds in CHECK_AFTER_SECONDS:
            if self._stopped.wait(seconds):
                return
            found = left_undone(self._cloud)
            for line in found:
                self._on_line(line)
            if found:
                return


def left_undone(cloud: LocalCloud) -> list[str]:
    """Return a line for each kind of unfinished image, with the command to run; none on errors."""
    from tintype.aws.sdk import clients_of  # noqa: PLC0415 - loads AWS's SDK
    from tintype.doctor.checks.images import images  # noqa: PLC0415 - likewise
    from tintype.doctor.findings import Finding  # noqa: PLC0415 - likewise
    from tintype.doctor.stack import StackUnderTest  # noqa: PLC0415 - only here

    found: list[str] = []
    with suppress(ServiceError):  # it is being stopped, or the doctor will report the cause
        target = StackUnderTest(
            DEFAULT_NAME, cloud.outputs, REGION, clients_of(cloud.account), cloud.endpoint
        )
        found = [
            f"{one.message} To fix it: {one.remedy}"
            for one in images(target)
            if isinstance(one, Finding)
        ]
    return found
