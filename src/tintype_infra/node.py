"""The Node that AWS CDK runs on: PyPI's, because the one on PATH is often too old.

Import this module before `aws_cdk`, which starts Node when imported.
"""

from __future__ import annotations

import os

from tintype.node import node

# jsii's own variable, unless the user has set it.
os.environ.setdefault("JSII_NODE", str(node()))
