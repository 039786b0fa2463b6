"""What is examined: the parts of a stack by their names, and who can be asked about them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, TypeAlias
from urllib.parse import urlsplit

from tintype.doctor.findings import Station

Answer: TypeAlias = Mapping[str, Any]  # what boto3 returns
FUNCTIONS = ("api", "develop", "catalogue")
QUEUES = ("develop", "catalogue")  # each feeds the function of its name
# The outputs of a stack that are looked at; those of the doors suffice for the journey.
DOORS = ("ApiUrl", "CdnUrl", "GraphqlUrl", "GraphqlRealtimeUrl", "GraphqlApiKey", "Region")
PARTS = (
    "HttpApiUrl",
    "GraphqlApiId",
    "DevelopQueueUrl",
    "DevelopFailedQueueUrl",
    "DevelopDeadLetterQueueUrl",
    "CatalogueQueueUrl",
    "CatalogueDeadLetterQueueUrl",
    "DistributionId",
    "DistributionDomain",
    "OriginalsBucket",
    "RenditionsBucket",
    "SiteBucket",
    "ImagesTable",
    "ApiFunction",
    "DevelopFunction",
    "CatalogueFunction",
)
LOCAL = "local"  # what `--stack` calls the local cloud
_JOINED = str.maketrans({" ": "", "-": ""})
_HTTP_API = re.compile(r"//([a-z0-9]+)\.execute-api\.|/_aws/execute-api/([a-z0-9]+)/")

# The stations that a function, or what is behind it, has to do with.
_DEVELOPING = frozenset({Station.RECORD, Station.ANNOUNCEMENT, Station.READY, Station.DELETION})
_ASKING = frozenset({Station.API, Station.TICKET, Station.LISTING, Station.DELETION})
SERVES: Mapping[str, frozenset[Station]] = {
    "api": _ASKING | {Station.UPLOAD},
    "develop": _DEVELOPING,
    "catalogue": _DEVELOPING,
}
USES_TABLE = _ASKING | _DEVELOPING | {Station.QUERY}


class LookError(Exception):
    """A question to AWS has no answer. *action* is IAM's word for the question."""

    def __init__(self, action: str, message: str) -> None:
        super().__init__(message)
        self.action = action


class NotAllowedError(LookError):
    """These credentials may not ask it."""


class GoneError(LookError):
    """What is asked about is not there."""


class UnansweredError(LookError):
    """The service refused for another reason, or did not answer."""


class Asks(Protocol):
    """Who answers questions about the account: `account.Inside`."""

    def ask(self, service: str, operation: str, **parameters: object) -> Answer:
        """Return a service's answer; raises a `LookError`."""


@dataclass(frozen=True)
class Case:
    """A stack under examination: its CloudFormation name, its outputs, and its account."""

    stack: str
    outputs: Mapping[str, str]
    region: str
    inside: Asks
    endpoint: str | None = None

    def ask(self, service: str, operation: str, **parameters: object) -> Answer:
        """Return a service's answer; raises a `LookError`."""
        return self.inside.ask(service, operation, **parameters)

    def function(self, name: str) -> str:
        """Return a function's name on AWS."""
        return self.outputs[f"{name.capitalize()}Function"]

    def queue(self, name: str) -> str:
        """Return a queue's address, by the words of docs/permissions.md."""
        return self.outputs[f"{name.title().translate(_JOINED)}QueueUrl"]

    def dead_letters(self, name: str) -> str:
        """Return the address of a queue's dead-letter queue."""
        return self.outputs[f"{name.capitalize()}DeadLetterQueueUrl"]

    def bucket(self, name: str) -> str:
        """Return a bucket's name: originals, renditions or site."""
        return self.outputs[f"{name.capitalize()}Bucket"]

    @property
    def table(self) -> str:
        """The images table's name."""
        return self.outputs["ImagesTable"]

    @property
    def http_api_id(self) -> str:
        """The HTTP API's id, which its address has in it."""
        found = _HTTP_API.search(self.outputs["HttpApiUrl"])
        return next(filter(None, found.groups())) if found else ""

    @property
    def is_local(self) -> bool:
        """Whether the stack runs on an emulator, whose addresses are not AWS's."""
        return self.endpoint is not None

    @property
    def domain(self) -> str | None:
        """The domain of the stack's own, None where it has CloudFront's."""
        host = urlsplit(self.outputs["CdnUrl"]).hostname
        return None if self.is_local or host == self.outputs["DistributionDomain"] else host

    @cached_property
    def functions(self) -> dict[str, Answer]:
        """The functions' configurations by our names; those that are gone are missing."""
        found = {}
        for name in FUNCTIONS:
            try:
                found[name] = self.ask(
                    "lambda", "get_function_configuration", FunctionName=self.function(name)
                )
            except GoneError:
                continue
        return found

    @cached_property
    def distribution(self) -> Answer:
        """The CDN's distribution; raises a `LookError`."""
        distribution: Answer = self.ask(
            "cloudfront", "get_distribution", Id=self.outputs["DistributionId"]
        )["Distribution"]
        return distribution

    def queue_arn(self, name: str) -> str:
        """Return a queue's ARN, which is made of its address."""
        account, own_name = urlsplit(self.queue(name)).path.strip("/").split("/")[-2:]
        return f"arn:{self.partition}:sqs:{self.region}:{account}:{own_name}"

    @property
    def account_id(self) -> str:
        """The account that the stack is in."""
        return urlsplit(self.queue("develop")).path.strip("/").split("/")[-2]

    @property
    def partition(self) -> str:
        """AWS's word for the part of the world whose accounts and names are its own."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    @property
    def put_back(self) -> str:
        """What restores a part that no single command does: a stack knows only its template's changes."""
        if self.is_local:
            return "tintype up --fresh makes the local cloud anew, without its images."
        return (
            "Let CloudFormation put it back, with a change set of the deployment mode REVERT_DRIFT: "
            "docs/errors.md has the command, under `tintype doctor`."
        )

    @property
    def deploy_again(self) -> str:
        """What deploys the stack again and publishes its page; what that is good for comes after it."""
        return "tintype up, anew," if self.is_local else self.tintype("deploy")

    def tintype(self, *words: str) -> str:
        """Return a command of ours for this very stack: a nameless one takes a local cloud that runs.

        >>> case = Case("pictures", {}, "eu-central-1", inside=None)
        >>> case.tintype("redrive", "--queue", "develop")
        'tintype redrive --queue develop --stack pictures --region eu-central-1'
        """
        place = [LOCAL] if self.is_local else [self.stack, "--region", self.region]
        return shlex.join(["tintype", *words, "--stack", *place])

    def command(self, *words: str, **documents: object) -> str:
        """Return a command of AWS's own command line, with options whose values are JSON.

        >>> case = Case("tintype", {}, "eu-central-1", inside=None)
        >>> case.command("sqs", "list-queues", "--max-results", "3")
        'aws --region eu-central-1 sqs list-queues --max-results 3'
        """
        place = ["--endpoint-url", self.endpoint] if self.endpoint else []
        options = [
            word
            for name, value in documents.items()
            for word in (f"--{name.replace('_', '-')}", json.dumps(value, separators=(",", ":")))
        ]
        return shlex.join(["aws", *place, "--region", self.region, *words, *options])
