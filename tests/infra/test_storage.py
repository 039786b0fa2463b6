"""The template's buckets and queues: who comes in, how long all is kept, and how often it is tried."""

from __future__ import annotations

import json
import re

import pytest

from tests.infra.conftest import Synthesise
from tests.infra.parts import Template, resources, the
from tintype import keys
from tintype.processing.tombstones import TOMBSTONE_SECONDS
from tintype_infra.buckets import MANIFEST as MANIFEST_SUFFIX
from tintype_infra.buckets import TICKET_HEADERS, TOMBSTONE_DAYS
from tintype_infra.http_api import NO_SITE


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
        "Access": ("Retain", "Retain"),
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
    rules = the(template, "S3::Bucket", "Renditions")["LifecycleConfiguration"]["Rules"]
    (rule,) = (one for one in rules if one["Id"] == "forget-tombstones")

    assert rule["TagFilters"] == [{"Key": "tintype", "Value": "deleted"}]
    assert rule["ExpirationInDays"] == TOMBSTONE_DAYS
    assert TOMBSTONE_DAYS * 86_400 == TOMBSTONE_SECONDS


def test_browser_may_send_what_a_ticket_asks_for(synthesise: Synthesise) -> None:
    template = synthesise({"cors_origins": ["https://example.com"]})

    rule = the(template, "S3::Bucket", "Originals")["CorsConfiguration"]["CorsRules"][0]
    assert rule["AllowedOrigins"] == ["https://example.com"]
    assert "PUT" in rule["AllowedMethods"]
    assert set(rule["AllowedHeaders"]) == set(TICKET_HEADERS)
    assert rule["ExposedHeaders"] == ["ETag"]
    cors = the(template, "ApiGatewayV2::Api")["CorsConfiguration"]
    assert cors["AllowOrigins"] == ["https://example.com"]


def test_no_other_site_s_page_may_call_unless_it_is_named(template: Template) -> None:
    cors = the(template, "ApiGatewayV2::Api")["CorsConfiguration"]
    (rule,) = the(template, "S3::Bucket", "Originals")["CorsConfiguration"]["CorsRules"]

    assert cors["AllowOrigins"] == [NO_SITE]
    assert rule["AllowedOrigins"] == [{"Fn::Join": ["", ["https://", domain_of_the_cdn(template)]]}]


def domain_of_the_cdn(template: Template) -> object:
    (name,) = resources(template, "CloudFront::Distribution")
    return {"Fn::GetAtt": [name, "DomainName"]}


def test_whatever_comes_or_goes_among_originals_is_processed(template: Template) -> None:
    found = the(template, "S3::Bucket", "Originals")["NotificationConfiguration"]

    assert {
        (one["Event"], one["Queue"]["Fn::GetAtt"][0][:16]) for one in found["QueueConfigurations"]
    } == {("s3:ObjectCreated:*", "ProcessJobsQueue"), ("s3:ObjectRemoved:*", "ProcessJobsQueue")}


def test_only_manifests_are_catalogued(template: Template) -> None:
    found = the(template, "S3::Bucket", "Renditions")["NotificationConfiguration"]

    (one,) = found["QueueConfigurations"]
    assert one["Event"] == "s3:ObjectCreated:*"
    assert one["Queue"]["Fn::GetAtt"][0].startswith("CatalogueJobsQueue")
    assert one["Filter"]["S3Key"]["Rules"] == [{"Name": "suffix", "Value": f"/{keys.MANIFEST}"}]
    assert f"/{keys.MANIFEST}" == MANIFEST_SUFFIX


@pytest.mark.parametrize(
    ("bucket", "jobs"), [("Originals", "ProcessJobs"), ("Renditions", "CatalogueJobs")]
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


@pytest.mark.parametrize("jobs", ["ProcessJobs", "CatalogueJobs"])
def test_message_is_tried_at_least_five_times_and_what_fails_is_for_one_queue_alone(
    template: Template, jobs: str
) -> None:
    chain = (
        ["Queue", "Failed", "DeadLetters"] if jobs == "ProcessJobs" else ["Queue", "DeadLetters"]
    )
    queues = [the(template, "SQS::Queue", f"{jobs}{name}") for name in chain]

    for queue, following, name in zip(queues, queues[1:], chain[1:], strict=False):
        assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5
        target = queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        assert target.startswith(f"{jobs}{name}")
        allowed = following["RedriveAllowPolicy"]
        assert allowed["redrivePermission"] == "byQueue"
        senders = {
            str(_joined(one["Properties"]["QueueName"])[-1])
            for one in resources(template, "SQS::Queue").values()
            if one["Properties"].get("RedrivePolicy") == queue["RedrivePolicy"]
        }
        assert {str(_joined(one)[-1]) for one in allowed["sourceQueueArns"]} == senders


def test_every_queue_keeps_its_messages_two_weeks(template: Template) -> None:
    queues = resources(template, "SQS::Queue")

    assert len(queues) == 6
    for queue in queues.values():
        assert queue["Properties"]["SqsManagedSseEnabled"] is True
        assert queue["Properties"]["MessageRetentionPeriod"] == 14 * 86_400


def test_message_is_hidden_six_times_as_long_as_the_function_it_is_for_may_run(
    template: Template,
) -> None:
    """A source's pollers hold messages that Lambda has not started a function for yet."""
    all_parts = template["Resources"]
    sources = resources(template, "Lambda::EventSourceMapping")

    assert len(sources) == 4
    for source in sources.values():
        queue = all_parts[source["Properties"]["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
        function = all_parts[source["Properties"]["FunctionName"]["Ref"]]["Properties"]
        assert queue["VisibilityTimeout"] >= 6 * function["Timeout"]
        assert function["Timeout"] <= 900


@pytest.mark.parametrize(
    ("jobs", "batch", "concurrency"), [("ProcessJobs", 1, 10), ("CatalogueJobs", 10, 5)]
)
def test_queue_feeds_its_function(
    template: Template, jobs: str, batch: int, concurrency: int
) -> None:
    source = the(template, "Lambda::EventSourceMapping", f"{jobs}Source")

    assert source["BatchSize"] == batch
    assert source["ScalingConfig"] == {"MaximumConcurrency": concurrency}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
