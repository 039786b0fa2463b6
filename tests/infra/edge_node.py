"""A CloudFront Function in a Node that stays: a line of JSON goes in, and what the function returns comes out."""

from __future__ import annotations

import json
import subprocess
from typing import Any, Self

from tintype.node import node

_READS_LINES = """
require('readline').createInterface({input: process.stdin})
  .on('line', line => console.log(JSON.stringify(answerTo(JSON.parse(line)))));
"""


class EdgeNode:
    """Runs *code* in strict mode, as CloudFront does; *call* is the body of `answerTo(given)`."""

    def __init__(self, code: str, call: str) -> None:
        program = f"'use strict';{code}\nconst answerTo = given => {{{call}}};\n{_READS_LINES}"
        self._node = subprocess.Popen(  # noqa: S603 - our own function
            [node(), "-e", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._node:
            self._node.kill()

    def call(self, given: object) -> Any:
        """Return what the function makes of it."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        print(json.dumps(given), file=self._node.stdin, flush=True)
        return json.loads(self._node.stdout.readline())
