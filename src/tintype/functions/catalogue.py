"""The catalogue function: messages about manifests in, records and announcements out.

Once a day it also renews the page's key. And it takes what failed on every try in the develop queue:
what the develop function was never started for must end all the same, and this one needs no libvips.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from tintype.aws.account import Account
from tintype.aws.appsync import ApiKey, GraphqlApi
from tintype.aws.dynamodb import Table
from tintype.aws.s3 import Bucket
from tintype.aws.sqs import Queue
from tintype.catalogue import Catalogue, Entered, Entry
from tintype.functions import settings
from tintype.functions.batches import Retry, handle_each
from tintype.functions.events import (
    Develop,
    MalformedMessageError,
    SqsRecord,
    instructions,
    records,
)
from tintype.functions.renewal import RENEW, renew_key
from tintype.functions.telemetry import Level, report
from tintype.images import Image, from_document

if TYPE_CHECKING:
    from tintype.darkroom import Darkroom
    from tintype.giving_up import GivenUp

NAME = "catalogue"


class Settings(msgspec.Struct, frozen=True, rename="camel"):
    """What this function needs to know of `tintype.toml`."""

    presets_revision: str
    limits: dict[str, object]


@cache
def catalogue() -> Catalogue:
    """Return the catalogue that this function's environment describes."""
    account = Account.from_environment()
    return Catalogue(
        renditions=Bucket(account, os.environ["TINTYPE_RENDITIONS_BUCKET"]),
        table=Table(account, os.environ["TINTYPE_IMAGES_TABLE"]),
        announcements=GraphqlApi(account, os.environ["TINTYPE_GRAPHQL_URL"]),
        public_url=os.environ["TINTYPE_PUBLIC_URL"],
    )


@cache
def darkroom() -> Darkroom:
    """Return a darkroom in which nothing is developed, only given up."""
    from tintype.darkroom import Darkroom  # noqa: PLC0415 - only what failed needs it
    from tintype.imaging import Limits  # noqa: PLC0415

    account, known = Account.from_environment(), settings.read(Settings)
    return Darkroom(
        originals=Bucket(account, os.environ["TINTYPE_ORIGINALS_BUCKET"]),
        renditions=Bucket(account, os.environ["TINTYPE_RENDITIONS_BUCKET"]),
        orders=Queue(account, os.environ["TINTYPE_DEVELOP_QUEUE_URL"]),
        catalogue=Queue(account, os.environ["TINTYPE_CATALOGUE_QUEUE_URL"]),
        presets=(),
        presets_revision=known.presets_revision,
        limits=msgspec.convert(known.limits, Limits),
        max_tries=0,
        sweep_seconds=int(os.environ["TINTYPE_SWEEP_SECONDS"]),
    )


def dead_letters(name: str) -> Queue:
    """Return where the messages of a queue lie that somebody must look at."""
    urls = {
        "develop": os.environ["TINTYPE_DEVELOP_DEAD_LETTER_QUEUE_URL"],
        "catalogue": os.environ["TINTYPE_CATALOGUE_DEAD_LETTER_QUEUE_URL"],
    }
    return Queue(Account.from_environment(), urls[name])


def handler(event: dict[str, object], _context: object) -> dict[str, object]:
    """Handle a batch of the catalogue queue, or of what failed in the other; or renew the key.

    What fails comes again, alone.
    """
    if event == RENEW:
        renew_key(NAME, _page_key())
        return {}
    source = next((str(one.get("eventSourceARN")) for one in _records_of(event)), "")
    if source == os.environ["TINTYPE_DEVELOP_FAILED_QUEUE_ARN"]:
        return handle_each(NAME, event, _give_up)
    return handle_each(NAME, event, _enter, retry)


def _records_of(event: dict[str, object]) -> list[dict[str, object]]:
    return msgspec.convert(event.get("Records", []), list[dict[str, object]])


@cache
def retry() -> Retry:
    """Return how a message comes again that failed."""
    queue = Queue(Account.from_environment(), os.environ["TINTYPE_CATALOGUE_QUEUE_URL"])
    return Retry(queue, int(os.environ["TINTYPE_RETRY_SECONDS"]))


def _page_key() -> ApiKey:
    account = catalogue().table.account
    return ApiKey(account, os.environ["TINTYPE_GRAPHQL_ID"], os.environ["TINTYPE_GRAPHQL_KEY"])


def _enter(record: SqsRecord) -> None:
    try:
        told = records(record)
    except MalformedMessageError as error:
        _keep("catalogue", record, error)  # no later try will read it
        return
    for found in told:
        known = catalogue()
        entry = known.enter_manifest(found) if isinstance(found, str) else known.enter(found)
        _report(entry)


def _give_up(record: SqsRecord) -> None:
    """End the images of a message that failed on every try, and keep it for `tintype redrive`."""
    from tintype.giving_up import give_up  # noqa: PLC0415 - as above

    try:
        found = instructions(record, datetime.now(UTC))
    except MalformedMessageError as error:
        _keep("develop", record, error)
        return
    orders = [one.order for one in found if isinstance(one, Develop)]
    ended = [give_up(darkroom(), one, _expected(darkroom().image_id(one))) for one in orders]
    for one in ended:
        _report_given_up(one)
    # What is not about an original that came asks to remove something: nobody else will.
    if len(ended) < len(found) or any(one.worth_a_try for one in ended):
        _keep("develop", record)


def _expected(image_id: str) -> Image | None:
    there = catalogue().table.get(image_id)
    return from_document(there) if there else None


def _keep(queue: str, record: SqsRecord, error: MalformedMessageError | None = None) -> None:
    """Put a message among the dead letters of a queue; *error* is why nobody can read it."""
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


def _report(entry: Entry) -> None:
    image, error = entry.image, entry.unannounced
    report(
        NAME,
        entry.entered,
        level=Level.WARNING if error else Level.INFO,
        image_id=entry.image_id,
        status=image.status if image else None,
        version=image.version if image else None,
        unannounced=str(error) if error else None,
        metrics={
            "Recorded": 1 if entry.entered is Entered.WRITTEN else None,
            "Unannounced": 1 if error else None,
        },
    )
