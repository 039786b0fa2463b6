"""Run scripts of the page with Node from PyPI: `python -m tintype.site check test types format`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tintype.site.building import SiteBuildError, run_script
from tintype.site.contract import contract

ROOT = Path(__file__).parents[3]
SCRIPTS = ("build", "check", "format", "test", "types")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the scripts in order; at the first that fails, print its output and return 1."""
    parser = argparse.ArgumentParser(prog="python -m tintype.site", description=__doc__)
    parser.add_argument("scripts", nargs="+", choices=SCRIPTS, help="scripts of web/package.json")
    said = parser.parse_args(arguments)
    for script in said.scripts:
        try:
            sys.stdout.write(run_script(ROOT, script, given=contract()))
        except SiteBuildError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
