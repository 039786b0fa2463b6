"""The certificate's stack in us-east-1, also one that a command has left behind that was stopped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.deployment.conftest import Stubbed
from tintype.aws.account import GLOBAL_REGION
from tintype.aws.sdk import Clients
from tintype.deployment.certificates import make_certificate

NAME = "tintype-certificate"
STACK = f"arn:aws:cloudformation:us-east-1:123456789012:stack/{NAME}/1"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a"


@pytest.fixture
def there(stubbed: Stubbed) -> Iterator[Stubbed]:
    """Return AWS in the region where CloudFront looks for certificates."""
    found = Stubbed(Clients(stubbed.clients.session, GLOBAL_REGION))
    yield found
    found.of("cloudformation").assert_no_pending_responses()


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "certificate.json"
    path.write_text("{}")
    return path


def found(status: str, domain: str = "images.example.com") -> dict[str, Any]:
    """Return what CloudFormation tells of the stack; there is an output when it is complete."""
    outputs = [{"OutputKey": "CertificateArn", "OutputValue": CERTIFICATE}]
    stack = {
        "StackName": NAME,
        "StackId": STACK,
        "StackStatus": status,
        "Description": "Tintype: the certificate",
        "CreationTime": datetime(2026, 11, 21, tzinfo=UTC),
        "Parameters": [
            {"ParameterKey": "DomainName", "ParameterValue": domain},
            {"ParameterKey": "HostedZone", "ParameterValue": "Z1"},
        ],
        "Outputs": outputs if status.endswith("COMPLETE") else [],
    }
    return {"Stacks": [stack]}


def made(there: Stubbed, template: Path) -> str:
    return make_certificate(
        there.clients,
        "tintype",
        template,
        domain="images.example.com",
        zone="Z1",
        watcher=lambda _progress: None,
    )


def answer(there: Stubbed, operation: str, said: dict[str, Any]) -> None:
    there.of("cloudformation").add_response(operation, said)


def test_certificate_that_is_being_made_is_waited_for_and_taken(
    there: Stubbed, template: Path
) -> None:
    answer(there, "describe_stacks", found("CREATE_IN_PROGRESS"))
    answer(there, "describe_stacks", found("CREATE_COMPLETE"))
    answer(there, "describe_stack_events", {"StackEvents": []})

    assert made(there, template) == CERTIFICATE


def test_certificate_of_another_domain_that_is_being_made_is_waited_for_and_changed(
    there: Stubbed, template: Path
) -> None:
    answer(there, "describe_stacks", found("UPDATE_IN_PROGRESS", "old.example.com"))
    answer(there, "describe_stacks", found("UPDATE_COMPLETE", "old.example.com"))
    answer(there, "describe_stack_events", {"StackEvents": []})
    answer(there, "describe_stack_events", {"StackEvents": []})  # before the update begins
    answer(there, "update_stack", {"StackId": STACK})
    answer(there, "describe_stacks", found("UPDATE_COMPLETE"))
    begun = {
        "StackId": STACK,
        "EventId": "1",
        "StackName": NAME,
        "Timestamp": datetime(2026, 11, 21, tzinfo=UTC),
        "LogicalResourceId": NAME,
        "PhysicalResourceId": STACK,
        "ResourceType": "AWS::CloudFormation::Stack",
        "ResourceStatus": "UPDATE_COMPLETE",
    }
    answer(there, "describe_stack_events", {"StackEvents": [begun]})

    assert made(there, template) == CERTIFICATE
