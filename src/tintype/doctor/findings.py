"""What the doctor can find: every kind with its code, causes before what follows from them.

`docs/errors.md` lists the codes with what to do about each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Station(StrEnum):
    """The stations of an image's journey, in its order."""

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


class Weight(StrEnum):
    """What a finding means by itself."""

    FAILS = "fails"  # something does not work, whatever else does
    SUSPECT = "suspect"  # something went wrong lately; it counts unless the journey proves it over
    NOTE = "note"  # all works; somebody should know


@dataclass(frozen=True, slots=True)
class Kind:
    """A code, what it weighs, and what it means in a sentence."""

    code: str
    weight: Weight
    meaning: str


# Causes first: of two findings that explain the same, the upper one is the culprit.
KINDS = (
    # What there is
    Kind("stack_failed", Weight.FAILS, "CloudFormation left the stack half made."),
    Kind("part_missing", Weight.FAILS, "A part of the stack is not there any more."),
    Kind("part_inactive", Weight.FAILS, "A part is there and does not serve."),
    Kind("index_missing", Weight.FAILS, "The table has lost the index of the listing."),
    # Who runs, and what it may
    Kind("function_stopped", Weight.FAILS, "A function may run zero times at once."),
    Kind("role_lacks", Weight.FAILS, "A role may not do what its function needs."),
    # Along the flow
    Kind("route_missing", Weight.FAILS, "The HTTP API does not lead to the api function."),
    Kind("function_closed", Weight.FAILS, "The HTTP API may not call the api function."),
    Kind("events_off", Weight.FAILS, "A bucket does not tell its queue what comes."),
    Kind("queue_closed", Weight.FAILS, "A queue's policy does not let its bucket in."),
    Kind("source_missing", Weight.FAILS, "Nothing takes a queue's messages to the function."),
    Kind("source_off", Weight.FAILS, "What takes a queue's messages is switched off."),
    Kind("resolver_missing", Weight.FAILS, "A field of the GraphQL API has no resolver."),
    Kind("keys_off", Weight.FAILS, "The GraphQL API takes no keys any more."),
    Kind("key_gone", Weight.FAILS, "The GraphQL API's key is deleted."),
    Kind("key_expired", Weight.FAILS, "The GraphQL API's key has expired."),
    Kind("distribution_off", Weight.FAILS, "The CDN's distribution is switched off."),
    Kind("origin_wrong", Weight.FAILS, "The CDN asks another origin than this stack's."),
    Kind("bucket_closed", Weight.FAILS, "A bucket's policy does not let the CDN in."),
    Kind("site_missing", Weight.FAILS, "The site bucket has no page."),
    Kind("config_missing", Weight.FAILS, "The page has no config.json."),
    Kind("config_foreign", Weight.FAILS, "The page's config.json is another stack's."),
    Kind("domain_off", Weight.FAILS, "The domain does not lead to the distribution."),
    Kind("certificate_invalid", Weight.FAILS, "The domain's certificate is not valid."),
    # Who is told of it
    Kind("alarm_not_sent", Weight.FAILS, "An alarm could not be published to its topic."),
    Kind("alarm_unread", Weight.FAILS, "Nobody has confirmed that alarms may be sent to them."),
    # What went wrong lately
    Kind("function_fails", Weight.SUSPECT, "A function has logged errors."),
    Kind("unannounced", Weight.SUSPECT, "The catalogue function could not announce changes."),
    Kind("function_throttled", Weight.SUSPECT, "Lambda refused to run a function."),
    # What the journey saw, in its order
    Kind("page_fails", Weight.FAILS, "The page is not served."),
    Kind("config_fails", Weight.FAILS, "The page's config.json is not served, or is wrong."),
    Kind("api_fails", Weight.FAILS, "The API does not answer, or not as it should."),
    Kind("socket_fails", Weight.FAILS, "Nobody may listen to changes."),
    Kind("ticket_fails", Weight.FAILS, "The API gives no ticket for an upload."),
    Kind("upload_fails", Weight.FAILS, "S3 does not take an upload with a fresh ticket."),
    Kind("record_fails", Weight.FAILS, "What was uploaded never came to be developed."),
    Kind("announcement_fails", Weight.FAILS, "A change was made and not announced."),
    Kind("ready_fails", Weight.FAILS, "The picture was begun and did not become ready."),
    Kind("rendition_fails", Weight.FAILS, "The CDN does not serve a rendition."),
    Kind("query_fails", Weight.FAILS, "The GraphQL API does not answer a query."),
    Kind("listing_fails", Weight.FAILS, "The listing does not have the image."),
    Kind("deletion_fails", Weight.FAILS, "The image could not be deleted again."),
    # What is left of it
    Kind("messages_wait", Weight.FAILS, "A queue's messages wait for too long."),
    Kind("dead_letters", Weight.FAILS, "Messages failed on every try."),
    Kind("alarm_rings", Weight.FAILS, "An alarm of the stack rings."),
    # What works, for now
    Kind("alarm_silent", Weight.NOTE, "The alarms are sent to nobody."),
    Kind("key_expires", Weight.NOTE, "The GraphQL API's key expires soon."),
    Kind("certificate_expires", Weight.NOTE, "The domain's certificate expires soon."),
    Kind("distribution_changing", Weight.NOTE, "CloudFront is still spreading a change."),
    Kind("stack_changing", Weight.NOTE, "CloudFormation is changing the stack."),
    Kind("part_changing", Weight.NOTE, "A function is being updated."),
    Kind("stack_drifted", Weight.NOTE, "Parts were changed by hand, by the last detection."),
    Kind("own_letters", Weight.NOTE, "Dead letters of the doctor's own earlier pictures."),
    Kind("not_seen", Weight.NOTE, "Something could not be looked at."),
)
KIND = {kind.code: kind for kind in KINDS}
RANK = {kind.code: place for place, kind in enumerate(KINDS)}
SYMPTOMS = {station: KIND[f"{station}_fails"] for station in Station}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was found.

    *message* is a sentence that names the part, *remedy* a command or what else to do, *evidence* what
    was read, word for word, and *explains* the stations that cannot be passed because of it.
    """

    code: str
    message: str
    remedy: str = ""
    evidence: tuple[str, ...] = ()
    explains: frozenset[Station] = frozenset()

    @property
    def weight(self) -> Weight:
        """What it means by itself."""
        return KIND[self.code].weight


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was looked at and is well, for people: *part* of the stack, and what it said."""

    part: str
    said: str
