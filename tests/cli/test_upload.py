"""`tintype upload` against a small stack: what goes there, and what comes back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Photo, Tintype, different
from tests.cli.service import MAX_BYTES, Service
from tests.pictures import picture


def uploads(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["file"]: one for one in document["uploads"]}


def test_photo_is_uploaded_byte_for_byte_and_its_renditions_are_printed(
    tintype: Tintype, stack: Service, photo: Photo
) -> None:
    data = photo("beach.jpg").read_bytes()

    ended = tintype("upload", "beach.jpg")

    assert ended.code == 0, ended.err
    [image] = stack.images.values()
    assert list(stack.objects.values()) == [data]
    assert image["filename"] == "beach.jpg"
    assert f"{stack.api}/{image['id']}/3f9a/thumb.webp" in ended.out
    assert "1 file" in ended.err


@pytest.mark.parametrize("options", [["--private"], ["--visibility", "private"]], ids=" ".join)
@pytest.mark.parametrize("via", ["tickets", "direct"])
def test_private_image_is_private_from_its_ticket_on(
    tintype: Tintype, stack: Service, photo: Photo, options: list[str], via: str
) -> None:
    photo("beach.jpg")

    ended = tintype("upload", "beach.jpg", "--via", via, *options)

    assert ended.code == 0, ended.err
    assert [image["visibility"] for image in stack.images.values()] == ["private"]


def test_file_that_is_there_and_public_becomes_private_where_that_is_wanted(
    tintype: Tintype, stack: Service, photo: Photo
) -> None:
    photo("beach.jpg")
    tintype("upload", "beach.jpg")

    ended = tintype("upload", "beach.jpg", "--private")

    assert ended.code == 0, ended.err
    [image] = stack.images.values()
    assert image["visibility"] == "private"


def test_who_does_not_wait_gets_the_ids_and_success(tintype: Tintype, stack: Service) -> None:
    different("a.jpg", "b.jpg")
    stack.processes = False

    ended = tintype("upload", "a.jpg", "b.jpg", "--no-wait")

    ids = {image["filename"]: image["id"] for image in stack.images.values()}
    assert ended.code == 0
    assert ended.out == f"{ids['a.jpg']}\ta.jpg\n{ids['b.jpg']}\tb.jpg\n"
    assert stack.requests["GET /api/images"] == 0


def test_pipe_gets_a_line_of_tabbed_values_for_each_rendition(
    tintype: Tintype, stack: Service, photo: Photo
) -> None:
    photo("a.jpg")

    ended = tintype("upload", "a.jpg")

    [image] = stack.images.values()
    [rendition] = image["renditions"]
    size = [str(rendition[name]) for name in ("width", "height", "bytes")]
    line = [image["id"], "a.jpg", "READY", "thumb", "webp", *size, rendition["url"]]
    assert ended.out == "\t".join(line) + "\n"


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize(("options", "code"), [([], 1), (["--no-wait"], 0)])
def test_a_terminal_changes_the_layout_and_nothing_else(
    tintype: Tintype,
    stack: Service,
    photo: Photo,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    *,
    terminal: bool,
    code: int,
) -> None:
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes that for a terminal
    photo("half.jpg")
    stack.failing["half.jpg"] = {"code": "truncated_image", "message": "the JPEG ends early"}

    ended = tintype("upload", "half.jpg", *options)

    assert ended.code == code
    assert ("truncated_image" in ended.err) is (code == 1)
    assert (next(iter(stack.images)) in ended.out + ended.err) is True


def test_file_that_is_not_there_is_told_and_nothing_is_begun(
    tintype: Tintype, stack: Service
) -> None:
    ended = tintype("upload", "gone.jpg")

    assert ended.code == 2
    assert "✗ gone.jpg: file_not_found: " in ended.err
    assert stack.requests["POST /api/uploads"] == 0


def test_folders_and_patterns_are_taken_as_render_takes_them(
    tintype: Tintype, stack: Service
) -> None:
    different("photos/a.jpg", "photos/may/b.jpg", "c.png")
    Path("photos/notes.txt").write_text("no image")

    ended = tintype("upload", "photos", "*.png", "--no-wait")

    names = sorted(image["filename"] for image in stack.images.values())
    assert names == ["a.jpg", "b.jpg", "c.png"]
    assert "Skipped 1 other file: not an image by name" in ended.err


def test_document_says_everything(tintype: Tintype, stack: Service, photo: Photo) -> None:
    photo("a.jpg")
    Path("text.jpg").write_text("this is no image")

    document = tintype("upload", "a.jpg", "text.jpg", "--json").document

    one = uploads(document)
    assert one["a.jpg"]["image"]["status"] == "READY"
    assert one["a.jpg"]["image"]["renditions"][0]["preset"] == "thumb"
    assert one["text.jpg"]["failure"]["code"] == "not_an_image"
    assert document["totals"]["uploaded"] == 1
    assert document["totals"]["failed"] == 1
    assert list(stack.images) == [one["a.jpg"]["imageId"]]


def test_what_is_no_image_never_leaves_and_the_rest_goes_on(
    tintype: Tintype, stack: Service, photo: Photo
) -> None:
    photo("good.jpg")
    Path("text.jpg").write_text("this is no image")
    Path("empty.jpg").touch()
    Path("large.jpg").write_bytes(picture(20, 20) + b"\0" * MAX_BYTES)

    ended = tintype("upload", "text.jpg", "gone.jpg", "good.jpg", "empty.jpg", "large.jpg")

    assert ended.code == 1
    assert [image["filename"] for image in stack.images.values()] == ["good.jpg"]
    assert stack.requests["PUT /bucket"] == 1
    for name, code in {
        "text.jpg": "not_an_image",
        "empty.jpg": "not_an_image",
        "gone.jpg": "file_not_found",
        "large.jpg": "upload_too_large",
    }.items():
        assert f"✗ {name}: {code}: " in ended.err
    assert f"the limit is {MAX_BYTES:,}" in ended.err


def test_failure_of_the_stack_is_the_files_failure(
    tintype: Tintype, stack: Service, photo: Photo
) -> None:
    photo("half.jpg")
    stack.failing["half.jpg"] = {"code": "truncated_image", "message": "the JPEG ends early"}

    ended = tintype("upload", "half.jpg")

    assert ended.code == 1
    assert "✗ half.jpg: truncated_image: the JPEG ends early" in ended.err


def test_second_run_skips_what_is_there(tintype: Tintype, stack: Service, photo: Photo) -> None:
    photo("a.jpg")
    first = tintype("upload", "a.jpg")

    again = tintype("upload", "a.jpg")

    assert stack.requests["PUT /bucket"] == 1
    assert again.out == first.out
    assert "1 already uploaded" in again.err


def test_again_uploads_what_is_there(tintype: Tintype, stack: Service, photo: Photo) -> None:
    photo("a.jpg")
    tintype("upload", "a.jpg")

    tintype("upload", "a.jpg", "--again")

    assert len(stack.images) == 2


def test_image_that_was_deleted_is_uploaded_again(
    tintype: Tintype, stack: Service, photo: Photo
) -> None:
    photo("a.jpg")
    tintype("upload", "a.jpg")
    stack.images.clear()

    tintype("upload", "a.jpg")

    assert stack.requests["PUT /bucket"] == 2


@pytest.mark.parametrize(
    "line",
    [
        '{"sha256": "ab',
        '{"more":' + "[" * 100_000,
        "[]",
        '"text"',
        '{"version": 2, "uploads": {}}',
        "\udcff\x00",
    ],
    ids=lambda line: line[:12],
)
def test_journal_with_lines_that_are_none_does_no_harm(
    tintype: Tintype, stack: Service, photo: Photo, line: str
) -> None:
    """Cut by a crash, nested, of another version, not even text."""
    photo("a.jpg")
    tintype("upload", "a.jpg")
    [journal] = Path("cache/tintype/uploads").iterdir()
    before = journal.read_bytes()
    journal.write_bytes(b"".join([line.encode("utf-8", "surrogateescape"), b"\n", before]))

    ended = tintype("upload", "a.jpg")

    assert ended.code == 0, ended.err
    assert stack.requests["PUT /bucket"] == 1


def test_journal_that_names_no_image_has_the_file_sent_again(
    tintype: Tintype, stack: Service, photo: Photo
) -> None:
    photo("a.jpg")
    tintype("upload", "a.jpg")
    [journal] = Path("cache/tintype/uploads").iterdir()
    entry = json.loads(journal.read_text("utf-8"))
    journal.write_text(json.dumps(entry | {"imageId": "../../all"}) + "\n", "utf-8")

    ended = tintype("upload", "a.jpg")

    assert ended.code == 0, ended.err
    assert stack.requests["PUT /bucket"] == 2
    assert not [asked for asked in stack.requests if asked.endswith("all")], (
        "nobody is asked for it"
    )


def test_direct_sends_the_bytes_through_the_api(
    tintype: Tintype, stack: Service, photo: Photo
) -> None:
    data = photo("a.jpg").read_bytes()

    ended = tintype("upload", "a.jpg", "--via", "direct")

    assert ended.code == 0, ended.err
    assert list(stack.objects.values()) == [data]
    assert [image["source"] for image in stack.images.values()] == ["API"]


def test_direct_refuses_what_the_api_cannot_take(tintype: Tintype, stack: Service) -> None:
    Path("large.jpg").write_bytes(picture(20, 20) + b"\0" * 4_500_000)

    ended = tintype("upload", "large.jpg", "--via", "direct")

    assert ended.code == 1
    assert "too_large_to_send_directly" in ended.err
    assert stack.requests["POST /api/images"] == 0


def test_no_more_files_are_sent_at_once_than_asked_for(tintype: Tintype, stack: Service) -> None:
    names = [f"{number}.jpg" for number in range(6)]
    different(*names)

    assert tintype("upload", *names, "--parallel", "2").code == 0
    assert 1 <= stack.most_at_once <= 2
