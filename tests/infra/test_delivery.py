"""Any size by its address, in the template: who makes it, who may call that, and what is kept how long.

Each test stands for a sentence of AWS's documentation, which is quoted or named in it: the local cloud
shows what follows from these settings, and AWS alone that they are the right ones. "Guide" is Amazon
CloudFront's developer guide.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.infra.conftest import Synthesise
from tests.infra.deployed import deployed
from tests.infra.parts import Template, resources, several, the
from tests.infra.test_page import ID, answers, distribution
from tintype import keys, owners
from tintype.config import load, shipped
from tintype.delivery import path as delivery_path
from tintype.delivery.grammar import ADDRESS_HEADER
from tintype.node import node_folder
from tintype_infra.page import EDGE
from tintype_infra.timeouts import LONGEST_RENDER_SECONDS, ORIGIN_SECONDS, render_seconds

PATTERNS = ("/i/*", "/p/*")
OWNERS = st.text(min_size=1).map(owners.of_subject)


def behaviors(template: Template) -> list[Any]:
    found = {each["PathPattern"]: each for each in distribution(template)["CacheBehaviors"]}
    return [found[pattern] for pattern in PATTERNS]


def named(template: Template, kind: str, behavior: dict[str, Any], setting: str) -> Any:
    """Return the configuration of the policy that a behaviour names."""
    properties = template["Resources"][behavior[setting]["Ref"]]["Properties"]
    return properties[f"{kind}Config"]


# Who makes it


def test_size_comes_from_the_bucket_or_else_from_the_render_function(template: Template) -> None:
    """Guide, "Optimize high availability with CloudFront origin failover"."""
    config = distribution(template)
    (group,) = config["OriginGroups"]["Items"]
    origins = {one["Id"]: one for one in config["Origins"]}
    bucket, render = (origins[one["OriginId"]] for one in group["Members"]["Items"])

    assert {one["TargetOriginId"] for one in behaviors(template)} == {group["Id"]}
    assert group["FailoverCriteria"]["StatusCodes"]["Items"] == [403, 404]
    assert "S3OriginConfig" in bucket
    assert bucket["DomainName"] == origins["renditions"]["DomainName"]
    assert "FunctionsRenderFunctionUrl" in json.dumps(render["DomainName"])


def test_only_get_and_head_reach_the_group(template: Template) -> None:
    """Guide, same page: "CloudFront fails over to the secondary origin only when the HTTP method of
    the viewer request is GET, HEAD, or OPTIONS"."""
    for behavior in behaviors(template):
        assert behavior["AllowedMethods"] == ["GET", "HEAD"]


def test_function_s_url_takes_signed_requests_alone(template: Template) -> None:
    """Guide, "Restrict access to an AWS Lambda function URL origin": AWS_IAM, and sign always."""
    url = the(template, "Lambda::Url")
    access = the(template, "CloudFront::OriginAccessControl", "CdnRenderAccess")

    assert url["AuthType"] == "AWS_IAM"
    assert "Cors" not in url
    assert url.get("InvokeMode", "BUFFERED") == "BUFFERED"
    config = access["OriginAccessControlConfig"]
    assert (config["OriginAccessControlOriginType"], config["SigningProtocol"]) == (
        "lambda",
        "sigv4",
    )
    assert config["SigningBehavior"] == "always"


def test_this_distribution_alone_may_call_it_by_both_actions(template: Template) -> None:
    """Lambda's developer guide, "Control access to Lambda function URLs": "lambda:InvokeFunctionUrl
    and lambda:InvokeFunction permissions" are both required, the latter by the URL alone."""
    ((function, _),) = (
        (name, one)
        for name, one in resources(template, "Lambda::Function").items()
        if name.startswith("FunctionsRender")
    )
    ours = [
        one["Properties"]
        for one in resources(template, "Lambda::Permission").values()
        if function in json.dumps(one["Properties"]["FunctionName"])
    ]

    assert {(one["Action"], one.get("InvokedViaFunctionUrl")) for one in ours} == {
        ("lambda:InvokeFunctionUrl", None),
        ("lambda:InvokeFunction", True),
    }
    for one in ours:
        assert one["Principal"] == "cloudfront.amazonaws.com"
        assert "CdnDistribution" in json.dumps(one["SourceArn"])


def test_it_has_the_engine_and_ends_before_cloudfront_gives_up(template: Template) -> None:
    """Guide, "Response timeout": for GET and HEAD, CloudFront "drops the connection" and "tries again
    to contact the origin", up to three times by default, and each is a run to pay for. The default
    quota of the timeout was 60 seconds, and is 120 by now ("Quotas")."""
    render = the(template, "Lambda::Function", "FunctionsRender")
    process = the(template, "Lambda::Function", "FunctionsProcess")
    origin = next(one for one in distribution(template)["Origins"] if one["Id"] == "render")

    assert render["Code"] == process["Code"]
    assert render["MemorySize"] == 1769
    assert origin["CustomOriginConfig"]["OriginReadTimeout"] == ORIGIN_SECONDS == 60
    assert render["Timeout"] == LONGEST_RENDER_SECONDS < ORIGIN_SECONDS


def test_short_limit_of_the_engine_is_also_that_of_the_render_function() -> None:
    config = load(shipped())

    assert render_seconds(config) == LONGEST_RENDER_SECONDS
    object.__setattr__(config.limits, "timeout_seconds", 5.0)
    assert render_seconds(config) == 35


def test_renders_have_a_ceiling_that_zero_removes(written: Template) -> None:
    """Lambda's developer guide, "Configuring reserved concurrency": it is also the maximum."""

    def reserved(**parameters: str) -> Any:
        function = the(deployed(written, **parameters), "Lambda::Function", "FunctionsRender")
        return function.get("ReservedConcurrentExecutions")

    assert reserved() == 20
    assert reserved(RenderConcurrency="7") == 7
    assert reserved(RenderConcurrency="0") is None


def test_ceiling_without_parameters_is_the_file_s(synthesise: Synthesise) -> None:
    template = synthesise({"render_concurrency": 0, "render_memory_mib": 2048})
    function = the(template, "Lambda::Function", "FunctionsRender")

    assert "ReservedConcurrentExecutions" not in function
    assert function["MemorySize"] == 2048


def test_it_may_write_pictures_of_any_size_and_nothing_else(template: Template) -> None:
    policy = the(template, "IAM::Policy", "FunctionsRenderRole")["PolicyDocument"]
    writes = [
        (action, resource)
        for statement in policy["Statement"]
        for action in several(statement["Action"])
        for resource in several(statement["Resource"])
        if not action.startswith(("s3:Get", "s3:List", "logs:"))
    ]

    assert {action for action, _ in writes} == {
        "s3:PutObject",
        "s3:PutObjectTagging",
        "s3:DeleteObject",
    }
    for _, resource in writes:
        bucket, rest = resource["Fn::Join"][1]
        assert bucket["Fn::GetAtt"][0].startswith("Renditions")
        assert rest == "/*/x/*"


# Which way an address goes


@pytest.mark.parametrize("name", ["", "/cat.webp", "/a-name-of-26-characters-wide"])
def test_public_address_of_any_size_goes_to_the_group(template: Template, name: str) -> None:
    assert answers(template, f"/i/{ID}{name}") == "any-size"


@given(owner=OWNERS)
@pytest.mark.parametrize("name", ["", "/cat.webp", f"/{ID}"])
def test_private_address_of_any_size_goes_to_the_group(
    template: Template, owner: str, name: str
) -> None:
    file = delivery_path(keys.rendition_key(ID, "0a", "thumb.webp", owner))
    folder = file.removesuffix("/0a/thumb.webp")

    assert answers(template, f"{folder}{name}") == "any-size"
    assert answers(template, file) == "renditions"


# What is kept how long


def test_cloudfront_keeps_what_the_answer_allows_by_its_key_alone(template: Template) -> None:
    """Guide, "Expiration": with a minimum above 0, CloudFront keeps an object for it even if
    Cache-Control says no-store or private: a redirect to a large picture would stay in its place."""
    for behavior in behaviors(template):
        config = named(template, "CachePolicy", behavior, "CachePolicyId")
        assert (config["MinTTL"], config["DefaultTTL"], config["MaxTTL"]) == (0, 0, 31_536_000)
        assert config["ParametersInCacheKeyAndForwardedToOrigin"] == {
            "CookiesConfig": {"CookieBehavior": "none"},
            "EnableAcceptEncodingBrotli": False,
            "EnableAcceptEncodingGzip": False,
            "HeadersConfig": {"HeaderBehavior": "none"},
            "QueryStringsConfig": {"QueryStringBehavior": "none"},
        }


def test_origin_gets_the_address_as_it_was_asked_and_nothing_else(template: Template) -> None:
    """Guide, "Control origin requests with a policy": such a header is not in the cache key."""
    for behavior in behaviors(template):
        config = named(template, "OriginRequestPolicy", behavior, "OriginRequestPolicyId")
        assert config["HeadersConfig"] == {
            "HeaderBehavior": "whitelist",
            "Headers": [ADDRESS_HEADER],
        }
        assert config["CookiesConfig"] == {"CookieBehavior": "none"}
        assert config["QueryStringsConfig"] == {"QueryStringBehavior": "none"}


def test_error_is_kept_as_long_as_it_says_and_no_longer(template: Template) -> None:
    """Guide, "How CloudFront processes HTTP 4xx and 5xx status codes": the longer of the error
    caching minimum, which is 0 here, and max-age; 403 and 429 only if they say so, or never."""
    errors = distribution(template)["CustomErrorResponses"]

    assert {one["ErrorCachingMinTTL"] for one in errors} == {0}
    assert {404, 500, 502, 503, 504} <= {one["ErrorCode"] for one in errors}


def test_picture_of_any_size_expires_by_its_tag(written: Template) -> None:
    """S3's user guide, "Lifecycle configuration elements": a filter by a tag."""
    rules = the(written, "S3::Bucket", "Renditions")["LifecycleConfiguration"]["Rules"]
    (rule,) = (one for one in rules if one["Id"] == "forget-any-size")

    assert rule["TagFilters"] == [{"Key": "tintype", "Value": "delivered"}]
    assert rule["ExpirationInDays"] == load(shipped()).delivery.keep_days == 90
    assert rule["Status"] == "Enabled"
    assert "Prefix" not in rule


# What browsers and other caches are told


def test_every_answer_says_that_it_follows_accept(template: Template) -> None:
    """CloudFront removes Vary for headers that it does not forward (guide, "HTTP response headers that
    CloudFront removes or replaces"), so a policy adds it. With CORS in the policy it would be lost:
    CloudFront then writes Vary itself (seen at the edge: ttoss/ttoss#1206 on GitHub)."""
    for behavior in behaviors(template):
        config = named(template, "ResponseHeadersPolicy", behavior, "ResponseHeadersPolicyId")
        assert config["CustomHeadersConfig"]["Items"] == [
            {"Header": "vary", "Override": True, "Value": "Accept"}
        ]
        assert "CorsConfig" not in config
        assert set(config["SecurityHeadersConfig"]) == {
            "ContentTypeOptions",
            "StrictTransportSecurity",
        }


def test_any_site_may_use_pictures_of_any_size_by_a_function(template: Template) -> None:
    """CloudFront refuses "access-control-allow-origin" as a policy's custom header (same place)."""
    (function,) = (
        name
        for name in resources(template, "CloudFront::Function")
        if name.startswith("CdnAnySize")
    )
    for behavior in behaviors(template):
        events = {
            one["EventType"]: one["FunctionARN"]["Fn::GetAtt"][0]
            for one in behavior["FunctionAssociations"]
        }
        assert events["viewer-response"] == function
        assert events["viewer-request"].startswith("CdnImages")


def test_function_adds_two_headers_and_keeps_the_others() -> None:
    event = {"response": {"statusCode": 200, "headers": {"etag": {"value": "1"}}}}
    code = (EDGE / "any-size.js").read_text("utf-8")
    run = f"{code}\nconsole.log(JSON.stringify(handler({json.dumps(event)})));"

    done = subprocess.run(  # noqa: S603 - our own function
        [node_folder() / "node", "-e", run], capture_output=True, check=True, text=True
    )

    assert json.loads(done.stdout) == {
        "statusCode": 200,
        "headers": {
            "etag": {"value": "1"},
            "access-control-allow-origin": {"value": "*"},
            "vary": {"value": "Accept"},
        },
    }


# Who looks after it


def test_slow_render_rings_before_it_fails(template: Template) -> None:
    alarm = the(template, "CloudWatch::Alarm", "AlarmsRenderSlow")
    function = the(template, "Lambda::Function", "FunctionsRender")

    assert (alarm["MetricName"], alarm["Statistic"]) == ("Duration", "Maximum")
    assert alarm["Threshold"] == pytest.approx(0.8 * function["Timeout"] * 1_000)


def test_refused_renders_ring_with_a_word_on_the_ceiling(template: Template) -> None:
    alarm = the(template, "CloudWatch::Alarm", "AlarmsRenderThrottles")

    assert "429" in alarm["AlarmDescription"]
    assert "render_concurrency" in alarm["AlarmDescription"]


def test_dashboard_shows_the_render_function(template: Template) -> None:
    body = json.dumps(the(template, "CloudWatch::Dashboard")["DashboardBody"])

    assert "Render function" in body
