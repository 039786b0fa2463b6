"""AWS through boto3, for one account and region; what it refuses becomes an error of ours."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from boto3.exceptions import S3UploadFailedError
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.exceptions import NoCredentialsError as NoKeyError

from tintype.aws.errors import NoCredentialsError, NoRegionError, UnavailableError, error_class

GLOBAL_REGION = "us-east-1"  # where CloudFront looks for certificates, and says its quotas
TRIES = 5  # of a request; AWS is asked much while a stack is watched
_HOW_TO_SIGN_IN = "run `aws configure` or `aws sso login`, or set AWS_PROFILE"


@dataclass(frozen=True, slots=True)
class Clients:
    """boto3's clients, made once each; safe to use from many threads."""

    session: boto3.Session
    region: str
    endpoint: str | None = None
    _made: dict[tuple[str, str, int], Any] = field(default_factory=dict, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def __call__(self, service: str, *, region: str | None = None, tries: int = TRIES) -> Any:  # noqa: ANN401 - boto3 has no types
        """Return the client of a service, here or in another *region*; it asks *tries* times."""
        key = (service, region or self.region, tries)
        with self._lock:  # making one is not safe from many threads
            if key not in self._made:
                self._made[key] = self.session.client(
                    service,
                    region_name=key[1],
                    endpoint_url=self.endpoint,
                    config=self._config(tries),
                )
            return self._made[key]

    def elsewhere(self, region: str) -> Clients:
        """Return the same account's clients in another region."""
        return self if region == self.region else Clients(self.session, region, self.endpoint)

    @property
    def partition(self) -> str:
        """AWS's word for which AWS it is: another one in China."""
        return str(self.session.get_partition_for_region(self.region))

    def _config(self, tries: int) -> Config:
        settings = Config(
            retries={"mode": "standard", "total_max_attempts": tries}, max_pool_connections=32
        )
        # A bucket's name before a local cloud's would be a host that nobody resolves.
        here = Config(s3={"addressing_style": "path"}) if self.endpoint else Config()
        return settings.merge(here)


def open_clients(profile: str | None = None, region: str | None = None) -> Clients:
    """Return the clients of *profile*, or of whatever AWS's own tools would use here.

    Raises:
        NoCredentialsError: there is no such profile, or it has no credentials.
        NoRegionError: nothing says which region.
    """
    try:
        session = boto3.Session(profile_name=profile)
        found = region or os.environ.get("AWS_REGION") or session.region_name
        known = session.get_credentials()
    except BotoCoreError as error:
        raise _no_credentials(error) from error
    if known is None:
        message = "no credentials"
        raise _no_credentials(message)
    if not found:
        message = "no region; give --region, set AWS_REGION, or give the profile one"
        raise NoRegionError(message, service="aws", operation="region")
    scoped = session._session.get_scoped_config()  # noqa: SLF001 - boto3 shows it in no other way
    endpoint = os.environ.get("AWS_ENDPOINT_URL") or scoped.get("endpoint_url")
    return Clients(session, found, endpoint or None)


def _no_credentials(why: object) -> NoCredentialsError:
    message = f"{why}; {_HOW_TO_SIGN_IN}"
    return NoCredentialsError(message, service="aws", operation="credentials")


@contextmanager
def asked(service: str, operation: str) -> Iterator[None]:
    """Raise what boto3 raises as an error of ours.

    Raises:
        ServiceError: the service refuses, fails or does not answer.
    """
    try:
        yield
    except ClientError as error:
        told = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        name = str(told.get("Code", ""))
        raise error_class(name, status, str(told.get("Message", "")))(
            str(told.get("Message", "")),
            service=service,
            operation=error.operation_name or operation,
            status=status,
            name="" if name.isdigit() else name,  # S3 answers HEAD with a status and no more
        ) from error
    except NoKeyError as error:
        raise _no_credentials(error) from error
    except S3UploadFailedError as error:  # what it was is in its text alone
        raise UnavailableError(str(error), service=service, operation=operation) from error
    except BotoCoreError as error:
        if "Token" in type(error).__name__ or "Credential" in type(error).__name__:
            raise _no_credentials(error) from error  # a session that has expired
        raise UnavailableError(str(error), service=service, operation=operation) from error
