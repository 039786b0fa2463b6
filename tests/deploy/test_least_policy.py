"""Whoever has just what `tintype deploy --policy` prints deploys, updates and destroys; with less, not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.deploy.account import Account
from tests.deploy.emulator import RECORDED
from tests.deploy.listing import Listing, difference, listing
from tests.deploy.person import Person, run_tintype
from tintype.deployment.actions import OWN

# Of the commands' own actions, what this story does not bring MiniStack to ask a policy for.
NOT_ASKED_HERE = {
    "cloudformation:CreateStack": "only for the certificate of a domain",
    "cloudformation:UpdateStack": "only for the certificate of a domain",
    "cloudformation:TagResource": "MiniStack asks for no right to tag a stack",
    "cloudformation:UntagResource": "MiniStack asks for no right to tag a stack",
    "iam:GetRole": "a user has no role",
    "lambda:GetAccountSettings": "MiniStack answers everybody",
}


@pytest.fixture(scope="module")
def documents(account: Account, release: Path) -> list[str]:
    """Print the policies without credentials: whoever looks after the account attaches them."""
    ended = run_tintype(
        {}, "deploy", "--policy", "--release", release, "--account", account.number,
        "--region", account.region,
    )  # fmt: skip
    assert ended.code == 0, ended.err
    return ended.out.splitlines()


@pytest.fixture(scope="module")
def before(account: Account, deployer: Person) -> Listing:
    assert deployer  # whose policies stay
    return listing(account)


def with_policies(account: Account, name: str, documents: list[str], without: str = "") -> Person:
    """Return a new user with the policies attached, but for one action."""
    iam = account.client("iam")
    iam.create_user(UserName=name)
    for number, document in enumerate(documents):
        policy = json.loads(document)
        for statement in policy["Statement"]:
            statement["Action"] = [each for each in statement["Action"] if each != without]
        policy["Statement"] = [each for each in policy["Statement"] if each["Action"]]
        made = iam.create_policy(
            PolicyName=f"{name}-{number}", PolicyDocument=json.dumps(policy, separators=(",", ":"))
        )
        iam.attach_user_policy(UserName=name, PolicyArn=made["Policy"]["Arn"])
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Person(
        account.environment(
            AWS_ACCESS_KEY_ID=key["AccessKeyId"], AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"]
        )
    )


@pytest.fixture(scope="module")
def deployer(account: Account, documents: list[str]) -> Person:
    made_up = f"arn:aws:logs:*:{account.number}:log-group:/aws/cloudformation/tintype/*"
    # AWS makes up a log group's name from the stack's, as it does others'; MiniStack does it so.
    names = {"Effect": "Allow", "Action": ["logs:DeleteLogGroup"], "Resource": [made_up]}
    more = json.dumps({"Version": "2012-10-17", "Statement": [names]})
    return with_policies(account, "deployer", [*documents, more])


def test_with_the_printed_policy_one_deploys_updates_and_destroys(
    deployer: Person, release: Path, account: Account, before: Listing
) -> None:
    planned = deployer("deploy", "--release", release, "--plan", "--json")
    made = deployer("deploy", "--release", release, "--yes", "--json", "--no-protect")
    changed = deployer(
        "deploy",
        "--public",
        "--release",
        release,
        "--yes",
        "--json",
        "--set",
        "process_memory_mib=2048",
    )
    gone = deployer("destroy", "--yes", "--json", "--delete-images")

    assert planned.code == 0, planned.out + planned.err
    assert made.code == 0, made.out + made.err
    assert changed.code == 0, changed.out + changed.err
    assert changed.document["outcome"] == "updated"
    assert gone.code == 0, gone.out + gone.err
    assert deployer("destroy", "--yes").code == 2  # it looks for what a former stack has left
    assert difference(before, listing(account)) == {}


def test_every_action_of_the_commands_is_asked_and_none_besides(
    deployer: Person, account: Account
) -> None:
    key = deployer.environment["AWS_ACCESS_KEY_ID"]
    lines = (account.folder / RECORDED).read_text("utf-8").splitlines()

    asked = {action for line in lines for who, action in [line.split()] if who == key}

    assert asked - {"sts:GetCallerIdentity"} <= set(OWN)  # which everybody may
    assert set(OWN) - asked == set(NOT_ASKED_HERE)


def test_one_action_less_is_found_by_the_check_and_refused_by_aws(
    account: Account, documents: list[str], release: Path
) -> None:
    less = with_policies(account, "less", documents, without="cloudformation:ExecuteChangeSet")

    checked = less("deploy", "--check", "--release", release)
    refused = less(
        "deploy",
        "--public",
        "--release",
        release,
        "--yes",
        "--json",
        "--ignore",
        "permission_missing",
    )

    assert checked.code == 2
    assert "you may not: cloudformation:ExecuteChangeSet" in checked.err
    assert "cloudformation:ExecuteChangeSet" in refused.document["error"]["message"]
