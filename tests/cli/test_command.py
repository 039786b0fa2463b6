"""The command as a process: help, version, exit codes, pipes and Ctrl-C."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from tests.cli.conftest import Photo, Tintype, tree
from tests.pictures import picture
from tintype.cli import main
from tintype.cli.main import app

COMMAND = [sys.executable, "-c", "from tintype.cli.main import run; run()"]
# The rendering of every original but 0.png never ends.
ENDLESS = """
import pathlib, threading
from tintype.cli.files import batch
from tintype.cli.main import run

real, first = batch.render_all, pathlib.Path("0.png").read_bytes()

def render_all(data, *arguments, **options):
    if data != first:
        threading.Event().wait()
    return real(data, *arguments, **options)

batch.render_all = render_all
run()
"""
# Ctrl-C is pressed when the first original is about to be stored.
PRESSED_BEFORE_STORING = """
import signal
from tintype.cli.files import batch
from tintype.cli.main import run

real = batch.store

def store(*arguments, **options):
    signal.raise_signal(signal.SIGINT)
    return real(*arguments, **options)

batch.store = store
run()
"""


def parameters() -> list[tuple[str, str, str | None]]:
    group = get_command(app)
    commands = group.commands  # type: ignore[attr-defined] # with several commands it is a group
    return [
        (name, option if option.startswith("-") else found.metavar, getattr(found, "help", None))
        for name, command in commands.items()
        for found in command.params
        for option in found.opts
    ]


@cache
def help_of(command: str) -> str:
    """Return a command's help as words, without the frames of its tables."""
    return re.sub(r"[│\s]+", " ", CliRunner().invoke(app, [command, "--help"]).output)


@pytest.mark.parametrize(("command", "option", "explanation"), parameters())
def test_every_option_is_explained(command: str, option: str, explanation: str | None) -> None:
    shown = help_of(command)

    assert option in shown
    assert explanation
    assert explanation in shown


COMMANDS_OF_A_STACK = [
    "upload",
    "list",
    "show",
    "open",
    "delete",
    "doctor",
    "redrive",
    "reindex",
    "reprocess",
]


@pytest.mark.parametrize(
    "command", ["render", "inspect", "presets", "cost", "deploy", "destroy", *COMMANDS_OF_A_STACK]
)
def test_help_gives_examples(tintype: Tintype, command: str) -> None:
    assert f"tintype {command}" in tintype(command, "-h").out.partition("Examples:")[2]


def test_version_is_that_of_the_package(tintype: Tintype) -> None:
    assert tintype("--version").out == f"tintype {version('tintype')}\n"


def test_without_a_command_help_is_shown(tintype: Tintype) -> None:
    ended = tintype()

    assert "render" in ended.out + ended.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["render", "good.jpg"], 0),
        (["render", "good.jpg", "text.jpg"], 1),
        (["render", "good.jpg", "--preset", "gone"], 2),
        (["render", "gone.jpg"], 2),
        (["render", "gone.jpg", "good.jpg"], 1),
        (["inspect", "text.jpg"], 1),
        (["inspect", "gone.jpg"], 2),
        (["nonsense"], 2),
    ],
)
@pytest.mark.usefixtures("tintype")
def test_exit_code_of_the_process(photo: Photo, arguments: list[str], code: int) -> None:
    photo("good.jpg")
    Path("text.jpg").write_text("this is no image")

    ended = subprocess.run([*COMMAND, *arguments], capture_output=True, check=False)  # noqa: S603

    assert ended.returncode == code, ended.stderr


@pytest.mark.usefixtures("tintype")
def test_terminal_without_arrows_gets_question_marks(photo: Photo) -> None:
    photo("beach.jpg")
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii"}

    ended = subprocess.run(  # noqa: S603
        [*COMMAND, "render", "beach.jpg"], capture_output=True, check=False, env=ascii_only
    )

    assert ended.returncode == 0, ended.stderr
    assert b"60 ? 40" in ended.stdout


@pytest.mark.usefixtures("tintype")
def test_name_that_is_not_unicode_is_rendered_and_told(photo: Photo) -> None:
    try:
        photo(os.fsdecode(b"photos/caf\xe9.jpg"))
    except OSError:
        pytest.skip("this file system takes only Unicode names")

    ended = subprocess.run(  # noqa: S603
        [*COMMAND, "render", "photos", "--json"], capture_output=True, check=False
    )

    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["originals"][0]["file"] == "photos/caf�.jpg"


def interrupted(*options: str) -> subprocess.CompletedProcess[bytes]:
    """Render five originals, all but one without an end; press Ctrl-C when the first is there.

    What would wait for the renderings that are under way would never end.
    """
    for number in range(5):
        Path(f"{number}.png").write_bytes(picture(16, 16 + number))
    process = subprocess.Popen(  # noqa: S603
        [
            sys.executable,
            "-c",
            ENDLESS,
            "render",
            *(f"{number}.png" for number in range(5)),
            "--jobs",
            "2",
            *options,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    give_up = time.monotonic() + 120
    while not Path("renditions/0/square.png").exists() and time.monotonic() < give_up:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
@pytest.mark.usefixtures("tintype")
def test_ctrl_c_stops_at_once_keeps_what_is_done_and_says_so() -> None:
    ended = interrupted()

    assert ended.returncode == 130
    assert b"1 original" in ended.stdout
    assert b"Stopped: 4 of 5 not rendered." in ended.stderr
    assert b"Traceback" not in ended.stderr
    assert tree(Path("renditions")) == ["0/square.jpg", "0/square.png", "0/thumb.webp"]


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
@pytest.mark.usefixtures("tintype")
def test_ctrl_c_ends_the_document_too() -> None:
    ended = interrupted("--json")

    document = json.loads(ended.stdout)
    assert ended.returncode == 130
    assert document["interrupted"] is True
    assert [original["file"] for original in document["originals"]] == ["0.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
@pytest.mark.usefixtures("tintype")
def test_ctrl_c_waits_until_an_original_that_is_being_stored_is_whole_and_counted() -> None:
    for number in range(5):
        Path(f"{number}.png").write_bytes(picture(16, 16 + number))

    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", PRESSED_BEFORE_STORING, "render", ".", "--json", "--jobs", "1"],
        capture_output=True,
        check=False,
    )

    document = json.loads(ended.stdout)
    assert (ended.returncode, document["interrupted"]) == (130, True), ended.stderr
    (original,) = document["originals"]
    stored = [Path(each["path"]).relative_to("renditions") for each in original["renditions"]]
    assert sorted(map(str, stored)) == tree(Path("renditions"))


def fail() -> None:
    message = "maximum recursion depth exceeded\nin a comparison"
    raise RecursionError(message)


def test_what_nobody_has_foreseen_ends_with_one_line_and_a_code(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main, "app", fail)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
    monkeypatch.setattr(sys, "stderr", errors := io.TextIOWrapper(io.BytesIO()))
    monkeypatch.delenv("TINTYPE_DEBUG", raising=False)

    with pytest.raises(SystemExit) as ended:
        main.run()

    errors.seek(0)
    (line,) = errors.read().splitlines()
    assert ended.value.code == 1
    assert line.startswith("error: unexpected_error: RecursionError: maximum recursion depth")
    assert "TINTYPE_DEBUG=1" in line
    assert "Traceback" not in capfd.readouterr().err

    monkeypatch.setenv("TINTYPE_DEBUG", "1")
    with pytest.raises(RecursionError):
        main.run()
