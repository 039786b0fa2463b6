"""A Lambda function, called to have its answer."""

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
    """The function of that *name* (or ARN)."""

    account: Account
    name: str

    def invoke(self, payload: bytes, *, timeout_seconds: float = 60.0) -> bytes:
        """Run the function on *payload*, which is JSON, and return its answer, which is JSON.

        The function is not invoked again when no answer came within *timeout_seconds*, or the connection broke:
        it may still be at work. It is when Lambda itself refuses (throttled, unavailable).

        Raises:
            FunctionFailedError: the function raised, timed out or crashed.
            UnavailableError: Lambda could not run it, or no answer came.
            ServiceError: it may not be called, or is not there.
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
            patience=replace(self.account.patience, read_seconds=timeout_seconds),
            repeatable=False,
        )
        answer = self.account.send(call)
        if "x-amz-function-error" in answer.headers:
            raise _failure(answer.body)
        return answer.body


def _failure(payload: bytes) -> FunctionFailedError:
    try:
        failure = msgspec.json.decode(payload, type=_Failure)
    except (msgspec.DecodeError, msgspec.ValidationError):
        failure = _Failure()
    return FunctionFailedError(
        failure.error_message or "the function failed without a message",
        name=failure.error_type or "",
        payload=payload,
    )
