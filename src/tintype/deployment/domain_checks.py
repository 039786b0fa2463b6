"""Whether a domain of one's own has its certificate and its hosted zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tintype.aws.errors import InvalidRequestError, NotFoundError
from tintype.deployment.clients import GLOBAL_REGION, Clients, asked
from tintype.deployment.findings import Code, Finding, bad, good
from tintype.deployment.wanted import Wanted

_HOW = "leave out the certificate and give the hosted zone: then one is made"


def check_certificate(clients: Clients, wanted: Wanted) -> Iterator[Finding]:
    """Say whether the certificate can be shown for the domain, or will be made."""
    domain, arn = wanted.domain, wanted.text("CertificateArn")
    if not arn:
        yield good(
            "certificate",
            f"will be made for {domain}, by stack {wanted.stack}-certificate in {GLOBAL_REGION}",
        )
        return
    if f":acm:{GLOBAL_REGION}:" not in arn:
        message = f"{arn} is not in {GLOBAL_REGION}, where CloudFront looks"
        yield bad("certificate", Code.CERTIFICATE_UNFIT, message, f"make one there, or {_HOW}")
        return
    try:
        with asked("acm", "DescribeCertificate"):
            client = clients("acm", region=GLOBAL_REGION)
            told = client.describe_certificate(CertificateArn=arn)["Certificate"]
    except (InvalidRequestError, NotFoundError):
        yield bad("certificate", Code.CERTIFICATE_MISSING, f"there is no {arn}", _HOW)
        return
    names = [told["DomainName"], *told.get("SubjectAlternativeNames", [])]
    if told["Status"] != "ISSUED":
        message = f"it is {told['Status']}, not ISSUED"
        yield bad(
            "certificate",
            Code.CERTIFICATE_UNFIT,
            message,
            "its page in ACM says which record it waits for",
        )
    elif not covers(names, domain):
        message = f"it is for {', '.join(dict.fromkeys(names))}, not for {domain}"
        yield bad("certificate", Code.CERTIFICATE_UNFIT, message, _HOW)
    else:
        yield good("certificate", f"issued, for {domain}")


def covers(names: Sequence[str], domain: str) -> bool:
    """Whether a certificate of those names is good for a domain; `*` stands for one label.

    >>> covers(["*.example.com"], "images.example.com"), covers(["*.example.com"], "a.b.example.com")
    (True, False)
    """
    wildcard = f"*.{domain.partition('.')[2]}"
    return domain in names or wildcard in names


def check_zone(clients: Clients, wanted: Wanted) -> Iterator[Finding]:
    """Say whether the hosted zone is there, public, and one that the domain lies in."""
    domain, zone = wanted.domain, wanted.text("HostedZone")
    if not zone:
        if wanted.needs_certificate:
            message = f"a certificate for {domain} needs the hosted zone that proves it"
            yield bad(
                "hosted zone",
                Code.ZONE_MISSING,
                message,
                "set domain.hosted_zone, or domain.certificate",
            )
        else:
            yield good("hosted zone", f"none: point {domain} to the distribution yourself")
        return
    try:
        with asked("route53", "GetHostedZone"):
            told = clients("route53").get_hosted_zone(Id=zone)["HostedZone"]
    except (InvalidRequestError, NotFoundError):
        advice = "`aws route53 list-hosted-zones` shows those that there are"
        yield bad("hosted zone", Code.ZONE_MISSING, f"there is no hosted zone {zone}", advice)
        return
    name = told["Name"].rstrip(".")
    if told.get("Config", {}).get("PrivateZone"):
        message = f"{zone} is private: nobody outside would find {domain}"
        yield bad("hosted zone", Code.ZONE_UNFIT, message, "give the ID of the public one")
    elif domain != name and not domain.endswith(f".{name}"):
        message = f"{zone} is {name}, and {domain} does not lie in it"
        yield bad("hosted zone", Code.ZONE_UNFIT, message, "give the ID of the domain's own zone")
    else:
        yield good("hosted zone", f"{name}, {zone}")
