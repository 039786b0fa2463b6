"""The outputs of a CloudFormation stack."""

from __future__ import annotations

from urllib.parse import urlencode

from tintype.aws.account import Account, Call
from tintype.aws.errors import InvalidRequestError, NoStackError


def stack_outputs(account: Account, stack_name: str) -> dict[str, str]:
    """Return the outputs of a CloudFormation stack by name.

    Raises:
        NoStackError: there is no such stack.
        ServiceError: CloudFormation refused or failed.
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
    import xml.etree.ElementTree as ET  # noqa: PLC0415 - 7 ms, only needed here

    members = ET.fromstring(body).iterfind(".//{*}Outputs/{*}member")  # noqa: S314 - AWS's own response
    return {
        member.findtext("{*}OutputKey", ""): member.findtext("{*}OutputValue", "")
        for member in members
    }
