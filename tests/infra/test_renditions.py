"""The CDN's ways to the renditions: all through the function, private ones kept by their path."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.parts import Template, resources, the
from tests.infra.test_page import ID, PICTURES, answers, distribution

FILES, ANY_SIZE = PICTURES, "any-size"


def of_renditions(template: Template) -> list[Any]:
    return [
        each
        for each in distribution(template)["CacheBehaviors"]
        if each["TargetOriginId"] in {FILES, ANY_SIZE}
    ]


def test_every_way_to_the_renditions_bucket_passes_the_function(template: Template) -> None:
    """Which serves exact paths alone; so nobody lists the bucket either, and no query goes there."""
    (function,) = (
        name for name in resources(template, "CloudFront::Function") if name.startswith("CdnImages")
    )
    patterns = [each["PathPattern"] for each in of_renditions(template)]

    identifier = "?" * 26
    assert patterns == [
        "/i/*",
        f"/p/*/{identifier}/*/*",
        "/p/*",
        "/private/*",
        f"/{identifier}/*",
    ]
    for each in of_renditions(template):
        events = {one["EventType"]: one["FunctionARN"] for one in each["FunctionAssociations"]}
        assert events["viewer-request"] == {"Fn::GetAtt": [function, "FunctionARN"]}
        assert ("OriginRequestPolicyId" in each) is (each["TargetOriginId"] == ANY_SIZE)


def test_private_rendition_is_kept_by_its_path_whatever_browsers_are_told(
    template: Template,
) -> None:
    private, by_key, public = (
        each for each in of_renditions(template) if each["TargetOriginId"] == FILES
    )
    (name,) = (
        name
        for name in resources(template, "CloudFront::CachePolicy")
        if name.startswith("CdnPrivate")
    )
    config = the(template, "CloudFront::CachePolicy", "CdnPrivate")["CachePolicyConfig"]

    assert private["CachePolicyId"] == by_key["CachePolicyId"] == {"Ref": name}
    assert public["CachePolicyId"] == "658327ea-f89d-4fab-a63d-7e88639e58f6"
    assert config["MinTTL"] == config["MaxTTL"] == config["DefaultTTL"] == 86_400
    assert config["ParametersInCacheKeyAndForwardedToOrigin"] == {
        "CookiesConfig": {"CookieBehavior": "none"},
        "EnableAcceptEncodingBrotli": False,
        "EnableAcceptEncodingGzip": False,
        "HeadersConfig": {"HeaderBehavior": "none"},
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
    }


@pytest.mark.parametrize(
    ("path", "origin"),
    [
        (f"/p/ann/{ID}/r/thumb.webp", FILES),
        (f"/private/{'a' * 18}/{ID}/r/x", FILES),
        ("/p/", ANY_SIZE),
        ("/private/", FILES),
    ],
)
def test_private_path_is_no_page_and_no_public_rendition(
    template: Template, path: str, origin: str
) -> None:
    assert answers(template, path) == origin


def test_keys_function_reaches_its_own_item_alone(template: Template) -> None:
    policy = the(template, "IAM::Policy", "FunctionsSigningKeysRole")
    (statement,) = (
        one for one in policy["PolicyDocument"]["Statement"] if "dynamodb:GetItem" in one["Action"]
    )

    assert statement["Action"] == ["dynamodb:GetItem", "dynamodb:PutItem"]
    # Without an index: "Using IAM policy conditions for fine-grained access control" (DynamoDB guide).
    assert statement["Resource"]["Fn::GetAtt"][1] == "Arn"
    assert statement["Condition"] == {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["signing_keys"]}
    }


def test_keys_are_made_before_the_function_that_has_them_and_after_the_right_to_make_them(
    template: Template,
) -> None:
    ((_, resource),) = (
        (name, one) for name, one in template["Resources"].items() if "Custom" in one["Type"]
    )

    assert [one for one in resource["DependsOn"] if "Policy" in one]
    assert resource["Properties"]["Generation"]
    assert int(resource["Properties"]["ServiceTimeout"]) <= 3600
