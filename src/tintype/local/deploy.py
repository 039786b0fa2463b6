"""Deploying a release to the emulator's CloudFormation: as to AWS, but without a plan or a question."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import boto3

from tintype.aws.errors import InvalidRequestError, ServiceError
from tintype.deployment.certificates import remove_stack
from tintype.deployment.clients import Clients, asked
from tintype.deployment.errors import StackFailedError
from tintype.deployment.packages import PackagesBucket, bucket_name
from tintype.deployment.stack import CAPABILITIES
from tintype.deployment.stacks import StackFacts, stack_facts
from tintype.deployment.watching import Operation
from tintype.local.errors import DeploymentError
from tintype.local.state import ACCOUNT, REGION, Credentials, State
from tintype.releases import PACKAGES_BUCKET, Release

STACK = "tintype"
BUCKET = bucket_name(STACK, ACCOUNT, REGION)  # for packages, and for the template
RECORD = "deployed.json"
GOOD = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})


class Report(Protocol):
    """Gets each step as it begins, and the details of the step that is under way."""

    def __call__(self, step: str, /, *, detail: bool = False) -> None:
        """Take one."""


@dataclass(frozen=True, slots=True)
class Deployer:
    """The emulator's endpoint and the key to deploy with."""

    endpoint: str
    credentials: Credentials
    report: Report

    def clients(self) -> Clients:
        """Return clients for the emulator."""
        key = self.credentials
        session = boto3.Session(key.access_key_id, key.secret_access_key, region_name=REGION)
        return Clients(session, REGION, self.endpoint)


def deploy(
    deployer: Deployer, release: Release, state: State, parameters: Mapping[str, str]
) -> dict[str, str]:
    """Create or update the stack, unless it is as the release says, and return its outputs.

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
    clients = deployer.clients()
    try:
        facts = stack_facts(clients, STACK)
        if facts is None or state.read(RECORD).get("digest") != digest:
            facts = _deployed(clients, facts, release, given, deployer.report)
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
    """Send what is missing, create or update the stack, and return it.

    Earlier releases' packages go: nobody goes back to them here.
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
    bucket.remember(release, kept=1)
    return done


def _changed(
    clients: Clients, facts: StackFacts | None, request: Mapping[str, object], report: Report
) -> StackFacts:
    """Begin, wait, and return the stack.

    Raises:
        StackFailedError: resources failed.
        ServiceError: CloudFormation refuses the template.
    """

    def hears(name: str, status: str) -> None:
        report(f"{name} {status.lower().replace('_', ' ')}", detail=True)

    operation = Operation(clients, facts.identity if facts else STACK, hears=hears)
    if facts:
        operation.about_to_begin()
    cloudformation = clients("cloudformation")
    try:
        with asked("cloudformation", "UpdateStack" if facts else "CreateStack"):
            begin = cloudformation.update_stack if facts else cloudformation.create_stack
            operation.stack = begin(**request)["StackId"]
    except InvalidRequestError as error:
        if facts and "No updates" in str(error):
            return facts
        raise
    ended = operation.wait()
    if ended is None or ended.status not in GOOD:
        raise operation.error(ended, f"{STACK} could not be deployed")
    return ended
