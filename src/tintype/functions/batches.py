"""Handle a batch of queue messages one by one; only those that fail are retried."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tintype.aws.errors import ServiceError
from tintype.aws.ports import MessageQueue
from tintype.functions.events import SqsRecord
from tintype.functions.logging import Level, job, report, report_crash
from tintype.messages import MalformedMessageError


@dataclass(frozen=True, slots=True)
class Retry:
    """Make a queue's messages visible again this many seconds after a failed try.

    Otherwise they reappear only when their visibility timeout ends, six times the function's
    timeout.
    """

    queue: MessageQueue
    seconds: int

    def soon(self, record: SqsRecord) -> None:
        """Make a message visible again soon; if SQS refuses, it reappears after its timeout."""
        with suppress(ServiceError):
            self.queue.show_after(record.receipt_handle, self.seconds)


def handle_each(
    function: str,
    messages: Sequence[SqsRecord],
    handle: Callable[[SqsRecord], None],
    retry: Callable[[], Retry] | None = None,
) -> dict[str, object]:
    """Handle every message, and return Lambda's list of the messages to retry.

    An error in one message never leaves this function: Lambda would retry the whole batch, and the
    last try of that message would make dead letters of all of them.
    """
    failed = [record for record in messages if not _is_job_done(function, record, handle)]
    if failed and retry:
        again = retry()
        for record in failed:
            again.soon(record)
    return _failures(record.message_id for record in failed)


def _is_job_done(function: str, record: SqsRecord, handle: Callable[[SqsRecord], None]) -> bool:
    with job():
        return _is_done(function, record, handle)


def _is_done(function: str, record: SqsRecord, handle: Callable[[SqsRecord], None]) -> bool:
    facts = {"message_id": record.message_id, "attempt": record.attempt}
    try:
        handle(record)
    except (ServiceError, MalformedMessageError) as error:
        metrics = {"Errors": 1}
        report(function, str(error), level=Level.ERROR, metrics=metrics, code=error.code, **facts)
        return False
    except Exception as error:  # noqa: BLE001 - the queue retries
        report_crash(function, error, metrics={"Errors": 1}, **facts)
        return False
    return True


def _failures(failed: Iterable[str]) -> dict[str, object]:
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}
