"""The catalogue function: messages about manifests in, records and announcements out.

Once a day it also renews the page's key.
"""

from __future__ import annotations

import os
from functools import cache

from tintype.aws.account import Account
from tintype.aws.appsync import ApiKey, GraphqlApi
from tintype.aws.dynamodb import Table
from tintype.aws.s3 import Bucket
from tintype.catalogue import Catalogue, Entered, Entry
from tintype.functions.batches import handle_each
from tintype.functions.events import SqsRecord, records
from tintype.functions.renewal import RENEW, renew_key
from tintype.functions.telemetry import Level, report

NAME = "catalogue"


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


def handler(event: dict[str, object], _context: object) -> dict[str, object]:
    """Handle a batch of the catalogue queue; what fails comes again, alone. Or renew the key."""
    if event == RENEW:
        renew_key(NAME, _page_key())
        return {}
    return handle_each(NAME, event, _enter)


def _page_key() -> ApiKey:
    account = catalogue().table.account
    return ApiKey(account, os.environ["TINTYPE_GRAPHQL_ID"], os.environ["TINTYPE_GRAPHQL_KEY"])


def _enter(record: SqsRecord) -> None:
    for found in records(record):
        known = catalogue()
        entry = known.enter_manifest(found) if isinstance(found, str) else known.enter(found)
        _report(entry)


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
