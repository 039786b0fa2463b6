"""The template that is deployed, as the parts see it: made once for each state of its sources."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tintype.config import load, shipped

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".tools" / "docs"
SOURCES = ("tintype_infra", "tintype/config", "tintype/functions")  # what makes the template
Json = Mapping[str, Any]  # a part of a template: values of any type


@cache
def template() -> Json:
    """Return the template of the service, with the shipped settings as its parameters' defaults."""
    return _kept("service")


@cache
def certificate() -> Json:
    """Return the template of the certificate, which a domain of one's own needs."""
    return _kept("certificate")


def resources(kind: str) -> Iterator[tuple[str, Json]]:
    """Yield the resources of a type: what we call each, and its properties."""
    for name, resource in template()["Resources"].items():
        if resource["Type"] == kind:
            yield without_number(name), resource.get("Properties", {})


def without_number(name: str) -> str:
    """Return a logical identifier without the hash that CDK adds.

    >>> without_number("Originals63BA965B")
    'Originals'
    """
    return re.sub(r"[0-9A-F]{8}$", "", name)


def referred(value: object) -> set[str]:
    """Return the resources that a value of a template refers to, however deep.

    >>> sorted(referred({"Fn::Join": ["", [{"Ref": "Originals63BA965B"}, {"Ref": "AWS::Region"}]]}))
    ['Originals']
    """
    match value:
        case {"Ref": str(name)}:
            return set() if name.startswith("AWS::") else {without_number(name)}
        case {"Fn::GetAtt": [str(name), _]}:
            return {without_number(name)}
        case dict():
            return {name for part in value.values() for name in referred(part)}
        case list():
            return {name for part in value for name in referred(part)}
    return set()


def _kept(name: str) -> Json:
    kept = KEPT / _digest() / f"{name}.json"
    if not kept.exists():
        shutil.rmtree(KEPT, ignore_errors=True)
        kept.parent.mkdir(parents=True)
        _write(kept.parent)
    found: Json = json.loads(kept.read_text("utf-8"))
    return found


def _write(to: Path) -> None:
    # CDK takes seconds to load, and a template that is kept needs none of it.
    from tintype_infra.app import readable  # noqa: PLC0415

    for name, made in zip(("service", "certificate"), readable(load(shipped())), strict=True):
        (to / f"{name}.json").write_text(json.dumps(made), encoding="utf-8")


def _digest() -> str:
    digest = hashlib.sha256()
    found = [path for folder in SOURCES for path in (ROOT / "src" / folder).rglob("*.*")]
    sources = [ROOT / "tintype.toml", *(path for path in found if path.suffix != ".pyc")]
    for path in sorted(sources):
        digest.update(f"{path.relative_to(ROOT).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
