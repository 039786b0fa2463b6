"""Deploying an assembly to the emulator's CloudFormation, as one deploys it to AWS."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tintype.local.assembly import Assembly
from tintype.local.errors import DeploymentError
from tintype.local.state import ACCOUNT, REGION, Credentials, State

STACK = "tintype"
RECORD = "deployed.json"
BOOTSTRAP_VERSION = "BootstrapVersion"
LARGEST_INLINE_BYTES = 51_200
POLL_SECONDS = 0.15
DEPLOY_SECONDS = 300.0
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]

Event: TypeAlias = Mapping[str, Any]


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

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 has no types
        """Return a boto3 client for the emulator."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=self.credentials.access_key_id,
            aws_secret_access_key=self.credentials.secret_access_key,
            aws_session_token=None,
            config=Config(retries={"total_max_attempts": 2}, s3={"addressing_style": "path"}),
        )


def deploy(
    deployer: Deployer, assembly: Assembly, state: State, parameters: Mapping[str, str]
) -> dict[str, str]:
    """Create or update the stack, unless it is as the assembly says, and return its outputs.

    Raises:
        DeploymentError: resources failed; the message lists them with their reasons.
    """
    given = {name: value for name, value in parameters.items() if name in assembly.parameters}
    digest = hashlib.sha256(f"{assembly.template}\0{sorted(given.items())}".encode()).hexdigest()
    cloudformation = deployer.client("cloudformation")
    stack = _describe(cloudformation)
    known = state.read(RECORD).get("digest")
    if stack is None or known != digest:
        _upload(deployer, assembly)
        stack = _Deployment(cloudformation, deployer.report).run(
            stack, _template(deployer, assembly), given
        )
        state.write(RECORD, {"digest": digest})
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _describe(cloudformation: Any) -> Event | None:  # noqa: ANN401
    try:
        stack: Event = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    except ClientError:
        return None
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack


def _upload(deployer: Deployer, assembly: Assembly) -> None:
    s3 = deployer.client("s3")
    if BOOTSTRAP_VERSION in assembly.parameters:
        deployer.client("ssm").put_parameter(
            Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String", Overwrite=True
        )
    for bucket in sorted({asset.bucket for asset in assembly.assets}):
        s3.create_bucket(Bucket=bucket)
    for asset in assembly.assets:
        if not _exists(s3, asset.bucket, asset.key):
            deployer.report(f"uploading {asset.path.name}", detail=True)
            s3.put_object(Bucket=asset.bucket, Key=asset.key, Body=asset.content())


def _exists(s3: Any, bucket: str, key: str) -> bool:  # noqa: ANN401
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError:
        return False
    return True


def _template(deployer: Deployer, assembly: Assembly) -> dict[str, str]:
    body = json.dumps(json.loads(assembly.template), separators=(",", ":"))
    if len(body.encode()) <= LARGEST_INLINE_BYTES:
        return {"TemplateBody": body}
    s3 = deployer.client("s3")
    bucket, key = (
        f"tintype-templates-{ACCOUNT}",
        f"{hashlib.sha256(body.encode()).hexdigest()}.json",
    )
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=body.encode())
    return {"TemplateURL": f"{deployer.endpoint}/{bucket}/{key}"}


class _Deployment:
    """One creation or update of the stack, watched until its end."""

    def __init__(self, cloudformation: Any, report: Report) -> None:  # noqa: ANN401
        self._cloudformation, self._report = cloudformation, report
        self._seen: set[str] = set()

    def run(
        self, stack: Event | None, template: Mapping[str, str], parameters: Mapping[str, str]
    ) -> Event:
        """Begin it, wait, and return the stack."""
        if stack and stack["StackStatus"].startswith(("ROLLBACK", "DELETE", "CREATE_FAILED")):
            self._delete()  # what never came to be cannot be updated
            stack = None
        if stack:
            self._events()
        listed = [{"ParameterKey": key, "ParameterValue": parameters[key]} for key in parameters]
        request = {
            "StackName": STACK,
            "Parameters": listed,
            "Capabilities": CAPABILITIES,
            **template,
        }
        try:
            begin = (
                self._cloudformation.update_stack if stack else self._cloudformation.create_stack
            )
            begin(**request)
        except ClientError as error:
            if stack and "No updates" in str(error):
                return stack
            message = f"CloudFormation refuses the template: {error.response['Error']['Message']}"
            raise DeploymentError(message) from error
        return self._wait()

    def _delete(self) -> None:
        self._cloudformation.delete_stack(StackName=STACK)
        deadline = time.monotonic() + DEPLOY_SECONDS
        while _describe(self._cloudformation) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)

    def _wait(self) -> Event:
        failures: list[str] = []
        deadline = time.monotonic() + DEPLOY_SECONDS
        while time.monotonic() < deadline:
            for event in self._events():
                name, status = event["LogicalResourceId"], event["ResourceStatus"]
                self._report(f"{name} {status.lower().replace('_', ' ')}", detail=True)
                if status.endswith("FAILED"):
                    reason = event.get("ResourceStatusReason", "no reason given")
                    failures.append(f"  {name} ({event['ResourceType']}): {reason}")
            stack = _describe(self._cloudformation)
            if stack is None or not stack["StackStatus"].endswith("IN_PROGRESS"):
                break
            time.sleep(POLL_SECONDS)
        if stack and stack["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return stack
        ended = stack["StackStatus"] if stack else "DELETED"
        reason = stack.get("StackStatusReason", "") if stack else ""
        message = "\n".join([f"the stack ended as {ended}: {reason}".rstrip(": "), *failures])
        raise DeploymentError(message)

    def _events(self) -> list[Event]:
        """Return the events that were not returned before, oldest first."""
        answer = self._cloudformation.describe_stack_events(StackName=STACK)
        fresh = [event for event in answer["StackEvents"] if event["EventId"] not in self._seen]
        self._seen.update(event["EventId"] for event in fresh)
        return list(reversed(fresh))
