"""boto3's clients, and what it raises as an error of ours, with AWS's own words."""

from __future__ import annotations

import pytest
from botocore.exceptions import EndpointConnectionError, TokenRetrievalError

from tests.deployment.conftest import Stubbed
from tintype.aws.account import GLOBAL_REGION
from tintype.aws.errors import (
    AccessDeniedError,
    NoCredentialsError,
    NotFoundError,
    ServiceError,
    UnavailableError,
)
from tintype.aws.sdk import calling, clients_of
from tintype.aws.signing import Credentials


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
    with told, calling("sts", "GetCallerIdentity"):
        stubbed.clients("sts").get_caller_identity()


@pytest.mark.parametrize(
    ("raised", "kind"),
    [
        (EndpointConnectionError(endpoint_url="http://nowhere"), UnavailableError),
        (TokenRetrievalError(provider="sso", error_msg="expired"), NoCredentialsError),
    ],
)
def test_what_never_reached_aws_is_named_too(raised: Exception, kind: type[ServiceError]) -> None:
    with pytest.raises(kind), calling("s3", "HeadBucket"):
        raise raised


def test_question_has_the_service_s_answer_or_an_error_of_ours(stubbed: Stubbed) -> None:
    queues = stubbed.of("sqs", tries=3)
    queues.add_response("get_queue_attributes", {"Attributes": {"Policy": "{}"}}, {"QueueUrl": "q"})
    queues.add_client_error("get_queue_attributes", "QueueDoesNotExist", "gone")

    answer = stubbed.clients.ask("sqs", "get_queue_attributes", QueueUrl="q")
    with pytest.raises(NotFoundError, match="sqs GetQueueAttributes: QueueDoesNotExist: gone"):
        stubbed.clients.ask("sqs", "get_queue_attributes", QueueUrl="q")

    assert answer["Attributes"] == {"Policy": "{}"}


def test_what_is_cloudfront_s_is_asked_in_its_region(stubbed: Stubbed) -> None:
    assert stubbed.clients("acm").meta.region_name == GLOBAL_REGION != stubbed.clients.region


def test_our_own_requests_have_the_session_s_credentials(stubbed: Stubbed) -> None:
    account = stubbed.clients.account()

    assert account.region == stubbed.clients.region
    assert account.credentials() == Credentials("AKIAEXAMPLE", "secret")
    assert clients_of(account).account().credentials() == account.credentials()


def test_clients_are_made_once_and_elsewhere_are_others(stubbed: Stubbed) -> None:
    clients = stubbed.clients

    assert clients("sts") is clients("sts")
    assert clients.elsewhere(clients.region) is clients
    assert clients.elsewhere("us-east-1").region == "us-east-1"
    assert clients.partition == "aws"
