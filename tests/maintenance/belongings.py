"""What a stack on the emulator stores of several owners, and all that is in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from tests.aws.emulator import REGION, Emulator
from tests.maintenance.operated import Cloud, client, image, resources
from tintype import api_keys, keys
from tintype.access import Scope
from tintype.aws.access_table import AccessTable
from tintype.aws.account import Account
from tintype.images import Original, Rendition, Status
from tintype.maintenance.owned import Stores
from tintype.usage import requests_id

ALL = ("ready", "replaced", "transferred", "deleted", "waiting", "private")


@contextmanager
def operated(server: Emulator, name: str) -> Iterator[tuple[Cloud, Stores]]:
    """Make a stack whose originals have versions, with a table of API keys."""
    account = Account(REGION, server.endpoint, lambda: server.root)
    cloud = Cloud(server, resources(server, name), account)
    client(server, "s3").put_bucket_versioning(
        Bucket=cloud.originals.name, VersioningConfiguration={"Status": "Enabled"}
    )
    access = AccessTable(account, cloud.outputs["AccessTable"])
    try:
        yield cloud, Stores(cloud.originals, cloud.renditions, cloud.table, access)
    finally:
        account.connections.close()


def furnish(cloud: Cloud, stores: Stores, owner: str) -> dict[str, str]:
    """Give an owner an image of each kind, a key and a counter; return the images' IDs."""
    ids = {}
    for kind in ALL:
        made = image()
        key_owner = "public" if kind == "transferred" else owner
        key = keys.original_key(made.id, f"{kind}.jpg", key_owner)
        private = owner if kind == "private" else None
        file = keys.rendition_key(made.id, "3f9a", "thumb.webp", private)
        rendition = Rendition(
            preset="thumb",
            format="webp",
            content_type="image/webp",
            width=1,
            height=1,
            bytes=5,
            key=file,
        )
        status = {"deleted": Status.DELETED, "waiting": Status.AWAITING_UPLOAD}
        one = image(
            id=made.id,
            owner=owner,
            status=status.get(kind, Status.READY),
            original=Original(key=key, bytes=5),
            renditions=() if kind in status else (rendition,),
        )
        cloud.write_record(one)
        ids[kind] = made.id
        if kind == "waiting":
            continue
        cloud.write_original(one)
        cloud.write_manifest(one)
        if kind == "replaced":
            cloud.originals.put(key, b"newer", content_type="image/jpeg")
        if kind == "deleted":
            cloud.originals.delete(key)
        else:
            cloud.renditions.put(file, b"small", content_type="image/webp")
            for name in ("w_640.auto-avif", "3f9a"):  # made for an address, and its mark
                sized = keys.delivered_key(made.id, name, private)
                cloud.renditions.put(sized, b"sized", content_type="image/avif")
    record, _ = api_keys.new_key(owner, "shop", [Scope.READ], now=datetime.now(UTC))
    stores.access.put_new(api_keys.item(record))
    stores.access.put_new({"id": f"reprocess#{ids['ready']}#3", "expires": 1})
    stores.access.put_new({"id": requests_id(owner, 1_795_996_800), "count": 3, "expires": 1})
    return ids


def everything(server: Emulator, stores: Stores) -> list[str]:
    """Return all that is stored, a line for each version of an object and each item."""
    lines = []
    s3, dynamodb = client(server, "s3"), client(server, "dynamodb")
    for bucket in (stores.originals.name, stores.renditions.name):
        listed: dict[str, Any] = s3.list_object_versions(Bucket=bucket)
        for one in listed.get("Versions", []):
            asked = {"Bucket": bucket, "Key": one["Key"], "VersionId": one["VersionId"]}
            body = s3.get_object(**asked)["Body"].read()
            lines.append(f"{bucket} {one['Key']} {one['VersionId']} {body!r}")
        lines += [f"{bucket} {one['Key']} marker" for one in listed.get("DeleteMarkers", [])]
    for table in (stores.images.name, stores.access.name):
        lines += [f"{table} {one}" for one in dynamodb.scan(TableName=table)["Items"]]
    return sorted(lines)


def about(lines: list[str], owner: str, ids: dict[str, str]) -> list[str]:
    """Return what is about an owner."""
    return [one for one in lines if any(name in one for name in (owner, *ids.values()))]
