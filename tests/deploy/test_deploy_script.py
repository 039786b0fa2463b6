"""What `deploy.sh` says and does when things are not as they should be, with a small template."""

from __future__ import annotations

import copy
import json
import os
import pty
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.account import Account
from tests.deploy.listing import difference, listing
from tests.deploy.person import person
from tests.deploy.script import SCRIPT, Script, small_release
from tests.deploy.tools import ROOT, shellcheck
from tintype.releases import OPEN_TO_ALL

STACK, WAITING = "small", "waiting"
LONG = 5 * 60  # seconds, within which the test itself ends what takes so long
PAGE = {"config.json", "index.html", "main-ABCDEFGH.js"}
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
    """Return resources that wait for `signal_waiting`, and fail after so long."""
    return {
        "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
        "Wait": {
            "Type": "AWS::CloudFormation::WaitCondition",
            "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": str(seconds), "Count": 1},
        },
    }


def begin_waiting(account: Account, template: Mapping[str, Any]) -> None:
    """Have the stack WAITING created by somebody else; it waits for `signal_waiting`."""
    bucket = f"{WAITING}-packages-{account.number}-{account.region}"
    account.client("cloudformation").create_stack(
        StackName=WAITING,
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": "PackagesBucket", "ParameterValue": bucket}],
    )


def signal_waiting(account: Account, status: str) -> None:
    """Let what waits in the stack WAITING succeed or fail, as soon as it waits."""
    client = account.client("cloudformation")

    def signalled() -> str | None:
        try:
            client.signal_resource(
                StackName=WAITING, LogicalResourceId="Wait", UniqueId="1", Status=status
            )
        except client.exceptions.ClientError:
            return None  # it does not wait yet
        return status

    awaited(signalled)


def physical_name(account: Account, resource: str) -> str:
    """Wait until the stack WAITING has a resource; return its name."""

    def name() -> str | None:
        told = account.client("cloudformation").describe_stack_resources(StackName=WAITING)
        found: dict[str, str] = {
            one["LogicalResourceId"]: one["PhysicalResourceId"]
            for one in told["StackResources"]
            if one["ResourceStatus"] == "CREATE_COMPLETE"
        }
        return found.get(resource)

    return awaited(name)


def awaited(question: Callable[[], str | None]) -> str:
    """Ask until there is an answer."""
    deadline = time.monotonic() + LONG
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.1)
    pytest.fail("it never came")


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


def test_open_stack_is_deployed_only_where_that_is_meant(script: Script, account: Account) -> None:
    before = listing(account)
    script.public = False

    said = script("--stack", STACK, "--yes", code=1)

    assert f"public_stack: {OPEN_TO_ALL} --public confirms it" in said
    assert difference(before, listing(account)) == {}


def test_all_ways_to_deploy_say_the_same_of_who_can_do_what() -> None:
    assert OPEN_TO_ALL in SCRIPT.read_text("utf-8")
    assert OPEN_TO_ALL in (ROOT / "terraform" / "variables.tf").read_text("utf-8")


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
    assert "region_lacks_service" in script("--region", "cn-north-1", code=1)
    assert "GovCloud has no CloudFront" in script("--region", "us-gov-west-1", code=1)
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
        while hesitating.stdout.read(1) not in {"[", ""}:  # the question ends with [y/N]
            pass
        script("--stack", STACK, "--yes")
        os.write(terminal, b"n\n")
        rest = hesitating.communicate()[0]
    os.close(terminal)
    os.close(theirs)

    assert "not_confirmed: nothing was changed" in rest
    (stack,) = account.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    script("destroy", "--stack", STACK, "--yes")


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
def test_a_release_of_another_name_and_without_the_page_is_deployed(
    script: Script, account: Account
) -> None:
    small_release(script.release, TEMPLATE, name="mine", page=False)
    assert "Page     https://cdn" in script("--stack", STACK, "--yes")
    site = script.outputs(STACK)["SiteBucket"]
    assert keys_of(account, site) == set()

    small_release(script.release, TEMPLATE, name="mine")
    assert "nothing to change" in script("--stack", STACK, "--yes")
    assert keys_of(account, site) == PAGE
    script("destroy", "--stack", STACK, "--yes")


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
def test_ctrl_c_leaves_the_stack_to_itself_and_the_next_run_takes_it_up(
    script: Script, account: Account
) -> None:
    small_release(script.release, changed(**waiting(seconds=LONG)))
    with script.running("--stack", WAITING, "--yes") as interrupted:
        interrupted.until("resources are there")
        interrupted.press_ctrl_c()
        rest = interrupted.end(code=130)
    assert "the stack goes on by itself and is CREATE_IN_PROGRESS" in rest
    assert "✗" not in rest

    # What it waits for fails; the release without that takes up what is left.
    small_release(script.release, TEMPLATE)
    with script.running("--stack", WAITING, "--yes") as second:
        second.until("waiting for the end of that")
        signal_waiting(account, "FAILURE")
        said = second.end()
    assert "The stack was never completed" in said
    script("destroy", "--stack", WAITING, "--yes")


@pytest.mark.usefixtures("nothing_left")
def test_a_creation_that_is_under_way_is_waited_for_and_its_page_published(
    script: Script, account: Account
) -> None:
    template = changed(**waiting(seconds=LONG))
    small_release(script.release, template)
    begin_waiting(account, template)
    with script.running("--stack", WAITING, "--yes") as run:
        run.until("waiting for the end of that")
        signal_waiting(account, "SUCCESS")
        said = run.end()

    assert "nothing to change" in said
    assert "Page     https://cdn" in said
    assert keys_of(account, script.outputs(WAITING)["SiteBucket"]) == PAGE
    script("destroy", "--stack", WAITING, "--yes")


@pytest.mark.usefixtures("nothing_left")
def test_a_stack_that_is_gone_when_the_waiting_ends_is_made_anew(
    script: Script, account: Account
) -> None:
    cloudformation = account.client("cloudformation")
    often = {"Delay": 1}
    begin_waiting(account, changed(Site=bucket("site", "Delete"), **waiting(seconds=LONG)))
    with script.running("--stack", WAITING, "--yes") as run:
        run.until("waiting for the end of that")
        with run.paused():
            signal_waiting(account, "SUCCESS")
            cloudformation.get_waiter("stack_create_complete").wait(
                StackName=WAITING, WaiterConfig=often
            )
            cloudformation.delete_stack(StackName=WAITING)
            cloudformation.get_waiter("stack_delete_complete").wait(
                StackName=WAITING, WaiterConfig=often
            )
        said = run.end()

    assert "+ add" in said
    assert keys_of(account, script.outputs(WAITING)["SiteBucket"]) == PAGE
    script("destroy", "--stack", WAITING, "--yes")


@pytest.mark.usefixtures("nothing_left")
def test_what_somebody_is_creating_is_neither_emptied_nor_destroyed(
    script: Script, account: Account
) -> None:
    begin_waiting(account, changed(**waiting(seconds=LONG)))
    name = physical_name(account, "Originals")
    account.client("s3").put_object(Bucket=name, Key="picture.jpg", Body=b"picture")

    for command in (("empty",), ("destroy",), ("destroy", "--delete-images")):
        said = script(*command, "--stack", WAITING, "--yes", code=1)
        assert f"stack_busy: the stack {WAITING} is CREATE_IN_PROGRESS" in said

    assert keys_of(account, name) == {"picture.jpg"}
    signal_waiting(account, "SUCCESS")
    account.client("cloudformation").get_waiter("stack_create_complete").wait(
        StackName=WAITING, WaiterConfig={"Delay": 1}
    )
    script("destroy", "--stack", WAITING, "--yes")


def test_tags_and_protection_are_the_stack_s(script: Script, account: Account) -> None:
    cloudformation = account.client("cloudformation")
    script("--stack", "kept", "--yes", "--tag", "team=web", "--tag", 'says=a, "b"=c', "--protect")
    stack = cloudformation.describe_stacks(StackName="kept")["Stacks"][0]

    refused = script("destroy", "--stack", "kept", "--yes", code=1)
    still = cloudformation.describe_stacks(StackName="kept")["Stacks"][0]
    script("--stack", "kept", "--yes", "--no-protect")
    script("destroy", "--stack", "kept", "--yes", "--delete-images")

    tags = [{"Key": "team", "Value": "web"}, {"Key": "says", "Value": 'a, "b"=c'}]
    assert stack["Tags"] == still["Tags"] == tags
    assert stack["EnableTerminationProtection"] is still["EnableTerminationProtection"] is True
    assert "stack_protected" in refused
    ends_it = f"update-termination-protection --stack-name kept --region {account.region} --no-en"
    assert ends_it in refused
    assert "./deploy.sh" not in refused  # which would set all parameters anew
    assert "wrong_arguments" in script("--tag", "team", code=2)
