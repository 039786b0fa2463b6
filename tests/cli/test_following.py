"""How `tintype upload` hears of an image's end: by the socket, and by asking."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Photo, Tintype
from tests.cli.service import Service
from tintype.client import following


def test_socket_tells_when_an_image_is_ready(
    tintype: Tintype, stack: Service, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo("a.jpg")
    monkeypatch.setattr(following, "FIRST_PAUSE_SECONDS", 10**6)
    monkeypatch.setattr(following, "LIVE_PAUSE_SECONDS", 10**6)

    ended = tintype("upload", "a.jpg", "--timeout", "60")

    assert ended.code == 0, ended.err
    assert stack.requests["SOCKET"] == 1


def test_socket_that_is_dropped_is_opened_anew(
    tintype: Tintype, stack: Service, photo: Photo
) -> None:
    photo("a.jpg")
    stack.faults.dropped_sockets = 1
    stack.processes = False

    def process_once_it_listens_again(image_id: str) -> None:
        def later() -> None:
            while stack.requests["SOCKET"] < 2:
                time.sleep(0.01)
            stack.processes = True
            stack.process(image_id)

        threading.Thread(target=later, daemon=True).start()

    stack.on_put = process_once_it_listens_again

    assert tintype("upload", "a.jpg").code == 0
    assert stack.requests["SOCKET"] >= 2


def test_refused_socket_is_told_and_the_api_is_asked_instead(
    tintype: Tintype, stack: Service, photo: Photo
) -> None:
    photo("a.jpg")
    stack.faults.refuse_sockets = "You are not authorized"
    stack.processes = False

    def process_after_the_first_question(image_id: str) -> None:
        def later() -> None:
            while stack.requests["GET /api/images"] < 2:
                time.sleep(0.01)
            stack.processes = True
            stack.process(image_id)

        threading.Thread(target=later, daemon=True).start()

    stack.on_put = process_after_the_first_question

    ended = tintype("upload", "a.jpg")

    assert ended.code == 0, ended.err
    assert "No live updates (You are not authorized); polling every few seconds" in ended.err


def test_address_alone_is_enough(tintype: Tintype, stack: Service, photo: Photo) -> None:
    photo("a.jpg")
    Path(".tintype/local.json").unlink()

    ended = tintype("upload", "a.jpg", "--endpoint", f"{stack.api}/api/")

    assert ended.code == 0, ended.err
    assert stack.requests["SOCKET"] == 0
    assert "thumb.webp" in ended.out


def test_image_that_nothing_is_heard_of_is_given_up_after_a_time(
    tintype: Tintype, stack: Service, photo: Photo
) -> None:
    photo("a.jpg")
    stack.processes = False

    ended = tintype("upload", "a.jpg", "--timeout", "1")

    assert ended.code == 1
    assert "✗ a.jpg: not_ready_in_time: " in ended.err
    assert next(iter(stack.images)) in ended.out


def test_failure_before_the_last_try_may_still_become_a_success(
    tintype: Tintype, stack: Service, photo: Photo
) -> None:
    photo("a.jpg")
    stack.failing["a.jpg"] = {"code": "processing_crashed", "message": "-", "retryable": True}

    def succeed_later(image_id: str) -> None:
        def later() -> None:
            while stack.images[image_id]["status"] != "FAILED":
                time.sleep(0.01)
            stack.failing.clear()
            time.sleep(0.1)
            stack.images[image_id].pop("failure")
            stack.process(image_id)

        threading.Thread(target=later, daemon=True).start()

    stack.on_put = succeed_later

    ended = tintype("upload", "a.jpg")

    assert ended.code == 0, ended.err
