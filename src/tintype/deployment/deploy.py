"""Deploys a release: first `prepare`, which changes nothing permanent, then `apply` or `discard`."""

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
from tintype.aws.sdk import calling
from tintype.deployment.artifacts import PackagesBucket, bucket_name
from tintype.deployment.certificates import (
    find_certificate,
    fits,
    make_certificate,
    remove_stack,
    stand_in,
)
from tintype.deployment.changes import ChangePlan, changed_settings, read_changes
from tintype.deployment.checks.run import AccountContext
from tintype.deployment.errors import (
    BucketNotOursError,
    ChangesRefusedError,
    NotTintypeError,
    StackFailedError,
    StackStuckError,
)
from tintype.deployment.events import Operation, Progress, at_rest
from tintype.deployment.parameters import TemplateParameter, parameters_of
from tintype.deployment.phases import Phase
from tintype.deployment.signing_keys import GENERATION, with_generation
from tintype.deployment.stack_parameters import StackOptions, StackParameters
from tintype.deployment.stack_state import (
    CHANGE_SETS,
    Condition,
    StackFacts,
    change_sets,
    is_another_s,
    stack_facts,
)
from tintype.outputs import CERTIFICATE_ARN, Output
from tintype.releases import PACKAGES_BUCKET, Release
from tintype.site.publishing import config, publish

CAPABILITIES = ("CAPABILITY_IAM",)  # no role has a custom name
HIDDEN = frozenset({PACKAGES_BUCKET})  # a parameter that no user sets
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 2.0
_NO_CHANGES = ("didn't contain changes", "No updates are to be performed")
_GOOD = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})


class DeployReporter(Protocol):
    """Receives each step, the bytes sent, and CloudFormation's progress."""

    def step(self, text: str) -> None:
        """Report that a step begins."""

    def uploading(self, sizes: Mapping[str, int]) -> None:
        """Report the files that will be sent."""

    def sent(self, name: str, number: int) -> None:
        """Report how many more bytes of a file were sent; called from several threads."""

    def progress(self, progress: Progress, /) -> None:
        """Report CloudFormation's progress."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The result of `prepare`: the plan, and what `apply` or `discard` needs."""

    plan: ChangePlan
    stack: str  # its ARN
    change_set: str | None  # its ARN; None: nothing would change
    certificate_missing: bool
    made_for_this: bool  # the stack was created only to plan its changes


@dataclass(slots=True)
class Deployment:
    """The deployment of a *release*; *parameters* replace the template's defaults."""

    context: AccountContext
    release: Release
    name: str
    parameters: Mapping[str, str]
    reporter: DeployReporter
    options: StackOptions = field(default_factory=StackOptions)
    phase: Phase = field(default=Phase.CHECKING, init=False)
    _before: Phase = field(default=Phase.CHECKING, init=False)  # before planning

    def prepare(self) -> Prepared:
        """Have CloudFormation plan the changes.

        Afterwards the packages bucket has the template, and a new stack is in review; `discard` removes
        both.

        Raises:
            DeployError: nothing can be deployed under this name, or not with these parameters.
            ServiceError: AWS refuses a request.
        """
        facts = self._stack_at_rest()
        made_for_this = facts is None or self._is_under_our_review(facts)
        self._before, self.phase = self.phase, Phase.PLANNING
        self._create_bucket()
        try:
            return self._prepared(facts, made_for_this=made_for_this)
        except BaseException:
            with suppress(ServiceError):  # the first error matters
                self._undo(made_for_this=made_for_this)
                self.phase = self._before
            raise

    def apply(self, prepared: Prepared) -> dict[str, str]:
        """Apply the plan, publish the page, and return the stack's outputs.

        Raises:
            StackFailedError: CloudFormation failed and rolled back.
            ServiceError: AWS refuses a request.
        """
        if prepared.certificate_missing:
            self.phase = Phase.CERTIFYING
            prepared = self._with_certificate(prepared)
        self.phase = Phase.UPLOADING
        self._send_packages()
        if prepared.change_set:
            self._execute(prepared, prepared.change_set)
        if self.options.protected is not None:
            self._protect(prepared.stack, protected=self.options.protected)
        self.phase = Phase.PUBLISHING
        facts = stack_facts(self.context.clients, prepared.stack)
        if facts is None:
            message = f"the stack {self.name} was deleted meanwhile"
            raise StackFailedError(message)
        self._publish(facts.outputs)
        self._bucket.keep_only(self.release)
        self.phase = Phase.DONE
        return dict(facts.outputs)

    def discard(self, prepared: Prepared) -> None:
        """Undo `prepare`.

        Raises:
            ServiceError: AWS refuses a request.
        """
        self._forget(prepared.change_set, prepared.stack)
        self._undo(made_for_this=prepared.made_for_this)
        self.phase = self._before

    def _stack_at_rest(self) -> StackFacts | None:
        clients = self.context.clients
        facts = stack_facts(clients, self.name)
        if facts and facts.condition is Condition.BUSY:
            self.reporter.step("waiting for the change in progress")
            facts = at_rest(clients, facts, self.reporter.progress)
        if facts and is_another_s(clients, facts):
            message = f"the stack {self.name} in {clients.region} belongs to another application"
            raise NotTintypeError(message)
        if facts and facts.condition is Condition.NEVER_CAME:
            self.reporter.step(f"deleting the remains of {self.name} ({facts.status})")
            self.phase = Phase.CLEARING
            facts = remove_stack(clients, facts, self.reporter.progress)
            self.phase = Phase.CLEARED
        if facts and facts.condition not in {Condition.NEW, Condition.READY}:
            said = f"the stack {self.name} is {facts.status}: {facts.reason}".rstrip(": ")
            message = f"{said}; to repair it: {facts.recovery}"
            raise StackStuckError(message)
        return facts

    def _is_under_our_review(self, facts: StackFacts) -> bool:
        """Whether the stack is only in review, for Tintype: the last to plan removes it."""
        is_new = facts.condition is Condition.NEW
        return is_new and bool(change_sets(self.context.clients, facts.name))

    def _prepared(self, facts: StackFacts | None, *, made_for_this: bool) -> Prepared:
        known = self._known().get(GENERATION)
        self.parameters = with_generation(
            self.parameters,
            default=known.default if known else None,
            deployed=facts.parameters if facts else {},
            rotate=self.options.rotate,
        )
        arn, missing = self._certificate()
        change_set, stack = self._change_set(facts, arn)
        try:
            changes = read_changes(self.context.clients, change_set, stack) if change_set else ()
        except BaseException:
            self._forget(change_set, stack)
            raise
        is_new = facts is None or facts.condition is Condition.NEW
        settings = changed_settings(
            self._known(),
            self._wanted(arn),
            None if facts is None or is_new else facts.parameters,
            hidden=HIDDEN | ({CERTIFICATE_ARN} if missing else frozenset()),
        )
        plan = ChangePlan(changes, settings, is_new=is_new)
        return Prepared(plan, stack, change_set, missing, made_for_this)

    def _create_bucket(self) -> None:
        try:
            self._bucket.create(self.name, self.options.tags)
        except AccessDeniedError as error:
            message = f"{self._bucket.name} belongs to another account, or may not be used: {error}"
            raise BucketNotOursError(message) from error

    def _certificate(self) -> tuple[str, bool]:
        """Return the certificate's ARN or a placeholder, and whether it must be created."""
        parameters = self._effective()
        if not parameters.needs_certificate:
            return parameters.text(CERTIFICATE_ARN), False
        facts = find_certificate(self.context.clients, self.name)
        if facts and fits(facts, parameters.domain, parameters.text("HostedZone")):
            return facts.outputs[CERTIFICATE_ARN], False
        return stand_in(self.context.account, self.context.clients.partition), True

    def _with_certificate(self, prepared: Prepared) -> Prepared:
        """Create the certificate, and plan the changes with it."""
        parameters = self._effective()
        self.reporter.step(f"creating the certificate for {parameters.domain}")
        arn = make_certificate(
            self.context.clients,
            self.name,
            self.release.folder / self.release.manifest.certificate,
            domain=parameters.domain,
            zone=parameters.text("HostedZone"),
            watcher=self.reporter.progress,
            options=self.options,
        )
        facts = stack_facts(self.context.clients, self.name)
        change_set, stack = self._change_set(facts, arn)
        # Not earlier: others would remove a stack without a change set.
        self._forget(prepared.change_set, prepared.stack)
        return replace(prepared, change_set=change_set, stack=stack)

    def _change_set(self, facts: StackFacts | None, certificate: str) -> tuple[str | None, str]:
        """Return the ARNs of a change set, None if nothing would change, and of the stack."""
        is_new = facts is None or facts.condition is Condition.NEW
        self.reporter.step("asking CloudFormation for the changes")
        parameters = self._wanted(certificate)
        try:
            with calling("cloudformation", "CreateChangeSet"):
                made = self._cloudformation.create_change_set(
                    StackName=self.name,
                    ChangeSetName=f"{CHANGE_SETS}{uuid4().hex}",
                    ChangeSetType="CREATE" if is_new else "UPDATE",
                    TemplateURL=self._bucket.send_template(self.release.template),
                    Parameters=[
                        {"ParameterKey": name, "ParameterValue": parameters[name]}
                        for name in parameters
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
            with calling("cloudformation", "DescribeChangeSet"):
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
        self.reporter.uploading({path.name: path.stat().st_size for path in missing})
        for path in missing:
            self._bucket.send(path, self.reporter.sent)

    def _execute(self, prepared: Prepared, change_set: str) -> None:
        self.reporter.step("creating the stack" if prepared.plan.is_new else "updating the stack")
        operation = Operation(
            self.context.clients,
            prepared.stack,
            total=len(prepared.plan.changes),
            watcher=self.reporter.progress,
        )
        operation.about_to_begin()
        self.phase = Phase.CHANGING
        with calling("cloudformation", "ExecuteChangeSet"):
            # A creation that fails also deletes its empty buckets and its table.
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
        with calling("cloudformation", "UpdateTerminationProtection"):
            self._cloudformation.update_termination_protection(
                StackName=stack, EnableTerminationProtection=protected
            )

    def _publish(self, outputs: Mapping[str, str]) -> None:
        if not self.release.manifest.site:
            return
        self.reporter.step("publishing the page")
        account = self.context.clients.account()
        known = config(outputs, max_bytes=self.release.manifest.max_bytes)
        publish(self.release.site, Bucket(account, outputs[Output.SITE_BUCKET]), known)

    def _forget(self, change_set: str | None, stack: str) -> None:
        if not change_set:
            return
        try:
            with calling("cloudformation", "DeleteChangeSet"):
                self._cloudformation.delete_change_set(ChangeSetName=change_set, StackName=stack)
        except NotFoundError:
            pass  # executing other changes deletes it
        except InvalidRequestError as error:
            if "does not exist" not in str(error):  # the stack was deleted
                raise

    def _undo(self, *, made_for_this: bool) -> None:
        """Remove a stack that is only in review, and the bucket if it has nothing else.

        Others may have planned or deployed since `prepare`: the stack is read again, and what they use
        stays.
        """
        clients = self.context.clients
        there = stack_facts(clients, self.name)
        if there:
            is_new = there.condition is Condition.NEW
            if not made_for_this or not is_new or change_sets(clients, self.name):
                return
            with calling("cloudformation", "DeleteStack"):
                self._cloudformation.delete_stack(StackName=there.identity)
        if self._bucket.has_templates_alone():
            self._bucket.remove()

    def _known(self) -> dict[str, TemplateParameter]:
        return parameters_of(json.loads(self.release.template.read_text("utf-8")))

    def _effective(self) -> StackParameters:
        defaults = {name: known.default or "" for name, known in self._known().items()}
        return StackParameters(
            self.name, self.release.manifest.version, defaults | dict(self.parameters)
        )

    def _wanted(self, certificate: str) -> dict[str, str]:
        """Return the parameters to set; the others have the template's defaults."""
        known = self._known()
        own = {
            PACKAGES_BUCKET: self._bucket.name,
            CERTIFICATE_ARN: certificate,
        }
        mine = {name: value for name, value in own.items() if name in known and value}
        return mine | dict(self.parameters)

    @property
    def _bucket(self) -> PackagesBucket:
        clients, account = self.context.clients, self.context.account
        return PackagesBucket(clients, bucket_name(self.name, account, clients.region), account)

    @property
    def _cloudformation(self) -> Any:  # noqa: ANN401 - boto3 has no types
        return self.context.clients("cloudformation")
