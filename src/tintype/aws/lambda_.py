"""A Lambda function, invoked synchronously."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from tintype.aws.account import Account, Call
from tintype.aws.errors import FunctionFailedError


class _Failure(msgspec.Struct, rename="camel"):
    error_type: str | None = None
    error_message: str | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """The function with this *name* (or ARN)."""

    account: Account
    name: str

    def invoke(self, payload: bytes, *, timeout_seconds: float = 60.0) -> bytes:
        """Invoke the function with *payload* (JSON) and return its response (JSON).

        After a timeout (*timeout_seconds*) or a broken connection the invocation is not retried,
        since the function may still be running. It is retried if Lambda itself refuses (throttled,
        unavailable).

        Raises:
            FunctionFailedError: the function raised, timed out or crashed.
            UnavailableError: Lambda could not run it, or there was no response.
            ServiceError: it may not be invoked, or does not exist.
        """
        call = Call(
            "lambda",
            "Invoke",
            path=f"/2015-03-31/functions/{self.name}/invocations",
            headers={
                "content-type": "application/json",
                "x-amz-invocation-type": "RequestResponse",
            },
            body=payload,
            retry_policy=replace(self.account.retry_policy, read_seconds=timeout_seconds),
            repeatable=False,
        )
        answer = self.account.send(call)
        if "x-amz-function-error" in answer.headers:
            raise _failure(answer.body)
        return answer.body


def _failure(payload: bytes) -> FunctionFailedError:
    try:
        failure = msgspec.json.decode(payload, type=_Failure)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        failure = _Failure()
    return FunctionFailedError(
        failure.error_message or "the function failed without a message",
        name=failure.error_type or "",
        payload=payload,
    )
