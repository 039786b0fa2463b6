"""The smoke test of a deployed stack, by its public addresses alone, however it was deployed."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping

import httpx
from PIL import Image

from tests.cloud.stack import Json, Stack
from tests.deploy.account import Account
from tests.pictures import picture

# What `tintype.toml` makes of 1200 × 900 pixels.
SIZES = {
    ("processed", "image/jpeg"): (512, 512),
    ("thumb", "image/webp"): (320, 240),
    ("small", "image/avif"): (800, 600),
    ("small", "image/webp"): (800, 600),
    ("display", "image/avif"): (1200, 900),
    ("display", "image/webp"): (1200, 900),
}
# Those of the page's addresses, and of its headers, that are the deployer's to get right.
PAGE = {"/": "text/html; charset=utf-8", "/config.json": "application/json"}


def smoke(account: Account, outputs: Mapping[str, str]) -> Json:
    """Upload a photograph, see it READY, fetch its renditions from the CDN, and load the page."""
    stack = Stack(outputs, account.browser())
    photograph = picture(1200, 900)

    image = stack.ready(stack.upload(photograph, "beach.jpg", "image/jpeg"))

    assert (image["original"]["width"], image["original"]["height"]) == (1200, 900)
    served = {
        (one["preset"], one["contentType"]): _size(stack.client.get(one["url"]), one)
        for one in image["renditions"]
    }
    assert served == SIZES
    assert all(one["url"].startswith(outputs["CdnUrl"]) for one in image["renditions"])
    page_loads(stack)
    return image


def page_loads(stack: Stack) -> None:
    """Check that the page comes with all that it names, and with the stack's own addresses."""
    cdn = stack.outputs["CdnUrl"]
    for path, content_type in PAGE.items():
        answer = stack.client.get(f"{cdn}{path}")
        assert answer.status_code == 200, f"{path}: {answer.text}"
        assert answer.headers["content-type"] == content_type
        assert answer.headers["cache-control"] == "no-cache"
    known = json.loads(stack.client.get(f"{cdn}/config.json").content)
    assert known == {
        "apiUrl": "/api",
        "graphqlUrl": stack.outputs["GraphqlUrl"],
        "realtimeUrl": stack.outputs["GraphqlRealtimeUrl"],
        "apiKey": stack.outputs["GraphqlApiKey"],
        "region": stack.outputs["Region"],
        "access": stack.outputs["Access"],
        "originalsReadable": stack.outputs["OriginalsReadable"],
        "maxBytes": 50_000_000,
    }
    index = stack.client.get(f"{cdn}/").text
    named = [part.split('"')[0] for part in index.split('src="')[1:]]
    assert named, index
    for name in named:
        script = stack.client.get(f"{cdn}/{name.lstrip('/')}")
        assert script.headers["content-type"] == "text/javascript; charset=utf-8"
        assert script.text


def _size(answer: httpx.Response, rendition: Json) -> tuple[int, int]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == rendition["contentType"]
    with Image.open(io.BytesIO(answer.content)) as opened:
        opened.load()
        return opened.size
