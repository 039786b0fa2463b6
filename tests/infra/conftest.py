"""One template for all tests of it, made once, with packages that hold nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tintype.config import Domain, load, shipped
from tintype.config.domain import NO_DOMAIN
from tintype.config.service import Architecture
from tintype_infra.app import new_app
from tintype_infra.certificate import Certificate
from tintype_infra.packages import Package, Packages
from tintype_infra.stack import Tintype

Template = dict[str, Any]
Synthesise = Callable[..., Template]
TODAY = date(2026, 11, 21)


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    folder = tmp_path_factory.mktemp("packages")
    archive = folder / "empty.zip"
    archive.write_bytes(b"PK\5\6" + bytes(18))
    empty = Package(folder, archive)
    return Packages(empty, empty, empty, Architecture.ARM64, (3, 11))


@pytest.fixture(scope="session")
def synthesise(packages: Packages, tmp_path_factory: pytest.TempPathFactory) -> Synthesise:
    """Return a way to synthesise with settings of [service], with a domain, on a day."""

    def template_with(
        service: dict[str, object] | None = None,
        domain: Domain = NO_DOMAIN,
        today: date = TODAY,
        name: str = "tintype",
    ) -> Template:
        out = tmp_path_factory.mktemp("template")
        app = new_app(out)
        config = replace(load(shipped(), service=service), domain=domain)
        Tintype(app, name, config=config, packages=packages, today=today)
        app.synth()
        return read(out, name)

    return template_with


@pytest.fixture(scope="session")
def template(synthesise: Synthesise) -> Template:
    return synthesise()


@pytest.fixture(scope="session")
def certificate_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    out = tmp_path_factory.mktemp("certificate")
    app = new_app(out)
    Certificate(app, "certificate", Domain(name="images.example.com", hosted_zone="Z0123456789"))
    app.synth()
    return read(out, "certificate")


def read(folder: Path, name: str) -> Template:
    text = (folder / f"{name}.template.json").read_text("utf-8")
    template: Template = json.loads(text)
    return template
