"""The check of private addresses: does the CDN refuse what is not signed, and take what is signed now?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from tintype import delivery, keys
from tintype.aws.attributes import item_of
from tintype.doctor.findings import Fact, Finding
from tintype.doctor.http import Reply, StepFailedError, Web
from tintype.doctor.stack import StackUnderTest
from tintype.outputs import Output

REFUSED = 403
# Of nobody, so that the bucket has no such file.
PATH = delivery.path(
    keys.rendition_key("01M7XPE600ABCDEFGHJKMNPQRS", "0123456789abcdef", "thumb.webp", "%doctor")
)


def private_addresses(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Ask the CDN for a file that there is not: without a signature, and signed with the table's key."""
    table = target.outputs.get(Output.ACCESS_TABLE)
    if table is None:  # a stack from before sign-in
        return
    item = target.ask(
        "dynamodb", "get_item", TableName=table, Key={"id": {"S": delivery.KEYS_ITEM}}
    ).get("Item")
    if item is None:
        yield Finding(
            code="signing_keys_missing",
            message=f"The table {table} has no signing keys, so private images have no addresses.",
            remedy=f"Make new ones: {target.tintype('deploy', '--rotate-signing-keys')}"
            if not target.is_local
            else target.put_back,
        )
        return
    now = datetime.now(UTC)
    key = delivery.from_item(item_of(item)).in_use(now)
    try:
        bare, signed = (
            ask(f"{target.outputs[Output.CDN_URL]}{path}").status
            for path in (PATH, delivery.signed(PATH, key, delivery.expiry(now)))
        )
    except StepFailedError:
        return  # the canary says that the CDN does not answer
    if bare != REFUSED:
        yield Finding(
            code="private_open",
            message=f"The CDN answers {bare} to a private address without a signature, not {REFUSED}.",
            remedy=target.put_back,
        )
    if signed == REFUSED:
        yield Finding(
            code="signing_keys_differ",
            message="The CDN refuses a private address signed with the access table's key.",
            remedy=f"Make a new key for both: {target.tintype('deploy', '--rotate-signing-keys')}"
            if not target.is_local
            else target.put_back,
        )
    if bare == REFUSED != signed:
        yield Fact("private addresses", "the CDN opens them by signature alone")


def ask(url: str) -> Reply:
    """Return the CDN's answer.

    Raises:
        StepFailedError: there is none.
    """
    with Web() as web:
        return web.send("GET", url)
