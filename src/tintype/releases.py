"""A release folder as `release.json` lists it: the template, the functions' packages, the page.

`python -m tintype_infra.release` writes one; whoever deploys reads it here. DIGESTS has a checksum of
every other file, which `check` compares.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

MANIFEST = "release.json"
DIGESTS = "SHA256SUMS"
PACKAGES = "packages"  # the folder of the packages
SITE = "site"  # the folder of the page's files
PACKAGES_BUCKET = "PackagesBucket"  # the template's parameter, which is no setting: where they are
# Those that are the settings of [domain].
DOMAIN = {"name": "DomainName", "hosted_zone": "HostedZone", "certificate": "CertificateArn"}
# What a deployment says before and after, and what --public confirms; deploy.sh and Terraform say it, too.
OPEN_TO_ALL = (
    "Anyone who knows its address can upload, see and delete every image: there is no sign-in yet."
)


class ReleaseError(Exception):
    """The folder is no release, or a file of it is missing or another than it should be."""


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file of the page, and what is said of it to browsers; *path* is below the folder `site`."""

    path: str
    sha256: str
    content_type: str
    cache_control: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `release.json` says.

    *packages* are the names of the ZIPs, which are also their keys in the packages bucket; *functions*
    says which is whose. *settings* are those that no parameter of the template can change. *site* is in
    the order of publishing: the index last.
    """

    version: str
    name: str
    template: str
    certificate: str
    packages: tuple[str, ...]
    functions: Mapping[str, str]
    python: str
    settings: Mapping[str, Any]
    max_bytes: int
    site: tuple[SiteFile, ...]

    def json(self) -> str:
        """Return the file's text."""
        facts = {_camel(name): value for name, value in asdict(self).items()}
        facts["site"] = [
            {_camel(name): value for name, value in asdict(file).items()} for file in self.site
        ]
        return f"{json.dumps(facts, indent=1)}\n"


@dataclass(frozen=True, slots=True)
class Release:
    """A release folder that was read."""

    folder: Path
    manifest: Manifest

    @property
    def template(self) -> Path:
        """The template of the stack."""
        return self.folder / self.manifest.template

    @property
    def packages(self) -> tuple[Path, ...]:
        """The functions' packages; a file's name is its key in the packages bucket."""
        return tuple(self.folder / PACKAGES / name for name in self.manifest.packages)

    @property
    def site(self) -> Path:
        """The folder of the page's files."""
        return self.folder / SITE

    def types(self) -> set[str]:
        """Return the types of the template's resources."""
        resources = json.loads(self.template.read_text("utf-8")).get("Resources", {})
        return {resource["Type"] for resource in resources.values()}

    def parameters(self) -> dict[str, dict[str, Any]]:
        """Return the template's parameters as the template has them."""
        found: dict[str, dict[str, Any]] = json.loads(self.template.read_text("utf-8"))[
            "Parameters"
        ]
        return found

    def check(self) -> None:
        """Compare every file with its checksum.

        Raises:
            ReleaseError: one is missing, or cannot be read, or another.
        """
        for line in _read(self.folder / DIGESTS).decode("utf-8", "replace").splitlines():
            digest, _, name = line.partition("  ")
            path = self.folder / name
            if hashlib.sha256(_read(path)).hexdigest() != digest:
                message = f"{path} is not the file that {DIGESTS} says"
                raise ReleaseError(message)


def read_release(folder: Path) -> Release:
    """Return the release in *folder*; what it names is looked for only by `Release.check`.

    Raises:
        ReleaseError: there is none, or another version of Tintype wrote it.
    """
    try:
        facts = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        message = f"{folder} is no release folder: {MANIFEST}: {error}"
        raise ReleaseError(message) from error
    try:
        known = {name: facts[_camel(name)] for name in Manifest.__slots__}
        site = tuple(
            SiteFile(**{name: file[_camel(name)] for name in SiteFile.__slots__})
            for file in facts["site"]
        )
    except (KeyError, TypeError) as error:
        message = f"{folder / MANIFEST} is of another version of Tintype: it lacks {error}"
        raise ReleaseError(message) from error
    return Release(
        folder, Manifest(**{**known, "packages": tuple(known["packages"]), "site": site})
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        message = f"{path} is missing"
        raise ReleaseError(message) from error
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise ReleaseError(message) from error


def parameter_name(setting: str) -> str:
    """Return what a setting of `tintype.toml` is called in the template.

    >>> parameter_name("develop_memory_mib"), parameter_name("domain.name")
    ('DevelopMemoryMib', 'DomainName')
    """
    table, _, name = setting.rpartition(".")
    if table == "domain" and name in DOMAIN:
        return DOMAIN[name]
    return "".join(word.capitalize() for word in name.split("_"))


def _camel(name: str) -> str:
    """Return a name as JSON has it.

    >>> _camel("cache_control")
    'cacheControl'
    """
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
