"""Deploying a release to the emulator's CloudFormation, as to AWS but without plan or confirmation."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Protocol

from tintype.aws.errors import ServiceError
from tintype.aws.sdk import Clients
from tintype.deployment.artifacts import PackagesBucket, bucket_name
from tintype.deployment.certificates import remove_stack
from tintype.deployment.deploy import CAPABILITIES
from tintype.deployment.errors import StackFailedError
from tintype.deployment.events import Operation
from tintype.deployment.stack_state import StackFacts, stack_facts
from tintype.local.errors import DeploymentError
from tintype.local.state import ACCOUNT, REGION, StateFolder
from tintype.releases import PACKAGES_BUCKET, Release

STACK = "tintype"
BUCKET = bucket_name(STACK, ACCOUNT, REGION)  # for packages and the template
RECORD = "deployed.json"
GOOD = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})


class Report(Protocol):
    """Called with each step as it begins, and with details of the current step."""

    def __call__(self, step: str, /, *, detail: bool = False) -> None:
        """Report one."""


def deploy(
    clients: Clients,
    release: Release,
    state: StateFolder,
    parameters: Mapping[str, str],
    report: Report,
) -> dict[str, str]:
    """Create or update the stack if it differs from the release, and return its outputs.

    Raises:
        DeploymentError: resources failed; the message lists them with their reasons.
    """
    known = release.parameters()
    given = {
        name: value
        for name, value in {**parameters, PACKAGES_BUCKET: BUCKET}.items()
        if name in known
    }
    template = release.template.read_text("utf-8")
    digest = hashlib.sha256(f"{template}\0{sorted(given.items())}".encode()).hexdigest()
    try:
        facts = stack_facts(clients, STACK)
        if facts is None or state.read(RECORD).get("digest") != digest:
            facts = _deployed(clients, facts, release, given, report)
            state.write(RECORD, {"digest": digest})
    except (ServiceError, StackFailedError) as error:
        raise DeploymentError(str(error)) from error
    return dict(facts.outputs)


def _deployed(
    clients: Clients,
    facts: StackFacts | None,
    release: Release,
    parameters: Mapping[str, str],
    report: Report,
) -> StackFacts:
    """Upload missing files, create or update the stack, and return it.

    Packages of earlier releases are deleted, since there are no rollbacks here.
    """
    bucket = PackagesBucket(clients, BUCKET, ACCOUNT)
    bucket.create(STACK)
    for package in bucket.missing(release):
        report(f"uploading {package.name}", detail=True)
        bucket.send(package, lambda _name, _number: None)
    if facts and facts.must_be_deleted:
        facts = remove_stack(clients, facts, lambda _progress: None)
    request = {
        "StackName": STACK,
        "TemplateURL": bucket.send_template(release.template),
        "Parameters": [{"ParameterKey": key, "ParameterValue": parameters[key]} for key in parameters],
        "Capabilities": list(CAPABILITIES),
    }  # fmt: skip
    done = _changed(clients, facts, request, report)
    bucket.keep_only(release)
    return done


def _changed(
    clients: Clients, facts: StackFacts | None, request: Mapping[str, object], report: Report
) -> StackFacts:
    """Start the change, wait for it, and return the stack.

    Raises:
        StackFailedError: resources failed.
        ServiceError: CloudFormation refused the template.
    """

    def on_status(name: str, status: str) -> None:
        report(f"{name} {status.lower().replace('_', ' ')}", detail=True)

    operation = Operation(clients, facts.identity if facts else STACK, on_status=on_status)
    if not operation.begin(request, facts) and facts:
        return facts
    ended = operation.wait()
    if ended is None or ended.status not in GOOD:
        raise operation.error(ended, f"{STACK} could not be deployed")
    return ended
