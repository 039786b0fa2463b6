"""Checks of the CDN: is it enabled, are its origins right, may it read them, is the page there?"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from tintype.aws.errors import NotFoundError
from tintype.doctor.findings import Fact, Finding, Step
from tintype.doctor.policies import Visit, allows, parsed
from tintype.doctor.stack import SERVES, AwsResponse, StackUnderTest
from tintype.outputs import Output
from tintype.site.publishing import CONFIG, INDEX, facts_of

SOON = timedelta(days=21)  # ACM renews its certificates 60 days before they expire
RENDITION = "01M7XPE600ABCDEFGHJKMNPQRS/0123456789/thumb.webp"  # an example of a key
_PAGE = frozenset({Step.PAGE, Step.CONFIG})
_PICTURES = frozenset({Step.RENDITION, Step.ADDRESS})
_ALL_DOORS = _PAGE | SERVES["api"] | _PICTURES
# The steps that depend on each origin.
_SERVED_BY = {
    "site": _PAGE,
    "renditions": frozenset({Step.RENDITION}),
    "api": SERVES["api"],
}


def distribution(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check that the distribution is enabled and uses this stack's buckets and API."""
    try:
        found = target.distribution
    except NotFoundError as error:
        part = f"CDN's distribution {target.outputs[Output.DISTRIBUTION_ID]}"
        yield target.missing(part, error, _ALL_DOORS)
        return
    config = found["DistributionConfig"]
    if not config["Enabled"]:
        yield Finding(
            code="distribution_off",
            message=f"The CDN's distribution {found['Id']} is disabled.",
            remedy=target.put_back,
            explains=_ALL_DOORS,
        )
    if found["Status"] != "Deployed":
        yield Finding(
            code="distribution_changing",
            message=f"CloudFront is still deploying a change of the distribution: {found['Status']}.",
            remedy="Wait some minutes: not every edge location has the change yet.",
        )
    wrong = list(_wrong_origins(target, config))
    yield from wrong
    if not wrong and config["Enabled"]:
        yield Fact("CDN", f"{found['Status']}, its origins are this stack's")


def _wrong_origins(target: StackUnderTest, config: AwsResponse) -> Iterator[Finding]:
    """Compare the origin of each path with the right one."""
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
        origin: AwsResponse = origins.get(origin_id or "", {})
        host = str(origin.get("DomainName", "no origin"))
        is_api = part == "api"
        wanted = f"{target.http_api_id}.execute-api" if is_api else f"{target.bucket(part)}.s3"
        name = "HTTP API" if is_api else f"{part} bucket"
        if not host.startswith(f"{wanted}."):
            code, message = "origin_wrong", f"The CDN uses {host} instead of the {name}, {wanted}."
        elif not is_api and not origin.get("OriginAccessControlId"):
            code = "bucket_closed"
            message = f"The CDN does not sign its requests to the {name}: no origin access control."
        else:
            continue
        yield Finding(
            code=code,
            message=message,
            remedy=target.put_back,
            evidence=(f"origin {origin_id}: {host}",),
            explains=_SERVED_BY[part],
        )


def bucket_policies(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check that the buckets' policies admit the CDN."""
    for part, key in {"renditions": RENDITION, "site": INDEX}.items():
        try:
            policy = target.ask("s3", "get_bucket_policy", Bucket=target.bucket(part))["Policy"]
        except NotFoundError:
            policy = None  # or the bucket itself, which another check reports
        visit = Visit(
            service="cloudfront.amazonaws.com",
            action="s3:GetObject",
            resource=f"arn:{target.partition}:s3:::{target.bucket(part)}/{key}",
            source_arn=target.distribution_arn,
            source_account=target.account_id,
        )
        if allows(parsed(policy), visit):
            yield Fact(f"{part} bucket", "admits the CDN")
            continue
        yield Finding(
            code="bucket_closed",
            message=f"The CDN cannot read the {part} bucket: the bucket's policy does not allow it.",
            remedy=target.put_back,
            evidence=(f"policy: {policy or 'none'}",),
            explains=_SERVED_BY[part],
        )


def site(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check that the page is in its bucket, with a config.json for this stack."""
    bucket = target.bucket("site")
    publish = f"{target.deploy_again} publishes the page"
    try:
        keys = _keys(target, bucket)
    except NotFoundError as error:
        yield target.missing(f"site bucket {bucket}", error, _PAGE)
        return
    if INDEX not in keys:
        yield Finding(
            code="site_missing",
            message=f"The site bucket {bucket} has no {INDEX}.",
            remedy=publish,
            explains=_PAGE,
        )
    if CONFIG not in keys:
        yield Finding(
            code="config_missing",
            message=f"The site bucket {bucket} has no {CONFIG}, so the page does not know its stack.",
            remedy=publish,
            explains=frozenset({Step.CONFIG}),
        )
        return
    body = target.ask("s3", "get_object", Bucket=bucket, Key=CONFIG)["Body"].read()
    differences = foreign(body, target.outputs)
    if differences:
        yield Finding(
            code="config_foreign",
            message=f"The page's {CONFIG} belongs to another stack: {differences[0]}.",
            remedy=publish,
            evidence=differences,
            explains=frozenset({Step.CONFIG}),
        )
    else:
        yield Fact("site bucket", f"has the page and its {CONFIG}")


def _keys(target: StackUnderTest, bucket: str) -> set[str]:
    return {
        str(one["Key"])
        for prefix in (INDEX, CONFIG)
        for one in target.ask("s3", "list_objects_v2", Bucket=bucket, Prefix=prefix).get(
            "Contents", []
        )
    }


def foreign(body: bytes, outputs: Mapping[str, str]) -> tuple[str, ...]:
    """Return in what a config.json differs from this stack's."""
    try:
        known = json.loads(body)
        return tuple(
            f"{name} is {known.get(name)!r}"
            for name, value in facts_of(outputs).items()
            if known.get(name) != value
        )
    except (ValueError, AttributeError):
        return ("it is not a JSON object",)


def domain(target: StackUnderTest) -> Iterator[Finding | Fact]:
    """Check that a custom domain leads to the distribution, with a valid certificate."""
    name = target.domain
    if name is None:
        return
    config = target.distribution["DistributionConfig"]
    aliases = config.get("Aliases", {}).get("Items", [])
    if name not in aliases:
        yield Finding(
            code="domain_off",
            message=f"The CDN's distribution does not have the domain {name}.",
            remedy=target.put_back,
            evidence=(f"aliases: {', '.join(aliases) or 'none'}",),
            explains=_ALL_DOORS,
        )
    try:
        socket.getaddrinfo(name, 443)
    except OSError as error:
        yield Finding(
            code="domain_off",
            message=f"The domain {name} does not resolve: {error.strerror or error}.",
            remedy=f"Point it to {target.outputs[Output.DISTRIBUTION_DOMAIN]}, by A and AAAA aliases or a "
            "CNAME.",
            explains=_ALL_DOORS,
        )
    arn = config.get("ViewerCertificate", {}).get("ACMCertificateArn")
    if arn:
        yield _certificate(target, name, arn)


def _certificate(target: StackUnderTest, name: str, arn: str) -> Finding | Fact:
    found = target.ask("acm", "describe_certificate", CertificateArn=arn)["Certificate"]
    end = found.get("NotAfter")
    left = end - datetime.now(UTC) if end else timedelta.max
    if found["Status"] != "ISSUED" or left <= timedelta():
        return Finding(
            code="certificate_invalid",
            message=f"The certificate of {name} is {found['Status']}"
            f"{f', until {end:%Y-%m-%d}' if end else ''}.",
            remedy="Renew it in AWS Certificate Manager, in us-east-1; a DNS record validates it.",
            evidence=(arn,),
            explains=_ALL_DOORS,
        )
    if left < SOON:
        return Finding(
            code="certificate_expires",
            message=f"The certificate of {name} expires on {end:%Y-%m-%d} and was not renewed.",
            remedy="Check that the DNS record that validates it still exists.",
            evidence=(arn,),
        )
    return Fact("domain", f"{name}, its certificate is {found['Status']}")
