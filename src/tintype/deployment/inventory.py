"""What belongs to a stack: data, page, packages bucket, certificate; and what a deleted one has left."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tintype.aws.dynamodb import INDEX
from tintype.aws.errors import NotFoundError
from tintype.aws.sdk import Clients
from tintype.deployment.artifacts import PackagesBucket, bucket_name
from tintype.deployment.certificates import find_certificate
from tintype.deployment.checks.run import AccountContext
from tintype.deployment.descriptions import part_of
from tintype.deployment.emptying import MEASURING_SECONDS, size_of
from tintype.deployment.events import newest_first
from tintype.deployment.stack_state import StackFacts, stack_facts, template_of

LEFT = "DELETE_SKIPPED"  # CloudFormation's status of what a stack leaves behind
LOGS = "AWS::Logs::LogGroup"
POOL = "AWS::Cognito::UserPool"
_ACCESS = "access"
_PAGE = "Site"


class StoreKind(StrEnum):
    """A type of resource that holds data."""

    BUCKET = "AWS::S3::Bucket"
    TABLE = "AWS::DynamoDB::Table"


@dataclass(frozen=True, slots=True)
class Store:
    """A bucket or a table; *kept* if the template has it outlive the stack."""

    kind: StoreKind
    part: str  # originals, renditions, site, images, access
    name: str
    kept: bool

    @property
    def is_page(self) -> bool:
        """Whether it is the page's bucket, which any release can fill again."""
        return self.kind is StoreKind.BUCKET and self.part == _PAGE.lower()

    @property
    def is_of_images(self) -> bool:
        """Whether it is the table of the images, not that of the API keys."""
        return self.kind is StoreKind.TABLE and self.part.split()[-1] != _ACCESS

    @property
    def title(self) -> str:
        """Its name for people."""
        return f"{self.part} {'bucket' if self.kind is StoreKind.BUCKET else 'table'}"


@dataclass(frozen=True, slots=True)
class Contents:
    """How much there is, at least that if the count is not *complete*."""

    count: int
    bytes: int = 0
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Inventory:
    """All that belongs to *stack*, which may be deleted."""

    stack: StackFacts
    stores: tuple[Store, ...]
    contents: Mapping[str, Contents]  # by the store's name
    resources: int
    packages: str | None
    certificate: StackFacts | None
    logs: tuple[str, ...] = ()  # the functions' log groups
    people: str | None = None  # the user pool that outlives the stack, with its accounts

    @property
    def images(self) -> Contents:
        """How many images there are."""
        tables = [store.name for store in self.stores if store.is_of_images]
        return self.contents.get(tables[0], Contents(0)) if tables else Contents(0)

    @property
    def stored(self) -> Contents:
        """How many objects and bytes the buckets have, without the page's."""
        buckets = (s.name for s in self.stores if s.kind is StoreKind.BUCKET and not s.is_page)
        found = [self.contents[name] for name in buckets if name in self.contents]
        return Contents(
            sum(each.count for each in found),
            sum(each.bytes for each in found),
            all(each.complete for each in found),
        )

    def doomed(self, *, delete_images: bool) -> tuple[Store, ...]:
        """Return the stores to delete: always the page's, the others by the template or *delete_images*."""
        return tuple(s for s in self.stores if delete_images or s.is_page or not s.kept)


def take_inventory(context: AccountContext, stack: StackFacts) -> Inventory:
    """Return all that belongs to *stack*.

    Raises:
        ServiceError: AWS does not answer.
    """
    clients = context.clients
    resources = list(_resources(clients, stack))
    kept = _kept(clients, stack.identity)
    stores = tuple(
        Store(
            StoreKind(each["ResourceType"]),
            part_of(each["LogicalResourceId"]),
            each["PhysicalResourceId"],
            each["LogicalResourceId"] in kept or each["ResourceStatus"] == LEFT,
        )
        for each in resources
        if each["ResourceType"] in set(StoreKind) and _is_there(each)
    )
    packages = PackagesBucket(
        clients, bucket_name(stack.name, context.account, clients.region), context.account
    )
    with ThreadPoolExecutor(len(stores) + 1, thread_name_prefix="measure") as pool:
        measured = pool.map(lambda store: _contents(context, store), stores)
        contents = {
            store.name: found for store, found in zip(stores, measured, strict=True) if found
        }
    return Inventory(
        stack,
        tuple(store for store in stores if store.name in contents),
        contents,
        sum(1 for each in resources if _is_there(each)),
        packages.name if packages.exists() else None,
        find_certificate(clients, stack.name),
        tuple(e["PhysicalResourceId"] for e in resources if e["ResourceType"] == LOGS),
        None if stack.is_deleted else next(_pools(resources, kept), None),
    )


def _pools(resources: Sequence[Mapping[str, Any]], kept: frozenset[str]) -> Iterator[str]:
    """Yield the user pools that outlive the stack."""
    for each in resources:
        if each["ResourceType"] == POOL and each["LogicalResourceId"] in kept and _is_there(each):
            yield each["PhysicalResourceId"]


def _is_there(resource: Mapping[str, Any]) -> bool:
    return (
        bool(resource.get("PhysicalResourceId")) and resource["ResourceStatus"] != "DELETE_COMPLETE"
    )


def _resources(clients: Clients, stack: StackFacts) -> Iterator[Mapping[str, Any]]:
    """Yield a stack's resources; of a deleted one, those that its events report as left."""
    if stack.is_deleted:
        yield from (e for e in newest_first(clients, stack.identity) if e["ResourceStatus"] == LEFT)
        return
    for page in clients.pages("cloudformation", "list_stack_resources", StackName=stack.identity):
        yield from page["StackResourceSummaries"]


def _kept(clients: Clients, stack: str) -> frozenset[str]:
    """Return the resources that outlive the stack by its template."""
    template = template_of(clients, stack)
    retained = {"Retain", "RetainExceptOnCreate"}
    resources = template.get("Resources", {})
    return frozenset(
        name for name in resources if resources[name].get("DeletionPolicy") in retained
    )


def _contents(context: AccountContext, store: Store) -> Contents | None:
    """Return how much a store contains, or None if it no longer exists."""
    if store.kind is StoreKind.TABLE:
        return _count(context.clients, store.name)
    if not PackagesBucket(context.clients, store.name, context.account).exists():
        return None
    return Contents(*size_of(context.clients, store.name, owner=context.account))


def _count(clients: Clients, table: str) -> Contents | None:
    """Return how many images the table lists; its own count is hours old."""
    found, deadline = 0, time.monotonic() + MEASURING_SECONDS
    # The index omits the tombstones of deleted images.
    pages = clients.pages("dynamodb", "scan", TableName=table, IndexName=INDEX, Select="COUNT")
    try:
        for page in pages:
            found += page["Count"]
            if time.monotonic() > deadline and "LastEvaluatedKey" in page:
                return Contents(found, complete=False)
    except NotFoundError:
        return None
    return Contents(found)


def deleted_stack(clients: Clients, name: str) -> StackFacts | None:
    """Return the stack of that name that was deleted last, if CloudFormation still knows one.

    Raises:
        ServiceError: CloudFormation does not answer.
    """
    pages = clients.pages("cloudformation", "list_stacks", StackStatusFilter=["DELETE_COMPLETE"])
    deleted = [
        each for page in pages for each in page["StackSummaries"] if each["StackName"] == name
    ]
    if not deleted:
        return None
    last = max(deleted, key=lambda each: each.get("DeletionTime") or each["CreationTime"])
    return stack_facts(clients, last["StackId"])
