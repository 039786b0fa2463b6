"""`python -m tests.deploy.emulator FOLDER`: an emulated account with nothing in it, until it is ended.

A process has one emulator in its life, so it runs in one of its own. When it answers, FOLDER has
`ready.json`: its endpoint and the key of the account's owner.
"""

from __future__ import annotations

import signal
import sys
import threading
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from tintype.local.asgi import App
from tintype.local.front_door import over_tls
from tintype.local.ministack.emulator import Emulator, Ports
from tintype.local.ports import HOST, free_port
from tintype.local.state import StateFolder

READY = "ready.json"
RECORDED = "asked.log"


def main(folder: Path) -> None:
    """Serve until SIGTERM."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    state = StateFolder(folder)
    state.prepare()
    ports = Ports(gateway=free_port(), door=free_port())
    log = (folder / "functions.log").open("a", buffering=1)

    _write_down_what_is_asked(folder / RECORDED)
    _simulate_with_context()

    def wrap(app: App) -> App:
        return over_tls(app)

    emulator = Emulator(
        state, ports, wrap=wrap, sink=lambda name, line: print(name, line, file=log)
    )
    emulator.start()
    endpoint = f"http://{HOST}:{ports.gateway}"
    state.write(READY, {"endpoint": endpoint, **asdict(state.root_credentials())})
    while not ended.wait(1):  # a signal that another thread took wakes nobody who waits for ever
        pass
    emulator.stop()
    log.close()


def _write_down_what_is_asked(file: Path) -> None:
    """Let each request's action be written down, with the key of whoever makes it."""
    from ministack.core import iam_evaluator  # noqa: PLC0415 - reads the environment at import

    enforce = iam_evaluator.enforce
    log = file.open("a", buffering=1)

    def enforced(
        access_key_id: str, iam_action: str, *arguments: object, **named: object
    ) -> object:
        log.write(f"{access_key_id} {iam_action}\n")
        return enforce(access_key_id, iam_action, *arguments, **named)

    iam_evaluator.enforce = enforced


def _simulate_with_context() -> None:
    """Let simulations look at `ContextEntries`, as AWS does; MiniStack leaves them out."""
    from ministack.core import iam_evaluator  # noqa: PLC0415 - reads the environment at import
    from ministack.services import iam  # noqa: PLC0415

    extract, build = iam._extract_simulate_params, iam._build_simulate_results_real  # noqa: SLF001
    evaluate = iam_evaluator.evaluate
    said = threading.local()

    def extracted(request: dict[str, Any]) -> object:
        parameter = partial(iam._p, request)  # noqa: SLF001
        key = parameter("ContextEntries.member.1.ContextKeyName")
        value = parameter("ContextEntries.member.1.ContextKeyValues.member.1")
        said.context = {key.lower(): value} if key else {}
        return extract(request)

    def built(*arguments: object) -> object:
        try:
            return build(*arguments)
        finally:
            said.context = {}

    def evaluated(request: Any, *arguments: object, **named: object) -> object:
        request.service_context.update(getattr(said, "context", {}))
        return evaluate(request, *arguments, **named)

    iam._extract_simulate_params = extracted  # noqa: SLF001
    iam._build_simulate_results_real = built  # noqa: SLF001
    iam_evaluator.evaluate = evaluated


if __name__ == "__main__":
    main(Path(sys.argv[1]))
