"""Invalidations are asked for as AWS's own SDK asks for them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import boto3
import pytest

from tintype.aws.account import Account, Call
from tintype.aws.caches import Distribution
from tintype.aws.errors import UnavailableError, error_class
from tintype.aws.signing import Credentials

PATHS = ["/p/auth0%257Cann/01M7XPE600ABCDEFGHJKMNPQRS/*", "/01M7XPE600ABCDEFGHJKMNPQRS/*"]


def sent_by_botocore() -> Any:
    """Return the request that botocore would send."""
    client = boto3.client(
        "cloudfront",
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106
        region_name="eu-central-1",
    )
    sent: list[Any] = []

    def stop(request: Any, **_: object) -> None:
        sent.append(request)
        raise InterruptedError

    client.meta.events.register("before-send.cloudfront.CreateInvalidation", stop)
    with pytest.raises(InterruptedError):
        client.create_invalidation(
            DistributionId="E1",
            InvalidationBatch={
                "Paths": {"Quantity": len(PATHS), "Items": PATHS},
                "CallerReference": "reference",
            },
        )
    return sent[0]


def test_an_invalidation_is_the_one_that_botocore_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, Call]] = []
    monkeypatch.setattr(Account, "send", lambda self, call: sent.append((self.region, call)))
    account = Account("eu-central-1", None, lambda: Credentials("a", "b", None))

    Distribution(account, "E1").invalidate(PATHS, "reference")

    ((region, call),) = sent
    theirs = sent_by_botocore()
    assert f"{call.url}{call.path}" == theirs.url
    assert call.method == theirs.method
    assert facts(call.body) == facts(theirs.body)
    assert f"/{region}/cloudfront/" in theirs.headers["Authorization"].decode()


def facts(body: bytes) -> list[tuple[str, str | None]]:
    return sorted((one.tag, one.text) for one in ET.fromstring(body).iter())  # noqa: S314 - our own


def test_too_many_at_a_time_is_tried_again() -> None:
    assert error_class("TooManyInvalidationsInProgress", 400) is UnavailableError
