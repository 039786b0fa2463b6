"""What a terminal changes: the layout. Its width, its colours, the shell's completion."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from tests.cli.conftest import Tintype
from tests.cli.service import Service
from tests.cli.terminals import on_terminal, plain
from tests.pictures import picture
from tintype.cli.output.console import Screen
from tintype.cli.output.listings import Column, Listing
from tintype.cli.output.progress import UploadBars, WorkBar

FAMILY = "👩\u200d👩\u200d👧"
PERSIAN = "می\u200cخواهم"
HINDI = "क्\u200dष"


def narrow(columns: int) -> tuple[Screen, StringIO]:
    file = StringIO()
    console = Console(file=file, width=columns, force_terminal=True, legacy_windows=False)
    return Screen(console, console), file


def test_wide_terminals_show_all_columns(tintype: Tintype, stack: Service) -> None:
    assert tintype is not None
    image = stack.ready("beach.jpg")

    said = plain(on_terminal(130, "list"))

    assert said.splitlines()[0].split() == [
        "Image", "Status", "File", "Pixels", "Size", "Renditions", "Created",
    ]  # fmt: skip
    assert image["id"] in said


@pytest.mark.parametrize("columns", [60, 80])
def test_narrow_terminals_keep_id_status_and_file(
    tintype: Tintype, stack: Service, columns: int
) -> None:
    assert tintype is not None
    image = stack.ready("beach.jpg")

    lines = plain(on_terminal(columns, "list")).splitlines()

    assert max(map(cell_len, lines)) <= columns
    assert lines[0].split()[:3] == ["Image", "Status", "File"]
    assert lines[2].split()[:4] == [image["id"], "✓", "ready", "beach.jpg"]
    assert len(lines[0].split()) < 7


def test_a_terminal_too_narrow_for_a_table_gets_lines() -> None:
    screen, file = narrow(30)
    listing = Listing(Column("Image", whole=True), Column("File"), Column("Size", drop=1))
    listing.add("01JD0Q4Y7S8T9V0W1X2Y3Z4A5B", "beach.jpg", "3.1 MB", record=())

    listing.print(screen.out)

    assert plain(file.getvalue()) == "01JD0Q4Y7S8T9V0W1X2Y3Z4A5B  beach.jpg\n\n"


def test_addresses_stay_whole_at_every_width(tintype: Tintype, stack: Service) -> None:
    assert tintype is not None
    image = stack.ready("beach.jpg")

    said = plain(on_terminal(46, "show", image["id"]))

    assert image["renditions"][0]["url"] in said


def test_pipe_gets_tabs_and_no_headings(tintype: Tintype, stack: Service) -> None:
    image = stack.ready("beach.jpg")

    ended = tintype("list")

    line = [image["id"], "READY", "beach.jpg", "4000", "3000", "3123456", "1", image["createdAt"]]
    assert ended.out == "\t".join(line) + "\n"


def test_unknown_values_are_empty_so_that_columns_keep_their_places(
    tintype: Tintype, stack: Service
) -> None:
    image = stack.add("a.jpg")

    line = tintype("list").out.removesuffix("\n").split("\t")

    assert line == [image["id"], "AWAITING_UPLOAD", "a.jpg", "", "", "", "0", image["createdAt"]]


@pytest.mark.parametrize("columns", [46, 80, 140])
def test_bars_of_an_upload_fit(columns: int) -> None:
    screen, file = narrow(columns)
    bars = UploadBars(screen, files=340, size=10**9)
    with bars:
        for name in ("holiday-in-the-mountains-2026-001.jpg", f"{PERSIAN}.jpg"):
            bars.begin(Path(name), 4_000_000)
            bars.advance(Path(name), 1_000_000)
        bars.count(uploaded=340, processed=338)

    shown = plain(file.getvalue())
    last = [line for line in shown.splitlines() if "338 done" in line][-1]
    assert max(map(cell_len, shown.splitlines())) <= columns
    assert last.startswith("Uploading ")
    assert ("340/340" if columns < 110 else "340 of 340 files") in last
    assert "…" not in last


def test_bar_of_an_operator_s_work_fits() -> None:
    screen, file = narrow(46)
    with WorkBar(screen, "Rendering", 12_000) as bar:
        bar.advance("3 failed")

    shown = plain(file.getvalue())
    assert max(map(cell_len, shown.splitlines())) <= 46
    last = [line for line in shown.splitlines() if "3 failed" in line][-1]
    assert last.startswith("Rendering ")
    assert "1/12000" in last
    assert "…" not in last


def test_no_color_leaves_no_style_at_all(tintype: Tintype, stack: Service) -> None:
    assert tintype is not None
    stack.ready("beach.jpg")

    for arguments in (["list"], ["list", "--help"]):
        assert "\x1b[1m" in on_terminal(120, *arguments)
        assert "\x1b[" not in on_terminal(120, *arguments, env={"NO_COLOR": "1"})


@pytest.mark.parametrize(
    "name", [f"{FAMILY}.jpg", f"{PERSIAN}.jpg", f"{HINDI}.jpg", "🏴\U000e0067\U000e007f.jpg"]
)
def test_names_that_need_joiners_stay_whole(tintype: Tintype, stack: Service, name: str) -> None:
    Path(name).write_bytes(picture(20, 20))

    assert f"\t{name}\t" in tintype("upload", name).out
    assert f"\t{name}\t" in tintype("list").out
    assert stack.images


def test_words_of_the_api_cannot_harm_a_terminal(tintype: Tintype, stack: Service) -> None:
    Path("a.jpg").write_bytes(picture(20, 20))
    stack.failing["a.jpg"] = {"code": "odd", "message": "\x1b]0;PWNED\x07 it"}

    ended = tintype("upload", "a.jpg")

    assert "\x1b" not in ended.err
    assert "PWNED" in ended.err


@pytest.mark.skipif(not shutil.which("bash"), reason="completes in bash")
def test_completion_is_installed_and_completes(tmp_path: Path) -> None:
    home = {**os.environ, "HOME": str(tmp_path)}
    home["PATH"] = f"{Path(sys.executable).parent}:{home['PATH']}"

    def bash(script: str) -> str:
        done = subprocess.run(  # noqa: S603
            ["bash", "-c", script],  # noqa: S607
            capture_output=True, text=True, env=home, check=True, cwd=tmp_path,
        )  # fmt: skip
        return done.stdout

    shown = bash("tintype --show-completion; true")
    bash("tintype --install-completion; true")
    found = bash(
        "source ~/.bashrc; COMP_WORDS=(tintype up); COMP_CWORD=1; "
        "_tintype_completion tintype; printf '%s ' \"${COMPREPLY[@]}\""
    )

    assert "complete -o default -F _tintype_completion tintype" in shown
    assert found.split() == ["upload", "up"]
