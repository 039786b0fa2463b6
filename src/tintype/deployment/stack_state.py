"""The current state of a CloudFormation stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tintype.aws.errors import InvalidRequestError
from tintype.aws.sdk import Clients, calling
from tintype.outputs import Output

DESCRIPTION = "Tintype: "  # the start of the description of each Tintype stack
OUR_PARAMETER = "PageSources"  # in every version of the template
DELETED = "DELETE_COMPLETE"
REVIEWED = "REVIEW_IN_PROGRESS"  # only a change set exists
CHANGE_SETS = "tintype-"  # the start of the names of Tintype's change sets
_NEVER_CAME = frozenset({"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"})


class Condition(StrEnum):
    """What can be done with a stack."""

    NEW = "new"
    READY = "ready"
    BUSY = "busy"
    NEVER_CAME = "never came"  # the creation failed: it can only be deleted
    HALF_GONE = "half gone"  # the deletion failed: what it still has was once in use
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class StackFacts:
    """What CloudFormation knows of a stack; *identity* is its ARN, valid for a deleted one too."""

    name: str
    identity: str
    status: str
    reason: str
    description: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    is_protected: bool = False

    @property
    def condition(self) -> Condition:
        """What can be done with it."""
        if self.status == REVIEWED:
            return Condition.NEW
        if self.status.endswith("IN_PROGRESS"):
            return Condition.BUSY
        if self.status in _NEVER_CAME:
            return Condition.NEVER_CAME
        if self.status == "DELETE_FAILED":
            return Condition.HALF_GONE
        return Condition.STUCK if self.status == "UPDATE_ROLLBACK_FAILED" else Condition.READY

    @property
    def must_be_deleted(self) -> bool:
        """Whether nothing else can be done with it."""
        return self.condition in {Condition.NEVER_CAME, Condition.HALF_GONE}

    @property
    def recovery(self) -> str:
        """The command that repairs it, if it is stuck."""
        if self.condition is Condition.HALF_GONE:
            return f"tintype destroy --stack {self.name}"
        return f"aws cloudformation continue-update-rollback --stack-name {self.name}"

    @property
    def is_deleted(self) -> bool:
        """Whether it is deleted, and only its data may be left."""
        return self.status == DELETED

    @property
    def is_ours(self) -> bool:
        """Whether it is a Tintype stack; a stack in review counts as one until its change sets are read."""
        # A local cloud omits the description of a stack created by a change set.
        known = self.description.startswith(DESCRIPTION) or OUR_PARAMETER in self.parameters
        return self.status == REVIEWED or known

    @property
    def version(self) -> str | None:
        """The version of its release, if known."""
        return self.outputs.get(Output.VERSION)


def stack_facts(clients: Clients, name: str) -> StackFacts | None:
    """Return the stack of that name or ARN, or None.

    Raises:
        ServiceError: CloudFormation does not answer.
    """
    try:
        with calling("cloudformation", "DescribeStacks"):
            answer = clients("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except InvalidRequestError as error:
        if "does not exist" in str(error):
            return None
        raise
    facts = _facts(answer)
    return None if facts.is_deleted and name != facts.identity else facts


def change_sets(clients: Clients, name: str) -> list[str]:
    """Return the names of a stack's change sets.

    Raises:
        ServiceError: CloudFormation does not answer.
    """
    return [
        each["ChangeSetName"]
        for page in clients.pages("cloudformation", "list_change_sets", StackName=name)
        for each in page["Summaries"]
        if not each["Status"].startswith("DELETE")
    ]


def is_another_s(clients: Clients, stack: StackFacts) -> bool:
    """Whether a stack belongs to another application; of one in review, by its change sets.

    Raises:
        ServiceError: CloudFormation does not answer.
    """
    if stack.condition is not Condition.NEW:
        return not stack.is_ours
    return any(not name.startswith(CHANGE_SETS) for name in change_sets(clients, stack.name))


def template_of(clients: Clients, identity: str) -> dict[str, Any]:
    """Return the template of a stack, or of a deleted one by its ARN.

    Raises:
        ServiceError: CloudFormation does not answer.
    """
    with calling("cloudformation", "GetTemplate"):
        body = clients("cloudformation").get_template(StackName=identity)["TemplateBody"]
    # boto3 parses JSON; YAML belongs to another application and stays text.
    return {} if isinstance(body, str) else dict(body)


def _facts(answer: Mapping[str, Any]) -> StackFacts:
    return StackFacts(
        name=answer["StackName"],
        identity=answer["StackId"],
        status=answer["StackStatus"],
        reason=answer.get("StackStatusReason", ""),
        description=answer.get("Description", ""),
        outputs={each["OutputKey"]: each["OutputValue"] for each in answer.get("Outputs", [])},
        parameters={
            each["ParameterKey"]: each.get("ParameterValue", "")
            for each in answer.get("Parameters", [])
        },
        is_protected=bool(answer.get("EnableTerminationProtection")),
    )
