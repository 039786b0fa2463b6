"""A format is a row: a copy of the package gets one more, and knows it everywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.pictures import picture
from tintype import sources
from tintype.config import shipped
from tintype.imaging import Format
from tintype.imaging.encode import ENCODERS
from tintype.imaging.formats import RENDERED_FORMATS

ROW = """\
    BIGTIFF = (
        "bigtiff",
        FormatFacts(
            title="BigTIFF",
            types=("x-bigtiff",),
            aliases=("x-tiff64",),
            extensions=("btf", "tf8"),
            magic=((0, b"II+\\x00"),),
            loader="tiffload_buffer",
            browsers=Browsers.NEW,
            longest_side=9_999,
            cost=Cost(12.5, 2.0, 1.0),
            quality=77,
            lossless=True,
        ),
    )
"""
ENCODER = '    Format.BIGTIFF: lambda image, *_: save("tiffsave_buffer", image, bigtiff=True),\n'

QUESTIONS = """
import json, sys
from pathlib import Path
from tintype import config, content_types
from tintype.imaging.formats import EXTENSIONS
from tintype.costs.forecast import renditions
from tintype.imaging import Encoding, Format, Preset, render_all, violations
from tintype.imaging.formats import accepted
from tintype.imaging.presets import MAX_RENDITION_SIDE

new = Encoding(format=Format("bigtiff"))
wide = Preset(name="wide", width=100, formats=(new,))
(made,) = render_all(Path(sys.argv[1]).read_bytes(), [wide]).renditions
again = render_all(made.data, [Preset(name="again", width=50)])
lossless = Encoding(format=Format.JPEG, lossless=True)
Path(sys.argv[2]).write_text('[presets.wide]\\nwidth = 100\\nformats = ["bigtiff"]\\n')
print(json.dumps({
    "made": [made.filename, made.content_type, made.width, made.quality],
    "read": [again.description.format, again.renditions[0].width],
    "types": sorted(one for one in content_types.ACCEPTED if "64" in one or "bigtiff" in one),
    "extensions": sorted(EXTENSIONS & {".btf", ".tf8"}),
    "accepted": accepted(),
    "lossless": violations(Preset(name="x", formats=(lossless,))),
    "longest": MAX_RENDITION_SIDE,
    "bytes": renditions([wide], 3_000_000)[0].bytes,
    "configured": config.load(Path(sys.argv[2])).presets[0].formats[0].format,
}))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the package in it, to which one row and one function were added."""
    folder = tmp_path_factory.mktemp("checkout") / "src"
    shutil.copytree(
        sources.PACKAGE, folder / "tintype", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(shipped(), folder.parent)
    for name, place, text in (
        ("formats.py", "    HEIC = (\n", ROW),
        ("encode.py", "    Format.GIF: _gif,\n", ENCODER),
    ):
        file = folder / "tintype" / "imaging" / name
        before = file.read_text("utf-8")
        assert before.count(place) == 1
        file.write_text(before.replace(place, text + place), "utf-8")
    return folder


def answered(package: Path, *command: str) -> Any:
    done = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, *command],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_new_row_is_known_to_all_that_speak_of_formats(package: Path, tmp_path: Path) -> None:
    original = tmp_path / "original.png"
    original.write_bytes(picture(200, 100, Format.PNG))

    found = answered(package, "-c", QUESTIONS, str(original), str(tmp_path / "tintype.toml"))

    assert found == {
        "made": ["wide.btf", "image/x-bigtiff", 100, 77],
        "read": ["bigtiff", 50],
        "types": ["image/x-bigtiff", "image/x-tiff64"],
        "extensions": [".btf", ".tf8"],
        "accepted": "JPEG, PNG, WebP, AVIF, GIF, TIFF, BigTIFF or HEIC",
        "lossless": [
            "formats[0].lossless: not supported for jpeg, only for webp, avif and bigtiff"
        ],
        "longest": 9_999,
        "bytes": 100 * 67 * 2.0,
        "configured": "bigtiff",
    }


def test_the_page_s_table_has_a_new_row(package: Path) -> None:
    code = "from tintype.site.contract import contract; print(contract())"

    found = answered(package, "-c", code)["formats"]

    assert found["FORMATS"][1] == {
        "name": "bigtiff",
        "title": "BigTIFF",
        "contentType": "image/x-bigtiff",
        "extensions": ["btf", "tf8"],
        "animation": False,
        "browsers": "new",
    }
    assert [0, "II+\0", "image/x-bigtiff"] in found["MAGIC"]
    assert "BigTIFF" in found["ACCEPTED"]


def test_every_format_that_is_written_has_an_encoder_and_no_other_has() -> None:
    assert set(ENCODERS) == set(RENDERED_FORMATS)
