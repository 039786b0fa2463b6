"""A local cloud on a bad day: services refuse the functions now and then, and their processes die.

Run as `serving.py` says. It is a calm one again as soon as a file `calm` is in the state folder. Whoever
reads an original named `poison` dies, until there is a file `cured`.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path
from random import Random

from tests.cloud.serving import options, print_line, served
from tintype.local.asgi import App, Message, Middleware, Receive, Scope, Send, header

SEED = 20261121
SESSION = "Credential=ASIA"  # what begins a role's access key: the functions', not ours
REFUSED = {"dynamodb": 0.06, "appsync": 0.06, "s3": 0.02, "sqs": 0.02}
LOST = 0.01  # the service does it, and the function hears nothing of it
DELAYED, LONGEST_DELAY_SECONDS = 0.1, 0.4
KILL_EVERY_SECONDS = 0.7
WORK_BETWEEN_KILLS = (
    12  # lines of log, more than one batch has: on a slow machine none would ever end otherwise
)
BODIES = {
    "dynamodb": b'{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":""}',
    "s3": b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>",
}


class Trouble:
    """The dice, and how often each kind of trouble was made."""

    def __init__(self, state: Path) -> None:
        self.made: Counter[str] = Counter()
        self._lines = 0
        self._random = Random(SEED)
        self._calm, self._cured = state / "calm", state / "cured"

    @property
    def over(self) -> bool:
        return self._calm.exists()

    def happens(self, kind: str, likelihood: float) -> bool:
        hit = not self.over and self._random.random() < likelihood
        self.made[kind] += hit
        return hit

    def delay(self) -> float:
        return self._random.uniform(0, LONGEST_DELAY_SECONDS)

    def poison(self, scope: Scope) -> None:
        """Kill whoever reads a poisoned original, as running out of memory would."""
        if "/poison" in scope["path"] and not self._cured.exists():
            for worker in function_processes():
                os.kill(worker, signal.SIGKILL)

    def count_line(self, function: str, line: object) -> None:
        """Print a function's line, and count it as work that was done."""
        self._lines += 1
        print_line(function, line)

    def kill_one(self) -> None:
        """Kill a function, if there was work done since the last one died."""
        workers = function_processes()
        if workers and self._lines >= WORK_BETWEEN_KILLS and self.happens("killed", 0.8):
            self._lines = 0
            os.kill(self._random.choice(workers), signal.SIGKILL)


def refusing(trouble: Trouble) -> Middleware:
    """Return what stands before the services and spoils the functions' requests."""

    def wrap(app: App) -> App:
        async def disturbed(scope: Scope, receive: Receive, send: Send) -> None:
            service = _service(scope) if scope["type"] == "http" else None
            if service is None:
                await app(scope, receive, send)
                return
            trouble.poison(scope)
            if trouble.happens("delayed", DELAYED):
                await asyncio.sleep(trouble.delay())
            if trouble.happens(f"{service} refused", REFUSED[service]):
                await _refuse(service, send)
            elif trouble.happens("answer lost", LOST):
                await app(scope, receive, _nowhere)
                await _refuse(service, send)
            else:
                await app(scope, receive, send)

        return disturbed

    return wrap


def _service(scope: Scope) -> str | None:
    """Return which service a function's request is for; None if it is not a function's."""
    authorization = header(scope["headers"], b"authorization")
    if SESSION not in authorization:
        return None
    named = authorization.partition("Credential=")[2].partition(",")[0].split("/")
    return named[3] if len(named) > 3 and named[3] in REFUSED else None  # key/date/region/service


async def _refuse(service: str, send: Send) -> None:
    await send({"type": "http.response.start", "status": 503, "headers": []})
    await send({"type": "http.response.body", "body": BODIES.get(service, b"{}")})


async def _nowhere(_message: Message) -> None:
    pass


def function_processes() -> list[int]:
    """Return the processes of functions that we are the parent of."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue  # it has ended
        if parent == os.getpid() and b"_worker.py" in command:
            found.append(int(folder.name))
    return found


def main() -> None:
    """Serve until SIGTERM."""
    said = options(__doc__)
    trouble = Trouble(said.state)
    with served(said, middleware=[refusing(trouble)], sink=trouble.count_line) as ended:
        while not ended.wait(KILL_EVERY_SECONDS):
            trouble.kill_one()
        print("trouble made:", dict(trouble.made), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
