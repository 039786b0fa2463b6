"""A deployment before anything is asked of CloudFormation: what the stack's state forbids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.deployment.conftest import ACCOUNT, Stubbed
from tintype.deployment.checks.run import AccountContext
from tintype.deployment.deploy import CAPABILITIES, Deployment
from tintype.deployment.errors import StackStuckError
from tintype.deployment.events import Progress
from tintype.deployment.phases import Phase
from tintype.deployment.stack_parameters import StackOptions
from tintype.releases import Release, ReleaseManifest

ARN = "arn:aws:cloudformation:eu-central-1:123456789012:stack/tintype/1"


class Silent:
    """Hears of everything and does nothing."""

    def step(self, text: str) -> None: ...

    def uploading(self, sizes: Mapping[str, int]) -> None: ...

    def sent(self, name: str, number: int) -> None: ...

    def progress(self, progress: Progress, /) -> None: ...


@pytest.fixture
def deployment(stubbed: Stubbed, tmp_path: Path) -> Deployment:
    manifest = ReleaseManifest("1.2.3", "tintype", "t.json", "c.json", (), {}, "3.13", {}, 1, ())
    place = AccountContext(stubbed.clients, ACCOUNT, "root")
    return Deployment(place, Release(tmp_path, manifest), "tintype", {}, Silent())


class Impatient(Silent):
    """Presses Ctrl-C as soon as CloudFormation is at work."""

    def progress(self, progress: Progress, /) -> None:
        assert progress
        raise KeyboardInterrupt


def stack(status: str) -> dict[str, Any]:
    """Return what CloudFormation tells of the stack."""
    failure_lines = {
        "StackName": "tintype",
        "StackId": ARN,
        "StackStatus": status,
        "Description": "Tintype: images",
        "CreationTime": datetime(2026, 11, 21, tzinfo=UTC),
    }
    return {"Stacks": [failure_lines]}


def test_ctrl_c_while_a_failed_creation_is_deleted_is_not_said_to_have_changed_nothing(
    stubbed: Stubbed, deployment: Deployment
) -> None:
    deployment.reporter = Impatient()
    stubbed.respond_with("cloudformation", "describe_stacks", stack("ROLLBACK_COMPLETE"))
    stubbed.respond_with("cloudformation", "describe_stack_events", {"StackEvents": []})
    stubbed.respond_with("cloudformation", "delete_stack", {}, StackName=ARN)
    stubbed.respond_with("cloudformation", "describe_stacks", stack("DELETE_IN_PROGRESS"))
    stubbed.respond_with("cloudformation", "describe_stack_events", {"StackEvents": []})

    with pytest.raises(KeyboardInterrupt):
        deployment.prepare()

    assert deployment.phase is Phase.CLEARING


def test_what_a_failed_deletion_has_left_is_not_deleted_by_a_deployment(
    stubbed: Stubbed, deployment: Deployment
) -> None:
    stubbed.respond_with("cloudformation", "describe_stacks", stack("DELETE_FAILED"))

    with pytest.raises(StackStuckError, match="tintype destroy --stack tintype"):
        deployment.prepare()


def test_tags_and_the_role_go_with_the_request_for_changes() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/cloudformation"

    assert StackOptions().request() == {}
    assert StackOptions({"team": "web"}, role).request() == {
        "Tags": [{"Key": "team", "Value": "web"}],
        "RoleARN": role,
    }


def test_no_role_has_a_name_so_no_more_is_asked_than_to_make_roles() -> None:
    assert CAPABILITIES == ("CAPABILITY_IAM",)
