"""The canary: one small picture's way through the public doors, step by step.

Start with `STEPS`. Whatever happens, `Canary.send` ends by deleting the picture, also on Ctrl-C.
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

from tintype import delivery
from tintype.access import Visibility
from tintype.doctor import any_size, canary_image
from tintype.doctor.addresses import Addresses
from tintype.doctor.diagnosis import StepOutcome, StepResult
from tintype.doctor.findings import Step
from tintype.doctor.http import Reply, StepFailedError, Web

GLANCE_SECONDS = 0.1  # between two requests; twice as long with each second
LISTING_SECONDS = 10.0  # DynamoDB's index follows its table, mostly within a second
SOCKET_SECONDS = 12.0
_OK, _CREATED, _ACCEPTED, _MISSING = 200, 201, 202, 404
_SCRIPT = re.compile(r'<script[^>]+src="([^"]+\.js)"')
_QUERY = "query Probe($id: ID!) { image(id: $id) { id status renditions { url } } }"

Document: TypeAlias = "dict[str, Any]"  # JSON, as the API gives it


class Listener(Protocol):
    """Listens to changes while the picture is on its way."""

    def open(self, seconds: float) -> str | None:
        """Begin to listen; return why that is impossible, or None."""

    def announced(self, image_id: str) -> Mapping[str, float]:
        """Return the statuses of an image that were announced, with their `time.perf_counter`."""


class Timeouts(Protocol):
    """How long to wait."""

    def seconds(self, step: Step) -> float:
        """Return how long to wait at a step: briefly if its cause is known already."""

    def is_lost(self) -> bool:
        """Whether something was found meanwhile that makes waiting futile."""

    def renew(self) -> None:
        """Ignore what was found earlier, as a step has passed."""


@dataclass
class CanaryState:
    """What is known along the way."""

    web: Web
    addresses: Addresses
    listener: Listener
    timeouts: Timeouts
    filename: str
    image_id: str = ""
    upload: Document = field(default_factory=dict)
    image: Document = field(default_factory=dict)
    put_at: float = 0.0
    deleted: bool = False  # the API has accepted the deletion

    def api(self, method: str, path: str, **document: object) -> Reply:
        """Send a request to the API."""
        url = f"{self.addresses.api}{path}"
        headers = self.addresses.authorization()
        return self.web.send(method, url, document=document or None, headers=headers)

    def read_image(self) -> Document:
        """Return the image from the API, empty if there is none."""
        reply = self.api("GET", f"/images/{self.image_id}")
        if reply.status == _MISSING:
            return {}
        return reply.expected(_OK).document()

    def wait(self, step: Step, seconds: float | None = None) -> Iterator[float]:
        """Yield the seconds waited, at least once; pauses grow with them.

        The last yield comes after the time limit, so that the caller looks once more.
        """
        start = time.perf_counter()
        limit = self.timeouts.seconds(step) if seconds is None else seconds
        is_last = False
        while not is_last:
            waited = time.perf_counter() - start
            is_last = waited >= limit or self.timeouts.is_lost()
            yield waited
            if not is_last:
                time.sleep(min(1.0, GLANCE_SECONDS * 2**waited))


Act: TypeAlias = Callable[[CanaryState], str]


@dataclass(frozen=True, slots=True)
class StepAction:
    """One step, the steps it needs, and its action, which returns what was observed."""

    step: Step
    needs: tuple[Step, ...]
    act: Act


def _page(state: CanaryState) -> str:
    reply = state.web.send("GET", f"{state.addresses.page}/").expected(_OK)
    if "html" not in reply.content_type:
        raise StepFailedError(reply.summary())
    script = _SCRIPT.search(reply.text())
    if script:
        state.web.send("GET", f"{state.addresses.page}/{script[1].lstrip('/')}").expected(_OK)
    return "the page and its script are served"


def _config(state: CanaryState) -> str:
    reply = state.web.send("GET", f"{state.addresses.page}/config.json").expected(_OK)
    known = reply.document()
    for name, wanted in state.addresses.expected.items():
        if known.get(name) != wanted:
            message = f"its {name} is {known.get(name)!r}, not this stack's"
            raise StepFailedError(message)
    return "the page knows this stack"


def _api(state: CanaryState) -> str:
    reply = state.api("GET", "/images?limit=1").expected(_OK)
    if not isinstance(reply.document().get("images"), list):
        raise StepFailedError(reply.summary())
    return "the API lists images"


def _socket(state: CanaryState) -> str:
    reason = state.listener.open(SOCKET_SECONDS)
    if reason:
        raise StepFailedError(reason)
    return "the subscription is open"


def _ticket(state: CanaryState) -> str:
    reply = state.api(
        "POST",
        "/uploads",
        filename=state.filename,
        contentType=canary_image.CONTENT_TYPE,
        size=len(canary_image.png()),
        sha256=sha256(canary_image.png()).hexdigest(),
    )
    ticket = reply.expected(_CREATED).document()
    state.image_id, state.upload = ticket["imageId"], ticket["upload"]
    return f"the API issued a ticket for {state.filename}"


def _upload(state: CanaryState) -> str:
    sent = state.upload
    reply = state.web.send(
        sent["method"], sent["url"], body=canary_image.png(), headers=sent["headers"]
    )
    reply.expected(_OK)
    state.put_at = time.perf_counter()
    return f"S3 accepted {len(canary_image.png()):,} bytes"


def _record(state: CanaryState) -> str:
    for _ in state.wait(Step.RECORD):
        state.image = state.read_image()
        if state.image.get("version", 1) > 1:
            return f"the record is {state.image['status']}"
    status = state.image.get("status", "missing")
    message = f"{_since(state)} after the upload the record is still {status}"
    raise StepFailedError(message)


def _announcement(state: CanaryState) -> str:
    for _ in state.wait(Step.ANNOUNCEMENT):
        announced = state.listener.announced(state.image_id)
        if announced:
            first = min(announced, key=lambda status: announced[status])
            return f"{first} was announced {(announced[first] - state.put_at) * 1000:.0f} ms after the upload"
    message = f"no announcement within {_since(state)} of the upload"
    raise StepFailedError(message)


def _ready(state: CanaryState) -> str:
    for _ in state.wait(Step.READY):
        state.image = state.read_image()
        if state.image.get("status") == "READY":
            return f"{len(state.image['renditions'])} renditions"
        failure = state.image.get("failure")
        if state.image.get("status") == "FAILED" and failure:
            message = f"{failure['code']}: {failure['message']}"
            raise StepFailedError(message)
    message = f"{_since(state)} after the upload the record is still {state.image.get('status')}"
    raise StepFailedError(message)


def _rendition(state: CanaryState) -> str:
    for rendition in state.image["renditions"]:
        reply = state.web.send("GET", rendition["url"]).expected(_OK)
        if len(reply.body) != rendition["bytes"] or not reply.content_type.startswith("image/"):
            message = (
                f"{rendition['url']} has {len(reply.body):,} bytes of {reply.content_type}; the "
                f"record has {rendition['bytes']:,} of {rendition['contentType']}"
            )
            raise StepFailedError(message)
    return "the CDN serves all of them, byte for byte"


def _address(state: CanaryState) -> str:
    width = state.addresses.widths[0]
    if state.addresses.is_open and state.image.get("visibility") != Visibility.PRIVATE:
        address = delivery.url(state.addresses.page, state.image_id, w=width)
    else:
        signed = state.api("POST", f"/images/{state.image_id}/address", w=width)
        address = signed.expected(_OK).document()["url"]
    made = state.web.send("GET", address, headers=any_size.ACCEPT).expected(_OK)
    size = any_size.size_of(made, width)
    again = state.web.send("GET", address, headers=any_size.ACCEPT).expected(_OK)
    any_size.check_stored(again)
    return f"a picture of {size}, made for its address and stored"


def _query(state: CanaryState) -> str:
    reply = state.web.send(
        "POST",
        state.addresses.graphql,
        document={"query": _QUERY, "variables": {"id": state.image_id}},
        headers=state.addresses.graphql_authorization(),
    )
    document = _graphql(reply)
    found = (document.get("data") or {}).get("image") or {}
    if found.get("status") != "READY":
        message = f"it has {found or 'no image'}; the API has READY"
        raise StepFailedError(message)
    return "the GraphQL API has the image too"


def _graphql(reply: Reply) -> Document:
    document = reply.document()
    errors = document.get("errors")
    if errors:
        first = errors[0]
        message = f"{first.get('errorType', reply.status)}: {first.get('message')}"
        raise StepFailedError(message)
    return reply.expected(_OK).document()


def _listing(state: CanaryState) -> str:
    for _ in state.wait(Step.LISTING, LISTING_SECONDS):
        document = state.api("GET", "/images?limit=100").expected(_OK).document()
        if any(one["id"] == state.image_id for one in document["images"]):
            return "the listing includes it"
    message = f"it is missing {_since(state)} after the upload"
    raise StepFailedError(message)


def _deletion(state: CanaryState) -> str:
    state.api("DELETE", f"/images/{state.image_id}").expected(_ACCEPTED)
    state.deleted = True
    for _ in state.wait(Step.DELETION):
        if not state.read_image():
            return "it is deleted"
    message = f"the API accepted the deletion, but {state.image_id} still exists"
    raise StepFailedError(message)


STEPS = (
    StepAction(Step.PAGE, (), _page),
    StepAction(Step.CONFIG, (), _config),
    StepAction(Step.API, (), _api),
    StepAction(Step.SOCKET, (), _socket),
    StepAction(Step.TICKET, (Step.API,), _ticket),
    StepAction(Step.UPLOAD, (Step.TICKET,), _upload),
    StepAction(Step.RECORD, (Step.UPLOAD,), _record),
    StepAction(Step.ANNOUNCEMENT, (Step.SOCKET, Step.RECORD), _announcement),
    StepAction(Step.READY, (Step.RECORD,), _ready),
    StepAction(Step.RENDITION, (Step.READY,), _rendition),
    StepAction(Step.ADDRESS, (Step.READY,), _address),
    StepAction(Step.QUERY, (Step.READY,), _query),
    StepAction(Step.LISTING, (Step.READY,), _listing),
    StepAction(Step.DELETION, (Step.READY,), _deletion),
)
DOORS = frozenset({Step.PAGE, Step.CONFIG, Step.API, Step.SOCKET})


@dataclass
class Canary:
    """One picture's way; *report* receives each result as its step ends."""

    state: CanaryState
    report: Callable[[StepResult], None]
    results: list[StepResult] = field(default_factory=list)
    left: str | None = None  # the id of a picture that could not be deleted

    def doors(self) -> None:
        """Try the doors that need no picture."""
        for action in STEPS:
            if action.step in DOORS:
                self._take(action)

    def send(self) -> None:
        """Send the picture through, and delete it whatever happens."""
        try:
            for action in STEPS:
                if action.step not in DOORS:
                    self._take(action)
        finally:
            self._clean_up()

    def _take(self, action: StepAction) -> None:
        passed = {result.step for result in self.results if result.outcome is StepOutcome.PASSED}
        missing = [step for step in action.needs if step not in passed]
        if missing:
            self._end(StepResult(action.step, StepOutcome.SKIPPED, f"needs {missing[0]}"))
            return
        lacking = self.state.addresses.lacks(action.step)
        if lacking:
            self._end(StepResult(action.step, StepOutcome.SKIPPED, lacking))
            return
        start = time.perf_counter()
        try:
            observed, outcome = action.act(self.state), StepOutcome.PASSED
            self.state.timeouts.renew()
        except StepFailedError as error:
            observed, outcome = str(error), StepOutcome.FAILED
        except (KeyError, TypeError) as error:  # JSON of another shape
            observed, outcome = f"the answer has no {error}", StepOutcome.FAILED
        self._end(StepResult(action.step, outcome, observed, (time.perf_counter() - start) * 1000))

    def _end(self, result: StepResult) -> None:
        self.results.append(result)
        self.report(result)

    def _clean_up(self) -> None:
        state = self.state
        if not state.image_id or state.deleted:
            return
        self.left = state.image_id  # also if Ctrl-C is pressed during the deletion
        with suppress(StepFailedError):
            if state.api("DELETE", f"/images/{state.image_id}").status in {_ACCEPTED, _MISSING}:
                self.left = None


def skipped(step: Step) -> StepResult:
    """Return a step that was not requested."""
    return StepResult(step, StepOutcome.SKIPPED, "not requested")


def new_state(
    web: Web, addresses: Addresses, listener: Listener, timeouts: Timeouts
) -> CanaryState:
    """Return the state at the start."""
    return CanaryState(web, addresses, listener, timeouts, canary_image.filename(datetime.now(UTC)))


def _since(state: CanaryState) -> str:
    return f"{time.perf_counter() - state.put_at:.0f} s"
