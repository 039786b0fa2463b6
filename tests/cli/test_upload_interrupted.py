"""`tintype upload` when connections break, tickets expire, nobody answers, or somebody stops it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Photo, Tintype, different
from tests.cli.service import Service
from tintype.cli.uploads.run import _Run

COMMAND = [sys.executable, "-c", "from tintype.cli.main import run; run()"]


def test_broken_connection_is_tried_again_with_the_same_ticket(
    tintype: Tintype, stack: Service, photo: Photo
) -> None:
    photo("a.jpg")
    stack.faults.broken_uploads = 2

    ended = tintype("upload", "a.jpg")

    assert ended.code == 0, ended.err
    assert stack.requests["POST /api/uploads"] == 1
    assert stack.requests["PUT /bucket"] == 3


def test_upload_that_arrived_while_its_answer_was_lost_is_done(
    tintype: Tintype, stack: Service, photo: Photo
) -> None:
    photo("a.jpg")
    stack.faults.lost_responses = 1

    ended = tintype("upload", "a.jpg")

    assert ended.code == 0, ended.err
    assert len(stack.images) == 1


def test_expired_ticket_is_replaced(tintype: Tintype, stack: Service, photo: Photo) -> None:
    photo("a.jpg")
    stack.faults.expired_tickets = 1

    ended = tintype("upload", "a.jpg")

    assert ended.code == 0, ended.err
    assert stack.requests["POST /api/uploads"] == 2


def test_ticket_that_is_refused_twice_is_told_in_the_words_of_s3(
    tintype: Tintype, stack: Service, photo: Photo
) -> None:
    photo("a.jpg")
    stack.faults.expired_tickets = 9

    ended = tintype("upload", "a.jpg")

    assert ended.code == 1
    assert "upload_refused: AccessDenied: Request has expired (403)" in ended.err


def test_connection_that_always_breaks_is_given_up(
    tintype: Tintype, stack: Service, photo: Photo
) -> None:
    photo("a.jpg")
    stack.faults.broken_uploads = 99

    ended = tintype("upload", "a.jpg")

    assert ended.code == 1
    assert "✗ a.jpg: upload_broken: " in ended.err
    assert "secret" not in ended.err


def test_api_that_stumbles_is_asked_again(tintype: Tintype, stack: Service, photo: Photo) -> None:
    photo("a.jpg")
    stack.faults.unavailable = 2

    assert tintype("upload", "a.jpg").code == 0


def test_wrong_address_ends_the_run_instead_of_failing_for_every_file(
    tintype: Tintype, stack: Service
) -> None:
    names = [f"{number}.jpg" for number in range(9)]
    different(*names)

    ended = tintype("upload", *names, "--endpoint", stack.api, "--parallel", "1")

    assert ended.code == 1
    assert "not_the_api" in ended.err
    assert "the API's address ends in /api" in " ".join(ended.err.split())
    assert "Stopped: 8 of 9 not uploaded" in ended.err
    assert sum(stack.requests.values()) == 1


def test_nothing_that_listens_is_told(tintype: Tintype, stack: Service, photo: Photo) -> None:
    assert stack
    photo("a.jpg")

    ended = tintype("upload", "a.jpg", "--endpoint", "http://127.0.0.1:9/api")

    assert ended.code == 1
    assert "✗ a.jpg: api_unreachable: http://127.0.0.1:9/api: " in ended.err


def test_folder_without_images_is_an_error_before_anything_begins(
    tintype: Tintype, stack: Service
) -> None:
    Path("empty").mkdir()

    ended = tintype("upload", "empty")

    assert ended.code == 2
    assert "nothing_to_upload" in ended.err
    assert not stack.requests


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_says_what_is_there_and_the_same_command_goes_on(
    tintype: Tintype, stack: Service
) -> None:
    different("a.jpg", "b.jpg", "c.jpg")
    held = threading.Event()

    def hold_all_but_the_first(_image_id: str) -> None:
        if stack.objects:
            held.wait(10)

    stack.on_put = hold_all_but_the_first
    command = [*COMMAND, "upload", "a.jpg", "b.jpg", "c.jpg", "--parallel", "1", "--no-wait"]
    process = subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    give_up = time.monotonic() + 60
    while stack.requests["PUT /bucket"] < 2 and time.monotonic() < give_up:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    stack.on_put = None
    held.set()

    assert process.returncode == 130, err
    assert b"Stopped: 2 of 3 not uploaded. Run the same command to resume." in err
    assert b"Traceback" not in err
    assert out.count(b"\n") == 1

    ended = tintype("upload", "a.jpg", "b.jpg", "c.jpg", "--no-wait", "--json")

    assert ended.document["totals"]["skipped"] >= 1
    assert {image["filename"] for image in stack.images.values()} == {"a.jpg", "b.jpg", "c.jpg"}


def test_upload_that_arrived_as_ctrl_c_was_pressed_is_counted(
    tintype: Tintype, stack: Service, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo("a.jpg")
    take_one = _Run._take_one  # noqa: SLF001
    pressed: list[bool] = []

    def press_when_it_has_arrived(run: _Run) -> None:
        if pressed:
            take_one(run)
            return
        pressed.append(True)
        while run._inbox.empty():  # noqa: SLF001
            time.sleep(0.01)
        raise KeyboardInterrupt

    monkeypatch.setattr(_Run, "_take_one", press_when_it_has_arrived)

    ended = tintype("upload", "a.jpg", "--no-wait")

    assert ended.code == 130
    (image_id,) = stack.images
    assert ended.out == f"{image_id}\ta.jpg\n"
