"""A domain of one's own, deployed: the certificate in us-east-1, then the service in any region."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZipFile

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import Served
from tests.local.template import write_release
from tintype.config import Domain, load, shipped
from tintype.config.service import Architecture
from tintype.local.state import LocalAddress
from tintype_infra.app import synthesise
from tintype_infra.bytecode import RUNTIME
from tintype_infra.packages import Package, Packages

CERTIFICATES = "us-east-1"
DEPLOY_SECONDS = 60
# Of all functions only the one behind the template's custom resource is needed, to answer it.
ANSWERING = """
import json, urllib.request
def handler(event, context):
    data = {"Current": "c" * 43, "Previous": "p" * 43}
    said = {"Status": "SUCCESS", "PhysicalResourceId": "keys", "Data": data}
    said |= {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    address, body = event["ResponseURL"], json.dumps(said).encode()
    urllib.request.urlopen(urllib.request.Request(address, body, method="PUT"))
"""
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"


@dataclass(frozen=True)
class Account:
    """An account on the emulator."""

    address: LocalAddress

    def client(self, service: str, region: str = CERTIFICATES) -> Any:
        key = self.address.credentials
        return boto3.client(
            service,
            endpoint_url=self.address.endpoint,
            region_name=region,
            aws_access_key_id=key.access_key,
            aws_secret_access_key=key.secret_key,
        )

    def zone(self, name: str) -> str:
        """Make a hosted zone, and return its id."""
        made = self.client("route53").create_hosted_zone(Name=name, CallerReference=name)
        return str(made["HostedZone"]["Id"].rsplit("/", 1)[-1])

    def upload(self, package: Package, region: str) -> str:
        """Put the package where the template expects it; return the bucket."""
        bucket = f"packages-{region}"
        self.put(region, bucket, package.name, package.archive.read_bytes())
        return bucket

    def put(self, region: str, bucket: str, key: str, data: bytes) -> str:
        s3 = self.client("s3", region)
        place = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
            s3.create_bucket(Bucket=bucket, **({} if region == "us-east-1" else place))
        s3.put_object(Bucket=bucket, Key=key, Body=data)
        return f"{self.address.endpoint}/{bucket}/{key}"

    def deploy(self, name: str, template: Path, region: str, **parameters: str) -> dict[str, str]:
        """Create a stack as `aws cloudformation deploy` does, and return its outputs."""
        stacks = self.client("cloudformation", region)
        given = [{"ParameterKey": key, "ParameterValue": parameters[key]} for key in parameters]
        stacks.create_stack(
            StackName=name,
            TemplateURL=self.put(region, f"templates-{region}", name, template.read_bytes()),
            Parameters=given,
            Capabilities=["CAPABILITY_IAM"],
        )
        deadline = time.monotonic() + DEPLOY_SECONDS
        while (stack := self.stack(name, region))["StackStatus"] == "CREATE_IN_PROGRESS":
            assert time.monotonic() < deadline, stack
            time.sleep(0.1)
        assert stack["StackStatus"] == "CREATE_COMPLETE", self._failures(name, region)
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def stack(self, name: str, region: str) -> Mapping[str, Any]:
        stacks = self.client("cloudformation", region)
        found: Mapping[str, Any] = stacks.describe_stacks(StackName=name)["Stacks"][0]
        return found

    def _failures(self, name: str, region: str) -> list[str]:
        stacks = self.client("cloudformation", region)
        events = stacks.describe_stack_events(StackName=name)["StackEvents"]
        return [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
            for event in events
            if event["ResourceStatus"].endswith("FAILED")
        ]

    def get(self, host: str, path: str) -> tuple[HTTPResponse, bytes]:
        """Ask the distribution *host* as a viewer does."""
        place = urlsplit(self.address.endpoint)
        connection = HTTPConnection(str(place.hostname), place.port, timeout=20)
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return response, data


@dataclass(frozen=True)
class Deployed:
    """One domain's two stacks."""

    account: Account
    region: str
    domain: Domain
    arn: str
    outputs: Mapping[str, str]


def answering(archive: Path) -> Packages:
    """Return packages whose functions answer CloudFormation."""
    with ZipFile(archive, "w") as written:
        written.writestr("tintype/functions/signing_keys.py", ANSWERING)
    package = Package(archive)
    return Packages(package, package, package, Architecture.ARM64, RUNTIME)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder = tmp_path_factory.mktemp("domains")
    served = Served(folder / "state", write_release(folder / "release"))
    yield Account(served.start())
    served.end()


@pytest.fixture(
    scope="module",
    params=[
        ("eu-central-1", "images.example.com", "example.com"),
        ("us-east-1", "photos.example.org", "photos.example.org"),
    ],
    ids=["elsewhere, in a zone above it", "in us-east-1, in a zone of its own"],
)
def deployed(
    request: pytest.FixtureRequest,
    account: Account,
    tmp_path_factory: pytest.TempPathFactory,
) -> Deployed:
    region, name, above = request.param
    zone = account.zone(above)
    out = tmp_path_factory.mktemp("out")
    packages = answering(out / "packages.zip")
    done = synthesise(load(shipped()), packages, out)
    named = {"DomainName": name, "HostedZone": zone}
    bucket = {"PackagesBucket": account.upload(packages.api, region)}

    told = account.deploy(f"{region}-certificate", done.certificate, CERTIFICATES, **named)
    with pytest.raises(ClientError, match="DomainName needs CertificateArn"):
        account.deploy(region, done.service, region, **named, **bucket)
    outputs = account.deploy(region, done.service, region, **named, **bucket, **told)
    domain = Domain(name=name, hosted_zone=zone)
    return Deployed(account, region, domain, told["CertificateArn"], outputs)


def test_certificate_is_issued_in_us_east_1(deployed: Deployed) -> None:
    found = deployed.account.client("acm").describe_certificate(CertificateArn=deployed.arn)

    assert found["Certificate"]["DomainName"] == deployed.domain.name
    assert found["Certificate"]["Status"] == "ISSUED"
    assert found["Certificate"]["DomainValidationOptions"][0]["ValidationMethod"] == "DNS"


def test_service_is_in_its_own_region(deployed: Deployed) -> None:
    assert deployed.outputs["Region"] == deployed.region
    assert f".{deployed.region}." in deployed.outputs["GraphqlUrl"]


def test_cdn_has_the_name_and_shows_the_certificate(deployed: Deployed) -> None:
    cloudfront = deployed.account.client("cloudfront")

    found = cloudfront.get_distribution(Id=deployed.outputs["DistributionId"])["Distribution"]

    config = found["DistributionConfig"]
    assert config["Aliases"]["Items"] == [deployed.domain.name]
    assert config["ViewerCertificate"]["ACMCertificateArn"] == deployed.arn
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert config["IsIPV6Enabled"] is True
    assert deployed.outputs["CdnUrl"] == f"https://{deployed.domain.name}"


def test_name_leads_to_the_cdn(deployed: Deployed) -> None:
    route53 = deployed.account.client("route53")

    found = route53.list_resource_record_sets(HostedZoneId=deployed.domain.hosted_zone)

    records = {
        record["Type"]: record["AliasTarget"]
        for record in found["ResourceRecordSets"]
        if record["Name"] == f"{deployed.domain.name}." and "AliasTarget" in record
    }
    assert set(records) == {"A", "AAAA"}
    for target in records.values():
        assert target["DNSName"] == f"{deployed.outputs['DistributionDomain']}."
        assert target["HostedZoneId"] == CLOUDFRONT_ZONE


def test_page_is_served_and_its_bucket_is_not_listed(deployed: Deployed) -> None:
    account, bucket = deployed.account, deployed.outputs["SiteBucket"]
    files = {"index.html": b"<!doctype html>", "main-3H6TDJZ4.js": b"1"}
    for name, data in files.items():
        account.put(deployed.region, bucket, name, data)

    got = {
        path: account.get(deployed.outputs["DistributionDomain"], path)
        for path in ("/", "/images/x", "/?list-type=2", "/main-3H6TDJZ4.js", "/missing.js")
    }

    index = ["/", "/images/x", "/?list-type=2"]
    assert {got[path][1] for path in index} == {files["index.html"]}
    assert got["/main-3H6TDJZ4.js"][1] == b"1"
    assert {response.status for path, (response, _) in got.items() if path != "/missing.js"} == {
        200
    }
    # S3 says 404 to who may list; MiniStack 1.5 says 403 to every distribution.
    assert got["/missing.js"][0].status in {403, 404}
    for response, _ in got.values():
        policy = response.headers["content-security-policy"]
        assert f"'self' https://{deployed.domain.name}" in policy
        assert f"https://{deployed.outputs['OriginalsBucket']}.s3.{deployed.region}." in policy
        assert "  " not in policy.replace("; ", ";").strip()
