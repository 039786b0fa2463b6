"""The functions' processes: each has only its own package and the environment of a Lambda function.

MiniStack starts functions with our interpreter, hence with our virtual environment and environment
variables. A package that lacks a module would then work here and fail on AWS.
"""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, TypeAlias

from tintype.local.ministack.modules import ministack_module

# Called with the function's name and a line.
LineSink: TypeAlias = Callable[[str, str], None]

# The variables that a function inherits from this machine; others are its own or the runtime's.
INHERITED = frozenset({"LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ"})
RUNTIME = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_DISABLE_HOST_PREFIX_INJECTION",
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_TASK_ROOT",
    }
)
RUNTIME_PREFIXES = ("AWS_LAMBDA_", "_LAMBDA_")
GRAPHQL_URL = re.compile(r"https://[a-z0-9]+\.appsync-api\.[a-z0-9-]+\.amazonaws\.com/graphql")
QUEUE_URL = re.compile(r"http://localhost:\d+(/\d{12}/.+)")

_own_names: ContextVar[frozenset[str]] = ContextVar("own_names", default=frozenset())


def local_environment(variables: Mapping[str, str], endpoint: str) -> dict[str, str]:
    """Return a function's variables with AWS's URLs replaced by *endpoint*'s.

    MiniStack gives a GraphQL API its URL on AWS, and a queue the port of the run that created it.
    """
    return {name: _localised(text, endpoint) for name, text in variables.items()}


def _localised(text: str, endpoint: str) -> str:
    if GRAPHQL_URL.fullmatch(text):
        return f"{endpoint}/graphql"
    queue = QUEUE_URL.fullmatch(text)
    return f"{endpoint}{queue[1]}" if queue else text


def function_environment(everything: Mapping[str, str], own: frozenset[str]) -> dict[str, str]:
    """Return the subset of *everything* that a function sees; *own* names its own variables."""
    seen = INHERITED | RUNTIME | own
    return {
        name: text
        for name, text in everything.items()
        if name in seen or name.startswith(RUNTIME_PREFIXES)
    }


def base_interpreter() -> str:
    """Return the base interpreter of our virtual environment."""
    return getattr(sys, "_base_executable", None) or sys.executable


class _IsolatedSubprocess:
    """Replaces the module `subprocess` where MiniStack starts functions."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - other names are the module's
        return getattr(subprocess, name)

    @staticmethod
    def Popen(command: list[str], **settings: Any) -> subprocess.Popen[str]:  # noqa: ANN401, N802
        if command[0] == sys.executable:
            # -I: no PYTHON* variables, no user packages; -S: no installed packages at all.
            command = [base_interpreter(), "-I", "-S", *command[1:]]
        # A separate session: Ctrl-C is for us, and functions may finish their work.
        settings["start_new_session"] = True
        settings["env"] = function_environment(settings["env"], _own_names.get())
        return subprocess.Popen(command, **settings)  # noqa: S603 - what MiniStack starts


def isolate_functions(endpoint: str, sink: LineSink) -> Callable[[], None]:
    """Make MiniStack start functions in isolation and pass their log lines to *sink* immediately.

    Returns a function that undoes it.
    """
    lambda_runtime = ministack_module("core.lambda_runtime")
    worker = lambda_runtime.Worker
    spawn, read_stderr = worker._spawn, worker._read_stderr  # noqa: SLF001

    def isolated_spawn(self: Any) -> None:  # noqa: ANN401 - MiniStack has no types
        variables = self.config.get("Environment", {}).get("Variables", {})
        config = self.config
        local = {**config, "Environment": {"Variables": local_environment(variables, endpoint)}}
        token = _own_names.set(frozenset(variables))
        self.config = local
        try:
            spawn(self)
        finally:
            self.config = config
            _own_names.reset(token)

    def tee_stderr(self: Any) -> None:  # noqa: ANN401
        with contextlib.suppress(ValueError):  # the pipe may be closed when a function ends
            for line in self._proc.stderr:
                self._stderr_queue.put(line.rstrip("\n"))
                sink(self.func_name, line.rstrip("\n"))

    lambda_runtime.subprocess = _IsolatedSubprocess()
    worker._spawn, worker._read_stderr = isolated_spawn, tee_stderr  # noqa: SLF001

    def undo() -> None:
        lambda_runtime.subprocess = subprocess
        worker._spawn, worker._read_stderr = spawn, read_stderr  # noqa: SLF001

    return undo
