"""A batch of a queue's messages, handled one by one: what fails comes again, alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tintype.aws.errors import ServiceError
from tintype.functions.events import MalformedMessageError, SqsRecord, batch
from tintype.functions.telemetry import Level, report, report_crash


def handle_each(
    function: str, event: object, handle: Callable[[SqsRecord], None]
) -> dict[str, object]:
    """Handle every message, and return what tells Lambda which of them should come again.

    Whatever goes wrong with one, the others are handled: if it left here, all would come again, and
    with the last try of the one, all would be dead letters.
    """
    return _failures(
        record.message_id for record in batch(event) if not _is_done(function, record, handle)
    )


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
