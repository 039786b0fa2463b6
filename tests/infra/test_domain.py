"""A domain of one's own: its certificate, the CDN's alias, and the records that lead there."""

from __future__ import annotations

import json
import re

import pytest

from tests.infra.conftest import Synthesise
from tests.infra.deployed import deployed, fits, objections
from tests.infra.parts import Resource, Template, resources, the
from tintype.config import Domain

NAME, ZONE = "images.example.com", "Z0123456789"
ARN = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b"
WITHOUT_ZONE = {"DomainName": NAME, "CertificateArn": ARN}
WITH_ZONE = {**WITHOUT_ZONE, "HostedZone": ZONE}
DOMAINS = pytest.mark.parametrize("domain", [WITH_ZONE, WITHOUT_ZONE])
Given = dict[str, str]
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"  # of all distributions (Route 53: AliasTarget)


def config(template: Template) -> Resource:
    found: Resource = the(template, "CloudFront::Distribution")["DistributionConfig"]
    return found


@DOMAINS
def test_cdn_has_the_name_with_modern_tls(written: Template, domain: Given) -> None:
    found = config(deployed(written, **domain))

    assert found["Aliases"] == [NAME]
    assert found["ViewerCertificate"] == {
        "AcmCertificateArn": ARN,
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }
    assert found["IPV6Enabled"] is True


@DOMAINS
def test_addresses_begin_with_the_name(written: Template, domain: Given) -> None:
    template = deployed(written, **domain)

    assert template["Outputs"]["CdnUrl"]["Value"] == f"https://{NAME}"
    for function in ("Api", "Catalogue"):
        variables = the(template, "Lambda::Function", f"Functions{function}")["Environment"]
        assert variables["Variables"]["TINTYPE_PUBLIC_URL"] == f"https://{NAME}"


def test_name_leads_to_the_cdn_by_ipv4_and_ipv6(written: Template) -> None:
    template = deployed(written, **WITH_ZONE)

    records = [one["Properties"] for one in resources(template, "Route53::RecordSet").values()]
    (distribution,) = resources(template, "CloudFront::Distribution")
    assert [record["Type"] for record in records] == ["A", "AAAA"]
    for record in records:
        assert (record["Name"], record["HostedZoneId"]) == (NAME, ZONE)
        assert record["AliasTarget"]["DNSName"] == {"Fn::GetAtt": [distribution, "DomainName"]}
        table, partition, key = record["AliasTarget"]["HostedZoneId"]["Fn::FindInMap"]
        assert partition == {"Ref": "AWS::Partition"}
        assert template["Mappings"][table]["aws"][key] == CLOUDFRONT_ZONE


def test_without_a_zone_there_are_no_records(written: Template) -> None:
    assert not resources(deployed(written, **WITHOUT_ZONE), "Route53::RecordSet")


def test_without_a_domain_there_is_nothing_of_one(template: Template) -> None:
    assert "Aliases" not in config(template)
    assert "ViewerCertificate" not in config(template)
    assert not resources(template, "Route53::RecordSet")


def test_domain_of_tintype_toml_is_what_is_deployed_when_nobody_says_another(
    synthesise: Synthesise,
) -> None:
    template = synthesise(domain=Domain(name=NAME, hosted_zone=ZONE, certificate=ARN))

    assert config(template)["Aliases"] == [NAME]
    assert config(template)["ViewerCertificate"]["AcmCertificateArn"] == ARN
    assert len(resources(template, "Route53::RecordSet")) == 2


def test_certificate_to_be_made_must_be_given(
    write: Synthesise, certificate_template: Template
) -> None:
    template = write(domain=Domain(name=NAME, hosted_zone=ZONE))

    (told,) = certificate_template["Outputs"]
    assert objections(template) == {"DomainName needs CertificateArn"}
    assert not objections(template, **{told: ARN})
    elsewhere = ARN.replace("us-east-1", "eu-west-1")
    assert objections(template, **{told: elsewhere}) == {"CertificateArn"}


def test_certificate_is_proved_and_renewed_by_the_hosted_zone(
    certificate_template: Template,
) -> None:
    certificate = the(certificate_template, "CertificateManager::Certificate")

    name, zone = {"Ref": "DomainName"}, {"Ref": "HostedZone"}
    assert len(certificate_template["Resources"]) == 1
    assert certificate["DomainName"] == name
    assert certificate["ValidationMethod"] == "DNS"
    assert certificate["DomainValidationOptions"] == [{"DomainName": name, "HostedZoneId": zone}]


@pytest.mark.parametrize(
    ("parameter", "right", "wrong"),
    [
        ("DomainName", "images.example.com", ""),
        ("DomainName", f"{'a' * 56}.example", f"{'a' * 57}.example"),  # what ACM takes
        ("HostedZone", "Z0123456789", "0123456789"),
    ],
)
def test_certificate_needs_a_name_and_a_zone(
    certificate_template: Template, parameter: str, right: str, wrong: str
) -> None:
    found = certificate_template["Parameters"][parameter]

    assert "Default" not in found
    assert fits(found, right)
    assert not fits(found, wrong)


def test_templates_are_for_any_region(written: Template, certificate_template: Template) -> None:
    for template in (written, certificate_template):
        assert not re.search(r"\b(us|eu|ap)-[a-z]+-\d\b", json.dumps(template["Resources"]))
