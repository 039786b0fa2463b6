"""What the pages say to type, and how far each command that is not run can be checked."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import botocore.session
import typer
import typer.main
from botocore import xform_name
from typer.core import TyperGroup

from tests.docs.markdown import PAGES, ROOT, Block, blocks
from tintype.cli.main import app

TUTORIAL = "tutorial.md"  # tests/web/test_tutorial.py follows it, with a browser
SHELL = {
    "bucket=",
    "cat",
    "cp",
    "curl",
    "key=",
    "size=",
    "trace=",
    "url=",
    "version=",
}  # run besides
# Commands that would change an account, or run until somebody stops them: where they are run for real.
RUN_BY = {
    "tintype deploy": "tests/deploy/test_tintype_deploy.py",
    "tintype destroy": "tests/deploy/test_tintype_deploy.py",
    "tintype up": "tests/cloud/running.py",
    "./deploy.sh": "tests/deploy/test_deploy_sh.py",
    "terraform": "tests/deploy/test_terraform.py",
}
BUCKET = "holiday-photos"  # which `backfill` is shown with
YES = "--yes"  # nobody can be asked here
SCRIPT = ROOT / "src" / "tintype_infra" / "deploy.sh"
# What the AWS CLI adds to all operations, and to one.
OF_EVERY_OPERATION = {"--output", "--paths", "--profile", "--query", "--region"}
READ = {"describe-stacks"}  # of `aws cloudformation`
# Of `aws cloudformation` as well, but made by the CLI itself of several operations.
MADE_BY_THE_CLI = {"deploy": {"--parameter-overrides", "--stack-name", "--template-file"}}
LONGEST_SHOWN = 3000  # characters of what went wrong


@dataclass(frozen=True)
class Command:
    """A command of a page."""

    block: Block
    text: str

    @property
    def words(self) -> list[str]:
        """Its words, as a shell takes them apart; redirections and comments are none."""
        return shlex.split(re.sub(r"\s+[|>].*$", "", self.text), comments=True)

    @property
    def program(self) -> str:
        """What it starts with: a program, or a variable that it sets."""
        first = self.text.split(maxsplit=1)[0]
        return f"{first.partition('=')[0]}=" if "=" in first else first.removeprefix(".venv/bin/")

    def __str__(self) -> str:
        return f"{self.block} {self.text[:60]}"


def commands() -> Iterator[Command]:
    for page in PAGES:
        if page.name != TUTORIAL:
            for block in blocks(page, "console", "sh"):
                for text in block.commands:
                    yield Command(block, text)


COMMANDS = list(commands())


def is_run(command: Command) -> bool:
    if command.program == "tintype":
        return f"tintype {command.words[1]}" not in RUN_BY
    if command.program == "aws":
        return command.words[2] in READ or command.words[1] == "s3api"
    return command.program in SHELL


def checks_make(command: Command) -> None:
    """The target is there, and make knows what it would do."""
    done = subprocess.run(  # noqa: S603
        [*command.words, "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def checks_tintype(command: Command) -> None:
    """The command has these options and takes these arguments."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    name, *arguments = command.words[1:]
    if name in {"--help", "--version"}:
        return
    chosen = group.commands[name]
    if isinstance(chosen, TyperGroup):
        below, *arguments = arguments
        chosen = chosen.commands[below]
    with chosen.make_context(f"tintype {name}", arguments):
        pass


def checks_python(command: Command) -> None:
    """The module is there and its parser takes the options."""
    from docs.making.commands import parsers  # noqa: PLC0415

    _, module_option, module, *arguments = command.words
    assert module_option == "-m"
    parser = parsers().get(f"python -m {module}")
    assert parser is not None, module
    parser.parse_args(arguments)


def checks_script(command: Command) -> None:
    """The script's own help knows every command and option that it is given."""
    done = subprocess.run(  # noqa: S603 - our own script
        ["bash", str(SCRIPT), "--help"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    )
    first, *others = [*command.words[1:], ""]
    commands_ = [first] if first and not first.startswith("-") else []
    for word in [*commands_, *(one for one in [first, *others] if one.startswith("--"))]:
        assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", done.stdout), word


def checks_terraform(command: Command) -> None:
    """Terraform has the subcommand."""
    assert command.words[1] in {"init", "plan", "apply", "destroy", "output"}


def checks_aws(command: Command) -> None:
    """The service has the operation, and the operation these parameters; what it would do is not tried."""
    service, operation, *arguments = command.words[1:]
    given = {one for one in arguments if one.startswith("--")}
    if service == "cloudformation" and operation in MADE_BY_THE_CLI:
        assert given <= MADE_BY_THE_CLI[operation] | OF_EVERY_OPERATION
        return
    model = botocore.session.get_session().get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    assert operation in names, operation
    members = model.operation_model(names[operation]).input_shape.members
    known = {f"--{xform_name(name, '-')}" for name in members} | OF_EVERY_OPERATION
    assert given <= known


def checks_folder(command: Command) -> None:
    """It is the one that `make template` writes, or that `git clone` made."""
    assert command.words[1:] in (["dist/release"], ["tintype"])


def checks_git(command: Command) -> None:
    """It makes the folder that the next command goes into, from an address that the reader fills in."""
    assert command.words == ["git", "clone", "ADDRESS", "tintype"]


def checks_pip(command: Command) -> None:
    """What is installed is uv, which PyPI has, and the wheel that `make dist` writes, with extras that it has."""
    said = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wheel = f"{said['name']}-{said['version']}-py3-none-any.whl"

    assert command.words[:2] == [".venv/bin/pip", "install"]
    for word in command.words[2:]:
        path, _, extra = word.rstrip("]").partition("[")
        assert word == "uv" or (Path(path).name == wheel and extra in said["optional-dependencies"])


def checks_venv(command: Command) -> None:
    """It makes the environment that the page's other commands are in."""
    assert command.words == ["python3", "-m", "venv", ".venv"]


def checks_npm(command: Command) -> None:
    """What is installed is the package that `make dist` writes."""
    package = ROOT / "web" / "packages" / "tintype-url" / "package.json"
    said = json.loads(package.read_text("utf-8"))

    assert command.words[1:] == ["install", f"dist/{said['name']}-{said['version']}.tgz"]


def checks_npx(command: Command) -> None:
    """It is CDK's own command line, of the version that the template is made with, and an operation of it."""
    assert command.words[1:] == ["aws-cdk@2", "deploy"]
    assert (ROOT / "cdk.json").is_file()  # tests/infra/test_plain.py runs what it names


CHECKED: Mapping[str, Callable[[Command], None]] = {
    "cd": checks_folder,
    "./deploy.sh": checks_script,
    "aws": checks_aws,
    "git": checks_git,
    "make": checks_make,
    "npm": checks_npm,
    "npx": checks_npx,
    "pip": checks_pip,
    "python": checks_python,
    "python3": checks_venv,
    "terraform": checks_terraform,
    "tintype": checks_tintype,
}
