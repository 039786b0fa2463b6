"""What `deploy.sh` says and does when things are not as they should be, with a small template."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.account import Account
from tests.deploy.listing import difference, listing
from tests.deploy.script import SCRIPT, Script, script_options, small_release
from tests.deploy.small import (
    LONG,
    STACK,
    TEMPLATE,
    WAITING,
    begin_waiting,
    bucket,
    changed,
    key_without,
    keys_of,
    physical_name,
    signal_waiting,
    waiting,
)
from tests.deploy.tools import ROOT, shellcheck

LINES = 221
PAGE = {"config.json", "index.html", "main-ABCDEFGH.js"}


@pytest.fixture
def script(tmp_path: Path, account: Account) -> Script:
    return Script(small_release(tmp_path / "release", TEMPLATE), account)


@pytest.fixture
def nothing_left(account: Account) -> Iterator[None]:
    before = listing(account)
    yield
    assert difference(before, listing(account)) == {}


def test_shellcheck_has_nothing_to_say() -> None:
    done = subprocess.run([shellcheck(), str(SCRIPT)], capture_output=True, text=True, check=False)  # noqa: S603

    assert done.returncode == 0, done.stdout


def test_the_help_has_every_command_and_option() -> None:
    done = subprocess.run([str(SCRIPT), "--help"], capture_output=True, text=True, check=True)  # noqa: S603

    options = script_options() - {"--help"}
    assert {"--stack", "--parameter", "--delete-images", "--yes"} <= options
    for option in options:
        assert re.search(rf"^  {option}\b", done.stdout, re.MULTILINE), option
    for command in ("deploy", "outputs", "empty", "destroy"):
        assert re.search(rf"^  {command} ", done.stdout, re.MULTILINE)


def test_the_script_is_short_enough_to_read() -> None:
    assert len(SCRIPT.read_text("utf-8").splitlines()) <= LINES


def test_every_code_is_explained() -> None:
    codes = set(re.findall(r"(?:fail |✗ )([a-z]+_[a-z_]+)", SCRIPT.read_text("utf-8")))
    assert len(codes) > 8

    pages = (ROOT / "docs" / "reference" / "errors").glob("*.md")
    explained = "".join(page.read_text("utf-8") for page in pages)
    assert [code for code in sorted(codes) if f"| `{code}` |" not in explained] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--stak", "x"),
        ("--stack",),
        ("--stack", "1st"),
        ("--parameter", "Topic"),
        ("--delete-images",),
    ],
    ids=" ".join,
)
def test_wrong_arguments_end_it_before_it_begins(
    script: Script, arguments: tuple[str, ...]
) -> None:
    assert "wrong_arguments" in script(*arguments, code=2)


def test_without_the_aws_cli_it_says_where_to_get_it(script: Script, tmp_path: Path) -> None:
    for name in ("bash", "date", "dirname", "mktemp", "rm"):
        found = Path("/bin") / name
        (tmp_path / name).symlink_to(found if found.exists() else Path("/usr/bin") / name)

    assert "no_aws_cli" in script(code=1, PATH=str(tmp_path))


def test_without_a_region_it_says_so(script: Script) -> None:
    none = {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}

    assert "no_region: no region" in script(code=1, **none)


def test_without_credentials_it_says_how_to_get_them(script: Script) -> None:
    none = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}

    assert "no_credentials" in script(code=1, **none)


@pytest.mark.usefixtures("nothing_left")
def test_a_damaged_release_is_not_deployed(script: Script) -> None:
    (script.release / "site" / "index.html").write_text("something else")

    assert "release_damaged: these files differ from the release: site/index.html" in script(
        "--yes", code=1
    )


def test_a_stack_that_is_something_else_is_left_alone(script: Script, account: Account) -> None:
    cloudformation = account.client("cloudformation")
    queue = '{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}'
    cloudformation.create_stack(StackName="other", TemplateBody=queue)
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="other", WaiterConfig={"Delay": 1}
    )

    for command in ("deploy", "destroy"):
        assert "not_a_tintype" in script(command, "--stack", "other", "--yes", code=1)
    cloudformation.delete_stack(StackName="other")


@pytest.mark.usefixtures("nothing_left")
def test_nothing_happens_until_somebody_says_yes(script: Script) -> None:
    assert "not_confirmed: nothing was changed" in script("--stack", STACK, code=1)

    terminal, theirs = pty.openpty()
    os.write(terminal, b"n\n")
    done = subprocess.run(  # noqa: S603 - our own script
        script.command("--stack", STACK),
        env=script.environment(),
        stdin=theirs,
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(terminal)
    os.close(theirs)
    assert "Do it? [y/N]" in done.stderr
    assert "not_confirmed: nothing was changed" in done.stderr
    script("destroy", "--stack", STACK, "--yes")  # the packages


@pytest.mark.usefixtures("nothing_left")
def test_a_no_leaves_alone_what_another_person_has_deployed_meanwhile(
    script: Script, account: Account
) -> None:
    terminal, theirs = pty.openpty()
    hesitating = subprocess.Popen(  # noqa: S603 - our own script
        script.command("--stack", STACK),
        env=script.environment(),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with hesitating:
        assert hesitating.stdout is not None
        while hesitating.stdout.read(1) not in {"?", ""}:  # the question
            pass
        script("--stack", STACK, "--yes")
        os.write(terminal, b"n\n")
        rest = hesitating.communicate()[0]
    os.close(terminal)
    os.close(theirs)

    assert "not_confirmed: nothing was changed" in rest
    (stack,) = account.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    script("destroy", "--stack", STACK, "--yes", "--delete-images")


@pytest.mark.usefixtures("nothing_left")
def test_losses_failures_and_a_release_without_keep_data(script: Script, account: Account) -> None:
    arguments = ("--stack", STACK, "--yes")
    people = {"Type": "AWS::Cognito::UserPool", "Properties": {}}
    admins = {
        "Type": "AWS::Cognito::UserPoolGroup",
        "Properties": {"UserPoolId": {"Ref": "People"}, "GroupName": {"Ref": "Topic"}},
    }
    small_release(script.release, changed(People=people, Admins=admins))
    script(*arguments)
    s3 = account.client("s3")

    # A queue and a group are replaced, a bucket removed.
    template = changed(People=people, Admins=admins)
    template["Resources"]["Originals"] = bucket("other", "Delete")
    small_release(script.release, template, version="2.0.0")
    topic = ("--parameter", "Topic=second")
    assert "loss_not_allowed" in script(*arguments, *topic, code=1)
    said = script(*arguments, *topic, "--allow-loss")
    lost = {row.split("|")[2].strip() for row in said.splitlines() if "LOST" in row}
    assert lost == {"Jobs", "Originals", "Admins"}

    # A failure is told with its reason, and the stack is as it was.
    worse = {**template, "Resources": {**template["Resources"], **waiting(seconds=1)}}
    small_release(script.release, worse, version="3.0.0")
    said = script(*arguments, *topic, code=1)
    assert "deployment_failed: the stack is UPDATE_ROLLBACK_COMPLETE" in said
    assert "Wait\tAWS::CloudFormation::WaitCondition\tWaitCondition timed out" in said

    # What would be deleted with the stack is emptied first, all versions of it.
    (name,) = (one["Name"] for one in s3.list_buckets()["Buckets"] if "-other-" in one["Name"])
    versioned = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioned)
    for body in (b"one", b"two"):
        s3.put_object(Bucket=name, Key="an 'odd' kéy & \"more\".jpg", Body=body)
    s3.delete_object(Bucket=name, Key="an 'odd' kéy & \"more\".jpg")
    refused = script("destroy", *arguments, code=1)
    assert "loss_not_allowed: the stack was deployed without keep_data" in refused
    destroy = ("destroy", "--stack", STACK, "--delete-images")
    assert f"AWS::S3::Bucket\t{name}\n" in script(*destroy, code=1)
    script(*destroy, "--yes")
    assert "has nothing to delete" in script(*destroy, "--yes")


@pytest.mark.usefixtures("nothing_left")
def test_a_release_of_another_name_and_without_the_page_is_deployed(
    script: Script, account: Account
) -> None:
    small_release(script.release, TEMPLATE, name="mine", page=False)
    assert "Page https://cdn" in script("--stack", STACK, "--yes")
    site = script.outputs(STACK)["SiteBucket"]
    assert keys_of(account, site) == set()

    small_release(script.release, TEMPLATE, name="mine")
    assert "No changes" in script("--stack", STACK, "--yes")
    assert keys_of(account, site) == PAGE
    script("destroy", "--stack", STACK, "--yes", "--delete-images")


@pytest.mark.usefixtures("nothing_left")
def test_what_a_former_stack_kept_is_named_before_it_is_deleted(
    script: Script, account: Account
) -> None:
    images = {**TEMPLATE["Resources"]["Images"], "DeletionPolicy": "Retain"}
    small_release(script.release, changed(Originals=bucket("originals", "Retain"), Images=images))
    before = listing(account)
    arguments = ("--stack", STACK, "--yes")
    script(*arguments)
    stays = script("destroy", *arguments).split("To be kept:")[1]
    left = difference(before, listing(account))
    names = [*left["buckets"], *left["tables"]]
    assert len(names) == 2
    assert all(name in stays for name in names)

    # What somebody may not look for is not said to be gone.
    destroy = ("destroy", "--delete-images")
    listing_denied = key_without(account, "cloudformation:ListStacks")
    for command in (("empty",), destroy):
        said = script(*command, *arguments, code=1, **listing_denied)
        assert "aws_refused" in said
        assert "ListStacks" in said
    table_denied = key_without(account, "dynamodb:DescribeTable")
    said = script("empty", *arguments, code=1, **table_denied)
    assert "aws_refused" in said
    assert "DescribeTable" in said

    for command in (("empty",), destroy):
        asked = script(*command, "--stack", STACK, code=1).split("✗ not_confirmed")[0]
        assert all(name in asked for name in names)
    assert difference(before, listing(account)) == left
    script("empty", *arguments)


def test_what_another_application_kept_under_the_same_name_is_left_alone(
    script: Script, account: Account
) -> None:
    cloudformation, s3 = account.client("cloudformation"), account.client("s3")
    kept = {
        "Type": "AWS::S3::Bucket",
        "DeletionPolicy": "Retain",
        "Properties": {"BucketName": "holiday-pictures"},
    }
    often = {"Delay": 1}
    cloudformation.create_stack(
        StackName="holiday", TemplateBody=json.dumps({"Resources": {"Kept": kept}})
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="holiday", WaiterConfig=often)
    s3.put_object(Bucket="holiday-pictures", Key="beach.jpg", Body=b"beach")
    cloudformation.delete_stack(StackName="holiday")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="holiday", WaiterConfig=often)

    said = script("empty", "--stack", "holiday", "--yes")
    assert "has nothing to delete" in said
    said = script("destroy", "--stack", "holiday", "--yes", "--delete-images")
    assert "has nothing to delete" in said

    assert keys_of(account, "holiday-pictures") == {"beach.jpg"}
    s3.delete_object(Bucket="holiday-pictures", Key="beach.jpg")
    s3.delete_bucket(Bucket="holiday-pictures")


@pytest.mark.usefixtures("nothing_left")
def test_ctrl_c_leaves_the_stack_to_itself_and_the_next_run_publishes_the_page(
    script: Script, account: Account
) -> None:
    small_release(script.release, changed(**waiting(seconds=LONG)))
    with script.running("--stack", WAITING, "--yes") as interrupted:
        interrupted.until("continues if you stop this")
        interrupted.press_ctrl_c()
        rest = interrupted.end(code=-signal.SIGINT)
    assert "✗" not in rest
    signal_waiting(account, "SUCCESS")
    account.client("cloudformation").get_waiter("stack_create_complete").wait(
        StackName=WAITING, WaiterConfig={"Delay": 1}
    )

    assert "No changes" in script("--stack", WAITING, "--yes")
    assert keys_of(account, script.outputs(WAITING)["SiteBucket"]) == PAGE
    script("destroy", "--stack", WAITING, "--yes", "--delete-images")


def test_an_aws_command_that_is_interrupted_ends_the_script_without_blaming_aws(
    tmp_path: Path,
) -> None:
    command = small_release(tmp_path / "release", TEMPLATE) / "deploy.sh"
    aws = tmp_path / "aws"
    aws.write_text('#!/bin/sh\n[ "$1" = sts ] && echo 123456789012 && exit\nexit 130\n')
    aws.chmod(0o755)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "AWS_REGION": "us-east-1"}

    arguments = ["/usr/bin/env", "--default-signal=INT", str(command), "--public", "--yes"]
    ended = subprocess.run(arguments, env=os.environ | path, capture_output=True, check=False)  # noqa: S603

    assert ended.returncode == -signal.SIGINT
    assert "✗" not in ended.stderr.decode()


@pytest.mark.usefixtures("nothing_left")
def test_what_somebody_is_creating_is_neither_changed_nor_emptied_nor_destroyed(
    script: Script, account: Account
) -> None:
    begin_waiting(account, changed(**waiting(seconds=LONG)))
    name = physical_name(account, "Originals")
    account.client("s3").put_object(Bucket=name, Key="picture.jpg", Body=b"picture")

    for command in (("deploy",), ("empty",), ("destroy",), ("destroy", "--delete-images")):
        said = script(*command, "--stack", WAITING, "--yes", code=1)
        assert f"stack_busy: the stack {WAITING} is CREATE_IN_PROGRESS" in said

    assert keys_of(account, name) == {"picture.jpg"}
    signal_waiting(account, "SUCCESS")
    account.client("cloudformation").get_waiter("stack_create_complete").wait(
        StackName=WAITING, WaiterConfig={"Delay": 1}
    )
    script("destroy", "--stack", WAITING, "--yes", "--delete-images")


def test_options_of_create_change_set_are_passed_on(script: Script, account: Account) -> None:
    tags = ("--tags", "Key=team,Value=web", 'Key=says,Value="a, b=c"')
    topic = ("--parameter", 'Topic=a,"b"\\c')
    small_release(script.release, changed(Jobs={"Type": "AWS::SQS::Queue"}))
    script("--stack", STACK, "--yes", *topic, "--", *tags)
    stack = account.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    script("destroy", "--stack", STACK, "--yes", "--delete-images")

    given = {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}
    assert given["Topic"] == 'a,"b"\\c'
    assert stack["Tags"] == [{"Key": "team", "Value": "web"}, {"Key": "says", "Value": "a, b=c"}]


def test_a_protected_stack_is_refused_before_anything_is_emptied(
    script: Script, account: Account
) -> None:
    cloudformation = account.client("cloudformation")
    script("--stack", "kept", "--yes")
    protect = cloudformation.update_termination_protection
    protect(StackName="kept", EnableTerminationProtection=True)

    refused = script("destroy", "--stack", "kept", "--yes", "--delete-images", code=1)
    still = keys_of(account, script.outputs("kept")["SiteBucket"])
    protect(StackName="kept", EnableTerminationProtection=False)
    script("destroy", "--stack", "kept", "--yes", "--delete-images")

    assert still == PAGE
    assert "stack_protected" in refused
    assert (
        f"--no-enable-termination-protection --stack-name kept --region {account.region}" in refused
    )
