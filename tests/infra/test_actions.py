"""The list of what deploying needs is as AWS's schemas of the template's resource types say."""

from __future__ import annotations

import pytest

from docs.making.actions import (
    NoSchemaError,
    actions_of,
    is_action,
    takes_resources,
)
from tests.deployment.test_policies import ACCOUNT, FULL, REGION
from tests.infra.parts import Template, resources
from tintype.deployment.actions import OWN, TRUSTED, needs_of_deployer


def test_roles_are_passed_to_whom_the_template_s_roles_trust(written: Template) -> None:
    trusted = {
        statement["Principal"]["Service"]
        for role in resources(written, "IAM::Role").values()
        for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    }

    assert set(TRUSTED) == trusted


def test_type_whose_schema_says_nothing_is_not_passed_over() -> None:
    with pytest.raises(NoSchemaError, match="AWS::IAM::AccessKey"):
        actions_of("AWS::IAM::AccessKey")


def test_each_action_is_allowed_on_resources_that_it_takes() -> None:
    """On "*" alone, where IAM has no resources for it; an action on others would never be allowed."""
    needs = needs_of_deployer(FULL, account=ACCOUNT, region=REGION, partition="aws")
    narrowed = {
        action
        for resources, actions in needs.actions.items()
        if resources != ("*",)
        for action in actions
    }

    assert {action for action in narrowed if not takes_resources(action)} == set()


def test_deployer_s_own_actions_are_ones_that_iam_has() -> None:
    assert [action for action in OWN if not is_action(action)] == []
