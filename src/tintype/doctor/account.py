"""The doctor's way into an account: AWS's SDK, asked only for what changes nothing.

The only module of the doctor that knows boto3, and whoever needs it imports it late.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any, Protocol, TypeAlias

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tintype.aws.account import Account
from tintype.doctor.case import Answer, GoneError, NotAllowedError, UnansweredError

_Client: TypeAlias = Any  # boto3 has no types
_DENIED = ("AccessDenied", "Unauthorized", "NotAuthorized", "Forbidden", "403")
_GONE = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist", "404")
_OF_ONE_REGION = frozenset(
    {"acm", "cloudfront"}
)  # CloudFront's world, whichever region the stack has


class _Names(Protocol):
    def __call__(self, **parameters: object) -> dict[str, Any]: ...


class Inside:
    """An account, looked into by several threads at once."""

    def __init__(self, account: Account) -> None:
        key = account.credentials()
        self._account = account
        self._session = boto3.Session(
            aws_access_key_id=key.access_key,
            aws_secret_access_key=key.secret_key,
            aws_session_token=key.session_token,
            region_name=account.region,
        )
        self._clients: dict[str, _Client] = {}
        self._lock = Lock()  # boto3's sessions make one client at a time

    def ask(self, service: str, operation: str, **parameters: object) -> Answer:
        """Return what a service answers, in boto3's words: `ask("sqs", "get_queue_attributes", …)`.

        Raises:
            NotAllowedError: these credentials may not ask that.
            GoneError: what is asked about is not there.
            UnansweredError: anything else.
        """
        question: _Names = getattr(self._client(service), operation)
        action = f"{service}:{operation.title().replace('_', '')}"
        try:
            return question(**parameters)
        except ClientError as error:
            raise _translated(action, error.response) from error
        except BotoCoreError as error:
            raise UnansweredError(action, str(error)) from error

    def _client(self, service: str) -> _Client:
        with self._lock:
            if service not in self._clients:
                region = "us-east-1" if service in _OF_ONE_REGION else self._account.region
                endpoint = self._account.endpoint
                # The names of buckets before an emulator's would be hosts that nobody resolves.
                style = {"addressing_style": "path"} if endpoint else {}
                self._clients[service] = self._session.client(
                    service,
                    region_name=region,
                    endpoint_url=endpoint,
                    config=Config(
                        s3=style,
                        connect_timeout=5,
                        read_timeout=20,
                        retries={"total_max_attempts": 3, "mode": "standard"},
                        max_pool_connections=16,
                    ),
                )
            return self._clients[service]


def _translated(
    action: str, response: Mapping[str, Any]
) -> NotAllowedError | GoneError | UnansweredError:
    code = str(response.get("Error", {}).get("Code", ""))
    message = str(response.get("Error", {}).get("Message", ""))
    if any(word in code for word in _DENIED):
        return NotAllowedError(action, message)
    if any(word in code for word in _GONE):
        return GoneError(action, message)
    return UnansweredError(action, f"{code}: {message}")
