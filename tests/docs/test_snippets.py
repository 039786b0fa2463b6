"""What the pages say to type is typed, and what they show is tried.

A page's commands are run in one shell, in a folder that has of a checkout what its reader has, against a
local cloud. A command that would cost something, or never end, is checked as far as that goes: `CHECKED`
says how. One that is neither run nor checked is an error.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import boto3
import graphql
import httpx
import pytest
import typer
import typer.main
from botocore.config import Config

from tests.cloud.running import RunningCloud
from tests.docs.commands import (
    BUCKET,
    CHECKED,
    COMMANDS,
    LONGEST_SHOWN,
    RUN_BY,
    TUTORIAL,
    YES,
    Command,
    is_run,
)
from tests.docs.markdown import PAGES, ROOT, Block, blocks
from tests.pictures import picture
from tintype.config import load
from tintype_infra.graphql import schema as deployed

ADDRESS, GATEWAY = "http://localhost:8080", "http://127.0.0.1:4566"
LANGUAGES = {
    "console",
    "{eval-rst}",  # what Sphinx has from docstrings, whose examples are tested where they are
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
FRAMEWORKS = "frameworks.md"  # tests/web/test_frameworks.py builds what it says
TEMPLATES = "templates.md"  # tests/docs/test_django.py renders what it says
TRIED_SECONDS = 120
PROBLEM = "urn:tintype:problem"


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


def python_blocks(*, client: bool) -> list[Block]:
    """Return the programs that talk to a stack, or the others."""
    return [one for one in all_blocks("python") if ("tintype.client" in one.text) == client]


@pytest.mark.parametrize("block", all_blocks(), ids=str)
def test_every_block_is_of_a_kind_that_something_tries(block: Block) -> None:
    assert block.language in LANGUAGES
    if block.language in {"html", "js"}:
        assert block.page.name in {TUTORIAL, FRAMEWORKS, TEMPLATES}


@pytest.mark.parametrize("block", all_blocks("toml"), ids=str)
def test_settings_are_valid(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "tintype.toml"
    path.write_text(block.text, encoding="utf-8")

    assert load(path).presets


@pytest.mark.parametrize("block", python_blocks(client=False), ids=str)
def test_python_runs(block: Block, tmp_path: Path) -> None:
    run_python(block.text, tmp_path)


@pytest.mark.parametrize("block", python_blocks(client=True), ids=str)
def test_python_runs_with_a_stack(block: Block, tmp_path: Path, cloud: RunningCloud) -> None:
    assert ADDRESS in block.text

    text = block.text.replace(ADDRESS, cloud.outputs["CdnUrl"])

    assert run_python(text, tmp_path, TRIED_SECONDS).strip()


def run_python(text: str, folder: Path, seconds: float | None = None) -> str:
    """Run a program beside a photograph, and return what it prints."""
    (folder / "beach.jpg").write_bytes(picture(640, 480))
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", text],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )

    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("block", all_blocks("graphql"), ids=str)
def test_graphql_fits_the_schema(block: Block) -> None:
    schema = deployed()
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
