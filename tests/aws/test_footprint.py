"""The adapters stay small: what importing them loads, and how it compares with botocore."""

from __future__ import annotations

import resource
import subprocess
import sys

ADAPTERS = "import tintype.aws.s3, tintype.aws.dynamodb, tintype.aws.sqs, tintype.aws.appsync, tintype.aws.lambda_"
BOTOCORE = (
    "import boto3; [boto3.client(n, region_name='eu-central-1') for n in ('s3', 'dynamodb', 'sqs')]"
)
NEVER = (
    "asyncio",
    "boto3",
    "botocore",
    "httpx",
    "json",
    "logging",
    "numpy",
    "pydantic",
    "tintype.aws.sdk",
    "urllib.request",
    "urllib3",
    "xml",
)
RUNS = 5


def loaded(statement: str, modules: tuple[str, ...]) -> str:
    """Return which of *modules* a fresh interpreter has loaded after *statement*."""
    program = f"{statement}\nimport sys\nprint([name for name in {modules} if name in sys.modules])"
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)  # noqa: S603
    return output.stdout.decode().strip()


def cpu_seconds(statement: str) -> float:
    """Return the least CPU time that a fresh interpreter needs to run *statement*."""
    return min(_once(statement) for _ in range(RUNS))


def test_importing_the_adapters_imports_no_sdk_and_nothing_that_only_some_requests_need() -> None:
    assert loaded(ADAPTERS, NEVER) == "[]"


def test_the_command_line_loads_no_sdk_before_a_command_needs_it() -> None:
    assert loaded("import tintype.cli.main", ("boto3", "botocore", "tintype.aws.sdk")) == "[]"


def test_all_adapters_cost_less_than_a_third_of_botocore_s_clients() -> None:
    bare = cpu_seconds("pass")

    ours, theirs = cpu_seconds(ADAPTERS) - bare, cpu_seconds(BOTOCORE) - bare

    assert ours < theirs / 3, (ours, theirs)


def _once(statement: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-I", "-c", statement], check=True)  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
