"""`tintype.client` against a small stack, as a program of one's own uses it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from tests.cli.service import Service, running
from tests.pictures import picture
from tintype.client import (
    ApiRefusedError,
    ApiUnreachableError,
    Client,
    FileUnreadableError,
    Focus,
    ImageFailedError,
    NoLiveUpdatesError,
    NotReadyInTimeError,
    NotTheApiError,
    Status,
    UploadBrokenError,
    Visibility,
    api,
    following,
    subscription,
)
from tintype.imaging.errors import NotAnImageError

JPEG = picture(60, 40)


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Run a small stack; nobody waits long for it."""
    for module in (api, following, subscription):
        monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.02)
    with running() as service:
        yield service


@pytest.fixture
def client(stack: Service) -> Iterator[Client]:
    with Client(stack.api) as client:
        yield client


def when(condition: threading.Event) -> None:
    assert condition.wait(10)


def test_a_file_is_uploaded_byte_for_byte_and_becomes_ready(
    client: Client, stack: Service, tmp_path: Path
) -> None:
    path = tmp_path / "beach.jpg"
    path.write_bytes(JPEG)

    image = client.upload(path)
    ready = client.wait(image.id, seconds=10)

    assert stack.objects == {image.id: JPEG}
    assert image.filename == "beach.jpg"
    assert ready.status is Status.READY
    assert [one.url for one in ready.renditions] == [f"{stack.api}/{image.id}/3f9a/thumb.webp"]


def test_upload_returns_before_the_image_is_processed(client: Client, stack: Service) -> None:
    stack.processes = False

    image = client.upload(JPEG, filename="a.jpg")

    assert image.status is Status.AWAITING_UPLOAD
    assert stack.objects == {image.id: JPEG}


def test_bytes_and_open_files_are_uploaded_under_a_name(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "open.jpg"
    path.write_bytes(JPEG)

    with path.open("rb") as file:
        names = [
            client.upload(JPEG).filename,
            client.upload(JPEG, filename="mine.jpg").filename,
            client.upload(BytesIO(JPEG)).filename,
            client.upload(file).filename,
            client.upload(str(path), filename="other.jpg").filename,
        ]

    assert names == ["image.jpg", "mine.jpg", "image.jpg", "open.jpg", "other.jpg"]


def test_the_api_s_address_means_the_same_stack(stack: Service) -> None:
    with Client(f"{stack.api}/api/") as client:
        image = client.upload(JPEG)

        assert client.image(image.id).id == image.id
        assert client.wait(image.id, seconds=10).status is Status.READY


def test_an_address_of_any_size_is_signed_by_the_stack(client: Client, stack: Service) -> None:
    public = client.upload(JPEG)
    private = client.upload(JPEG, visibility="private")

    addresses = [
        client.address(public.id, w=400, h=300, fit="crop", fp_x=0.25, fp_y=0.5),
        client.address(private.id, preset="thumb", expires_in=90),
    ]

    assert addresses == [
        f"{stack.api}/i/{public.id}?w=400&h=300&fit=crop&fp-x=0.25&fp-y=0.5&s=signed",
        f"{stack.api}/p/public/{private.id}?preset=thumb&s=signed",
    ]
    with pytest.raises(ApiRefusedError, match="no image") as refused:
        client.address("01M7XPE600ABCDEFGHJKMNPQRS", w=640)
    assert refused.value.code == "image_not_found"


def test_what_is_no_image_is_refused_before_a_byte_goes(client: Client, stack: Service) -> None:
    with pytest.raises(NotAnImageError):
        client.upload(b"hello")

    assert not stack.requests


def test_a_file_that_is_not_there_is_told(client: Client, tmp_path: Path) -> None:
    with pytest.raises(FileUnreadableError, match="No such file"):
        client.upload(tmp_path / "none.jpg")


def test_an_upload_that_breaks_is_tried_again(client: Client, stack: Service) -> None:
    stack.faults.broken_uploads = 2

    image = client.upload(JPEG)

    assert stack.objects == {image.id: JPEG}


def test_an_upload_that_breaks_each_time_is_given_up(client: Client, stack: Service) -> None:
    stack.faults.broken_uploads = 6

    with pytest.raises(UploadBrokenError):
        client.upload(JPEG)


def test_waiting_hears_of_the_end_by_the_socket(
    client: Client, stack: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "FIRST_PAUSE_SECONDS", 10**6)
    monkeypatch.setattr(following, "LIVE_PAUSE_SECONDS", 10**6)
    image = client.upload(JPEG)

    assert client.wait(image.id, seconds=10).status is Status.READY
    assert stack.requests["SOCKET"] == 1


def test_waiting_asks_where_no_page_says_where_changes_are_announced(
    client: Client, stack: Service
) -> None:
    stack.has_config = False

    assert client.wait(client.upload(JPEG).id, seconds=10).status is Status.READY
    assert stack.requests["SOCKET"] == 0


def test_a_failure_is_raised_with_its_code_and_its_record(client: Client, stack: Service) -> None:
    stack.failing["cut.jpg"] = {"code": "truncated_image", "message": "the file is cut off"}
    image = client.upload(JPEG, filename="cut.jpg")

    with pytest.raises(ImageFailedError, match="the file is cut off") as raised:
        client.wait(image.id, seconds=10)

    assert raised.value.code == "truncated_image"
    assert raised.value.image.status is Status.FAILED


def test_an_image_of_which_nothing_is_heard_is_given_up(client: Client, stack: Service) -> None:
    stack.processes = False
    image = client.upload(JPEG)

    with pytest.raises(NotReadyInTimeError, match=r"no update for 0\.3 s"):
        client.wait(image.id, seconds=0.3)


def test_images_are_listed_newest_first_over_many_pages(client: Client, stack: Service) -> None:
    ids = [stack.ready(f"{number}.jpg")["id"] for number in range(103)]

    assert [image.id for image in client.images()] == ids[::-1]
    assert stack.requests["GET /api/images"] == 2


def test_a_focus_is_set_and_removed_and_stays_otherwise(client: Client, stack: Service) -> None:
    image = client.upload(JPEG)

    client.change(image.id, focus=Focus(x=0.25, y=1))
    client.change(image.id, "private")

    assert stack.images[image.id]["focus"] == {"x": 0.25, "y": 1}
    assert [(one.focus, one.visibility) for one in client.images()] == [
        (Focus(x=0.25, y=1), Visibility.PRIVATE)
    ]
    client.change(image.id, "public", focus=None)
    assert stack.images[image.id]["focus"] is None
    with pytest.raises(ValueError, match="nothing to change"):
        client.change(image.id)


def test_an_image_is_private_from_its_upload_on_or_later(client: Client, stack: Service) -> None:
    private = client.upload(JPEG, visibility="private")
    public = client.upload(JPEG)

    client.change(public.id, Visibility.PRIVATE)
    client.change(private.id, "public")

    assert private.visibility is Visibility.PRIVATE
    found = {one.id: one.visibility for one in client.images()}
    assert found == {private.id: Visibility.PUBLIC, public.id: Visibility.PRIVATE}
    with pytest.raises(ValueError, match="secret"):
        client.upload(JPEG, visibility="secret")
    assert len(stack.images) == 2


def test_a_deleted_image_is_gone(client: Client, stack: Service) -> None:
    image_id = stack.ready("a.jpg")["id"]

    client.delete(image_id)

    for refused in (client.delete, client.image):
        with pytest.raises(ApiRefusedError) as raised:
            refused(image_id)
        assert (raised.value.code, raised.value.status) == ("image_not_found", 404)


def test_changes_are_told_in_their_order_from_the_moment_of_asking(
    client: Client, stack: Service
) -> None:
    stack.ready("before.jpg")
    changes = client.follow()
    image = client.upload(JPEG)

    heard = [next(changes), next(changes)]

    assert [(one.image_id, one.version, one.status) for one in heard] == [
        (image.id, 2, "PROCESSING"),
        (image.id, 3, "READY"),
    ]


def test_a_broken_line_is_opened_again_and_told(client: Client, stack: Service) -> None:
    stack.faults.dropped_sockets = 1
    reopened = threading.Event()
    changes = client.follow(reopened=reopened.set)

    def change_later() -> None:
        if reopened.wait(10):
            stack.ready("a.jpg")
        else:
            changes.close()

    threading.Thread(target=change_later, daemon=True).start()

    assert next(changes).status == "READY"
    assert stack.requests["SOCKET"] == 2


def test_a_socket_that_refuses_is_an_error_at_once(client: Client, stack: Service) -> None:
    stack.faults.refuse_sockets = "You are not authorized"

    with pytest.raises(NoLiveUpdatesError, match="You are not authorized"):
        client.follow()


def test_a_line_that_is_ended_for_good_raises_why(client: Client, stack: Service) -> None:
    changes = client.follow()
    stack.listeners[0].put(json.dumps({"type": "complete"}))
    watchdog = threading.Timer(10, changes.close)  # where the end is not seen, nothing else would
    watchdog.daemon = True
    watchdog.start()

    with pytest.raises(NoLiveUpdatesError, match="the server ended the subscription"):
        next(changes)


def test_following_needs_a_page(client: Client, stack: Service) -> None:
    stack.has_config = False

    with pytest.raises(NoLiveUpdatesError, match="does not give the live-update address"):
        client.follow()


def test_closing_the_client_ends_an_iteration_elsewhere(client: Client) -> None:
    ended = threading.Event()
    changes = client.follow()

    def listen() -> None:
        assert not list(changes)
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    client.close()

    when(ended)


def test_an_overload_is_waited_for(client: Client, stack: Service) -> None:
    stack.faults.unavailable = 3

    assert list(client.images()) == []


def test_an_overload_that_lasts_is_told(client: Client, stack: Service) -> None:
    stack.faults.unavailable = 4

    with pytest.raises(ApiUnreachableError, match="returned 503 on every attempt"):
        list(client.images())


def test_another_address_is_told(stack: Service) -> None:
    with Client(f"{stack.api}/elsewhere") as client, pytest.raises(NotTheApiError):
        list(client.images())


def test_an_error_alone_loads_no_http() -> None:
    code = "import sys, tintype.client.errors as e; print(e.ClientError, 'httpx' in sys.modules)"
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.split()[-1] == "False"
