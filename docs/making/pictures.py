"""The example pictures of docs/reference/presets.md: `python -m docs.making.pictures` draws them anew.

Each TOML block of that page that has presets is read as a `tintype.toml`; a picture named after one of
its presets is what the engine makes of `scene`, by that very block.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from tintype.config import load
from tintype.imaging import Preset, render_all

REFERENCE = Path(__file__).parents[1] / "reference"
PAGE = REFERENCE / "presets.md"
PICTURES = REFERENCE / "presets"
SCENE = "scene"  # the original, as it is shown
WIDTH, HEIGHT = 1200, 800
HORIZON = 470
SUN = (820, 300)
_BLOCK = re.compile(r"^```toml\n(.*?)^```", re.DOTALL | re.MULTILINE)
Pixels = NDArray[np.float64]


def presets() -> Iterator[Preset]:
    """Yield the presets of the page's TOML blocks."""
    for block in _BLOCK.findall(PAGE.read_text("utf-8")):
        if "[presets." in block:
            with TemporaryDirectory() as folder:
                path = Path(folder) / "tintype.toml"
                path.write_text(block, encoding="utf-8")
                yield from load(path).presets


def drawn() -> dict[str, bytes]:
    """Return the pictures that the page shows, by their files' names."""
    original = scene()
    made = {f"{SCENE}.webp": _shown(original)}
    for preset in presets():
        source = badge() if preset.name.startswith("badge") else original
        rendition = render_all(source, [preset]).renditions[0]
        made[rendition.filename] = rendition.data
    page = PAGE.read_text("utf-8")
    return {name: data for name, data in made.items() if f"](presets/{name})" in page}


def scene() -> bytes:
    """Return the original: an evening at a lake, as a PNG of 1200 × 800 pixels."""
    sky = _gradient([(0, "#20304f"), (240, "#6d5f83"), (400, "#e79a6f"), (HORIZON, "#ffd9a0")])
    picture = Image.fromarray(_lit(sky).astype(np.uint8), "RGB")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((SUN[0] - 58, SUN[1] - 58, SUN[0] + 58, SUN[1] + 58), fill="#fff1cf")
    for base, height, colour, seed in (
        (HORIZON, 190, "#7a6784", 3),
        (HORIZON, 120, "#574d70", 8),
        (HORIZON, 64, "#37395c", 21),
    ):
        draw.polygon(_ridge(base, height, seed), fill=colour)
    _water(picture)
    _boat(picture)
    return _png(picture)


def badge() -> bytes:
    """Return a second original, with transparency: a sign of two colours on nothing."""
    large = Image.new("RGBA", (1600, 1600), (0, 0, 0, 0))
    draw = ImageDraw.Draw(large)
    draw.ellipse((80, 80, 1520, 1520), fill="#9a4517")
    draw.ellipse((180, 180, 1420, 1420), fill="#fff1cf")
    draw.polygon([(360, 1120), (700, 520), (920, 880), (1040, 700), (1240, 1120)], fill="#37395c")
    draw.ellipse((960, 400, 1140, 580), fill="#e08a3c")
    return _png(large.resize((800, 800), Image.Resampling.LANCZOS))


def _gradient(stops: list[tuple[int, str]]) -> Pixels:
    places = [place for place, _ in stops]
    colours = np.array([[int(word[i : i + 2], 16) for i in (1, 3, 5)] for _, word in stops])
    rows = np.arange(HEIGHT)
    lines = np.stack([np.interp(rows, places, colours[:, band]) for band in range(3)], axis=1)
    return np.broadcast_to(lines[:, np.newaxis, :], (HEIGHT, WIDTH, 3))


def _lit(sky: Pixels) -> Pixels:
    """Let the sun shine through the sky, with the grain of a film."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    distance = np.hypot(columns - SUN[0], rows - SUN[1])
    glow = np.exp(-distance / 190)[..., np.newaxis] * np.array([70.0, 52.0, 22.0])
    grain = np.random.default_rng(7).normal(0, 2.2, (HEIGHT, WIDTH, 1))
    lit: Pixels = np.clip(sky + glow + grain, 0, 255)
    return lit


def _ridge(base: int, height: int, seed: int) -> list[tuple[float, float]]:
    """Return the outline of mountains: a few waves of different lengths."""
    chance = np.random.default_rng(seed)
    across = np.linspace(0, WIDTH, 240)
    line = np.zeros_like(across)
    for wave in range(1, 7):
        line += np.sin(across / WIDTH * wave * 4.1 + chance.uniform(0, 6)) / wave
    line = (line - line.min()) / (line.max() - line.min())
    tops = [(float(x), float(base - height * y)) for x, y in zip(across, line, strict=True)]
    return [(0, base), *tops, (WIDTH, base)]


def _water(picture: Image.Image) -> None:
    """Mirror what is above the horizon, darker and in ripples."""
    depth = HEIGHT - HORIZON
    mirrored = picture.crop((0, HORIZON - depth, WIDTH, HORIZON)).transpose(
        Image.Transpose.FLIP_TOP_BOTTOM
    )
    pixels = np.asarray(mirrored.filter(ImageFilter.GaussianBlur(2.5))).astype(float)
    rows = np.arange(depth)
    shifts = (np.sin(rows**1.15 / 3.1) * (2 + rows / 26)).astype(int)
    rippled = np.stack([np.roll(pixels[row], shift, axis=0) for row, shift in enumerate(shifts)])
    shade = np.linspace(0.84, 0.5, depth)[:, np.newaxis, np.newaxis]
    water = np.clip(rippled * shade + np.array([2.0, 8.0, 18.0]), 0, 255)
    picture.paste(Image.fromarray(water.astype(np.uint8), "RGB"), (0, HORIZON))


def _boat(picture: Image.Image) -> None:
    """Put a small red boat onto the lake: what `attention` finds."""
    draw = ImageDraw.Draw(picture)
    x, y = 300, 588
    draw.polygon([(x - 92, y), (x + 104, y), (x + 66, y + 42), (x - 62, y + 42)], fill="#c8102e")
    draw.polygon([(x - 92, y), (x + 104, y), (x + 97, y + 9), (x - 84, y + 9)], fill="#f5e6d0")
    draw.line((x, y, x, y - 190), fill="#3a2a20", width=6)
    draw.polygon([(x + 8, y - 186), (x + 8, y - 16), (x + 112, y - 16)], fill="#fdf6e8")
    draw.polygon([(x - 8, y - 150), (x - 8, y - 16), (x - 70, y - 16)], fill="#f3d9b8")
    draw.ellipse((x - 118, y + 40, x + 130, y + 60), fill="#2b3350")


def _png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "png", optimize=False)
    return out.getvalue()


def _shown(original: bytes) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tintype.toml"
        path.write_text('[presets.scene]\nwidth = 600\nformats = ["webp"]\n', encoding="utf-8")
        return render_all(original, load(path).presets).renditions[0].data


def main() -> None:
    """Write the pictures."""
    PICTURES.mkdir(exist_ok=True)
    made = drawn()
    for old in PICTURES.iterdir():
        if old.name not in made:
            old.unlink()
    for name, data in made.items():
        (PICTURES / name).write_bytes(data)
        sys.stdout.write(f"{len(data):7,} {name}\n")


if __name__ == "__main__":
    main()
