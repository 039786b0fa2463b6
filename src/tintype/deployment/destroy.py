"""Destroys a stack with everything that deploying it created: start with `destroy`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from tintype.aws.account import GLOBAL_REGION
from tintype.aws.errors import NoStackError, NotFoundError
from tintype.aws.sdk import calling
from tintype.deployment.artifacts import PackagesBucket
from tintype.deployment.certificates import begin_removal, find_certificate, remove_stack
from tintype.deployment.checks.run import AccountContext
from tintype.deployment.emptying import empty
from tintype.deployment.errors import (
    LeftBehindError,
    NotTintypeError,
    StackBusyError,
    StackProtectedError,
)
from tintype.deployment.events import Progress, failure_lines
from tintype.deployment.inventory import Inventory, Store, StoreKind, deleted_stack, take_inventory
from tintype.deployment.stack_state import Condition, StackFacts, is_another_s, stack_facts

TRIES = 3  # to delete a stack whose buckets may still be written to


class DestroyReporter(Protocol):
    """Receives each step, the objects deleted, and CloudFormation's progress."""

    def step(self, text: str) -> None:
        """Report that a step begins."""

    def emptied(self, number: int) -> None:
        """Report how many more objects were deleted; called from several threads."""

    def progress(self, progress: Progress, /) -> None:
        """Report CloudFormation's progress."""


@dataclass(frozen=True, slots=True)
class DestroyResult:
    """What was removed, what was *kept* on purpose, and what is *left* although it should be gone."""

    removed: tuple[str, ...]
    kept: tuple[Store, ...]
    left: tuple[str, ...] = ()
    objects: int = 0
    people: str | None = None  # the user pool that was kept


def find_what_to_destroy(context: AccountContext, name: str) -> Inventory:
    """Return what belongs to a stack, or what a deleted one has left.

    Raises:
        NoStackError: there is nothing of that name.
        NotTintypeError: the stack belongs to another application.
        StackProtectedError: it is protected against deletion.
        StackBusyError: another change is in progress.
        ServiceError: AWS does not answer.
    """
    clients = context.clients
    stack = stack_facts(clients, name)
    if stack and is_another_s(clients, stack):
        message = f"the stack {name} in {clients.region} belongs to another application"
        raise NotTintypeError(message)
    if stack and stack.condition is Condition.BUSY and stack.status != "DELETE_IN_PROGRESS":
        message = f"the stack {name} is {stack.status}: another change is in progress"
        raise StackBusyError(message)
    if stack and stack.is_protected:
        command = f"aws cloudformation update-termination-protection --stack-name {name} --region {clients.region}"
        message = f"{name} is protected against deletion; to remove the protection: {command} --no-enable-termination-protection"
        raise StackProtectedError(message)
    there = stack or deleted_stack(clients, name)
    if there and there.is_ours:
        found = take_inventory(context, there)
        if stack or found.stores or found.packages or found.certificate:
            return found
    message = f"no stack {name!r} in {clients.region}, and no remains of one"
    raise NoStackError(message, service="cloudformation", operation="DescribeStacks")


def destroy(
    context: AccountContext,
    found: Inventory,
    reporter: DestroyReporter,
    *,
    delete_images: bool = False,
) -> DestroyResult:
    """Delete the stack, its page, its packages bucket and its certificate; with *delete_images* its data.

    Raises:
        LeftBehindError: the stack could not be deleted; the message has the reasons.
        ServiceError: AWS refuses a request.
    """
    doomed = found.doomed(delete_images=delete_images)
    removal = _Removal(context, reporter)
    if not found.stack.is_deleted:
        removal.delete_stack(found.stack, doomed)
    for store in doomed:
        removal.delete_store(store)
    if found.packages:
        removal.delete_packages(found.packages)
    certificate = find_certificate(context.clients, found.stack.name)
    if certificate:
        removal.delete_certificate(certificate)
    removal.delete_logs(found.logs)
    kept = tuple(store for store in found.stores if store not in doomed)
    return DestroyResult(
        tuple(removal.removed),
        kept,
        tuple(_left(context, found, doomed)),
        removal.objects,
        found.people,
    )


class _Removal:
    """Deletes one thing after the other, and records which."""

    def __init__(self, context: AccountContext, reporter: DestroyReporter) -> None:
        self._context, self._reporter = context, reporter
        self.removed: list[str] = []
        self.objects = 0

    def delete_stack(self, stack: StackFacts, doomed: tuple[Store, ...]) -> None:
        """Delete the stack, whose buckets must be empty though others may fill them meanwhile."""
        for count in range(1, TRIES + 1):
            for store in doomed:
                self._empty(store)
            self._reporter.step(f"deleting the stack {stack.name}")
            operation = begin_removal(self._context.clients, stack, self._reporter.progress)
            left = operation.wait()
            if left is None:
                self.removed.append(f"stack {stack.name}")
                return
            if count == TRIES:
                lines = [f"the stack {stack.name} is {left.status}: {left.reason}".rstrip(": ")]
                raise LeftBehindError("\n".join([*lines, *failure_lines(operation.failures)]))

    def delete_store(self, store: Store) -> None:
        """Delete a bucket or the table, unless the stack's deletion did."""
        clients, account = self._context.clients, self._context.account
        try:
            if store.kind is StoreKind.TABLE:
                with calling("dynamodb", "DeleteTable"):
                    clients("dynamodb").delete_table(TableName=store.name)
                    clients("dynamodb").get_waiter("table_not_exists").wait(TableName=store.name)
            elif _bucket_is_there(self._context, store.name):
                self._empty(store)
                with calling("s3", "DeleteBucket"):
                    clients("s3").delete_bucket(Bucket=store.name, ExpectedBucketOwner=account)
        except NotFoundError:
            pass
        self.removed.append(f"{store.title} {store.name}")

    def delete_packages(self, name: str) -> None:
        """Delete the packages bucket."""
        self._reporter.step("removing the packages bucket")
        PackagesBucket(self._context.clients, name, self._context.account).remove(
            self._reporter.emptied
        )
        self.removed.append(f"packages bucket {name}")

    def delete_certificate(self, stack: StackFacts) -> None:
        """Delete the stack with the certificate, which CloudFront no longer uses by now."""
        self._reporter.step(f"removing the certificate (stack {stack.name} in {GLOBAL_REGION})")
        there = self._context.clients.elsewhere(GLOBAL_REGION)
        left = remove_stack(there, stack, self._reporter.progress)
        if left is None:
            self.removed.append(f"stack {stack.name}")

    def delete_logs(self, groups: tuple[str, ...]) -> None:
        """Delete log groups that a function recreated while the stack was being deleted."""
        for name in groups:
            with suppress(NotFoundError), calling("logs", "DeleteLogGroup"):
                self._context.clients("logs").delete_log_group(logGroupName=name)
                self.removed.append(f"log group {name}")

    def _empty(self, store: Store) -> None:
        if store.kind is StoreKind.BUCKET and _bucket_is_there(self._context, store.name):
            self._reporter.step(f"emptying the {store.title}")
            self.objects += empty(
                self._context.clients,
                store.name,
                self._reporter.emptied,
                owner=self._context.account,
            )


def _bucket_is_there(context: AccountContext, name: str) -> bool:
    return PackagesBucket(context.clients, name, context.account).exists()


def _table_is_there(context: AccountContext, name: str) -> bool:
    try:
        with calling("dynamodb", "DescribeTable"):
            context.clients("dynamodb").describe_table(TableName=name)
    except NotFoundError:
        return False
    return True


def _left(context: AccountContext, found: Inventory, doomed: tuple[Store, ...]) -> list[str]:
    """Return the buckets, tables and stacks that still exist although they should be gone."""
    clients = context.clients
    exists = {StoreKind.BUCKET: _bucket_is_there, StoreKind.TABLE: _table_is_there}
    left = [f"{each.title} {each.name}" for each in doomed if exists[each.kind](context, each.name)]
    if found.packages and _bucket_is_there(context, found.packages):
        left.append(f"packages bucket {found.packages}")
    if stack_facts(clients, found.stack.name):
        left.append(f"stack {found.stack.name}")
    certificate = find_certificate(clients, found.stack.name)
    if certificate:
        left.append(f"stack {certificate.name} in {GLOBAL_REGION}")
    return left
