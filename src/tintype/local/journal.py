"""What the emulator would lose if its process were killed: each change is written down before it is answered.

MiniStack writes objects at once. Rows and messages it keeps in memory, until `saving.py` writes all of
them now and then; what changed since then is here, a line each, and is done again at the next start.
That a message was deleted is not written down: it may come again, as it may on AWS (at least once).
Without a wait for the disk: a kill loses nothing, a power cut may lose the last seconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import Any

from tintype.local.inside import inside

# What is to be told of objects when the request that changed them is done.
_EVENTS: ContextVar[list[Callable[[], None]] | None] = ContextVar("events", default=None)
PUT, REMOVED, SENT = "put", "removed", "sent"
_PATTERN = "journal.*.jsonl"


class Journal:
    """The changes since everything was saved, in files of *folder* that are numbered by age."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._file: int | None = None
        self._number = 0

    def keep(self) -> Callable[[], None]:
        """Begin to write down, and do again what an earlier process wrote; return what undoes it."""
        tables, queues, buckets, app = map(
            inside, ("services.dynamodb", "services.sqs", "services.s3", "app")
        )
        undo = contextlib.ExitStack()
        for module, name, around in (
            (tables, "_set_item", self._around_puts),
            (tables, "_remove_item", self._around_removals),
            (queues, "_act_send_message", self._around_sending),
            (buckets, "_deliver_event_to_sqs", self._around_events),
            (buckets, "_fire_s3_event_async", _after_the_object),
            (buckets, "handle_request", _around_s3_requests),
            (app, "_load_persisted_state", self._around_loading),
        ):
            original = getattr(module, name)
            undo.callback(setattr, module, name, original)
            setattr(module, name, around(original))
        # MiniStack looks a request's action up in a table of its own.
        actions = queues._HANDLERS  # noqa: SLF001
        undo.callback(actions.__setitem__, "SendMessage", actions["SendMessage"])
        actions["SendMessage"] = queues._act_send_message  # noqa: SLF001
        undo.callback(self._close)
        return undo.close

    def turn(self) -> list[Path]:
        """Begin a new file; return the older ones, which may go when all that is now has been saved."""
        with self._lock:
            older = self._files()
            self._close()
            return older

    @contextlib.contextmanager
    def still(self) -> Iterator[None]:
        """Let nobody change rows and messages meanwhile: a copy of what changes may lack some."""
        with self._lock:
            yield

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(_PATTERN), key=_number_of)

    def _close(self) -> None:
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _write(self, *change: object) -> None:
        persistence = inside("core.persistence")
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
            # MiniStack's own lock too: its pollers put new lists in the old ones' places under it.
            with self._lock, inside("services.sqs")._queues_lock:  # noqa: SLF001
                sent: dict[str, Any] = original(data, address)
                queue = inside("services.sqs")._get_q(  # noqa: SLF001
                    data.get("QueueUrl", address), "sqs:SendMessage"
                )
                self._write_message(queue, sent["MessageId"])
            return sent

        return send

    def _around_events(self, original: Any) -> Any:  # noqa: ANN401
        def deliver(arn: str, *rest: object, **named: object) -> None:
            queue = inside("services.sqs")._queue_by_arn(arn)  # noqa: SLF001
            with self._lock, inside("services.sqs")._queues_lock:  # noqa: SLF001
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

    def _around_loading(self, original: Any) -> Any:  # noqa: ANN401
        def load() -> None:
            original()
            for path in self._files():
                for change in _changes(path):
                    _do_again(*change)
            _give_back_messages()

        return load


def _number_of(path: Path) -> int:
    return int(path.name.split(".")[1])


def _after_the_object(_original: object) -> Any:  # noqa: ANN401
    """Tell queues of an object before the answer to its upload, not in a thread that may be killed.

    And not before it is written: a message about an object that is not there means that it was deleted.
    """
    buckets = inside("services.s3")

    def fire(bucket: str, key: str, event: str, *rest: object, **named: object) -> None:
        if bucket not in buckets._bucket_notifications:  # noqa: SLF001
            return
        sequencer = buckets._next_event_sequencer(event)  # noqa: SLF001
        fire_now = buckets._fire_s3_event  # noqa: SLF001
        tell = partial(fire_now, bucket, key, event, *rest, sequencer=sequencer, **named)
        events = _EVENTS.get()
        if events is None:
            tell()
        else:
            events.append(tell)

    return fire


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


def _changes(path: Path) -> Iterator[list[Any]]:
    """Read a file's lines; of the last one the killed process may have written a part."""
    hook = inside("core.persistence")._json_object_hook  # noqa: SLF001
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line, object_hook=hook)
        except ValueError:
            return


def _do_again(kind: str, arn: str, *facts: Any) -> None:  # noqa: ANN401
    """Do a change once more; what has gone meanwhile with its table or queue stays gone."""
    if kind == SENT:
        queue = inside("services.sqs")._queue_by_arn(arn)  # noqa: SLF001
        (message,) = facts
        if queue is not None and all(one["id"] != message["id"] for one in queue["messages"]):
            queue["messages"].append(message)
        return
    tables = inside("services.dynamodb")
    for _, table in tables._tables.all_items():  # noqa: SLF001
        if table["TableArn"] == arn:
            (tables._set_item if kind == PUT else tables._remove_item)(table, *facts)  # noqa: SLF001


def _give_back_messages() -> None:
    """Make visible what was in a function's hands: those processes are no more."""
    for queue in inside("services.sqs")._queues._data.values():  # noqa: SLF001
        for message in queue["messages"]:
            if message.get("receipt_handle"):
                message["receipt_handle"] = None
                message["visible_at"] = time.time()
