"""Who a resource's policy lets in."""

from __future__ import annotations

from typing import Any

import pytest

from tintype.doctor.policies import Visit, allows, parsed

QUEUE = "arn:aws:sqs:eu-central-1:123456789012:process"
BUCKET = "arn:aws:s3:::originals"
VISIT = Visit("s3.amazonaws.com", "sqs:SendMessage", QUEUE, BUCKET, "123456789012")
NO_TLS = {
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "sqs:*",
    "Resource": QUEUE,
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def statement(**parts: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": QUEUE,
        "Condition": {
            "ArnEquals": {"aws:SourceArn": BUCKET},
            "StringEquals": {"aws:SourceAccount": "123456789012"},
        },
    } | parts


OPEN = {
    "as it is deployed": [NO_TLS, statement()],
    "without conditions": [statement(Condition={})],
    "with patterns": [
        statement(Action="sqs:*", Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:orig*"}})
    ],
    "one of several": [statement(Principal={"Service": ["sns.amazonaws.com", "s3.amazonaws.com"]})],
    "for everybody": [statement(Principal="*")],
}
CLOSED = {
    "no statement": [],
    "only what forbids": [NO_TLS],
    "another bucket": [statement(Condition={"ArnEquals": {"aws:SourceArn": f"{BUCKET}-2"}})],
    "another account": [statement(Condition={"StringEquals": {"aws:SourceAccount": "2"}})],
    "another service": [statement(Principal={"Service": "sns.amazonaws.com"})],
    "another action": [statement(Action="sqs:ReceiveMessage")],
    "another queue": [statement(Resource=f"{QUEUE}-2")],
    "forbidden besides": [statement(), statement(Effect="Deny", Action="*")],
    "everybody else": [
        statement(Condition={"StringNotEquals": {"aws:SourceAccount": "123456789012"}})
    ],
}


@pytest.mark.parametrize("name", OPEN)
def test_this_policy_lets_the_bucket_in(name: str) -> None:
    assert allows({"Statement": OPEN[name]}, VISIT)


@pytest.mark.parametrize("name", CLOSED)
def test_this_policy_does_not(name: str) -> None:
    assert not allows({"Statement": CLOSED[name]}, VISIT)


def test_no_policy_lets_nobody_in() -> None:
    assert not allows(parsed(None), VISIT)
    assert not allows(parsed(""), VISIT)
