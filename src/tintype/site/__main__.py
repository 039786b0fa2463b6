"""Run scripts of the page with the Node from PyPI: `python -m tintype.site check test types format`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tintype.config import load, shipped
from tintype.functions.openapi import openapi
from tintype.functions.settings import presets_revision
from tintype.site.building import SiteBuildError, run_script

ROOT = Path(__file__).parents[3]
SCRIPTS = ("build", "check", "format", "test", "types")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the scripts in turn; return 1 at the first that fails, with what it said."""
    parser = argparse.ArgumentParser(prog="python -m tintype.site", description=__doc__)
    parser.add_argument("scripts", nargs="+", choices=SCRIPTS, help="scripts of web/package.json")
    said = parser.parse_args(arguments)
    for script in said.scripts:
        try:
            sys.stdout.write(run_script(ROOT, script, given=_contract()))
        except SiteBuildError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


def _contract() -> str:
    """Return the OpenAPI document of the shipped settings, for whoever reads it."""
    settings = load(shipped())
    document = openapi(
        server="/api",
        presets_revision=presets_revision(settings),
        max_bytes=settings.limits.max_bytes,
    )
    return json.dumps(document)


if __name__ == "__main__":
    sys.exit(main())
