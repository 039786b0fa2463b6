"""Somebody's own CDK app that contains Tintype."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aws_cdk import App, Stack

from tests.infra.conftest import read
from tests.infra.parts import Template
from tintype.config import load, shipped
from tintype_infra import Packages, Tintype

SOMEWHERE = load(shipped(), service={"cors_origins": ["https://example.com"]})


class Shop(Stack):
    """Somebody's own stack."""

    def __init__(self, out: Path, packages: Packages) -> None:
        self.app = App(outdir=str(out), analytics_reporting=False)
        super().__init__(self.app, "Shop")
        self.packages, self.out = packages, out

    def tintype(self, name: str = "Images", **given: Any) -> Tintype:
        return Tintype(self, name, packages=self.packages, **{"config": load(shipped()), **given})

    def template(self) -> Template:
        self.app.synth()
        return read(self.out, "Shop")


def resources_of(template: Template, kind: str) -> list[Any]:
    return [one for one in template["Resources"].values() if one["Type"] == kind]
