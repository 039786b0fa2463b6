"""Rows and messages that were answered for are there after a kill, what was deleted is not."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.local.conftest import Cloud, Served
from tests.local.template import write_release

RESOURCES: dict[str, Any] = {
    "Rows": {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": "rows",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    },
    "Queue": {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": "told", "VisibilityTimeout": 600},
    },
    "MayTell": {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{"Ref": "Queue"}],
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "s3.amazonaws.com"},
                        "Action": "sqs:SendMessage",
                        "Resource": {"Fn::GetAtt": ["Queue", "Arn"]},
                    },
                    {
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "sqs:*",
                        "Resource": {"Fn::GetAtt": ["Queue", "Arn"]},
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    },
                ],
            },
        },
    },
    "Told": {
        "Type": "AWS::S3::Bucket",
        "DependsOn": "MayTell",
        "Properties": {
            "BucketName": "told",
            "NotificationConfiguration": {
                "QueueConfigurations": [
                    {
                        "Event": "s3:ObjectCreated:*",
                        "Queue": {"Fn::GetAtt": ["Queue", "Arn"]},
                    }
                ]
            },
        },
    },
}


def row(name: str, **more: str) -> dict[str, Any]:
    return {"id": {"S": name}, **{key: {"S": value} for key, value in more.items()}}


@pytest.fixture
def served(tmp_path: Path) -> Served:
    return Served(tmp_path / "state", write_release(tmp_path / "release", RESOURCES))


def received(cloud: Cloud) -> list[str]:
    sqs = cloud.client("sqs")
    address = sqs.get_queue_url(QueueName="told")["QueueUrl"]
    found = sqs.receive_message(QueueUrl=address, MaxNumberOfMessages=10).get("Messages", [])
    return sorted(
        body if len(body) < 10 else "event"
        for body in (each["Body"] for each in found)
        if "s3:TestEvent" not in body
    )


def test_lines_that_are_no_changes_are_logged_and_the_others_are_done_again(
    served: Served,
) -> None:
    cloud = Cloud(served.start())
    address = cloud.client("sqs").get_queue_url(QueueName="told")["QueueUrl"]
    try:
        cloud.client("dynamodb").put_item(TableName="rows", Item=row("first"))
        served.end(signal.SIGKILL)
        [journal] = served.state.glob("journal.*.jsonl")
        (put,) = journal.read_text("utf-8").splitlines()
        (served.state / "journal.old.jsonl").write_text(put)
        arn = json.loads(put)[1]
        queue = f"{arn.replace('dynamodb', 'sqs').partition('table/')[0]}told"
        foreign = [
            b"[" * 100_000,
            b'"text"',
            b"\xff",
            b'{"put": 1}',
            b'["put"]',
            json.dumps(["forget", arn, "first", ""]).encode(),
            json.dumps(["sent", queue, {"id": "1"}]).encode(),
            json.dumps(["sent", queue, 7]).encode(),
        ]
        last = put.replace("first", "last")
        cut = put[:-9]
        journal.write_bytes(b"\n".join([put.encode(), *foreign, last.encode(), cut.encode()]))

        again = Cloud(served.start())

        found = again.client("dynamodb").scan(TableName="rows")["Items"]
        assert sorted(found, key=str) == [row("first"), row("last")]
        assert received(again) == []
        assert address
        log = "".join(path.read_text("utf-8") for path in served.state.glob("*.log*"))
        for number in (*range(2, 2 + len(foreign)), 3 + len(foreign)):
            assert f"{journal.name}, line {number} cannot be replayed" in log
    finally:
        served.end(signal.SIGKILL)


def test_kill_loses_nothing_that_was_answered(served: Served) -> None:
    cloud = Cloud(served.start())
    rows, sqs = cloud.client("dynamodb"), cloud.client("sqs")
    address = sqs.get_queue_url(QueueName="told")["QueueUrl"]
    try:
        rows.put_item(TableName="rows", Item=row("kept"))
        rows.put_item(TableName="rows", Item=row("changed", to="before"))
        rows.put_item(TableName="rows", Item=row("changed", to="after"))
        rows.put_item(TableName="rows", Item=row("deleted"))
        rows.delete_item(TableName="rows", Key=row("deleted"))
        sqs.send_message(QueueUrl=address, MessageBody="sent")
        cloud.client("s3").put_object(Bucket="told", Key="a", Body=b"a")
        in_somebodys_hands = received(cloud)

        served.end(signal.SIGKILL)

        again = Cloud(served.start())
        found = again.client("dynamodb").scan(TableName="rows")["Items"]
        assert sorted(found, key=str) == sorted([row("kept"), row("changed", to="after")], key=str)
        assert in_somebodys_hands == received(again) == ["event", "sent"]
        assert again.client("s3").get_object(Bucket="told", Key="a")["Body"].read() == b"a"
    finally:
        served.end(signal.SIGKILL)


def test_kill_between_an_object_and_its_notification_loses_neither(served: Served) -> None:
    cloud = Cloud(served.start())
    try:
        cloud.client("s3").put_object(Bucket="told", Key="a", Body=b"a")
        served.end(signal.SIGKILL)
        [journal] = served.state.glob("journal.*.jsonl")
        lines = journal.read_text("utf-8").splitlines()
        (due,) = (line for line in lines if line.startswith('["due"'))
        kind, sequencer, (bucket, _, *rest), named = json.loads(due)
        never_written = json.dumps([kind, f"{sequencer}1", [bucket, "b", *rest], named])
        journal.write_text(f"{due}\n{never_written}\n", "utf-8")

        again = Cloud(served.start())

        assert received(again) == ["event"]
        kinds = [json.loads(line)[0] for line in lines]
        assert kinds == ["due", "sent", "notified"], "the first is written before the object is"
    finally:
        served.end(signal.SIGKILL)
