"""An SQS queue: send, receive, delete, hide, count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec

from tintype.aws.account import Account, Call, Document


@dataclass(frozen=True, slots=True)
class Message:
    """One message; *receipt* is needed to delete it, *attributes* are SQS's (`SentTimestamp`…)."""

    body: str
    receipt: str
    id: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Counts:
    """The approximate numbers of messages: waiting, in flight and delayed."""

    visible: int
    in_flight: int
    delayed: int


class _Sent(msgspec.Struct, rename="pascal"):
    message_id: str


class _Message(msgspec.Struct, rename="pascal"):
    body: str
    receipt_handle: str
    message_id: str
    attributes: dict[str, str] = {}


class _Received(msgspec.Struct, rename="pascal"):
    messages: list[_Message] = []


class _Attributes(msgspec.Struct, rename="pascal"):
    attributes: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue with this SQS *url*."""

    account: Account
    url: str

    def send(self, body: str, *, delay_seconds: int = 0) -> str:
        """Send a message (up to 1 MiB) and return its ID. After a lost response it may be duplicated.

        It is not received before *delay_seconds* (0 to 900) have passed.

        Raises:
            ServiceError: the queue refused it.
        """
        message = {"MessageBody": body, "DelaySeconds": delay_seconds}
        return self._answer("SendMessage", message, _Sent).message_id

    def receive(
        self, limit: int = 10, *, wait_seconds: int = 0, visibility_seconds: int = 30
    ) -> list[Message]:
        """Return 0 to *limit* (1 to 10) messages, hidden from others for *visibility_seconds*.

        Waits up to *wait_seconds* (0 to 20) for the first one.

        Raises:
            ServiceError: the queue cannot be read.
        """
        body = {
            "MaxNumberOfMessages": limit,
            "WaitTimeSeconds": wait_seconds,
            "VisibilityTimeout": visibility_seconds,
            "MessageSystemAttributeNames": ["All"],
        }
        received = self._answer("ReceiveMessage", body, _Received, wait_seconds=wait_seconds)
        return [
            Message(message.body, message.receipt_handle, message.message_id, message.attributes)
            for message in received.messages
        ]

    def delete(self, receipt: str) -> None:
        """Delete a received message. A missing message is not an error.

        Raises:
            ServiceError: the queue refuses.
        """
        self.account.send(self._call("DeleteMessage", {"ReceiptHandle": receipt}))

    def show_after(self, receipt: str, seconds: int) -> None:
        """Make a received message visible again in *seconds* (0 to 43,200) from now.

        Raises:
            ServiceError: the queue refuses.
        """
        body = {"ReceiptHandle": receipt, "VisibilityTimeout": seconds}
        self.account.send(self._call("ChangeMessageVisibility", body))

    def counts(self) -> Counts:
        """Return SQS's estimate of the numbers of messages.

        Raises:
            ServiceError: the queue cannot be read.
        """
        prefix = "ApproximateNumberOfMessages"
        names = [prefix, f"{prefix}NotVisible", f"{prefix}Delayed"]
        found = self._answer("GetQueueAttributes", {"AttributeNames": names}, _Attributes)
        return Counts(*(int(found.attributes.get(name, "0")) for name in names))

    def _answer(
        self,
        operation: str,
        body: Mapping[str, object],
        kind: type[Document],
        *,
        wait_seconds: int = 0,
    ) -> Document:
        call = self._call(operation, body, wait_seconds=wait_seconds)
        return self.account.send_document(call, kind)

    def _call(self, operation: str, body: Mapping[str, object], *, wait_seconds: int = 0) -> Call:
        retry_policy = self.account.retry_policy
        return Call(
            "sqs",
            operation,
            headers={
                "content-type": "application/x-amz-json-1.0",
                "x-amz-target": f"AmazonSQS.{operation}",
            },
            body=msgspec.json.encode({"QueueUrl": self.url, **body}),
            retry_policy=replace(
                retry_policy, read_seconds=retry_policy.read_seconds + wait_seconds
            ),
        )
