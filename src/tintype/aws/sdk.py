"""The SDK: credentials, boto3's clients, and the translation of its exceptions.

This is the only module that imports boto3 and botocore. Loading them takes a second of CPU, so
commands import this module late, and the functions never. Start with `open_clients`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from boto3.exceptions import S3UploadFailedError
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tintype.aws.account import GLOBAL_REGION, Account
from tintype.aws.errors import (
    NoCredentialsError,
    NoRegionError,
    ServiceError,
    UnavailableError,
    error_class,
)
from tintype.aws.signing import Credentials

HOW_TO_SIGN_IN = (
    "run `aws configure` or `aws sso login`, or name a profile with --profile or AWS_PROFILE"
)
TRIES = 5  # per request; watching a stack makes many
_TRIES_OF_A_QUESTION = 3  # a person is waiting
_CONNECT_SECONDS, _READ_SECONDS = 5, 30
_CONNECTIONS = 32  # per service
# CloudFront's resources are in one region, independent of the stack's.
_REGIONS: Mapping[str, str] = {"acm": GLOBAL_REGION, "cloudfront": GLOBAL_REGION}


@dataclass(frozen=True, slots=True)
class Clients:
    """boto3's clients for one account and region, each created once; thread-safe.

    With an *endpoint* (a local cloud) every request goes there.
    """

    session: boto3.Session
    region: str
    endpoint: str | None = None
    _made: dict[tuple[str, int], Any] = field(default_factory=dict, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def __call__(self, service: str, *, tries: int = TRIES) -> Any:  # noqa: ANN401 - boto3 has no types
        """Return the client of a service; requests have *tries* tries."""
        key = (service, tries)
        with self._lock:  # creating clients is not thread-safe
            if key not in self._made:
                self._made[key] = self.session.client(
                    service,
                    region_name=_REGIONS.get(service, self.region),
                    endpoint_url=self.endpoint,
                    config=self._config(tries),
                )
            return self._made[key]

    def ask(self, service: str, operation: str, **parameters: object) -> Mapping[str, Any]:
        """Return a service's response, by boto3's names: `ask("sqs", "get_queue_attributes", …)`.

        Raises:
            ServiceError: the service refuses, fails or does not answer.
        """
        question = getattr(self(service, tries=_TRIES_OF_A_QUESTION), operation)
        with calling(service, operation.title().replace("_", "")):
            answer: Mapping[str, Any] = question(**parameters)
        return answer

    def pages(self, service: str, operation: str, **parameters: object) -> Iterator[Any]:
        """Yield the pages of a service's list, each as `ask` returns it.

        Raises:
            ServiceError: the service refuses, fails or does not answer.
        """
        pages = self(service).get_paginator(operation).paginate(**parameters)
        with calling(service, operation.title().replace("_", "")):
            yield from pages

    def elsewhere(self, region: str) -> Clients:
        """Return the same account's clients in another region."""
        return self if region == self.region else Clients(self.session, region, self.endpoint)

    def account(self) -> Account:
        """Return the account for our own requests. Expiring credentials are refreshed before each.

        Raises:
            NoCredentialsError: there are none. Requests raise it if they have expired.
        """
        with calling("aws", "credentials"):
            refreshing = self.session.get_credentials()
        if refreshing is None:
            raise _no_credentials()

        def credentials() -> Credentials:
            with calling("aws", "credentials"):
                frozen = refreshing.get_frozen_credentials()
            return Credentials(frozen.access_key, frozen.secret_key, frozen.token)

        return Account(self.region, self.endpoint, credentials)

    @property
    def partition(self) -> str:
        """The AWS partition, which differs in China."""
        return str(self.session.get_partition_for_region(self.region))

    def _config(self, tries: int) -> Config:
        settings = Config(
            connect_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": tries},
            max_pool_connections=_CONNECTIONS,
        )
        # A local cloud's host with a bucket's name before it would not resolve.
        here = Config(s3={"addressing_style": "path"}) if self.endpoint else Config()
        return settings.merge(here)


def open_clients(profile: str | None = None, region: str | None = None) -> Clients:
    """Return the clients for *profile*, or for the credentials that AWS's own tools would use.

    A *region* overrides those of the profile and the environment.

    Raises:
        NoCredentialsError: there is no such profile, or it has no credentials.
        NoRegionError: no region is set.
    """
    with calling("aws", "credentials"):
        session = boto3.Session(profile_name=profile)
        known = session.get_credentials()
        scoped = session._session.get_scoped_config()  # noqa: SLF001 - boto3 has no public way
    found = region or os.environ.get("AWS_REGION") or session.region_name
    if not found:
        message = "no region; give --region, set AWS_REGION, or give the profile one"
        raise NoRegionError(message, service="aws", operation="region")
    if known is None:
        raise _no_credentials()
    place = os.environ.get("AWS_ENDPOINT_URL") or scoped.get("endpoint_url")
    return Clients(session, found, place or None)


def clients_of(account: Account) -> Clients:
    """Return clients with the current credentials of *account*."""
    key = account.credentials()
    session = boto3.Session(
        key.access_key, key.secret_key, key.session_token, region_name=account.region
    )
    return Clients(session, account.region, account.endpoint)


@contextmanager
def calling(service: str, operation: str) -> Iterator[None]:
    """Translate the SDK's exceptions into our errors.

    Raises:
        ServiceError: the service refuses, fails or does not answer.
    """
    try:
        yield
    except ClientError as error:
        raise _refusal(error, service) from error
    except S3UploadFailedError as error:  # only its text has the cause
        raise UnavailableError(str(error), service=service, operation=operation) from error
    except BotoCoreError as error:
        if service == "aws" or "Token" in type(error).__name__ or "Credential" in type(error).__name__:  # fmt: skip
            raise _no_credentials(error) from error  # such as an expired session
        raise UnavailableError(str(error), service=service, operation=operation) from error


def _refusal(error: ClientError, service: str) -> ServiceError:
    details = error.response.get("Error", {})
    name, message = str(details.get("Code", "")), str(details.get("Message", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error_class(name, status, message)(
        message,
        service=service,
        operation=error.operation_name,
        status=status,
        name="" if name.isdigit() else name,  # S3 returns only a status for HEAD
    )


def _no_credentials(why: object = "no credentials") -> NoCredentialsError:
    message = f"{why}; {HOW_TO_SIGN_IN}"
    return NoCredentialsError(message, service="aws", operation="credentials")
