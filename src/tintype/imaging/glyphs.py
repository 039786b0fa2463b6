"""Lines of text drawn as glyphs, with no fonts but those that are given. Start with `draw_line`.

libvips draws them with Pango: HarfBuzz joins Arabic letters, forms Indic syllables and emoji, FriBidi
orders what is read from right to left. Pango would take any font that the process or the machine
knows for a character, and for emoji regardless of the font that was asked for. To prevent that, the
text names a font for each of its parts and forbids others (`fallback`), every font gets a name of its
own (`fonts.renamed`), and fontconfig does not search the machine.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

from tintype.imaging.errors import InvalidPresetError
from tintype.imaging.fonts import read_font, renamed, runs
from tintype.imaging.geometry import Size
from tintype.imaging.vips import pyvips

_TRIAL_PIXELS = 64  # text is measured at this size, then drawn at the size that fits
_NO_FONTS = '<!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>'
_CONFIGURATION = "FONTCONFIG_FILE"  # read when Pango first looks for a font
_loading = Lock()


def draw_line(text: str, fonts: Sequence[bytes], colour: str, box: Size) -> pyvips.Image:
    """Return a line as RGBA, as large as fits into *box*; each character from the first font with it.

    *colour* is `#rrggbb`; glyphs that have colours of their own, such as emoji, keep them.

    Raises:
        InvalidPresetError: a font is broken, or there is nothing to see in the text.
    """
    line = _marked_up(text, fonts, colour)
    trial = _drawn(line, _TRIAL_PIXELS)
    share = min(box.width / trial.width, box.height / trial.height)
    return _drawn(line, max(1, _TRIAL_PIXELS * share))


def _marked_up(text: str, fonts: Sequence[bytes], colour: str) -> str:
    """Return the text in Pango's markup, of which it contains none itself."""
    families = list(map(_loaded, fonts))
    parts = (
        f'<span font_family="{families[index]}" fallback="false">{_escaped(part)}</span>'
        for part, index in runs(text, [read_font(data) for data in fonts])
    )
    return f'<span foreground="{colour}">{"".join(parts)}</span>'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _drawn(line: str, pixels: float) -> pyvips.Image:
    try:
        return pyvips.Image.text(line, font=f"{pixels:.2f}", dpi=72, rgba=True)
    except pyvips.Error as error:
        message = "watermark.text: cannot be drawn"
        raise InvalidPresetError(message) from error


@lru_cache(maxsize=32)
def _loaded(data: bytes) -> str:
    """Make a font known to Pango, and return the name that it has there."""
    family = f"tintype-{hashlib.sha256(data).hexdigest()[:16]}"
    with _loading, _no_other_fonts():
        file = _folder() / family
        if not file.exists():  # it stays: Pango opens it when it needs it
            file.write_bytes(renamed(read_font(data), family))
        try:
            pyvips.Image.text("x", fontfile=str(file), font=f"{family}, 10", rgba=True)
        except pyvips.Error as error:
            message = "watermark.font: this font cannot be loaded"
            raise InvalidPresetError(message) from error
    return family


@contextmanager
def _no_other_fonts() -> Iterator[None]:
    before = os.environ.get(_CONFIGURATION)
    os.environ[_CONFIGURATION] = str(_folder() / "fonts.conf")
    try:
        yield
    finally:
        if before is None:
            del os.environ[_CONFIGURATION]
        else:
            os.environ[_CONFIGURATION] = before


@lru_cache(maxsize=1)
def _place() -> TemporaryDirectory[str]:
    place = TemporaryDirectory(prefix="tintype-fonts-")  # removed at the end of the process
    Path(place.name, "fonts.conf").write_text(_NO_FONTS)
    return place


def _folder() -> Path:
    return Path(_place().name)
