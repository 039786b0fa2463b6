"""Many files at once to one stack, and their images followed to their ends. Start with `run_uploads`.

Workers send, one file each; this thread alone keeps the books. Everything that happens (a file sent,
news of an image) is put into one queue, which it empties.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event as Flag
from time import perf_counter

from tintype.cli.bars import UploadBars
from tintype.cli.batch import Failure, failed
from tintype.cli.client import Api
from tintype.cli.errors import ApiUnreachableError, NotTheApiError
from tintype.cli.files import Collection
from tintype.cli.following import Ended, Event, Follower
from tintype.cli.journal import open_journal
from tintype.cli.remote import Via, remarks
from tintype.cli.screen import Screen
from tintype.cli.sending import Sender, Sent, StoppedError
from tintype.cli.stacks import Stack
from tintype.cli.watching import Address
from tintype.images import Image, Status

_LONGEST_WAIT_SECONDS = 1.0  # for news; so that Ctrl-C is seen on Windows as well


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How the files are to be uploaded, and whether to *wait* for their images' ends."""

    via: Via
    parallel: int
    again: bool
    wait: bool
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class Upload:
    """What became of one file. *image* is there once its end is known, *skipped* if it was there.

    *seconds* is the time from its first byte to its end.
    """

    file: Path
    bytes: int = 0
    image_id: str | None = None
    skipped: bool = False
    image: Image | None = None
    failure: Failure | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Uploads:
    """How a whole run ended. *aborted* if the API is gone, *interrupted* by Ctrl-C."""

    uploads: tuple[Upload, ...]
    total: int
    seconds: float
    interrupted: bool = False
    aborted: bool = False


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A worker is done with a file."""

    file: Path
    future: Future[Sent]


def run_uploads(found: Collection, order: Order, stack: Stack, screen: Screen) -> Uploads:
    """Upload a collection; Ctrl-C ends it early and says what is there."""
    start = perf_counter()
    with ExitStack() as open_things:
        api = open_things.enter_context(stack.api())
        run = _Run(found, order, api, screen)
        open_things.enter_context(run.bars)
        if order.wait:
            follower = run.followed_by(_address(stack), remarks(screen))
            open_things.enter_context(follower)
        interrupted = False
        try:
            run.work()
        except KeyboardInterrupt:
            interrupted = True
        finally:
            run.stop()
    total = len(found.originals) + len(found.failures)
    seconds = perf_counter() - start
    return Uploads(run.result(), total, seconds, interrupted, run.aborted)


def _address(stack: Stack) -> Address | None:
    names = ("GraphqlRealtimeUrl", "GraphqlUrl", "GraphqlApiKey")
    values = [stack.outputs.get(name) for name in names]
    return Address(*map(str, values)) if all(values) else None


class _Run:
    """The books of one run."""

    def __init__(self, found: Collection, order: Order, api: Api, screen: Screen) -> None:
        self._order = order
        self._api = api
        self._inbox: SimpleQueue[Event | _Arrived] = SimpleQueue()
        self._files = [original.path for original in found.originals.values()]
        self._stop = Flag()
        self._pool = ThreadPoolExecutor(order.parallel, thread_name_prefix="upload")
        self._begun: dict[Path, float] = {}
        self._uploads = {
            path: Upload(path, failure=failed(path, error).failure)
            for path, error in found.failures.items()
        }
        self._waiting: dict[str, list[Path]] = {}
        self._running = 0
        self._follower: Follower | None = None
        self.aborted = False
        self._sizes = {file: _size(file) for file in self._files}
        total = sum(self._sizes.values())
        self.bars = UploadBars(screen, files=len(self._files), size=total)
        self._sender = Sender(
            api=api,
            journal=open_journal(api.url),
            meter=self.bars,
            stop=self._stop,
            via=order.via,
            again=order.again,
        )

    def followed_by(self, address: Address | None, say: Callable[[str], None]) -> Follower:
        """Return a follower that tells this run."""
        self._follower = Follower(
            self._api,
            address,
            tell=self._inbox.put,
            say=say,
            timeout_seconds=self._order.timeout_seconds,
        )
        return self._follower

    def work(self) -> None:
        """Send everything, and take in what happens until all has come to its end."""
        for file in self._files:
            future = self._pool.submit(self._send, file)
            future.add_done_callback(partial(self._tell, file))
            self._running += 1
        while self._running or (self._follower and self._follower.busy):
            self._take_one()
            if self._follower:
                for ended in self._follower.ask():
                    self._end(ended)

    def stop(self) -> None:
        """Let nothing more begin."""
        self._stop.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def result(self) -> tuple[Upload, ...]:
        """Return what is known of each file, in the order in which they were given."""
        known = self._uploads
        first = [path for path in known if path not in self._sizes]
        return tuple(known[path] for path in (*first, *self._files) if path in known)

    def _send(self, file: Path) -> Sent:
        if self._stop.is_set():
            raise StoppedError
        self._begun[file] = perf_counter()
        try:
            return self._sender.send(file)
        except (ApiUnreachableError, NotTheApiError):
            # It would be the same for every other file, one patience after the other.
            self._stop.set()
            self.aborted = True
            raise

    def _tell(self, file: Path, done: Future[Sent]) -> None:
        self._inbox.put(_Arrived(file, done))

    def _take_one(self) -> None:
        follower = self._follower
        pause = follower.seconds_to_next() if follower else None
        wait = _LONGEST_WAIT_SECONDS if pause is None else min(pause, _LONGEST_WAIT_SECONDS)
        try:
            event = self._inbox.get(timeout=wait)
        except Empty:
            return
        if isinstance(event, _Arrived):
            self._arrived(event)
        elif follower:
            for ended in follower.handle(event):
                self._end(ended)

    def _arrived(self, event: _Arrived) -> None:
        """Enter a file that is there, or why it is not."""
        self._running -= 1
        if event.future.cancelled():
            return
        file, size = event.file, self._sizes[event.file]
        try:
            sent = event.future.result()
        except StoppedError:
            return
        except Exception as error:  # noqa: BLE001 - the others go on
            self._failed(file, error)
        else:
            seconds = self._since(file)
            upload = Upload(file, sent.size, sent.image_id, sent.skipped, seconds=seconds)
            self._uploads[file] = upload
            if self._follower:
                self._waiting.setdefault(sent.image_id, []).append(file)
                self._follower.follow(sent.image_id)
        self.bars.arrived(file, size)
        self._count()

    def _failed(self, file: Path, error: Exception) -> None:
        outcome = failed(file, error)
        self._uploads[file] = Upload(file, outcome.bytes, failure=outcome.failure)

    def _end(self, ended: Ended) -> None:
        """Enter the end of an image for all files that are this image."""
        for file in self._waiting.pop(ended.image_id, []):
            upload = replace(
                self._uploads[file],
                image=ended.image,
                failure=_failure_of(ended, file),
                seconds=self._since(file),
            )
            self._uploads[file] = upload
        self._count()

    def _count(self) -> None:
        waiting = sum(map(len, self._waiting.values()))
        developed = len(self._uploads) - waiting if self._follower else None
        self.bars.count(uploaded=len(self._uploads), developed=developed)

    def _since(self, file: Path) -> float:
        return perf_counter() - self._begun[file]


def _failure_of(ended: Ended, file: Path) -> Failure | None:
    """Return why an image is not ready, None if it is."""
    if ended.error:
        return failed(file, ended.error).failure
    image = ended.image
    if image is None or image.status is Status.READY:
        return None
    if image.failure:
        return Failure(image.failure.code, image.failure.message)
    return Failure("deleted", "the image was deleted")


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
