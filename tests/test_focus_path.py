"""The focus of images in a world where everything goes wrong: the last one chosen is what is served."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from random import Random

import numpy as np
import pytest
from PIL import Image as Pillow

from tests.event_path import KINDS, Cloud
from tests.pictures import encode
from tests.rendered_once import render_once
from tests.simulation import as_stored
from tests.world import Odds
from tintype import imaging, keys, messages
from tintype.access import Visibility
from tintype.images import Focus, Status, folders, from_document, item, timestamp
from tintype.imaging import Encoding, Fit, Format, Limits, Preset
from tintype.processing.focus import with_focus

PRESETS = (
    Preset(name="square", width=4, height=4, fit=Fit.COVER, formats=(Encoding(format=Format.PNG),)),
    Preset(name="dot", width=2, formats=(Encoding(format=Format.PNG),)),
)
CHOICES = (Focus(x=0, y=0.5), Focus(x=0.4, y=0.5), Focus(x=1, y=0), None)
IMAGES = 10
CONTENTS, ORIGINALS = 3, 3


@pytest.fixture(autouse=True)
def _rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imaging, "render_all", render_once)


@cache
def original(number: int) -> bytes:
    """Return an original whose every square is another picture."""
    pixels = np.random.default_rng(number).integers(0, 255, (4, 16, 3), np.uint8)
    return encode([Pillow.fromarray(pixels)], Format.PNG)


@dataclass
class Wishes:
    """What people did with an image, each in its order."""

    contents: list[bytes | None] = field(default_factory=list)
    focuses: dict[str, Focus | None] = field(default_factory=dict)  # the last one, by SHA-256
    visibility: Visibility = Visibility.PUBLIC


def _other_original(dice: Random, key: str, wishes: Wishes) -> bytes:
    """Return one of a few that no other image has, nor had this one; each is rendered once."""
    place = int(key.removesuffix(".png")) * CONTENTS + len(wishes.contents)
    return original(place * ORIGINALS + dice.randrange(ORIGINALS))


def _act(cloud: Cloud, key: str, wishes: Wishes, dice: Random) -> None:
    """Let somebody do something with an image that is there, as the API would have it done."""
    found = cloud.table.items.get(keys.image_id("originals", key))
    image = from_document(found) if found else None
    if image is None or image.version < 3 or image.status is Status.DELETED:
        return
    now = timestamp(cloud.world.now)
    match dice.choice(["focus", "focus", "focus", "focus", "visibility", "again", "replace"]):
        case "focus" if image.original.sha256 is not None:
            focus, sha256 = dice.choice(CHOICES), image.original.sha256
            wishes.focuses[sha256] = focus
            _send(cloud, messages.SetFocus(key=key, focus=focus, sha256=sha256, requested_at=now))
        case "visibility":
            wishes.visibility = dice.choice(list(Visibility))
            wanted = wishes.visibility
            _send(cloud, messages.SetVisibility(key=key, visibility=wanted, requested_at=now))
        case "again":
            _send(cloud, messages.Reprocess(key=key))
        case "replace" if len(wishes.contents) < CONTENTS:
            wishes.contents.append(_other_original(dice, key, wishes))
            cloud.upload(key, wishes.contents[-1] or b"")
        case _ if dice.random() < 0.1:
            wishes.contents.append(None)
            cloud.originals.delete(key)


def _send(cloud: Cloud, request: messages.Request) -> None:
    cloud.process_queue.send(messages.encode(request))


def _live(cloud: Cloud) -> dict[str, Wishes]:
    """Let people act on images while the event path is at work; return what they wished for."""
    dice = cloud.world.random
    all_wishes: dict[str, Wishes] = defaultdict(Wishes)

    for number in range(IMAGES):
        key = f"{number}.png"
        all_wishes[key].contents.append(_other_original(dice, key, all_wishes[key]))
        cloud.upload(key, all_wishes[key].contents[0] or b"")
    cloud.run()

    def people() -> None:
        for _ in range(IMAGES * 12):
            key = dice.choice(list(all_wishes))
            if all_wishes[key].contents[-1] is not None:
                _act(cloud, key, all_wishes[key], dice)
            cloud.world.now += timedelta(seconds=dice.choice([0, 0, 0, 30]))
            for _ in range(dice.randrange(40)):
                cloud.world.call()  # time for the others

    cloud.run(people)
    return all_wishes


def _assert_wishes_came_true(cloud: Cloud, key: str, wishes: Wishes) -> None:
    image = cloud.image(key)
    assert image is not None, "an image was lost"
    last = wishes.contents[-1]
    if last is None:
        assert (image.status, image.focus) == (Status.DELETED, None)
    else:
        sha256 = hashlib.sha256(last).hexdigest()
        assert (image.status, image.original.sha256) == (Status.READY, sha256)
        assert image.focus == wishes.focuses.get(sha256), "another focus won"
        assert image.visibility is wishes.visibility
        presets = tuple(with_focus(one, image.focus) for one in PRESETS)
        made = render_once(last, presets, Limits(max_bytes=4_000), threads=1).renditions
        served = [cloud.renditions.objects[one.key].data for one in image.renditions]
        assert served == [one.data for one in made], "a rendition shows another focus"
    named = {keys.manifest_key(image.id), *(one.key for one in image.renditions)}
    there = {one for one in cloud.renditions.objects if one.startswith(folders(image))}
    assert there == named, "a rendition is missing, or one too many"
    assert cloud.table.items[image.id] == as_stored(item(image)), "reindex would change the table"


@pytest.mark.parametrize("odds", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("seed", range(8))
def test_the_last_focus_that_was_chosen_is_what_is_served_whatever_happens(
    seed: int, odds: Odds
) -> None:
    cloud = Cloud(seed, odds)
    cloud.context = replace(cloud.context, presets=PRESETS)

    all_wishes = _live(cloud)
    cloud.redrive()

    assert any(focus for wishes in all_wishes.values() for focus in wishes.focuses.values())
    for key, wishes in all_wishes.items():
        _assert_wishes_came_true(cloud, key, wishes)
    assert not cloud.dead_letter_queue.messages
