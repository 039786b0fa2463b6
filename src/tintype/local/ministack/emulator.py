"""MiniStack, served in this process on 127.0.0.1 only, with IAM enforced and persistent state."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler

from hypercorn.config import Config

from tintype.local.appsync.subscriptions import Subscriptions
from tintype.local.asgi import App
from tintype.local.errors import NotStartedError
from tintype.local.lambda_limits import limit_payloads
from tintype.local.ministack.draining import let_functions_finish
from tintype.local.ministack.environment import emulator_environment, environment
from tintype.local.ministack.gaps import fill_gaps, with_http_api_hosts
from tintype.local.ministack.isolation import LineSink, isolate_functions
from tintype.local.ministack.journal import Journal
from tintype.local.ministack.modules import is_imported, ministack_module
from tintype.local.ministack.resolvers import execute_only_for_callers
from tintype.local.ministack.saving import Saver
from tintype.local.ports import HOST, HOST_IPV6, has_ipv6
from tintype.local.state import StateFolder

START_SECONDS = 60.0
STOP_SECONDS = 30.0
LOG_BYTES = 10_000_000
LOG_LINE = "%(asctime)s %(levelname)s [%(name)s] %(message)s"


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of AWS's endpoint and of the front door."""

    gateway: int
    door: int


class Emulator:
    """The running emulator: `start` returns when it responds, `stop` when its state is saved."""

    def __init__(
        self, state: StateFolder, ports: Ports, *, wrap: Callable[[App], App], sink: LineSink
    ) -> None:
        self._state, self._ports, self._wrap, self._sink = state, ports, wrap, sink
        self._cleanup = contextlib.ExitStack()
        self._journal = Journal(state.folder)
        self._saver = Saver(self._journal)
        self._ready: Future[None] = Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._serve, name="tintype-local", daemon=True)

    def start(self) -> None:
        """Start, and wait until the gateway responds.

        Raises:
            NotStartedError: it did not respond within `START_SECONDS`, or it failed.
        """
        self._prepare()
        self._thread.start()
        try:
            self._ready.result(timeout=START_SECONDS)
        except Exception as error:
            self.stop()
            message = f"the emulator did not start: {error!r}; see {self._state.log}"
            raise NotStartedError(message) from error
        self._saver.start()
        self._cleanup.callback(self._saver.stop)

    @property
    def is_running(self) -> bool:
        """Whether it is running."""
        return self._thread.is_alive()

    def save(self) -> None:
        """Save all state now, including that of deployments."""
        self._saver.save_everything()

    def stop(self) -> None:
        """Save the state, stop serving, and end every function's process."""
        with contextlib.suppress(RuntimeError):  # the loop has already ended
            if self._loop is not None and self._stop is not None:
                self._loop.call_soon_threadsafe(self._stop.set)
        started = self._thread.is_alive()
        if started:
            self._thread.join(timeout=STOP_SECONDS)
        if started and not self._thread.is_alive():
            self._saver.save_everything()  # which clears the journal
        self._cleanup.close()

    def _prepare(self) -> None:
        if is_imported():
            # It has read its settings, and still holds the earlier one's state.
            message = "a process can start only one local cloud"
            raise NotStartedError(message)
        root = self._state.root_credentials()
        self._cleanup.enter_context(_log_to(self._state))
        settings = emulator_environment(self._state, root, self._ports.gateway)
        self._cleanup.enter_context(environment(settings))
        app = _ministack()
        trust_only(root.access_key)
        endpoint = f"http://{HOST}:{self._ports.gateway}"
        self._cleanup.callback(isolate_functions(endpoint, self._sink))
        self._cleanup.callback(fill_gaps(self._ports.gateway))
        self._cleanup.callback(execute_only_for_callers())
        self._cleanup.callback(let_functions_finish())
        self._cleanup.callback(limit_payloads())
        self._cleanup.callback(self._journal.keep())
        self._cleanup.callback(end_children)
        app = with_http_api_hosts(self._saver.watch(app))
        self._app = self._wrap(Subscriptions().wrap(app))

    def _serve(self) -> None:
        try:
            asyncio.run(self._serve_until_stopped())
        except BaseException as error:  # noqa: BLE001 - `start` must report it
            if not self._ready.done():
                self._ready.set_exception(error)

    async def _serve_until_stopped(self) -> None:
        from hypercorn.asyncio import serve  # noqa: PLC0415 - after MiniStack has patched it

        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        ready = asyncio.create_task(self._wait_until_listening())
        await serve(self._app, self._settings(), shutdown_trigger=self._stop.wait)  # type: ignore[arg-type] # our types are a subset of theirs
        ready.cancel()

    def _settings(self) -> Config:
        settings = Config()
        settings.bind = [f"{HOST}:{self._ports.gateway}", f"{HOST}:{self._ports.door}"]
        if has_ipv6():  # "localhost" may be either
            settings.bind.append(f"[{HOST_IPV6}]:{self._ports.door}")
        settings.errorlog = logging.getLogger("hypercorn.error")
        settings.graceful_timeout = 1.0
        settings.keep_alive_timeout = 75
        return settings

    async def _wait_until_listening(self) -> None:
        for port in (self._ports.gateway, self._ports.door):
            while True:
                try:
                    _, writer = await asyncio.open_connection(HOST, port)
                except OSError:
                    await asyncio.sleep(0.02)
                    continue
                writer.close()
                break
        self._ready.set_result(None)


def _ministack() -> App:
    try:
        app: App = ministack_module("app").app
    except ModuleNotFoundError as error:
        message = "the local cloud needs the extra [local], which is not installed"
        raise NotStartedError(message) from error
    return app


def trust_only(access_key_id: str) -> None:
    """Make the state folder's root key the only root key.

    MiniStack also accepts `test` and any account number as root, without checking the signature:
    any page in a browser could then access all our buckets.
    """
    evaluator = ministack_module("core.iam_evaluator")
    sts = ministack_module("services.sts")

    def is_root_access_key(candidate: str) -> bool:
        return not candidate or candidate == access_key_id

    evaluator.is_root_access_key = sts.is_root_access_key = is_root_access_key


def end_children() -> None:
    """End the processes of functions and resolvers, and whatever would start new ones."""
    ministack_module("services.lambda_svc")._esms.clear()  # noqa: SLF001
    ministack_module("core.lambda_runtime").reset()
    for resolvers in ("appsync_js", "cloudfront_js"):
        ministack_module(f"core.{resolvers}")._pool.reset()  # noqa: SLF001


@contextlib.contextmanager
def _log_to(state: StateFolder) -> Iterator[None]:
    # MiniStack's loggers propagate to the root logger, which it configures if we do not.
    handler = RotatingFileHandler(state.log, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    handler.setFormatter(logging.Formatter(LOG_LINE))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        handler.close()
