"""What a change set would do, in our words: added, changed, replaced, removed, and what would be lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tintype.deployment.clients import Clients, asked
from tintype.deployment.parameters import Parameter
from tintype.deployment.parts import counted, kind_of, title_of


class Effect(StrEnum):
    """What becomes of a resource."""

    ADDED = "added"
    CHANGED = "changed"
    PERHAPS_REPLACED = "perhaps replaced"  # CloudFormation knows it only while it works
    REPLACED = "replaced"
    REMOVED = "removed"


class Loss(StrEnum):
    """What goes with a resource."""

    DATA = "data"
    ADDRESS = "address"


# What is lost with a resource that is replaced or removed, and in which words.
LOSSES: Mapping[str, tuple[Loss, str]] = {
    "AWS::S3::Bucket": (Loss.DATA, "every object in it"),
    "AWS::DynamoDB::Table": (Loss.DATA, "every record in it (tintype reindex makes them anew)"),
    "AWS::SQS::Queue": (Loss.DATA, "the messages in it: originals that wait to be developed"),
    "AWS::CloudFront::Distribution": (
        Loss.ADDRESS,
        "CloudFront's address: every URL of a rendition without a domain of your own",
    ),
    "AWS::ApiGatewayV2::Api": (Loss.ADDRESS, "the address of the HTTP API (HttpApiUrl)"),
    "AWS::AppSync::GraphQLApi": (Loss.ADDRESS, "the addresses of the GraphQL API"),
    "AWS::AppSync::ApiKey": (Loss.ADDRESS, "the GraphQL API's key, which clients have"),
    "AWS::Route53::RecordSet": (Loss.ADDRESS, "the domain's record"),
}
# Of those kinds, the properties with which a resource becomes another one (CloudFormation's reference,
# "Update requires: Replacement").
_IDENTITY: Mapping[str, frozenset[str]] = {
    "AWS::S3::Bucket": frozenset({"BucketName", "BucketNamePrefix"}),
    "AWS::DynamoDB::Table": frozenset({"TableName", "KeySchema", "LocalSecondaryIndexes"}),
    "AWS::SQS::Queue": frozenset({"QueueName", "FifoQueue"}),
    "AWS::CloudFront::Distribution": frozenset(),
    "AWS::ApiGatewayV2::Api": frozenset({"ProtocolType", "RouteKey", "Target"}),
    "AWS::AppSync::GraphQLApi": frozenset({"ApiType", "Visibility"}),
    "AWS::AppSync::ApiKey": frozenset({"ApiId", "ApiKeyId"}),
    "AWS::Route53::RecordSet": frozenset({"HostedZoneId", "HostedZoneName", "Name", "Type"}),
}
_KEPT_BY_POLICY = frozenset({"Retain", "ReplaceAndRetain"})


@dataclass(frozen=True, slots=True)
class Change:
    """One resource's; *properties* are those that differ. *kept* stays in the account, outside of the stack.

    What *follows* most often stays as it is: CloudFormation lists whatever names a resource that changes.
    """

    effect: Effect
    title: str
    logical_id: str
    resource_type: str
    physical_id: str = ""
    properties: tuple[str, ...] = ()
    kept: bool = False
    follows: bool = False  # nothing of its own differs: it names another that changes

    @property
    def loss(self) -> Loss | None:
        """What goes with the resource, if something does."""
        if self.effect in {Effect.ADDED, Effect.CHANGED} or self.resource_type not in LOSSES:
            return None
        return LOSSES[self.resource_type][0]

    @property
    def lost(self) -> str:
        """The loss in words."""
        _, what = LOSSES[self.resource_type]
        if self.kept and self.loss is Loss.DATA:
            return f"the stack leaves it behind, with {what}"
        return what


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter that has another value than before; *before* is None in a new stack."""

    name: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that would change."""

    changes: tuple[Change, ...]
    settings: tuple[Setting, ...] = ()
    is_new: bool = False

    @property
    def losses(self) -> tuple[Change, ...]:
        """The changes with which something is lost."""
        return tuple(change for change in self.changes if change.loss)

    def of(self, effect: Effect) -> tuple[Change, ...]:
        """Return the changes of one effect, without those that merely follow."""
        return tuple(c for c in self.changes if c.effect is effect and not c.follows)

    @property
    def following(self) -> tuple[Change, ...]:
        """The changes that merely follow."""
        return tuple(change for change in self.changes if change.follows)

    @property
    def summary(self) -> str:
        """How many resources are added, changed and so on."""
        counts = Counter(change.effect for change in self.changes if not change.follows)
        told = [f"{counts[effect]} {effect}" for effect in Effect if counts[effect]]
        following = len(self.following)
        return ", ".join([*told, *([f"{following} that name them"] if following else [])])


def read_changes(clients: Clients, change_set: str, stack: str) -> tuple[Change, ...]:
    """Return what a change set of a *stack* would do; its ARN, so that a policy can name it.

    Raises:
        ServiceError: CloudFormation cannot be asked.
    """
    return changes_of(list(_resource_changes(clients, change_set, stack)))


def _resource_changes(clients: Clients, change_set: str, stack: str) -> Iterator[Mapping[str, Any]]:
    with asked("cloudformation", "DescribeChangeSet"):
        pages = clients("cloudformation").get_paginator("describe_change_set")
        for page in pages.paginate(ChangeSetName=change_set, StackName=stack):
            for change in page.get("Changes", []):
                if change.get("Type", "Resource") == "Resource":
                    yield change["ResourceChange"]


def changes_of(said: Sequence[Mapping[str, Any]]) -> tuple[Change, ...]:
    """Return the changes from CloudFormation's own words for them."""
    changing, replaced = {each["LogicalResourceId"] for each in said}, _replaced(said)
    return tuple(
        _change(
            each,
            perhaps=each["LogicalResourceId"] in replaced,
            follows=_follows(each, changing, replaced),
        )
        for each in said
    )


def _change(said: Mapping[str, Any], *, perhaps: bool, follows: bool) -> Change:
    name, kind = said["LogicalResourceId"], said["ResourceType"]
    return Change(
        _effect(said["Action"], said.get("Replacement", ""), perhaps=perhaps),
        title_of(name, kind),
        name,
        kind,
        said.get("PhysicalResourceId", ""),
        tuple(dict.fromkeys(_properties(said.get("Details", [])))),
        kept=said.get("PolicyAction", "") in _KEPT_BY_POLICY,
        follows=follows,
    )


def _effect(action: str, replacement: str, *, perhaps: bool) -> Effect:
    if action in {"Add", "Import"}:
        return Effect.ADDED
    if action == "Remove":
        return Effect.REMOVED
    if replacement == "True":
        return Effect.REPLACED
    return Effect.PERHAPS_REPLACED if perhaps else Effect.CHANGED


def _replaced(said: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the resources that are replaced, or may be.

    CloudFormation says "Conditional" of whatever names another resource that changes in any way. But
    that one's name and ARN are new only if it is replaced itself, so this asks along the references.
    """
    replaced = {each["LogicalResourceId"] for each in said if each.get("Replacement") == "True"}
    unsure = [each for each in said if each.get("Replacement") == "Conditional"]
    changing = {each["LogicalResourceId"] for each in said}
    while True:
        found = {
            each["LogicalResourceId"]
            for each in unsure
            if any(_would_replace(each, detail, changing, replaced) for detail in each["Details"])
        }
        if found <= replaced:
            return replaced
        replaced |= found


def _would_replace(
    said: Mapping[str, Any], detail: Mapping[str, Any], changing: set[str], replaced: set[str]
) -> bool:
    target = detail.get("Target", {})
    if _cause(detail) in changing and _cause(detail) not in replaced:
        return False
    recreation = target.get("RequiresRecreation", "Never")
    identity = _IDENTITY.get(said["ResourceType"])
    if identity is None:
        return bool(recreation == "Always")
    return recreation != "Never" and target.get("Name", "") in identity


def _follows(said: Mapping[str, Any], changing: set[str], replaced: set[str]) -> bool:
    """Whether a resource is listed for the sake of others alone, none of which becomes another one."""
    details = said.get("Details", [])
    causes = {_cause(detail) for detail in details if _differs(detail)}
    return bool(details) and said["Action"] == "Modify" and causes <= changing - replaced


def _differs(detail: Mapping[str, Any]) -> bool:
    """Whether a detail is more than the echo of another: "Dynamic" without a cause repeats one with."""
    return bool(detail.get("CausingEntity")) or detail.get("Evaluation") == "Static"


def _cause(detail: Mapping[str, Any]) -> str:
    """Return the resource or the parameter that a detail names as its cause, or nothing."""
    return str(detail.get("CausingEntity", "")).partition(".")[0]


def _properties(details: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for detail in details:
        target = detail.get("Target", {})
        name = target.get("Name") or target.get("Attribute", "")
        if name:
            yield name


def changed_settings(
    known: Mapping[str, Parameter],
    wanted: Mapping[str, str],
    before: Mapping[str, str] | None,
    *,
    hidden: frozenset[str] = frozenset(),
) -> tuple[Setting, ...]:
    """Return the parameters whose values differ: from those *before*, or from the defaults in a new stack."""
    found = []
    for name, parameter in known.items():
        after = wanted.get(name, parameter.default or "")
        earlier = parameter.default if before is None else before.get(name)
        if name not in hidden and after != earlier and not (earlier is None and after == ""):
            found.append(Setting(name, None if before is None else earlier, after))
    return tuple(found)


def by_kind(changes: Sequence[Change]) -> str:
    """Return how many resources of which kinds these are, the most first.

    >>> by_kind([Change(Effect.ADDED, "", "", "AWS::S3::Bucket")] * 3)
    '3 buckets'
    """
    counts = Counter(kind_of(change.resource_type) for change in changes)
    return ", ".join(counted(number, kind) for kind, number in counts.most_common())
