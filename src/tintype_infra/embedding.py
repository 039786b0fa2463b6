"""Wire what an embedding app passes to the construct, and refuse what does not work.

Bucket events reach our queues through CDK's own notification handler, a small function that it adds
to the stack; existing notifications of the bucket are kept.
"""

from __future__ import annotations

from dataclasses import replace

from aws_cdk import Annotations, Stack, Token
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from aws_cdk.aws_s3_notifications import SqsDestination
from constructs import Construct

from tintype.access import AccessMode, Visibility
from tintype.config import Access, Config, Delivery, Domain
from tintype.config.domain import NO_DOMAIN
from tintype.config.service import ANY_ORIGIN
from tintype.outputs import Output
from tintype.releases import OPEN_TO_ALL
from tintype_infra.buckets import MANIFEST, TICKET_HEADERS, renditions_rules
from tintype_infra.queues import Jobs
from tintype_infra.sites import Sites

CONFIRMATION = "tintype:public"  # the context, and the annotation's name


class EmbeddingError(ValueError):
    """The construct cannot be created from these arguments; the message says what would work."""


def demand_only_one(service: Construct) -> None:
    """Refuse a second service in a stack, since predictable names are unique only per stack.

    Raises:
        EmbeddingError: the stack already has one.
    """
    stack = Stack.of(service)
    others = (one for one in stack.node.find_all() if isinstance(one, type(service)))
    if first := next((one for one in others if one is not service), None):
        message = (
            f"{first.node.path} is in the same stack; put {service.node.path} in its own stack"
        )
        raise EmbeddingError(message)


def domain_of(
    config: Config,
    name: str | None,
    certificate: acm.ICertificate | None,
    zone: route53.IHostedZone | None,
) -> Domain:
    """Return the domain passed as arguments, or else the one in the settings.

    Raises:
        EmbeddingError: there is a name without a certificate, or vice versa.
    """
    domain = config.domain
    if name or certificate or zone:
        domain = Domain(
            name=name,
            certificate=certificate.certificate_arn if certificate else None,
            hosted_zone=zone.hosted_zone_id if zone else None,
        )
    if domain != NO_DOMAIN and not (domain.name and domain.certificate):
        message = "a domain needs both domain_name and certificate (in us-east-1)"
        raise EmbeddingError(message)
    return domain


def brought_originals(scope: Construct, bucket: s3.IBucket, *, announced_to: Jobs) -> s3.IBucket:
    """Wire a bucket for originals: one of this stack, or an existing one looked up in it.

    Raises:
        EmbeddingError: it belongs to another stack.
    """
    _demand_this_stack(scope, bucket, "originals")
    queue = SqsDestination(announced_to.queue)
    bucket.add_event_notification(s3.EventType.OBJECT_CREATED, queue)
    bucket.add_event_notification(s3.EventType.OBJECT_REMOVED, queue)
    return bucket


def let_browsers_upload_to(originals: s3.IBucket, sites: Sites, page_url: str) -> None:
    """Add the bucket's CORS rules for uploads; for an imported bucket, report the rules it needs.

    Raises:
        EmbeddingError: they would need an address that is known only after the bucket.
    """
    if not isinstance(originals, s3.Bucket):
        page = (
            f"the page's address (`{Output.CDN_URL}`)"
            if Token.is_unresolved(page_url)
            else page_url
        )
        origins = ", ".join([*sites.others, page] if sites.not_all.holds else sites.others)
        Annotations.of(originals).add_info(
            f"Set CORS rules on this bucket, which this stack does not manage: allow PUT and GET "
            f"from {origins} with the headers {', '.join(TICKET_HEADERS)}."
        )
        return
    originals.add_cors_rule(
        allowed_headers=TICKET_HEADERS,
        allowed_methods=[s3.HttpMethods.PUT, s3.HttpMethods.GET],
        allowed_origins=_uploaders(originals, sites, page_url),
        exposed_headers=["ETag"],
        max_age=3600,
    )


def _uploaders(originals: s3.Bucket, sites: Sites, page_url: str) -> list[str]:
    """Return the origins that may upload to a bucket created before the CDN's address is known.

    The bucket's rules would refer to the page, and the page's headers to the bucket. Without named
    sites all origins are allowed: the API issues no links to pages of other sites.
    """
    if not sites.not_all.holds or not Token.is_unresolved(page_url):
        return [*sites.others, page_url] if sites.not_all.holds else sites.others
    if sites.some.holds:
        message = (
            "originals with cors_origins need public_url or domain_name: the bucket's CORS rules "
            "and the page's headers would refer to each other"
        )
        raise EmbeddingError(message)
    Annotations.of(originals).add_info(
        "The bucket accepts upload links from pages of any site, although the API issues them only "
        "to Tintype's own page. Set public_url or domain_name to allow only that page."
    )
    return [ANY_ORIGIN]


def brought_renditions(
    scope: Construct, bucket: s3.IBucket, delivery: Delivery, *, announced_to: Jobs
) -> s3.Bucket:
    """Wire a bucket for renditions, whose policy and rules must be this stack's.

    Raises:
        EmbeddingError: it belongs to another stack, is only looked up, or has a KMS key.
    """
    _demand_this_stack(scope, bucket, "renditions")
    if not isinstance(bucket, s3.Bucket):
        message = (
            "renditions must be an s3.Bucket of this stack: the CDN needs a bucket policy, which "
            "cannot be changed on a bucket that is looked up"
        )
        raise EmbeddingError(message)
    if bucket.encryption_key:
        message = "renditions cannot have a KMS key, since they are public; use BucketEncryption.S3_MANAGED"
        raise EmbeddingError(message)
    for rule in renditions_rules(delivery):
        bucket.add_lifecycle_rule(
            id=rule.id, tag_filters=rule.tag_filters, expiration=rule.expiration
        )
    bucket.add_event_notification(
        s3.EventType.OBJECT_CREATED,
        SqsDestination(announced_to.queue),
        s3.NotificationKeyFilter(suffix=MANIFEST),
    )
    return bucket


def _demand_this_stack(scope: Construct, bucket: s3.IBucket, what: str) -> None:
    here, there = Stack.of(scope), Stack.of(bucket)
    if here.node.path != there.node.path:
        message = (
            f"{what} is a bucket of the stack {there.node.path}, and the two stacks would depend on each "
            f"other; create it in {here.node.path}, or look it up there with "
            "s3.Bucket.from_bucket_name"
        )
        raise EmbeddingError(message)


def access_of(scope: Construct, access: Access, *, public: bool) -> Access:
    """Return who can use the service: everyone, if that is confirmed.

    Makes `cdk deploy` warn of it, and fail if the settings are open and nobody confirms it. If the
    mode is a parameter, whoever deploys the template confirms it.

    Raises:
        EmbeddingError: everyone can use it, and its images are to be private.
    """
    if Token.is_unresolved(access.mode):
        return access
    annotations = Annotations.of(scope)
    if public or str(scope.node.try_get_context(CONFIRMATION)).lower() == "true":
        annotations.add_warning_v2(CONFIRMATION, OPEN_TO_ALL)
        if access.visibility is Visibility.PRIVATE:
            message = 'visibility "private" needs sign-in, and public=True opens the service'
            raise EmbeddingError(message)
        return replace(access, mode=AccessMode.OPEN)
    if access.mode is AccessMode.OPEN:
        how = f"Confirm with public=True or `cdk deploy -c {CONFIRMATION}=true`."
        annotations.add_error(f"{OPEN_TO_ALL} {how}")
    return access
