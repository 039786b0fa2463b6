"""Looking at the CDN: is it on, does it ask our origins, do they let it in, is the page there?"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from tintype.doctor.case import SERVES, Answer, Case, GoneError
from tintype.doctor.findings import Fact, Finding, Station
from tintype.doctor.policies import Visit, allows, parsed, with_leave
from tintype.site.publishing import CONFIG, INDEX, facts_of

SOON = timedelta(days=21)  # certificates of ACM renew themselves 60 days before their end
RENDITION = "01M7XPE600ABCDEFGHJKMNPQRS/0123456789/thumb.webp"  # what a key of one looks like
_PAGE = frozenset({Station.PAGE, Station.CONFIG})
_ALL_DOORS = _PAGE | SERVES["api"] | {Station.RENDITION}
# Which paths of the CDN an origin answers, and what cannot work without it.
_SERVED_BY = {
    "site": _PAGE,
    "renditions": frozenset({Station.RENDITION}),
    "api": SERVES["api"],
}


def distribution(case: Case) -> Iterator[Finding | Fact]:
    """Prove that the distribution is on, and asks this stack's buckets and API."""
    try:
        found = case.distribution
    except GoneError as error:
        yield Finding(
            code="part_missing",
            message=f"The CDN's distribution {case.outputs['DistributionId']} is not there any more.",
            remedy=case.put_back,
            evidence=(f"{error.action}: {error}",),
            explains=_ALL_DOORS,
        )
        return
    config = found["DistributionConfig"]
    if not config["Enabled"]:
        yield Finding(
            code="distribution_off",
            message=f"The CDN's distribution {found['Id']} is switched off.",
            remedy=case.put_back,
            explains=_ALL_DOORS,
        )
    if found["Status"] != "Deployed":
        yield Finding(
            code="distribution_changing",
            message=f"CloudFront is spreading a change of the distribution: {found['Status']}.",
            remedy="Wait some minutes: not every place in the world has it yet.",
        )
    wrong = list(_wrong_origins(case, config))
    yield from wrong
    if not wrong and config["Enabled"]:
        yield Fact("CDN", f"{found['Status']}, its origins are this stack's")


def _wrong_origins(case: Case, config: Answer) -> Iterator[Finding]:
    """Compare what answers each path with what should."""
    origins = {one["Id"]: one for one in config["Origins"]["Items"]}
    paths: dict[str, str] = {
        one["PathPattern"]: one["TargetOriginId"]
        for one in config.get("CacheBehaviors", {}).get("Items", [])
    }
    rendition_path = next((path for path in paths if path.startswith("/?")), "")
    answered = {
        "site": config["DefaultCacheBehavior"]["TargetOriginId"],
        "api": paths.get("/api/*"),
        "renditions": paths.get(rendition_path),
    }
    for part, origin_id in answered.items():
        origin: Answer = origins.get(origin_id or "", {})
        host = str(origin.get("DomainName", "nothing"))
        wanted = _host(case, part)
        if not host.startswith(f"{wanted}."):
            name = "the HTTP API" if part == "api" else f"the {part} bucket"
            yield Finding(
                code="origin_wrong",
                message=f"The CDN asks {host} where it should ask {name}, {wanted}.",
                remedy=case.put_back,
                evidence=(f"origin {origin_id}: {host}",),
                explains=_SERVED_BY[part],
            )
        elif part != "api" and not origin.get("OriginAccessControlId"):
            yield Finding(
                code="bucket_closed",
                message=f"The CDN does not sign what it asks of the {part} bucket: its origin has no "
                "access control.",
                remedy=case.put_back,
                evidence=(f"origin {origin_id}: {host}",),
                explains=_SERVED_BY[part],
            )


def _host(case: Case, part: str) -> str:
    """Return what the name of an origin of ours begins with."""
    return f"{case.http_api_id}.execute-api" if part == "api" else f"{case.bucket(part)}.s3"


def leave(case: Case) -> Iterator[Finding | Fact]:
    """Prove that the buckets let the CDN in."""
    source = (
        f"arn:{case.partition}:cloudfront::{case.account_id}:distribution/"
        f"{case.outputs['DistributionId']}"
    )
    for part, key in {"renditions": RENDITION, "site": INDEX}.items():
        try:
            text = case.ask("s3", "get_bucket_policy", Bucket=case.bucket(part))["Policy"]
        except GoneError:
            text = None  # or the bucket itself, of which another look tells
        visit = Visit(
            service="cloudfront.amazonaws.com",
            action="s3:GetObject",
            resource=f"arn:{case.partition}:s3:::{case.bucket(part)}/{key}",
            source_arn=source,
            source_account=case.account_id,
        )
        if allows(parsed(text), visit):
            yield Fact(f"{part} bucket", "lets the CDN in")
        else:
            yield _closed(case, part, text, visit)


def _closed(case: Case, part: str, text: str | None, visit: Visit) -> Finding:
    whole = Visit(
        service=visit.service,
        action=visit.action,
        resource=f"arn:{case.partition}:s3:::{case.bucket(part)}/*",
        source_arn=visit.source_arn,
        source_account=visit.source_account,
    )
    return Finding(
        code="bucket_closed",
        message=f"The CDN cannot read the {part} bucket: its policy does not allow it.",
        remedy=case.command(
            "s3api",
            "put-bucket-policy",
            "--bucket",
            case.bucket(part),
            policy=with_leave(parsed(text), whole),
        ),
        evidence=(f"policy: {text or 'none'}",),
        explains=_SERVED_BY[part],
    )


def site(case: Case) -> Iterator[Finding | Fact]:
    """Prove that the page is in its bucket, with a config.json that is this stack's."""
    bucket = case.bucket("site")
    try:
        keys = _keys(case, bucket)
    except GoneError as error:
        yield Finding(
            code="part_missing",
            message=f"The site bucket {bucket} is not there any more.",
            remedy=case.put_back,
            evidence=(f"{error.action}: {error}",),
            explains=_PAGE,
        )
        return
    if INDEX not in keys:
        yield Finding(
            code="site_missing",
            message=f"The site bucket {bucket} has no {INDEX}.",
            remedy=_publish(case),
            explains=_PAGE,
        )
    if CONFIG not in keys:
        yield Finding(
            code="config_missing",
            message=f"The site bucket {bucket} has no {CONFIG}: the page does not know its stack.",
            remedy=_publish(case),
            explains=frozenset({Station.CONFIG}),
        )
        return
    body = case.ask("s3", "get_object", Bucket=bucket, Key=CONFIG)["Body"].read()
    differences = foreign(body, case.outputs)
    if differences:
        yield Finding(
            code="config_foreign",
            message=f"The page's {CONFIG} is not of this stack: {differences[0]}.",
            remedy=_publish(case),
            evidence=differences,
            explains=frozenset({Station.CONFIG}),
        )
    else:
        yield Fact("site bucket", f"has the page, and its {CONFIG}")


def _keys(case: Case, bucket: str) -> set[str]:
    return {
        str(one["Key"])
        for prefix in (INDEX, CONFIG)
        for one in case.ask("s3", "list_objects_v2", Bucket=bucket, Prefix=prefix).get(
            "Contents", []
        )
    }


def foreign(body: bytes, outputs: Mapping[str, str]) -> tuple[str, ...]:
    """Return in what a config.json is another stack's, or no config.json at all."""
    try:
        known = json.loads(body)
        return tuple(
            f"{name} is {known.get(name)!r}"
            for name, value in facts_of(outputs).items()
            if known.get(name) != value
        )
    except (ValueError, AttributeError):
        return ("it is no JSON object",)


def _publish(case: Case) -> str:
    """Return what puts the page into its bucket again."""
    return f"{case.deploy_again} publishes the page"


def domain(case: Case) -> Iterator[Finding | Fact]:
    """Prove that the domain, where there is one, leads to the distribution, with a good certificate."""
    name = case.domain
    if name is None:
        return
    config = case.distribution["DistributionConfig"]
    aliases = config.get("Aliases", {}).get("Items", [])
    if name not in aliases:
        yield Finding(
            code="domain_off",
            message=f"The CDN's distribution does not know the domain {name}.",
            remedy=case.put_back,
            evidence=(f"aliases: {', '.join(aliases) or 'none'}",),
            explains=_ALL_DOORS,
        )
    try:
        socket.getaddrinfo(name, 443)
    except OSError as error:
        yield Finding(
            code="domain_off",
            message=f"Nobody finds the domain {name}: {error.strerror or error}.",
            remedy=f"Point it to {case.outputs['DistributionDomain']}, as A and AAAA alias or CNAME.",
            explains=_ALL_DOORS,
        )
    arn = config.get("ViewerCertificate", {}).get("ACMCertificateArn")
    if arn:
        yield from _certificate(case, name, arn)


def _certificate(case: Case, name: str, arn: str) -> Iterator[Finding | Fact]:
    found = case.ask("acm", "describe_certificate", CertificateArn=arn)["Certificate"]
    end = found.get("NotAfter")
    left = end - datetime.now(UTC) if end else timedelta.max
    if found["Status"] != "ISSUED" or left <= timedelta():
        yield Finding(
            code="certificate_invalid",
            message=f"The certificate of {name} is {found['Status']}"
            f"{f', until {end:%Y-%m-%d}' if end else ''}.",
            remedy="Renew it in AWS Certificate Manager, in us-east-1; its proof is a DNS record.",
            evidence=(arn,),
            explains=_ALL_DOORS,
        )
    elif left < SOON:
        yield Finding(
            code="certificate_expires",
            message=f"The certificate of {name} ends on {end:%Y-%m-%d} and has not renewed itself.",
            remedy="See that the DNS record that proves it is still there.",
            evidence=(arn,),
        )
    else:
        yield Fact("domain", f"{name}, its certificate is {found['Status']}")
