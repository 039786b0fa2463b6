"""The order of work: the smallest picture first, then what costs most; and who hears of the first."""

from __future__ import annotations

from functools import partial
from threading import Event
from typing import Any
from weakref import WeakSet

import pytest

from tests.pictures import picture
from tintype.imaging import Description, Encoding, Format, Preset, RenderedFile, render_all
from tintype.imaging.encode import ENCODERS
from tintype.imaging.parallel import Task, run_each
from tintype.imaging.pyramid import Pyramid

PRESETS = (
    Preset(name="large", width=300, formats=(Encoding(format=Format.JPEG),)),
    Preset(name="thumb", width=40, formats=(Encoding(format=Format.WEBP),)),
    Preset(name="middle", width=200, formats=(Encoding(format=Format.JPEG),)),
)
PHOTO = picture(400, 300)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_smallest_picture_is_the_first_that_one_hears_of(threads: int) -> None:
    heard: list[tuple[RenderedFile, Description | None]] = []

    rendered = render_all(
        PHOTO, PRESETS, threads=threads, on_first=lambda *first: heard.append(first)
    )

    ((file, description),) = heard
    assert (file.preset, file) == ("thumb", rendered.renditions[1])
    assert description == rendered.description
    assert [one.preset for one in rendered.renditions] == ["large", "thumb", "middle"]


def test_the_others_are_not_made_when_the_first_one_is_heard_of() -> None:
    class Enough(Exception):  # noqa: N818 - it is none
        pass

    def stop(_file: RenderedFile, _description: Description | None) -> None:
        raise Enough

    unfit = Preset(name="large", width=300, formats=(Encoding(format=Format.JPEG, max_bytes=100),))

    with pytest.raises(Enough):  # and not what the large one would fail with
        render_all(PHOTO, (unfit, PRESETS[1]), on_first=stop)


def test_nobody_is_told_of_the_first_of_one() -> None:
    heard: list[object] = []

    render_all(PHOTO, PRESETS[:1], on_first=lambda *first: heard.append(first))

    assert heard == []


def test_what_was_decoded_is_freed_before_the_last_file_is_encoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decoded: WeakSet[Pyramid] = WeakSet()
    alive: list[int] = []

    class Watched(Pyramid):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            decoded.add(self)

    def watching(*given: Any) -> bytes:
        alive.append(len(decoded))
        return encoder(*given)

    encoder = ENCODERS[Format.JPEG]
    monkeypatch.setattr("tintype.imaging.render.Pyramid", Watched)
    monkeypatch.setitem(ENCODERS, Format.JPEG, watching)

    render_all(PHOTO, PRESETS)

    assert alive == [1, 0]


def test_waiting_tasks_start_by_their_cost_whoever_added_them() -> None:
    begun: list[str] = []
    held, free = Event(), Event()

    def hold() -> str:
        held.set()
        assert free.wait(10)
        return "held"

    def note(name: str) -> str:
        begun.append(name)
        if name == "end":
            free.set()
        return name

    def begin(name: str) -> str:
        assert held.wait(10)
        return note(name)

    def follow(number: int, _name: str) -> list[Task[str]]:
        if number == 0:
            return [Task(hold, cost=100)]
        return (
            [Task(partial(note, f"{'xab'[number]}2"), cost=(0, 4, 5)[number])] if number < 3 else []
        )

    tasks = [
        Task(partial(note, "x"), cost=100),  # keeps one of the two threads
        Task(partial(begin, "a"), cost=3),
        Task(partial(begin, "b"), cost=2),
        Task(partial(begin, "end"), cost=1),
    ]
    list(run_each(tasks, follow, threads=2))

    assert begun == ["x", "a", "a2", "b", "b2", "end"]
