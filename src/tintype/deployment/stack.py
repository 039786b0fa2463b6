"""Deploying a release: first `prepare`, which changes nothing that lasts, then `apply` or `discard`."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import uuid4

from tintype.aws.errors import (
    AccessDeniedError,
    InvalidRequestError,
    NotFoundError,
    ServiceError,
)
from tintype.aws.s3 import Bucket
from tintype.aws.session import open_account
from tintype.deployment.certificates import (
    OUTPUT as CERTIFICATE,
)
from tintype.deployment.certificates import (
    find_certificate,
    fits,
    make_certificate,
    remove_stack,
    stand_in,
)
from tintype.deployment.changes import Plan, changed_settings, read_changes
from tintype.deployment.checks import Place
from tintype.deployment.clients import asked
from tintype.deployment.errors import (
    BucketNotOursError,
    ChangesRefusedError,
    NotTintypeError,
    StackFailedError,
    StackStuckError,
)
from tintype.deployment.packages import PackagesBucket, bucket_name
from tintype.deployment.parameters import Parameter, parameters_of
from tintype.deployment.phases import Phase
from tintype.deployment.stacks import (
    CHANGE_SETS,
    Condition,
    StackFacts,
    change_sets,
    is_another_s,
    stack_facts,
)
from tintype.deployment.wanted import StackOptions, Wanted
from tintype.deployment.watching import Operation, Progress, at_rest
from tintype.releases import PACKAGES_BUCKET, Release
from tintype.site.publishing import config, publish

CAPABILITIES = ("CAPABILITY_IAM",)  # no role has a name of ours
HIDDEN = frozenset({PACKAGES_BUCKET})  # a parameter that nobody set
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 2.0
_NO_CHANGES = ("didn't contain changes", "No updates are to be performed")
_GOOD = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})


class Reporter(Protocol):
    """Hears of each step, of bytes that have gone, and of CloudFormation's progress."""

    def step(self, text: str) -> None:
        """Take a step as it begins."""

    def sending(self, sizes: Mapping[str, int]) -> None:
        """Take the files that are about to be sent."""

    def sent(self, name: str, number: int) -> None:
        """Take that so many bytes more of a file have gone; from several threads."""

    def progress(self, progress: Progress, /) -> None:
        """Take how far CloudFormation is."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What `prepare` found: the plan, and what `apply` or `discard` needs."""

    plan: Plan
    stack: str  # its ARN
    change_set: str | None  # its ARN; None: nothing would change
    certificate_missing: bool
    made_for_this: bool  # the stack is there for no more than its changes to be looked at


@dataclass(slots=True)
class Deployment:
    """One deployment of a *release*; *parameters* replace the template's defaults."""

    place: Place
    release: Release
    name: str
    parameters: Mapping[str, str]
    reporter: Reporter
    profile: str | None = None
    options: StackOptions = field(default_factory=StackOptions)
    phase: Phase = field(default=Phase.LOOKING, init=False)
    _before: Phase = field(default=Phase.LOOKING, init=False)  # it was asked what would change

    def prepare(self) -> Prepared:
        """Ask CloudFormation what would change.

        The packages bucket has the template by then, and a new stack is under review: `discard` takes
        both away.

        Raises:
            DeployError: nothing can be deployed under this name, or not with these parameters.
            ServiceError: AWS refuses something.
        """
        facts = self._stack_at_rest()
        made_for_this = facts is None or self._is_under_our_review(facts)
        self._before, self.phase = self.phase, Phase.ASKING
        self._create_bucket()
        try:
            return self._prepared(facts, made_for_this=made_for_this)
        except BaseException:
            with suppress(ServiceError):  # why it failed is what has to be told
                self._undo(made_for_this=made_for_this)
                self.phase = self._before
            raise

    def apply(self, prepared: Prepared) -> dict[str, str]:
        """Do it, publish the page, and return the stack's outputs.

        Raises:
            StackFailedError: CloudFormation could not; it has undone what it did.
            ServiceError: AWS refuses something.
        """
        if prepared.certificate_missing:
            self.phase = Phase.CERTIFYING
            prepared = self._with_certificate(prepared)
        self.phase = Phase.SENDING
        self._send_packages()
        if prepared.change_set:
            self._execute(prepared, prepared.change_set)
        if self.options.protected is not None:
            self._protect(prepared.stack, protected=self.options.protected)
        self.phase = Phase.PUBLISHING
        facts = stack_facts(self.place.clients, prepared.stack)
        if facts is None:
            message = f"the stack {self.name} was deleted meanwhile"
            raise StackFailedError(message)
        self._publish(facts.outputs)
        self._bucket.remember(self.release)
        self.phase = Phase.DONE
        return dict(facts.outputs)

    def discard(self, prepared: Prepared) -> None:
        """Leave no trace of `prepare`.

        Raises:
            ServiceError: AWS refuses something.
        """
        self._forget(prepared.change_set, prepared.stack)
        self._undo(made_for_this=prepared.made_for_this)
        self.phase = self._before

    def _stack_at_rest(self) -> StackFacts | None:
        clients = self.place.clients
        facts = stack_facts(clients, self.name)
        if facts and facts.condition is Condition.BUSY:
            self.reporter.step("waiting for the change that is under way")
            facts = at_rest(clients, facts, self.reporter.progress)
        if facts and is_another_s(clients, facts):
            message = f"the stack {self.name} in {clients.region} is another application's"
            raise NotTintypeError(message)
        if facts and facts.condition is Condition.NEVER_CAME:
            self.reporter.step(f"deleting what is left of {self.name} ({facts.status})")
            self.phase = Phase.CLEARING
            facts = remove_stack(clients, facts, self.reporter.progress)
            self.phase = Phase.CLEARED
        if facts and facts.condition not in {Condition.NEW, Condition.READY}:
            said = f"the stack {self.name} is {facts.status}: {facts.reason}".rstrip(": ")
            message = f"{said}; this helps it: {facts.way_out}"
            raise StackStuckError(message)
        return facts

    def _is_under_our_review(self, facts: StackFacts) -> bool:
        """Whether the stack is only reviewed, and by a Tintype: who looks last takes it away."""
        is_new = facts.condition is Condition.NEW
        return is_new and bool(change_sets(self.place.clients, facts.name))

    def _prepared(self, facts: StackFacts | None, *, made_for_this: bool) -> Prepared:
        arn, missing = self._certificate()
        change_set, stack = self._change_set(facts, arn)
        try:
            changes = read_changes(self.place.clients, change_set, stack) if change_set else ()
        except BaseException:
            self._forget(change_set, stack)
            raise
        is_new = facts is None or facts.condition is Condition.NEW
        settings = changed_settings(
            self._known(),
            self._wanted(arn),
            None if facts is None or is_new else facts.parameters,
            hidden=HIDDEN | ({CERTIFICATE} if missing else frozenset()),
        )
        plan = Plan(changes, settings, is_new=is_new)
        return Prepared(plan, stack, change_set, missing, made_for_this)

    def _create_bucket(self) -> None:
        try:
            self._bucket.create(self.name, self.options.tags)
        except AccessDeniedError as error:
            message = f"{self._bucket.name} is another account's, or may not be used: {error}"
            raise BucketNotOursError(message) from error

    def _certificate(self) -> tuple[str, bool]:
        """Return the certificate's ARN, or what stands in for it, and whether one must be made."""
        wanted = self._effective()
        if not wanted.needs_certificate:
            return wanted.text(CERTIFICATE), False
        facts = find_certificate(self.place.clients, self.name)
        if facts and fits(facts, wanted.domain, wanted.text("HostedZone")):
            return facts.outputs[CERTIFICATE], False
        return stand_in(self.place.account, self.place.clients.partition), True

    def _with_certificate(self, prepared: Prepared) -> Prepared:
        """Make the certificate, and ask for the changes with it."""
        wanted = self._effective()
        self.reporter.step(f"making the certificate for {wanted.domain}")
        arn = make_certificate(
            self.place.clients,
            self.name,
            self.release.folder / self.release.manifest.certificate,
            domain=wanted.domain,
            zone=wanted.text("HostedZone"),
            watcher=self.reporter.progress,
            options=self.options,
        )
        facts = stack_facts(self.place.clients, self.name)
        change_set, stack = self._change_set(facts, arn)
        self._forget(
            prepared.change_set, prepared.stack
        )  # not before: a stack without any is taken away by others
        return replace(prepared, change_set=change_set, stack=stack)

    def _change_set(self, facts: StackFacts | None, certificate: str) -> tuple[str | None, str]:
        """Return the ARN of a change set that can be executed, if something would change, and the stack's."""
        is_new = facts is None or facts.condition is Condition.NEW
        self.reporter.step("asking CloudFormation what would change")
        wanted = self._wanted(certificate)
        try:
            with asked("cloudformation", "CreateChangeSet"):
                made = self._cloudformation.create_change_set(
                    StackName=self.name,
                    ChangeSetName=f"{CHANGE_SETS}{uuid4().hex}",
                    ChangeSetType="CREATE" if is_new else "UPDATE",
                    TemplateURL=self._bucket.send_template(self.release.template),
                    Parameters=[
                        {"ParameterKey": name, "ParameterValue": wanted[name]} for name in wanted
                    ],
                    Capabilities=list(CAPABILITIES),
                    **self.options.request(),
                )
        except InvalidRequestError as error:
            message = f"CloudFormation refuses the template or its parameters: {error.args[0]}"
            raise ChangesRefusedError(message) from error
        try:
            said = self._awaited(made["Id"], made["StackId"])
        except BaseException:
            self._forget(made["Id"], made["StackId"])
            raise
        if said["Status"] == "CREATE_COMPLETE":
            return made["Id"], made["StackId"]
        self._forget(made["Id"], made["StackId"])
        reason = said.get("StatusReason", "")
        if any(words in reason for words in _NO_CHANGES):
            return None, made["StackId"]
        message = f"CloudFormation refuses the template or its parameters: {reason}"
        raise ChangesRefusedError(message)

    def _awaited(self, change_set: str, stack: str) -> Mapping[str, Any]:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            with asked("cloudformation", "DescribeChangeSet"):
                said: Mapping[str, Any] = self._cloudformation.describe_change_set(
                    ChangeSetName=change_set, StackName=stack
                )
            if said["Status"] not in {"CREATE_PENDING", "CREATE_IN_PROGRESS"}:
                return said
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _send_packages(self) -> None:
        missing = self._bucket.missing(self.release)
        if not missing:
            return
        self.reporter.sending({path.name: path.stat().st_size for path in missing})
        for path in missing:
            self._bucket.send(path, self.reporter.sent)

    def _execute(self, prepared: Prepared, change_set: str) -> None:
        self.reporter.step("creating the stack" if prepared.plan.is_new else "updating the stack")
        operation = Operation(
            self.place.clients,
            prepared.stack,
            total=len(prepared.plan.changes),
            watcher=self.reporter.progress,
        )
        operation.about_to_begin()
        self.phase = Phase.CHANGING
        with asked("cloudformation", "ExecuteChangeSet"):
            # A creation that fails takes its empty buckets and its table along.
            self._cloudformation.execute_change_set(
                ChangeSetName=change_set,
                StackName=prepared.stack,
                RetainExceptOnCreate=prepared.plan.is_new,
            )
        facts = operation.wait()
        if facts is None or facts.status not in _GOOD:
            what = "could not be created" if prepared.plan.is_new else "could not be updated"
            raise operation.error(facts, f"{self.name} {what}")

    def _protect(self, stack: str, *, protected: bool) -> None:
        with asked("cloudformation", "UpdateTerminationProtection"):
            self._cloudformation.update_termination_protection(
                StackName=stack, EnableTerminationProtection=protected
            )

    def _publish(self, outputs: Mapping[str, str]) -> None:
        if not self.release.manifest.site:
            return
        self.reporter.step("publishing the page")
        account = open_account(self.profile, region=self.place.clients.region)
        known = config(outputs, max_bytes=self.release.manifest.max_bytes)
        publish(self.release.site, Bucket(account, outputs["SiteBucket"]), known)

    def _forget(self, change_set: str | None, stack: str) -> None:
        if not change_set:
            return
        try:
            with asked("cloudformation", "DeleteChangeSet"):
                self._cloudformation.delete_change_set(ChangeSetName=change_set, StackName=stack)
        except NotFoundError:
            pass  # whoever has carried out other changes has taken it along
        except InvalidRequestError as error:
            if "does not exist" not in str(error):  # or has deleted the stack
                raise

    def _undo(self, *, made_for_this: bool) -> None:
        """Take away a stack that was only reviewed, and the bucket if that was all it was for.

        Others may have asked or deployed since `prepare`: the stack is looked at anew, and what they
        look at or have made stays.
        """
        clients = self.place.clients
        there = stack_facts(clients, self.name)
        if there:
            is_new = there.condition is Condition.NEW
            if not made_for_this or not is_new or change_sets(clients, self.name):
                return
            with asked("cloudformation", "DeleteStack"):
                self._cloudformation.delete_stack(StackName=there.identity)
        if self._bucket.has_templates_alone():
            self._bucket.remove()

    def _known(self) -> dict[str, Parameter]:
        return parameters_of(json.loads(self.release.template.read_text("utf-8")))

    def _effective(self) -> Wanted:
        defaults = {name: known.default or "" for name, known in self._known().items()}
        return Wanted(self.name, self.release.manifest.version, defaults | dict(self.parameters))

    def _wanted(self, certificate: str) -> dict[str, str]:
        """Return the parameters to be given; what is not, has the template's default."""
        known = self._known()
        own = {
            PACKAGES_BUCKET: self._bucket.name,
            CERTIFICATE: certificate,
        }
        mine = {name: value for name, value in own.items() if name in known and value}
        return mine | dict(self.parameters)

    @property
    def _bucket(self) -> PackagesBucket:
        clients, account = self.place.clients, self.place.account
        return PackagesBucket(clients, bucket_name(self.name, account, clients.region), account)

    @property
    def _cloudformation(self) -> Any:  # noqa: ANN401 - boto3 has no types
        return self.place.clients("cloudformation")
