"""The journey of one small picture through the public doors, station by station.

Start with `STEPS`. Whatever happens on the way, the picture is deleted again: `Journey.send` ends with
that, also on Ctrl-C.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol, TypeAlias

from tintype.doctor import picture
from tintype.doctor.findings import Station
from tintype.doctor.verdict import Leg, Outcome
from tintype.doctor.web import BrokenError, Reply, Web

GLANCE_SECONDS = 0.1  # between two questions about the image; twice as long with each second waited
LISTING_SECONDS = 10.0  # an index of DynamoDB follows its table, mostly within a second
SOCKET_SECONDS = 12.0
_OK, _CREATED, _ACCEPTED, _MISSING = 200, 201, 202, 404
_SCRIPT = re.compile(r'<script[^>]+src="([^"]+\.js)"')
_QUERY = "query Probe($id: ID!) { image(id: $id) { id status renditions { url } } }"

Document: TypeAlias = "dict[str, Any]"  # JSON, as the API gives it


class Ear(Protocol):
    """Who listens to changes while the picture is under way."""

    def open(self, seconds: float) -> str | None:
        """Begin to listen; return why that cannot be, None if it can."""

    def heard(self, image_id: str) -> Mapping[str, float]:
        """Return which statuses of an image were heard, and when, by `time.perf_counter`."""


class Patience(Protocol):
    """How long it is worth while to wait."""

    def seconds(self, station: Station) -> float:
        """Return how long to wait at a station: not long where its cause is known already."""

    def is_lost(self) -> bool:
        """Whether something was found meanwhile that says that waiting is in vain."""

    def renew(self) -> None:
        """Begin anew, as a station was passed: what was found until then was no matter."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """The public doors of a stack. Those of the GraphQL API may be unknown."""

    page: str
    api: str
    graphql: str = ""
    key: str = ""
    expected: Mapping[str, str] = field(default_factory=dict)  # what config.json must say


@dataclass
class Trip:
    """What is known on the way."""

    web: Web
    addresses: Addresses
    ear: Ear
    patience: Patience
    filename: str
    image_id: str = ""
    upload: Document = field(default_factory=dict)
    image: Document = field(default_factory=dict)
    put_at: float = 0.0
    deleted: bool = False  # the API has promised it: it is not asked for again at the end

    def api(self, method: str, path: str, **document: object) -> Reply:
        """Send a request to the API."""
        url = f"{self.addresses.api}{path}"
        return self.web.send(method, url, document=document or None)

    def look(self) -> Document:
        """Return the image as the API has it, nothing if it has none."""
        reply = self.api("GET", f"/images/{self.image_id}")
        if reply.status == _MISSING:
            return {}
        return _expected(reply, _OK).document()

    def wait(self, station: Station, seconds: float | None = None) -> Iterator[float]:
        """Yield the seconds waited, at least once; pauses grow with them.

        The last time is after patience has ended: nothing is given up without a look at it.
        """
        start = time.perf_counter()
        limit = self.patience.seconds(station) if seconds is None else seconds
        is_last = False
        while not is_last:
            waited = time.perf_counter() - start
            is_last = waited >= limit or self.patience.is_lost()
            yield waited
            if not is_last:
                time.sleep(min(1.0, GLANCE_SECONDS * 2**waited))


Act: TypeAlias = Callable[[Trip], str]


@dataclass(frozen=True, slots=True)
class Step:
    """One station: what must have been passed before, and what is done; it returns what was seen."""

    station: Station
    needs: tuple[Station, ...]
    act: Act


def _page(trip: Trip) -> str:
    reply = _expected(trip.web.send("GET", f"{trip.addresses.page}/"), _OK)
    if "html" not in reply.content_type:
        raise BrokenError(reply.said())
    script = _SCRIPT.search(reply.text())
    if script:
        _expected(trip.web.send("GET", f"{trip.addresses.page}/{script[1].lstrip('/')}"), _OK)
    return "the page and its script are served"


def _config(trip: Trip) -> str:
    reply = _expected(trip.web.send("GET", f"{trip.addresses.page}/config.json"), _OK)
    known = reply.document()
    for name, wanted in trip.addresses.expected.items():
        if known.get(name) != wanted:
            message = f"its {name} is {known.get(name)!r}, which is not this stack's"
            raise BrokenError(message)
    return "the page knows this stack"


def _api(trip: Trip) -> str:
    reply = _expected(trip.api("GET", "/images?limit=1"), _OK)
    if not isinstance(reply.document().get("images"), list):
        raise BrokenError(reply.said())
    return "the API lists images"


def _socket(trip: Trip) -> str:
    reason = trip.ear.open(SOCKET_SECONDS)
    if reason:
        raise BrokenError(reason)
    return "the subscription stands"


def _ticket(trip: Trip) -> str:
    reply = trip.api(
        "POST",
        "/uploads",
        filename=trip.filename,
        contentType=picture.CONTENT_TYPE,
        size=len(picture.png()),
        sha256=sha256(picture.png()).hexdigest(),
    )
    ticket = _expected(reply, _CREATED).document()
    trip.image_id, trip.upload = ticket["imageId"], ticket["upload"]
    return f"the API gives a ticket for {trip.filename}"


def _upload(trip: Trip) -> str:
    sent = trip.upload
    reply = trip.web.send(sent["method"], sent["url"], body=picture.png(), headers=sent["headers"])
    _expected(reply, _OK)
    trip.put_at = time.perf_counter()
    return f"S3 took {len(picture.png()):,} bytes"


def _record(trip: Trip) -> str:
    for _ in trip.wait(Station.RECORD):
        trip.image = trip.look()
        if trip.image.get("version", 1) > 1:
            return f"the record says {trip.image['status']}"
    said = trip.image.get("status", "nothing")
    message = f"{_since(trip)} after the upload the record still says {said}"
    raise BrokenError(message)


def _announcement(trip: Trip) -> str:
    for _ in trip.wait(Station.ANNOUNCEMENT):
        heard = trip.ear.heard(trip.image_id)
        if heard:
            first = min(heard, key=lambda status: heard[status])
            return f"{first} was announced {(heard[first] - trip.put_at) * 1000:.0f} ms after the upload"
    message = f"{_since(trip)} after the upload nothing was announced"
    raise BrokenError(message)


def _ready(trip: Trip) -> str:
    for _ in trip.wait(Station.READY):
        trip.image = trip.look()
        if trip.image.get("status") == "READY":
            return f"{len(trip.image['renditions'])} renditions"
        failure = trip.image.get("failure")
        if trip.image.get("status") == "FAILED" and failure:
            message = f"{failure['code']}: {failure['message']}"
            raise BrokenError(message)
    message = f"{_since(trip)} after the upload the record still says {trip.image.get('status')}"
    raise BrokenError(message)


def _rendition(trip: Trip) -> str:
    for rendition in trip.image["renditions"]:
        reply = _expected(trip.web.send("GET", rendition["url"]), _OK)
        if len(reply.body) != rendition["bytes"] or not reply.content_type.startswith("image/"):
            message = (
                f"{rendition['url']} gives {len(reply.body):,} bytes of {reply.content_type}; the "
                f"record says {rendition['bytes']:,} of {rendition['contentType']}"
            )
            raise BrokenError(message)
    return "the CDN serves all of them, byte for byte"


def _query(trip: Trip) -> str:
    reply = trip.web.send(
        "POST",
        trip.addresses.graphql,
        document={"query": _QUERY, "variables": {"id": trip.image_id}},
        headers={"x-api-key": trip.addresses.key},
    )
    document = _graphql(reply)
    found = (document.get("data") or {}).get("image") or {}
    if found.get("status") != "READY":
        message = f"it has {found or 'no image'} where the API has READY"
        raise BrokenError(message)
    return "the GraphQL API has the image too"


def _graphql(reply: Reply) -> Document:
    document = reply.document()
    errors = document.get("errors")
    if errors:
        first = errors[0]
        message = f"{first.get('errorType', reply.status)}: {first.get('message')}"
        raise BrokenError(message)
    return _expected(reply, _OK).document()


def _listing(trip: Trip) -> str:
    for _ in trip.wait(Station.LISTING, LISTING_SECONDS):
        document = _expected(trip.api("GET", "/images?limit=100"), _OK).document()
        if any(one["id"] == trip.image_id for one in document["images"]):
            return "the listing has it"
    message = f"{_since(trip)} after the upload it is not there"
    raise BrokenError(message)


def _deletion(trip: Trip) -> str:
    _expected(trip.api("DELETE", f"/images/{trip.image_id}"), _ACCEPTED)
    trip.deleted = True
    for _ in trip.wait(Station.DELETION):
        if not trip.look():
            return "it is gone again"
    message = f"it was asked for; {trip.image_id} is still there"
    raise BrokenError(message)


STEPS = (
    Step(Station.PAGE, (), _page),
    Step(Station.CONFIG, (), _config),
    Step(Station.API, (), _api),
    Step(Station.SOCKET, (), _socket),
    Step(Station.TICKET, (Station.API,), _ticket),
    Step(Station.UPLOAD, (Station.TICKET,), _upload),
    Step(Station.RECORD, (Station.UPLOAD,), _record),
    Step(Station.ANNOUNCEMENT, (Station.SOCKET, Station.RECORD), _announcement),
    Step(Station.READY, (Station.RECORD,), _ready),
    Step(Station.RENDITION, (Station.READY,), _rendition),
    Step(Station.QUERY, (Station.READY,), _query),
    Step(Station.LISTING, (Station.READY,), _listing),
    Step(Station.DELETION, (Station.READY,), _deletion),
)
DOORS = frozenset({Station.PAGE, Station.CONFIG, Station.API, Station.SOCKET})


@dataclass
class Journey:
    """One journey; *tell* hears of every leg as it ends."""

    trip: Trip
    tell: Callable[[Leg], None]
    legs: list[Leg] = field(default_factory=list)
    left: str | None = None  # the id of a picture that could not be deleted again

    def doors(self) -> None:
        """Try the doors that need no picture."""
        for step in STEPS:
            if step.station in DOORS:
                self._take(step)

    def send(self) -> None:
        """Send the picture through, and delete it whatever happens."""
        try:
            for step in STEPS:
                if step.station not in DOORS:
                    self._take(step)
        finally:
            self._clean_up()

    def _take(self, step: Step) -> None:
        passed = {leg.station for leg in self.legs if leg.outcome is Outcome.PASSED}
        missing = [station for station in step.needs if station not in passed]
        if missing:
            self._end(Leg(step.station, Outcome.SKIPPED, f"needs {missing[0]}"))
            return
        start = time.perf_counter()
        try:
            said, outcome = step.act(self.trip), Outcome.PASSED
            self.trip.patience.renew()
        except BrokenError as error:
            said, outcome = str(error), Outcome.BROKE
        except (KeyError, TypeError) as error:  # an answer of the right type and of another shape
            said, outcome = f"the answer has no {error}", Outcome.BROKE
        self._end(Leg(step.station, outcome, said, (time.perf_counter() - start) * 1000))

    def _end(self, leg: Leg) -> None:
        self.legs.append(leg)
        self.tell(leg)

    def _clean_up(self) -> None:
        trip = self.trip
        if not trip.image_id or trip.deleted:
            return
        self.left = trip.image_id  # also if Ctrl-C is pressed meanwhile
        with suppress(BrokenError):
            if trip.api("DELETE", f"/images/{trip.image_id}").status in {_ACCEPTED, _MISSING}:
                self.left = None


def skipped(station: Station) -> Leg:
    """Return a station that nobody wanted."""
    return Leg(station, Outcome.SKIPPED, "not asked for")


def new_trip(web: Web, addresses: Addresses, ear: Ear, patience: Patience) -> Trip:
    """Return a trip that is about to begin."""
    return Trip(web, addresses, ear, patience, picture.filename(datetime.now(UTC)))


def _expected(reply: Reply, status: int) -> Reply:
    if reply.status != status:
        raise BrokenError(reply.said())
    return reply


def _since(trip: Trip) -> str:
    return f"{time.perf_counter() - trip.put_at:.0f} s"
