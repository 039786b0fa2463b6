"""A function that is at work when its code is updated ends what it is at; the next run is of the new code."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from tests.local.conftest import Cloud

NAME = "slow"
SLOW = """
import time
def handler(event, context):
    time.sleep(event["seconds"])
    return "older"
"""
QUICK = """
def handler(event, context):
    return "newer"
"""


def archive(code: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("index.py", code)
    return buffer.getvalue()


@pytest.fixture
def functions(cloud: Cloud) -> Iterator[Any]:
    """Return Lambda, with a function that takes as long as it is told to."""
    client = cloud.client("lambda")
    role = client.get_function(FunctionName=cloud.outputs["Looker"])["Configuration"]["Role"]
    client.create_function(
        FunctionName=NAME,
        Runtime="python3.13",
        Handler="index.handler",
        Role=role,
        Code={"ZipFile": archive(SLOW)},
        Timeout=30,
    )
    yield client
    client.delete_function(FunctionName=NAME)


def run(functions: Any, seconds: float) -> str:
    answer = functions.invoke(FunctionName=NAME, Payload=b'{"seconds": %g}' % seconds)
    return str(answer["Payload"].read().decode())


def test_run_that_is_under_way_ends_with_the_code_that_it_began_with(functions: Any) -> None:
    assert run(functions, 0) == '"older"'  # so that a process is there, and the next run begins
    answers: list[str] = []
    running = threading.Thread(target=lambda: answers.append(run(functions, 4)))
    running.start()
    running.join(1.0)

    functions.update_function_code(FunctionName=NAME, ZipFile=archive(QUICK))
    was_running = running.is_alive()
    meanwhile = run(functions, 0)
    running.join()

    assert was_running
    assert meanwhile == '"newer"'
    assert answers == ['"older"']
