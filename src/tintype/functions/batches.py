"""A batch of a queue's messages, handled one by one: what fails comes again, alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from tintype.aws.errors import ServiceError
from tintype.aws.sqs import Queue
from tintype.functions.events import MalformedMessageError, SqsRecord, batch
from tintype.functions.telemetry import Level, report, report_crash


@dataclass(frozen=True, slots=True)
class Retry:
    """The queue whose messages come again that many seconds after a try that failed.

    Without it they come when the queue shows them again, which is late: it hides them for six times
    the function's timeout.
    """

    queue: Queue
    seconds: int

    def soon(self, record: SqsRecord) -> None:
        """Let a message come again; if SQS does not listen, it comes later."""
        with suppress(ServiceError):
            self.queue.show_after(record.receipt_handle, self.seconds)


def handle_each(
    function: str,
    event: object,
    handle: Callable[[SqsRecord], None],
    retry: Callable[[], Retry] | None = None,
) -> dict[str, object]:
    """Handle every message, and return what tells Lambda which of them should come again.

    Whatever goes wrong with one, the others are handled: if it left here, all would come again, and
    with the last try of the one, all would be dead letters.
    """
    failed = [record for record in batch(event) if not _is_done(function, record, handle)]
    if failed and retry:
        again = retry()
        for record in failed:
            again.soon(record)
    return _failures(record.message_id for record in failed)


def _is_done(function: str, record: SqsRecord, handle: Callable[[SqsRecord], None]) -> bool:
    facts = {"message_id": record.message_id, "attempt": record.attempt}
    try:
        handle(record)
    except (ServiceError, MalformedMessageError) as error:
        metrics = {"Errors": 1}
        report(function, str(error), level=Level.ERROR, metrics=metrics, code=error.code, **facts)
        return False
    except Exception as error:  # noqa: BLE001 - the outermost door: the queue tries again
        report_crash(function, error, metrics={"Errors": 1}, **facts)
        return False
    return True


def _failures(failed: Iterable[str]) -> dict[str, object]:
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}
