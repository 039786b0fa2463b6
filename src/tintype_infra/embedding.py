"""What an app that embeds the construct brings along: what of it is wired, and what is refused.

S3 tells the events of its buckets to our queues in CDK's own way, a small function that it adds to the
stack: besides ours, a bucket keeps the notifications that it has.
"""

from __future__ import annotations

from aws_cdk import Annotations, Duration, Fn, Stack, Token
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_s3 as s3
from aws_cdk.aws_s3_notifications import SqsDestination
from constructs import Construct

from tintype.config import Config, Domain, Service
from tintype.config.domain import NO_DOMAIN
from tintype.config.service import ANY_ORIGIN
from tintype.releases import OPEN_TO_ALL
from tintype_infra.buckets import MANIFEST, TICKET_HEADERS, TOMBSTONE, TOMBSTONE_DAYS
from tintype_infra.queues import Jobs

CONFIRMATION = "tintype:public"  # the context, and the annotation's name


class EmbeddingError(ValueError):
    """The construct cannot be made of what it is given; the message says what would do."""


def demand_only_one(service: Construct) -> None:
    """Refuse a second service in a stack: names that are known beforehand have the stack's id in them.

    Raises:
        EmbeddingError: there is one already.
    """
    stack = Stack.of(service)
    others = (one for one in stack.node.find_all() if isinstance(one, type(service)))
    if first := next((one for one in others if one is not service), None):
        message = f"{first.node.path} is in the same stack: give {service.node.path} one of its own"
        raise EmbeddingError(message)


def domain_of(
    config: Config,
    name: str | None,
    certificate: acm.ICertificate | None,
    zone: route53.IHostedZone | None,
) -> Domain:
    """Return the domain that is given, or else that of the settings.

    Raises:
        EmbeddingError: there is a name without a certificate, or the other way round.
    """
    domain = config.domain
    if name or certificate or zone:
        domain = Domain(
            name=name,
            certificate=certificate.certificate_arn if certificate else None,
            hosted_zone=zone.hosted_zone_id if zone else None,
        )
    if domain != NO_DOMAIN and not (domain.name and domain.certificate):
        message = "a domain needs both domain_name and certificate, which is in us-east-1"
        raise EmbeddingError(message)
    return domain


def brought_originals(scope: Construct, bucket: s3.IBucket, *, announced_to: Jobs) -> s3.IBucket:
    """Wire a bucket for originals: of this stack, or one that exists already and is looked up in it.

    Raises:
        EmbeddingError: it is another stack's.
    """
    _demand_this_stack(scope, bucket, "originals")
    queue = SqsDestination(announced_to.queue)
    bucket.add_event_notification(s3.EventType.OBJECT_CREATED, queue)
    bucket.add_event_notification(s3.EventType.OBJECT_REMOVED, queue)
    return bucket


def let_browsers_upload_to(originals: s3.IBucket, service: Service, page_url: str) -> None:
    """Add the rules by which browsers may upload; where only CloudFormation could, say which.

    Raises:
        EmbeddingError: they would have to name an address that is known only after the bucket.
    """
    origins = list(service.cors_origins)
    if Fn.select(0, origins) != ANY_ORIGIN:
        if Token.is_unresolved(page_url):
            message = (
                "originals with cors_origins need public_url or domain_name: the bucket's rules name "
                "the page, and the page's headers the bucket"
            )
            raise EmbeddingError(message)
        origins.append(page_url)
    if isinstance(originals, s3.Bucket):
        originals.add_cors_rule(
            allowed_headers=TICKET_HEADERS,
            allowed_methods=[s3.HttpMethods.PUT, s3.HttpMethods.GET],
            allowed_origins=origins,
            exposed_headers=["ETag"],
            max_age=3600,
        )
        return
    Annotations.of(originals).add_info(
        f"This bucket must let browsers PUT and GET from {', '.join(origins)}, with the headers "
        f"{', '.join(TICKET_HEADERS)}: its CORS rules are not this stack's."
    )


def brought_renditions(scope: Construct, bucket: s3.IBucket, *, announced_to: Jobs) -> s3.Bucket:
    """Wire a bucket for renditions, whose policy and rules must be this stack's.

    Raises:
        EmbeddingError: it is another stack's, is only looked up, or has a KMS key.
    """
    _demand_this_stack(scope, bucket, "renditions")
    if not isinstance(bucket, s3.Bucket):
        message = (
            "renditions must be an s3.Bucket of this stack: the CDN reads them by the bucket's policy, "
            "which cannot be changed of a bucket that is looked up"
        )
        raise EmbeddingError(message)
    if bucket.encryption_key:
        message = (
            "renditions cannot have a KMS key: take BucketEncryption.S3_MANAGED, they are public"
        )
        raise EmbeddingError(message)
    bucket.add_lifecycle_rule(
        id="forget-tombstones", tag_filters=TOMBSTONE, expiration=Duration.days(TOMBSTONE_DAYS)
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
            f"{what} is a bucket of the stack {there.node.path}, and each of the two stacks would need "
            f"the other first: make it in {here.node.path}, or look it up there by its name "
            "(s3.Bucket.from_bucket_name)"
        )
        raise EmbeddingError(message)


def say_who_may(scope: Construct, *, confirmed: bool) -> None:
    """Have `cdk deploy` say that the service is open to everybody, and refuse where that is not meant."""
    annotations = Annotations.of(scope)
    if confirmed or str(scope.node.try_get_context(CONFIRMATION)).lower() == "true":
        annotations.add_warning_v2(CONFIRMATION, OPEN_TO_ALL)
    else:
        how = f"public=True, or `cdk deploy -c {CONFIRMATION}=true`, confirms it."
        annotations.add_error(f"{OPEN_TO_ALL} {how}")
