r"""The certificate of one's own domain: a stack in us-east-1, the only place where CloudFront looks.

`python -m tintype_infra.app` writes it when [domain] has a `name` and no `certificate`. It is deployed first;
the stack of the service, in any region, takes what it tells:

    aws cloudformation deploy --region us-east-1 --stack-name tintype-certificate \
        --template-file dist/cloud/tintype-certificate.template.json
    aws cloudformation describe-stacks --region us-east-1 --stack-name tintype-certificate \
        --query "Stacks[0].Outputs[?OutputKey=='CertificateArn'].OutputValue" --output text

and then, for the service, `--parameter-overrides CertificateArn=arn:aws:acm:us-east-1:...`.
"""

from __future__ import annotations

from aws_cdk import CliCredentialsStackSynthesizer, Stack
from aws_cdk import aws_certificatemanager as acm
from constructs import Construct

from tintype.config import Domain
from tintype_infra.outputs import tell

OUTPUT = "CertificateArn"  # and the name of the service's parameter


def certificate_stack_name(name: str) -> str:
    """Return what the stack with the certificate is called, beside a service of that *name*.

    >>> certificate_stack_name("tintype")
    'tintype-certificate'
    """
    return f"{name}-certificate"


class Certificate(Stack):
    """A certificate for the domain, which its hosted zone proves and renews by itself."""

    def __init__(self, scope: Construct, name: str, domain: Domain) -> None:
        super().__init__(
            scope,
            name,
            description="Tintype: the certificate of its domain, in us-east-1",
            synthesizer=CliCredentialsStackSynthesizer(),
        )
        if domain.name is None or domain.hosted_zone is None:
            message = "a certificate needs a domain's name and its hosted zone"
            raise ValueError(message)
        certificate = acm.CfnCertificate(
            self,
            "Certificate",
            domain_name=domain.name,
            validation_method="DNS",
            domain_validation_options=[
                acm.CfnCertificate.DomainValidationOptionProperty(
                    domain_name=domain.name, hosted_zone_id=domain.hosted_zone
                )
            ],
        )
        tell(self, {OUTPUT: certificate.ref})
