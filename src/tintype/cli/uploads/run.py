"""Upload many files to one stack, and follow their images until done. Start with `run_uploads`.

Workers send, one file each; only this thread keeps the state. All events (a file sent, an update of an
image) go into one queue, which it reads.
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

from tintype.access import Visibility
from tintype.cli.connection import Via
from tintype.cli.files.batch import FileFailure, failed
from tintype.cli.files.find import Collection
from tintype.cli.output.console import Screen
from tintype.cli.output.progress import UploadBars
from tintype.cli.stack import Stack
from tintype.cli.uploads.cache import open_cache
from tintype.cli.uploads.send import FileSender, Sent
from tintype.client.api import Api
from tintype.client.errors import (
    ApiUnreachableError,
    NoLiveUpdatesError,
    NotSignedInError,
    NotTheApiError,
)
from tintype.client.following import Ended, Event, Follower
from tintype.client.live import live_address
from tintype.client.sender import Sender, UploadStoppedError
from tintype.client.subscription import Address
from tintype.images import Image, Status
from tintype.outputs import Output

_LONGEST_WAIT_SECONDS = 1.0  # for an event; so that Ctrl-C also works on Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadOptions:
    """How to upload the files, and whether to *wait* until their images are done."""

    via: Via
    parallel: int
    again: bool
    wait: bool
    timeout_seconds: float
    visibility: Visibility | None = None


@dataclass(frozen=True, slots=True)
class FileUpload:
    """The result of one file. *image* is set once it is done; *skipped*: it was uploaded before.

    *seconds* is the time from its first byte until it is done.
    """

    file: Path
    bytes: int = 0
    image_id: str | None = None
    skipped: bool = False
    image: Image | None = None
    failure: FileFailure | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Uploads:
    """The result of a run. *aborted*: the API is gone; *interrupted*: by Ctrl-C."""

    uploads: tuple[FileUpload, ...]
    total: int
    seconds: float
    interrupted: bool = False
    aborted: bool = False


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A worker has finished a file."""

    file: Path
    future: Future[Sent]


def run_uploads(found: Collection, options: UploadOptions, stack: Stack, screen: Screen) -> Uploads:
    """Upload a collection; Ctrl-C ends it early and keeps the results so far."""
    start = perf_counter()
    with ExitStack() as open_things:
        api = open_things.enter_context(stack.api())
        run = _Run(found, options, api, screen)
        open_things.enter_context(run.bars)
        if options.wait:
            follower = run.followed_by(*_address(stack, api), screen.remark)
            open_things.enter_context(follower)
        interrupted = False
        try:
            run.work()
        except KeyboardInterrupt:
            interrupted = True
            run.take_what_arrived()
        finally:
            run.stop()
    total = len(found.originals) + len(found.failures)
    seconds = perf_counter() - start
    return Uploads(run.result(), total, seconds, interrupted, run.aborted)


def _address(stack: Stack, api: Api) -> tuple[Address | None, str]:
    """Return where to hear of changes, or None and why there are only polls."""
    outputs = stack.outputs
    try:
        address = live_address(
            api,
            realtime_url=outputs.get(Output.GRAPHQL_REALTIME_URL, ""),
            graphql_url=outputs.get(Output.GRAPHQL_URL, ""),
            public_key=outputs.get(Output.GRAPHQL_API_KEY, ""),
        )
    except NoLiveUpdatesError as error:
        return None, str(error)
    return address, ""


class _Run:
    """The state of one run."""

    def __init__(self, found: Collection, options: UploadOptions, api: Api, screen: Screen) -> None:
        self._options = options
        self._api = api
        self._inbox: SimpleQueue[Event | _Arrived] = SimpleQueue()
        self._files = [original.path for original in found.originals.values()]
        self._stop = Flag()
        self._pool = ThreadPoolExecutor(options.parallel, thread_name_prefix="upload")
        self._begun: dict[Path, float] = {}
        self._uploads = {
            path: FileUpload(path, failure=failed(path, error).failure)
            for path, error in found.failures.items()
        }
        self._waiting: dict[str, list[Path]] = {}
        self._running = 0
        self._follower: Follower | None = None
        self.aborted = False
        self._sizes = {file: _size(file) for file in self._files}
        total = sum(self._sizes.values())
        self.bars = UploadBars(screen, files=len(self._files), size=total)
        self._sender = FileSender(
            sender=Sender(api=api, stop=self._stop),
            cache=open_cache(api.url),
            bars=self.bars,
            via=options.via,
            again=options.again,
            visibility=options.visibility,
        )

    def followed_by(
        self, address: Address | None, why_polling: str, on_remark: Callable[[str], None]
    ) -> Follower:
        """Return a follower that sends its events to this run."""
        self._follower = Follower(
            self._api,
            address,
            why_polling=why_polling,
            on_event=self._inbox.put,
            on_remark=on_remark,
            timeout_seconds=self._options.timeout_seconds,
        )
        return self._follower

    def work(self) -> None:
        """Send everything, and process events until all is done."""
        for file in self._files:
            future = self._pool.submit(self._send, file)
            future.add_done_callback(partial(self._put, file))
            self._running += 1
        while self._running or (self._follower and self._follower.busy):
            self._take_one()
            if self._follower:
                for ended in self._follower.poll():
                    self._end(ended)

    def take_what_arrived(self) -> None:
        """Process the events so far, without waiting for more."""
        while not self._inbox.empty():
            self._take_one()

    def stop(self) -> None:
        """Start nothing more."""
        self._stop.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def result(self) -> tuple[FileUpload, ...]:
        """Return the result of each file, in the given order."""
        known = self._uploads
        first = [path for path in known if path not in self._sizes]
        return tuple(known[path] for path in (*first, *self._files) if path in known)

    def _send(self, file: Path) -> Sent:
        if self._stop.is_set():
            raise UploadStoppedError
        self._begun[file] = perf_counter()
        try:
            return self._sender.send(file)
        except (ApiUnreachableError, NotSignedInError, NotTheApiError):
            # Every other file would fail the same way, after waiting in turn.
            self._stop.set()
            self.aborted = True
            raise

    def _put(self, file: Path, done: Future[Sent]) -> None:
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
        """Record a sent file, or why it failed."""
        self._running -= 1
        if event.future.cancelled():
            return
        file, size = event.file, self._sizes[event.file]
        try:
            sent = event.future.result()
        except UploadStoppedError:
            return
        except Exception as error:  # noqa: BLE001 - the others continue
            self._failed(file, error)
        else:
            seconds = self._since(file)
            upload = FileUpload(file, sent.size, sent.image_id, sent.skipped, seconds=seconds)
            self._uploads[file] = upload
            if self._follower:
                self._waiting.setdefault(sent.image_id, []).append(file)
                self._follower.follow(sent.image_id)
        self.bars.arrived(file, size)
        self._count()

    def _failed(self, file: Path, error: Exception) -> None:
        outcome = failed(file, error)
        self._uploads[file] = FileUpload(file, outcome.bytes, failure=outcome.failure)

    def _end(self, ended: Ended) -> None:
        """Record an image's result for all of its files."""
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
        processed = len(self._uploads) - waiting if self._follower else None
        self.bars.count(uploaded=len(self._uploads), processed=processed)

    def _since(self, file: Path) -> float:
        return perf_counter() - self._begun[file]


def _failure_of(ended: Ended, file: Path) -> FileFailure | None:
    """Return why an image is not ready, or None if it is."""
    if ended.error:
        return failed(file, ended.error).failure
    image = ended.image
    if image is None or image.status is Status.READY:
        return None
    if image.failure:
        return FileFailure(image.failure.code, image.failure.message)
    return FileFailure("deleted", "the image was deleted")


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
