"""A deployment before anything is asked of CloudFormation: what the stack's state forbids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.deployment.conftest import ACCOUNT, Stubbed
from tintype.deployment.checks import Place
from tintype.deployment.errors import StackStuckError
from tintype.deployment.stack import Deployment
from tintype.deployment.watching import Progress
from tintype.releases import Manifest, Release

ARN = "arn:aws:cloudformation:eu-central-1:123456789012:stack/tintype/1"


class Silent:
    """Hears of everything and does nothing."""

    def step(self, text: str) -> None: ...

    def sending(self, sizes: Mapping[str, int]) -> None: ...

    def sent(self, name: str, number: int) -> None: ...

    def progress(self, progress: Progress, /) -> None: ...


@pytest.fixture
def deployment(stubbed: Stubbed, tmp_path: Path) -> Deployment:
    manifest = Manifest("1.2.3", "tintype", "t.json", "c.json", (), {}, "3.13", {}, 1, ())
    place = Place(stubbed.clients, ACCOUNT, "root")
    return Deployment(place, Release(tmp_path, manifest), "tintype", {}, Silent())


def test_what_a_failed_deletion_has_left_is_not_deleted_by_a_deployment(
    stubbed: Stubbed, deployment: Deployment
) -> None:
    stack = {
        "StackName": "tintype",
        "StackId": ARN,
        "StackStatus": "DELETE_FAILED",
        "Description": "Tintype: images",
        "CreationTime": datetime(2026, 11, 21, tzinfo=UTC),
    }
    stubbed.answers("cloudformation", "describe_stacks", {"Stacks": [stack]}, StackName="tintype")

    with pytest.raises(StackStuckError, match="tintype destroy --stack tintype"):
        deployment.prepare()
