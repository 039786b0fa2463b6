"""A local cloud of an account that is out of concurrency: Lambda refuses to start the process function.

Run as `serving.py` says. The emulator's poller receives a message before it asks for a function, as
AWS's does, so a refusal counts as a try. How many tries of each message are refused is in the file
`refused` of the state folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from tests.cloud.serving import options, served
from tintype.local.ministack.modules import ministack_module

FUNCTION = "process"
Execute: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, Any]], Any]


def refuse_first_tries(refused: Path) -> None:
    """Have Lambda answer the first tries of each message as it answers one call too many."""
    functions = ministack_module("services.lambda_svc")
    execute: Execute = functions._execute_function  # noqa: SLF001

    def refusing(function: Mapping[str, Any], event: Mapping[str, Any]) -> Any:
        if _tries(function, event) <= int(refused.read_text("utf-8")):
            return functions._throttle_response(  # noqa: SLF001
                reason_code="ConcurrentInvocationLimitExceeded", msg="Rate Exceeded."
            )
        return execute(function, event)

    functions._execute_function = refusing  # noqa: SLF001
    functions._ESM_BACKOFF_SECONDS = 0  # noqa: SLF001 - a message is hidden; others need not wait


def _tries(function: Mapping[str, Any], event: Mapping[str, Any]) -> float:
    """Return how often the message for the process function was received; of anything else, very often."""
    config = function.get("config") or function
    records = event.get("Records", ()) if isinstance(event, dict) else ()
    if FUNCTION not in str(config.get("FunctionName")).lower() or not records:
        return float("inf")
    return min(int(one["attributes"]["ApproximateReceiveCount"]) for one in records)


def main() -> None:
    """Serve until SIGTERM."""
    said = options(__doc__)
    refused = said.state / "refused"
    refused.write_text("0", "utf-8")
    with served(said) as ended:
        refuse_first_tries(refused)
        ended.wait()


if __name__ == "__main__":
    main()
