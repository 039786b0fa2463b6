"""The process function: messages about originals in, renditions and manifests out."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from typing import assert_never

import msgspec

from tintype import traces
from tintype.access import Visibility
from tintype.aws.account import Account
from tintype.aws.caches import Distribution
from tintype.aws.s3 import Bucket
from tintype.aws.sqs import Queue
from tintype.functions import bundle
from tintype.functions.batches import Retry, handle_each
from tintype.functions.events import (
    ChangeImage,
    DiscardOriginal,
    ImageInstruction,
    ProcessOriginal,
    SqsRecord,
    batch,
    instructions,
)
from tintype.functions.logging import Level, job, note, note_trace, report, trace
from tintype.images import document
from tintype.imaging import Limits, Preset
from tintype.imaging import render as _loaded_with_the_function  # noqa: F401 - see pipeline.py
from tintype.messages import Purge, Sweep
from tintype.processing.change import change
from tintype.processing.context import ProcessingContext
from tintype.processing.job import ProcessJob
from tintype.processing.process import JobResult, discard, process, sweep
from tintype.processing.purge import purge

NAME = "process"


class ProcessSettings(msgspec.Struct, frozen=True, rename="camel"):
    """The settings of `tintype.toml` that this function needs."""

    find_faces: bool
    limits: Limits
    presets: tuple[Preset, ...]
    presets_revision: str


@cache
def context() -> ProcessingContext:
    """Return the context that this function's environment describes."""
    account, known = Account.from_environment(), bundle.read(ProcessSettings)
    return ProcessingContext(
        originals=Bucket(account, os.environ["TINTYPE_ORIGINALS_BUCKET"]),
        renditions=Bucket(account, os.environ["TINTYPE_RENDITIONS_BUCKET"]),
        queue=Queue(account, os.environ["TINTYPE_PROCESS_QUEUE_URL"]),
        catalogue=Queue(account, os.environ["TINTYPE_CATALOGUE_QUEUE_URL"]),
        presets=known.presets,
        presets_revision=known.presets_revision,
        limits=known.limits,
        find_faces=known.find_faces,
        max_tries=int(os.environ["TINTYPE_MAX_TRIES"]),
        sweep_seconds=int(os.environ["TINTYPE_SWEEP_SECONDS"]),
        bucket_owner=os.environ["TINTYPE_BUCKET_OWNER"],
        visibility=Visibility(os.environ["TINTYPE_VISIBILITY"]),
        caches=Distribution(account, os.environ["TINTYPE_DISTRIBUTION"]),
        on_trace=note_trace,
    )


@cache
def retry(source: str) -> Retry:
    """Return how failed messages of the queue with this ARN are retried."""
    background = os.environ["TINTYPE_BACKGROUND_QUEUE_URL"]
    own = background.rpartition("/")[2] == source.rpartition(":")[2]
    queue = Queue(Account.from_environment(), background) if own else context().queue
    return Retry(queue, int(os.environ["TINTYPE_RETRY_SECONDS"]))


def handler(event: dict[str, object], _context: object) -> dict[str, object]:
    """Handle a batch of one of the two queues, or one object immediately for `POST /process`."""
    if "process" in event:
        asked = msgspec.convert(event["process"], dict[str, str])
        wanted = ProcessJob(key=asked["key"], trace=traces.known(asked.get("trace")))
        with job():
            return _shaped(_carry_out(ProcessOriginal(wanted)))
    messages = batch(event)
    source = messages[0].source if messages else ""  # a batch comes from one queue
    return handle_each(NAME, messages, _obey, partial(retry, source))


def _obey(record: SqsRecord) -> None:
    for instruction in instructions(record, datetime.now(UTC)):
        if isinstance(instruction, Purge):
            _purge(instruction)
        else:
            _carry_out(instruction)


def _purge(request: Purge) -> None:
    note(image_id=request.image_id)
    report(NAME, purge(context(), request), image_id=request.image_id)


def _carry_out(instruction: ImageInstruction) -> JobResult:
    known = context()
    if isinstance(instruction, Sweep):
        note(image_id=instruction.image_id)
        result = sweep(known, instruction.image_id)
    else:
        wanted = replace(instruction.job, own_trace=trace())
        note(image_id=known.image_id(wanted), trace_id=wanted.trace)
        match instruction:
            case ProcessOriginal():
                result = process(known, wanted)
            case DiscardOriginal():
                result = discard(known, wanted)
            case ChangeImage():
                result = change(known, wanted, instruction.visibility, instruction.requested_at)
            case unknown:
                assert_never(unknown)
    _report(result)
    return result


def _report(result: JobResult) -> None:
    image = result.image
    timings = image.timings if image else None
    done = result.outcome in {"READY", "FAILED", "DELETED"}
    failure = image.failure if image and done else result.obstacle
    report(
        NAME,
        result.outcome,
        level=Level.WARNING if result.unreadable else Level.INFO,
        unreadable=str(result.unreadable) if result.unreadable else None,
        image_id=result.image_id,
        filename=image.filename if image else None,
        version=image.version if image else None,
        code=failure.code if failure else None,
        reason=failure.message if failure else None,
        obstacle=result.obstacle.message if result.obstacle and done else None,
        cause=result.cause,
        ms={name: getattr(timings, name) for name in timings.__struct_fields__}
        if timings and done
        else None,
        metrics={
            result.outcome.capitalize(): 1,
            "Renditions": len(image.renditions) if image else None,
            "OriginalBytes": image.original.bytes if image else None,
            "RenderMilliseconds": timings.render if timings else None,
            "WaitMilliseconds": timings.wait if timings else None,
        }
        if done
        else None,
    )


def _shaped(result: JobResult) -> dict[str, object]:
    image = document(result.image) if result.image else None
    return {"ending": result.outcome, "image": image}
