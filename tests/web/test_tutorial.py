"""The tutorial, to the letter: its commands are typed, its files saved, its page opened and used.

The stack is this folder's, on ports of its own: the addresses that the page names are replaced by its own,
and nothing else is.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.cloud.running import UP as TINTYPE_UP
from tests.cloud.running import running_cloud
from tests.docs.markdown import DOCS, ROOT, Block, blocks
from tests.pictures import picture
from tintype.imaging.formats import Format
from tintype.local.ports import free_port

STACK, SERVED = "http://localhost:8080", "9000"
UP, SERVE = "make up", "python3 -m http.server"
STEPS = blocks(DOCS / "tutorial.md")
RESTART = next(index for index, step in enumerate(STEPS) if 'UP="' in step.text)
DELETION = next(index for index, step in enumerate(STEPS) if "rm -rf" in step.text)
TIMEOUT_MS = 30_000


@dataclass
class Reader:
    """Somebody who does what the page says, in a checkout."""

    folder: Path
    address: str
    port: int = field(default_factory=free_port)
    typed: list[str] = field(default_factory=list)

    def follow(self, steps: list[Block]) -> None:
        """Save the files and type the commands of some steps, but for those that never end."""
        for step in steps:
            if step.file:
                (self.folder / step.file).write_text(self.here(step.text), encoding="utf-8")
            for command in step.commands:
                if not command.startswith((UP, SERVE)):
                    self.type(command)

    def type(self, command: str) -> None:
        """Run a command, which must do what it should."""
        self.typed.append(command)
        done = subprocess.run(  # noqa: S602 - what the page says to type
            self.here(command),
            shell=True,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"

    def here(self, text: str) -> str:
        """Return a text with this stack's address in the place of the page's."""
        text = text.replace(STACK, self.address).replace(f" {SERVED} ", f" {self.port} ")
        return text.replace("python3", sys.executable)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Run the command that serves the page, and return the page's address."""
        (command,) = [one for step in STEPS for one in step.commands if one.startswith(SERVE)]
        child = subprocess.Popen(  # noqa: S603 - what the page says to type
            self.here(command).split(), cwd=self.folder, stderr=subprocess.DEVNULL
        )
        address = f"http://localhost:{self.port}"
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as client:
                client.get(address)
            yield address
        finally:
            child.terminate()
            child.wait(10)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder that has of a checkout what the commands need."""
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    (tmp_path / "beach.jpg").write_bytes(picture(900, 600))
    return tmp_path


def test_a_page_of_your_own_works_as_the_tutorial_says(
    checkout: Path, chromium: Browser, deployed_state: Path, tmp_path: Path
) -> None:
    front_door, gateway = free_port(), free_port()
    reader = Reader(checkout, f"http://localhost:{front_door}")
    state, mistakes = checkout / ".tintype", list[str]()
    with ExitStack() as closing:
        with running_cloud(state, deployed=deployed_state, front_door=front_door, gateway=gateway):
            reader.follow(STEPS[:RESTART])
            address = closing.enter_context(reader.serving())
            windows = [_window(closing, chromium, address, mistakes) for _ in range(2)]
            _shows_what_is_there_and_what_comes(windows, tmp_path)
            assert sorted(path.name for path in (checkout / "mypage/tried/beach").iterdir()) == [
                "round.avif",
                "round.webp",
                "thumb.webp",
            ]
        page = windows[0]
        expect(page.get_by_role("status")).to_contain_text("The line is down")
        command = (*TINTYPE_UP, "--config", str(checkout / "mypage/tintype.toml"))
        with running_cloud(state, command, front_door=front_door, gateway=gateway):
            expect(page.get_by_role("status")).to_be_empty(timeout=TIMEOUT_MS)
            reader.follow(STEPS[RESTART:DELETION])
            _becomes_square(page)
    reader.follow(STEPS[DELETION:])
    assert not (checkout / "mypage").exists()
    _has_typed_all(reader)
    assert not mistakes


def test_the_command_that_starts_the_stack_is_the_makefile_s() -> None:
    for command in _commands(UP):
        words = [*shlex.split(command), "--dry-run"]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603

        options = command.partition('UP="')[2].rstrip('"')
        assert f".venv/bin/tintype up {options}".rstrip() in done.stdout


def _commands(beginning: str = "") -> list[str]:
    return [one for step in STEPS for one in step.commands if one.startswith(beginning)]


def _has_typed_all(reader: Reader) -> None:
    endless = {*_commands(UP), *_commands(SERVE)}
    assert reader.typed == [one for one in _commands() if one not in endless]


def _window(closing: ExitStack, chromium: Browser, address: str, mistakes: list[str]) -> Page:
    """Open the page in a browser of its own; *mistakes* are what its console says."""
    context = chromium.new_context()
    closing.callback(context.close)
    page = context.new_page()
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    page.goto(address)
    return page


def _shows_what_is_there_and_what_comes(windows: list[Page], tmp_path: Path) -> None:
    sender, watcher = windows
    for page in windows:
        _is_ready(page, "beach.jpg")
    names = ["lake.png", "wood.jpg", "torn.jpg"]
    (tmp_path / names[0]).write_bytes(picture(640, 480, Format.PNG))
    (tmp_path / names[1]).write_bytes(picture(480, 640))
    (tmp_path / names[2]).write_text("no picture at all")
    sender.get_by_label("Send some").set_input_files([tmp_path / name for name in names])
    for page in (sender, watcher):
        _is_ready(page, names[0])
        _is_ready(page, names[1])
        expect(page.get_by_text("torn.jpg: not a known image format")).to_be_visible()
        assert page.locator("figure").count() == 1 + len(names)


def _is_ready(page: Page, name: str) -> None:
    figure = page.locator("figure[data-status=READY]").filter(has_text=f"{name}: ready")
    figure.wait_for(timeout=TIMEOUT_MS)
    expect(figure.get_by_role("img")).to_have_js_property("complete", value=True)
    assert _size(figure.get_by_role("img"))[0] > 0


def _becomes_square(page: Page) -> None:
    """Wait until the photograph of step 2 is shown by the new preset."""
    shown = page.locator("figure").filter(has_text="beach.jpg").get_by_role("img")
    page.wait_for_function(
        "image => image.naturalWidth === 320 && image.naturalHeight === 320",
        arg=shown.element_handle(),
        timeout=TIMEOUT_MS,
    )


def _size(image: Locator) -> list[int]:
    size: list[int] = image.evaluate("image => [image.naturalWidth, image.naturalHeight]")
    return size
