"""Faces: found once for each original, kept in the manifest alone, and never said to anybody."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image as PillowImage

from tests.functions.cases import SUCCESSES
from tests.functions.stack import Stack
from tests.functions.test_private import PRIVATE, PUBLIC, by_ticket, change
from tests.pictures import Pixels, encode
from tests.portraits import Drawn, portrait
from tintype import keys
from tintype.images import Manifest, Status, decode_manifest, document, item
from tintype.imaging import Face, Fit, Format, Gravity, Preset

SQUARE = Preset(name="processed", width=40, height=40, fit=Fit.COVER, gravity=Gravity.FACES)
AT_THE_LEFT = (Face(0.0, 0.4, 0.05, 0.1, 0.5),)
FACE_WORDS = ("faces", "score")


def a_portrait(x: int = 330) -> bytes:
    return encode([PillowImage.fromarray(portrait(480, 320, Drawn(x, 140, 90)))], Format.PNG)


def manifest_of(stack: Stack, image_id: str) -> Manifest:
    return decode_manifest(stack.renditions.get(keys.manifest_key(image_id)).data)


def faces_of(stack: Stack, image_id: str) -> tuple[Face, ...]:
    found = manifest_of(stack, image_id).faces
    assert found is not None
    return found


def write_faces(stack: Stack, image_id: str, faces: tuple[Face, ...]) -> None:
    manifest = msgspec.structs.replace(manifest_of(stack, image_id), faces=faces)
    key = keys.manifest_key(image_id)
    stack.renditions.put(key, msgspec.json.encode(manifest), content_type="application/json")


@pytest.fixture(name="stack")
def with_faces(stack: Stack) -> Stack:
    stack.context = replace(stack.context, presets=(SQUARE,), find_faces=True)
    return stack


def put(stack: Stack, data: bytes, key: str | None = None) -> str:
    image_id = stack.put(data, key)
    stack.settle()
    return image_id


def test_a_manifest_has_the_faces_of_its_original(stack: Stack) -> None:
    (face,) = faces_of(stack, put(stack, a_portrait()))

    assert face.left + face.width / 2 == pytest.approx(330 / 480, abs=0.02)


def test_a_picture_without_faces_is_known_to_have_none(stack: Stack) -> None:
    assert faces_of(stack, stack.ready()) == ()


def test_nobody_looks_for_faces_unless_the_settings_ask(stack: Stack) -> None:
    centre = replace(SQUARE, gravity=Gravity.CENTRE)
    stack.context = replace(stack.context, presets=(centre,), find_faces=False)

    image_id = put(stack, a_portrait())

    assert manifest_of(stack, image_id).faces is None
    assert b"faces" not in stack.renditions.get(keys.manifest_key(image_id)).data


def test_faces_are_found_though_no_preset_asks_if_addresses_may(stack: Stack) -> None:
    centre = replace(SQUARE, gravity=Gravity.CENTRE)
    stack.context = replace(stack.context, presets=(centre,))

    assert len(faces_of(stack, put(stack, a_portrait()))) == 1


def test_the_faces_of_the_same_bytes_are_not_looked_for_again(stack: Stack) -> None:
    """What the manifest says is believed: here it is moved, and the crop follows."""
    image_id = put(stack, a_portrait())
    manifest = manifest_of(stack, image_id)
    before = stack.renditions.get(manifest.image.renditions[0].key).data
    write_faces(stack, image_id, AT_THE_LEFT)
    stack.change_presets()

    stack.ask("POST", f"/images/{image_id}/reprocess")
    stack.settle()

    assert faces_of(stack, image_id) == AT_THE_LEFT
    assert stack.renditions.get(manifest_of(stack, image_id).image.renditions[0].key).data != before


def test_another_original_has_its_own_faces(stack: Stack) -> None:
    image_id = put(stack, a_portrait(), "museum/anna.png")
    put(stack, a_portrait(120), "museum/anna.png")

    (face,) = faces_of(stack, image_id)

    assert face.left + face.width / 2 == pytest.approx(120 / 480, abs=0.02)


def test_faces_are_forgotten_when_nothing_asks_for_them_any_more(stack: Stack) -> None:
    image_id = put(stack, a_portrait())
    centre = replace(SQUARE, gravity=Gravity.CENTRE)
    stack.change_presets()
    stack.context = replace(stack.context, presets=(centre,), find_faces=False)

    stack.ask("POST", f"/images/{image_id}/reprocess")
    stack.settle()

    assert manifest_of(stack, image_id).faces is None


def test_a_deleted_image_has_no_faces(stack: Stack) -> None:
    image_id = put(stack, a_portrait())

    stack.ask("DELETE", f"/images/{image_id}")
    stack.settle()

    manifest = manifest_of(stack, image_id)
    assert (manifest.image.status, manifest.faces) == (Status.DELETED, None)


def test_an_image_keeps_its_faces_when_its_visibility_changes(stack: Stack) -> None:
    stack.sign_in()
    image_id = by_ticket(stack, a_portrait(), PUBLIC)
    stack.settle()
    before = faces_of(stack, image_id)

    change(stack, image_id, PRIVATE)
    stack.settle()

    assert manifest_of(stack, image_id).image.visibility is PRIVATE
    assert faces_of(stack, image_id) == before


def delivered(stack: Stack, image_id: str, gravity: str) -> Pixels:
    filename = f"w_40,h_40,fit_crop,gravity_{gravity}.png"
    answer = stack.fetch(keys.delivered_key(image_id, filename))
    assert answer.status == 200
    return np.asarray(PillowImage.open(BytesIO(answer.body)).convert("RGB"))


def alike(one: Pixels, other: Pixels) -> bool:
    """Whether these are the same crop, though maybe of differently decoded pixels."""
    return bool(np.abs(one.astype(int) - other).mean() < 2)


@pytest.mark.parametrize("known", [True, False])
def test_an_address_crops_to_faces_whether_the_manifest_knows_them_or_not(
    stack: Stack, *, known: bool
) -> None:
    stack.context = replace(stack.context, find_faces=known)
    centre = replace(SQUARE, gravity=Gravity.CENTRE)
    stack.context = replace(stack.context, presets=(centre,))
    right = put(stack, a_portrait(400))

    assert (manifest_of(stack, right).faces is not None) == known
    assert alike(delivered(stack, right, "faces"), delivered(stack, right, "east"))
    assert not alike(delivered(stack, right, "centre"), delivered(stack, right, "east"))


def test_an_address_uses_the_faces_of_the_manifest(stack: Stack) -> None:
    image_id = put(stack, a_portrait(400))
    write_faces(stack, image_id, AT_THE_LEFT)

    assert alike(delivered(stack, image_id, "faces"), delivered(stack, image_id, "west"))


@pytest.mark.parametrize("place", SUCCESSES, ids=" ".join)
def test_no_answer_says_where_faces_are(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, place: tuple[str, str]
) -> None:
    monkeypatch.setattr("tests.functions.stack.original", a_portrait)

    said = SUCCESSES[place](stack)

    assert not any(word in said.body.lower() for word in FACE_WORDS)


def test_no_record_and_no_log_line_says_where_faces_are(
    stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    image_id = put(stack, a_portrait())
    image = manifest_of(stack, image_id).image

    texts = [str(document(image)), str(item(image)), str(stack.table.items[image_id])]
    texts.append(capsys.readouterr().out)
    assert faces_of(stack, image_id)
    assert not any(word in text.lower() for text in texts for word in FACE_WORDS)


def test_neither_contract_has_a_word_for_faces() -> None:
    root = Path(__file__).parents[2]
    schema = (root / "src/tintype_infra/schema.graphql").read_text()

    assert "face" not in schema.lower().replace("interface", "").replace("surface", "")
