"""`[domain]` of `tintype.toml`: a custom domain for the CDN, instead of CloudFront's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from tintype.config.forms import Form, misfits
from tintype.constraints import Doc, Length

LONGEST_CERTIFIED = 64  # characters; ACM's limit for a certificate's name
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
FORMS = {
    "name": Form(
        rf"({_LABEL}\.)+(?!\d)[a-z0-9-]*[a-z0-9]", 'a domain name like "images.example.com"'
    ),
    "hosted_zone": Form("Z[A-Z0-9]+", "the ID of a hosted zone, which begins with Z"),
    "certificate": Form(
        r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[0-9a-f-]+",
        "the ARN of a certificate in us-east-1, as CloudFront requires",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The CDN's name, its hosted zone and its certificate; without a *name*, CloudFront's own."""

    name: Annotated[str | None, Length(4, 253), Doc("custom domain name of the CDN")] = None
    hosted_zone: Annotated[
        str | None, Length(2, 32), Doc("ID of the Route 53 zone for the name's records")
    ] = None
    certificate: Annotated[
        str | None, Length(20, 2_048), Doc("ARN of the name's certificate in us-east-1")
    ] = None

    @property
    def needs_certificate(self) -> bool:
        """Whether a certificate must be created for the name."""
        return self.name is not None and self.certificate is None


NO_DOMAIN = Domain()


def contradictions(domain: Domain) -> list[str]:
    """Return contradictions between valid settings, each as a sentence `setting: reason`.

    >>> contradictions(Domain(hosted_zone="Z0123456789ABC"))
    ['hosted_zone: needs a domain; set `name` too']
    """
    return [*misfits(domain, FORMS), *_gaps(domain)]


def _gaps(domain: Domain) -> list[str]:
    if domain.name is None:
        return [
            f"{setting}: needs a domain; set `name` too"
            for setting in ("hosted_zone", "certificate")
            if getattr(domain, setting) is not None
        ]
    if domain.certificate is not None:
        return []
    if domain.hosted_zone is None:
        return ["name: needs `hosted_zone`, to validate it, or the ARN of a `certificate`"]
    if len(domain.name) > LONGEST_CERTIFIED:
        length = f"{len(domain.name)} characters; ACM certifies at most {LONGEST_CERTIFIED}"
        return [f"name: {length}; set `certificate` to one of your own"]
    return []
