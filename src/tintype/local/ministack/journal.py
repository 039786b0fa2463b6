"""A journal of changes that would be lost if the emulator were killed, written before each response.

MiniStack writes objects immediately. It keeps rows and messages in memory until `saving.py` writes
all of them periodically; changes since then are journaled, one per line, and replayed at the next
start. Deletions of messages are not journaled: a message may be delivered again, as on AWS (at
least once). A notification of an object is journaled before the object is written, and again when it
is sent: a kill between the two would leave an object that nobody is ever told of.

There is no fsync: a kill loses nothing, a power cut may lose the last seconds. An upload writes six
lines; an fsync after each took 118 ms of 2.5 s (30 uploads each way, alternating, on a busy
machine).
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from tintype.local.ministack.modules import ministack_module

# Object notifications to send when the request that caused them is done.
_EVENTS: ContextVar[list[Callable[[], None]] | None] = ContextVar("events", default=None)
PUT, REMOVED, SENT, DUE, NOTIFIED = "put", "removed", "sent", "due", "notified"
_PATTERN = "journal.*.jsonl"
_Notification: TypeAlias = "tuple[Sequence[Any], Mapping[str, Any]]"  # of MiniStack's arguments
_log = logging.getLogger(__name__)


class Journal:
    """The changes since the last save, in numbered files in *folder*."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._file: int | None = None
        self._number = 0
        self._due: dict[str, _Notification] = {}

    def keep(self) -> Callable[[], None]:
        """Start journaling, and replay an earlier process's journal; return a function that undoes it."""
        tables, queues, buckets, app = map(
            ministack_module, ("services.dynamodb", "services.sqs", "services.s3", "app")
        )
        undo = contextlib.ExitStack()
        for module, name, around in (
            (tables, "_set_item", self._around_puts),
            (tables, "_remove_item", self._around_removals),
            (queues, "_act_send_message", self._around_sending),
            (buckets, "_deliver_event_to_sqs", self._around_events),
            (buckets, "_fire_s3_event_async", self._after_the_object),
            (buckets, "handle_request", _around_s3_requests),
            (app, "_load_persisted_state", self._around_loading),
        ):
            original = getattr(module, name)
            undo.callback(setattr, module, name, original)
            setattr(module, name, around(original))
        # MiniStack looks up a request's action in its own table.
        actions = queues._HANDLERS  # noqa: SLF001
        undo.callback(actions.__setitem__, "SendMessage", actions["SendMessage"])
        actions["SendMessage"] = queues._act_send_message  # noqa: SLF001
        undo.callback(self._close)
        return undo.close

    @property
    def has_changes(self) -> bool:
        """Whether the journal has unsaved changes."""
        return bool(self._files())

    def turn(self) -> list[Path]:
        """Start a new file; return the older ones, which can be deleted after the next save."""
        with self._lock:
            older = self._files()
            self._close()
            for sequencer, due in self._due.items():
                self._write(DUE, sequencer, *due)
            return older

    @contextlib.contextmanager
    def still(self) -> Iterator[None]:
        """Block changes of rows and messages during the block, so that a copy is consistent."""
        with self._lock:
            yield

    def _files(self) -> list[Path]:
        ours = (path for path in self._folder.glob(_PATTERN) if path.name.split(".")[1].isdecimal())
        return sorted(ours, key=_number_of)

    def _close(self) -> None:
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _write(self, *change: object) -> None:
        persistence = ministack_module("core.persistence")
        line = json.dumps(change, default=persistence._json_default) + "\n"  # noqa: SLF001
        if self._file is None:
            older = self._files()
            number = max(self._number, _number_of(older[-1]) if older else 0) + 1
            path, self._number = self._folder / f"journal.{number}.jsonl", number
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(self._file, line.encode())

    def _around_puts(self, original: Any) -> Any:  # noqa: ANN401 - MiniStack has no types
        def put(table: dict[str, Any], partition: str, sort: str, item: object) -> object:
            with self._lock:
                before = original(table, partition, sort, item)
                self._write(PUT, table["TableArn"], partition, sort, item)
            return before

        return put

    def _around_removals(self, original: Any) -> Any:  # noqa: ANN401
        def remove(table: dict[str, Any], partition: str, sort: str) -> object:
            with self._lock:
                before = original(table, partition, sort)
                self._write(REMOVED, table["TableArn"], partition, sort)
            return before

        return remove

    def _around_sending(self, original: Any) -> Any:  # noqa: ANN401
        def send(data: dict[str, Any], address: str) -> dict[str, Any]:
            # MiniStack's own lock as well: its pollers replace lists under it.
            with self._lock, ministack_module("services.sqs")._queues_lock:  # noqa: SLF001
                sent: dict[str, Any] = original(data, address)
                queue = ministack_module("services.sqs")._get_q(  # noqa: SLF001
                    data.get("QueueUrl", address), "sqs:SendMessage"
                )
                self._write_message(queue, sent["MessageId"])
            return sent

        return send

    def _around_events(self, original: Any) -> Any:  # noqa: ANN401
        def deliver(arn: str, *rest: object, **named: object) -> None:
            queue = ministack_module("services.sqs")._queue_by_arn(arn)  # noqa: SLF001
            with self._lock, ministack_module("services.sqs")._queues_lock:  # noqa: SLF001
                known = {message["id"] for message in queue["messages"]} if queue else set()
                original(arn, *rest, **named)
                for message in queue["messages"] if queue else ():
                    if message["id"] not in known:
                        self._write_message(queue, message["id"])

        return deliver

    def _write_message(self, queue: dict[str, Any], message_id: str) -> None:
        for message in reversed(queue["messages"]):
            if message["id"] == message_id:
                self._write(SENT, queue["attributes"]["QueueArn"], message)
                return

    def _after_the_object(self, _original: object) -> Any:  # noqa: ANN401
        """Notify queues of an object before the response to its upload, not in a thread that may be killed.

        But only after it is written: a message about a missing object would mean that it was deleted.
        """
        buckets = ministack_module("services.s3")

        def fire(bucket: str, *facts: object, **named: object) -> None:
            if bucket not in buckets._bucket_notifications:  # noqa: SLF001
                return
            _, event, *_ = facts
            sequencer = buckets._next_event_sequencer(event)  # noqa: SLF001
            due = (bucket, *facts), {**named, "sequencer": sequencer}
            events = _EVENTS.get()
            if events is None or sequencer is None:
                self._tell(sequencer, *due)
                return
            with self._lock:
                self._due[sequencer] = due
                self._write(DUE, sequencer, *due)
            events.append(partial(self._tell, sequencer, *due))

        return fire

    def _tell(self, sequencer: str | None, facts: Sequence[Any], named: Mapping[str, Any]) -> None:
        origin = ministack_module("core.iam_evaluator")._request_origin  # noqa: SLF001
        token = origin.set(("127.0.0.1", True))  # S3 uses TLS, whatever the request to it did
        try:
            ministack_module("services.s3")._fire_s3_event(*facts, **named)  # noqa: SLF001
        finally:
            origin.reset(token)
        with self._lock:
            if sequencer and self._due.pop(sequencer, None):
                self._write(NOTIFIED, sequencer)

    def _around_loading(self, original: Any) -> Any:  # noqa: ANN401
        def load() -> None:
            original()
            for path in self._files():
                _do_all_again(path, self._due)
            _give_back_messages()
            for sequencer, due in list(self._due.items()):
                if _is_there(*due):
                    self._tell(sequencer, *due)
            self._due.clear()

        return load


def _number_of(path: Path) -> int:
    return int(path.name.split(".")[1])


def _around_s3_requests(original: Any) -> Any:  # noqa: ANN401
    async def handle(*asked: object, **named: object) -> object:
        events: list[Callable[[], None]] = []
        token = _EVENTS.set(events)
        try:
            answer = await original(*asked, **named)
        finally:
            _EVENTS.reset(token)
        for tell in events:
            tell()
        return answer

    return handle


def _do_all_again(path: Path, due: dict[str, _Notification]) -> None:
    """Replay a file's changes; invalid lines are logged and skipped.

    The killed process may have written only part of the last line.
    """
    hook = ministack_module("core.persistence")._json_object_hook  # noqa: SLF001
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            _do_again(due, *json.loads(line, object_hook=hook))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            _log.warning("%s, line %d cannot be replayed: %s", path, number, error)


def _do_again(due: dict[str, _Notification], kind: str, arn: str, *facts: Any) -> None:  # noqa: ANN401
    """Replay a change, unless its table or queue has been deleted; keep what is *due*."""
    if kind == DUE:
        (bucket, key, *rest), named = facts
        due[arn] = (str(bucket), str(key), *rest), dict(named)
        return
    if kind == NOTIFIED:
        due.pop(arn, None)
        return
    if kind == SENT:
        queue = ministack_module("services.sqs")._queue_by_arn(arn)  # noqa: SLF001
        (message,) = facts
        _check_message(message)
        if queue is not None and all(one["id"] != message["id"] for one in queue["messages"]):
            queue["messages"].append(message)
        return
    tables = ministack_module("services.dynamodb")
    do = {PUT: tables._set_item, REMOVED: tables._remove_item}[kind]  # noqa: SLF001
    for _, table in tables._tables.all_items():  # noqa: SLF001
        if table["TableArn"] == arn:
            do(table, *facts)


def _is_there(facts: Sequence[Any], named: Mapping[str, Any]) -> bool:
    """Whether a notification's object is as it says; the request may have been killed before."""
    bucket, key, event, *_ = facts
    buckets = ministack_module("services.s3")._buckets  # noqa: SLF001
    stored = buckets.get(bucket, {}).get("objects", {}).get(key)
    if not event.startswith("s3:ObjectCreated:"):
        return stored is None
    return stored is not None and stored["etag"] == named["etag"]


def _check_message(message: Any) -> None:  # noqa: ANN401
    """Check that a message has the fields that MiniStack reads.

    Raises:
        TypeError, KeyError: it does not.
    """
    if not isinstance(message["body"], str) or not isinstance(message["visible_at"], int | float):
        what = "a message's body must be text, and its visible_at a number"
        raise TypeError(what)


def _give_back_messages() -> None:
    """Make messages in flight visible again, since the functions' processes are gone."""
    for queue in ministack_module("services.sqs")._queues._data.values():  # noqa: SLF001
        for message in queue["messages"]:
            if message.get("receipt_handle"):
                message["receipt_handle"] = None
                message["visible_at"] = time.time()
