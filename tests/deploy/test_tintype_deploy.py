"""`tintype deploy` and `tintype destroy`, for real: an emulated account in which IAM is enforced."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.deploy.account import Account
from tests.deploy.listing import Listing, difference, listing
from tests.deploy.person import Person, person
from tests.deploy.smoke import smoke
from tintype.aws.sdk import Clients
from tintype.deployment.checks.run import AccountContext
from tintype.deployment.deploy import Deployment, DeployReporter
from tintype.deployment.events import Progress
from tintype.deployment.phases import Phase
from tintype.deployment.release import open_release
from tintype.releases import DIGESTS, OPEN_TO_ALL

# An administrator, not the account's root: what follows is done with policies.
_ADMINISTRATOR = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_READER = {"Effect": "Allow", "Action": ["sts:*", "cloudformation:Describe*"], "Resource": "*"}


@pytest.fixture(scope="module")
def before(account: Account) -> Listing:
    return listing(account)


@pytest.fixture(scope="module")
def tintype(account: Account, before: Listing) -> Person:
    assert before
    return person(account, "administrator", _ADMINISTRATOR)


Changed = Callable[[str, Callable[[dict[str, Any]], None]], Path]


@pytest.fixture
def changed(release: Path, tmp_path: Path) -> Changed:
    """Return a release of which the template, or what release.json says, is another."""

    def change(name: str, how: Callable[[dict[str, Any]], None]) -> Path:
        folder = tmp_path / "changed"
        shutil.copytree(release, folder)
        document = json.loads((folder / name).read_text("utf-8"))
        how(document)
        text = json.dumps(document)
        (folder / name).write_text(text, "utf-8")
        sums = (folder / DIGESTS).read_text("utf-8").splitlines()
        digest = hashlib.sha256(text.encode()).hexdigest()
        lines = [f"{digest}  {name}" if line.endswith(f"  {name}") else line for line in sums]
        (folder / DIGESTS).write_text("\n".join([*lines, ""]), "utf-8")
        return folder

    return change


def stack_of(account: Account, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = account.client("cloudformation").describe_stacks(StackName=name)[
        "Stacks"
    ][0]
    return found


@pytest.fixture(scope="module")
def deployed(tintype: Person, release: Path) -> Iterator[dict[str, Any]]:
    """Deploy the release; it is destroyed by the last test, or else here."""
    ended = tintype("deploy", "--public", "--release", release, "--yes", "--json")
    assert ended.code == 0, ended.out + ended.err
    yield ended.document
    tintype("destroy", "--yes", "--delete-images")


# What follows is one story, in this order: the stack is what the test before has left.


def test_checks_say_that_all_is_there_and_make_nothing(
    tintype: Person, release: Path, account: Account, before: Listing
) -> None:
    ended = tintype("deploy", "--check", "--release", release, "--account", account.number)

    assert ended.code == 0
    assert "✗" not in ended.err
    assert "actions asked of IAM, and you may do them" in ended.err
    assert "tintype will be created" in ended.err
    assert difference(before, listing(account)) == {}


def test_plan_of_a_new_stack_leaves_no_trace(
    tintype: Person, release: Path, account: Account, before: Listing
) -> None:
    ended = tintype("deploy", "--plan", "--json", "--release", release, "--set", "max_tries=6")

    assert ended.code == 0
    plan = ended.document
    assert plan["isNew"]
    assert plan["counts"]["added"] == len(plan["changes"]) > 60
    assert plan["settings"] == [{"name": "MaxTries", "before": None, "after": "6"}]
    assert plan["losses"] == []
    assert difference(before, listing(account)) == {}


def test_open_stack_is_deployed_only_where_that_is_meant(
    tintype: Person, release: Path, account: Account, before: Listing
) -> None:
    is_open = ("deploy", "--release", release, "--yes", "--set", "access.mode=open")
    ended = tintype(*is_open, "--ignore", "public_stack")
    told = tintype(*is_open, "--json")

    assert ended.code == told.code == 2
    assert f"public_stack: {OPEN_TO_ALL}" in ended.err
    assert "pass --public" in ended.err
    assert "public_stack" in [each["code"] for each in told.document["findings"]]
    assert difference(before, listing(account)) == {}


def test_nothing_is_deployed_without_a_yes(
    tintype: Person, release: Path, account: Account, before: Listing
) -> None:
    ended = tintype("deploy", "--public", "--release", release)

    assert ended.code == 1
    assert "not_confirmed" in ended.err
    assert difference(before, listing(account)) == {}


def test_deployed_stack_does_its_work(account: Account, deployed: dict[str, Any]) -> None:
    assert deployed["outcome"] == "created"
    assert deployed["outputs"]["Version"] == deployed["tintype"]
    smoke(account, deployed["outputs"])


def test_packages_bucket_is_closed_and_says_whose_it_is(
    account: Account, deployed: dict[str, Any]
) -> None:
    s3, name = account.client("s3"), f"tintype-packages-{account.number}-{account.region}"

    closed = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    tags = s3.get_bucket_tagging(Bucket=name)["TagSet"]
    policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"]

    assert deployed
    assert set(closed.values()) == {True}
    assert {"Key": "tintype:stack", "Value": "tintype"} in tags
    assert [each["Condition"] for each in policy] == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_plan_shows_a_changed_setting_and_changes_nothing(
    tintype: Person, release: Path, account: Account, deployed: dict[str, Any]
) -> None:
    parameters = stack_of(account, "tintype")["Parameters"]

    plain = ("deploy", "--plan", "--json", "--public", "--release", release)
    ended = tintype(*plain, "--set", "process_memory_mib=2048")

    assert deployed
    plan = ended.document
    assert plan["settings"] == [{"name": "ProcessMemoryMib", "before": "3008", "after": "2048"}]
    assert plan["losses"] == []
    direct = [change for change in plan["changes"] if not change["follows"]]
    assert [(change["title"], change["effect"]) for change in direct] == [
        ("process function", "changed")
    ]
    assert direct[0]["properties"] == ["MemorySize"]
    assert stack_of(account, "tintype")["Parameters"] == parameters


def test_update_changes_the_setting_and_keeps_addresses_and_images(
    tintype: Person, release: Path, account: Account, deployed: dict[str, Any]
) -> None:
    ended = tintype(
        "deploy",
        "--public",
        "--yes",
        "--json",
        "--release",
        release,
        "--set",
        "process_memory_mib=2048",
    )

    assert ended.code == 0, ended.out + ended.err
    assert ended.document["outcome"] == "updated"
    assert ended.document["outputs"] == deployed["outputs"]
    function = account.client("lambda").get_function(
        FunctionName=deployed["outputs"]["ProcessFunction"]
    )
    assert function["Configuration"]["MemorySize"] == 2048
    smoke(account, ended.document["outputs"])


def test_what_is_not_said_again_goes_back_and_the_same_again_changes_nothing(
    tintype: Person, release: Path, deployed: dict[str, Any]
) -> None:
    back = tintype("deploy", "--public", "--yes", "--release", release)
    again = tintype("deploy", "--public", "--yes", "--json", "--release", release)

    assert deployed
    assert back.code == again.code == 0, back.err + again.out + again.err
    assert "process_memory_mib  2048 → 3008" in back.err
    assert deployed["outputs"]["CdnUrl"] in back.out
    assert back.err.count(OPEN_TO_ALL) == 2, "before and after"
    assert again.document["access"] == deployed["access"] == OPEN_TO_ALL
    assert again.document["outcome"] == "unchanged"


def test_what_would_lose_images_is_refused_and_says_what(
    tintype: Person, changed: Changed, account: Account, deployed: dict[str, Any]
) -> None:
    def rename(template: dict[str, Any]) -> None:
        resources = template["Resources"]
        name = next(name for name in resources if name.startswith("Images"))
        resources[name]["Properties"]["KeySchema"] = [{"AttributeName": "owner", "KeyType": "HASH"}]

    release = changed("tintype.template.json", rename)
    plan = tintype("deploy", "--plan", "--release", release)
    ended = tintype("deploy", "--public", "--yes", "--release", release)

    assert plan.code == 0
    assert "Would be lost:" in plan.err
    assert ended.code == 1
    assert "loss_not_allowed" in ended.err
    assert "images table" in ended.err
    assert stack_of(account, "tintype")["StackStatus"].endswith("_COMPLETE")
    assert account.client("dynamodb").describe_table(TableName=deployed["outputs"]["ImagesTable"])


def test_older_release_is_refused_unless_that_is_meant(
    tintype: Person, changed: Changed, deployed: dict[str, Any]
) -> None:
    def age(manifest: dict[str, Any]) -> None:
        manifest["version"] = "0.0.9"

    release = changed("release.json", age)
    refused = tintype("deploy", "--check", "--release", release)
    meant = tintype("deploy", "--check", "--release", release, "--ignore", "downgrade")

    assert deployed
    assert refused.code == 2
    assert "downgrade" in refused.err
    assert meant.code == 0


def test_somebody_who_may_not_deploy_is_told_before(
    account: Account, release: Path, deployed: dict[str, Any]
) -> None:
    reader = person(account, "reader", _READER)

    ended = reader("deploy", "--check", "--json", "--release", release)

    assert deployed
    assert ended.code == 2
    found = {each["code"] for each in ended.document["findings"] if each["state"] == "bad"}
    assert "permission_missing" in found


def test_tags_and_protection_are_the_stack_s_until_they_are_told_otherwise(
    tintype: Person, release: Path, account: Account, deployed: dict[str, Any]
) -> None:
    assert deployed
    deploy = ("deploy", "--public", "--yes", "--json", "--release", release)

    tagged = tintype(*deploy, "--tag", "team=web", "--tag", "cost=a=b", "--protect")
    after_tags = stack_of(account, "tintype")
    refused = tintype("destroy", "--yes", "--json")
    again = tintype(*deploy)
    kept = stack_of(account, "tintype")
    tintype(*deploy, "--no-protect")

    tags = [{"Key": "team", "Value": "web"}, {"Key": "cost", "Value": "a=b"}]
    assert tagged.code == 0, tagged.out + tagged.err
    assert after_tags["Tags"] == kept["Tags"] == tags
    assert again.code == 0
    assert after_tags["EnableTerminationProtection"] is kept["EnableTerminationProtection"] is True
    assert refused.code == 2
    assert refused.document["error"]["code"] == "stack_protected"
    assert not stack_of(account, "tintype")["EnableTerminationProtection"]
    packages = f"tintype-packages-{account.number}-{account.region}"
    on_bucket = account.client("s3").get_bucket_tagging(Bucket=packages)["TagSet"]
    assert {"Key": "tintype:stack", "Value": "tintype"} in on_bucket


def test_destroy_wants_the_name_of_the_stack(
    tintype: Person, account: Account, deployed: dict[str, Any]
) -> None:
    ended = tintype("destroy")

    assert ended.code == 1
    assert "2 images" in ended.err
    assert "not_confirmed" in ended.err
    assert stack_of(account, "tintype")["Outputs"]
    assert deployed


def test_destroy_keeps_the_images_and_then_deletes_them_when_told_to(
    tintype: Person, account: Account, before: Listing, deployed: dict[str, Any]
) -> None:
    first = tintype("destroy", "--yes", "--json")
    kept = difference(before, listing(account))
    second = tintype("destroy", "--yes", "--json", "--delete-images")
    third = tintype("destroy", "--yes", "--json")

    outputs = deployed["outputs"]
    assert first.code == 0, first.out + first.err
    assert kept == {
        "buckets": sorted([outputs["OriginalsBucket"], outputs["RenditionsBucket"]]),
        "tables": sorted([outputs["AccessTable"], outputs["ImagesTable"]]),
    }
    assert sorted(each["name"] for each in first.document["kept"]) == sorted(
        kept["buckets"] + kept["tables"]
    )
    assert second.code == 0, second.out + second.err
    assert second.document["left"] == []
    assert difference(before, listing(account)) == {}
    assert third.code == 2
    assert third.document["error"]["code"] == "no_stack"


def test_creation_that_fails_says_why_and_the_next_one_begins_anew(
    tintype: Person, changed: Changed, release: Path, account: Account, before: Listing
) -> None:
    def break_it(template: dict[str, Any]) -> None:
        resources = template["Resources"]
        name = next(name for name in resources if name.startswith("FunctionsApiRole7"))
        trust = resources[name]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
        trust["NotPrincipal"] = trust.pop("Principal")  # which IAM does not take

    broken = tintype(
        "deploy",
        "--public",
        "--yes",
        "--release",
        changed("tintype.template.json", break_it),
        "--stack",
        "two",
    )
    mended = tintype(
        "deploy", "--public", "--yes", "--json", "--release", release, "--stack", "two"
    )
    gone = tintype("destroy", "--yes", "--json", "--delete-images", "--stack", "two")

    assert broken.code == 1
    assert "deployment_failed" in broken.err
    assert "api role" in broken.err
    assert mended.document["outcome"] == "created"
    assert gone.document["left"] == []
    assert difference(before, listing(account)) == {}


class Patient:
    """Hears of everything and does nothing."""

    def step(self, text: str) -> None:
        assert text

    def uploading(self, sizes: Mapping[str, int]) -> None:
        assert sizes

    def sent(self, name: str, number: int) -> None:
        assert name
        assert number

    def progress(self, progress: Progress, /) -> None:
        assert progress.total


class Impatient(Patient):
    """Presses Ctrl-C as soon as CloudFormation is at work."""

    def progress(self, progress: Progress, /) -> None:
        super().progress(progress)
        raise KeyboardInterrupt


def deployment_of(
    account: Account, release: Path, stack: str, reporter: DeployReporter
) -> Deployment:
    session = boto3.Session(account.access_key, account.secret_key, region_name=account.region)
    place = AccountContext(
        Clients(session, account.region, account.endpoint), account.number, "root"
    )
    return Deployment(place, open_release(release), stack, {}, reporter)


@pytest.fixture
def signed_in(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process find the account as a command does: publishing the page looks for itself."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in account.environment().items():
        monkeypatch.setenv(name, value)


def test_two_people_may_ask_in_the_same_second_what_would_change(
    release: Path, account: Account, before: Listing
) -> None:
    asking = [deployment_of(account, release, "four", Patient()) for _ in range(5)]

    prepared = [each.prepare() for each in asking]  # in a second or two
    for each, found in zip(asking, prepared, strict=True):
        each.discard(found)

    assert len({found.change_set for found in prepared}) == len(asking)
    assert difference(before, listing(account)) == {}


class Leaving(Patient):
    """Presses Ctrl-C at the step whose text begins so."""

    def __init__(self, last: str) -> None:
        self._last = last

    def step(self, text: str) -> None:
        super().step(text)
        if text.startswith(self._last):
            raise KeyboardInterrupt

    def uploading(self, sizes: Mapping[str, int]) -> None:
        super().uploading(sizes)
        self.step("uploading")

    def progress(self, progress: Progress, /) -> None:
        assert progress


@pytest.mark.usefixtures("signed_in")
def test_ctrl_c_at_each_step_leaves_a_deployment_that_knows_how_far_it_is(
    tintype: Person, release: Path, account: Account, before: Listing
) -> None:
    phases = {}
    zone = account.client("route53").create_hosted_zone(Name="example.com", CallerReference="2")
    named = {
        "DomainName": "images.example.com",
        "HostedZone": zone["HostedZone"]["Id"].rpartition("/")[2],
    }
    for step in (
        "asking CloudFormation",
        "creating the certificate",
        "uploading",
        "creating",
        "publishing",
    ):
        deployment = deployment_of(account, release, "seven", Leaving(step))
        deployment.parameters = named if step == "creating the certificate" else {}
        with pytest.raises(KeyboardInterrupt):
            deployment.apply(deployment.prepare())
        phases[step] = deployment.phase
        if step == "asking CloudFormation":
            assert difference(before, listing(account)) == {}
    last = deployment_of(account, release, "seven", Patient())
    last.apply(last.prepare())
    tintype("destroy", "--yes", "--json", "--delete-images", "--stack", "seven")

    assert phases == {
        "asking CloudFormation": Phase.CHECKING,
        "creating the certificate": Phase.CERTIFYING,
        "uploading": Phase.UPLOADING,
        "creating": Phase.UPLOADING,
        "publishing": Phase.PUBLISHING,
    }
    assert last.phase is Phase.DONE
    assert difference(before, listing(account)) == {}


@pytest.mark.usefixtures("signed_in")
def test_no_leaves_alone_what_somebody_else_has_deployed_meanwhile(
    tintype: Person, release: Path, account: Account, before: Listing
) -> None:
    one, other = (deployment_of(account, release, "five", Patient()) for _ in range(2))

    declined = one.prepare()
    other.apply(other.prepare())
    one.discard(declined)
    bucket = f"five-packages-{account.number}-{account.region}"
    kept = {each["Key"] for each in account.client("s3").list_objects_v2(Bucket=bucket)["Contents"]}
    tintype("destroy", "--yes", "--json", "--delete-images", "--stack", "five")

    assert {path.name for path in one.release.packages} < kept
    assert difference(before, listing(account)) == {}


@pytest.mark.usefixtures("signed_in")
def test_no_leaves_alone_what_somebody_else_is_looking_at(
    tintype: Person, release: Path, account: Account, before: Listing
) -> None:
    one, other = (deployment_of(account, release, "six", Patient()) for _ in range(2))

    declined, agreed = one.prepare(), other.prepare()
    one.discard(declined)
    other.apply(agreed)
    status = stack_of(account, "six")["StackStatus"]
    tintype("destroy", "--yes", "--json", "--delete-images", "--stack", "six")

    assert status == "CREATE_COMPLETE"
    assert difference(before, listing(account)) == {}


@pytest.mark.parametrize(
    "command", [("deploy", "--plan"), ("deploy", "--public", "--yes"), ("destroy", "--yes")]
)
def test_stack_that_another_application_s_people_look_at_is_theirs(
    tintype: Person, release: Path, account: Account, before: Listing, command: tuple[str, ...]
) -> None:
    cloudformation = account.client("cloudformation")
    topic = {"Resources": {"Orders": {"Type": "AWS::SNS::Topic"}}}
    asked = cloudformation.create_change_set(
        StackName="shop",
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=json.dumps(topic),
    )

    options: list[str | Path] = ["--release", release] if command[0] == "deploy" else []
    ended = tintype(*command, "--stack", "shop", *options)
    theirs = cloudformation.list_change_sets(StackName="shop")["Summaries"]
    cloudformation.delete_stack(StackName=asked["StackId"])

    assert "not_a_tintype" in ended.err
    assert [each["ChangeSetName"] for each in theirs] == ["first"]
    assert difference(before, listing(account)) == {}


def test_ctrl_c_stops_watching_and_the_next_command_follows(
    tintype: Person, release: Path, account: Account, before: Listing
) -> None:
    deployment = deployment_of(account, release, "three", Impatient())

    prepared = deployment.prepare()
    with pytest.raises(KeyboardInterrupt):
        deployment.apply(prepared)
    phase = deployment.phase
    again = tintype("deploy", "--yes", "--json", "--release", release, "--stack", "three")
    gone = tintype("destroy", "--yes", "--json", "--delete-images", "--stack", "three")

    assert phase is Phase.CHANGING
    assert again.code == 0, again.out + again.err
    assert again.document["outcome"] == "unchanged"
    assert gone.document["left"] == []
    assert difference(before, listing(account)) == {}


def test_domain_gets_its_certificate_first_and_loses_it_last(
    tintype: Person, release: Path, account: Account, before: Listing
) -> None:
    zone = account.client("route53").create_hosted_zone(Name="example.com", CallerReference="1")
    zone_id = zone["HostedZone"]["Id"].rpartition("/")[2]
    domain = ["--set", "domain.name=images.example.com", "--set", f"domain.hosted_zone={zone_id}"]
    where = ["--stack", "named", "--region", "eu-central-1"]

    wrong = tintype(
        "deploy", "--check", "--release", release, *where, *domain[:3], "domain.hosted_zone=Z1"
    )
    made = tintype("deploy", "--public", "--yes", "--json", "--release", release, *where, *domain)
    plan = ("deploy", "--plan", "--json", "--public", "--release", release)
    again = tintype(*plan, *where, *domain)
    certificate = stack_of(account, "named-certificate")
    gone = tintype("destroy", "--yes", "--json", "--delete-images", *where)

    assert wrong.code == 2
    assert "zone_missing" in wrong.err
    assert made.code == 0, made.out + made.err
    assert made.document["outputs"]["CdnUrl"] == "https://images.example.com"
    assert certificate["StackStatus"] == "CREATE_COMPLETE"
    assert again.document["changes"] == []
    assert gone.code == 0, gone.out + gone.err
    assert "stack named-certificate" in gone.document["removed"]
    assert difference(before, listing(account)) == {}
