"""Taking a stack away with everything that deploying it has made: start with `destroy`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from tintype.aws.errors import NoStackError, NotFoundError
from tintype.deployment.certificates import find_certificate, remove_stack
from tintype.deployment.checks import Place
from tintype.deployment.clients import GLOBAL_REGION, asked
from tintype.deployment.emptying import empty
from tintype.deployment.errors import (
    LeftBehindError,
    NotTintypeError,
    StackBusyError,
    StackProtectedError,
)
from tintype.deployment.inventory import Inventory, Kind, Store, deleted_stack, take_inventory
from tintype.deployment.packages import PackagesBucket
from tintype.deployment.stacks import Condition, StackFacts, is_another_s, stack_facts
from tintype.deployment.watching import Operation, Progress, told

TRIES = 3  # at deleting a stack into whose buckets somebody may still be putting things


class Reporter(Protocol):
    """Hears of each step, of objects that have gone, and of CloudFormation's progress."""

    def step(self, text: str) -> None:
        """Take a step as it begins."""

    def emptied(self, number: int) -> None:
        """Take that so many objects more have gone; from several threads."""

    def progress(self, progress: Progress, /) -> None:
        """Take how far CloudFormation is."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of it all: *kept* was to stay, *left* was to go and is still there."""

    removed: tuple[str, ...]
    kept: tuple[Store, ...]
    left: tuple[str, ...] = ()
    objects: int = 0


def find_what_to_destroy(place: Place, name: str) -> Inventory:
    """Return what there is of a stack, or what a deleted one has left.

    Raises:
        NoStackError: there is nothing of that name.
        NotTintypeError: the stack is another application's.
        StackProtectedError: it may not be deleted.
        StackBusyError: somebody changes it just now.
        ServiceError: AWS does not tell.
    """
    clients = place.clients
    stack = stack_facts(clients, name)
    if stack and is_another_s(clients, stack):
        message = f"the stack {name} in {clients.region} is another application's"
        raise NotTintypeError(message)
    if stack and stack.condition is Condition.BUSY and stack.status != "DELETE_IN_PROGRESS":
        message = f"the stack {name} is {stack.status}: somebody changes it just now"
        raise StackBusyError(message)
    if stack and stack.is_protected:
        command = f"aws cloudformation update-termination-protection --stack-name {name} --region {clients.region}"
        message = f"{name} is protected against deletion; to end that: {command} --no-enable-termination-protection"
        raise StackProtectedError(message)
    there = stack or deleted_stack(clients, name)
    if there and there.is_ours:
        found = take_inventory(place, there)
        if stack or found.stores or found.packages or found.certificate:
            return found
    message = f"no stack {name!r} in {clients.region}, and nothing that one has left"
    raise NoStackError(message, service="cloudformation", operation="DescribeStacks")


def destroy(
    place: Place, found: Inventory, reporter: Reporter, *, delete_images: bool = False
) -> Ended:
    """Remove the stack, its page, its packages bucket and its certificate; with *delete_images* its data.

    Raises:
        LeftBehindError: the stack could not be deleted; the message has the reasons.
        ServiceError: AWS refuses something.
    """
    doomed = found.doomed(delete_images=delete_images)
    removal = _Removal(place, reporter)
    if not found.stack.is_deleted:
        removal.delete_stack(found.stack, doomed)
    for store in doomed:
        removal.delete_store(store)
    if found.packages:
        removal.delete_packages(found.packages)
    certificate = find_certificate(place.clients, found.stack.name)
    if certificate:
        removal.delete_certificate(certificate)
    removal.delete_logs(found.logs)
    kept = tuple(store for store in found.stores if store not in doomed)
    return Ended(tuple(removal.removed), kept, tuple(_left(place, found, doomed)), removal.objects)


class _Removal:
    """Removes one thing after the other, and remembers which."""

    def __init__(self, place: Place, reporter: Reporter) -> None:
        self._place, self._reporter = place, reporter
        self.removed: list[str] = []
        self.objects = 0

    def delete_stack(self, stack: StackFacts, doomed: tuple[Store, ...]) -> None:
        """Delete the stack; its buckets must be empty for that, and others may fill them meanwhile."""
        for count in range(1, TRIES + 1):
            for store in doomed:
                self._empty(store)
            left, operation = self._deleted(stack)
            if left is None:
                self.removed.append(f"stack {stack.name}")
                return
            if count == TRIES:
                lines = [f"the stack {stack.name} is {left.status}: {left.reason}".rstrip(": ")]
                raise LeftBehindError("\n".join([*lines, *told(operation.failures)]))

    def delete_store(self, store: Store) -> None:
        """Delete a bucket or the table, unless it went with the stack."""
        clients, account = self._place.clients, self._place.account
        try:
            if store.kind is Kind.TABLE:
                with asked("dynamodb", "DeleteTable"):
                    clients("dynamodb").delete_table(TableName=store.name)
                    clients("dynamodb").get_waiter("table_not_exists").wait(TableName=store.name)
            elif _bucket_is_there(self._place, store.name):
                self._empty(store)
                with asked("s3", "DeleteBucket"):
                    clients("s3").delete_bucket(Bucket=store.name, ExpectedBucketOwner=account)
        except NotFoundError:
            pass
        self.removed.append(f"{store.title} {store.name}")

    def delete_packages(self, name: str) -> None:
        """Delete the packages bucket."""
        self._reporter.step("removing the packages bucket")
        PackagesBucket(self._place.clients, name, self._place.account).remove(
            self._reporter.emptied
        )
        self.removed.append(f"packages bucket {name}")

    def delete_certificate(self, stack: StackFacts) -> None:
        """Delete the stack with the certificate; CloudFront has let go of it by now."""
        self._reporter.step(f"removing the certificate (stack {stack.name} in {GLOBAL_REGION})")
        there = self._place.clients.elsewhere(GLOBAL_REGION)
        left = remove_stack(there, stack, self._reporter.progress)
        if left is None:
            self.removed.append(f"stack {stack.name}")

    def delete_logs(self, groups: tuple[str, ...]) -> None:
        """Delete the log groups that a function which ran until its end has made once more."""
        for name in groups:
            with suppress(NotFoundError), asked("logs", "DeleteLogGroup"):
                self._place.clients("logs").delete_log_group(logGroupName=name)
                self.removed.append(f"log group {name}")

    def _empty(self, store: Store) -> None:
        if store.kind is Kind.BUCKET and _bucket_is_there(self._place, store.name):
            self._reporter.step(f"emptying the {store.title}")
            self.objects += empty(
                self._place.clients,
                store.name,
                self._reporter.emptied,
                owner=self._place.account,
            )

    def _deleted(self, stack: StackFacts) -> tuple[StackFacts | None, Operation]:
        self._reporter.step(f"deleting the stack {stack.name}")
        clients = self._place.clients
        operation = Operation(clients, stack.identity, watcher=self._reporter.progress)
        operation.about_to_begin()
        with asked("cloudformation", "DeleteStack"):
            clients("cloudformation").delete_stack(StackName=stack.identity)
        return operation.wait(), operation


def _bucket_is_there(place: Place, name: str) -> bool:
    return PackagesBucket(place.clients, name, place.account).exists()


def _table_is_there(place: Place, name: str) -> bool:
    try:
        with asked("dynamodb", "DescribeTable"):
            place.clients("dynamodb").describe_table(TableName=name)
    except NotFoundError:
        return False
    return True


def _left(place: Place, found: Inventory, doomed: tuple[Store, ...]) -> list[str]:
    """Look for every bucket, table and stack that was to go; return what is still there."""
    clients = place.clients
    looks = {Kind.BUCKET: _bucket_is_there, Kind.TABLE: _table_is_there}
    left = [f"{each.title} {each.name}" for each in doomed if looks[each.kind](place, each.name)]
    if found.packages and _bucket_is_there(place, found.packages):
        left.append(f"packages bucket {found.packages}")
    if stack_facts(clients, found.stack.name):
        left.append(f"stack {found.stack.name}")
    certificate = find_certificate(clients, found.stack.name)
    if certificate:
        left.append(f"stack {certificate.name} in {GLOBAL_REGION}")
    return left
