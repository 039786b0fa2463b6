"""The catalogue function: messages about manifests in, records and announcements out.

Once a day it also renews the page's key. It also takes messages that failed on every try in the
process queue: their images must end even if the process function never started, and this function
needs no libvips.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from tintype import traces
from tintype.access import Visibility
from tintype.aws.account import Account
from tintype.aws.appsync import ApiKey, GraphqlApi
from tintype.aws.dynamodb import Table
from tintype.aws.errors import UnreadableObjectError
from tintype.aws.s3 import Bucket
from tintype.aws.sqs import Queue
from tintype.catalogue import Catalogue, CatalogueEntry, WriteResult
from tintype.functions import bundle
from tintype.functions.batches import Retry, handle_each
from tintype.functions.events import (
    ProcessOriginal,
    SqsRecord,
    announcements,
    batch,
    instructions,
)
from tintype.functions.logging import Level, note, note_trace, report, trace
from tintype.functions.renewal import RENEW, renew_key
from tintype.images import Image, from_document
from tintype.messages import Announce, Expire, MalformedMessageError
from tintype.records import Records
from tintype.tickets import Tickets

if TYPE_CHECKING:
    from tintype.processing.context import ProcessingContext
    from tintype.processing.giving_up import GivenUp

NAME = "catalogue"


class CatalogueSettings(msgspec.Struct, frozen=True, rename="camel"):
    """The settings of `tintype.toml` that this function needs."""

    presets_revision: str
    limits: dict[str, object]


@cache
def catalogue() -> Catalogue:
    """Return the catalogue that this function's environment describes."""
    account = Account.from_environment()
    return Catalogue(
        renditions=Bucket(account, os.environ["TINTYPE_RENDITIONS_BUCKET"]),
        records=Records(
            Table(account, os.environ["TINTYPE_IMAGES_TABLE"], os.environ["TINTYPE_ACCESS_TABLE"])
        ),
        announcements=GraphqlApi(account, os.environ["TINTYPE_GRAPHQL_URL"]),
        public_url=os.environ["TINTYPE_PUBLIC_URL"],
        on_trace=note_trace,
    )


@cache
def tickets() -> Tickets:
    """Return the tickets that this function's environment describes."""
    account = Account.from_environment()
    return Tickets(
        records=catalogue().records,
        originals=Bucket(account, os.environ["TINTYPE_ORIGINALS_BUCKET"]),
        queue=Queue(account, os.environ["TINTYPE_CATALOGUE_QUEUE_URL"]),
    )


@cache
def context() -> ProcessingContext:
    """Return the context for giving up; nothing is processed here."""
    from tintype.imaging import Limits  # noqa: PLC0415
    from tintype.processing.context import ProcessingContext  # noqa: PLC0415 - for failures

    account, known = Account.from_environment(), bundle.read(CatalogueSettings)
    return ProcessingContext(
        originals=Bucket(account, os.environ["TINTYPE_ORIGINALS_BUCKET"]),
        renditions=Bucket(account, os.environ["TINTYPE_RENDITIONS_BUCKET"]),
        queue=Queue(account, os.environ["TINTYPE_PROCESS_QUEUE_URL"]),
        catalogue=Queue(account, os.environ["TINTYPE_CATALOGUE_QUEUE_URL"]),
        presets=(),
        presets_revision=known.presets_revision,
        limits=msgspec.convert(known.limits, Limits),
        max_tries=0,
        sweep_seconds=int(os.environ["TINTYPE_SWEEP_SECONDS"]),
        bucket_owner=os.environ["TINTYPE_BUCKET_OWNER"],
        visibility=Visibility(os.environ["TINTYPE_VISIBILITY"]),
    )


def dead_letters(name: str) -> Queue:
    """Return the dead-letter queue of a queue, whose messages an operator must look at."""
    urls = {
        "process": os.environ["TINTYPE_PROCESS_DEAD_LETTER_QUEUE_URL"],
        "catalogue": os.environ["TINTYPE_CATALOGUE_DEAD_LETTER_QUEUE_URL"],
    }
    return Queue(Account.from_environment(), urls[name])


def handler(event: dict[str, object], _context: object) -> dict[str, object]:
    """Handle a batch of the catalogue queue or of the process queue's failures, or renew the key.

    Only messages that fail are retried.
    """
    if event == RENEW:
        renew_key(NAME, _page_key())
        return {}
    messages = batch(event)
    failed_queue = os.environ["TINTYPE_PROCESS_FAILED_QUEUE_ARN"]
    if any(one.source == failed_queue for one in messages):  # a batch comes from one queue
        return handle_each(NAME, messages, _give_up)
    return handle_each(NAME, messages, _enter, retry)


@cache
def retry() -> Retry:
    """Return how failed messages are retried."""
    queue = Queue(Account.from_environment(), os.environ["TINTYPE_CATALOGUE_QUEUE_URL"])
    return Retry(queue, int(os.environ["TINTYPE_RETRY_SECONDS"]))


def _page_key() -> ApiKey:
    return ApiKey(
        Account.from_environment(),
        os.environ["TINTYPE_GRAPHQL_ID"],
        os.environ["TINTYPE_GRAPHQL_KEY"],
    )


def _enter(record: SqsRecord) -> None:
    try:
        told = announcements(record)
    except MalformedMessageError as error:
        _keep("catalogue", record, error)  # a retry cannot read it either
        return
    for found in told:
        if isinstance(found, Expire):
            note(image_id=found.image_id)
            report(NAME, f"TICKET_{tickets().expire(found)}", image_id=found.image_id)
            continue
        try:
            entry = _entered(found)
        except UnreadableObjectError as error:
            _keep("catalogue", record, error)  # nor this, until it is replaced
        else:
            _report(entry)


def _entered(found: Announce | str) -> CatalogueEntry:
    known = catalogue()
    if isinstance(found, Announce):
        note(image_id=found.image.id, trace_id=traces.known(found.trace))
        return known.write(found.image)
    note(image_id=found)
    return known.write_manifest(found)


def _give_up(record: SqsRecord) -> None:
    """End the images of a message that failed on every try; keep it for `tintype redrive`."""
    from tintype.processing.giving_up import give_up  # noqa: PLC0415 - as above

    try:
        found = instructions(record, datetime.now(UTC))
    except MalformedMessageError as error:
        _keep("process", record, error)
        return
    jobs = [
        replace(one.job, own_trace=trace()) for one in found if isinstance(one, ProcessOriginal)
    ]
    ended = [give_up(context(), one, _expected(context().image_id(one))) for one in jobs]
    for one in ended:
        _report_given_up(one)
    # Other instructions ask for a removal, which nothing else will do.
    if len(ended) < len(found) or any(one.worth_a_try for one in ended):
        _keep("process", record)


def _expected(image_id: str) -> Image | None:
    there = catalogue().records.get(image_id)
    return from_document(there) if there else None


def _keep(
    queue: str,
    record: SqsRecord,
    error: MalformedMessageError | UnreadableObjectError | None = None,
) -> None:
    """Move a message to a queue's dead letters.

    *error* says why the message, or the object that it names, cannot be read.
    """
    dead_letters(queue).send(record.body)
    report(
        NAME,
        str(error) if error else "DEAD_LETTER",
        level=Level.ERROR if error else Level.WARNING,
        metrics={"Errors": 1} if error else None,
        code=error.code if error else None,
        queue=queue,
        message_id=record.message_id,
        attempt=record.attempt,
    )


def _report_given_up(given_up: GivenUp) -> None:
    image = given_up.image
    report(
        NAME,
        "GAVE_UP",
        image_id=given_up.image_id,
        status=image.status if image else None,
        version=image.version if image else None,
        code=image.failure.code if image and image.failure else None,
    )


def _report(entry: CatalogueEntry) -> None:
    image, error = entry.image, entry.unannounced
    report(
        NAME,
        entry.result,
        level=Level.WARNING if error else Level.INFO,
        image_id=entry.image_id,
        status=image.status if image else None,
        version=image.version if image else None,
        unannounced=str(error) if error else None,
        metrics={
            "Recorded": 1 if entry.result is WriteResult.WRITTEN else None,
            "Unannounced": 1 if error else None,
        },
    )
