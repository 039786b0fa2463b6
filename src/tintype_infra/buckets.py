"""The buckets: originals, to which clients upload, and renditions and page, which the CDN reads."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Acknowledgment, Aws, Duration, RemovalPolicy, Stack, Validations
from aws_cdk import aws_s3 as s3
from constructs import Construct

from tintype import keys
from tintype.config import Delivery, Service
from tintype.config.service import OriginalsClass
from tintype_infra.cfn_resources import cfn_resource
from tintype_infra.choice import NOTHING, differs
from tintype_infra.names import unique_name
from tintype_infra.queues import Jobs
from tintype_infra.sites import Sites

MANIFEST = "/manifest.json"  # the last object of an image; its presence means "done"
TOMBSTONE_DAYS = 30  # as long as its record, so that both expire together
TICKET_HEADERS = [
    "content-type",
    "if-none-match",
    "x-amz-checksum-sha256",
    "x-amz-meta-filename",
    "x-amz-meta-trace",
    "x-amz-meta-visibility",
]


def originals_bucket(scope: Construct, service: Service, *, announced_to: Jobs) -> s3.Bucket:
    """Return the bucket for originals, which announces created and removed objects."""
    bucket = _bucket(
        scope,
        "Originals",
        service,
        versioned=True,
        rules=[
            s3.LifecycleRule(
                id="forget-what-was-deleted",
                noncurrent_version_expiration=Duration.days(service.originals_noncurrent_days),
                expired_object_delete_marker=True,
            )
        ],
    )
    _move_old_originals(bucket, service)
    _announce(bucket, announced_to, "originals", ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"])
    return bucket


def _move_old_originals(bucket: s3.Bucket, service: Service) -> None:
    """Move old originals to a colder storage class, if the settings say so.

    Set as a raw property, because a parameter decides whether the rule exists, which CDK's
    lifecycle rules cannot express.
    """
    stack, colder = Stack.of(bucket), service.originals_class
    wanted = differs(stack, "HasColderOriginals", colder, OriginalsClass.STANDARD.value)
    if not wanted.may_hold:
        return
    rule = {
        "Id": "move-old-originals",
        "Status": "Enabled",
        "Transitions": [{"StorageClass": colder, "TransitionInDays": service.originals_cold_days}],
    }
    raw = cfn_resource(bucket, s3.CfnBucket)
    raw.add_property_override("LifecycleConfiguration.Rules.2", wanted.either(rule, NOTHING))
    standing = "OriginalsClass may be STANDARD; the rule is omitted then."
    known = Acknowledgment(id="CloudFormation-Validate::W3030", reason=standing)
    Validations.of(bucket).acknowledge(known)


def originals_host(brought: s3.IBucket | None) -> str:
    """Return the host that browsers upload to, without referring to our own bucket (a cycle)."""
    if brought:
        return brought.bucket_regional_domain_name
    return f"{unique_name('originals')}.s3.{Aws.REGION}.{Aws.URL_SUFFIX}"


def originals_name(brought: s3.IBucket | None) -> str:
    """Return the bucket's name, without referring to our own bucket.

    For what the CDN needs, since the bucket's CORS rules refer to the CDN.
    """
    return brought.bucket_name if brought else unique_name("originals")


def let_browsers_upload(originals: s3.IBucket, sites: Sites, page_url: str) -> None:
    """Allow uploads from our own page and from the configured sites."""
    ours, theirs = _uploads_from([page_url]), _uploads_from(sites.others)
    both = [theirs, sites.not_all.either(ours, NOTHING)] if sites.not_all.may_hold else [theirs]
    rules = sites.some.either(both, [ours])
    cfn_resource(originals, s3.CfnBucket).add_property_override(
        "CorsConfiguration.CorsRules", rules
    )
    if sites.some.condition:
        standing = (
            "One rule is for Tintype's own page, one for the sites in CorsOrigins, by default none."
        )
        known = Acknowledgment(id="CloudFormation-Validate::F3037", reason=standing)
        Validations.of(originals).acknowledge(known)


def renditions_bucket(
    scope: Construct, service: Service, delivery: Delivery, *, announced_to: Jobs
) -> s3.Bucket:
    """Return the bucket for renditions, which announces written manifests."""
    bucket = _bucket(scope, "Renditions", service, rules=renditions_rules(delivery))
    _announce(bucket, announced_to, "renditions", ["s3:ObjectCreated:*"], suffix=MANIFEST)
    return bucket


def renditions_rules(delivery: Delivery) -> list[s3.LifecycleRule]:
    """Return what expires in a bucket for renditions, by its tag."""
    return [
        s3.LifecycleRule(
            id="forget-tombstones",
            tag_filters=keys.TOMBSTONE_TAGS,
            expiration=Duration.days(TOMBSTONE_DAYS),
        ),
        s3.LifecycleRule(
            id="forget-any-size",
            tag_filters=keys.DELIVERED_TAGS,
            expiration=Duration.days(delivery.keep_days),
        ),
    ]


def site_bucket(scope: Construct, service: Service) -> s3.Bucket:
    """Return the bucket for the page's files."""
    return _bucket(scope, "Site", service, rules=[])


def _uploads_from(origins: list[str]) -> dict[str, object]:
    """Return a CORS rule as raw CloudFormation, so that a condition can omit it."""
    return {
        "AllowedHeaders": TICKET_HEADERS,
        "AllowedMethods": ["PUT", "GET"],
        "AllowedOrigins": origins,
        "ExposedHeaders": ["ETag"],
        "MaxAge": 3600,  # seconds that a browser may cache the rule
    }


def _bucket(
    scope: Construct,
    name: str,
    service: Service,
    *,
    rules: Sequence[s3.LifecycleRule],
    versioned: bool = False,
) -> s3.Bucket:
    abandoned = s3.LifecycleRule(
        id="abandoned-uploads", abort_incomplete_multipart_upload_after=Duration.days(1)
    )
    return s3.Bucket(
        scope,
        name,
        bucket_name=unique_name(name.lower()),
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        versioned=versioned,
        lifecycle_rules=[*rules, abandoned],
        removal_policy=RemovalPolicy.RETAIN if service.keep_data else RemovalPolicy.DESTROY,
    )


def _announce(
    bucket: s3.Bucket, jobs: Jobs, part: str, events: Sequence[str], suffix: str | None = None
) -> None:
    """Let S3 send *events* to the queue.

    Set as a property of the bucket: `add_event_notification` would add a function of CDK's that
    sets it from outside. S3 tests the queue when the bucket is created, so the queue's policy must
    exist by then and refer to a bucket that does not: hence the predictable bucket name.
    """
    policy = jobs.accepts_events_of(f"arn:{Aws.PARTITION}:s3:::{unique_name(part)}")
    key_filter = suffix and s3.CfnBucket.NotificationFilterProperty(
        s3_key=s3.CfnBucket.S3KeyFilterProperty(
            rules=[s3.CfnBucket.FilterRuleProperty(name="suffix", value=suffix)]
        )
    )
    raw = cfn_resource(bucket, s3.CfnBucket)
    raw.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        queue_configurations=[
            s3.CfnBucket.QueueConfigurationProperty(
                event=event, queue=jobs.queue.queue_arn, filter=key_filter or None
            )
            for event in events
        ]
    )
    raw.node.add_dependency(policy)
