"""What `deploy.sh` says and does when things are not as they should be, with a small template."""

from __future__ import annotations

import copy
import json
import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.account import Account
from tests.deploy.listing import difference, listing
from tests.deploy.person import person
from tests.deploy.script import SCRIPT, Script, small_release
from tests.deploy.tools import ROOT, shellcheck

STACK, WAITING = "small", "waiting"
UUID = {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}


def bucket(name: str, policy: str) -> dict[str, Any]:
    """Return a bucket that is named as ours are."""
    return {
        "Type": "AWS::S3::Bucket",
        "DeletionPolicy": policy,
        "UpdateReplacePolicy": policy,
        "Properties": {"BucketName": {"Fn::Join": ["-", ["tintype", name, UUID]]}},
    }


# What the script asks of a template: this parameter, these outputs, a table with that index.
TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "PackagesBucket": {"Type": "String"},
        "PageSources": {"Type": "String", "Default": ""},
        "Topic": {"Type": "String", "Default": "first"},
    },
    "Resources": {
        "Originals": bucket("originals", "Delete"),
        "Site": bucket("site", "Retain"),
        "Jobs": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"QueueName": {"Fn::Sub": "${AWS::StackName}-${Topic}"}},
        },
        "Images": {
            "Type": "AWS::DynamoDB::Table",
            "DeletionPolicy": "Delete",
            "Properties": {
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "BillingMode": "PAY_PER_REQUEST",
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": "byOwner",
                        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                        "Projection": {"ProjectionType": "ALL"},
                    }
                ],
            },
        },
    },
    "Outputs": {"SiteBucket": {"Value": {"Ref": "Site"}}, "CdnUrl": {"Value": "https://cdn"}},
}


def changed(**resources: Any) -> dict[str, Any]:
    """Return the template with more resources, or others."""
    template = copy.deepcopy(TEMPLATE)
    template["Resources"].update(resources)
    return template


def waiting(*, seconds: int) -> dict[str, Any]:
    """Return resources that take so long, and fail then."""
    return {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Wait": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": str(seconds), "Count": 1},
        },
    }


def key_without(account: Account, action: str) -> dict[str, str]:
    """Return the key of somebody who may do all but *action*, as the AWS CLI takes it."""
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    other = person(
        account,
        action.replace(":", "-"),
        everything,
        {**everything, "Effect": "Deny", "Action": action},
    )
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    return {name: other.environment[name] for name in names}


def keys_of(account: Account, name: str) -> set[str]:
    """Return the keys of a bucket."""
    listed = account.client("s3").list_objects_v2(Bucket=name)
    return {one["Key"] for one in listed.get("Contents", [])}


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
    text = SCRIPT.read_text("utf-8")
    done = subprocess.run([str(SCRIPT), "--help"], capture_output=True, text=True, check=True)  # noqa: S603

    taken = text.split("read_arguments() {")[1].split("\n}\n")[0]
    labels = re.findall(r"^ +(--[^)\n]*)\)", taken, re.MULTILINE)
    options = {option for label in labels for option in re.findall(r"--[a-z-]+", label)}
    assert {"--stack", "--parameter", "--delete-images", "--yes", "--help"} <= options
    for option in options:
        assert re.search(rf"^  .*{option}\b", done.stdout, re.MULTILINE), option
    for command in ("deploy", "outputs", "empty", "destroy"):
        assert re.search(rf"^  {command} ", done.stdout, re.MULTILINE)


def test_every_code_is_explained() -> None:
    codes = set(re.findall(r"(?:fail |✗ )([a-z]+_[a-z_]+)", SCRIPT.read_text("utf-8")))
    assert len(codes) > 8

    explained = (ROOT / "docs" / "errors.md").read_text("utf-8")
    assert [code for code in sorted(codes) if f"| `{code}` |" not in explained] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--stak", "x"),
        ("--stack",),
        ("--stack", "1st"),
        ("--parameter", "Topic"),
        ("--delete-images",),
        ("destroy", "--parameter", "Topic=x"),
    ],
    ids=" ".join,
)
def test_wrong_arguments_end_it_before_it_begins(
    script: Script, arguments: tuple[str, ...]
) -> None:
    assert "wrong_arguments" in script(*arguments, code=2)


def test_without_the_aws_cli_it_says_where_to_get_it(script: Script, tmp_path: Path) -> None:
    for name in ("bash", "dirname", "mktemp", "rm", "sed"):
        found = Path("/bin") / name
        (tmp_path / name).symlink_to(found if found.exists() else Path("/usr/bin") / name)

    assert "no_aws_cli" in script(code=1, PATH=str(tmp_path))


def test_without_a_region_or_with_a_mistyped_one_it_says_so(script: Script) -> None:
    none = {"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}

    assert "no_region: no region" in script(code=1, **none)
    assert "no_region: 'frankfurt'" in script("--region", "frankfurt", code=1)


def test_without_credentials_it_says_how_to_get_them(script: Script) -> None:
    none = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}

    assert "no_credentials" in script(code=1, **none)


@pytest.mark.usefixtures("nothing_left")
def test_a_damaged_release_is_not_deployed(script: Script) -> None:
    (script.release / "site" / "index.html").write_text("something else")

    assert "release_damaged: these files are not as they were released: site/index.html" in script(
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
    assert "not_confirmed: nobody can be asked here" in script("--stack", STACK, code=1)

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
    assert "Do it? [y/N]" in done.stdout
    assert "not_confirmed: nothing was changed" in done.stderr
    script("destroy", "--stack", STACK, "--yes")  # the packages


@pytest.mark.usefixtures("nothing_left")
def test_losses_failures_and_old_packages(script: Script, account: Account) -> None:
    arguments = ("--stack", STACK, "--yes")
    script(*arguments)
    s3 = account.client("s3")
    packages = f"{STACK}-packages-{account.number}-{account.region}"

    # A queue is replaced, a bucket removed.
    template = changed()
    template["Resources"]["Originals"] = bucket("other", "Delete")
    small_release(script.release, template, version="2.0.0")
    topic = ("--parameter", "Topic=second")
    assert "loss_not_allowed" in script(*arguments, *topic, code=1)
    said = script(*arguments, *topic, "--allow-loss")
    assert "The queue Jobs would be replaced: WHAT IS IN IT WOULD BE LOST" in said
    assert "The bucket Originals may be replaced: WHAT IS IN IT WOULD BE LOST" in said
    assert "Topic: first → second" in said

    # A failure is told with its reason, and the stack is as it was.
    worse = {**template, "Resources": {**template["Resources"], **waiting(seconds=1)}}
    small_release(script.release, worse, version="3.0.0")
    said = script(*arguments, *topic, code=1)
    assert "deployment_failed: the stack ended as UPDATE_ROLLBACK_COMPLETE" in said
    assert "Wait (AWS::CloudFormation::WaitCondition): WaitCondition timed out" in said

    # Of the releases that were there before, the last five keep their packages, however often deployed.
    for day in range(1, 10):
        number = min(day, 6)
        key = f"releases/2026010{day}T000000Z-0.{number}.txt"
        s3.put_object(Bucket=packages, Key=key, Body=f"{number}.zip\n".encode())
        s3.put_object(Bucket=packages, Key=f"{number}.zip", Body=b"old")
    template["Resources"]["More"] = {"Type": "AWS::SNS::Topic"}
    small_release(script.release, template, version="4.0.0")
    assert "+ add" in script(*arguments, *topic)
    kept = {one["Key"] for one in s3.list_objects_v2(Bucket=packages)["Contents"]}
    assert {key for key in kept if re.fullmatch(r"\d\.zip", key)} == {"5.zip", "6.zip"}

    # What would be deleted with the stack is emptied first, all versions of it.
    (name,) = (one["Name"] for one in s3.list_buckets()["Buckets"] if "-other-" in one["Name"])
    versioned = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioned)
    for body in (b"one", b"two"):
        s3.put_object(Bucket=name, Key="an 'odd' kéy & \"more\".jpg", Body=body)
    s3.delete_object(Bucket=name, Key="an 'odd' kéy & \"more\".jpg")
    assert f"    bucket {name}\n" in script("destroy", "--stack", STACK, code=1)
    assert "Nothing of it is left." in script("destroy", *arguments)
    assert "There is nothing to destroy" in script("destroy", *arguments)


@pytest.mark.usefixtures("nothing_left")
def test_what_a_former_stack_kept_is_named_before_it_is_deleted(
    script: Script, account: Account
) -> None:
    images = {**TEMPLATE["Resources"]["Images"], "DeletionPolicy": "Retain"}
    small_release(script.release, changed(Originals=bucket("originals", "Retain"), Images=images))
    before = listing(account)
    arguments = ("--stack", STACK, "--yes")
    script(*arguments)
    assert "They stay." in script("destroy", *arguments)
    left = difference(before, listing(account))
    names = [*left["buckets"], *left["tables"]]
    assert len(names) == 2

    # What somebody may not look for is not said to be gone.
    destroy = ("destroy", "--delete-images")
    listing_denied = key_without(account, "cloudformation:ListStacks")
    assert "aws_refused: looking for former stacks" in script(
        "empty", *arguments, code=1, **listing_denied
    )
    assert "aws_refused: looking for former stacks" in script(
        *destroy, *arguments, code=1, **listing_denied
    )
    table_denied = key_without(account, "dynamodb:DescribeTable")
    said = script("empty", *arguments, code=1, **table_denied)
    assert "aws_refused: looking for the table" in said

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
    assert "There is nothing to empty" in said
    said = script("destroy", "--stack", "holiday", "--yes", "--delete-images")
    assert "There is nothing to destroy" in said

    assert keys_of(account, "holiday-pictures") == {"beach.jpg"}
    s3.delete_object(Bucket="holiday-pictures", Key="beach.jpg")
    s3.delete_bucket(Bucket="holiday-pictures")


@pytest.mark.usefixtures("nothing_left")
def test_ctrl_c_leaves_the_stack_to_itself_and_the_next_run_takes_it_up(script: Script) -> None:
    small_release(script.release, changed(**waiting(seconds=15)))
    child = subprocess.Popen(  # noqa: S603 - our own script
        ["/usr/bin/env", "--default-signal=INT", *script.command("--stack", WAITING, "--yes")],
        env=script.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert child.stdout is not None
    said = ""
    while "resources are there" not in said:
        line = child.stdout.readline()
        assert line, said
        said += line

    os.killpg(child.pid, signal.SIGINT)  # as a terminal does
    rest = child.communicate(timeout=60)[0]

    assert child.returncode == 130, said + rest
    assert "the stack goes on by itself and is CREATE_IN_PROGRESS" in rest
    assert "✗" not in rest

    # Nobody signals, so it fails; the release without that takes up what is left.
    small_release(script.release, TEMPLATE)
    said = script("--stack", WAITING, "--yes")
    assert "waiting for the end of that" in said
    assert "The stack was never completed" in said
    script("destroy", "--stack", WAITING, "--yes")
