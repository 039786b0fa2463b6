"""Images are followed until they are ready or have failed: told by the socket, else by asking.

Start with `Follower`. It only reacts: whoever owns it takes events from one queue, hands on those
that are for it, and calls `ask` when `seconds_to_next` are over. The socket says that something
changed, the API says what; what is known is only ever replaced by a higher version. Even while the
socket is open the API is asked now and then, since an announcement may fail after the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from typing import Self, TypeAlias

from tintype.cli.client import Api
from tintype.cli.errors import ApiRefusedError, CliError, NotReadyInTimeError, NotTheApiError
from tintype.cli.watching import Address, Changed, Heard, Lost, Opened, Subscription
from tintype.cli.words import duration
from tintype.images import Image, Status

FIRST_PAUSE_SECONDS = 0.5  # between two questions about an image, while no socket tells
LONGEST_PAUSE_SECONDS = 8.0
LIVE_PAUSE_SECONDS = 15.0  # the same, while one does
LAG_PAUSE_SECONDS = 0.2  # before an answer that was older than what is known
PAUSE_GROWTH = 1.6
# A failure that may be followed by a success: it is written before the last try, which takes no longer.
PROVISIONAL_SECONDS = 40.0
_QUESTIONS_AT_ONCE = 4
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_ENDS = frozenset({Status.READY, Status.FAILED, Status.DELETED})


@dataclass(frozen=True, slots=True)
class Answered:
    """What the API says of an image, or why it says nothing."""

    image_id: str
    answer: Image | CliError


@dataclass(frozen=True, slots=True)
class Ended:
    """How an image ended: as the API has it, or why that is not known."""

    image_id: str
    image: Image | None = None
    error: CliError | None = None


Event: TypeAlias = Heard | Answered


@dataclass(slots=True)
class _Followed:
    """What is known of one image; times are those of `monotonic`."""

    since: float
    next_at: float
    pause: float
    version: int = 0
    asked: bool = False
    failed_at: float | None = None
    error: CliError | None = field(default=None)


class Follower:
    """Follows any number of images; `Event`s are put where *tell* puts them, for `handle`."""

    def __init__(
        self,
        api: Api,
        address: Address | None,
        *,
        tell: Callable[[Event], None],
        say: Callable[[str], None],
        timeout_seconds: float,
    ) -> None:
        self._api = api
        self._tell = tell
        self._say = say
        self._timeout = timeout_seconds
        self._followed: dict[str, _Followed] = {}
        self._live = False
        self._loss = ""
        self._told_loss = False
        self._pool = ThreadPoolExecutor(_QUESTIONS_AT_ONCE, thread_name_prefix="ask")
        self._subscription = Subscription(address, tell) if address else None

    def __enter__(self) -> Self:
        if self._subscription:
            self._subscription.start()
        else:
            self._say("Asking for news: an address alone does not say where they are announced.")
        return self

    def __exit__(self, *_error: object) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._subscription:
            self._subscription.close()

    @property
    def busy(self) -> bool:
        """Whether an image has not come to its end."""
        return bool(self._followed)

    def follow(self, image_id: str) -> None:
        """Follow one image more; what it is by now is asked at once."""
        now = monotonic()
        self._followed[image_id] = _Followed(now, now, FIRST_PAUSE_SECONDS)
        self._tell_loss()

    def seconds_to_next(self) -> float | None:
        """Return how long nothing is to be asked, None if never."""
        due = [one.next_at for one in self._followed.values() if not one.asked]
        due += [one.since + self._timeout for one in self._followed.values()]
        return max(0.0, min(due) - monotonic()) if due else None

    def ask(self) -> Iterator[Ended]:
        """Ask about the images that are due; yield those that took too long."""
        now = monotonic()
        for image_id, one in list(self._followed.items()):
            if now - one.since > self._timeout:
                yield self._ended(image_id, error=one.error or _late(self._timeout))
            elif now >= one.next_at and not one.asked:
                one.asked = True
                self._pool.submit(self._question, image_id)

    def handle(self, event: Event) -> Iterator[Ended]:
        """Take in what was heard or answered; yield an image that has come to its end by it."""
        if isinstance(event, Answered):
            yield from self._answered(event)
        elif isinstance(event, Changed):
            self._changed(event)
        elif isinstance(event, Opened):
            self._live, self._loss = True, ""
            self._hurry()
        else:
            self._lost(event)

    def _question(self, image_id: str) -> None:
        try:
            answer: Image | CliError = self._api.image(image_id)
        except CliError as error:
            answer = error
        self._tell(Answered(image_id, answer))

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
        self._tell_loss()
        self._hurry()

    def _tell_loss(self) -> None:
        """Say once that nobody tells, if there is something to be told."""
        if self._loss and self._followed and not self._told_loss:
            self._say(f"No live updates ({self._loss}); asking every few seconds instead.")
            self._told_loss = True

    def _hurry(self) -> None:
        """Ask about all: something may have happened while nobody told."""
        for one in self._followed.values():
            one.next_at = 0.0
            one.pause = FIRST_PAUSE_SECONDS

    def _answered(self, event: Answered) -> Iterator[Ended]:
        one = self._followed.get(event.image_id)
        if one is None:
            return
        one.asked = False
        if isinstance(event.answer, CliError):
            if self._is_gone(one, event.answer) or isinstance(event.answer, NotTheApiError):
                yield self._ended(event.image_id, error=event.answer)
                return
            one.error = event.answer
        elif event.answer.version < one.version:
            one.next_at = monotonic() + LAG_PAUSE_SECONDS  # the API lags behind what was announced
            return
        elif self._is_end(one, event.answer):
            yield self._ended(event.image_id, image=event.answer)
            return
        self._schedule(one)

    def _is_gone(self, one: _Followed, error: CliError) -> bool:
        """Whether there is no such image any more, or for so long that there never will be."""
        known = one.version > 0 or monotonic() - one.since > LONGEST_PAUSE_SECONDS
        return known and isinstance(error, ApiRefusedError) and error.status in _GONE

    def _is_end(self, one: _Followed, image: Image) -> bool:
        """Whether nothing follows; a provisional failure is given the time to become a success."""
        now = monotonic()
        if image.version > one.version:
            one.version, one.since = image.version, now
        one.error = None
        if image.status is Status.FAILED and image.failure and image.failure.retryable:
            one.failed_at = one.failed_at or now
            return now - one.failed_at >= PROVISIONAL_SECONDS
        return image.status in _ENDS

    def _schedule(self, one: _Followed) -> None:
        """Set when an image is asked about next, if nothing is told about it before."""
        one.next_at = monotonic() + (LIVE_PAUSE_SECONDS if self._live else one.pause)
        if not self._live:
            one.pause = min(one.pause * PAUSE_GROWTH, LONGEST_PAUSE_SECONDS)

    def _ended(
        self, image_id: str, *, image: Image | None = None, error: CliError | None = None
    ) -> Ended:
        del self._followed[image_id]
        return Ended(image_id, image, error)


def _late(seconds: float) -> NotReadyInTimeError:
    message = f"nothing new for {duration(seconds)}; tintype show tells what becomes of it"
    return NotReadyInTimeError(message)
