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
    ADDRESS = "address"
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
    """A code, its meaning in one sentence, and its severity."""

    code: str
    meaning: str
    severity: Severity = Severity.FAILS


# Causes first: of two findings that explain the same step, the upper one is the root cause.
FINDING_TYPES = (
    # What exists
    FindingType("stack_failed", "CloudFormation left the stack in a failed state."),
    FindingType("part_missing", "A part of the stack no longer exists."),
    FindingType("part_inactive", "A part exists but does not serve."),
    FindingType("index_missing", "The images table has lost an index."),
    # Whether it may run
    FindingType("function_stopped", "A function's reserved concurrency is 0."),
    # Along the flow
    FindingType("route_missing", "The HTTP API does not lead to the api function."),
    FindingType("function_closed", "The HTTP API or the CDN may not invoke its function."),
    FindingType("events_off", "A bucket does not notify its queue."),
    FindingType("queue_closed", "A queue's policy does not admit its bucket."),
    FindingType("source_missing", "A queue has no event source to its function."),
    FindingType("source_off", "A queue's event source is disabled."),
    FindingType("resolver_missing", "A field of the GraphQL API has no resolver."),
    FindingType("keys_off", "The GraphQL API no longer accepts API keys."),
    FindingType("sign_ins_off", "The GraphQL API no longer accepts sign-ins."),
    FindingType("key_gone", "The GraphQL API's key was deleted."),
    FindingType("key_expired", "The GraphQL API's key has expired."),
    FindingType("distribution_off", "The CDN's distribution is disabled."),
    FindingType("origin_wrong", "The CDN uses an origin that is not this stack's."),
    FindingType("bucket_closed", "The CDN may not read a bucket."),
    FindingType("edge_function_missing", "A path of the CDN does not run its function."),
    FindingType("private_open", "The CDN serves private addresses without a signature."),
    FindingType("signing_keys_missing", "The access table has no signing keys."),
    FindingType("signing_keys_differ", "The CDN refuses what is signed with the table's key."),
    FindingType("site_missing", "The site bucket has no page."),
    FindingType("config_missing", "The page has no config.json."),
    FindingType("config_foreign", "The page's config.json belongs to another stack."),
    FindingType("domain_off", "The domain does not lead to the distribution."),
    FindingType("certificate_invalid", "The domain's certificate is not valid."),
    # Whether alarms reach anybody
    FindingType("alarm_not_sent", "CloudWatch could not publish an alarm."),
    FindingType("alarm_unread", "No address has confirmed its subscription to the alarms."),
    # What went wrong lately
    FindingType(
        "unannounced", "The catalogue function could not announce changes.", Severity.SUSPECT
    ),
    FindingType("function_fails", "A function has logged errors.", Severity.SUSPECT),
    FindingType("function_throttled", "Lambda throttled a function.", Severity.SUSPECT),
    # What the canary saw, in the order of its steps
    FindingType("page_fails", "The page is not served."),
    FindingType("config_fails", "The page's config.json is missing or wrong."),
    FindingType("api_fails", "The API does not answer as expected."),
    FindingType("socket_fails", "The live-update socket refuses connections."),
    FindingType("ticket_fails", "The API does not issue an upload ticket."),
    FindingType("upload_fails", "S3 refuses an upload with a new ticket."),
    FindingType("record_fails", "The uploaded picture was never processed."),
    FindingType("announcement_fails", "A change was recorded but not announced."),
    FindingType("ready_fails", "Processing began but the picture did not become ready."),
    FindingType("rendition_fails", "The CDN does not serve a rendition."),
    FindingType("address_fails", "The CDN does not serve a size that an address asks for."),
    FindingType("query_fails", "The GraphQL API does not answer a query."),
    FindingType("listing_fails", "The listing does not include the image."),
    FindingType("deletion_fails", "The image could not be deleted."),
    # What follows from it
    FindingType("messages_wait", "Messages wait too long in a queue."),
    FindingType("dead_letters", "Messages failed on every try."),
    FindingType("originals_unrecorded", "Originals have no record."),
    FindingType("images_hang", "Images are stuck, and no message is on its way for them."),
    FindingType("alarm_rings", "An alarm of the stack rings."),
    # What still works
    FindingType("alarm_silent", "The alarms have no recipient.", Severity.NOTE),
    FindingType("key_expires", "The GraphQL API's key expires soon.", Severity.NOTE),
    FindingType("certificate_expires", "The domain's certificate expires soon.", Severity.NOTE),
    FindingType("distribution_changing", "CloudFront is still deploying a change.", Severity.NOTE),
    FindingType("stack_changing", "CloudFormation is changing the stack.", Severity.NOTE),
    FindingType("part_changing", "A function is being updated.", Severity.NOTE),
    FindingType(
        "stack_drifted", "The last drift detection found changes made by hand.", Severity.NOTE
    ),
    FindingType(
        "own_dead_letters", "Dead letters of the doctor's earlier pictures.", Severity.NOTE
    ),
    FindingType("not_seen", "Something could not be checked.", Severity.NOTE),
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
