"""A release of this checkout with other presets: one changed, one removed, one new."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cloud.stack import Json, Stack
from tests.deploy.tools import ROOT
from tests.upgrade.people import fetched, record
from tintype_infra.packages import this_cpu

MAX_BYTES = 40_000_000
# The least that there can be with this limit of time, as a function that runs is left alone.
TIMEOUT_SECONDS, SWEEP_SECONDS = 5, 40
# What it makes of any original that is larger, and what the shipped presets make besides.
NEW = {("processed", "jpeg"): 512, ("thumb", "webp"): 200, ("avatar", "png"): 64}
OLD = {
    ("processed", "jpeg"),
    ("thumb", "webp"),
    ("small", "avif"),
    ("small", "webp"),
    ("display", "avif"),
    ("display", "webp"),
}
_SETTINGS = f"""
[limits]
max_bytes = {MAX_BYTES}
timeout_seconds = {TIMEOUT_SECONDS}

[presets.processed]
width = 512
height = 512
fit = "cover"
formats = ["jpeg"]
watermark = {{ text = "Tintype", scale = 0.18, opacity = 0.5 }}

[presets.thumb]
width = 200
height = 200
formats = ["webp"]

[presets.avatar]
width = 64
height = 64
fit = "cover"
formats = ["png"]

[service]
sweep_seconds = {SWEEP_SECONDS}
architecture = "{this_cpu().value}"
"""


@dataclass(frozen=True)
class Earlier:
    """Images as they were before the presets changed: by their ids, and the bytes at their addresses."""

    records: Mapping[str, Json]
    renditions: Mapping[str, bytes]


def earlier_images(stack: Stack, image_ids: Sequence[str]) -> Earlier:
    """Return images of the shipped presets as they are now."""
    images = {image_id: stack.ready(image_id) for image_id in image_ids}
    made = {
        (one["preset"], one["format"]) for each in images.values() for one in each["renditions"]
    }
    assert made == OLD
    urls = [one["url"] for image in images.values() for one in image["renditions"]]
    return Earlier(
        {image_id: record(stack, image_id) for image_id in images},
        {url: fetched(stack, url) for url in urls},
    )


def write_other_presets(folder: Path) -> Path:
    """Write the release to a folder in *folder*, and return it."""
    settings, out = folder / "tintype.toml", folder / "release"
    settings.write_text(_SETTINGS, "utf-8")
    command = [sys.executable, "-m", "tintype_infra.release", "--platform", "local"]
    arguments = ["--out", str(out), "--config", str(settings)]
    done = subprocess.run(  # noqa: S603 - our own program
        [*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out
