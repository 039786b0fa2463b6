"""An SQS queue: send, receive, delete, hide, count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec

from tintype.aws.account import Account, Call, Document


@dataclass(frozen=True, slots=True)
class Message:
    """One message; *receipt* is what deletes it, *attributes* are SQS's (`SentTimestamp`…)."""

    body: str
    receipt: str
    id: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Counts:
    """About how many messages a queue has: waiting, received and not yet deleted, not yet due."""

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
    """The queue at *url*, as SQS names it."""

    account: Account
    url: str

    def send(self, body: str, *, delay_seconds: int = 0) -> str:
        """Send a message (up to 1 MiB) and return its id. After a lost answer it may be there twice.

        Nobody receives it before *delay_seconds* (0 to 900) have passed.

        Raises:
            ServiceError: the queue does not take it.
        """
        message = {"MessageBody": body, "DelaySeconds": delay_seconds}
        return self._answer("SendMessage", message, _Sent).message_id

    def receive(
        self, limit: int = 10, *, wait_seconds: int = 0, visibility_seconds: int = 30
    ) -> list[Message]:
        """Return 0 to *limit* (1 to 10) messages, which nobody else gets for *visibility_seconds*.

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
        """Delete a message that was received. It is no error if it is gone.

        Raises:
            ServiceError: the queue refuses.
        """
        self.account.send(self._call("DeleteMessage", {"ReceiptHandle": receipt}))

    def show_after(self, receipt: str, seconds: int) -> None:
        """Let others have a message that was received in *seconds* (0 to 43,200) from now.

        Raises:
            ServiceError: the queue refuses.
        """
        body = {"ReceiptHandle": receipt, "VisibilityTimeout": seconds}
        self.account.send(self._call("ChangeMessageVisibility", body))

    def counts(self) -> Counts:
        """Return how many messages there are, as SQS estimates it.

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
        patience = self.account.patience
        return Call(
            "sqs",
            operation,
            headers={
                "content-type": "application/x-amz-json-1.0",
                "x-amz-target": f"AmazonSQS.{operation}",
            },
            body=msgspec.json.encode({"QueueUrl": self.url, **body}),
            patience=replace(patience, read_seconds=patience.read_seconds + wait_seconds),
        )
