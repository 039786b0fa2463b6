"""The CDK app: writes the service's and the certificate's templates to a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from aws_cdk import App

from tintype.config import Config
from tintype.releases import certificate_stack_name
from tintype_infra.bytecode import RUNTIME
from tintype_infra.certificate import Certificate
from tintype_infra.packages import Package, Packages
from tintype_infra.stack import TintypeStack

STACK = "tintype"
Json: TypeAlias = Mapping[str, Any]  # a template: values of any type


@dataclass(frozen=True, slots=True)
class Templates:
    """The written templates: the service's, and that of the certificate stack in us-east-1."""

    service: Path
    certificate: Path


def synthesise(config: Config, packages: Packages, out: Path, *, name: str = STACK) -> Templates:
    """Write the templates of a deployment of *config* to the folder *out*."""
    app = new_app(out)
    TintypeStack(app, name, config=config, packages=packages)
    Certificate(app, certificate_stack_name(name), config.domain)
    app.synth()
    return Templates(
        out / f"{name}.template.json", out / f"{certificate_stack_name(name)}.template.json"
    )


def readable(config: Config) -> tuple[Json, Json]:
    """Return the templates of the service and its certificate, for reading only.

    Their packages are empty, so nothing has to be built.
    """
    with TemporaryDirectory() as folder:
        archive = Path(folder) / "empty.zip"
        archive.write_bytes(b"PK\5\6" + bytes(18))
        empty = Package(archive)
        packages = Packages(empty, empty, empty, config.service.architecture, RUNTIME)
        made = synthesise(config, packages, Path(folder) / "out")
        service, certificate = made.service.read_text("utf-8"), made.certificate.read_text("utf-8")
    return json.loads(service), json.loads(certificate)


def new_app(out: Path) -> App:
    """Return an app that writes to the folder *out*, without telemetry."""
    one_statement_for_the_same_actions = "@aws-cdk/aws-iam:minimizePolicies"
    context = {one_statement_for_the_same_actions: True}
    return App(outdir=str(out), analytics_reporting=False, context=context)
