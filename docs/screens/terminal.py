"""Draws render.svg and upload.svg in docs/pictures: what a terminal shows of the real commands.

    uv run --all-extras python -m docs.screens.terminal FOLDER

FOLDER holds photographs of your own; the pictures in the README show ours. For the second one a
local cloud must run in this folder (`make up`); without it only the first is drawn.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from contextlib import chdir
from functools import partial
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tintype.cli.commands.render import cores, report, run_batch
from tintype.cli.connection import Via
from tintype.cli.files.batch import RenderOptions
from tintype.cli.files.find import collect
from tintype.cli.output.console import Screen, open_screen
from tintype.cli.output.uploads import report as report_uploads
from tintype.cli.stack import Stack, find
from tintype.cli.uploads import run
from tintype.config import load, shipped
from tintype.local.state import find_address

PICTURES = Path(__file__).resolve().parents[1] / "pictures"

# Without the web font that rich links to: a picture must not call anybody.
SVG = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def draw(command: str, show: Callable[[Screen], None], *, columns: int) -> str:
    """Return as SVG what *show* shows, below the line of its *command*."""
    console = Console(
        record=True, width=columns, file=StringIO(), highlight=False, color_system="truecolor"
    )
    console.print(Text.assemble(("$ ", "green"), (f"{command}\n", "bold")))
    show(Screen(console, console))
    title = " ".join(command.split()[:2])
    return console.export_svg(title=title, theme=MONOKAI, code_format=SVG, unique_id="tintype")


def rendered(screen: Screen) -> None:
    """Show `tintype render photos -o out`."""
    settings, output = load(shipped()), Path("out")
    order = RenderOptions(settings.presets, settings.limits, output, jobs=cores(), overwrite=False)
    found = collect(["photos"])
    report(run_batch(found, order, screen), found, output, screen)


def uploaded(stack: Stack, screen: Screen) -> None:
    """Show `tintype upload photos`."""
    order = run.UploadOptions(
        via=Via.TICKETS, parallel=4, again=True, wait=True, timeout_seconds=60
    )
    uploads = run.run_uploads(collect(["photos"]), order, stack, screen)
    report_uploads(uploads, order, screen, passed_over=0)


def main(folder: Path) -> None:
    """Draw what can be drawn."""
    stack = None if find_address(Path(".tintype")) is None else find(open_screen(), "local")
    with TemporaryDirectory() as temporary, chdir(temporary):
        Path("photos").symlink_to(folder)
        picture = draw("tintype render photos -o out", rendered, columns=100)
        (PICTURES / "render.svg").write_text(picture, encoding="utf-8")
        if stack is None:
            sys.exit(
                "No local cloud runs in this folder: docs/pictures/upload.svg is left as it is."
            )
        picture = draw("tintype upload photos", partial(uploaded, stack), columns=140)
        (PICTURES / "upload.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
