"""The keys function: the template's custom resource that makes the keys of private addresses.

The keys are one item of the access table; CloudFormation gets them as attributes, which it does not
show, and writes them into the CloudFront Function. `SigningKeyGeneration` says when to make a new key.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from tintype.aws.access_table import AccessTable
from tintype.aws.account import Account
from tintype.aws.errors import AccessDeniedError
from tintype.aws.transport import (
    Connections,
    HttpRequest,
    NoConnectionError,
    NoResponseError,
    RetryPolicy,
    ServerAddress,
)
from tintype.delivery import KEYS_ITEM
from tintype.functions.logging import report, report_crash
from tintype.images import timestamp

NAME = "keys"
RESOURCE_ID = "signing-keys"  # always the same: another would make CloudFormation replace it
KEY_BYTES = 32
# A lower generation within this time is a deployment that is being rolled back.
ROLLBACK_SECONDS = 86_400
# Of a key that the edge has known for long.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_TRIES, _PAUSE_SECONDS = 8, 3.0
# A minute: with `kms_key`, the permission to use that key may come later than this resource.
_TABLE_TRIES = 20


class Properties(msgspec.Struct, frozen=True, rename="pascal"):
    """The custom resource's properties; CloudFormation sends numbers as text."""

    generation: str


class ResourceRequest(msgspec.Struct, frozen=True, rename="pascal"):
    """What CloudFormation sends.

    User guide, "Custom resource request objects".
    """

    request_type: str
    stack_id: str
    request_id: str
    logical_resource_id: str
    resource_properties: Properties
    response_url: str = msgspec.field(name="ResponseURL")


def handler(event: dict[str, object], _context: object) -> dict[str, object]:
    """Make or keep the keys, and answer CloudFormation, which waits for it."""
    request = msgspec.convert(event, ResourceRequest)
    try:
        result = _result(request)
    except Exception as error:  # noqa: BLE001 - without a response, CloudFormation waits on
        report_crash(NAME, error, request=request.request_type)
        reason = f"{type(error).__name__}; see the log of the keys function"
        result = {"Status": "FAILED", "Reason": reason}
    respond(request, result)
    return {}


class UndeliveredError(Exception):
    """CloudFormation's address does not take the response; Lambda runs the function again."""


def keys_of(
    generation: int, known: Mapping[str, object] | None, now: datetime
) -> dict[str, object]:
    """Return the item for a generation, given the one that the table has.

    A higher generation makes a new key. A lower one takes the last change back, if that is recent, with
    the new key as the previous one: something may have been signed with it. All else keeps the keys, so
    that a request may come twice.

    >>> from datetime import UTC
    >>> sorted(keys_of(1, None, datetime(2026, 11, 21, tzinfo=UTC)))
    ['changedAt', 'current', 'generation', 'id']
    """
    if known is None:
        return _item(generation, _new_key(), None, now)
    current, previous = str(known["current"]), known.get("previous")
    before = int(str(known.get("generation", generation)))
    changed = datetime.fromisoformat(str(known["changedAt"]))
    if generation > before:
        return _item(generation, _new_key(), current, now)
    if generation < before and previous and (now - changed).total_seconds() < ROLLBACK_SECONDS:
        return _item(generation, str(previous), current, LONG_AGO)
    return {**known, "generation": generation}


def _item(
    generation: int, current: str, previous: str | None, changed: datetime
) -> dict[str, object]:
    item = {
        "id": KEYS_ITEM,
        "current": current,
        "changedAt": timestamp(changed),
        "generation": generation,
    }
    return item if previous is None else {**item, "previous": previous}


def _new_key() -> str:
    return secrets.token_urlsafe(KEY_BYTES)


def _result(request: ResourceRequest) -> dict[str, object]:
    """Return the response's content; a deleted resource leaves the keys to the table."""
    if request.request_type == "Delete":
        return {"Status": "SUCCESS"}
    table = AccessTable(Account.from_environment(), os.environ["TINTYPE_ACCESS_TABLE"])
    item = settled(table, int(request.resource_properties.generation), datetime.now(UTC))
    current = str(item["current"])
    # An attribute must not be missing: without a previous key, both are the same.
    keys = {"Current": current, "Previous": str(item.get("previous", current))}
    return {"Status": "SUCCESS", "NoEcho": True, "Data": keys}


def settled(table: AccessTable, generation: int, now: datetime) -> Mapping[str, object]:
    """Write the item for a generation, unless the table has it, and return it.

    A role that was created a moment ago may be refused for some seconds (IAM user guide, "Troubleshoot
    IAM", "Changes that I make are not always immediately visible").

    Raises:
        ServiceError: the table cannot be read or written.
    """
    for tries_left in range(_TABLE_TRIES - 1, -1, -1):
        try:
            known = table.get(KEYS_ITEM)
            wanted = keys_of(generation, known, now)
            if wanted == known:
                return wanted
            if table.put_new(wanted) if known is None else table.replace(wanted, known):
                report(NAME, "wrote the signing keys", generation=generation)
                return wanted
        except AccessDeniedError:
            if not tries_left:
                raise
            time.sleep(_PAUSE_SECONDS)
    message = "another run changes the keys all the time"
    raise RuntimeError(message)


def respond(request: ResourceRequest, result: Mapping[str, object]) -> None:
    """Send the response to CloudFormation's address, which is signed for an empty content type.

    Raises:
        UndeliveredError: it takes none.
    """
    body = {
        "PhysicalResourceId": RESOURCE_ID,
        "StackId": request.stack_id,
        "RequestId": request.request_id,
        "LogicalResourceId": request.logical_resource_id,
        **result,
    }
    url = urlsplit(request.response_url)
    secure = url.scheme == "https"
    server = ServerAddress(url.hostname or "", url.port or (443 if secure else 80), secure)
    target = f"{url.path}?{url.query}" if url.query else url.path
    put = HttpRequest("PUT", target, {"content-type": ""}, msgspec.json.encode(body))
    for _ in range(_TRIES):
        try:
            status = Connections().send(server, put, RetryPolicy()).status
        except (NoConnectionError, NoResponseError):
            status = None
        if status == 200:  # noqa: PLR2004
            return
        time.sleep(_PAUSE_SECONDS)
    message = f"CloudFormation's address answers {status}"
    raise UndeliveredError(message)
