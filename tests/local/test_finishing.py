"""A function that is at work when its code is updated ends what it is at; the next run is of the new code."""

from __future__ import annotations

import io
import json
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.local.conftest import START_SECONDS, Cloud

NAME = "slow"
SLOW = """
import pathlib, time
def handler(event, context):
    if event:
        pathlib.Path(event["begun"]).touch()
        while not pathlib.Path(event["may_end"]).exists():
            time.sleep(0.02)
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
    """Return Lambda, with a function that takes until it is told to end."""
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


def run(functions: Any, **event: str) -> str:
    answer = functions.invoke(FunctionName=NAME, Payload=json.dumps(event).encode())
    return str(answer["Payload"].read().decode())


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not path.exists():
        assert time.monotonic() < deadline, f"{path.name} never came"
        time.sleep(0.02)


def test_run_that_is_under_way_ends_with_the_code_that_it_began_with(
    functions: Any, tmp_path: Path
) -> None:
    begun, may_end = tmp_path / "begun", tmp_path / "may-end"
    files = {"begun": str(begun), "may_end": str(may_end)}
    answers: list[str] = []
    running = threading.Thread(target=lambda: answers.append(run(functions, **files)))
    running.start()
    try:
        wait_for(begun)
        functions.update_function_code(FunctionName=NAME, ZipFile=archive(QUICK))
        meanwhile = run(functions)
        ended_early = list(answers)
    finally:
        may_end.touch()
        running.join()

    assert meanwhile == '"newer"'
    assert ended_early == []
    assert answers == ['"older"']
