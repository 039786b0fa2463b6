"""Follows an operation of CloudFormation to its end: what is done, what is slow, what failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tintype.aws.errors import InvalidRequestError
from tintype.aws.sdk import Clients, calling
from tintype.deployment.advice import advice_for
from tintype.deployment.descriptions import title_of
from tintype.deployment.errors import StackFailedError
from tintype.deployment.stack_state import Condition, StackFacts, stack_facts

STACK_TYPE = "AWS::CloudFormation::Stack"
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 3.0
PAUSE_GROWTH = 1.3
BEGIN_SECONDS = 30.0  # after which an operation without events counts as done
SLOW_SECONDS = 15.0  # after which a resource is reported as slow
_BEGINNINGS = frozenset({"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"})
_CONSEQUENCE = (
    "cancelled",
    "canceled",
)  # in the reasons of resources that failed only because another did


@dataclass(frozen=True, slots=True)
class Progress:
    """How many resources of how many are done, and which are slow."""

    done: int
    total: int | None
    seconds: float
    slow: tuple[str, ...] = ()
    going_back: bool = False  # it failed and is rolled back


@dataclass(frozen=True, slots=True)
class ResourceFailure:
    """A resource that could not be created, changed or removed."""

    title: str
    logical_id: str
    resource_type: str
    reason: str
    advice: str


Watcher: TypeAlias = Callable[[Progress], None]


@dataclass(slots=True)
class Operation:
    """One operation on a stack; *total* is the number of resources that it changes."""

    clients: Clients
    stack: str  # its ARN, once there is one
    total: int | None = None
    watcher: Watcher = lambda _progress: None
    on_status: Callable[[str, str], None] = lambda _name, _status: (
        None
    )  # each resource's name and status
    ends_before_cleanup: bool = False  # without waiting for the removal of what was replaced
    failures: list[ResourceFailure] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _since: dict[str, tuple[float, str]] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)
    _start: float = field(default_factory=time.monotonic)
    _going_back: bool = False
    _must_begin: bool = False

    def about_to_begin(self) -> None:
        """Skip all events until now, as those of earlier operations; `wait` waits for the next one.

        Raises:
            ServiceError: CloudFormation does not answer.
        """
        self._fresh()
        self._must_begin = True

    def begin(self, request: Mapping[str, Any], stack: StackFacts | None) -> bool:
        """Update the *stack*, or create one; return whether anything changes.

        Raises:
            ServiceError: CloudFormation refuses, or does not answer.
        """
        cloudformation = self.clients("cloudformation")
        change = cloudformation.update_stack if stack else cloudformation.create_stack
        if stack:
            self.about_to_begin()
        try:
            with calling("cloudformation", "UpdateStack" if stack else "CreateStack"):
                self.stack = change(**request)["StackId"]
        except InvalidRequestError as error:
            if stack is None or "No updates" not in str(error):
                raise
            return False
        return True

    def wait(self) -> StackFacts | None:
        """Wait until the operation ends; return the stack, or None if it no longer exists.

        Raises:
            ServiceError: CloudFormation does not answer.
        """
        pause, begun = FIRST_PAUSE_SECONDS, not self._must_begin
        while True:
            facts = stack_facts(self.clients, self.stack)
            fresh = self._fresh()  # after the status: an ended stack has no later events
            begun = begun or bool(fresh) or self._seconds > BEGIN_SECONDS
            for event in fresh:
                self._take(event)
            self.watcher(self._progress())
            if begun and self._is_over(facts):
                return None if facts is None or facts.is_deleted else facts
            pause = (
                FIRST_PAUSE_SECONDS if fresh else min(pause * PAUSE_GROWTH, LONGEST_PAUSE_SECONDS)
            )
            time.sleep(pause)

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._start

    def _is_over(self, facts: StackFacts | None) -> bool:
        if facts is None or not facts.status.endswith("IN_PROGRESS"):
            return True
        return self.ends_before_cleanup and facts.status == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"

    def error(self, facts: StackFacts | None, what: str) -> StackFailedError:
        """Return the error of an operation that did not succeed."""
        ended = f"{facts.status}: {facts.reason}".rstrip(": ") if facts else "deleted"
        return StackFailedError(
            "\n".join([f"{what}: the stack is {ended}", *failure_lines(self.failures)])
        )

    def _fresh(self) -> list[Mapping[str, Any]]:
        """Return the new events, oldest first."""
        found: list[Mapping[str, Any]] = []
        for event in newest_first(self.clients, self.stack):
            if event["EventId"] in self._seen:
                break
            found.append(event)
        self._seen.update(event["EventId"] for event in found)
        return found[::-1]

    def _take(self, event: Mapping[str, Any]) -> None:
        name, status = event["LogicalResourceId"], event["ResourceStatus"]
        self.on_status(name, status)
        if (
            event["ResourceType"] == STACK_TYPE
            and event.get("PhysicalResourceId") == event["StackId"]
        ):
            self._take_own(status)
            return
        if status.endswith("IN_PROGRESS"):
            title = title_of(name, event["ResourceType"])
            self._since.setdefault(name, (time.monotonic(), title))
            return
        self._since.pop(name, None)
        self._done.add(name)
        if status.endswith("FAILED"):
            self._blame(event)

    def _take_own(self, status: str) -> None:
        """Process an event of the stack itself; everything before its beginning belongs to another operation."""
        if status in _BEGINNINGS:
            self._going_back = False
            for known in (self._done, self._since, self.failures):
                known.clear()
        elif "ROLLBACK" in status and not self._going_back:
            self._going_back = True
            self._done.clear()

    def _blame(self, event: Mapping[str, Any]) -> None:
        reason = event.get("ResourceStatusReason") or "no reason given"
        if any(word in reason for word in _CONSEQUENCE):
            return
        kind, name = event["ResourceType"], event["LogicalResourceId"]
        self.failures.append(
            ResourceFailure(title_of(name, kind), name, kind, reason, advice_for(kind, reason))
        )

    def _progress(self) -> Progress:
        now = time.monotonic()
        slow = [title for since, title in self._since.values() if now - since >= SLOW_SECONDS]
        total = None if self.total is None else max(self.total, len(self._done))
        return Progress(
            len(self._done), total, self._seconds, tuple(slow), going_back=self._going_back
        )


def at_rest(clients: Clients, stack: StackFacts, watcher: Watcher) -> StackFacts | None:
    """Wait for a change in progress; return the stack, or None if it no longer exists.

    Raises:
        ServiceError: CloudFormation does not answer.
    """
    if stack.condition is not Condition.BUSY:
        return stack
    return Operation(clients, stack.identity, watcher=watcher).wait()


def failure_lines(failures: Sequence[ResourceFailure]) -> list[str]:
    """Return the failures as lines of a message."""
    lines = []
    for failure in failures:
        which = f"{failure.logical_id}, {failure.resource_type}"
        lines.append(f"  {failure.title} ({which}): {failure.reason}")
        if failure.advice:
            lines.append(f"    → {failure.advice}")
    return lines


def newest_first(clients: Clients, stack: str) -> Iterator[Mapping[str, Any]]:
    """Yield the events of a stack, given by its ARN."""
    for page in clients.pages("cloudformation", "describe_stack_events", StackName=stack):
        yield from page["StackEvents"]
