"""What a change set would do: add, change, replace, remove, and what would be lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tintype.aws.sdk import Clients
from tintype.deployment.descriptions import counted, kind_of, part_of, title_of
from tintype.deployment.parameters import TemplateParameter
from tintype.outputs import Output


class Effect(StrEnum):
    """What happens to a resource."""

    ADDED = "added"
    CHANGED = "changed"
    PERHAPS_REPLACED = "perhaps replaced"  # decided only during the update
    REPLACED = "replaced"
    REMOVED = "removed"


class Loss(StrEnum):
    """What is lost with a resource."""

    DATA = "data"
    ADDRESS = "address"


# What is lost with a resource that is replaced or removed.
LOSSES: Mapping[str, tuple[Loss, str]] = {
    "AWS::S3::Bucket": (Loss.DATA, "every object in it"),
    "AWS::DynamoDB::Table": (Loss.DATA, "every record in it (tintype reindex recreates them)"),
    "AWS::Cognito::UserPool": (
        Loss.DATA,
        "every account in it: people cannot sign in, and who is invited again gets another ID",
    ),
    "AWS::Cognito::UserPoolGroup": (Loss.DATA, "its members: add the admins again"),
    "AWS::SQS::Queue": (Loss.DATA, "the messages in it: originals waiting to be processed"),
    "AWS::CloudFront::Distribution": (
        Loss.ADDRESS,
        "CloudFront's address: every rendition's URL, unless you have a custom domain",
    ),
    "AWS::ApiGatewayV2::Api": (
        Loss.ADDRESS,
        f"the address of the HTTP API ({Output.HTTP_API_URL})",
    ),
    "AWS::AppSync::GraphQLApi": (Loss.ADDRESS, "the addresses of the GraphQL API"),
    "AWS::AppSync::ApiKey": (Loss.ADDRESS, "the GraphQL API's key, which clients use"),
    "AWS::Route53::RecordSet": (Loss.ADDRESS, "the domain's record"),
}
_ACCESS = "access"  # the part whose table has the API keys
_KEYS_LOST = "every API key in it (nothing recreates them; DynamoDB keeps a backup for 35 days)"
# The properties of these types whose change replaces the resource (CloudFormation's reference, "Update
# requires: Replacement").
_IDENTITY: Mapping[str, frozenset[str]] = {
    "AWS::S3::Bucket": frozenset({"BucketName", "BucketNamePrefix"}),
    "AWS::DynamoDB::Table": frozenset({"TableName", "KeySchema", "LocalSecondaryIndexes"}),
    "AWS::Cognito::UserPool": frozenset(
        {"AliasAttributes", "UsernameAttributes", "UsernameConfiguration"}
    ),
    "AWS::Cognito::UserPoolGroup": frozenset({"GroupName", "UserPoolId"}),
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
    """The change of one resource; *properties* are those that differ.

    A *kept* resource stays in the account, outside the stack. One that *follows* mostly stays as it is:
    CloudFormation lists every resource that refers to one that changes.
    """

    effect: Effect
    title: str
    logical_id: str
    resource_type: str
    physical_id: str = ""
    properties: tuple[str, ...] = ()
    kept: bool = False
    follows: bool = False  # only resources that it refers to change

    @property
    def loss(self) -> Loss | None:
        """What is lost with the resource, if anything."""
        if self.effect in {Effect.ADDED, Effect.CHANGED} or self.resource_type not in LOSSES:
            return None
        return LOSSES[self.resource_type][0]

    @property
    def lost(self) -> str:
        """The loss in words."""
        _, what = LOSSES[self.resource_type]
        if self._has_keys:
            what = _KEYS_LOST
        if self.kept and self.loss is Loss.DATA:
            return f"it stays outside the stack, with {what}"
        return what

    @property
    def _has_keys(self) -> bool:
        """Whether it is the table of the API keys."""
        is_table = self.resource_type == "AWS::DynamoDB::Table"
        return is_table and part_of(self.logical_id).split()[-1] == _ACCESS


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter whose value changes; *before* is None in a new stack."""

    name: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """Everything that would change."""

    changes: tuple[Change, ...]
    settings: tuple[Setting, ...] = ()
    is_new: bool = False

    @property
    def losses(self) -> tuple[Change, ...]:
        """The changes that lose something."""
        return tuple(change for change in self.changes if change.loss)

    def of(self, effect: Effect) -> tuple[Change, ...]:
        """Return the changes of one effect, except those that only follow."""
        return tuple(c for c in self.changes if c.effect is effect and not c.follows)

    @property
    def following(self) -> tuple[Change, ...]:
        """The changes that only follow."""
        return tuple(change for change in self.changes if change.follows)

    @property
    def summary(self) -> str:
        """How many resources are added, changed and so on."""
        counts = Counter(change.effect for change in self.changes if not change.follows)
        named = [f"{counts[effect]} {effect}" for effect in Effect if counts[effect]]
        following = len(self.following)
        return ", ".join([*named, *([f"{following} that refer to them"] if following else [])])


def read_changes(clients: Clients, change_set: str, stack: str) -> tuple[Change, ...]:
    """Return what a change set would do; *stack* is an ARN, as policies name it.

    Raises:
        ServiceError: CloudFormation does not answer.
    """
    return changes_of(list(_resource_changes(clients, change_set, stack)))


def _resource_changes(clients: Clients, change_set: str, stack: str) -> Iterator[Mapping[str, Any]]:
    for page in clients.pages(
        "cloudformation", "describe_change_set", ChangeSetName=change_set, StackName=stack
    ):
        for change in page.get("Changes", []):
            if change.get("Type", "Resource") == "Resource":
                yield change["ResourceChange"]


def changes_of(resource_changes: Sequence[Mapping[str, Any]]) -> tuple[Change, ...]:
    """Return the changes from CloudFormation's description of them."""
    changing, replaced = (
        {each["LogicalResourceId"] for each in resource_changes},
        _replaced(resource_changes),
    )
    return tuple(
        _change(
            each,
            perhaps=each["LogicalResourceId"] in replaced,
            follows=_follows(each, changing, replaced),
        )
        for each in resource_changes
    )


def _change(resource_change: Mapping[str, Any], *, perhaps: bool, follows: bool) -> Change:
    name, kind = resource_change["LogicalResourceId"], resource_change["ResourceType"]
    return Change(
        _effect(resource_change["Action"], resource_change.get("Replacement", ""), perhaps=perhaps),
        title_of(name, kind),
        name,
        kind,
        resource_change.get("PhysicalResourceId", ""),
        tuple(dict.fromkeys(_properties(resource_change.get("Details", [])))),
        kept=resource_change.get("PolicyAction", "") in _KEPT_BY_POLICY,
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


def _replaced(resource_changes: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the resources that are replaced, or may be.

    CloudFormation reports "Conditional" for every resource that refers to one that changes. But the
    other's name and ARN change only if it is replaced itself, so this follows the references.
    """
    replaced = {
        each["LogicalResourceId"] for each in resource_changes if each.get("Replacement") == "True"
    }
    unsure = [each for each in resource_changes if each.get("Replacement") == "Conditional"]
    changing = {each["LogicalResourceId"] for each in resource_changes}
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
    resource_change: Mapping[str, Any],
    detail: Mapping[str, Any],
    changing: set[str],
    replaced: set[str],
) -> bool:
    target = detail.get("Target", {})
    if _cause(detail) in changing and _cause(detail) not in replaced:
        return False
    recreation = target.get("RequiresRecreation", "Never")
    identity = _IDENTITY.get(resource_change["ResourceType"])
    if identity is None:
        return bool(recreation == "Always")
    return recreation != "Never" and target.get("Name", "") in identity


def _follows(resource_change: Mapping[str, Any], changing: set[str], replaced: set[str]) -> bool:
    """Whether a resource is listed only because it refers to others, none of which is replaced."""
    details = resource_change.get("Details", [])
    causes = {_cause(detail) for detail in details if _differs(detail)}
    return bool(details) and resource_change["Action"] == "Modify" and causes <= changing - replaced


def _differs(detail: Mapping[str, Any]) -> bool:
    """Whether a detail is more than a repetition: "Dynamic" without a cause repeats one with a cause."""
    return bool(detail.get("CausingEntity")) or detail.get("Evaluation") == "Static"


def _cause(detail: Mapping[str, Any]) -> str:
    """Return the resource or parameter that causes a detail, or nothing."""
    return str(detail.get("CausingEntity", "")).partition(".")[0]


def _properties(details: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for detail in details:
        target = detail.get("Target", {})
        name = target.get("Name") or target.get("Attribute", "")
        if name:
            yield name


def changed_settings(
    known: Mapping[str, TemplateParameter],
    values: Mapping[str, str],
    before: Mapping[str, str] | None,
    *,
    hidden: frozenset[str] = frozenset(),
) -> tuple[Setting, ...]:
    """Return the parameters that differ from those *before*, or in a new stack from the defaults."""
    found = []
    for name, parameter in known.items():
        after = values.get(name, parameter.default or "")
        earlier = parameter.default if before is None else before.get(name)
        if name not in hidden and after != earlier and not (earlier is None and after == ""):
            found.append(Setting(name, None if before is None else earlier, after))
    return tuple(found)


def by_kind(changes: Sequence[Change]) -> str:
    """Return how many resources of each kind there are, the most first.

    >>> by_kind([Change(Effect.ADDED, "", "", "AWS::S3::Bucket")] * 3)
    '3 buckets'
    """
    counts = Counter(kind_of(change.resource_type) for change in changes)
    return ", ".join(counted(number, kind) for kind, number in counts.most_common())
