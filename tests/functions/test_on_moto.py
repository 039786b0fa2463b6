"""The handlers, unchanged, on an emulator of other people: from a ticket to a listed image."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.functions.lines import Log
from tests.functions.moto import ORIGINALS, RENDITIONS, MotoStack, moto_server
from tests.pictures import picture
from tintype import keys
from tintype.config import Config
from tintype.functions import api, bundle, catalogue, process
from tintype.imaging import Encoding, Format, Limits, Preset

NAMES = ("beach.png", "größe é+%20 'x'.png", "a b+ü/#?&='(1).png", "写真 🏖️.png")
PRESETS = (
    Preset(name="processed", width=16, height=16, formats=(Encoding(format=Format.JPEG),)),
    Preset(name="thumb", width=8, formats=(Encoding(format=Format.WEBP),)),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoStack]:
    with moto_server(tmp_path_factory.mktemp("moto")) as endpoint:
        yield MotoStack.made(endpoint)


@pytest.fixture
def moto(server: MotoStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MotoStack]:
    """The functions as Lambda starts them: their settings in a file, all else in the environment."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "settings.json"
    file.write_bytes(bundle.document(Config(file, presets=PRESETS, limits=Limits())))
    monkeypatch.setattr(bundle, "read", partial(bundle.read, file=file))
    started = (api.service, process.context, catalogue.catalogue)
    yield server
    for start in started:
        start.cache_clear()


def ticket_of(moto: MotoStack, name: str, data: bytes) -> tuple[str, str, dict[str, str]]:
    said = moto.ask(
        "POST", "/uploads", {"filename": name, "contentType": "image/png", "size": len(data)}
    )
    assert said.status == 201, said.body
    return said.json["imageId"], said.json["upload"]["url"], said.json["upload"]["headers"]


@pytest.mark.parametrize("name", NAMES)
def test_a_ticket_s_upload_is_ready_and_listed(moto: MotoStack, name: str) -> None:
    data = picture(40, 30, Format.PNG)
    image_id, url, headers = ticket_of(moto, name, data)

    assert moto.put(url, headers, data) == 200
    moto.settle()

    image = moto.ask("GET", f"/images/{image_id}").json
    assert (image["status"], image["filename"]) == ("READY", name)
    keys = {
        found["Key"]
        for found in moto.client("s3").list_objects_v2(Bucket=RENDITIONS, Prefix=image_id)[
            "Contents"
        ]
    }
    assert {one["url"].removeprefix("https://cdn.example/") for one in image["renditions"]} < keys
    assert len(image["renditions"]) == len(PRESETS)
    listed = moto.ask("GET", "/images").json["images"]
    assert [one["filename"] for one in listed if one["id"] == image_id] == [name]


def test_a_ticket_s_link_takes_one_upload(moto: MotoStack) -> None:
    data = picture(8, 6, Format.PNG)
    _, url, headers = ticket_of(moto, "once.png", data)

    assert moto.put(url, headers, data) == 200
    assert moto.put(url, headers, data) == 412


@pytest.mark.parametrize("name", ["my-image.png", "Café 100% + 1.png"])
def test_a_client_that_knows_a_file_name_gets_its_picture(moto: MotoStack, name: str) -> None:
    query = urlencode({"filename": f"processed-{name}"})
    assert moto.ask("GET", "/get-processed-image-url", query=query).status == 404
    wanted: dict[str, object] = {"filename": name, "contentType": "image/x-png"}
    ticket = moto.ask("POST", "/generate-upload-url", body=wanted).json
    assert moto.ask("GET", "/get-processed-image-url", query=query).json["code"] == "not_ready"

    headers = {"content-type": "image/x-png"}
    assert moto.put(ticket["uploadUrl"], headers, picture(8, 6, Format.PNG)) == 200
    moto.settle()

    assert moto.ask("GET", "/get-processed-image-url", query=query).status == 200


@pytest.mark.parametrize(
    ("key", "filename"),
    [
        ("plain.png", "plain.png"),
        ("holiday 2026/café+1 %20.png", "café+1  .png"),
        ("写真/🏖️.png", "🏖️.png"),
    ],
)
def test_an_object_put_by_hand_is_ready(moto: MotoStack, key: str, filename: str) -> None:
    moto.client("s3").put_object(Bucket=ORIGINALS, Key=key, Body=picture(20, 10, Format.PNG))

    moto.settle()

    images = {one["id"]: one for one in moto.ask("GET", "/images").json["images"]}
    image = images[keys.image_id(ORIGINALS, key)]
    assert (image["status"], image["filename"], image["source"]) == ("READY", filename, "BUCKET")


def test_what_is_no_image_fails_with_its_reason(moto: MotoStack, log: Log) -> None:
    data = b"not a picture at all"
    image_id, url, headers = ticket_of(moto, "words.png", data)

    moto.put(url, headers, data)
    moto.settle()

    image = moto.ask("GET", f"/images/{image_id}").json
    assert (image["status"], image["failure"]["code"]) == ("FAILED", "not_an_image")
    assert log.lines(function="catalogue", level="WARNING")[0]["unannounced"]


def test_a_key_lives_from_its_making_to_its_revocation(
    moto: MotoStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINTYPE_ACCESS_MODE", "cognito")
    wanted = {"name": "camera", "scopes": ["read"]}
    assert moto.ask("GET", "/images").json["code"] == "not_signed_in"
    made = moto.ask("POST", "/keys", wanted, subject="alice").json

    first = moto.ask("GET", "/with-key/me", key=made["key"])
    (listed,) = moto.ask("GET", "/keys", subject="alice").json["keys"]
    upload = moto.ask("POST", "/with-key/uploads", {}, key=made["key"])
    revoked = moto.ask("DELETE", f"/keys/{made['id']}", subject="alice")
    last = moto.ask("GET", "/with-key/me", key=made["key"])

    assert (first.json["owner"], first.json["scopes"]) == ("alice", ["read"])
    assert (listed["id"], "lastUsedAt" in listed) == (made["id"], True)
    assert (upload.status, revoked.status) == (403, 200)
    assert (last.status, last.json["code"]) == (401, "invalid_api_key")
    assert moto.ask("GET", "/keys", subject="alice").json == {"keys": []}
