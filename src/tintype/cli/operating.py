"""The parts of a stack, for the commands of its operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tintype.aws.access_table import AccessTable
from tintype.aws.account import Account
from tintype.aws.dynamodb import Table
from tintype.aws.s3 import Bucket
from tintype.aws.sqs import Queue
from tintype.cli.errors import StackIncompleteError
from tintype.cli.stack import Stack
from tintype.outputs import Output


@dataclass(frozen=True, slots=True)
class Parts:
    """A stack's buckets, queues and table, for its operator."""

    stack: Stack

    @property
    def account(self) -> Account:
        """The account that the stack is in."""
        if self.stack.account is None:
            message = "--endpoint is not enough for this command; pass --stack"
            raise StackIncompleteError(message)
        return self.stack.account

    @property
    def originals(self) -> Bucket:
        """The originals bucket."""
        return Bucket(self.account, self.stack.output(Output.ORIGINALS_BUCKET))

    @property
    def renditions(self) -> Bucket:
        """The renditions bucket, with the manifests."""
        return Bucket(self.account, self.stack.output(Output.RENDITIONS_BUCKET))

    @property
    def images(self) -> Table:
        """The images table."""
        images, access = Output.IMAGES_TABLE, Output.ACCESS_TABLE
        return Table(self.account, self.stack.output(images), self.stack.output(access))

    @property
    def access(self) -> AccessTable:
        """The table of the API keys."""
        return AccessTable(self.account, self.stack.output(Output.ACCESS_TABLE))

    def queue(self, url: Output) -> Queue:
        """Return the queue whose address is the output *url*."""
        return Queue(self.account, self.stack.output(url))

    def purge(self, paths: Sequence[str] = ("/*",)) -> bool:
        """Delete the CDN's copies below *paths*; return whether that ended within the time we wait.

        Raises:
            ServiceError: CloudFront refuses or does not answer.
        """
        from tintype.aws.cloudfront import purge  # noqa: PLC0415 - loads AWS's SDK
        from tintype.aws.sdk import clients_of  # noqa: PLC0415

        distribution = self.stack.output(Output.DISTRIBUTION_ID)
        return purge(clients_of(self.account), distribution, paths=paths)
