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
from tintype import developing, keys
from tintype.aws.dynamodb import INDEX, NAME_INDEX
from tintype.config import Service, load, shipped
from tintype.config.hints import note
from tintype.doctor.looks_at_queues import OLDEST_SECONDS
from tintype.functions.renewal import RENEW
from tintype.images import OWNER_FILENAME, item
from tintype.imaging.settings import Range
from tintype_infra.app import new_app
from tintype_infra.buckets import MANIFEST as MANIFEST_SUFFIX
from tintype_infra.buckets import TICKET_HEADERS, TOMBSTONE_DAYS
from tintype_infra.construct import TICKETS
from tintype_infra.packages import ROOT, Packages
from tintype_infra.stack import TintypeStack

FUNCTIONS = ("api", "develop", "catalogue")
MOST_RESOURCES = 500  # that CloudFormation takes
OUTPUTS = {
    "ApiUrl", "CdnUrl", "HttpApiUrl", "GraphqlUrl", "GraphqlRealtimeUrl", "GraphqlApiKey",
    "GraphqlApiId", "DistributionId", "DistributionDomain", "OriginalsBucket", "RenditionsBucket",
    "SiteBucket", "ImagesTable", "DevelopQueueUrl", "DevelopDeadLetterQueueUrl", "CatalogueQueueUrl",
    "CatalogueDeadLetterQueueUrl", "ApiFunction", "DevelopFunction", "CatalogueFunction", "Region", "Version", "Access",
    "OriginalsReadable", "DevelopFailedQueueUrl",
}  # fmt: skip


def test_template_is_small_enough(template: Template) -> None:
    print(f"{len(template['Resources'])} resources")  # noqa: T201 - shown by pytest -rP

    assert len(template["Resources"]) < MOST_RESOURCES / 5


def test_outputs_are_those_that_others_read(template: Template) -> None:
    assert set(template["Outputs"]) == OUTPUTS


# What images, addresses and keys are lost with: each must stay the resource that it was in 0.1.0.
STATEFUL = {
    "AccessLogs8B620ECA": "S3::Bucket",
    "Originals63BA965B": "S3::Bucket",
    "Renditions81538D22": "S3::Bucket",
    "SiteE53D7754": "S3::Bucket",
    "Images2D38C313": "DynamoDB::Table",
    "DevelopJobsQueue9D0E9147": "SQS::Queue",
    "DevelopJobsDeadLetters2880F6D3": "SQS::Queue",
    "DevelopJobsFailed91565B3A": "SQS::Queue",
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


def test_nothing_but_aws_s_own_types_is_deployed(template: Template) -> None:
    kinds = {resource["Type"] for resource in template["Resources"].values()}

    assert not [kind for kind in kinds if "Custom" in kind]
    assert len(resources(template, "Lambda::Function")) == len(FUNCTIONS)


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
    inner = {"AppSync::DataSource"}  # its name is one within its API

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


@pytest.mark.parametrize("name", ["Originals", "Renditions", "Site"])
def test_buckets_are_closed_and_encrypted(template: Template, name: str) -> None:
    bucket = the(template, "S3::Bucket", name)

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_images_outlive_the_stack_and_the_page_goes_with_it(template: Template) -> None:
    found = {**resources(template, "S3::Bucket"), **resources(template, "DynamoDB::Table")}
    policies = {
        re.split(r"[0-9A-F]{8}$", name)[0]: (one["DeletionPolicy"], one["UpdateReplacePolicy"])
        for name, one in found.items()
    }

    assert policies == {
        "Originals": ("Retain", "Retain"),
        "Renditions": ("Retain", "Retain"),
        "Images": ("Retain", "Retain"),
        "Site": ("Delete", "Delete"),
    }


def test_data_that_need_not_be_kept_goes_with_the_stack(synthesise: Synthesise) -> None:
    template = synthesise({"keep_data": False})

    for kind in ("S3::Bucket", "DynamoDB::Table"):
        for resource in resources(template, kind).values():
            assert resource["DeletionPolicy"] == "Delete"


@pytest.mark.parametrize("kind", ["S3::BucketPolicy", "SQS::QueuePolicy"])
def test_nobody_comes_without_tls(template: Template, kind: str) -> None:
    guarded = resources(template, kind.removesuffix("Policy"))
    policies = resources(template, kind)

    assert len(policies) == len(guarded)
    for policy in policies.values():
        assert {
            (one["Effect"], json.dumps(one.get("Condition")))
            for one in policy["Properties"]["PolicyDocument"]["Statement"]
        } >= {("Deny", '{"Bool": {"aws:SecureTransport": "false"}}')}


def test_deleted_originals_go_after_a_week(template: Template) -> None:
    originals = the(template, "S3::Bucket", "Originals")

    assert originals["VersioningConfiguration"] == {"Status": "Enabled"}
    deleted, abandoned = originals["LifecycleConfiguration"]["Rules"]
    assert deleted["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7}
    assert deleted["ExpiredObjectDeleteMarker"] is True
    assert abandoned["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


def test_old_originals_move_to_the_class_that_is_set(synthesise: Synthesise) -> None:
    template = synthesise({"originals_class": "STANDARD_IA", "originals_cold_days": 60})

    *_, moved = the(template, "S3::Bucket", "Originals")["LifecycleConfiguration"]["Rules"]
    assert moved["Transitions"] == [{"StorageClass": "STANDARD_IA", "TransitionInDays": 60}]


def test_tombstones_go_with_their_records(template: Template) -> None:
    rule = the(template, "S3::Bucket", "Renditions")["LifecycleConfiguration"]["Rules"][0]

    assert rule["TagFilters"] == [{"Key": "tintype", "Value": "deleted"}]
    assert rule["ExpirationInDays"] == TOMBSTONE_DAYS
    assert TOMBSTONE_DAYS * 86_400 == developing.TOMBSTONE_SECONDS


def test_browser_may_send_what_a_ticket_asks_for(synthesise: Synthesise) -> None:
    template = synthesise({"cors_origins": ["https://example.com"]})

    rule = the(template, "S3::Bucket", "Originals")["CorsConfiguration"]["CorsRules"][0]
    assert rule["AllowedOrigins"] == ["https://example.com"]
    assert "PUT" in rule["AllowedMethods"]
    assert set(rule["AllowedHeaders"]) == set(TICKET_HEADERS)
    assert rule["ExposedHeaders"] == ["ETag"]
    cors = the(template, "ApiGatewayV2::Api")["CorsConfiguration"]
    assert cors["AllowOrigins"] == ["https://example.com"]


def test_whatever_comes_or_goes_among_originals_is_developed(template: Template) -> None:
    found = the(template, "S3::Bucket", "Originals")["NotificationConfiguration"]

    assert {
        (one["Event"], one["Queue"]["Fn::GetAtt"][0][:16]) for one in found["QueueConfigurations"]
    } == {("s3:ObjectCreated:*", "DevelopJobsQueue"), ("s3:ObjectRemoved:*", "DevelopJobsQueue")}


def test_only_manifests_are_catalogued(template: Template) -> None:
    found = the(template, "S3::Bucket", "Renditions")["NotificationConfiguration"]

    (one,) = found["QueueConfigurations"]
    assert one["Event"] == "s3:ObjectCreated:*"
    assert one["Queue"]["Fn::GetAtt"][0].startswith("CatalogueJobsQueue")
    assert one["Filter"]["S3Key"]["Rules"] == [{"Name": "suffix", "Value": f"/{keys.MANIFEST}"}]
    assert f"/{keys.MANIFEST}" == MANIFEST_SUFFIX


@pytest.mark.parametrize(
    ("bucket", "jobs"), [("Originals", "DevelopJobs"), ("Renditions", "CatalogueJobs")]
)
def test_queue_takes_events_of_its_bucket_alone_and_is_there_before(
    template: Template, bucket: str, jobs: str
) -> None:
    policy = the(template, "SQS::QueuePolicy", f"{jobs}Queue")
    (resource,) = (
        one for name, one in resources(template, "S3::Bucket").items() if name.startswith(bucket)
    )

    (allowed,) = (one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Allow")
    assert allowed["Principal"] == {"Service": "s3.amazonaws.com"}
    assert allowed["Action"] == "sqs:SendMessage"
    assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    prefix, *_, name = _joined(allowed["Condition"]["ArnEquals"]["aws:SourceArn"])
    _, unique = _joined(resource["Properties"]["BucketName"])
    assert prefix == "arn:"
    assert name == unique
    assert [one for one in resource["DependsOn"] if one.startswith(f"{jobs}QueuePolicy")]


def _joined(value: dict[str, list[object]]) -> list[object]:
    parts = value["Fn::Join"][1]
    assert isinstance(parts, list)
    return parts


@pytest.mark.parametrize("jobs", ["DevelopJobs", "CatalogueJobs"])
def test_message_is_tried_at_least_five_times_and_what_fails_is_for_one_queue_alone(
    template: Template, jobs: str
) -> None:
    chain = (
        ["Queue", "Failed", "DeadLetters"] if jobs == "DevelopJobs" else ["Queue", "DeadLetters"]
    )
    queues = [the(template, "SQS::Queue", f"{jobs}{name}") for name in chain]

    for queue, following, name in zip(queues, queues[1:], chain[1:], strict=False):
        assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5
        target = queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        assert target.startswith(f"{jobs}{name}")
        allowed = following["RedriveAllowPolicy"]
        assert allowed["redrivePermission"] == "byQueue"
        (source,) = allowed["sourceQueueArns"]
        assert _joined(source)[-1] == _joined(queue["QueueName"])[-1]


def test_every_queue_keeps_its_messages_two_weeks(template: Template) -> None:
    queues = resources(template, "SQS::Queue")

    assert len(queues) == 5
    for queue in queues.values():
        assert queue["Properties"]["SqsManagedSseEnabled"] is True
        assert queue["Properties"]["MessageRetentionPeriod"] == 14 * 86_400


def test_message_is_hidden_six_times_as_long_as_the_function_it_is_for_may_run(
    template: Template,
) -> None:
    """A source's pollers hold messages that Lambda has not started a function for yet."""
    all_parts = template["Resources"]
    sources = resources(template, "Lambda::EventSourceMapping")

    assert len(sources) == 3
    for source in sources.values():
        queue = all_parts[source["Properties"]["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
        function = all_parts[source["Properties"]["FunctionName"]["Ref"]]["Properties"]
        assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
        assert function["Timeout"] <= 900


@pytest.mark.parametrize(
    ("jobs", "batch", "concurrency"), [("DevelopJobs", 1, 10), ("CatalogueJobs", 10, 5)]
)
def test_queue_feeds_its_function(
    template: Template, jobs: str, batch: int, concurrency: int
) -> None:
    source = the(template, "Lambda::EventSourceMapping", f"{jobs}Source")

    assert source["BatchSize"] == batch
    assert source["ScalingConfig"] == {"MaximumConcurrency": concurrency}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_gets_the_settings_that_it_reads_and_no_other(
    template: Template, name: str
) -> None:
    source = (ROOT / "src" / "tintype" / "functions" / f"{name}.py").read_text("utf-8")
    read = set(re.findall(r'environ\["(\w+)"\]', source))

    function = the(template, "Lambda::Function", f"Functions{name.title()}")

    given = set(function["Environment"]["Variables"]) - {"MALLOC_ARENA_MAX"}
    assert given == read
    assert function["Handler"] == f"tintype.functions.{name}.handler"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_runs_on_arm_and_logs_to_its_own_group(template: Template, name: str) -> None:
    function = the(template, "Lambda::Function", f"Functions{name.title()}")

    assert function["Architectures"] == ["arm64"]
    assert function["Runtime"] == "python3.14"
    assert function["LoggingConfig"]["LogGroup"]["Ref"].startswith(f"Functions{name.title()}Logs")


def test_keys_of_the_table_are_those_of_the_records(template: Template) -> None:
    table = the(template, "DynamoDB::Table")

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


def test_http_api_is_one_throttled_route(template: Template) -> None:
    stage = the(template, "ApiGatewayV2::Stage")

    assert the(template, "ApiGatewayV2::Route")["RouteKey"] == "$default"
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
    api, renditions = config["CacheBehaviors"]

    assert config["HttpVersion"] == "http2and3"
    assert config["PriceClass"] == "PriceClass_100"
    for behavior in (config["DefaultCacheBehavior"], renditions):
        assert behavior["Compress"] is True
        assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"
        assert behavior["AllowedMethods"] == ["GET", "HEAD"]
    assert api["PathPattern"] == "/api/*"
    assert set(api["AllowedMethods"]) >= {"POST", "DELETE"}
    # CloudFront's own, by their numbers: CachingDisabled, AllViewerExceptHostHeader.
    assert api["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert api["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    page_access, access = (one for one in config["Origins"] if "S3OriginConfig" in one)
    assert page_access["OriginAccessControlId"] != access["OriginAccessControlId"]


def test_every_site_may_use_renditions(template: Template) -> None:
    policy = the(template, "CloudFront::ResponseHeadersPolicy", "Cdn")[
        "ResponseHeadersPolicyConfig"
    ]

    assert policy["CorsConfig"]["AccessControlAllowOrigins"] == {"Items": ["*"]}
    assert policy["CorsConfig"]["AccessControlAllowCredentials"] is False
    assert set(policy["SecurityHeadersConfig"]) == {"ContentTypeOptions", "StrictTransportSecurity"}


def test_every_alarm_says_what_to_do(template: Template) -> None:
    alarms = resources(template, "CloudWatch::Alarm")

    assert len(alarms) == 3 * 2 + 2 * 3 + 1
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
            return {path} if INSTANT.fullmatch(str(value)) and not policy else set()
    return {found for name, part in parts for found in instants(part, name)}


def test_nothing_in_the_template_ends_at_a_moment(
    write: Synthesise, certificate_template: Template
) -> None:
    everything = write({"alarm_email": "me@example.com"})

    assert not instants(everything)
    assert not instants(certificate_template)
    assert not {name for name in everything["Parameters"] if name.endswith("Expires")}
    assert "Expires" not in the(deployed(everything), "AppSync::ApiKey")


@pytest.mark.parametrize("moment", [1826236801, "1826236801", "2027-11-15", "2027-11-15T00:00:00Z"])
def test_a_moment_would_be_found(written: Template, moment: object) -> None:
    planted = deepcopy(written)
    (key,) = resources(planted, "AppSync::ApiKey").values()
    key["Properties"]["Expires"] = moment

    assert {path.rpartition(".")[2] for path in instants(planted)} == {"Expires"}


def test_the_key_is_renewed_every_day_by_the_catalogue_function(template: Template) -> None:
    rule = the(template, "Events::Rule")
    (target,) = rule["Targets"]

    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 day)", "ENABLED")
    assert "FunctionsCatalogue" in json.dumps(target["Arn"])
    assert json.loads(target["Input"]) == RENEW


@pytest.mark.parametrize("queue", ["Develop", "Catalogue"])
def test_no_sweep_that_waits_its_time_rings(template: Template, queue: str) -> None:
    hints = get_type_hints(Service, include_extras=True)
    longest = note(hints["sweep_seconds"], Range)
    assert longest

    alarm = the(template, "CloudWatch::Alarm", f"Alarms{queue}Waiting")

    assert alarm["Threshold"] > longest.high + alarm["Period"]
    assert alarm["Threshold"] == OLDEST_SECONDS


def test_nothing_of_iam_has_a_name_of_its_own(template: Template) -> None:
    """Then CAPABILITY_IAM is enough, and two stacks never meet."""
    for resource in template["Resources"].values():
        assert not {"RoleName", "UserName", "GroupName", "ManagedPolicyName"} & set(
            resource.get("Properties", {})
        )
