"""What the pages say to type is typed, and what they show is tried.

A page's commands are run in one shell, in a folder that has of a checkout what its reader has, against a
local cloud. A command that would cost something, or never end, is checked as far as that goes: `CHECKED`
says how. One that is neither run nor checked is an error.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import boto3
import botocore.session
import graphql
import httpx
import pytest
import typer
import typer.main
from botocore import xform_name
from botocore.config import Config
from typer.core import TyperGroup

from tests.cloud.running import RunningCloud
from tests.docs.markdown import PAGES, ROOT, Block, blocks
from tests.pictures import picture
from tintype.cli.main import app
from tintype.config import load

ADDRESS, GATEWAY = "http://localhost:8080", "http://127.0.0.1:4566"
TUTORIAL = "tutorial.md"  # tests/web/test_tutorial.py follows it, with a browser
SHELL = {"bucket=", "cat", "cp", "curl", "key=", "size=", "url=", "version="}  # what is run besides
LANGUAGES = {
    "console",
    "graphql",
    "hcl",
    "html",
    "js",
    "json",  # the key's policy: tests/infra/test_company.py holds it against the template
    "python",
    "sh",
    "text",
    "toml",
    "typescript",
    "",
}
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
TRIED_SECONDS = 120
LONGEST_SHOWN = 3000  # characters of what went wrong
PROBLEM = "urn:tintype:problem"


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


def checks_npx(command: Command) -> None:
    """It is CDK's own command line, of the version that the template is made with, and an operation of it."""
    assert command.words[1:] == ["aws-cdk@2", "deploy", "-c", "tintype:public=true"]
    assert (ROOT / "cdk.json").is_file()  # tests/infra/test_plain.py runs what it names


CHECKED: Mapping[str, Callable[[Command], None]] = {
    "cd": checks_folder,
    "./deploy.sh": checks_script,
    "aws": checks_aws,
    "git": checks_git,
    "make": checks_make,
    "npx": checks_npx,
    "pip": checks_pip,
    "python": checks_python,
    "python3": checks_venv,
    "terraform": checks_terraform,
    "tintype": checks_tintype,
}


@pytest.mark.parametrize("command", [one for one in COMMANDS if not is_run(one)], ids=str)
def test_a_command_that_is_not_run_is_one_that_would_work(command: Command) -> None:
    assert command.program in CHECKED, f"nothing tries {command.text}"
    CHECKED[command.program](command)


@pytest.mark.parametrize("command", RUN_BY)
def test_a_command_that_is_run_elsewhere_is_run_there(command: str) -> None:
    program, *subcommand = command.split()
    source = (ROOT / RUN_BY[command]).read_text("utf-8")

    assert f'"{subcommand[0]}"' in source if subcommand else program.removeprefix("./") in source


@pytest.mark.parametrize(
    "text",
    [
        "make nothing",
        ".venv/bin/pip install tintype",
        ".venv/bin/pip install 'tintype[cli]'",
        "python3 -m venv elsewhere",
        "tintype deploy --no-such-option",
        "terraform fly",
        "./deploy.sh --fly",
    ],
)
def test_a_planted_command_that_would_not_work_is_found(text: str) -> None:
    command = Command(COMMANDS[0].block, text)
    with pytest.raises((AssertionError, typer._click.exceptions.UsageError, SystemExit)):  # noqa: SLF001
        CHECKED[command.program](command)


def run_pages() -> list[Path]:
    return sorted({one.block.page for one in COMMANDS if is_run(one)})


@pytest.fixture
def folder(tmp_path: Path, cloud: RunningCloud) -> Path:
    """Return a folder like a checkout: its commands, its local cloud, and photographs."""
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    (tmp_path / ".tintype").symlink_to(cloud.state)
    shutil.copyfile(ROOT / "tintype.toml", tmp_path / "tintype.toml")
    for place in (tmp_path, tmp_path / "Pictures", tmp_path / "photos"):
        place.mkdir(exist_ok=True)
        (place / "beach.jpg").write_bytes(picture(640, 480))
    return tmp_path


@pytest.fixture(scope="session")
def image(cloud: RunningCloud) -> str:
    """Return the id of an image that is there, for commands that name one."""
    with httpx.Client() as client:
        answer = client.post(
            f"{cloud.outputs['ApiUrl']}/images",
            params={"filename": "lake.jpg"},
            headers={"content-type": "image/jpeg"},
            content=picture(320, 200),
        )
    return str(answer.json()["imageId"])


@pytest.fixture(scope="session")
def photographs(cloud: RunningCloud) -> None:
    """Have a bucket that is there already, with photographs in it."""
    s3 = boto3.client(
        "s3",
        endpoint_url=cloud.endpoint,
        region_name=cloud.outputs["Region"],
        aws_access_key_id=cloud.access_key,
        aws_secret_access_key=cloud.secret_key,
        config=Config(s3={"addressing_style": "path"}),
    )
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="2026/beach.jpg", Body=picture(640, 480))
    s3.close()


@pytest.mark.usefixtures("photographs")
@pytest.mark.parametrize("page", run_pages(), ids=lambda page: page.name)
def test_a_page_s_commands_work(page: Path, folder: Path, cloud: RunningCloud, image: str) -> None:
    script = ["set -euo pipefail"]
    for command in COMMANDS:
        if command.block.page == page and is_run(command):
            script += [f"echo '# {command.block}'", here(command.text, cloud, image)]
    environment = {
        "AWS_ACCESS_KEY_ID": cloud.access_key,
        "AWS_SECRET_ACCESS_KEY": cloud.secret_key,
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "AWS_REGION": cloud.outputs["Region"],
        "AWS_DEFAULT_REGION": cloud.outputs["Region"],
        "HOME": str(folder),
        "PATH": f"{folder}/.venv/bin:/usr/local/bin:/usr/bin:/bin:{_place_of_aws()}",
    }
    done = subprocess.run(  # noqa: S603 - what the page says to type
        ["bash", "-c", "\n".join(script)],  # noqa: S607
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=TRIED_SECONDS,
    )

    said = f"{done.stdout}\n{done.stderr}"[-LONGEST_SHOWN:]
    assert done.returncode == 0, said
    assert PROBLEM not in done.stdout, said  # an error that curl does not call one


def here(text: str, cloud: RunningCloud, image: str) -> str:
    """Return a command with this machine's addresses in the place of the page's, and an id for an id."""
    text = text.replace(ADDRESS, cloud.outputs["CdnUrl"]).replace(GATEWAY, cloud.endpoint)
    text = text.replace("eu-central-1", cloud.outputs["Region"])
    if text.startswith("tintype backfill"):
        text = f"{text} {YES}"
    if " doctor " in text:  # of the stack alone it would learn AWS's addresses
        text = re.sub(r"--stack tintype --region \S+", "--stack local", text)
    return text.replace("IMAGE_ID", image).replace("python3", sys.executable)


def _place_of_aws() -> str:
    found = shutil.which("aws")
    return str(Path(found).resolve().parent) if found else ""


def all_blocks(*languages: str) -> list[Block]:
    return [one for page in PAGES for one in blocks(page, *languages)]


@pytest.mark.parametrize("block", all_blocks(), ids=str)
def test_every_block_is_of_a_kind_that_something_tries(block: Block) -> None:
    assert block.language in LANGUAGES
    if block.language in {"html", "js"}:
        assert block.page.name == TUTORIAL


@pytest.mark.parametrize("block", all_blocks("toml"), ids=str)
def test_settings_are_valid(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "tintype.toml"
    path.write_text(block.text, encoding="utf-8")

    assert load(path).presets


@pytest.mark.parametrize("block", all_blocks("python"), ids=str)
def test_python_runs(block: Block, tmp_path: Path) -> None:
    (tmp_path / "beach.jpg").write_bytes(picture(640, 480))
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", block.text],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", all_blocks("graphql"), ids=str)
def test_graphql_fits_the_schema(block: Block) -> None:
    schema = (ROOT / "src" / "tintype_infra" / "schema.graphql").read_text("utf-8")
    scalars = (
        "scalar AWSDateTime\ndirective @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION\n"
    )
    directives = "directive @aws_iam on OBJECT | FIELD_DEFINITION\ndirective @aws_api_key on OBJECT | FIELD_DEFINITION\n"
    known = graphql.build_schema(scalars + directives + schema)

    assert graphql.validate(known, graphql.parse(block.text)) == []


@pytest.mark.parametrize("block", all_blocks("hcl"), ids=str)
def test_terraform_is_well_formed(block: Block) -> None:
    if not shutil.which("terraform"):
        pytest.skip("terraform is not installed")
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-"],  # noqa: S607
        input=block.text,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
