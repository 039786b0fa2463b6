"""A local cloud of an account that is out of concurrency: Lambda refuses to start the develop function.

Run as `python -m tests.cloud.throttled --state DIR --port N --gateway-port N`. The emulator's poller
receives a message before it asks for a function, as AWS's does, so a refusal counts as a try. How many
tries of each message are refused is in the file `refused` of the state folder.
"""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from tintype.local.cloud import LocalCloud
from tintype.local.inside import inside

FUNCTION = "develop"
Execute: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, Any]], Any]


def refuse_first_tries(refused: Path) -> None:
    """Have Lambda answer the first tries of each message as it answers one call too many."""
    functions = inside("services.lambda_svc")
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
    """Return how often the message for the develop function was received; of anything else, very often."""
    config = function.get("config") or function
    records = event.get("Records", ()) if isinstance(event, dict) else ()
    if FUNCTION not in str(config.get("FunctionName")).lower() or not records:
        return float("inf")
    return min(int(one["attributes"]["ApproximateReceiveCount"]) for one in records)


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--gateway-port", type=int, required=True)
    said = parser.parse_args()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    refused = said.state / "refused"
    refused.write_text("0", "utf-8")
    cloud = LocalCloud(
        said.state,
        port=said.port,
        gateway_port=said.gateway_port,
        config=said.config,
        sink=lambda function, line: print(function, line, flush=True),  # noqa: T201
    )
    with cloud:
        refuse_first_tries(refused)
        ended.wait()


if __name__ == "__main__":
    main()
