"""The develop function: messages about originals in, renditions and manifests out."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache

import msgspec

from tintype.aws.account import Account
from tintype.aws.s3 import Bucket
from tintype.aws.sqs import Queue
from tintype.darkroom import Darkroom
from tintype.develop import Outcome, develop, discard, sweep
from tintype.functions import settings
from tintype.functions.batches import Retry, handle_each
from tintype.functions.events import Develop, Discard, Instruction, SqsRecord, instructions
from tintype.functions.telemetry import report
from tintype.images import document
from tintype.imaging import Limits, Preset
from tintype.imaging import rendering as _loaded_with_the_function  # noqa: F401 - see developing.py
from tintype.orders import Order

NAME = "develop"


class Settings(msgspec.Struct, frozen=True, rename="camel"):
    """What this function needs to know of `tintype.toml`."""

    limits: Limits
    presets: tuple[Preset, ...]
    presets_revision: str


@cache
def darkroom() -> Darkroom:
    """Return the darkroom that this function's environment describes."""
    account, known = Account.from_environment(), settings.read(Settings)
    return Darkroom(
        originals=Bucket(account, os.environ["TINTYPE_ORIGINALS_BUCKET"]),
        renditions=Bucket(account, os.environ["TINTYPE_RENDITIONS_BUCKET"]),
        orders=Queue(account, os.environ["TINTYPE_DEVELOP_QUEUE_URL"]),
        catalogue=Queue(account, os.environ["TINTYPE_CATALOGUE_QUEUE_URL"]),
        presets=known.presets,
        presets_revision=known.presets_revision,
        limits=known.limits,
        max_tries=int(os.environ["TINTYPE_MAX_TRIES"]),
        sweep_seconds=int(os.environ["TINTYPE_SWEEP_SECONDS"]),
    )


@cache
def retry() -> Retry:
    """Return how a message comes again that failed."""
    return Retry(darkroom().orders, int(os.environ["TINTYPE_RETRY_SECONDS"]))


def handler(event: dict[str, object], _context: object) -> dict[str, object]:
    """Handle a batch of the develop queue, or one object at once for `POST /process`."""
    if "process" in event:
        key = msgspec.convert(event["process"], dict[str, str])["key"]
        return _shaped(_carry_out(Develop(Order(key=key))))
    return handle_each(NAME, event, _obey, retry)


def _obey(record: SqsRecord) -> None:
    for instruction in instructions(record, datetime.now(UTC)):
        _carry_out(instruction)


def _carry_out(instruction: Instruction) -> Outcome:
    room = darkroom()
    if isinstance(instruction, Develop):
        outcome = develop(room, instruction.order)
    elif isinstance(instruction, Discard):
        outcome = discard(room, instruction.order)
    else:
        outcome = sweep(room, instruction.image_id)
    _report(outcome)
    return outcome


def _report(outcome: Outcome) -> None:
    image = outcome.image
    timings = image.timings if image else None
    failure = image.failure if image else None
    done = outcome.ending in {"READY", "FAILED", "DELETED"}
    report(
        NAME,
        outcome.ending,
        image_id=outcome.image_id,
        filename=image.filename if image else None,
        version=image.version if image else None,
        code=failure.code if failure and done else None,
        reason=failure.message if failure and done else None,
        ms={name: getattr(timings, name) for name in timings.__struct_fields__}
        if timings and done
        else None,
        metrics={
            outcome.ending.capitalize(): 1,
            "Renditions": len(image.renditions) if image else None,
            "OriginalBytes": image.original.bytes if image else None,
            "RenderMilliseconds": timings.render if timings else None,
            "WaitMilliseconds": timings.wait if timings else None,
        }
        if done
        else None,
    )


def _shaped(outcome: Outcome) -> dict[str, object]:
    image = document(outcome.image) if outcome.image else None
    return {"ending": outcome.ending, "image": image}
