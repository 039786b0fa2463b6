"""A domain of one's own: its certificate, the CDN's alias, and the records that lead there."""

from __future__ import annotations

import json
import re

import pytest

from tests.infra.conftest import Synthesise
from tests.infra.parts import Resource, Template, resources, the
from tintype.config import Domain
from tintype_infra.app import new_app
from tintype_infra.certificate import Certificate

NAME, ZONE = "images.example.com", "Z0123456789"
ARN = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b"
TO_BE_CERTIFIED = Domain(name=NAME, hosted_zone=ZONE)
CERTIFIED = Domain(name=NAME, hosted_zone=ZONE, certificate=ARN)
WITHOUT_ZONE = Domain(name=NAME, certificate=ARN)
DOMAINS = pytest.mark.parametrize("domain", [TO_BE_CERTIFIED, CERTIFIED, WITHOUT_ZONE])
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"  # of all distributions (Route 53: AliasTarget)


def config(template: Template) -> Resource:
    found: Resource = the(template, "CloudFront::Distribution")["DistributionConfig"]
    return found


@DOMAINS
def test_cdn_has_the_name_with_modern_tls(synthesise: Synthesise, domain: Domain) -> None:
    found = config(synthesise(domain=domain))

    assert found["Aliases"] == [NAME]
    assert found["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert found["ViewerCertificate"]["SslSupportMethod"] == "sni-only"
    assert found["IPV6Enabled"] is True


@DOMAINS
def test_addresses_begin_with_the_name(synthesise: Synthesise, domain: Domain) -> None:
    template = synthesise(domain=domain)

    assert template["Outputs"]["CdnUrl"]["Value"]["Fn::If"][2] == f"https://{NAME}"
    for function in ("Api", "Catalogue"):
        variables = the(template, "Lambda::Function", f"Functions{function}")["Environment"]
        assert variables["Variables"]["TINTYPE_PUBLIC_URL"]["Fn::If"][2] == f"https://{NAME}"


@pytest.mark.parametrize("domain", [TO_BE_CERTIFIED, CERTIFIED])
def test_name_leads_to_the_cdn_by_ipv4_and_ipv6(synthesise: Synthesise, domain: Domain) -> None:
    template = synthesise(domain=domain)

    records = [one["Properties"] for one in resources(template, "Route53::RecordSet").values()]
    (distribution,) = resources(template, "CloudFront::Distribution")
    assert [record["Type"] for record in records] == ["A", "AAAA"]
    for record in records:
        assert (record["Name"], record["HostedZoneId"]) == (NAME, ZONE)
        assert record["AliasTarget"]["DNSName"] == {"Fn::GetAtt": [distribution, "DomainName"]}
        table, partition, key = record["AliasTarget"]["HostedZoneId"]["Fn::FindInMap"]
        assert partition == {"Ref": "AWS::Partition"}
        assert template["Mappings"][table]["aws"][key] == CLOUDFRONT_ZONE


def test_without_a_zone_there_are_no_records(synthesise: Synthesise) -> None:
    assert not resources(synthesise(domain=WITHOUT_ZONE), "Route53::RecordSet")


def test_without_a_domain_there_is_nothing_of_one(template: Template) -> None:
    assert "Aliases" not in config(template)
    assert "ViewerCertificate" not in config(template)
    assert "CertificateArn" not in template["Parameters"]
    assert not resources(template, "Route53::RecordSet")


def test_certificate_that_is_there_is_taken(synthesise: Synthesise) -> None:
    template = synthesise(domain=CERTIFIED)

    assert config(template)["ViewerCertificate"]["AcmCertificateArn"] == ARN
    assert "CertificateArn" not in template["Parameters"]


def test_certificate_to_be_made_is_a_parameter_that_must_be_given(
    synthesise: Synthesise, certificate_template: Template
) -> None:
    template = synthesise(domain=TO_BE_CERTIFIED)

    (name,) = certificate_template["Outputs"]
    parameter = template["Parameters"][name]
    assert config(template)["ViewerCertificate"]["AcmCertificateArn"] == {"Ref": name}
    assert "Default" not in parameter
    assert re.fullmatch(parameter["AllowedPattern"], ARN)
    assert not re.fullmatch(parameter["AllowedPattern"], ARN.replace("us-east-1", "eu-west-1"))


def test_certificate_is_proved_and_renewed_by_the_hosted_zone(
    certificate_template: Template,
) -> None:
    certificate = the(certificate_template, "CertificateManager::Certificate")

    assert len(certificate_template["Resources"]) == 1
    assert certificate["DomainName"] == NAME
    assert certificate["ValidationMethod"] == "DNS"
    assert certificate["DomainValidationOptions"] == [{"DomainName": NAME, "HostedZoneId": ZONE}]


def test_templates_are_for_any_region(
    synthesise: Synthesise, certificate_template: Template
) -> None:
    for template in (synthesise(domain=TO_BE_CERTIFIED), certificate_template):
        text = json.dumps(template["Resources"])
        assert not re.search(r"\b(us|eu|ap)-[a-z]+-\d\b", text.replace(ARN, ""))


@pytest.mark.parametrize("domain", [Domain(), WITHOUT_ZONE])
def test_certificate_needs_a_name_and_a_zone(
    domain: Domain, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = new_app(tmp_path_factory.mktemp("none"))

    with pytest.raises(ValueError, match="a certificate needs"):
        Certificate(app, "certificate", domain)
