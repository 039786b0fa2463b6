"""The template: what there is, how it is set, and how the parts are wired."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from tests.infra.conftest import Synthesise
from tests.infra.deployed import deployed
from tests.infra.parts import Template, resources, the
from tests.records import DELETED, TICKET
from tintype import keys
from tintype.aws.dynamodb import INDEX, NAME_INDEX
from tintype.config import Service, load, shipped
from tintype.config.hints import note
from tintype.constraints import Range
from tintype.doctor.checks.queues import OLDEST_SECONDS
from tintype.doctor.stack import FAILED
from tintype.functions.renewal import RENEW
from tintype.images import OWNER_FILENAME, item
from tintype.outputs import Output
from tintype_infra.app import new_app
from tintype_infra.construct import TICKETS
from tintype_infra.functions import MALLOC
from tintype_infra.packages import ROOT, Packages
from tintype_infra.stack import TintypeStack

FUNCTIONS = ("api", "process", "catalogue", "render")
MOST_RESOURCES = 500  # that CloudFormation takes


def test_template_is_small_enough(template: Template) -> None:
    print(f"{len(template['Resources'])} resources")  # noqa: T201 - shown by pytest -rP

    assert len(template["Resources"]) < MOST_RESOURCES / 4


def test_outputs_are_those_of_the_table_with_its_descriptions(template: Template) -> None:
    described = {name: facts["Description"] for name, facts in template["Outputs"].items()}

    assert described == {output: output.description for output in Output}


# What images, addresses and keys are lost with: each must stay the resource that it was in 0.1.0.
STATEFUL = {
    "AccessLogs8B620ECA": "S3::Bucket",
    "Originals63BA965B": "S3::Bucket",
    "Renditions81538D22": "S3::Bucket",
    "SiteE53D7754": "S3::Bucket",
    "Images2D38C313": "DynamoDB::Table",
    "Access9901B1FF": "DynamoDB::Table",
    "SignInPeople69CEA63E": "Cognito::UserPool",
    "ProcessJobsQueue123A322B": "SQS::Queue",
    "ProcessJobsDeadLetters3CF6392F": "SQS::Queue",
    "ProcessJobsBackground217E81FB": "SQS::Queue",
    "ProcessJobsFailed4C57BDC2": "SQS::Queue",
    "CatalogueJobsQueueD64BF84B": "SQS::Queue",
    "CatalogueJobsDeadLetters3A3EBA61": "SQS::Queue",
    "CdnDistribution149FA6C8": "CloudFront::Distribution",
    "HttpApi4E1D4184": "ApiGatewayV2::Api",
    "GraphqlApiB87B80FA": "AppSync::GraphQLApi",
    "GraphqlKey08924121": "AppSync::ApiKey",
}


def test_what_data_and_addresses_hang_on_keeps_its_identifier(written: Template) -> None:
    found = {
        name: resource["Type"].removeprefix("AWS::")
        for name, resource in written["Resources"].items()
        if resource["Type"].removeprefix("AWS::") in set(STATEFUL.values())
    }

    assert found == STATEFUL


def test_nothing_but_the_keys_is_made_by_a_function(template: Template) -> None:
    kinds = {resource["Type"] for resource in template["Resources"].values()}

    assert [kind for kind in kinds if "Custom" in kind] == ["Custom::SigningKeys"]
    assert len(resources(template, "Lambda::Function")) == len(FUNCTIONS) + 1


def test_packages_come_from_the_bucket_that_is_given(written: Template, packages: Packages) -> None:
    for function in resources(written, "Lambda::Function").values():
        assert function["Properties"]["Code"] == {
            "S3Bucket": {"Ref": "PackagesBucket"},
            "S3Key": packages.api.name,
        }


def test_account_needs_nothing_of_cdk(written: Template) -> None:
    text = json.dumps(written)

    assert "BootstrapVersion" not in written["Parameters"]
    assert "cdk-" not in text
    assert "BucketDeployment" not in text


def test_two_stacks_fit_one_account(packages: Packages, tmp_path: Path) -> None:
    app = new_app(tmp_path)
    for name in ("one", "two"):
        TintypeStack(app, name, config=load(shipped()), packages=packages)

    app.synth()

    one, two = ((tmp_path / f"{name}.template.json").read_text("utf-8") for name in ("one", "two"))
    assert one == two  # and so the names in it are no stack's own


def test_every_name_is_made_of_the_stack_s_identifier(template: Template) -> None:
    # Their names are one within their API.
    inner = {"AppSync::DataSource", "ApiGatewayV2::Authorizer"}

    for resource in template["Resources"].values():
        for setting, value in resource.get("Properties", {}).items():
            ours = resource["Type"].removeprefix("AWS::") not in inner
            if setting in {"Name", "BucketName", "QueueName", "TableName", "FunctionName"} and ours:
                assert re.search(r"Ref|GetAtt", json.dumps(value)), (resource, setting)
    for kind in ("Function", "OriginAccessControl", "ResponseHeadersPolicy"):
        for resource in resources(template, f"CloudFront::{kind}").values():
            properties = resource["Properties"]
            properties = properties | properties.get(f"{kind}Config", {})
            assert "AWS::StackId" in json.dumps(properties["Name"]), resource


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_gets_the_settings_that_it_reads_and_no_other(
    template: Template, name: str
) -> None:
    source = (ROOT / "src" / "tintype" / "functions" / f"{name}.py").read_text("utf-8")
    read = set(re.findall(r'environ\["(\w+)"\]', source))

    function = the(template, "Lambda::Function", f"Functions{name.title()}")

    given = set(function["Environment"]["Variables"]) - set(MALLOC)
    assert given == read
    holds_pixels = name in {"process", "render"}
    assert not holds_pixels or MALLOC.items() <= function["Environment"]["Variables"].items()
    assert function["Handler"] == f"tintype.functions.{name}.handler"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_runs_on_arm_and_logs_to_its_own_group(template: Template, name: str) -> None:
    function = the(template, "Lambda::Function", f"Functions{name.title()}")

    assert function["Architectures"] == ["arm64"]
    assert function["Runtime"] == "python3.14"
    assert function["LoggingConfig"]["LogGroup"]["Ref"].startswith(f"Functions{name.title()}Logs")


def test_keys_of_the_table_are_those_of_the_records(template: Template) -> None:
    table = the(template, "DynamoDB::Table", "Images")

    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    indexes = {
        one["IndexName"]: (
            [key["AttributeName"] for key in one["KeySchema"]],
            one["Projection"]["ProjectionType"],
        )
        for one in table["GlobalSecondaryIndexes"]
    }
    assert indexes == {
        INDEX: (["owner", "createdAt"], "ALL"),
        NAME_INDEX: ([OWNER_FILENAME, "createdAt"], "KEYS_ONLY"),
    }
    assert OWNER_FILENAME in item(TICKET)
    assert OWNER_FILENAME not in item(DELETED)
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_http_api_is_throttled(template: Template) -> None:
    stage = the(template, "ApiGatewayV2::Stage")

    assert the(template, "ApiGatewayV2::Integration")["PayloadFormatVersion"] == "2.0"
    assert stage["StageName"] == "$default"
    assert stage["DefaultRouteSettings"] == {
        "ThrottlingRateLimit": 50,
        "ThrottlingBurstLimit": 100,
    }


def test_tickets_are_given_out_where_the_api_may_put(template: Template) -> None:
    assert f"{TICKETS}/" == keys.ORIGINALS
    assert f"/{TICKETS}/*" in json.dumps(the(template, "IAM::Policy", "FunctionsApiRole"))


def test_cdn_serves_the_page_renditions_and_the_api(template: Template) -> None:
    config = the(template, "CloudFront::Distribution")["DistributionConfig"]
    api, any_size, private, private_any_size, by_key, renditions = config["CacheBehaviors"]

    assert config["HttpVersion"] == "http2and3"
    assert config["PriceClass"] == "PriceClass_100"
    for behavior in (config["DefaultCacheBehavior"], *config["CacheBehaviors"][1:]):
        assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"
        assert behavior["AllowedMethods"] == ["GET", "HEAD"]
    for behavior in (config["DefaultCacheBehavior"], private, by_key, renditions):
        assert behavior["Compress"] is True
    for behavior in (any_size, private_any_size):  # pictures alone
        assert behavior["Compress"] is False
    assert api["PathPattern"] == "/api/*"
    assert set(api["AllowedMethods"]) >= {"POST", "DELETE"}
    # CloudFront's own, by their numbers: CachingDisabled, AllViewerExceptHostHeader.
    assert api["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert api["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    page_access, *access = (one for one in config["Origins"] if "S3OriginConfig" in one)
    assert page_access["OriginAccessControlId"] not in [
        one["OriginAccessControlId"] for one in access
    ]


def test_every_site_may_use_renditions(template: Template) -> None:
    policy = the(template, "CloudFront::ResponseHeadersPolicy", "CdnHeaders")[
        "ResponseHeadersPolicyConfig"
    ]

    assert policy["CorsConfig"]["AccessControlAllowOrigins"] == {"Items": ["*"]}
    assert policy["CorsConfig"]["AccessControlAllowCredentials"] is False
    assert set(policy["SecurityHeadersConfig"]) == {"ContentTypeOptions", "StrictTransportSecurity"}


def test_every_alarm_says_what_to_do(template: Template) -> None:
    alarms = resources(template, "CloudWatch::Alarm")

    assert len(alarms) == 4 * 2 + 2 * 3 + 1 + 1 + 1
    for alarm in alarms.values():
        assert len(alarm["Properties"]["AlarmDescription"].split(". ")) > 1
    assert len(resources(template, "CloudWatch::Dashboard")) == 1


# An instant as a property has it: seconds or milliseconds since 1970 in this century, or a date.
INSTANT = re.compile(r"[1-9]\d{9}(\d{3})?(\.\d+)?|20\d\d-\d\d-\d\d(T.*)?")


def instants(value: Any, path: str = "") -> set[str]:
    """Return the path of everything that is a moment, not a duration; a policy's version is none."""
    match value:
        case dict():
            parts = [(f"{path}.{name}", part) for name, part in value.items()]
        case list():
            parts = [(path, part) for part in value]
        case _:
            policy = path.endswith(".Version") and value == "2012-10-17"
            none = policy or path.endswith(".MaxValue")  # a parameter's largest number
            return {path} if INSTANT.fullmatch(str(value)) and not none else set()
    return {found for name, part in parts for found in instants(part, name)}


def test_nothing_in_the_template_ends_at_a_moment(
    write: Synthesise, certificate_template: Template
) -> None:
    everything = write({"alarm_email": "me@example.com"})

    assert not instants(everything)
    assert not instants(certificate_template)
    assert not {name for name in everything["Parameters"] if name.endswith("Expires")}
    assert "Expires" not in the(deployed(everything, AccessMode="open"), "AppSync::ApiKey")


@pytest.mark.parametrize("moment", [1826236801, "1826236801", "2027-11-15", "2027-11-15T00:00:00Z"])
def test_a_moment_would_be_found(written: Template, moment: object) -> None:
    planted = deepcopy(written)
    (key,) = resources(planted, "AppSync::ApiKey").values()
    key["Properties"]["Expires"] = moment

    assert {path.rpartition(".")[2] for path in instants(planted)} == {"Expires"}


def test_the_key_is_renewed_every_day_by_the_catalogue_function(opened: Template) -> None:
    rule = the(opened, "Events::Rule")
    (target,) = rule["Targets"]

    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 day)", "ENABLED")
    assert "FunctionsCatalogue" in json.dumps(target["Arn"])
    assert json.loads(target["Input"]) == RENEW


@pytest.mark.parametrize("queue", ["Process", "Catalogue"])
def test_no_sweep_that_waits_its_time_rings(template: Template, queue: str) -> None:
    hints = get_type_hints(Service, include_extras=True)
    longest = note(hints["sweep_seconds"], Range)
    assert longest

    alarm = the(template, "CloudWatch::Alarm", f"Alarms{queue}Waiting")

    assert alarm["Threshold"] > longest.high + alarm["Period"]
    assert alarm["Threshold"] == OLDEST_SECONDS[queue.lower()]


def test_what_waits_to_be_recorded_as_failed_rings_after_the_second_try(template: Template) -> None:
    """One try may fail. After a third SQS no longer counts the message's age, and nothing would ring."""
    alarm = the(template, "CloudWatch::Alarm", "AlarmsProcessFailedWaiting")
    ((failed, queue),) = (
        (name, one["Properties"])
        for name, one in resources(template, "SQS::Queue").items()
        if name.startswith("ProcessJobsFailed")
    )

    assert alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
    assert alarm["Dimensions"] == [
        {"Name": "QueueName", "Value": {"Fn::GetAtt": [failed, "QueueName"]}}
    ]
    assert alarm["Threshold"] == OLDEST_SECONDS[FAILED]
    tries = queue["VisibilityTimeout"]
    assert tries < alarm["Threshold"] <= 2 * tries - alarm["Period"]


def test_nothing_of_iam_has_a_name_of_its_own(template: Template) -> None:
    """Then CAPABILITY_IAM is enough, and two stacks never meet."""
    of_iam = [one for one in template["Resources"].values() if "::IAM::" in one["Type"]]
    assert of_iam
    for resource in of_iam:
        assert not {"RoleName", "UserName", "GroupName", "ManagedPolicyName"} & set(
            resource.get("Properties", {})
        )
