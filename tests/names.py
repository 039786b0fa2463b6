"""Names that there are: words of the code, files, modules, commands, options.

Start with `lost`: it looks a text in backticks up by what it looks like.

- `render.py`, `doctor/findings.py`: a file of the project that ends like that;
- `tests/cloud`: a folder or file, if the first part is a folder of the project;
- `tintype.imaging.errors`: the module; what follows a module stands in it as a word;
- `tintype deploy --plan`, `make tables`: the command has the option, the Makefile the target;
- `--dry-run`: an option of any command or script of the project;
- `render_all`, `image_id`, `Preset()`: each word stands in the code, as a name or in a text, or in
  what pages have from the code;
- `canary.STEPS`: what one module defines, if any does, is in the module that is named.

Anything else is a value, a pattern or a command of another program, and is not looked up.
"""

from __future__ import annotations

import ast
import builtins
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator
from functools import cache
from mimetypes import guess_type as guess_file_type
from pathlib import Path

import typer.main
from typer.core import TyperCommand, TyperGroup, TyperOption

from tests.docs.markdown import MADE
from tintype.cli.main import app

ROOT = Path(__file__).parents[1]
WRITTEN_IN = {".py", ".ts", ".html", ".scss", ".graphql", ".js", ".sh", ".tf", ".toml", ".yml", ""}
SPOKEN = {tokenize.NAME, tokenize.STRING} | {
    kind for name, kind in vars(tokenize).items() if name.startswith("FSTRING")
}
_WORD = re.compile(r"[A-Za-z_]\w*")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def lost(text: str) -> bool:
    """Return whether *text* is a name of ours, by its looks, and there is no such thing."""
    for looks, is_there in _LOOKS:
        if looks.fullmatch(text):
            return not is_there(text)
    return False


def docstrings(source: str) -> Iterator[str]:
    """Yield the docstrings of a module, and its comments."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, _DOCUMENTED) and (text := ast.get_docstring(node)):
            yield text
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


@cache
def files() -> tuple[Path, ...]:
    """Return the files of the project, from its root."""
    listed = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT)  # noqa: S607
    return tuple(path for name in listed.decode().splitlines() if (path := ROOT / name).is_file())


@cache
def _folders() -> set[str]:
    return {path.relative_to(ROOT).parts[0] for path in files()}


@cache
def _paths() -> str:
    return "\n".join(f"/{path.relative_to(ROOT).as_posix()}" for path in files()) + "\n"


def _is_file(name: str) -> bool:
    return f"/{name.removeprefix('./')}\n" in _paths() or name in _code()


def _is_path(path: str) -> bool:
    return path.partition("/")[0] not in _folders() or (ROOT / path).exists()


def _is_in_a_module(name: str) -> bool:
    name = name.partition("(")[0]
    module = ROOT / "src"
    first, *rest = name.split(".")
    module /= first
    while rest and not module.is_file():
        module = next(
            (each for each in (module / rest[0], module / f"{rest[0]}.py") if each.exists()),
            module / "__init__.py",
        )
        rest = rest if module.name == "__init__.py" else rest[1:]
    return set(rest) <= _spoken_in(module) or name in _code()


def _is_a_command(text: str) -> bool:
    first, *others = text.partition("tintype ")[2].split()
    name = f"{first} {others[0]}" if others and f"{first} {others[0]}" in _commands() else first
    return name in _commands() and set(_OPTION.findall(text)) <= _commands()[name]


def _is_a_target(text: str) -> bool:
    return f"\n{text.removeprefix('make ')}:" in (ROOT / "Makefile").read_text("utf-8")


def _are_options(text: str) -> bool:
    return set(_OPTION.findall(text)) <= _options()


def _are_words(text: str) -> bool:
    words = _WORD.findall(text.partition("(")[0])
    return set(words) <= _words() and not (len(words) == 2 and _is_elsewhere(*words))


def _is_elsewhere(module: str, name: str) -> bool:
    """Return whether *name* is one of a module's own, and no file called *module* has it, nor one in it."""
    if guess_file_type(f"{module}.{name}")[0]:
        return False  # a file of such a name
    return (
        module.islower()
        and name in _top_level()
        and not any(
            name in _spoken_in(path)
            for path in files()
            if path.suffix == ".py" and module in {path.stem, path.parent.name}
        )
    )


@cache
def _top_level() -> set[str]:
    """Return the functions, classes and constants of the modules of src."""
    return {
        name
        for path in files()
        if path.suffix == ".py" and ROOT / "src" in path.parents
        for node in ast.parse(path.read_text("utf-8")).body
        for name in _defined(node)
    }


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name
    targets = node.targets if isinstance(node, ast.Assign) else []
    targets += [node.target] if isinstance(node, ast.AnnAssign) else []
    yield from (one.id for one in targets if isinstance(one, ast.Name))


# What a text looks like, and whether it is there; the first that fits decides.
_LOOKS: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (re.compile(r"[\w./-]+\.(?:py|md|sh|ts|scss|graphql|tf)"), _is_file),
    (re.compile(r"[\w.-]+/[\w./-]*"), _is_path),
    (re.compile(r"tintype(?:_infra)?(?:\.[A-Za-z_]\w*)+(?:\(.*\))?"), _is_in_a_module),
    (re.compile(r"(?:\.venv/bin/)?tintype [a-z]+(?: .*)?"), _is_a_command),
    (re.compile(r"make [a-z-]+"), _is_a_target),
    (re.compile(r"--[a-z].*"), _are_options),
    (re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?:\(.*\))?"), _are_words),
)


@cache
def _commands() -> dict[str, set[str]]:
    """Return the options of each command, also of those below a group, and of the groups."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    groups = {name: one for name, one in group.commands.items() if isinstance(one, TyperGroup)}
    found = {name: one for name, one in group.commands.items() if isinstance(one, TyperCommand)}
    for name, below in groups.items():
        for each, one in below.commands.items():
            assert isinstance(one, TyperCommand)
            found[f"{name} {each}"] = one
    options = {name: {"--help", *_options_of(command)} for name, command in found.items()}
    return options | {name: {"--help"} for name in groups}


def _options_of(command: TyperCommand) -> Iterator[str]:
    for one in command.params:
        if isinstance(one, TyperOption):
            yield from (*one.opts, *one.secondary_opts)


@cache
def _options() -> set[str]:
    return set().union(*_commands().values()) | set(_OPTION.findall(_code()))


@cache
def _words() -> set[str]:
    pages = [path.read_text("utf-8") for path in files() if path.suffix == ".md"]
    made = "".join(part for page in pages for part in MADE.findall(page))
    return set(_WORD.findall(_code() + made)) | set(dir(builtins)) | sys.stdlib_module_names


@cache
def _code() -> str:
    """Return all that the project's files say, but for the comments and docstrings of Python."""
    texts = []
    for path in files():
        if path.suffix in WRITTEN_IN:
            text = path.read_text("utf-8")
            texts.append(_spoken(text) if path.suffix == ".py" else text)
    return "\n".join(texts)


def _spoken_in(module: Path) -> set[str]:
    return set(_WORD.findall(_spoken(module.read_text("utf-8")))) if module.is_file() else set()


def _spoken(source: str) -> str:
    """Return the names and texts of a module, without its docstrings and comments."""
    silent = {
        (node.body[0].lineno, node.body[0].col_offset)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node) is not None
    }
    return " ".join(
        token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type in SPOKEN and token.start not in silent
    )
