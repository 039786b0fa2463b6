"""Runs a resolver's handlers in Node, with the few functions of AppSync's that they use."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tintype.node import node
from tintype_infra.graphql import resolver_code

_UTIL = """
export const util = {
  error(message, type) { throw new Error(`${type}: ${message}`); },
  unauthorized() { throw new Error('Unauthorized'); },
  matches: (pattern, text) => new RegExp(pattern).test(text),
  dynamodb: { toMapValues: (values) => values },
};
"""


class Resolvers:
    """The resolvers, with a folder for Node's files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        utils = folder / "node_modules" / "@aws-appsync" / "utils"
        utils.mkdir(parents=True)
        (utils / "package.json").write_text('{"type": "module", "main": "index.js"}')
        (utils / "index.js").write_text(_UTIL)

    def __call__(self, field: str, handler: str, **ctx: object) -> Any:
        """Return what the handler returns, or what Node says of its error."""
        (self.folder / "resolver.mjs").write_text(resolver_code(field))
        script = (
            f"import {{ {handler} }} from './resolver.mjs';"
            f"console.log(JSON.stringify({handler}({json.dumps(ctx)}) ?? null));"
        )
        (self.folder / "run.mjs").write_text(script)
        done = subprocess.run(  # noqa: S603
            [node(), "run.mjs"], cwd=self.folder, capture_output=True, text=True, check=False
        )
        return json.loads(done.stdout) if done.returncode == 0 else done.stderr
