"""The output of `--json`: one document, with camelCase names as in the HTTP and GraphQL APIs."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from importlib.metadata import version
from pathlib import PurePath
from typing import TypeAlias

import typer

from tintype.cli.files.batch import FileOutcome
from tintype.cli.output.console import ReportedError

Document: TypeAlias = "dict[str, Document] | list[Document] | str | float | bool | None"


def render_document(
    outcomes: Sequence[FileOutcome],
    *,
    output: PurePath,
    passed_over: int,
    interrupted: bool,
    seconds: float,
) -> dict[str, Document]:
    """Return what `tintype render --json` prints."""
    renditions = [rendition for outcome in outcomes for rendition in outcome.renditions]
    rendered = [outcome for outcome in outcomes if not outcome.failure]
    return {
        "output": plain(output),
        "originals": plain(outcomes),
        "passedOver": passed_over,
        "interrupted": interrupted,
        "totals": {
            "originals": len(outcomes),
            "failed": len(outcomes) - len(rendered),
            "renditions": len(renditions),
            "originalBytes": sum(outcome.bytes for outcome in rendered),
            "renditionBytes": sum(rendition.bytes for rendition in renditions),
            "seconds": round(seconds, 3),
        },
    }


def inspect_document(outcomes: Sequence[FileOutcome]) -> dict[str, Document]:
    """Return what `tintype inspect --json` prints."""
    kept = ("file", "bytes", "description", "failure")
    documents = (_camel_fields(outcome, kept) for outcome in outcomes)
    return {"originals": list(documents)}


def errors_document(errors: Mapping[str, ReportedError]) -> Document:
    """Return the errors of some images, by ID."""
    return [
        {"imageId": image_id, "code": error.code, "message": str(error)}
        for image_id, error in errors.items()
    ]


def print_document(document: Mapping[str, Document]) -> None:
    """Print a document with our version: ASCII, so that terminals and file names cannot break it."""
    typer.echo(json.dumps({"tintype": version("tintype"), **document}, indent=2))


def plain(value: object) -> Document:
    """Return any of our values as JSON: dataclasses as objects, paths as text.

    >>> plain((PurePath("a"), 1.23456))
    ['a', 1.235]
    """
    if is_dataclass(value):
        return _camel_fields(value, [field.name for field in fields(value)])
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, PurePath):
        return os.fsencode(value).decode("utf-8", "replace")
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, float):
        return round(value, 3)
    if value is None or isinstance(value, str | int):
        return value
    message = f"{type(value).__name__} has no form in JSON"
    raise TypeError(message)


def _camel_fields(value: object, names: Sequence[str]) -> Document:
    return {camel(name): plain(getattr(value, name)) for name in names}


def camel(name: str) -> str:
    """Return a Python name in camelCase.

    >>> camel("dominant_colour")
    'dominantColour'
    """
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
