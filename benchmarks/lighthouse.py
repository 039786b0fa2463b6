"""Lighthouse's opinion of a page: npm's program, pinned by benchmarks/web/package-lock.json."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.web.browser import find_chromium
from tintype.nodes import node_folder, npm_script

HERE = Path(__file__).parent / "web"
CATEGORIES = ("performance", "accessibility", "best-practices")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
_SECONDS = 300


def scores(url: str, scratch: Path, *, desktop: bool) -> tuple[Mapping[str, int], list[str]]:
    """Return the score of each category, 0 to 100, and what was not perfect."""
    _install()
    report = scratch / "lighthouse.json"
    command = [
        str(node_folder() / "node"),
        str(HERE / "node_modules" / "lighthouse" / "cli" / "index.js"),
        url,
        f"--chrome-flags={' '.join(FLAGS)}",
        f"--only-categories={','.join(CATEGORIES)}",
        "--output=json",
        f"--output-path={report}",
        "--quiet",
        "--no-enable-error-reporting",
        *(["--preset=desktop"] if desktop else []),
    ]
    environment = {**os.environ, "CHROME_PATH": find_chromium()}
    subprocess.run(command, check=True, timeout=_SECONDS, env=environment)
    told = json.loads(report.read_text(encoding="utf-8"))
    categories = {name: round(100 * told["categories"][name]["score"]) for name in CATEGORIES}
    asked = [one["id"] for name in CATEGORIES for one in told["categories"][name]["auditRefs"]]
    audits = [told["audits"][name] for name in dict.fromkeys(asked)]
    lost = [
        f"{one['id']} {one['score']:.2f} {one.get('displayValue', '')}".strip()
        for one in audits
        if one["score"] is not None and one["score"] < 0.9
    ]
    return categories, lost


def _install() -> None:
    lock, mark = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    if not mark.exists() or mark.stat().st_mtime < lock.stat().st_mtime:
        npm = [str(node_folder() / "node"), str(npm_script()), "ci", "--ignore-scripts"]
        subprocess.run([*npm, "--no-audit", "--no-fund"], cwd=HERE, check=True)
