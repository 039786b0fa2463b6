"""Images that never end by themselves: each lacks what would have moved it on, as after a lost message."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.cloud.faults import notification_removed
from tests.cloud.operator import Operator
from tests.cloud.stack import Stack
from tests.pictures import picture
from tintype import keys
from tintype.imaging import Format

PNG = picture(12, 9, Format.PNG)
LONG_AGO = "2026-01-01T00:00:00.000Z"


def restarted(operator: Operator, stack: Stack) -> str:
    """Leave a record at PROCESSING that is newer than the image's manifest."""
    return _set_back(operator, stack, 1)


def not_catalogued(operator: Operator, stack: Stack) -> str:
    """Leave a record at PROCESSING that is older than the image's manifest."""
    return _set_back(operator, stack, -1)


def uploaded_unheard(operator: Operator, stack: Stack) -> str:
    """Leave a record at AWAITING_UPLOAD, and an original of which S3 has told nobody."""
    with notification_removed(operator):
        return stack.upload(PNG)


def put_unheard(operator: Operator, _stack: Stack) -> str:
    """Leave an original under a key of its own, of which S3 has told nobody."""
    bucket, key = operator.outputs["OriginalsBucket"], "holiday/unheard of.png"
    with notification_removed(operator):
        operator.client("s3").put_object(Bucket=bucket, Key=key, Body=PNG)
    return keys.image_id(bucket, key)


def record_lost(operator: Operator, stack: Stack) -> str:
    """Leave an original and a manifest, without a record."""
    image_id = stack.upload(PNG)
    stack.ready(image_id)
    operator.client("dynamodb").delete_item(
        TableName=operator.outputs["ImagesTable"], Key={"id": {"S": image_id}}
    )
    return image_id


def original_lost(operator: Operator, stack: Stack) -> str:
    """Leave a record at PROCESSING, of an original whose removal nobody has heard of."""
    image_id = uploaded_unheard(operator, stack)
    bucket = operator.outputs["OriginalsBucket"]
    (key,) = (one for one in operator.objects("OriginalsBucket") if image_id in one)
    with notification_removed(operator):
        operator.client("s3").delete_object(Bucket=bucket, Key=key)
    operator.change_record(image_id, status="PROCESSING", version=2, updatedAt=LONG_AGO)
    return image_id


HANGING: Mapping[str, Callable[[Operator, Stack], str]] = {
    "begun anew": restarted,
    "not catalogued": not_catalogued,
    "uploaded unheard": uploaded_unheard,
}
UNRECORDED: Mapping[str, Callable[[Operator, Stack], str]] = {
    "put unheard": put_unheard,
    "record lost": record_lost,
}


def _set_back(operator: Operator, stack: Stack, versions: int) -> str:
    image_id = stack.upload(PNG)
    version = stack.ready(image_id)["version"] + versions
    operator.change_record(image_id, status="PROCESSING", version=version, updatedAt=LONG_AGO)
    return image_id
