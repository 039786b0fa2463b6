"""`tintype list`, `show`, `open` and `delete` against a small stack."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest

from tests.cli.conftest import Tintype
from tests.cli.service import Service
from tintype.aws.signing import Credentials
from tintype.local.state import LocalAddress, StateFolder

MISSING = "01M7XPE600ABCDEFGHJKMNPQRS"


def test_list_shows_the_newest_first(tintype: Tintype, stack: Service) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        stack.ready(name)

    ended = tintype("list", "--limit", "2")

    assert ended.code == 0, ended.err
    assert ended.out.index("c.jpg") < ended.out.index("b.jpg")
    assert "a.jpg" not in ended.out
    assert "The newest 2 images. Pass --limit for more." in ended.err


def test_list_goes_over_pages_until_it_has_enough_of_a_state(
    tintype: Tintype, stack: Service
) -> None:
    stack.add("old.jpg", status="FAILED")
    for _ in range(120):
        stack.ready("new.jpg")

    document = tintype("list", "--status", "failed", "--json").document

    assert [image["filename"] for image in document["images"]] == ["old.jpg"]
    assert document["more"] is False
    assert stack.requests["GET /api/images"] == 2


def test_list_of_nothing_says_so(tintype: Tintype, stack: Service) -> None:
    assert stack

    assert "No images." in tintype("list").err


def test_show_tells_everything(tintype: Tintype, stack: Service) -> None:
    image = stack.ready("beach.jpg")

    ended = tintype("show", image["id"])

    assert ended.code == 0, ended.err
    for fact in (
        image["id"],
        "✓ ready",
        "JPEG, 4000 × 3000 pixels, 3.1 MB",
        "Canon EOS R5",
        "GPS position",
        "waited 12 ms, read 5 ms, rendered 210 ms, wrote 20 ms",
        f"{stack.api}/{image['id']}/3f9a/thumb.webp",
    ):
        assert fact in ended.out
    assert "The original" not in ended.out, "this stack gives nobody a link to it"


def test_show_gives_a_link_to_the_original_where_the_stack_does(
    tintype: Tintype, stack: Service
) -> None:
    image = stack.ready("beach.jpg")
    stack.original = "https://originals.example/beach.jpg?signed"

    ended = tintype("show", image["id"])

    assert ended.code == 0, ended.err
    assert "https://originals.example/beach.jpg?signed" in ended.out


@pytest.mark.parametrize(("code", "ends"), [("not_uploaded", 0), ("not_authorised", 1)])
def test_show_does_not_take_every_refusal_for_no_link(
    tintype: Tintype, stack: Service, code: str, ends: int
) -> None:
    image = stack.ready("beach.jpg")
    stack.no_link = code

    ended = tintype("show", image["id"])

    assert ended.code == ends, ended.err
    assert (code in ended.err) is bool(ends)


@pytest.mark.parametrize(
    ("retryable", "advice"), [(True, "tintype reprocess "), (False, "docs/reference/errors.md")]
)
def test_show_says_what_to_do_about_a_failure(
    tintype: Tintype, stack: Service, retryable: bool, advice: str
) -> None:
    failure = {"code": "some_code", "message": "it went wrong", "retryable": retryable}
    image = stack.add("half.jpg", status="FAILED", failure=failure)

    ended = tintype("show", image["id"])

    assert "some_code: it went wrong" in ended.out
    assert advice in ended.out


def test_show_document_is_what_the_api_says(tintype: Tintype, stack: Service) -> None:
    image = stack.ready("a.jpg", somethingNew=1)

    assert tintype("show", image["id"], "--json").document["image"] == image


def test_names_that_would_harm_a_terminal_are_shown_harmless(
    tintype: Tintype, stack: Service
) -> None:
    image = stack.ready("a\x1b[2Jb.jpg")

    assert "a�[2Jb.jpg" in tintype("show", image["id"]).out
    assert "\x1b" not in tintype("list").out


@pytest.mark.parametrize("command", ["show", "open"])
def test_image_that_is_not_there_is_an_error_with_the_code_of_the_api(
    tintype: Tintype, stack: Service, command: str
) -> None:
    assert stack

    ended = tintype(command, MISSING)

    assert ended.code == 1
    assert "✗ image_not_found: no image has this id" in ended.err


def test_error_is_a_document_where_one_was_asked_for(tintype: Tintype, stack: Service) -> None:
    assert stack

    ended = tintype("show", MISSING, "--json")

    assert ended.code == 1
    assert ended.document["error"]["code"] == "image_not_found"


def test_open_prints_the_address_where_it_is_told_to(tintype: Tintype, stack: Service) -> None:
    image = stack.ready("a.jpg")

    ended = tintype("open", image["id"], "--preset", "thumb", "--print")

    assert ended.out.strip() == image["renditions"][0]["url"]


@pytest.mark.parametrize("terminal", [True, False])
def test_open_opens_the_browser_with_and_without_a_terminal(
    tintype: Tintype, stack: Service, monkeypatch: pytest.MonkeyPatch, *, terminal: bool
) -> None:
    image = stack.ready("a.jpg")
    opened: list[str] = []

    def open_it(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", open_it)
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes that for a terminal

    ended = tintype("open", image["id"])

    assert opened == [image["renditions"][0]["url"]]
    assert ended.out == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--preset", "gone"], 'the image has no rendition "gone"; it has thumb'),
        ([], "no renditions; it is awaiting upload"),
    ],
)
def test_open_says_what_there_is_instead(
    tintype: Tintype, stack: Service, options: list[str], said: str
) -> None:
    image = stack.ready("a.jpg") if options else stack.add("a.jpg")

    ended = tintype("open", image["id"], *options)

    assert ended.code == 1
    assert f"no_rendition: {said}" in ended.err


def test_delete_says_what_goes_and_does_nothing_unless_it_is_told_yes(
    tintype: Tintype, stack: Service
) -> None:
    image = stack.ready("beach.jpg")

    ended = tintype("delete", image["id"])

    assert ended.code == 1
    assert "beach.jpg, 3.1 MB, 1 rendition" in ended.err
    assert "not_confirmed" in ended.err
    assert image["id"] in stack.images


def test_delete_with_yes_deletes_and_goes_on_where_there_is_nothing(
    tintype: Tintype, stack: Service
) -> None:
    image = stack.ready("beach.jpg")

    ended = tintype("delete", MISSING, image["id"], "--yes")

    assert ended.code == 1
    assert not stack.images
    assert "1 image deleted." in ended.out
    assert f"✗ {MISSING}: image_not_found: " in ended.err


def test_delete_document_lists_what_went(tintype: Tintype, stack: Service) -> None:
    image = stack.ready("beach.jpg")

    document = tintype("delete", image["id"], MISSING, "--yes", "--json").document

    assert document["deleted"] == [image["id"]]
    assert [one["code"] for one in document["failed"]] == ["image_not_found"]


def test_visibility_changes_images_and_goes_on_where_there_is_nothing(
    tintype: Tintype, stack: Service
) -> None:
    image = stack.ready("beach.jpg")

    ended = tintype("visibility", "private", MISSING, image["id"])

    assert ended.code == 1
    assert stack.images[image["id"]]["visibility"] == "private"
    assert "1 image will be private in a moment." in ended.out
    assert f"✗ {MISSING}: image_not_found: " in ended.err
    assert "private" in tintype("show", image["id"]).out


def test_visibility_document_lists_what_changed(tintype: Tintype, stack: Service) -> None:
    image = stack.ready("beach.jpg")

    document = tintype("visibility", "private", image["id"], MISSING, "--json").document

    assert document["changed"] == [image["id"]]
    assert [one["code"] for one in document["failed"]] == ["image_not_found"]


def test_focus_is_set_shown_and_cleared(tintype: Tintype, stack: Service) -> None:
    image = stack.ready("beach.jpg")

    ended = tintype("focus", image["id"], "0.7", "0.35")

    assert ended.code == 0
    assert stack.images[image["id"]]["focus"] == {"x": 0.7, "y": 0.35}
    assert "with this focus in a moment" in ended.out
    assert "70% from the left, 35% from the top" in tintype("show", image["id"]).out
    assert tintype("focus", image["id"], "--clear").code == 0
    assert stack.images[image["id"]]["focus"] is None


def test_focus_document_says_what_changed(tintype: Tintype, stack: Service) -> None:
    image = stack.ready("beach.jpg")

    document = tintype("focus", image["id"], "0", "1", "--json").document

    assert document["changed"] == [image["id"]]
    assert document["focus"] == {"x": 0, "y": 1}


@pytest.mark.parametrize("words", [[], ["0.5"], ["0.5", "0.5", "--clear"], ["0.5", "--clear"]])
def test_focus_wants_a_point_or_its_removal(
    tintype: Tintype, stack: Service, words: list[str]
) -> None:
    image = stack.ready("beach.jpg")

    ended = tintype("focus", image["id"], *words)

    assert ended.code == 2
    assert "nothing_chosen" in ended.err
    assert "focus" not in stack.images[image["id"]]


def test_focus_refuses_a_point_outside_the_picture(tintype: Tintype, stack: Service) -> None:
    image = stack.ready("beach.jpg")

    assert tintype("focus", image["id"], "1.5", "0").code == 2
    assert tintype("focus", MISSING, "0.5", "0.5").code == 1


def test_local_cloud_is_found_from_a_folder_below(
    tintype: Tintype, stack: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.ready("a.jpg")
    Path("photos/may").mkdir(parents=True)
    monkeypatch.chdir("photos/may")

    assert "a.jpg" in tintype("list", "--stack", "local").out


@pytest.fixture
def crashed(tintype: Tintype) -> None:
    """Leave what a local cloud leaves that could not say good-bye: its address, and no lock."""
    assert tintype is not None
    state = StateFolder(Path(".tintype"))
    state.lock().close()
    key = Credentials("test", "test")
    state.announce(
        LocalAddress(1, "http://127.0.0.1:9", "http://127.0.0.1:9", "eu-central-1", key, {})
    )


@pytest.mark.usefixtures("crashed")
def test_local_cloud_that_has_ended_is_not_taken(tintype: Tintype) -> None:
    ended = tintype("list", "--stack", "local")

    assert ended.code == 2
    assert "local_cloud_stopped" in ended.err


@pytest.fixture
def no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away all that a machine may know of AWS."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "none")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "none")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.usefixtures("crashed", "no_aws")
def test_who_expects_the_local_cloud_is_told_that_aws_is_asked(tintype: Tintype) -> None:
    ended = tintype("list")

    assert ended.code == 2
    assert "This folder's local cloud is not running; using stack tintype" in ended.err
    assert "no_stack_here" in ended.err


@pytest.mark.usefixtures("no_aws")
@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["show", MISSING],
        ["open", MISSING],
        ["delete", MISSING],
        ["upload", "tintype.toml"],
        ["doctor"],
        ["redrive"],
        ["reindex"],
        ["reprocess", MISSING],
        ["backfill", "s3://bucket/prefix"],
    ],
)
def test_folder_without_a_stack_is_told_to_be_one(tintype: Tintype, arguments: list[str]) -> None:
    ended = tintype(*arguments)
    said = " ".join(ended.err.split())

    assert ended.code == 2
    assert "✗ no_stack_here: no local cloud is running (looked for .tintype/ in this folder" in said
    assert "no AWS region is set" in said
    assert "--endpoint" in said
    assert "no_region" not in said


@pytest.mark.usefixtures("no_aws")
def test_region_without_credentials_is_told_the_same_way(
    tintype: Tintype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")

    said = " ".join(tintype("list").err.split())

    assert "no_stack_here: " in said
    assert "no AWS credentials were found" in said


@pytest.mark.usefixtures("no_aws")
def test_who_names_a_stack_is_told_what_aws_says(tintype: Tintype) -> None:
    ended = tintype("list", "--stack", "mine")

    assert ended.code == 2
    assert "no_region" in ended.err


def test_stack_of_another_application_is_told_apart(
    tintype: Tintype, stack: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Service, "outputs", {"Something": "else"})
    stack.announce_local()

    ended = tintype("list")

    assert ended.code == 1
    assert "stack_incomplete: the local cloud has no output ApiUrl" in ended.err
