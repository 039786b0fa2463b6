"""Tintype as a part of somebody's own CDK app: what they bring along, and what is refused."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Annotations, Match

import tintype_infra
from tests.infra.conftest import read
from tests.infra.parts import Template, resources, several, the
from tintype.config import Config, Domain, load, shipped
from tintype.functions.settings import document
from tintype.releases import DIGESTS, OPEN_TO_ALL, ReleaseError
from tintype_infra import EmbeddingError, Packages, Tintype
from tintype_infra.bytecode import PackageError
from tintype_infra.functions import IN_A_NETWORK
from tintype_infra.packages import ROOT, Package, Platform

EXAMPLE = ROOT / "examples" / "embedding" / "app.py"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b"
SOMEWHERE = load(shipped(), service={"cors_origins": ["https://example.com"]})


class Shop(Stack):
    """Somebody's own stack."""

    def __init__(self, out: Path, packages: Packages) -> None:
        self.app = App(outdir=str(out), analytics_reporting=False)
        super().__init__(self.app, "Shop")
        self.packages, self.out = packages, out

    def tintype(self, name: str = "Images", **given: Any) -> Tintype:
        return Tintype(self, name, packages=self.packages, **{"config": load(shipped()), **given})

    def template(self) -> Template:
        self.app.synth()
        return read(self.out, "Shop")


@pytest.fixture
def shop(tmp_path: Path, packages: Packages) -> Shop:
    return Shop(tmp_path / "cdk.out", packages)


def test_app_gets_plain_values_instead_of_parameters(shop: Shop) -> None:
    shop.tintype(config=load(shipped(), service={"develop_memory_mib": 2048, "max_tries": 5}))

    template = shop.template()

    develop = the(template, "Lambda::Function", "ImagesFunctionsDevelop")
    assert set(template["Parameters"]) == {"BootstrapVersion"}
    assert "Conditions" not in template
    assert "Mappings" not in template
    assert develop["MemorySize"] == 2048
    assert develop["Environment"]["Variables"]["TINTYPE_MAX_TRIES"] == "5"
    assert "ReservedConcurrentExecutions" not in develop
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
    images.tell()

    assert set(shop.template()["Outputs"]) == set(images.outputs) >= {"ApiUrl", "Version"}


def test_second_one_in_a_stack_is_refused(shop: Shop) -> None:
    shop.tintype()

    with pytest.raises(
        EmbeddingError, match="Shop/Images is in the same stack: give Shop/More one"
    ):
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


def resources_of(template: Template, kind: str) -> list[Any]:
    return [one for one in template["Resources"].values() if one["Type"] == kind]


def test_bucket_of_the_stack_is_wired_for_originals(shop: Shop) -> None:
    photos = s3.Bucket(shop, "Photos", versioned=True)

    shop.tintype(originals=photos)

    template = shop.template()
    (name,) = (name for name in resources(template, "S3::Bucket") if name.startswith("Photos"))
    assert not [one for one in resources(template, "S3::Bucket") if "Originals" in one]
    assert queues_of(template) == {name: ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}
    (rule,) = the(template, "S3::Bucket", "Photos")["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["*"]
    develop = the(template, "Lambda::Function", "ImagesFunctionsDevelop")
    assert develop["Environment"]["Variables"]["TINTYPE_ORIGINALS_BUCKET"] == {"Ref": name}


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
    told = json.dumps(json.loads((shop.out / "Shop.metadata.json").read_text("utf-8")))
    assert "must let browsers PUT and GET from *" in told
    policy = json.dumps(the(template, "IAM::Policy", "ImagesFunctionsDevelopRole"))
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
        for name in ("Api", "Develop", "Catalogue")
    }
    assert may == {
        "Api": {"kms:Decrypt", "kms:GenerateDataKey"},
        "Develop": {"kms:Decrypt"},
        "Catalogue": set(),
    }


def test_bucket_of_the_stack_is_wired_for_renditions(shop: Shop) -> None:
    pictures = s3.Bucket(shop, "Pictures")

    shop.tintype(renditions=pictures)

    template = shop.template()
    (name,) = (name for name in resources(template, "S3::Bucket") if name.startswith("Pictures"))
    assert queues_of(template) == {name: ["s3:ObjectCreated:*"]}
    rules = the(template, "S3::Bucket", "Pictures")["LifecycleConfiguration"]["Rules"]
    assert rules[0]["TagFilters"] == [{"Key": "tintype", "Value": "deleted"}]
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

    with pytest.raises(EmbeddingError, match="look it up there by its name"):
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
    for name in ("Api", "Develop", "Catalogue"):
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


# Without a checkout


def settings_in(package: Package) -> bytes:
    with zipfile.ZipFile(package.archive) as archive:
        assert archive.namelist() == ["tintype/functions/api.py", "tintype/settings.json"]
        return archive.read("tintype/settings.json")


def test_packages_of_a_release_are_taken_as_they_are(released: Path, tmp_path: Path) -> None:
    config = load(shipped())

    packages = Packages.of_release(released, config, tmp_path)

    assert packages.api.archive == released / "packages" / f"{'0' * 32}.zip"
    assert (packages.architecture, packages.python) == (config.service.architecture, (3, 11))
    assert list(tmp_path.iterdir()) == []


def test_packages_of_a_release_get_the_app_s_own_presets(released: Path, tmp_path: Path) -> None:
    config = load(shipped())
    one = replace(config, presets=config.presets[:1])

    packages = Packages.of_release(released, one, tmp_path / "cache")

    assert settings_in(packages.api) == document(one)
    assert packages.api.name != f"{'0' * 32}.zip"
    assert packages.develop == packages.api
    assert Packages.of_release(released, one, tmp_path / "cache") == packages


def test_release_for_another_processor_is_refused(released: Path) -> None:
    config: Config = load(shipped(), service={"architecture": "x86_64"})

    with pytest.raises(PackageError, match="is for arm64, the settings ask for x86_64"):
        Packages.of_release(released, config)


def test_folder_that_is_no_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no release folder"):
        Packages.of_release(tmp_path)


def test_release_without_its_checksums_is_refused(released: Path, tmp_path: Path) -> None:
    folder = tmp_path / "release"
    shutil.copytree(released, folder, ignore=shutil.ignore_patterns(DIGESTS))

    with pytest.raises(ReleaseError, match="SHA256SUMS is missing"):
        Packages.of_release(folder)


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


def synthesised(command: Sequence[str | Path], out: Path, **environment: str) -> Template:
    """Run an app as `cdk synth` does, and return its template."""
    subprocess.run(  # noqa: S603 - this Python
        [sys.executable, *command],
        check=True,
        capture_output=True,
        env={**os.environ, "CDK_OUTDIR": str(out), **environment},
    )
    return read(out, "Shop")


def test_example_synthesises_from_a_wheel_and_a_release(released: Path, tmp_path: Path) -> None:
    uv = ROOT / ".tools" / "bin" / "uv"
    tool = [str(uv)] if uv.exists() else [sys.executable, "-m", "uv"]
    subprocess.run(  # noqa: S603 - the Makefile's uv
        [*tool, "build", "--quiet", "--wheel", "--out-dir", tmp_path, ROOT],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)

    template = synthesised(
        [EXAMPLE],
        tmp_path / "cdk.out",
        PYTHONPATH=str(installed),
        CDK_CONTEXT_JSON=json.dumps({"release": str(released)}),
    )

    assert len(resources(template, "EC2::NatGateway")) == 1
    assert len(resources_of(template, "Custom::CDKBucketDeployment")) == 2
    assert {"ApiUrl", "LatestFunction"} <= set(template["Outputs"])
    functions = resources(template, "Lambda::Function")
    assert len([name for name in functions if name.startswith("ImagesFunctions")]) == 3


def test_installation_without_sources_says_what_to_give(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tintype.sources.project", lambda: None)

    with pytest.raises(PackageError, match=r"Packages\.of_release"):
        tintype_infra.packages.build(load(shipped()), Platform.AWS)


def test_what_is_not_there_is_told_as_of_any_module() -> None:
    with pytest.raises(AttributeError, match="Daguerreotype"):
        _ = tintype_infra.Daguerreotype


def test_cdk_deploys_an_open_service_only_where_that_is_meant(packages: Packages) -> None:
    plain, meant = Stack(App(), "Plain"), Stack(App(), "Meant")
    by_context = Stack(App(context={"tintype:public": "true"}), "Context")

    Tintype(plain, "Images", packages=packages)
    Tintype(meant, "Images", packages=packages, public=True)
    Tintype(by_context, "Images", packages=packages)

    anything = Match.string_like_regexp(re.escape(OPEN_TO_ALL))
    Annotations.from_stack(plain).has_error("*", anything)
    for stack in (meant, by_context):
        assert not Annotations.from_stack(stack).find_error("*", anything)
        Annotations.from_stack(stack).has_warning("*", anything)
