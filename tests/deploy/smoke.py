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

    ticket = stack.ticket(photograph, "beach.jpg", "image/jpeg")
    other_pages_are_kept_out(stack, ticket["upload"]["url"])
    assert stack.put(ticket, photograph).status_code == 200
    image = stack.ready(ticket["imageId"])

    assert (image["original"]["width"], image["original"]["height"]) == (1200, 900)
    served = {
        (one["preset"], one["contentType"]): _size(stack.client.get(one["url"]), one)
        for one in image["renditions"]
    }
    assert served == SIZES
    assert all(one["url"].startswith(outputs["CdnUrl"]) for one in image["renditions"])
    page_loads(stack)
    return image


def other_pages_are_kept_out(stack: Stack, upload_url: str) -> None:
    """Check that browsers are told to let the stack's own page upload, and no other site's do anything."""
    own, other = stack.outputs["CdnUrl"], "https://other.example"
    asks_to_put = {
        "access-control-request-method": "PUT",
        "access-control-request-headers": "content-type,if-none-match,x-amz-meta-filename",
    }

    ours = stack.client.options(upload_url, headers={"origin": own, **asks_to_put})
    theirs = stack.client.options(upload_url, headers={"origin": other, **asks_to_put})
    asked = stack.client.options(
        f"{stack.outputs['HttpApiUrl']}/uploads",
        headers={
            "origin": other,
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type",
        },
    )
    read = stack.request("GET", "/images", headers={"origin": other})

    assert (ours.status_code, _allowed(ours)) == (200, own)
    assert (theirs.status_code, _allowed(theirs)) == (403, None)
    assert (read.status_code, _allowed(read), _allowed(asked)) == (200, None, None)


def _allowed(response: httpx.Response) -> str | None:
    """Return whose page may read an answer."""
    found: str | None = response.headers.get("access-control-allow-origin")
    return found


def page_loads(stack: Stack) -> None:
    """Check that the page comes with all that it names, and with the stack's own addresses."""
    cdn = stack.outputs["CdnUrl"]
    for path, content_type in PAGE.items():
        response = stack.client.get(f"{cdn}{path}")
        assert response.status_code == 200, f"{path}: {response.text}"
        assert response.headers["content-type"] == content_type
        assert response.headers["cache-control"] == "no-cache"
    known = json.loads(stack.client.get(f"{cdn}/config.json").content)
    assert known == {
        "apiUrl": "/api",
        "graphqlUrl": stack.outputs["GraphqlUrl"],
        "realtimeUrl": stack.outputs["GraphqlRealtimeUrl"],
        "apiKey": stack.outputs["GraphqlApiKey"],
        "region": stack.outputs["Region"],
        "access": stack.outputs["Access"],
        "accessMode": stack.outputs["AccessMode"],
        "anyone": stack.outputs["Anyone"],
        "visibility": stack.outputs["Visibility"],
        "delivery": {
            "unsigned": stack.outputs["DeliveryUnsigned"],
            "widths": stack.outputs["DeliveryWidths"],
        },
        "signIn": {
            "issuer": stack.outputs["SignInIssuer"],
            "clientId": stack.outputs["SignInClientId"],
            "url": stack.outputs["SignInUrl"],
            "scope": stack.outputs["SignInScope"],
            "audience": stack.outputs["SignInAudience"],
        },
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


def _size(response: httpx.Response, rendition: Json) -> tuple[int, int]:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == rendition["contentType"]
    with Image.open(io.BytesIO(response.content)) as opened:
        opened.load()
        return opened.size
