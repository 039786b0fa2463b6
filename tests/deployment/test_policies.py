"""What whoever deploys needs, as a list and as policies that can be attached."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pytest
from cfnlint import lint
from cfnlint.config import ManualArgs

from docs.making.actions import takes_resources
from tests.deploy.person import run_tintype
from tests.docs.markdown import ROOT, unwrapped
from tintype.deployment.actions import (
    BOUNDED,
    FEATURES,
    OWN,
    SCOPES,
    TRUSTED,
    needs_of_deployer,
    needs_of_role,
    of_types,
)
from tintype.deployment.policies import LONGEST, MOST, needed_policies, policies
from tintype.deployment.stack_parameters import StackParameters

ACCOUNT, REGION = "123456789012", "eu-central-1"
PLACE = {"account": ACCOUNT, "region": REGION, "partition": "aws"}
PLAIN = StackParameters("tintype", "1.0.0")
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a"
FULL = replace(
    PLAIN,
    values={"DomainName": "images.example.com", "HostedZone": "Z1", "AnyKey": KEY},
)

# Actions on all resources though they can be narrowed, and what docs/how-to/deploy.md says that they are on.
WITHOUT_OUR_NAME = {
    "appsync:*": "AppSync and API Gateway APIs",
    "billing:GetBillingViewData": "billing views",
    "cloudwatch:DescribeAlarms": "lists",
    "iam:SimulatePrincipalPolicy": "the simulated principal",
    "lambda:*EventSourceMapping": "event source mappings",
    "sns:*": "SNS subscriptions",
}


def statements(documents: list[str]) -> Iterator[dict[str, Any]]:
    for document in documents:
        yield from json.loads(document)["Statement"]


def allowed(documents: list[str]) -> dict[str, list[str]]:
    """Return the resources of each action."""
    return {action: each["Resource"] for each in statements(documents) for action in each["Action"]}


BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/{'b' * 128}"
WITHIN = replace(FULL, stack="a" * 128, values={**FULL.values, "PermissionsBoundary": BOUNDARY})


@pytest.mark.parametrize("wanted", [PLAIN, FULL, WITHIN])
def test_policies_fit_iam_and_name_each_action_once(wanted: StackParameters) -> None:
    needs = needs_of_deployer(wanted, **PLACE)
    documents = policies(needs)
    named = [action for each in statements(documents) for action in each["Action"]]

    assert len(documents) <= MOST
    assert max(map(len, documents)) <= LONGEST
    assert len(named) == len(set(named)) == needs.needed
    assert not any("*" in action for action in named)


@pytest.mark.parametrize("wanted", [PLAIN, FULL, WITHIN])
def test_policies_are_good_iam(wanted: StackParameters) -> None:
    """cfn-lint has IAM's grammar, and knows the actions there are and the resources they take."""
    resources = {
        f"Policy{number}": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": json.loads(document)},
        }
        for number, document in enumerate(needed_policies(wanted, account=ACCOUNT, region=REGION))
    }

    template = json.dumps({"Resources": resources})

    assert [str(match) for match in lint(template, config=ManualArgs(regions=[REGION]))] == []


def test_each_action_of_a_type_is_needed_or_left_out_for_a_reason() -> None:
    needs = needs_of_deployer(PLAIN, **PLACE)
    whole = {action for actions in of_types().values() for action in actions} | set(OWN)
    needed = frozenset().union(*needs.actions.values())
    left_out = frozenset().union(*needs.left_out.values())

    assert whole <= needed | left_out
    assert not needed & left_out
    assert all(len(action.partition(":")[2]) > 1 for action in whole)


def test_no_pattern_is_there_for_nothing() -> None:
    whole = {action for actions in of_types().values() for action in actions}
    whole |= {*OWN, "wafv2:GetWebACL", "elsewhere:Anything"}  # which other releases' types may name

    for pattern, _ in (*FEATURES, *SCOPES):
        assert any(fnmatchcase(action, pattern) for action in whole), pattern


def test_features_that_are_wanted_are_allowed() -> None:
    plain, full = (
        allowed(needed_policies(wanted, account=ACCOUNT, region=REGION)) for wanted in (PLAIN, FULL)
    )

    assert "route53:ChangeResourceRecordSets" not in plain
    assert full["route53:ChangeResourceRecordSets"] == ["arn:aws:route53:::hostedzone/Z1"]
    assert full["acm:DescribeCertificate"] == [f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/*"]
    assert full["kms:CreateGrant"] == [KEY]
    assert (
        f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/tintype-certificate/*"
        in (full["cloudformation:CreateChangeSet"])
    )


def test_resources_are_the_stack_s_where_its_name_says_so() -> None:
    may = allowed(needed_policies(PLAIN, account=ACCOUNT, region=REGION))

    for action in [
        "cloudformation:ExecuteChangeSet",
        "dynamodb:CreateTable",
        "events:DeleteRule",
        "events:PutTargets",
        "iam:CreateRole",
        "iam:PassRole",
        "lambda:CreateFunction",
        "logs:CreateLogGroup",
        "logs:DescribeLogStreams",
        "s3:CreateBucket",
        "s3:PutObject",
        "sns:CreateTopic",
        "sqs:CreateQueue",
        "cloudwatch:PutMetricAlarm",
    ]:
        assert may[action] != ["*"]
        assert all("tintype" in resource for resource in may[action]), action


@pytest.mark.parametrize("wanted", [PLAIN, FULL])
def test_all_resources_are_allowed_only_where_no_name_of_ours_is_in_them(
    wanted: StackParameters,
) -> None:
    may = allowed(needed_policies(wanted, account=ACCOUNT, region=REGION))
    narrowable = {
        action
        for action, resources in may.items()
        if resources == ["*"] and takes_resources(action)
    }

    unexplained = {
        action
        for action in narrowable
        if not any(fnmatchcase(action, pattern) for pattern in WITHOUT_OUR_NAME)
    }

    assert not unexplained
    assert may["budgets:ModifyBudget"] == [f"arn:aws:budgets::{ACCOUNT}:budget/*"]
    told = unwrapped(ROOT / "docs" / "how-to" / "deploy.md")
    assert not {what for what in WITHOUT_OUR_NAME.values() if what not in told}


def conditions(documents: list[str]) -> dict[str, Any]:
    """Return the condition of each action that has one."""
    return {
        action: each["Condition"]["StringEquals"]
        for each in statements(documents)
        if "Condition" in each
        for action in each["Action"]
    }


def test_roles_are_passed_to_services_alone() -> None:
    may = conditions(needed_policies(PLAIN, account=ACCOUNT, region=REGION))

    assert may == {"iam:PassRole": {"iam:PassedToService": list(TRUSTED)}}


def test_with_a_boundary_no_role_is_written_without_it() -> None:
    documents = needed_policies(WITHIN, account=ACCOUNT, region=REGION)
    may, limited = allowed(documents), conditions(documents)

    assert "iam:DeleteRolePermissionsBoundary" not in may
    for action in BOUNDED:
        assert limited[action] == {"iam:PermissionsBoundary": [BOUNDARY]}
    giving = {action for action in may if fnmatchcase(action, "iam:[ACDP]*Role*Polic*")}
    assert {*giving, "iam:CreateRole", "iam:PutRolePermissionsBoundary"} <= set(BOUNDED)


def test_role_of_cloudformation_takes_the_resources_off_the_person() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/cloudformation"
    wanted = replace(PLAIN, role=role)

    person = allowed(needed_policies(wanted, account=ACCOUNT, region=REGION))
    its = allowed(policies(needs_of_role(wanted, **PLACE)))

    assert person["iam:PassRole"] == [role]
    passed = conditions(needed_policies(wanted, account=ACCOUNT, region=REGION))
    assert passed == {"iam:PassRole": {"iam:PassedToService": ["cloudformation.amazonaws.com"]}}
    assert not {"iam:CreateRole", "lambda:CreateFunction"} & set(person)
    assert {"iam:CreateRole", "lambda:CreateFunction", "s3:GetObject"} <= set(its)
    assert "cloudformation:ExecuteChangeSet" not in its


def test_command_prints_one_document_a_line_and_asks_nobody() -> None:
    ended = run_tintype(
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
        "deploy", "--policy", "--account", ACCOUNT, "--region", REGION,
    )  # fmt: skip

    assert ended.code == 0, ended.err
    assert ended.out.splitlines() == needed_policies(PLAIN, account=ACCOUNT, region=REGION)
    assert "any permission" in ended.err
