"""What assistive technology would stumble over, by axe-core from npm (pinned in package-lock.json)."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from tintype.nodes import node_folder, npm_script

HERE = Path(__file__).parent
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
INSTALL_SECONDS = 120
_RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  return violations.map(({ id, help, nodes }) =>
    `${id}: ${help}: ${nodes.map((node) => node.target.join(' ') + ' ' + (node.any[0]?.message ?? '')).join('; ')}`);
}"""


def violations(page: Page) -> list[str]:
    """Return what axe finds on a page as it is now, with everything that moves at its end."""
    page.evaluate("for (const one of document.getAnimations()) { try { one.finish() } catch {} }")
    page.evaluate(_script())
    found: list[str] = page.evaluate(_RUN)
    return found


@cache
def _script() -> str:
    lock, mark = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    if not mark.exists() or mark.stat().st_mtime < lock.stat().st_mtime:
        command = [str(node_folder() / "node"), str(npm_script()), "ci", "--ignore-scripts"]
        subprocess.run(  # noqa: S603 - npm, as the lock file pins it
            [*command, "--no-audit", "--no-fund"],
            cwd=HERE,
            check=True,
            capture_output=True,
            timeout=INSTALL_SECONDS,
        )
    return AXE.read_text(encoding="utf-8")
