"""The deployed stack, seen from outside: what a browser, curl or a watcher can do.

Start with `Stack`. Nothing here knows the functions' code; it speaks HTTP, S3's signed requests and the
GraphQL API's protocols only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx

Json: TypeAlias = "dict[str, Any]"
TIMEOUT_SECONDS = 60.0
_GLANCE_SECONDS = 0.05


@dataclass
class Stack:
    """The public doors of a stack, by its outputs."""

    outputs: Mapping[str, str]
    client: httpx.Client

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request to the API."""
        return self.client.request(method, f"{self.outputs['ApiUrl']}{path}", **options)

    def ticket(self, data: bytes, filename: str, content_type: str, **more: object) -> Json:
        """Ask for leave to upload *data*."""
        wanted = {"filename": filename, "contentType": content_type, "size": len(data), **more}
        answer = self.request("POST", "/uploads", json=wanted)
        assert answer.status_code == 201, answer.text
        ticket: Json = answer.json()
        return ticket

    def put(self, ticket: Json, data: bytes, **headers: str) -> httpx.Response:
        """Use a ticket, with its headers or others in their places."""
        upload = ticket["upload"]
        return self.client.put(
            upload["url"], content=data, headers={**upload["headers"], **headers}
        )

    def upload(
        self, data: bytes, filename: str = "picture.png", content_type: str = "image/png"
    ) -> str:
        """Upload *data* with a ticket, and return its image's id."""
        ticket = self.ticket(data, filename, content_type)
        answer = self.put(ticket, data)
        assert answer.status_code == 200, answer.text
        return str(ticket["imageId"])

    def image(self, image_id: str) -> Json | None:
        """Return an image as the API shows it, None if there is none."""
        answer = self.request("GET", f"/images/{image_id}")
        return None if answer.status_code == 404 else answer.raise_for_status().json()

    def when(
        self,
        image_id: str,
        condition: Callable[[Json | None], bool],
        seconds: float = TIMEOUT_SECONDS,
    ) -> Json | None:
        """Return an image as soon as *condition* holds of it.

        Raises:
            TimeoutError: it does not.
        """
        image = self.image(image_id)
        deadline = time.monotonic() + seconds
        while not condition(image):
            if time.monotonic() > deadline:
                message = f"after {seconds:g} s {image_id} is {image and image['status']}"
                raise TimeoutError(message)
            time.sleep(_GLANCE_SECONDS)
            image = self.image(image_id)
        return image

    def ended(self, image_id: str, seconds: float = TIMEOUT_SECONDS) -> Json:
        """Return an image when it is READY or FAILED."""
        image = self.when(
            image_id, lambda one: one is not None and one["status"] in {"READY", "FAILED"}, seconds
        )
        assert image is not None
        return image

    def ready(self, image_id: str, seconds: float = TIMEOUT_SECONDS) -> Json:
        """Return an image when it is READY, and fail if it has failed."""
        image = self.ended(image_id, seconds)
        assert image["status"] == "READY", image["failure"]
        return image
