"""The certificate of one's own domain: a stack in us-east-1, the only place where CloudFront looks.

It is deployed first; the stack of the service, in any region, gets what it tells as its parameter
`CertificateArn`.
"""

from __future__ import annotations

from aws_cdk import BootstraplessSynthesizer, CfnParameter, Stack
from aws_cdk import aws_certificatemanager as acm
from constructs import Construct

from tintype.config import Domain
from tintype.config.domain import FORMS, LONGEST_CERTIFIED
from tintype_infra.outputs import tell

OUTPUT = "CertificateArn"  # and the name of the service's parameter
NAME, ZONE = "DomainName", "HostedZone"  # parameters that the service has, too


def certificate_stack_name(name: str) -> str:
    """Return what the stack with the certificate is called, beside a service of that *name*.

    >>> certificate_stack_name("tintype")
    'tintype-certificate'
    """
    return f"{name}-certificate"


class Certificate(Stack):
    """A certificate for a domain, which its hosted zone proves and renews by itself."""

    def __init__(self, scope: Construct, name: str, domain: Domain) -> None:
        super().__init__(
            scope,
            name,
            description="Tintype: the certificate of its domain, in us-east-1",
            synthesizer=BootstraplessSynthesizer(),
        )
        domain_name = CfnParameter(
            self,
            NAME,
            default=domain.name,
            allowed_pattern=FORMS["name"].pattern,
            constraint_description=FORMS["name"].what,
            max_length=LONGEST_CERTIFIED,
            description="The name that the certificate is for",
        ).value_as_string
        zone = CfnParameter(
            self,
            ZONE,
            default=domain.hosted_zone,
            allowed_pattern=FORMS["hosted_zone"].pattern,
            constraint_description=FORMS["hosted_zone"].what,
            description="ID of the Route 53 zone of that name, or of one above it, which proves it",
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
        tell(self, {OUTPUT: certificate.ref})
