"""What boto3 raises becomes an error of ours, with AWS's own words."""

from __future__ import annotations

import pytest
from botocore.exceptions import EndpointConnectionError, TokenRetrievalError

from tests.deployment.conftest import Stubbed
from tintype.aws.errors import (
    AccessDeniedError,
    NoCredentialsError,
    NotFoundError,
    ServiceError,
    UnavailableError,
)
from tintype.deployment.clients import asked


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDenied", 403, AccessDeniedError),
        ("ExpiredToken", 400, AccessDeniedError),
        ("NoSuchBucket", 404, NotFoundError),
        ("Throttling", 400, UnavailableError),
    ],
)
def test_refusal_is_named_as_everywhere(
    stubbed: Stubbed, code: str, status: int, kind: type[ServiceError]
) -> None:
    stubbed.refuses("sts", "get_caller_identity", code, "the reason", status)

    told = pytest.raises(kind, match=f"sts GetCallerIdentity: {code}: the reason")
    with told, asked("sts", "GetCallerIdentity"):
        stubbed.clients("sts").get_caller_identity()


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (EndpointConnectionError(endpoint_url="http://nowhere"), UnavailableError),
        (TokenRetrievalError(provider="sso", error_msg="expired"), NoCredentialsError),
    ],
)
def test_what_never_reached_aws_is_named_too(raised: Exception, kind: type[ServiceError]) -> None:
    with pytest.raises(kind), asked("s3", "HeadBucket"):
        raise raised


def test_clients_are_made_once_and_elsewhere_are_others(stubbed: Stubbed) -> None:
    clients = stubbed.clients

    assert clients("sts") is clients("sts")
    assert clients.elsewhere(clients.region) is clients
    assert clients.elsewhere("us-east-1").region == "us-east-1"
    assert clients.partition == "aws"
