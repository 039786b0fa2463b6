"""`make corpus`, on files that are built here."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.corpus import Seen, differences
from tests.pictures import ORIGINALS, original, pattern, picture
from tests.signalled import gama, png
from tintype.imaging import Format

SAME = Seen(Format.PNG, 240, 160, 3, 6, pattern(alpha=True), pattern(alpha=True, step=1))


def corpus(folder: Path, *options: str) -> tuple[int, str]:
    command = [sys.executable, "-W", "ignore", "-m", "tests.corpus", str(folder), *options]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert not ended.stderr
    return ended.returncode, ended.stdout


def test_engine_and_reference_agree_on_one_of_every_kind(tmp_path: Path) -> None:
    for number, name in enumerate(ORIGINALS):
        (tmp_path / f"{number}").write_bytes(original(name))

    code, said = corpus(tmp_path)

    assert code == 0
    assert said.splitlines()[:3] == [
        f"{len(ORIGINALS)} files",
        f"  same       {len(ORIGINALS):6}",
        "  differs         0",
    ]


def test_each_way_to_end_is_told_by_its_kind(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/same.jpg").write_bytes(picture(orientation=6, quality=90))
    (tmp_path / "gamma.png").write_bytes(png(gama(100_000)))  # which Pillow ignores
    (tmp_path / "text.jpg").write_bytes(b"These are words. " * 9)
    (tmp_path / "tiny.tga").write_bytes(_targa())

    code, said = corpus(tmp_path, "--all")

    assert code == 0
    lines = {line.split(":")[0].split("/")[-1]: line for line in said.splitlines()}
    assert lines["same.jpg"].startswith("same ")
    assert lines["gamma.png"].startswith("differs ")
    assert "png; pixels" in lines["gamma.png"]
    assert lines["text.jpg"].endswith("text.jpg: not_an_image")
    assert lines["tiny.tga"].startswith("only here ")
    assert "reference: 240x160" in lines["tiny.tga"]


def test_crash_is_one_line_and_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "good.png").write_bytes(picture(file_format=Format.PNG))

    code, said = corpus(tmp_path, "--mib", "1")

    assert code == 1
    assert said.startswith(f"crashed    {tmp_path}/good.png: ")
    assert said.splitlines()[-1].split() == ["crashed", "1"]


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        (replace(SAME, width=160, height=240), "size 160x240, reference 240x160"),
        (replace(SAME, frames=2), "frames 2, reference 3"),
        (replace(SAME, orientation=1), "orientation 1, reference 6"),
        (replace(SAME, first=np.fliplr(SAME.first)), "pixels "),
        (replace(SAME, first=SAME.first // 2), "pixels "),
        (replace(SAME, first=pattern(alpha=True, step=2)), "pixels "),  # a square elsewhere
        (replace(SAME, last=SAME.first), "last "),
    ],
)
def test_planted_difference_is_found(planted: Seen, told: str) -> None:
    (found,) = differences(planted, SAME)

    assert found.startswith(told)


def test_what_transparency_hides_is_no_difference() -> None:
    hidden = SAME.first.copy()
    hidden[hidden[..., 3] == 0, :3] = 7

    assert differences(replace(SAME, first=hidden), SAME) == []


def test_help_explains_every_kind(tmp_path: Path) -> None:
    code, said = corpus(tmp_path, "--help")

    assert code == 0
    for kind in ("same", "differs", "alone", "refused", "only here", "crashed"):
        assert f"\n  {kind} " in said


def _targa() -> bytes:
    file = io.BytesIO()
    Image.fromarray(pattern()).save(file, "TGA")
    return file.getvalue()
