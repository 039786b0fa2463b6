"""The command line's way to AWS: a profile's credentials through botocore, and a stack's outputs.

The only module that may import botocore, and only when it is asked. The functions never import it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import Protocol, TypeVar
from urllib.parse import urlencode

from tintype.aws.account import Account, Call
from tintype.aws.errors import InvalidRequestError, NoCredentialsError, NoRegionError, NoStackError
from tintype.aws.signing import Credentials

Found = TypeVar("Found")
_HOW_TO_SIGN_IN = "run `aws configure` or `aws sso login`, or set AWS_PROFILE"


class _Frozen(Protocol):
    access_key: str
    secret_key: str
    token: str | None


class _Refreshing(Protocol):
    def get_frozen_credentials(self) -> _Frozen: ...


class _Session(Protocol):
    """What we use of `botocore.session.Session`, which has no types."""

    def get_credentials(self) -> _Refreshing | None: ...
    def get_config_variable(self, name: str) -> str | None: ...
    def get_scoped_config(self) -> dict[str, str]: ...


def open_account(
    profile: str | None = None, *, region: str | None = None, endpoint: str | None = None
) -> Account:
    """Return the account of *profile*, or of whatever AWS's own tools would use here.

    Each of the other two replaces what the profile and the environment say. Credentials that expire (SSO, roles) are
    refreshed before the request that needs it.

    Raises:
        NoCredentialsError: there is no such profile, or it has no credentials that are still good.
        NoRegionError: nothing says which region.
    """
    session: _Session = import_module("botocore.session").Session(profile=profile)
    scoped = _asked(session.get_scoped_config)
    found = region or os.environ.get("AWS_REGION") or session.get_config_variable("region")
    if not found:
        message = "no region; set AWS_REGION or give the profile one"
        raise NoRegionError(message, service="aws", operation="region")
    refreshing = _asked(session.get_credentials)
    if refreshing is None:
        message = f"no credentials; {_HOW_TO_SIGN_IN}"
        raise NoCredentialsError(message, service="aws", operation="credentials")
    place = endpoint or os.environ.get("AWS_ENDPOINT_URL") or scoped.get("endpoint_url")
    return Account(found, place or None, lambda: _credentials(refreshing))


def stack_outputs(account: Account, stack_name: str) -> dict[str, str]:
    """Return the outputs of a CloudFormation stack by name.

    Raises:
        NoStackError: there is no such stack.
        ServiceError: CloudFormation refuses or fails.
    """
    form = {"Action": "DescribeStacks", "StackName": stack_name, "Version": "2010-05-15"}
    call = Call(
        "cloudformation",
        "DescribeStacks",
        headers={"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
        body=urlencode(form).encode(),
    )
    try:
        answer = account.send(call)
    except InvalidRequestError as error:
        if "does not exist" not in str(error):
            raise
        message = f"no stack {stack_name!r} in {account.region}; deploy it first"
        raise NoStackError(
            message, service=error.service, operation=error.operation, status=error.status
        ) from error
    return _outputs(answer.body)


def _outputs(body: bytes) -> dict[str, str]:
    import xml.etree.ElementTree as ET  # noqa: PLC0415 - as everything here, only when asked

    members = ET.fromstring(body).iterfind(".//{*}Outputs/{*}member")  # noqa: S314 - AWS's own answer
    return {
        member.findtext("{*}OutputKey", ""): member.findtext("{*}OutputValue", "")
        for member in members
    }


def _credentials(refreshing: _Refreshing) -> Credentials:
    frozen = _asked(refreshing.get_frozen_credentials)
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token)


def _asked(question: Callable[[], Found]) -> Found:
    """Return botocore's answer; what it cannot find or refresh is an error of ours."""
    try:
        return question()
    except import_module("botocore.exceptions").BotoCoreError as error:
        message = f"{error}; {_HOW_TO_SIGN_IN}"
        raise NoCredentialsError(message, service="aws", operation="credentials") from error
