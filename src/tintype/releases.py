"""A release folder as `release.json` lists it: the template, the functions' packages, the page.

`python -m tintype_infra.release` writes one; deployments read it here. DIGESTS has a checksum of every
other file, which `check` compares.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tintype.outputs import CERTIFICATE_ARN

MANIFEST = "release.json"
DIGESTS = "SHA256SUMS"
PACKAGES = "packages"  # the folder of the packages
SITE = "site"  # the folder of the page's files
PACKAGES_BUCKET = (
    "PackagesBucket"  # the template's parameter for their bucket, which is not a setting
)
# The parameters that are settings of [domain].
DOMAIN = {"name": "DomainName", "hosted_zone": "HostedZone", "certificate": CERTIFICATE_ARN}
# The parameters that are settings of [access].
ACCESS = {
    "mode": "AccessMode",
    "anyone": "Anyone",
    "sign_up": "AccessSignUp",
    "admin_group": "AccessAdminGroup",
    "visibility": "AccessVisibility",
    "issuer": "AccessIssuer",
    "audience": "AccessAudience",
    "client_id": "AccessClientId",
    "scope": "AccessScope",
    "groups_claim": "AccessGroupsClaim",
}
TABLES = {"access": ACCESS, "domain": DOMAIN}  # the others are settings of [service]
# Shown before and after a deployment in mode open, and confirmed by --public; deploy.sh and Terraform
# show it too.
OPEN_TO_ALL = (
    "There is no sign-in: anyone who knows its address can do what [access] anyone allows, by "
    "default see every image and upload more."
)


def certificate_stack_name(name: str) -> str:
    """Return the name of the stack with the certificate of a service.

    >>> certificate_stack_name("tintype")
    'tintype-certificate'
    """
    return f"{name}-certificate"


class ReleaseError(Exception):
    """The folder is not a release, or a file in it is missing or changed."""


class SiteFile(msgspec.Struct, frozen=True, rename="camel"):
    """A file of the page and its headers; *path* is relative to the folder `site`."""

    path: str
    sha256: str
    content_type: str
    cache_control: str


class ReleaseManifest(msgspec.Struct, frozen=True, rename="camel"):
    """The contents of `release.json`.

    *packages* are the names of the ZIPs, which are also their keys in the packages bucket; *functions*
    maps functions to them. *settings* are those that no parameter of the template can change. *site* is
    in publishing order: the index last.
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
        # Indented, a setting a line: deploy.sh has no other reader of JSON than sed.
        return f"{msgspec.json.format(msgspec.json.encode(self), indent=1).decode()}\n"


@dataclass(frozen=True, slots=True)
class Release:
    """A release folder."""

    folder: Path
    manifest: ReleaseManifest

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
        return {str(resource.get("Type")) for resource in self._section("Resources").values()}

    def parameters(self) -> dict[str, dict[str, Any]]:
        """Return the template's parameters."""
        return self._section("Parameters")

    def _section(self, name: str) -> dict[str, dict[str, Any]]:
        """Return a section of the template.

        Raises:
            ReleaseError: it is not a template.
        """
        found = _json(self.template)
        section = found.get(name, {}) if isinstance(found, dict) else None
        if not isinstance(section, dict) or not all(
            isinstance(one, dict) for one in section.values()
        ):
            message = f"{self.template} is not a CloudFormation template: {name} is not a table of objects"
            raise ReleaseError(message)
        return section

    def check(self) -> None:
        """Compare every file with its checksum.

        Raises:
            ReleaseError: a file is missing, unreadable, or changed.
        """
        for line in _read(self.folder / DIGESTS).decode("utf-8", "replace").splitlines():
            digest, _, name = line.partition("  ")
            path = self.folder / name
            if hashlib.sha256(_read(path)).hexdigest() != digest:
                message = f"{path} does not match its checksum in {DIGESTS}"
                raise ReleaseError(message)


def read_release(folder: Path) -> Release:
    """Return the release in *folder*; only `Release.check` looks for the files it lists.

    Raises:
        ReleaseError: it is not a release, or is from another version of Tintype.
    """
    try:
        facts = _json(folder / MANIFEST)
    except ReleaseError as error:
        message = f"{folder} is not a release folder: {error}"
        raise ReleaseError(message) from error
    try:
        return Release(folder, msgspec.convert(facts, ReleaseManifest))
    except msgspec.ValidationError as error:
        message = f"{folder / MANIFEST} is from another version of Tintype: {error}"
        raise ReleaseError(message) from error


def _json(path: Path) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(_read(path).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        message = f"{path} is not valid JSON: {error}"
        raise ReleaseError(message) from error


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
    """Return the template parameter's name for a setting of `tintype.toml`.

    >>> parameter_name("process_memory_mib"), parameter_name("domain.name"), parameter_name("access.mode")
    ('ProcessMemoryMib', 'DomainName', 'AccessMode')
    """
    table, _, name = setting.rpartition(".")
    if known := TABLES.get(table, {}).get(name):
        return known
    return "".join(word.capitalize() for word in name.split("_"))
