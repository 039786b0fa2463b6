"""Releases made from another one, for updates that are not to succeed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tintype.releases import DIGESTS

TEMPLATE = "tintype.template.json"


def with_template(release: Path, to: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Write a copy of *release*, whose template is changed, to the folder *to*."""
    shutil.copytree(release, to, copy_function=shutil.copy)
    template = json.loads((to / TEMPLATE).read_text("utf-8"))
    change(template)
    text = json.dumps(template)
    (to / TEMPLATE).write_text(text, "utf-8")
    sums = (to / DIGESTS).read_text("utf-8").splitlines()
    digest = hashlib.sha256(text.encode()).hexdigest()
    lines = (f"{digest}  {TEMPLATE}" if line.endswith(f"  {TEMPLATE}") else line for line in sums)
    (to / DIGESTS).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return to


def fail_at_the_end(template: dict[str, Any]) -> None:
    """Add a role that IAM does not take, to be made when the functions have their new code."""
    functions = [
        name
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Function"
    ]
    trust = {"Effect": "Allow", "NotPrincipal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    template["Resources"]["Impossible"] = {
        "Type": "AWS::IAM::Role",
        "DependsOn": functions,
        "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}},
    }
