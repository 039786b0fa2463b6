"""Drawing an SVG with librsvg, in a process of its own that can be stopped. Start with `drawn`.

librsvg works in one call: a few hundred bytes of nested patterns keep it busy for hours. The process
has limits of CPU time and memory, no files, no environment of ours, and fontconfig knows one font.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import lru_cache
from html import escape
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from tintype.imaging.conversion import Converted
from tintype.imaging.decoder_errors import damaged
from tintype.imaging.errors import TimeLimitError, UnsupportedFormatError
from tintype.imaging.fonts import default_font_file
from tintype.imaging.formats import SVG_IS_OFF, Format, listed
from tintype.imaging.presets import Limits
from tintype.imaging.svg import sanitised
from tintype.imaging.vips import Data

_CPU_SECONDS = 5
_MEMORY_BYTES = 1 << 30
_NOTED = 5  # names of elements: notes are in records and catalogues
_KEPT = ("LD_LIBRARY_PATH", "PATH")  # Lambda's Python needs the first


def drawn(data: Data, limits: Limits) -> Converted:
    """Return an SVG as a PNG, if the limits accept such files.

    Raises:
        UnsupportedFormatError: they do not, or it is of a kind that is not drawn.
        UnreadableImageError: it is not well-formed, or librsvg refuses it.
        TimeLimitError: it takes too long.
    """
    if not limits.svg:
        raise UnsupportedFormatError(SVG_IS_OFF)
    end = monotonic() + limits.timeout_seconds
    drawing = sanitised(data)
    png = _run(drawing.data, max(0.0, end - monotonic()))
    names = [f"<{name}>" for name in drawing.left_out]
    left_out = listed(names if len(names) <= _NOTED else [*names[:_NOTED], "others"])
    return Converted(png, Format.PNG, notes=(f"without {left_out}",) if left_out else ())


def _run(svg: bytes, seconds: float) -> bytes:
    cpu_seconds = ceil(min(seconds, _CPU_SECONDS))
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment |= {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "FONTCONFIG_FILE": _configuration(),
    }
    try:
        # -P: nothing is imported from the folder that the command line happens to be in.
        child = subprocess.run(  # noqa: S603 - this module, in this Python
            [sys.executable, "-P", "-m", __name__, str(cpu_seconds)],
            input=svg,
            capture_output=True,
            env=environment,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        message = f"not drawn within {seconds:.3g} seconds"
        raise TimeLimitError(message) from error
    if child.returncode in {-signal.SIGXCPU, -signal.SIGKILL}:
        message = f"not drawn within {cpu_seconds} seconds of CPU time"
        raise TimeLimitError(message)
    if child.returncode:
        raise damaged(Format.SVG, "data")
    return child.stdout


@lru_cache(maxsize=1)
def _place() -> TemporaryDirectory[str]:
    """Return a folder with a configuration of fontconfig that knows our font alone."""
    place = TemporaryDirectory(prefix="tintype-svg-")  # removed at the end of the process
    file = default_font_file()
    folder = f"<dir>{escape(str(file.parent))}</dir>" if file else ""
    text = f'<!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>{folder}</fontconfig>'
    Path(place.name, "fonts.conf").write_text(text)
    return place


def _configuration() -> str:
    return str(Path(_place().name, "fonts.conf"))


def _draw() -> None:
    """Read an SVG and write a PNG; the process ends with this."""
    import resource  # noqa: PLC0415 - not on every system that imports this module

    for limit, most in (
        (resource.RLIMIT_CPU, int(sys.argv[1])),
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))

    from tintype.imaging.vips import load, pyvips, save  # noqa: PLC0415 - within the limits

    pyvips.operation_block_set("VipsForeignLoadSvg", False)
    image = load("svgload_buffer", sys.stdin.buffer.read())
    sys.stdout.buffer.write(save("pngsave_buffer", image, compression=0, keep="none"))


if __name__ == "__main__":
    _draw()
