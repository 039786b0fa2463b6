"""The words that were replaced by the field's are in no public name, and in no text that users read.

`REPLACED` and `WHOLE` have them, with the usual word (decisions 22 and 24). Looked through are names
of the code, of the tests' helpers and of the page, and the texts of commands, settings, routes,
findings and the page.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import typer.main
from typer.core import TyperGroup

from tests.names import ROOT
from tintype.cli.main import app
from tintype.doctor.findings import FINDING_TYPES
from tintype.functions.openapi import openapi

# Words of which no public name is made, by themselves or beside others.
REPLACED = {
    "adopting": "backfill", "anew": "again", "answer": "response", "answered": "response",
    "answers": "responses", "asked": "options, requested", "asking": "interactive",
    "asks": "reads", "broke": "failed, disconnected", "buried": "deleted", "bury": "mark deleted",
    "culprit": "root cause", "darkroom": "context", "develop": "process", "developed": "processed",
    "developing": "processing", "doubt": "reconcile", "doubts": "unconfirmed", "ear": "listener",
    "ending": "outcome", "endings": "outcomes", "entered": "result",
    "hear": "receive", "heard": "received", "hears": "receives", "intent": "request",
    "journal": "cache", "journey": "canary", "leg": "step result", "legs": "step results",
    "letter": "message", "letters": "messages", "look": "check", "looked": "checked",
    "looks": "checks", "manner": "flags", "mend": "fix", "mended": "fixed", "mends": "fixes",
    "nobody": "none", "nudge": "poll soon", "nudged": "poll soon", "patience": "retries, timeout",
    "refusal": "error", "refusals": "errors", "said": "observed, message", "say": "print",
    "says": "prints", "sending": "request", "somebody": "caller", "spoiled": "failed",
    "station": "step", "stations": "steps", "tell": "report", "telling": "reporting",
    "tells": "reports", "told": "event, reported", "trip": "state", "verdict": "diagnosis",
    "wanted": "parameters", "weight": "severity", "whoever": "caller",
}  # fmt: skip
# Names that were replaced as a whole; as parts of others they are words like any.
WHOLE = {
    "Around", "Case", "Chain", "Choice", "Counter", "Order", "Place", "PlainTicket",
    "allow", "around", "case", "enter", "exchange", "feeds", "find_place", "inside", "is_given",
    "order", "orders", "place", "understand", "waits",
}  # fmt: skip
# Where a name has such a word for another reason.
ALLOWED = {
    "Journal": "src/tintype/local/ministack/",  # as a file system has one
    "journal": "src/tintype/local/ministack/",
    "place": "src/tintype/imaging/geometry.py",  # places one rectangle in another
}
TERMS = re.compile(r"dead_letters?|looked_up|deadletters?")  # SQS's, and "to look up"
# Words that no text for users has.
UNSPOKEN = re.compile(
    r"\b(?:anew|beforehand|culprits?|darkroom|develop\w*|mend(?:s|ed|ing)?|nobody|nudge\w*|patience"
    r"|put aside|somebody|spoiled|verdict|whoever)\b",
    re.IGNORECASE,
)
WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
COMMENT = re.compile(r"(?<![:'\"`])//[^\n]*|/\*.*?\*/|<!--.*?-->", re.DOTALL)
# What TypeScript exports, and the members of classes and interfaces that are not private.
EXPORTED = re.compile(
    r"^export (?:abstract )?(?:class|interface|type|const|function|enum) (\w+)", re.MULTILINE
)
MEMBER = re.compile(
    r"^  (?:(?:protected|readonly|static|async|get|set|override) )*(\w+)\??(?:[(:;<]| = )",
    re.MULTILINE,
)
TEMPLATE = re.compile(r"\btemplate: `([^`]*)`")


def replaced(name: str) -> bool:
    """Return whether a name is, or has in it, a word that was replaced."""
    words = WORD.findall(name)
    rest = TERMS.sub("", "_".join(words).lower())
    return name in WHOLE or not REPLACED.keys().isdisjoint(rest.split("_"))


def python_names(source: str) -> Iterator[str]:
    """Yield the public names of a module: classes, functions, parameters, fields, constants."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ClassDef(name=name):
                yield name
                yield from _assigned(node.body)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
                if not name.startswith("_") or name == "__init__":
                    taken = node.args
                    yield from (
                        one.arg for one in [*taken.posonlyargs, *taken.args, *taken.kwonlyargs]
                    )
            case ast.Module(body=body):
                yield from _assigned(body)
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def _assigned(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets += [node.target] if isinstance(node, ast.AnnAssign) else []
        for target in targets:
            yield from (one.id for one in ast.walk(target) if isinstance(one, ast.Name))


def typescript_names(source: str) -> Iterator[str]:
    """Yield what a module of the page exports, and the members that others may use."""
    code = COMMENT.sub("", source)
    yield from EXPORTED.findall(code)
    yield from MEMBER.findall(code)


def modules() -> Iterator[tuple[Path, str]]:
    """Yield the modules that others import, each with its text."""
    for folder in ("src", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not path.name.startswith("test_") and "node_modules" not in path.parts:
                yield path, path.read_text("utf-8")


def page() -> Iterator[tuple[Path, str]]:
    """Yield the files of the page but for its tests, each with its text."""
    for path in sorted((ROOT / "web/src/app").rglob("*")):
        if path.suffix in {".ts", ".html"} and not path.name.endswith(".spec.ts"):
            yield path, path.read_text("utf-8")


def texts() -> Iterator[tuple[str, str]]:
    """Yield what users read, each with where it stands."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    for name, command in group.commands.items():
        yield f"tintype {name}", command.help or ""
        for option in command.params:
            yield f"tintype {name} {option.name}", getattr(option, "help", "") or ""
    yield "tintype.toml", (ROOT / "tintype.toml").read_text("utf-8")
    yield "schema.graphql", (ROOT / "src/tintype_infra/schema.graphql").read_text("utf-8")
    yield "openapi.json", json.dumps(openapi(server="", presets_revision="", max_bytes=1))
    for one in FINDING_TYPES:
        yield one.code, f"{one.code.replace('_', ' ')} {one.meaning}"
    for path, text in page():
        shown = [text] if path.suffix == ".html" else TEMPLATE.findall(text)
        yield from ((path.name, COMMENT.sub("", part)) for part in shown)


def test_no_public_name_has_a_word_that_was_replaced() -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for path, source in modules()
        for name in [path.stem, *python_names(source)]
        if not name.startswith("_") and replaced(name)
    }

    assert {
        (path, name) for path, name in found if not path.startswith(ALLOWED.get(name, "nowhere"))
    } == set()


def test_no_name_of_the_page_has_a_word_that_was_replaced() -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for path, source in page()
        for name in [path.stem, *(typescript_names(source) if path.suffix == ".ts" else ())]
        if replaced(name)
    }

    assert found == set()


def test_no_text_has_a_word_that_was_replaced() -> None:
    found = {(where, word) for where, text in texts() for word in UNSPOKEN.findall(text)}

    assert found == set()


def test_a_planted_name_is_found() -> None:
    planted = [
        *python_names("class Answer:\n    told: str = ''\n"),
        *python_names("def look_around(wanted: int) -> None: ...\nPATIENCE_SECONDS = 1\n"),
        *python_names("def say_error(): self.verdict, inside = 1, 2\n"),
        *typescript_names("export interface Told {\n  heard(text: string): void;\n}\n"),
        *typescript_names("export class A {\n  protected readonly asked = signal('');\n}\n"),
    ]

    assert {name for name in planted if replaced(name)} == {
        "Answer", "told", "look_around", "wanted", "PATIENCE_SECONDS", "say_error", "verdict", "Told",
        "heard", "asked",
    }  # fmt: skip


def test_usual_names_are_not_reported() -> None:
    usual = [
        "dead_letters",
        "DeadLetter",
        "PROCESS_DEAD_LETTER_QUEUE_URL",
        "looked_up",
        "clear",
        "years",
    ]

    assert not [name for name in usual if replaced(name)]


def test_a_planted_text_is_found() -> None:
    assert UNSPOKEN.findall("Whoever developed it: tintype up makes it anew.") == [
        "Whoever", "developed", "anew",
    ]  # fmt: skip
