"""The local cloud is killed in the middle of a burst: what it has answered is there afterwards."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.cloud.running import running_cloud
from tests.cloud.stack import TIMEOUT_SECONDS, Stack
from tests.pictures import picture
from tintype.imaging.formats import Format

PNG = picture(64, 48, Format.PNG)
WAYS, ENOUGH = 6, 25


@dataclass
class Said:
    """What the local cloud has answered with success, before it was killed."""

    tickets: list[str] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)

    def done(self, images: list[str], image: str) -> None:
        images.append(image)
        if min(len(self.uploads), len(self.sent)) >= ENOUGH and self.deleted:
            self.enough.set()


def burst(stack: Stack, said: Said) -> None:
    """Upload and delete until nobody answers any more."""
    try:
        while True:
            ticket = stack.ticket(PNG, "a.png", "image/png")
            said.done(said.tickets, ticket["imageId"])
            if stack.put(ticket, PNG).status_code == 200:
                said.done(said.uploads, ticket["imageId"])
            headers = {"content-type": "image/png"}
            answer = stack.request("POST", "/images?filename=b.png", content=PNG, headers=headers)
            if answer.status_code == 202:
                said.done(said.sent, answer.json()["imageId"])
            if len(said.uploads) % 5 == 0:
                unwanted = stack.ticket(PNG, "c.png", "image/png")["imageId"]
                if stack.request("DELETE", f"/images/{unwanted}").status_code == 202:
                    said.done(said.deleted, unwanted)
    except httpx.TransportError:
        return


def killed_in_a_burst(state: Path, deployed: Path) -> Said:
    said = Said()
    with (
        running_cloud(state, deployed=deployed) as cloud,
        httpx.Client(timeout=TIMEOUT_SECONDS) as client,
        ThreadPoolExecutor(WAYS) as ways,
    ):
        stack = Stack(cloud.outputs, client)
        for _ in range(WAYS):
            ways.submit(burst, stack, said)
        assert said.enough.wait(2 * TIMEOUT_SECONDS)
        os.kill(cloud.pid, signal.SIGKILL)
    return said


def test_what_was_answered_is_there_after_a_kill(tmp_path: Path, deployed_state: Path) -> None:
    said = killed_in_a_burst(tmp_path / "state", deployed_state)

    with (
        running_cloud(tmp_path / "state") as cloud,
        httpx.Client(timeout=TIMEOUT_SECONDS) as client,
    ):
        stack = Stack(cloud.outputs, client)
        unknown = [image for image in said.tickets if stack.image(image) is None]
        statuses = {image: stack.ended(image)["status"] for image in said.uploads + said.sent}
        left = [image for image in said.deleted if not gone(stack, image)]

    assert unknown == []
    assert set(statuses.values()) == {"READY"}
    assert left == []


def gone(stack: Stack, image: str) -> bool:
    try:
        return stack.when(image, lambda one: one is None) is None
    except TimeoutError:
        return False
