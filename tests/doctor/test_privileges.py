"""What the doctor asks IAM about is what docs/permissions.md says that our roles need."""

from __future__ import annotations

import pytest

from tests.cloud.permissions import ROLES, documented
from tests.doctor.canned import case
from tintype.doctor.privileges import PRIVILEGES, Privilege, arn_of


def test_all_that_the_roles_need_is_asked_about_but_for_their_logs() -> None:
    rows = {
        (one.who, one.action, one.resource)
        for one in documented()
        # What a setting gives is not asked about: where it is off, nobody needs it.
        if one.who in ROLES and not one.action.startswith("logs:") and not one.condition
    }

    assert {(one.who, one.action, one.on) for one in PRIVILEGES} == rows


@pytest.mark.parametrize(
    ("on", "arn"),
    [
        ("originals bucket", "arn:aws:s3:::originals-1"),
        (
            "renditions bucket `/*/manifest.json`",
            "arn:aws:s3:::renditions-1/01M7XPE600ABCDEFGHJKMNPQRS/manifest.json",
        ),
        ("develop queue", "arn:aws:sqs:eu-central-1:123456789012:develop"),
        ("develop function", "arn:aws:lambda:eu-central-1:123456789012:function:develop-1"),
        (
            "images table `/index/byOwner`",
            "arn:aws:dynamodb:eu-central-1:123456789012:table/images-1/index/byOwner",
        ),
        (
            "GraphQL API `/types/Mutation/fields/publishImage`",
            "arn:aws:appsync:eu-central-1:123456789012:apis/g1/types/Mutation/fields/publishImage",
        ),
    ],
)
def test_a_part_has_its_arn(on: str, arn: str) -> None:
    assert arn_of(Privilege("develop function", "any:Action", on), case()) == arn
