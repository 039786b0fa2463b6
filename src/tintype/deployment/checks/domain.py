"""Check of a custom domain's hosted zone. CloudFront itself checks a certificate that is given."""

from __future__ import annotations

from collections.abc import Iterator

from tintype.aws.errors import InvalidRequestError, NotFoundError
from tintype.aws.sdk import Clients, calling
from tintype.deployment.checks.findings import CheckFinding, Code, bad, good
from tintype.deployment.stack_parameters import StackParameters

_SUBJECT = "hosted zone"


def check_zone(clients: Clients, parameters: StackParameters) -> Iterator[CheckFinding]:
    """Check that the hosted zone exists, is public, and contains the domain.

    In any other zone the certificate's validation would wait for days.
    """
    domain, zone = parameters.domain, parameters.text("HostedZone")
    if not zone:
        if parameters.needs_certificate:
            message = f"a certificate for {domain} needs a hosted zone to validate it"
            advice = "set domain.hosted_zone, or domain.certificate"
            yield bad(_SUBJECT, Code.ZONE_MISSING, message, advice)
        else:
            yield good(_SUBJECT, f"none: point {domain} to the distribution yourself")
        return
    try:
        with calling("route53", "GetHostedZone"):
            found = clients("route53").get_hosted_zone(Id=zone)["HostedZone"]
    except (InvalidRequestError, NotFoundError):
        advice = "`aws route53 list-hosted-zones` lists the existing ones"
        yield bad(_SUBJECT, Code.ZONE_MISSING, f"there is no hosted zone {zone}", advice)
        return
    name = found["Name"].rstrip(".")
    if found.get("Config", {}).get("PrivateZone"):
        message = f"{zone} is private, so {domain} would not resolve on the internet"
        yield bad(_SUBJECT, Code.ZONE_UNFIT, message, "give the ID of the public one")
    elif domain != name and not domain.endswith(f".{name}"):
        message = f"{zone} is {name}, which does not contain {domain}"
        yield bad(_SUBJECT, Code.ZONE_UNFIT, message, "give the ID of the domain's own zone")
    else:
        yield good(_SUBJECT, f"{name}, {zone}")
