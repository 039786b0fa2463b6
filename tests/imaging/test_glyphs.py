"""Text is shaped as Chromium shapes it, in the given fonts only, whatever the machine has."""

from __future__ import annotations

import base64
import io
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.imaging.test_fonts import DEJAVU, arimo
from tests.pictures import Pixels
from tests.web.browser import running_chromium
from tintype.imaging.fonts import Font, read_font, renamed
from tintype.imaging.geometry import Size
from tintype.imaging.glyphs import draw_line

WIDE = Size(900, 900)
GRINNING = "\U0001f600"
DRAW = """async ([fonts, text, width]) => {
  const families = [];
  for (const [index, data] of fonts.entries()) {
    const face = new FontFace(`f${index}`, Uint8Array.from(atob(data), (c) => c.charCodeAt(0)));
    document.fonts.add(await face.load());
    families.push(`f${index}`);
  }
  const canvas = Object.assign(document.createElement('canvas'), { width: 1200, height: 400 });
  document.body.append(canvas);
  canvas.dir = 'auto';
  canvas.textContent = text;
  const pen = canvas.getContext('2d');
  pen.textAlign = 'center';
  pen.direction = getComputedStyle(canvas).direction;
  const size = (pixels) => { pen.font = `${pixels}px ${families.join(',')}`; };
  size(64);
  const at64 = pen.measureText(text);
  size(64 * width / (at64.actualBoundingBoxLeft + at64.actualBoundingBoxRight));
  pen.fillText(text, 600, 250);
  const png = canvas.toDataURL('image/png').split(',')[1];
  canvas.remove();
  document.fonts.clear();
  return png;
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    with running_chromium() as browser:
        yield browser.new_page()


def in_chromium(page: Any, text: str, fonts: list[bytes]) -> Pixels:
    coded = [base64.b64encode(font).decode() for font in fonts]
    png = base64.b64decode(page.evaluate(DRAW, [coded, text, WIDE.width]))
    return cut(np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))[..., 3])


def coverage(text: str, fonts: list[bytes]) -> Pixels:
    return cut(draw_line(text, fonts, "#ffffff", WIDE).numpy()[..., 3])


def cut(alpha: Pixels) -> Pixels:
    """Return the part that has ink."""
    rows, columns = np.nonzero(alpha > 60)
    return alpha[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def likeness(one: Pixels, other: Pixels) -> float:
    """Return the correlation of two coverages, the second scaled to the size of the first."""
    size = one.shape[1], one.shape[0]
    scaled = np.asarray(Image.fromarray(other).resize(size, Image.Resampling.BILINEAR))
    return float(np.corrcoef(one.ravel(), scaled.ravel())[0, 1])


@pytest.mark.parametrize(
    ("text", "fonts"),
    [
        ("© Łódź, Übergröße 2026", [arimo()]),
        ("Ελλάδα · Київ · Ðorđe", [arimo()]),
        ("שלום עולם 2026", [arimo()]),
        ("© محمد علي 2026", [DEJAVU.read_bytes()]),
        ("Photo: السلام عليكم", [DEJAVU.read_bytes()]),
    ],
)
def test_text_has_the_shape_that_chromium_gives_it(
    page: Any, text: str, fonts: list[bytes]
) -> None:
    ours, theirs = coverage(text, fonts), in_chromium(page, text, fonts)

    assert ours.shape[0] == pytest.approx(theirs.shape[0], abs=3)
    assert likeness(ours, theirs) > 0.93


def test_letters_out_of_order_or_not_joined_would_be_noticed(page: Any) -> None:
    """The bar of the test above is one that wrong shaping cannot pass."""
    arabic, font = "محمد علي", [DEJAVU.read_bytes()]
    right = in_chromium(page, arabic, font)

    apart = "\N{ZERO WIDTH NON-JOINER}".join(arabic)

    assert likeness(coverage(arabic, font), right) > 0.93
    assert likeness(coverage(apart, font), right) < 0.7
    assert likeness(coverage(arabic[::-1], font), right) < 0.7


def test_a_character_is_taken_from_the_first_font_that_has_it() -> None:
    both = draw_line("я", [arimo(), DEJAVU.read_bytes()], "#ffffff", WIDE)
    first = draw_line("я", [arimo()], "#ffffff", WIDE)

    assert np.array_equal(both.numpy(), first.numpy())
    assert draw_line("س", [arimo(), DEJAVU.read_bytes()], "#ffffff", WIDE).height != first.height


def test_fonts_of_the_machine_are_never_used() -> None:
    """Debian's DejaVu has Arabic; Arimo has not, and no other font may stand in."""
    program = (
        "import hashlib\nfrom tintype.imaging.fonts import default_font\n"
        "from tintype.imaging.geometry import Size\nfrom tintype.imaging.glyphs import draw_line\n"
        "line = draw_line('aس', [default_font()], '#ffffff', Size(300, 300))\n"
        "print(hashlib.sha256(line.write_to_memory()).hexdigest())"
    )
    nothing = {"FONTCONFIG_FILE": "/nonexistent", "FONTCONFIG_PATH": "/nonexistent"}

    with_fonts, without = (
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
        )
        for env in ({**os.environ}, nothing)
    )

    assert with_fonts.stdout == without.stdout
    assert with_fonts.stderr == without.stderr == ""


def test_environment_is_as_before_when_the_fonts_are_loaded() -> None:
    before = dict(os.environ)

    draw_line("a", [renamed(read_font(arimo()), "another")], "#ffffff", WIDE)

    assert dict(os.environ) == before


def test_emoji_have_their_own_colours_and_letters_the_mark_s() -> None:
    line = draw_line(f"a{GRINNING}", [red_emoji()], "#00ff00", WIDE).numpy()

    opaque = line[line[..., 3] == 255][:, :3]
    assert {(0, 255, 0), (255, 0, 0)} == {tuple(colour) for colour in np.unique(opaque, axis=0)}


def red_emoji() -> bytes:
    """Return DejaVu with a face in red: one layer, as OpenType's COLR and CPAL tables say it."""
    font = read_font(DEJAVU.read_bytes())
    face = 0
    cmap = font.table(b"cmap")
    (count,) = struct.unpack_from(">H", cmap, 2)
    for index in range(count):
        (start,) = struct.unpack_from(">I", cmap, 8 + 8 * index)
        if struct.unpack_from(">H", cmap, start) == (12,):
            (groups,) = struct.unpack_from(">I", cmap, start + 12)
            for first, last, glyph in struct.iter_unpack(
                ">III", cmap[start + 16 : start + 16 + 12 * groups]
            ):
                if first <= ord(GRINNING) <= last:
                    face = glyph + ord(GRINNING) - first
    colours = struct.pack(">HHIIH", 0, 1, 14, 20, 1) + struct.pack(">HHH", face, 0, 1)
    colours += struct.pack(">HH", face, 0)
    palette = struct.pack(">HHHHIH", 0, 1, 1, 1, 14, 0) + bytes([0, 0, 255, 255])  # BGRA
    tables = [*font.tables, (b"COLR", 0, colours), (b"CPAL", 0, palette)]
    return renamed(Font(font.version, tuple(sorted(tables))), "red")
