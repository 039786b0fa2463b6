"""What planting and mending a fault takes: documents and packages of a deployed stack, read and written."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from tests.cloud.operator import Operator

BROKEN = b'def handler(event, context):\n    raise RuntimeError("a bad release")\n'


def notifications_of(s3: Any, bucket: str) -> dict[str, Any]:
    found: dict[str, Any] = s3.get_bucket_notification_configuration(Bucket=bucket)
    found.pop("ResponseMetadata", None)
    return found


def package_of(operator: Operator, function: str) -> bytes:
    found = operator.client("lambda").get_function(FunctionName=function)
    return operator.fetch(found["Code"]["Location"])


def zipped_handler(handler: str) -> bytes:
    """Return a package with a function that always raises, where *handler* says that it is."""
    module = handler.rpartition(".")[0].replace(".", "/")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for folder in ("tintype", "tintype/functions"):
            archive.writestr(f"{folder}/__init__.py", b"")
        archive.writestr(f"{module}.py", BROKEN)
    return packed.getvalue()


@contextmanager
def changed_distribution(
    operator: Operator, change: Callable[[dict[str, Any]], None]
) -> Iterator[None]:
    cloudfront, name = operator.client("cloudfront"), operator.outputs["DistributionId"]

    def update(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        found = cloudfront.get_distribution_config(Id=name)
        _complete(found["DistributionConfig"])
        before: dict[str, Any] = json.loads(json.dumps(found["DistributionConfig"]))
        change(found["DistributionConfig"])
        cloudfront.update_distribution(
            Id=name, DistributionConfig=found["DistributionConfig"], IfMatch=found["ETag"]
        )
        return before

    before = update(change)
    yield
    update(lambda config: config.update(before))


def _complete(config: dict[str, Any]) -> None:
    """Add what AWS answers in any case, and the emulator where it was said, so that it can be sent back."""
    config.setdefault("Comment", "")
    for origin in config["Origins"]["Items"]:
        if "CustomOriginConfig" in origin:
            origin["CustomOriginConfig"] = {
                "HTTPPort": 80,
                "HTTPSPort": 443,
                **origin["CustomOriginConfig"],
            }


def http_api_id(operator: Operator) -> str:
    (found,) = operator.client("apigatewayv2").get_apis()["Items"]
    return str(found["ApiId"])


def publish_config(operator: Operator, known: Mapping[str, object]) -> None:
    """Put a config.json into the site bucket."""
    put_config(operator, json.dumps(known).encode())


def put_config(operator: Operator, body: bytes) -> None:
    # As `publishing` puts it: the CDN asks again after a second, the cache policy's least time.
    operator.client("s3").put_object(
        Bucket=operator.outputs["SiteBucket"],
        Key="config.json",
        Body=body,
        ContentType="application/json",
        CacheControl="no-cache",
    )
    forget_config(operator)


def forget_config(operator: Operator) -> None:
    operator.client("cloudfront").create_invalidation(
        DistributionId=operator.outputs["DistributionId"],
        InvalidationBatch={
            "Paths": {"Quantity": 1, "Items": ["/config.json"]},
            "CallerReference": uuid4().hex,
        },
    )


def without_action(document: Mapping[str, Any], action: str) -> dict[str, Any]:
    statements = []
    for statement in document["Statement"]:
        actions = statement["Action"]
        kept = [
            one for one in ([actions] if isinstance(actions, str) else actions) if one != action
        ]
        if kept:
            statements.append({**statement, "Action": kept})
    return {**document, "Statement": statements}


def settle(operator: Operator) -> None:
    """Forget what a fault has left in the queues: it would come again with the next one."""
    time.sleep(0.2)
    sqs = operator.client("sqs")
    for name in ("Process", "Catalogue", "ProcessDeadLetter", "CatalogueDeadLetter"):
        sqs.purge_queue(QueueUrl=operator.outputs[f"{name}QueueUrl"])
