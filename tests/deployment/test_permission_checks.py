"""Whether whoever deploys may: what IAM is asked, what it is not, and how both are told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.deployment.conftest import ACCOUNT, REGION, Stubbed
from tests.deployment.test_checks import WANTED, one
from tintype.deployment.actions import NO_ACTIONS, TRUSTED, needs_of_deployer, needs_of_role
from tintype.deployment.checks.findings import CheckState, Code, looked_up
from tintype.deployment.checks.permission import BATCH, check_permissions

CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/r/me"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/r"
NEEDS = needs_of_deployer(WANTED, account=ACCOUNT, region=REGION, partition="aws")
ALL = frozenset().union(*NEEDS.actions.values())


@dataclass(frozen=True)
class Status:
    """As much of an HTTP response as botocore looks at."""

    status_code: int


@dataclass
class Simulator:
    """IAM, which denies some actions and does not know others; it remembers what it was asked."""

    denied: Collection[str] = ()
    unknown: Collection[str] = ()
    by_organization: bool = True
    asked: dict[str, set[str]] = field(default_factory=dict)  # actions, by whose policies
    said: dict[str, set[str]] = field(default_factory=dict)  # what requests would say, by action

    def __call__(self, params: Mapping[str, Any], **_: object) -> tuple[Status, dict[str, Any]]:
        body = params["body"]
        named = [body[name] for name in body if name.startswith("ActionNames.")]
        assert len(named) <= BATCH
        assert all("*" not in body[name].strip("*") for name in body if "ResourceArns" in name)
        if set(named) & set(self.unknown):
            return Status(400), {"Error": {"Code": "InvalidInput", "Message": "no such action"}}
        self.asked.setdefault(body["PolicySourceArn"], set()).update(named)
        for action in named:
            values = {body[name] for name in body if ".ContextKeyValues." in name}
            self.said.setdefault(action, set()).update(values)
        return Status(200), {
            "EvaluationResults": [self._result(action) for action in named],
            "IsTruncated": False,
        }

    def _result(self, action: str) -> dict[str, Any]:
        return {
            "EvalActionName": action,
            "EvalDecision": "implicitDeny" if action in self.denied else "allowed",
            "OrganizationsDecisionDetail": {"AllowedByOrganizations": self.by_organization},
        }


def simulated(stubbed: Stubbed, simulator: Simulator) -> None:
    role = {"Path": "/team/", "RoleName": "r", "RoleId": "r" * 16, "Arn": ROLE, "CreateDate": datetime(2026, 1, 1, tzinfo=UTC)}  # fmt: skip
    stubbed.respond_with("cloudformation", "validate_template", {})
    events = stubbed.clients("iam").meta.events
    events.register("before-call.iam.GetRole", lambda **_: (Status(200), {"Role": role}))
    events.register("before-call.iam.SimulatePrincipalPolicy", simulator)


def test_every_action_is_asked_by_the_policies_of_the_session_s_role(stubbed: Stubbed) -> None:
    simulator = Simulator()
    simulated(stubbed, simulator)

    found = one(check_permissions(stubbed.clients, ACCOUNT, CALLER, WANTED))

    assert simulator.asked == {ROLE: ALL}
    assert found.state is CheckState.GOOD
    assert f"{len(ALL)} of {NEEDS.known} actions asked" in found.message


def test_conditions_of_the_policy_are_met_by_what_is_asked(stubbed: Stubbed) -> None:
    simulator = Simulator()
    simulated(stubbed, simulator)
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    wanted = replace(WANTED, values={**WANTED.values, "PermissionsBoundary": boundary})

    assert one(check_permissions(stubbed.clients, ACCOUNT, CALLER, wanted)).state is CheckState.GOOD
    assert simulator.said["iam:PassRole"] == set(TRUSTED)
    assert simulator.said["iam:CreateRole"] == {boundary}
    assert simulator.said["lambda:CreateFunction"] == set()


def test_what_was_not_asked_is_said(stubbed: Stubbed) -> None:
    simulator = Simulator(unknown={"lambda:PutFunctionScalingConfig"})
    simulated(stubbed, simulator)
    wanted = replace(WANTED, types=("AWS::Lambda::Function", "AWS::Later::Type"))
    needs = needs_of_deployer(wanted, account=ACCOUNT, region=REGION, partition="aws")

    found = one(check_permissions(stubbed.clients, ACCOUNT, CALLER, wanted))

    assert found.state is CheckState.GOOD
    assert f"{needs.needed - 1} of {needs.known} actions asked" in found.message
    assert "4 for a network of its own" in found.message
    strange = len(needs.left_out[NO_ACTIONS])
    assert f"{strange + 1} that IAM does not know" in found.message
    assert "those for AWS::Later::Type" in found.message
    assert "organization" in found.advice
    assert "everything" not in found.message


@pytest.mark.parametrize("action", ["lambda:CreateFunction", "s3:PutBucketCORS"])
def test_what_iam_would_deny_is_named(stubbed: Stubbed, action: str) -> None:
    simulated(stubbed, Simulator(denied={action}))

    found = one(check_permissions(stubbed.clients, ACCOUNT, CALLER, WANTED))

    assert found.code is Code.PERMISSION_MISSING
    assert found.message == f"you may not: {action}"
    assert "tintype deploy --policy" in found.advice


def test_what_the_organization_denies_is_denied(stubbed: Stubbed) -> None:
    simulated(stubbed, Simulator(by_organization=False))

    found = one(check_permissions(stubbed.clients, ACCOUNT, CALLER, WANTED))

    assert found.code is Code.PERMISSION_MISSING


def test_cloudformation_s_role_is_asked_for_what_it_does(stubbed: Stubbed) -> None:
    simulator = Simulator(denied={"dynamodb:CreateTable"})
    simulated(stubbed, simulator)
    role = f"arn:aws:iam::{ACCOUNT}:role/cloudformation"
    wanted = replace(WANTED, role=role)
    needs = needs_of_role(wanted, account=ACCOUNT, region=REGION, partition="aws")

    mine, its = check_permissions(stubbed.clients, ACCOUNT, CALLER, wanted)

    assert mine.state is CheckState.GOOD
    assert "what CloudFormation's role does" in mine.message
    assert its.message == "CloudFormation's role may not: dynamodb:CreateTable"
    assert simulator.asked[role] == frozenset().union(*needs.actions.values())
    assert "iam:PassRole" in simulator.asked[ROLE]
    assert "dynamodb:CreateTable" not in simulator.asked[ROLE]


def test_root_is_not_asked_and_not_said_to_be_able_to_do_everything(stubbed: Stubbed) -> None:
    stubbed.respond_with("cloudformation", "validate_template", {})

    found = one(check_permissions(stubbed.clients, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", WANTED))

    assert found.state is CheckState.GOOD
    assert "not asked" in found.message


def test_cloudformation_refused_is_found_without_simulating(stubbed: Stubbed) -> None:
    stubbed.refuses("cloudformation", "validate_template", "AccessDenied", "no", status=403)

    found = one(check_permissions(stubbed.clients, ACCOUNT, CALLER, WANTED))

    assert found.code is Code.PERMISSION_MISSING


def test_simulation_that_is_not_allowed_is_only_noted(stubbed: Stubbed) -> None:
    stubbed.respond_with("cloudformation", "validate_template", {})
    stubbed.refuses("iam", "get_role", "AccessDenied", "no", status=403)

    found = looked_up(
        [("permissions", lambda: check_permissions(stubbed.clients, ACCOUNT, CALLER, WANTED))]
    )

    assert (one(found).code, one(found).state) == (Code.CHECK_FAILED, CheckState.NOTE)
