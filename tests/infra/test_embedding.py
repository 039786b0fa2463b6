"""Tintype as a part of somebody's own CDK app: what they bring along, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from aws_cdk import CfnParameter, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3

from tests.infra.conftest import read
from tests.infra.parts import Template, resources, several, the
from tests.infra.shop import SOMEWHERE, Shop, resources_of
from tintype.config import Domain, load, shipped
from tintype_infra import EmbeddingError, Packages
from tintype_infra.functions import IN_A_NETWORK

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b"


@pytest.fixture
def shop(tmp_path: Path, packages: Packages) -> Shop:
    return Shop(tmp_path / "cdk.out", packages)


def test_app_gets_plain_values_instead_of_parameters(shop: Shop) -> None:
    shop.tintype(config=load(shipped(), service={"process_memory_mib": 2048, "max_tries": 5}))

    template = shop.template()

    process = the(template, "Lambda::Function", "ImagesFunctionsProcess")
    assert set(template["Parameters"]) == {"BootstrapVersion"}
    assert "Conditions" not in template
    assert "Mappings" not in template
    assert process["MemorySize"] == 2048
    assert process["Environment"]["Variables"]["TINTYPE_MAX_TRIES"] == "5"
    assert "ReservedConcurrentExecutions" not in process
    assert not resources(template, "SNS::Topic")
    config = the(template, "CloudFront::Distribution")["DistributionConfig"]
    assert config["PriceClass"] == "PriceClass_100"
    assert not {"Aliases", "ViewerCertificate"} & set(config)


def test_packages_are_cdk_s_assets(shop: Shop) -> None:
    shop.tintype()

    code = the(shop.template(), "Lambda::Function", "ImagesFunctionsApi")["Code"]
    assert "cdk-hnb659fds-assets" in json.dumps(code["S3Bucket"])


def test_settings_may_be_parameters_of_the_app_s_own(shop: Shop) -> None:
    email = CfnParameter(shop, "Email")
    service = replace(load(shipped()).service, alarm_email=email.value_as_string)

    images = shop.tintype(config=replace(load(shipped()), service=service))

    assert images.alarm_topic
    (topic,) = resources(shop.template(), "SNS::Topic").values()
    assert topic["Condition"].startswith("ImagesHasAlarmEmail")


def test_addresses_are_told_by_the_names_that_the_command_line_knows(shop: Shop) -> None:
    images = shop.tintype()
    images.add_outputs()

    assert set(shop.template()["Outputs"]) == set(images.outputs) >= {"ApiUrl", "Version"}


def test_second_one_in_a_stack_is_refused(shop: Shop) -> None:
    shop.tintype()

    with pytest.raises(EmbeddingError, match="Shop/Images is in the same stack; put Shop/More in"):
        shop.tintype("More")


# Buckets


def queues_of(template: Template) -> dict[str, list[str]]:
    """Return which events of whose bucket the stack asks S3 to tell, by CDK's own resource."""
    return {
        one["Properties"]["BucketName"]
        if isinstance(one["Properties"]["BucketName"], str)
        else one["Properties"]["BucketName"]["Ref"]: [
            event
            for queue in one["Properties"]["NotificationConfiguration"]["QueueConfigurations"]
            for event in queue["Events"]
        ]
        for one in resources_of(template, "Custom::S3BucketNotifications")
    }


def test_bucket_of_the_stack_is_wired_for_originals(shop: Shop) -> None:
    photos = s3.Bucket(shop, "Photos", versioned=True)

    shop.tintype(originals=photos)

    template = shop.template()
    (name,) = (name for name in resources(template, "S3::Bucket") if name.startswith("Photos"))
    assert not [one for one in resources(template, "S3::Bucket") if "Originals" in one]
    assert queues_of(template) == {name: ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}
    (rule,) = the(template, "S3::Bucket", "Photos")["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["*"], "the CDN's own address is not known before the bucket"
    assert "The bucket accepts upload links from pages of any site" in said(shop)
    process = the(template, "Lambda::Function", "ImagesFunctionsProcess")
    assert process["Environment"]["Variables"]["TINTYPE_ORIGINALS_BUCKET"] == {"Ref": name}


def said(shop: Shop) -> str:
    return json.dumps(json.loads((shop.out / "Shop.metadata.json").read_text("utf-8")))


def test_bucket_s_own_cors_rules_stay(shop: Shop) -> None:
    rule = s3.CorsRule(allowed_methods=[s3.HttpMethods.HEAD], allowed_origins=["https://a.example"])
    photos = s3.Bucket(shop, "Photos", cors=[rule])

    shop.tintype(originals=photos, config=SOMEWHERE, public_url="https://cdn.example")

    rules = the(shop.template(), "S3::Bucket", "Photos")["CorsConfiguration"]["CorsRules"]
    assert [rule["AllowedOrigins"] for rule in rules] == [
        ["https://a.example"],
        ["https://example.com", "https://cdn.example"],
    ]


def test_page_that_is_known_only_after_its_bucket_is_refused(shop: Shop) -> None:
    photos = s3.Bucket(shop, "Photos")

    with pytest.raises(EmbeddingError, match="need public_url or domain_name"):
        shop.tintype(originals=photos, config=SOMEWHERE)


def test_bucket_that_exists_is_wired_for_originals_and_its_cors_rules_are_told(shop: Shop) -> None:
    photos = s3.Bucket.from_bucket_name(shop, "Photos", "our-photos")

    shop.tintype(originals=photos)

    template = shop.template()
    assert queues_of(template) == {"our-photos": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}
    told = said(shop)
    assert "allow PUT and GET from the page's address (`CdnUrl`) with" in told
    policy = json.dumps(the(template, "IAM::Policy", "ImagesFunctionsProcessRole"))
    assert ":s3:::our-photos/*" in policy


def test_functions_may_use_the_key_of_a_bucket(shop: Shop) -> None:
    photos = s3.Bucket(shop, "Photos", encryption_key=kms.Key(shop, "Key"))

    shop.tintype(originals=photos)

    template = shop.template()
    may = {
        name: {
            action
            for statement in the(template, "IAM::Policy", f"ImagesFunctions{name}Role")[
                "PolicyDocument"
            ]["Statement"]
            for action in several(statement["Action"])
            if action.startswith("kms")
        }
        for name in ("Api", "Process", "Catalogue")
    }
    assert may == {
        "Api": {"kms:Decrypt", "kms:GenerateDataKey"},
        "Process": {"kms:Decrypt"},
        "Catalogue": set(),
    }


def test_bucket_of_the_stack_is_wired_for_renditions(shop: Shop) -> None:
    pictures = s3.Bucket(shop, "Pictures")

    shop.tintype(renditions=pictures)

    template = shop.template()
    (name,) = (name for name in resources(template, "S3::Bucket") if name.startswith("Pictures"))
    assert queues_of(template) == {name: ["s3:ObjectCreated:*"]}
    rules = the(template, "S3::Bucket", "Pictures")["LifecycleConfiguration"]["Rules"]
    assert [one["TagFilters"] for one in rules] == [
        [{"Key": "tintype", "Value": "deleted"}],
        [{"Key": "tintype", "Value": "delivered"}],
    ]
    policy = json.dumps(the(template, "S3::BucketPolicy", "Pictures"))
    assert "cloudfront.amazonaws.com" in policy
    assert "*/manifest.json" in policy


@pytest.mark.parametrize(
    ("bucket", "told"),
    [
        (
            lambda stack: s3.Bucket.from_bucket_name(stack, "B", "ours"),
            "must be an s3.Bucket of this",
        ),
        (lambda stack: s3.Bucket(stack, "B", encryption_key=kms.Key(stack, "K")), "a KMS key"),
        (lambda stack: s3.Bucket(Stack(stack.app, "Other"), "B"), "a bucket of the stack Other"),
    ],
)
def test_bucket_that_renditions_cannot_be_in_is_refused(
    shop: Shop, bucket: Callable[[Shop], s3.IBucket], told: str
) -> None:
    with pytest.raises(EmbeddingError, match=told):
        shop.tintype(renditions=bucket(shop))


def test_originals_of_another_stack_are_refused_with_the_way_out(shop: Shop) -> None:
    theirs = s3.Bucket(Stack(shop.app, "Other"), "Photos")

    with pytest.raises(EmbeddingError, match="look it up there with"):
        shop.tintype(originals=theirs)


# Network and domain


def test_functions_run_in_the_network_that_is_given(shop: Shop) -> None:
    network = ec2.Vpc(shop, "Network", max_azs=2, nat_gateways=1)
    guards = ec2.SecurityGroup(shop, "Guards", vpc=network)

    shop.tintype(
        vpc=network,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
        security_groups=[guards],
    )

    template = shop.template()
    for name in ("Api", "Process", "Catalogue"):
        found = the(template, "Lambda::Function", f"ImagesFunctions{name}")["VpcConfig"]
        assert len(found["SubnetIds"]) == 2
        assert len(found["SecurityGroupIds"]) == 1
        policy = the(template, "IAM::Policy", f"ImagesFunctions{name}Role")["PolicyDocument"]
        (allowed,) = (one for one in policy["Statement"] if one["Resource"] == "*")
        assert set(allowed["Action"]) == set(IN_A_NETWORK)


def test_domain_is_made_of_the_app_s_own_objects(shop: Shop) -> None:
    zone = route53.HostedZone.from_hosted_zone_attributes(
        shop, "Zone", hosted_zone_id="Z1", zone_name="example.com"
    )

    images = shop.tintype(
        domain_name="images.example.com",
        certificate=acm.Certificate.from_certificate_arn(shop, "Certificate", CERTIFICATE),
        hosted_zone=zone,
    )

    config = the(shop.template(), "CloudFront::Distribution")["DistributionConfig"]
    assert config["Aliases"] == ["images.example.com"]
    assert config["ViewerCertificate"]["AcmCertificateArn"] == CERTIFICATE
    records = resources(read(shop.out, "Shop"), "Route53::RecordSet").values()
    assert {one["Properties"]["HostedZoneId"] for one in records} == {"Z1"}
    assert images.public_url == "https://images.example.com"


def test_half_a_domain_is_refused(shop: Shop) -> None:
    with pytest.raises(EmbeddingError, match="needs both domain_name and certificate"):
        shop.tintype(domain_name="images.example.com")


def test_domain_to_be_certified_is_refused(shop: Shop) -> None:
    config = replace(load(shipped()), domain=Domain(name="a.example", hosted_zone="Z1"))

    with pytest.raises(EmbeddingError, match="needs both domain_name and certificate"):
        shop.tintype(config=config)


def test_page_of_a_release_is_published_index_last(shop: Shop, released: Path) -> None:
    images = shop.tintype()
    images.publish_page(released)

    hashed, named = resources_of(shop.template(), "Custom::CDKBucketDeployment")
    assert hashed["Properties"]["Include"] == ["main-3H6TDJZ4.js"]
    assert "immutable" in json.dumps(hashed["Properties"]["SystemMetadata"])
    assert named["Properties"]["Include"] == ["index.html", "config.json"]
    assert named["Properties"]["SystemMetadata"]["cache-control"] == "no-cache"
    for deployment in (hashed, named):
        assert deployment["Properties"]["Exclude"] == ["*"]
        assert deployment["Properties"]["Prune"] is False
    assert any("Hashed" in name for name in named["DependsOn"])


def test_page_s_bucket_stays_with_the_images_as_cdk_empties_none(
    shop: Shop, released: Path
) -> None:
    images = shop.tintype()
    images.publish_page(released)

    buckets = resources(shop.template(), "S3::Bucket")

    assert {one["DeletionPolicy"] for one in buckets.values()} == {"Retain"}
    assert any(name.startswith("ImagesSite") for name in buckets)
