"""One template for all tests of it, made once, with packages that hold nothing."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.infra.deployed import deployed
from tintype.config import Domain, load, shipped
from tintype.config.delivery import DEFAULT_DELIVERY, Delivery
from tintype.config.domain import NO_DOMAIN
from tintype.config.service import Architecture
from tintype.functions.bundle import document
from tintype_infra import release
from tintype_infra.app import new_app
from tintype_infra.bytecode import RUNTIME
from tintype_infra.certificate import Certificate
from tintype_infra.packages import Package, Packages
from tintype_infra.stack import TintypeStack

Template = dict[str, Any]
Synthesise = Callable[..., Template]


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    folder = tmp_path_factory.mktemp("packages")
    archive = folder / "empty.zip"
    archive.write_bytes(b"PK\5\6" + bytes(18))
    empty = Package(archive)
    return Packages(empty, empty, empty, Architecture.ARM64, RUNTIME)


@pytest.fixture(scope="session")
def write(packages: Packages, tmp_path_factory: pytest.TempPathFactory) -> Synthesise:
    """Return a way to synthesise with settings of [service], with a domain, and with [delivery]."""

    def template_with(
        service: dict[str, object] | None = None,
        domain: Domain = NO_DOMAIN,
        name: str = "tintype",
        delivery: Delivery = DEFAULT_DELIVERY,
    ) -> Template:
        out = tmp_path_factory.mktemp("template")
        app = new_app(out)
        config = replace(load(shipped(), service=service), domain=domain, delivery=delivery)
        TintypeStack(app, name, config=config, packages=packages)
        app.synth()
        return read(out, name)

    return template_with


@pytest.fixture(scope="session")
def synthesise(write: Synthesise) -> Synthesise:
    """Return a way to synthesise, and to deploy with the parameters as they are by default."""
    return lambda *arguments, **settings: deployed(write(*arguments, **settings))


@pytest.fixture(scope="session")
def written(write: Synthesise) -> Template:
    """The template as it is in a release."""
    return write()


@pytest.fixture(scope="session")
def template(written: Template) -> Template:
    """The template as it is deployed when nobody says anything."""
    return deployed(written)


@pytest.fixture(scope="session")
def opened(written: Template) -> Template:
    """The template as it is deployed without sign-in."""
    return deployed(written, AccessMode="open")


@pytest.fixture(scope="session")
def certificate_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    out = tmp_path_factory.mktemp("certificate")
    app = new_app(out)
    Certificate(app, "certificate", NO_DOMAIN)
    app.synth()
    return read(out, "certificate")


def read(folder: Path, name: str) -> Template:
    text = (folder / f"{name}.template.json").read_text("utf-8")
    template: Template = json.loads(text)
    return template


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with packages that hold settings and no more, and a page of two files."""
    place = tmp_path_factory.mktemp("released")
    archive = place / f"{'0' * 32}.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("tintype/functions/api.py", "")
        file.writestr("tintype/settings.json", document(load(shipped())))
    made = Package(archive)
    config = load(shipped())
    packages = Packages(made, made, made, config.service.architecture, (3, 11))
    page = place / "page"
    page.mkdir()
    for name in ("index.html", "main-3H6TDJZ4.js"):
        (page / name).write_text(name, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release, "build", lambda _config, _where: packages)
        release.write(config, place / "release", site=page)
    return place / "release"
