"""What the render function's permissions are for: pictures of any size. See `needs`."""

from __future__ import annotations

from typing import Any

from docs.making.permissions import Permission
from tests.cloud.direct import PNG, Deployed, directly, lists_a_bucket, logs
from tintype.keys import manifest_key

RENDER, ORIGINALS, RENDITIONS = "render function", "originals bucket", "renditions bucket"
ANY_SIZE = f"{RENDITIONS} `/*/x/*`"
TAG = "tintype=delivered"


def _key(there: Deployed) -> str:
    return f"{there.image_id}/x/w_64.webp"


def _reads_an_original(there: Deployed, s3: Any) -> None:
    s3.get_object(Bucket=there.originals, Key=there.key)


def _reads_a_manifest(there: Deployed, s3: Any) -> None:
    s3.get_object(Bucket=there.renditions, Key=manifest_key(there.image_id))


def _writes_a_picture(there: Deployed, s3: Any) -> None:
    s3.put_object(Bucket=there.renditions, Key=_key(there), Body=PNG, Tagging=TAG)


def _tags_a_picture(there: Deployed, s3: Any) -> None:
    """With a request of its own: the emulator takes the tags of an upload from who may only write it."""
    owner = there.operator.client("s3")
    owner.put_object(Bucket=there.renditions, Key=_key(there), Body=PNG)
    name, value = TAG.split("=")
    tags = {"TagSet": [{"Key": name, "Value": value}]}
    s3.put_object_tagging(Bucket=there.renditions, Key=_key(there), Tagging=tags)


def _takes_a_picture_back(there: Deployed, s3: Any) -> None:
    s3.delete_object(Bucket=there.renditions, Key=_key(there))


NEEDS_OF_RENDER = {
    Permission(RENDER, action, "render log group"): logs("render", action)
    for action in ("logs:CreateLogStream", "logs:PutLogEvents")
} | {
    Permission(RENDER, "s3:GetObject", f"{ORIGINALS} `/*`"): directly(
        RENDER, "s3", _reads_an_original
    ),
    Permission(RENDER, "s3:GetObject", f"{RENDITIONS} `/*`"): directly(
        RENDER, "s3", _reads_a_manifest
    ),
    Permission(RENDER, "s3:ListBucket", ORIGINALS): lists_a_bucket(RENDER, "originals"),
    Permission(RENDER, "s3:ListBucket", RENDITIONS): lists_a_bucket(RENDER, "renditions"),
    Permission(RENDER, "s3:PutObject", ANY_SIZE): directly(RENDER, "s3", _writes_a_picture),
    Permission(RENDER, "s3:PutObjectTagging", ANY_SIZE): directly(RENDER, "s3", _tags_a_picture),
    Permission(RENDER, "s3:DeleteObject", ANY_SIZE): directly(RENDER, "s3", _takes_a_picture_back),
}
