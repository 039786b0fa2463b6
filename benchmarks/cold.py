"""Cold starts: what a function costs before its first request. Run `python -m benchmarks.cold`.

Each start is a fresh interpreter that has nothing but the standard library and the function's package, as
in Lambda: it imports the handler and makes all clients ready. A bare interpreter's CPU time is
taken off. Beside them stand boto3, and boto3 with pydantic, which most such functions begin with.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.bench import Bar, progress, table
from tintype.config import load, shipped
from tintype_infra.functions import MALLOC
from tintype_infra.packages import Packages, Platform, build

ROUNDS = 15
# As the template sets it for the functions, and as Lambda does.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "token",
    "AWS_REGION": "eu-central-1",
    **MALLOC,
    "TINTYPE_ORIGINALS_BUCKET": "originals",
    "TINTYPE_RENDITIONS_BUCKET": "renditions",
    "TINTYPE_IMAGES_TABLE": "images",
    "TINTYPE_PROCESS_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/process",
    "TINTYPE_CATALOGUE_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/catalogue",
    "TINTYPE_PROCESS_FUNCTION": "process",
    "TINTYPE_GRAPHQL_URL": "https://abc.appsync-api.eu-central-1.amazonaws.com/graphql",
    "TINTYPE_PUBLIC_URL": "https://cdn.example",
    "TINTYPE_ORIGINALS_READABLE": "false",
    "TINTYPE_MAX_TRIES": "3",
    "TINTYPE_PROCESS_SLOTS": "10",
    "TINTYPE_BACKGROUND_QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/background",
    "TINTYPE_TICKET_MINUTES": "15",
    "TINTYPE_SWEEP_SECONDS": "900",
    "TINTYPE_BUCKET_OWNER": "public",
    "TINTYPE_VISIBILITY": "public",
    "TINTYPE_DISTRIBUTION": "E2EXAMPLE",
    "TINTYPE_ACCESS_TABLE": "access",
    "TINTYPE_QUOTA_BYTES": "0",
    "TINTYPE_QUOTA_IMAGES": "0",
    "TINTYPE_QUOTA_REQUESTS": "0",
    "TINTYPE_ACCESS_MODE": "cognito",
    "TINTYPE_ANYONE": "read,upload",
    "TINTYPE_ADMIN_GROUP": "admin",
    "TINTYPE_GROUPS_CLAIM": "cognito:groups",
}
CLIENTS = "[boto3.client(name, region_name='eu-central-1') for name in ('s3', 'dynamodb', 'sqs')]"
BOTO3 = f"import boto3; {CLIENTS}"
PYDANTIC = "import pydantic; pydantic.create_model('Image', id=(str, ...), version=(int, ...))"
# Neither PYTHONPATH nor anything installed: only what is asked for.
ISOLATED = ("-I", "-S")
INSTALLED = ("-I",)


@dataclass(frozen=True, slots=True)
class Start:
    """A function's name, what makes its clients ready, and the most milliseconds of CPU it may take.

    *package* is that of another function if it has none of its own.
    """

    function: str
    factory: str
    limit: float
    package: str = ""


STARTS = (
    Start("api", "service", 160),
    Start("process", "context", 160),
    Start("catalogue", "catalogue", 120),
    Start("render", "context", 160, package="process"),
)


def program(start: Start, packages: Packages) -> str:
    """Return what Lambda does before the first request."""
    folder: Path = getattr(packages, start.package or start.function).folder
    module = f"tintype.functions.{start.function}"
    return (
        f"import sys; sys.path.insert(0, {str(folder)!r}); "
        f"import {module} as function; function.handler; function.{start.factory}()"
    )


def cpu_ms(code: str, flags: tuple[str, ...]) -> float:
    """Run *code* in a fresh interpreter and return its CPU time, user and system, in milliseconds.

    Raises:
        RuntimeError: it ended with an error.
    """
    command = [sys.executable, *flags, "-c", code]
    child = os.posix_spawn(sys.executable, command, ENVIRONMENT)
    _, status, usage = os.wait4(child, 0)
    if status:
        message = f"a fresh interpreter ended with {os.waitstatus_to_exitcode(status)}: {code}"
        raise RuntimeError(message)
    return (usage.ru_utime + usage.ru_stime) * 1000


def over_bare_ms(code: str, flags: tuple[str, ...]) -> float:
    """Return the CPU time over that of a bare interpreter, the median of the rounds' differences."""
    cpu_ms(code, flags)  # the disk, and bytecode that is not there yet
    return median(cpu_ms(code, flags) - cpu_ms("pass", flags) for _ in range(ROUNDS))


def main() -> int:
    """Print the table; return 1 if a bar does not hold."""
    packages = build(load(shipped()), Platform.LOCAL)
    bars = []
    for start in STARTS:
        progress(f"{start.function}: {ROUNDS} cold starts")
        measured = over_bare_ms(program(start, packages), ISOLATED)
        bars.append(Bar(start.function, measured, start.limit, "ms"))
    rows = [(bar.claim, f"{bar.measured:.0f}", f"{bar.limit:.0f}") for bar in bars]
    for name, code in (
        ("boto3, three clients", BOTO3),
        ("the same and pydantic", f"{BOTO3}; {PYDANTIC}"),
    ):
        progress(f"{name}: {ROUNDS} cold starts")
        rows.append((name, f"{over_bare_ms(code, INSTALLED):.0f}", ""))
    print(table(("CPU over a bare interpreter, clients ready", "ms", "at most"), rows))
    return 0 if all(bar.holds for bar in bars) else 1


if __name__ == "__main__":
    sys.exit(main())
