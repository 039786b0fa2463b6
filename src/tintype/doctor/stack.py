"""The stack under examination: its parts by name, and the way to ask AWS about them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeAlias
from urllib.parse import urlsplit

from tintype.aws.errors import NotFoundError
from tintype.doctor.findings import Finding, Step
from tintype.outputs import FUNCTION_OUTPUTS, Output

AwsResponse: TypeAlias = Mapping[str, Any]  # what boto3 returns
FUNCTIONS = tuple(FUNCTION_OUTPUTS)
QUEUES = ("process", "catalogue")  # each feeds the function of the same name
BACKGROUND = "background"  # originals that nobody waits for
FAILED = "process-failed"  # messages that failed on every try, until that is recorded
# Outputs for people, or only in some access modes; all others are needed.
_NOT_NEEDED = frozenset(
    {
        Output.ACCESS,
        Output.ACCESS_MODE,
        Output.ACCESS_TABLE,
        Output.ADMIN_GROUP,
        Output.ANYONE,
        Output.DELIVERY_UNSIGNED,
        Output.DELIVERY_WIDTHS,
        Output.ORIGINALS_READABLE,
        Output.SIGN_IN_AUDIENCE,
        Output.SIGN_IN_CLIENT_ID,
        Output.SIGN_IN_ISSUER,
        Output.SIGN_IN_SCOPE,
        Output.SIGN_IN_URL,
        Output.USER_POOL_ID,
        Output.VERSION,
        Output.VISIBILITY,
    }
)
NEEDED = tuple(output for output in Output if output not in _NOT_NEEDED)
_QUEUES: Mapping[str, Output] = {
    "process": Output.PROCESS_QUEUE_URL,
    "catalogue": Output.CATALOGUE_QUEUE_URL,
    BACKGROUND: Output.BACKGROUND_QUEUE_URL,
    FAILED: Output.PROCESS_FAILED_QUEUE_URL,
    "process-dead-letter": Output.PROCESS_DEAD_LETTER_QUEUE_URL,
    "catalogue-dead-letter": Output.CATALOGUE_DEAD_LETTER_QUEUE_URL,
}
_BUCKETS: Mapping[str, Output] = {
    "originals": Output.ORIGINALS_BUCKET,
    "renditions": Output.RENDITIONS_BUCKET,
    "site": Output.SITE_BUCKET,
}
LOCAL = "local"  # what `--stack` calls the local cloud
_HTTP_API = re.compile(r"//([a-z0-9]+)\.execute-api\.|/_aws/execute-api/([a-z0-9]+)/")

# The steps that depend on a function.
_PROCESSING = frozenset({Step.RECORD, Step.ANNOUNCEMENT, Step.READY, Step.DELETION})
_ASKING = frozenset({Step.API, Step.TICKET, Step.LISTING, Step.DELETION})
SERVES: Mapping[str, frozenset[Step]] = {
    "api": _ASKING | {Step.UPLOAD},
    "process": _PROCESSING,
    "catalogue": _PROCESSING,
    "render": frozenset({Step.ADDRESS}),
}
USES_TABLE = _ASKING | _PROCESSING | {Step.QUERY}


class AwsReader(Protocol):
    """Answers questions about the account, as `tintype.aws.sdk.Clients` does."""

    def ask(self, service: str, operation: str, **parameters: object) -> AwsResponse:
        """Return a service's answer; raises a `ServiceError`."""

    def pages(self, service: str, operation: str, **parameters: object) -> Iterator[AwsResponse]:
        """Yield the pages of a service's list; raises a `ServiceError`."""


@dataclass(frozen=True)
class StackUnderTest:
    """A stack under examination: its CloudFormation name, its outputs, and its account."""

    stack: str
    outputs: Mapping[str, str]
    region: str
    aws: AwsReader
    endpoint: str | None = None

    def ask(self, service: str, operation: str, **parameters: object) -> AwsResponse:
        """Return a service's answer; raises a `ServiceError`."""
        return self.aws.ask(service, operation, **parameters)

    def function(self, name: str) -> str:
        """Return a function's name on AWS."""
        return self.outputs[FUNCTION_OUTPUTS[name]]

    def function_arn(self, name: str) -> str:
        """Return a function's ARN."""
        return f"arn:{self.partition}:lambda:{self.region}:{self.account_id}:function:{self.function(name)}"

    def queue(self, name: str) -> str:
        """Return a queue's URL; names are those of docs/reference/permissions.md."""
        return self.outputs[_QUEUES[name]]

    def dead_letters(self, name: str) -> str:
        """Return the URL of a queue's dead-letter queue."""
        return self.queue(f"{name}-dead-letter")

    def bucket(self, name: str) -> str:
        """Return a bucket's name: originals, renditions or site."""
        return self.outputs[_BUCKETS[name]]

    @property
    def table(self) -> str:
        """The images table's name."""
        return self.outputs[Output.IMAGES_TABLE]

    @property
    def http_api_id(self) -> str:
        """The HTTP API's id, which is part of its address."""
        found = _HTTP_API.search(self.outputs[Output.HTTP_API_URL])
        return next(filter(None, found.groups())) if found else ""

    @property
    def is_local(self) -> bool:
        """Whether the stack runs on an emulator."""
        return self.endpoint is not None

    @property
    def domain(self) -> str | None:
        """The custom domain, None if CloudFront's own is used."""
        host = urlsplit(self.outputs[Output.CDN_URL]).hostname
        return None if self.is_local or host == self.outputs[Output.DISTRIBUTION_DOMAIN] else host

    @cached_property
    def functions(self) -> dict[str, AwsResponse]:
        """The configurations of the functions that exist, by their short names."""
        found = {}
        for name in FUNCTIONS:
            try:
                found[name] = self.ask(
                    "lambda", "get_function_configuration", FunctionName=self.function(name)
                )
            except NotFoundError:
                continue
        return found

    @cached_property
    def distribution(self) -> AwsResponse:
        """The CDN's distribution; raises a `ServiceError`."""
        distribution: AwsResponse = self.ask(
            "cloudfront", "get_distribution", Id=self.outputs[Output.DISTRIBUTION_ID]
        )["Distribution"]
        return distribution

    def queue_arn(self, name: str) -> str:
        """Return a queue's ARN, derived from its URL."""
        account, own_name = urlsplit(self.queue(name)).path.strip("/").split("/")[-2:]
        return f"arn:{self.partition}:sqs:{self.region}:{account}:{own_name}"

    @property
    def distribution_arn(self) -> str:
        """The ARN of the CDN's distribution."""
        name = self.outputs[Output.DISTRIBUTION_ID]
        return f"arn:{self.partition}:cloudfront::{self.account_id}:distribution/{name}"

    @property
    def account_id(self) -> str:
        """The account that the stack is in."""
        return urlsplit(self.queue("process")).path.strip("/").split("/")[-2]

    @property
    def partition(self) -> str:
        """The AWS partition of the region."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    @property
    def put_back(self) -> str:
        """How to restore what was changed by hand: deploying again compares templates only."""
        if self.is_local:
            return "Run `tintype up --fresh`: it starts a new local cloud. The images in this one are deleted."
        return (
            "Have CloudFormation restore it with a change set of the deployment mode REVERT_DRIFT; "
            "docs/reference/errors/operations.md has the commands."
        )

    def missing(
        self, part: str, error: NotFoundError | None, explains: frozenset[Step], then: str = ""
    ) -> Finding:
        """Return the finding that a part no longer exists; *then* is the step after restoring it."""
        return Finding(
            code="part_missing",
            message=f"The {part} no longer exists.",
            remedy=self.put_back + then,
            evidence=(str(error),) if error else (),
            explains=explains,
        )

    @property
    def deploy_again(self) -> str:
        """The command that deploys the stack again and publishes its page."""
        return "tintype up" if self.is_local else self.tintype("deploy")

    def tintype(self, *words: str) -> str:
        """Return a `tintype` command for this stack; without --stack a running local cloud comes first.

        >>> target = StackUnderTest("pictures", {}, "eu-central-1", aws=None)
        >>> target.tintype("redrive", "--queue", "process")
        'tintype redrive --queue process --stack pictures --region eu-central-1'
        """
        place = [LOCAL] if self.is_local else [self.stack, "--region", self.region]
        return shlex.join(["tintype", *words, "--stack", *place])

    def command(self, *words: str) -> str:
        """Return an AWS CLI command for the stack's region.

        >>> target = StackUnderTest("tintype", {}, "eu-central-1", aws=None)
        >>> target.command("sqs", "list-queues", "--max-results", "3")
        'aws --region eu-central-1 sqs list-queues --max-results 3'
        """
        place = ["--endpoint-url", self.endpoint] if self.endpoint else []
        return shlex.join(["aws", *place, "--region", self.region, *words])
