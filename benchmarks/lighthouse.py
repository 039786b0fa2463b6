"""Lighthouse's opinion of pages: `python -m benchmarks.lighthouse http://localhost:8080/ --runs 5`.

It is npm's program, pinned by benchmarks/web/package-lock.json. Whatever else a machine does makes a page
slower and nothing makes it faster, so of several runs the best one counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.web.browser import find_chromium
from tintype.node import node_folder, npm_script

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
METRICS = {
    "first paint": "first-contentful-paint",
    "largest paint": "largest-contentful-paint",
    "blocked": "total-blocking-time",
    "shift": "cumulative-layout-shift",
    "speed index": "speed-index",
}
_SECONDS = 300
_TRIES = 3  # now and then Chromium's trace lacks the beginning, and Lighthouse asks to be run again


@dataclass(frozen=True)
class Opinion:
    """One run: the score of each category, 0 to 100, what was measured, and what was not perfect."""

    scores: Mapping[str, int]
    metrics: Mapping[str, str]
    lost: list[str]

    def __str__(self) -> str:
        told = [f"{name} {value}" for name, value in {**self.scores, **self.metrics}.items()]
        return ", ".join(told)


def opinion(url: str, *, desktop: bool, runs: int = 1) -> Opinion:
    """Return the best of *runs* opinions of a page."""
    _install()
    with TemporaryDirectory() as scratch:
        all_runs = [_opinion(url, Path(scratch), desktop=desktop) for _ in range(runs)]
    return max(all_runs, key=lambda one: one.scores["performance"])


def _opinion(url: str, scratch: Path, *, desktop: bool) -> Opinion:
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
    environment = {**os.environ, "CHROME_PATH": find_chromium(["chromium"])}
    for tries_left in reversed(range(_TRIES)):
        done = subprocess.run(command, check=not tries_left, timeout=_SECONDS, env=environment)
        if not done.returncode:
            break
    told = json.loads(report.read_text(encoding="utf-8"))
    categories = {name: round(100 * told["categories"][name]["score"]) for name in CATEGORIES}
    asked = [one["id"] for name in CATEGORIES for one in told["categories"][name]["auditRefs"]]
    audits = [told["audits"][name] for name in dict.fromkeys(asked)]
    lost = [
        f"{one['id']} {one['score']:.2f} {one.get('displayValue', '')}".strip()
        for one in audits
        if one["score"] is not None and one["score"] < 0.9
    ]
    metrics = {name: told["audits"][audit]["displayValue"] for name, audit in METRICS.items()}
    return Opinion(categories, {name: " ".join(one.split()) for name, one in metrics.items()}, lost)


def _install() -> None:
    lock, mark = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    if not mark.exists() or mark.stat().st_mtime < lock.stat().st_mtime:
        npm = [str(node_folder() / "node"), str(npm_script()), "ci", "--ignore-scripts"]
        subprocess.run([*npm, "--no-audit", "--no-fund"], cwd=HERE, check=True)


def main() -> None:
    """Ask about pages, on a phone and on a desktop."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lighthouse", description=__doc__)
    parser.add_argument("urls", nargs="+", help="addresses of pages")
    parser.add_argument("--runs", type=int, default=3, help="the best of so many; default 3")
    parser.add_argument("--lost", action="store_true", help="also say what was not perfect")
    said = parser.parse_args()
    for url in said.urls:
        for desktop in (False, True):
            best = opinion(url, desktop=desktop, runs=said.runs)
            print(f"{url}, {'desktop' if desktop else 'phone'}: {best}", flush=True)
            for one in best.lost if said.lost else ():
                print(f"  {one}")


if __name__ == "__main__":
    main()
