"""`[domain]` of `tintype.toml`: a name of one's own for the CDN, instead of CloudFront's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from tintype.config.forms import Form
from tintype.imaging.settings import Doc, Length

LONGEST_CERTIFIED = 64  # characters of the name that ACM makes a certificate for
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
FORMS = {
    "name": Form(
        rf"({_LABEL}\.)+(?!\d)[a-z0-9-]*[a-z0-9]", 'a domain name like "images.example.com"'
    ),
    "hosted_zone": Form("Z[A-Z0-9]+", "the ID of a hosted zone, which begins with Z"),
    "certificate": Form(
        r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[0-9a-f-]+",
        "the ARN of a certificate in us-east-1, where CloudFront looks",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The CDN's name, who knows its records, and who vouches for it; no *name*: CloudFront's own."""

    name: Annotated[str | None, Length(4, 253), Doc("name of your own for the CDN")] = None
    hosted_zone: Annotated[
        str | None, Length(2, 32), Doc("ID of the Route 53 zone that gets the name's records")
    ] = None
    certificate: Annotated[
        str | None, Length(20, 2_048), Doc("ARN of the name's certificate in us-east-1")
    ] = None

    @property
    def needs_certificate(self) -> bool:
        """Whether a certificate is to be made for the name."""
        return self.name is not None and self.certificate is None


NO_DOMAIN = Domain()


def contradictions(domain: Domain) -> list[str]:
    """Return what cannot be deployed though every range holds, one sentence `setting: reason` each.

    >>> contradictions(Domain(hosted_zone="Z0123456789ABC"))
    ['hosted_zone: is for a domain; set `name` too']
    """
    return [*_forms(domain), *_gaps(domain)]


def _forms(domain: Domain) -> list[str]:
    return [
        f'{setting}: "{value}" is not {form.what}'
        for setting, form in FORMS.items()
        if (value := getattr(domain, setting)) is not None and not form.fits(value)
    ]


def _gaps(domain: Domain) -> list[str]:
    if domain.name is None:
        return [
            f"{setting}: is for a domain; set `name` too"
            for setting in ("hosted_zone", "certificate")
            if getattr(domain, setting) is not None
        ]
    if domain.certificate is not None:
        return []
    if domain.hosted_zone is None:
        return ["name: needs its `hosted_zone`, which proves it, or the ARN of a `certificate`"]
    if len(domain.name) > LONGEST_CERTIFIED:
        length = f"{len(domain.name)} characters; a certificate is made for {LONGEST_CERTIFIED}"
        return [f"name: {length} at most: give one in `certificate`"]
    return []
