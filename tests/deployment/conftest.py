"""AWS's answers as botocore checks them: `stubbed` gives clients that answer what a test says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tintype.aws.sdk import TRIES, Clients

REGION = "eu-central-1"
ACCOUNT = "123456789012"


@dataclass
class Stubbed:
    """Clients whose answers are given beforehand, service by service, in their order."""

    clients: Clients
    stubbers: dict[str, Stubber] = field(default_factory=dict)

    def of(self, service: str, *, tries: int = TRIES) -> Stubber:
        if service not in self.stubbers:
            client: Any = self.clients(service, tries=tries)
            stubber = Stubber(client)
            stubber.activate()
            self.stubbers[service] = stubber
        return self.stubbers[service]

    def respond_with(
        self, service: str, operation: str, response: Mapping[str, Any], **expected: Any
    ) -> None:
        """Let the next call be this one, with these parameters if any are given."""
        self.of(service).add_response(operation, dict(response), expected or None)

    def refuses(
        self, service: str, operation: str, code: str, message: str = "", status: int = 400
    ) -> None:
        self.of(service).add_client_error(operation, code, message, http_status_code=status)


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """Return one session for all: it reads each service's description once."""
    return boto3.Session("AKIAEXAMPLE", "secret", region_name=REGION)


@pytest.fixture
def stubbed(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubbed]:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    found = Stubbed(Clients(session, REGION))
    yield found
    for stubber in found.stubbers.values():
        stubber.assert_no_pending_responses()
        stubber.client.close()
