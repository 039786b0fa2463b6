"""The certificate of a custom domain: a stack in us-east-1, the only region that CloudFront uses.

It is deployed first; the service's stack, in any region, gets its output as the parameter
`CertificateArn`.
"""

from __future__ import annotations

from aws_cdk import BootstraplessSynthesizer, CfnParameter, Stack
from aws_cdk import aws_certificatemanager as acm
from constructs import Construct

from tintype.config import Domain
from tintype.config.domain import FORMS, LONGEST_CERTIFIED
from tintype.outputs import CERTIFICATE_ARN
from tintype_infra.outputs import add_output

NAME, ZONE = "DomainName", "HostedZone"  # parameters that the service has as well


class Certificate(Stack):
    """A certificate for a domain, validated and renewed automatically through its hosted zone."""

    def __init__(self, scope: Construct, name: str, domain: Domain) -> None:
        super().__init__(
            scope,
            name,
            description="Tintype: the certificate of its domain (us-east-1)",
            synthesizer=BootstraplessSynthesizer(),
        )
        domain_name = CfnParameter(
            self,
            NAME,
            default=domain.name,
            allowed_pattern=FORMS["name"].pattern,
            constraint_description=FORMS["name"].what,
            max_length=LONGEST_CERTIFIED,
            description="Domain name of the certificate",
        ).value_as_string
        zone = CfnParameter(
            self,
            ZONE,
            default=domain.hosted_zone,
            allowed_pattern=FORMS["hosted_zone"].pattern,
            constraint_description=FORMS["hosted_zone"].what,
            description="ID of the Route 53 zone of this name or of a parent, for validation",
        ).value_as_string
        certificate = acm.CfnCertificate(
            self,
            "Certificate",
            domain_name=domain_name,
            validation_method="DNS",
            domain_validation_options=[
                acm.CfnCertificate.DomainValidationOptionProperty(
                    domain_name=domain_name, hosted_zone_id=zone
                )
            ],
        )
        add_output(self, CERTIFICATE_ARN, certificate.ref, "ARN of the certificate")
