"""What the doctor can find: every type with its code, causes before their consequences.

`docs/reference/errors.md` lists the codes with what to do about each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """The steps of the canary, in their order."""

    PAGE = "page"
    CONFIG = "config"
    API = "api"
    SOCKET = "socket"
    TICKET = "ticket"
    UPLOAD = "upload"
    RECORD = "record"
    ANNOUNCEMENT = "announcement"
    READY = "ready"
    RENDITION = "rendition"
    QUERY = "query"
    LISTING = "listing"
    DELETION = "deletion"


class Severity(StrEnum):
    """How serious a finding is by itself."""

    FAILS = "fails"  # something does not work
    SUSPECT = "suspect"  # something failed lately; the canary shows whether it still does
    NOTE = "note"  # everything works; the operator should know


@dataclass(frozen=True, slots=True)
class FindingType:
    """A code, its severity, and its meaning in one sentence."""

    code: str
    severity: Severity
    meaning: str


# Causes first: of two findings that explain the same step, the upper one is the root cause.
FINDING_TYPES = (
    # What exists
    FindingType("stack_failed", Severity.FAILS, "CloudFormation left the stack in a failed state."),
    FindingType("part_missing", Severity.FAILS, "A part of the stack no longer exists."),
    FindingType("part_inactive", Severity.FAILS, "A part exists but does not serve."),
    FindingType("index_missing", Severity.FAILS, "The images table has lost an index."),
    # Whether it may run
    FindingType("function_stopped", Severity.FAILS, "A function's reserved concurrency is 0."),
    # Along the flow
    FindingType("route_missing", Severity.FAILS, "The HTTP API does not lead to the api function."),
    FindingType("function_closed", Severity.FAILS, "The HTTP API may not invoke the api function."),
    FindingType("events_off", Severity.FAILS, "A bucket does not notify its queue."),
    FindingType("queue_closed", Severity.FAILS, "A queue's policy does not admit its bucket."),
    FindingType("source_missing", Severity.FAILS, "A queue has no event source to its function."),
    FindingType("source_off", Severity.FAILS, "A queue's event source is disabled."),
    FindingType("resolver_missing", Severity.FAILS, "A field of the GraphQL API has no resolver."),
    FindingType("keys_off", Severity.FAILS, "The GraphQL API no longer accepts API keys."),
    FindingType("sign_ins_off", Severity.FAILS, "The GraphQL API no longer accepts sign-ins."),
    FindingType("key_gone", Severity.FAILS, "The GraphQL API's key was deleted."),
    FindingType("key_expired", Severity.FAILS, "The GraphQL API's key has expired."),
    FindingType("distribution_off", Severity.FAILS, "The CDN's distribution is disabled."),
    FindingType("origin_wrong", Severity.FAILS, "The CDN uses an origin that is not this stack's."),
    FindingType("bucket_closed", Severity.FAILS, "The CDN may not read a bucket."),
    FindingType("site_missing", Severity.FAILS, "The site bucket has no page."),
    FindingType("config_missing", Severity.FAILS, "The page has no config.json."),
    FindingType(
        "config_foreign", Severity.FAILS, "The page's config.json belongs to another stack."
    ),
    FindingType("domain_off", Severity.FAILS, "The domain does not lead to the distribution."),
    FindingType("certificate_invalid", Severity.FAILS, "The domain's certificate is not valid."),
    # Whether alarms reach anybody
    FindingType("alarm_not_sent", Severity.FAILS, "CloudWatch could not publish an alarm."),
    FindingType(
        "alarm_unread", Severity.FAILS, "No address has confirmed its subscription to the alarms."
    ),
    # What went wrong lately
    FindingType(
        "unannounced", Severity.SUSPECT, "The catalogue function could not announce changes."
    ),
    FindingType("function_fails", Severity.SUSPECT, "A function has logged errors."),
    FindingType("function_throttled", Severity.SUSPECT, "Lambda throttled a function."),
    # What the canary saw, in the order of its steps
    FindingType("page_fails", Severity.FAILS, "The page is not served."),
    FindingType("config_fails", Severity.FAILS, "The page's config.json is missing or wrong."),
    FindingType("api_fails", Severity.FAILS, "The API does not answer as expected."),
    FindingType("socket_fails", Severity.FAILS, "The live-update socket refuses connections."),
    FindingType("ticket_fails", Severity.FAILS, "The API does not issue an upload ticket."),
    FindingType("upload_fails", Severity.FAILS, "S3 refuses an upload with a new ticket."),
    FindingType("record_fails", Severity.FAILS, "The uploaded picture was never processed."),
    FindingType("announcement_fails", Severity.FAILS, "A change was recorded but not announced."),
    FindingType(
        "ready_fails", Severity.FAILS, "Processing began but the picture did not become ready."
    ),
    FindingType("rendition_fails", Severity.FAILS, "The CDN does not serve a rendition."),
    FindingType("query_fails", Severity.FAILS, "The GraphQL API does not answer a query."),
    FindingType("listing_fails", Severity.FAILS, "The listing does not include the image."),
    FindingType("deletion_fails", Severity.FAILS, "The image could not be deleted."),
    # What follows from it
    FindingType("messages_wait", Severity.FAILS, "Messages wait too long in a queue."),
    FindingType("dead_letters", Severity.FAILS, "Messages failed on every try."),
    FindingType("originals_unrecorded", Severity.FAILS, "Originals have no record."),
    FindingType(
        "images_hang", Severity.FAILS, "Images are stuck, and no message is on its way for them."
    ),
    FindingType("alarm_rings", Severity.FAILS, "An alarm of the stack rings."),
    # What still works
    FindingType("alarm_silent", Severity.NOTE, "The alarms have no recipient."),
    FindingType("key_expires", Severity.NOTE, "The GraphQL API's key expires soon."),
    FindingType("certificate_expires", Severity.NOTE, "The domain's certificate expires soon."),
    FindingType("distribution_changing", Severity.NOTE, "CloudFront is still deploying a change."),
    FindingType("stack_changing", Severity.NOTE, "CloudFormation is changing the stack."),
    FindingType("part_changing", Severity.NOTE, "A function is being updated."),
    FindingType(
        "stack_drifted", Severity.NOTE, "The last drift detection found changes made by hand."
    ),
    FindingType(
        "own_dead_letters", Severity.NOTE, "Dead letters of the doctor's earlier pictures."
    ),
    FindingType("not_seen", Severity.NOTE, "Something could not be checked."),
)
BY_CODE = {kind.code: kind for kind in FINDING_TYPES}
RANK = {kind.code: place for place, kind in enumerate(FINDING_TYPES)}
SYMPTOMS = {step: BY_CODE[f"{step}_fails"] for step in Step}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One problem.

    *message* is a sentence that names the part, *remedy* a command or instruction, *evidence* what
    was read, verbatim, and *explains* the steps that cannot pass because of it.
    """

    code: str
    message: str
    remedy: str = ""
    evidence: tuple[str, ...] = ()
    explains: frozenset[Step] = frozenset()

    @property
    def severity(self) -> Severity:
        """How serious it is by itself."""
        return BY_CODE[self.code].severity


@dataclass(frozen=True, slots=True)
class Fact:
    """A healthy *part* of the stack, and what was read of it."""

    part: str
    observed: str
