"""What assistive technology would stumble over, by axe-core from npm (pinned in package-lock.json)."""

from __future__ import annotations

import fcntl
import subprocess
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from tintype.node import node_folder, npm_script

HERE = Path(__file__).parent
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
INSTALL_SECONDS = 120
# What moves for ever has no end, and goes on.
END_MOTION = "for (const one of document.getAnimations()) { try { one.finish() } catch {} }"
_RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  return violations.map(({ id, help, nodes }) =>
    `${id}: ${help}: ${nodes.map((node) => node.target.join(' ') + ' ' + (node.any[0]?.message ?? '')).join('; ')}`);
}"""


def violations(page: Page) -> list[str]:
    """Return what axe finds on a page as it is now, with everything that moves at its end."""
    page.evaluate(END_MOTION)
    page.evaluate(_script())
    found: list[str] = page.evaluate(_RUN)
    return found


@cache
def _script() -> str:
    with (HERE / "package.json").open(encoding="utf-8") as locked:
        fcntl.flock(
            locked, fcntl.LOCK_EX
        )  # tests run in two processes, and npm removes before it installs
        if not _is_installed():
            _install()
        return AXE.read_text(encoding="utf-8")


def _is_installed() -> bool:
    lock, mark = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    return mark.exists() and mark.stat().st_mtime >= lock.stat().st_mtime


def _install() -> None:
    command = [str(node_folder() / "node"), str(npm_script()), "ci", "--ignore-scripts"]
    subprocess.run(  # noqa: S603 - npm, as the lock file pins it
        [*command, "--no-audit", "--no-fund"],
        cwd=HERE,
        check=True,
        capture_output=True,
        timeout=INSTALL_SECONDS,
    )
