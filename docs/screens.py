# ruff: noqa: INP001 -- a script, no package
"""Draws docs/render.svg: what a terminal shows when the real `tintype render` is done.

    uv run --all-extras python docs/screens.py FOLDER

FOLDER holds photographs of your own; the picture in the README shows ours.
"""

from __future__ import annotations

import re
import sys
from contextlib import chdir
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tintype.cli.batch import Order
from tintype.cli.files import collect
from tintype.cli.render import cores, report, run_batch
from tintype.cli.screen import Screen
from tintype.config import load, shipped

COLUMNS = 100
PICTURE = Path(__file__).with_name("render.svg")

# Without the web font that rich links to: a picture must not call anybody.
SVG = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def draw(folder: Path) -> str:
    """Render *folder* and return the screen as SVG."""
    console = Console(
        record=True, width=COLUMNS, file=StringIO(), highlight=False, color_system="truecolor"
    )
    screen = Screen(console, console)
    settings = load(shipped())
    command = ("tintype render photos -o out\n", "bold")
    console.print(Text.assemble(("$ ", "green"), command))
    with TemporaryDirectory() as temporary, chdir(temporary):
        Path("photos").symlink_to(folder)
        output = Path("out")
        order = Order(settings.presets, settings.limits, output, jobs=cores(), overwrite=False)
        found = collect(["photos"])
        report(run_batch(found, order, screen), found, output, screen)
    return console.export_svg(
        title="tintype render", theme=MONOKAI, code_format=SVG, unique_id="tintype"
    )


if __name__ == "__main__":
    PICTURE.write_text(draw(Path(sys.argv[1]).resolve()), encoding="utf-8")
