"""Follow images until they are ready or have failed, through the socket or by polling.

Start with `Follower`. It only reacts: its owner takes events from one queue, passes them to it, and
calls `poll` after `seconds_to_next`. The socket reports that something changed, the API what; known
state is only ever replaced by a higher version. Even while the socket is open, the API is polled
occasionally, since an announcement may fail after the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from typing import Self, TypeAlias

from tintype.client.api import Api
from tintype.client.errors import (
    ApiRefusedError,
    ClientError,
    NotReadyInTimeError,
    NotSignedInError,
    NotTheApiError,
)
from tintype.client.subscription import (
    Address,
    Changed,
    Lost,
    Opened,
    Subscription,
    SubscriptionEvent,
)
from tintype.images import Image, Status
from tintype.processing.manifests import PROVISIONAL_SECONDS

FIRST_PAUSE_SECONDS = 0.5  # between two polls of an image, without a socket
LONGEST_PAUSE_SECONDS = 8.0
LIVE_PAUSE_SECONDS = 15.0  # the same, with a socket
LAG_PAUSE_SECONDS = 0.2  # after a response older than the known state
PAUSE_GROWTH = 1.6
_POLLS_AT_ONCE = 4
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_ENDS = frozenset(status for status in Status if status.is_end)


@dataclass(frozen=True, slots=True)
class PollResult:
    """The API's response about an image, or its error."""

    image_id: str
    result: Image | ClientError


@dataclass(frozen=True, slots=True)
class Ended:
    """The final state of an image, or why it is unknown."""

    image_id: str
    image: Image | None = None
    error: ClientError | None = None


Event: TypeAlias = SubscriptionEvent | PollResult


@dataclass(slots=True)
class _Followed:
    """The known state of one image; times are those of `monotonic`."""

    since: float
    next_at: float
    pause: float
    version: int = 0
    polling: bool = False
    failed_at: float | None = None
    error: ClientError | None = field(default=None)


class Follower:
    """Follows any number of images; *on_event* receives each `Event`, to be passed to `handle`.

    Without an *address* it polls; *why_polling* is then said once.
    """

    def __init__(
        self,
        api: Api,
        address: Address | None,
        *,
        why_polling: str = "the API address alone gives no live updates",
        on_event: Callable[[Event], None],
        on_remark: Callable[[str], None],
        timeout_seconds: float,
    ) -> None:
        self._api = api
        self._on_event = on_event
        self._on_remark = on_remark
        self._why_polling = why_polling
        self._timeout = timeout_seconds
        self._followed: dict[str, _Followed] = {}
        self._live = False
        self._loss = ""
        self._loss_reported = False
        self._pool = ThreadPoolExecutor(_POLLS_AT_ONCE, thread_name_prefix="ask")
        self._subscription = Subscription(address, on_event) if address else None

    def __enter__(self) -> Self:
        if self._subscription:
            self._subscription.start()
        else:
            self._on_remark(f"Polling for updates: {self._why_polling}.")
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._subscription:
            self._subscription.close()

    @property
    def busy(self) -> bool:
        """Whether an image is not finished."""
        return bool(self._followed)

    def follow(self, image_id: str) -> None:
        """Follow another image, and ask for its current state at once."""
        now = monotonic()
        self._followed[image_id] = _Followed(now, now, FIRST_PAUSE_SECONDS)
        self._report_loss()

    def seconds_to_next(self) -> float | None:
        """Return the time until the next poll, or None if there is none."""
        due = [one.next_at for one in self._followed.values() if not one.polling]
        due += [one.since + self._timeout for one in self._followed.values()]
        return max(0.0, min(due) - monotonic()) if due else None

    def poll(self) -> Iterator[Ended]:
        """Poll the images that are due; yield those that timed out."""
        now = monotonic()
        for image_id, one in list(self._followed.items()):
            if now - one.since > self._timeout:
                yield self._ended(image_id, error=one.error or _late(self._timeout))
            elif now >= one.next_at and not one.polling:
                one.polling = True
                self._pool.submit(self._poll, image_id)

    def handle(self, event: Event) -> Iterator[Ended]:
        """Process an event; yield the image that it finished, if any."""
        if isinstance(event, PollResult):
            yield from self._polled(event)
        elif isinstance(event, Changed):
            self._changed(event)
        elif isinstance(event, Opened):
            self._live, self._loss = True, ""
            self._hurry()
        else:
            self._lost(event)

    def _poll(self, image_id: str) -> None:
        try:
            result: Image | ClientError = self._api.image(image_id)
        except ClientError as error:
            result = error
        self._on_event(PollResult(image_id, result))

    def _changed(self, change: Changed) -> None:
        one = self._followed.get(change.image_id)
        if one and change.version > one.version:
            one.version = change.version
            one.since = monotonic()
            if change.status in _ENDS:
                one.next_at = 0.0

    def _lost(self, loss: Lost) -> None:
        self._live = False
        self._loss = loss.reason
        self._report_loss()
        self._hurry()

    def _report_loss(self) -> None:
        """Report once that there are no live updates, if images are followed."""
        if self._loss and self._followed and not self._loss_reported:
            self._on_remark(f"No live updates ({self._loss}); polling every few seconds instead.")
            self._loss_reported = True

    def _hurry(self) -> None:
        """Poll all images: one may have changed without an update."""
        for one in self._followed.values():
            one.next_at = 0.0
            one.pause = FIRST_PAUSE_SECONDS

    def _polled(self, event: PollResult) -> Iterator[Ended]:
        one = self._followed.get(event.image_id)
        if one is None:
            return
        one.polling = False
        if isinstance(event.result, ClientError):
            hopeless = isinstance(event.result, NotTheApiError | NotSignedInError)
            if hopeless or self._is_gone(one, event.result):
                yield self._ended(event.image_id, error=event.result)
                return
            one.error = event.result
        elif event.result.version < one.version:
            one.next_at = monotonic() + LAG_PAUSE_SECONDS  # the API lags behind what was announced
            return
        elif self._is_end(one, event.result):
            yield self._ended(event.image_id, image=event.result)
            return
        self._schedule(one)

    def _is_gone(self, one: _Followed, error: ClientError) -> bool:
        """Whether the image was deleted, or has not appeared for so long that it never will."""
        known = one.version > 0 or monotonic() - one.since > LONGEST_PAUSE_SECONDS
        return known and isinstance(error, ApiRefusedError) and error.status in _GONE

    def _is_end(self, one: _Followed, image: Image) -> bool:
        """Whether the image is finished; a provisional failure gets time to become a success."""
        now = monotonic()
        if image.version > one.version:
            one.version, one.since = image.version, now
        one.error = None
        if image.status is Status.FAILED and image.failure and image.failure.retryable:
            one.failed_at = one.failed_at or now
            return now - one.failed_at >= PROVISIONAL_SECONDS
        return image.status.is_end

    def _schedule(self, one: _Followed) -> None:
        """Set the time of the image's next poll, if no update comes before."""
        one.next_at = monotonic() + (LIVE_PAUSE_SECONDS if self._live else one.pause)
        if not self._live:
            one.pause = min(one.pause * PAUSE_GROWTH, LONGEST_PAUSE_SECONDS)

    def _ended(
        self, image_id: str, *, image: Image | None = None, error: ClientError | None = None
    ) -> Ended:
        del self._followed[image_id]
        return Ended(image_id, image, error)


def _late(seconds: float) -> NotReadyInTimeError:
    return NotReadyInTimeError(f"no update for {seconds:g} s")
