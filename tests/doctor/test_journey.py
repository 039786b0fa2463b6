"""The journey on doors that a test breaks one at a time; whatever happens, the picture goes again."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.doctor.canned import OUTPUTS, case
from tests.doctor.doors import ID, Answer, Doors, open_doors, told
from tintype.doctor import picture
from tintype.doctor.examination import (
    Examination,
    InformedPatience,
    StoppedError,
    examine,
    outputs_of_page,
)
from tintype.doctor.findings import Station
from tintype.doctor.journey import Journey, new_trip
from tintype.doctor.verdict import Leg, Outcome
from tintype.doctor.web import BrokenError, Reply, Web
from tintype.imaging import Format, describe

GONE = f"DELETE /api/images/{ID}"
SHOWN = f"GET /api/images/{ID}"
PATIENCE_SECONDS = 0.5


class Ear:
    """Hears of every image that it was made ready at once, unless it is deaf."""

    def __init__(self, *, deaf: bool = False, refused: str | None = None) -> None:
        self._deaf, self._refused = deaf, refused

    def open(self, _seconds: float) -> str | None:
        return self._refused

    def heard(self, _image_id: str) -> Mapping[str, float]:
        return {} if self._deaf else {"READY": time.perf_counter()}


@pytest.fixture
def doors() -> Iterator[Doors]:
    with open_doors() as opened:
        yield opened


def travelled(doors: Doors, ear: Ear | None = None) -> Examination:
    return examine(doors.addresses, None, ear or Ear(), patience=InformedPatience(PATIENCE_SECONDS))


@dataclass
class CountingPatience:
    """Ends at the question of that number, and knows at which stations it was waited."""

    ends_at: int
    waited_at: list[Station] = field(default_factory=list)
    asked: int = 0

    def seconds(self, station: Station) -> float:
        self.waited_at.append(station)
        return math.inf

    def is_lost(self) -> bool:
        self.asked += 1
        return self.asked >= self.ends_at

    def renew(self) -> None:
        pass


def sent(doors: Doors, patience: CountingPatience) -> list[Leg]:
    with Web() as web:
        journey = Journey(new_trip(web, doors.addresses, Ear(), patience), tell=lambda _leg: None)
        journey.doors()
        journey.send()
    return journey.legs


def broken(found: Examination) -> dict[str, str]:
    return broke(found.legs)


def broke(legs: Sequence[Leg]) -> dict[str, str]:
    return {leg.station.value: leg.said for leg in legs if leg.outcome is Outcome.BROKE}


def test_a_journey_that_goes_well_passes_every_station_in_order(doors: Doors) -> None:
    found = travelled(doors)

    assert [(leg.station, leg.outcome) for leg in found.legs] == [
        (station, Outcome.PASSED) for station in Station
    ]
    assert found.verdict.healthy
    assert doors.asked.count(GONE) == 1


# What is answered instead; the station that breaks; a part of what is said; the stations skipped.
HTML = "text/html"
BREAKS: dict[str, tuple[str, Answer, Station, str]] = {
    "page": ("GET /", (403, "application/xml", b"<Error>no</Error>"), Station.PAGE, "403"),
    "page that is none": ("GET /", told(200, {"a": 1}), Station.PAGE, "200"),
    "script": ("GET /main-ABCDEFGH.js", (404, HTML, b""), Station.PAGE, "404"),
    "config": ("GET /config.json", (200, HTML, b"<html>"), Station.CONFIG, "<html>"),
    "config that is too deep to read": (
        "GET /config.json",
        (200, "application/json", b'{"a":' * 50_000),
        Station.CONFIG,
        "200",
    ),
    "config of another": (
        "GET /config.json",
        told(200, {"apiKey": "da2-other"}),
        Station.CONFIG,
        "da2-other",
    ),
    "API": (
        "GET /api/images",
        told(503, {"code": "service_unavailable", "detail": "try again"}),
        Station.API,
        "503 service_unavailable: try again",
    ),
    "API that is none": ("GET /api/images", told(200, {"hello": 1}), Station.API, "200"),
    "ticket": ("POST /api/uploads", told(500, {}), Station.TICKET, "500"),
    "ticket of another shape": ("POST /api/uploads", told(201, {}), Station.TICKET, "imageId"),
    "upload": ("PUT /bucket", (403, "application/xml", b"<Code>Denied"), Station.UPLOAD, "Denied"),
    "rendition": (f"GET /{ID}/thumb.webp", told(403, {}), Station.RENDITION, "403"),
    "rendition of other bytes": (
        f"GET /{ID}/thumb.webp",
        (200, "image/webp", b"short"),
        Station.RENDITION,
        "5 bytes",
    ),
    "query": (
        "POST /graphql",
        told(401, {"errors": [{"errorType": "Unauthorized", "message": "no"}]}),
        Station.QUERY,
        "Unauthorized: no",
    ),
    "query without image": ("POST /graphql", told(200, {"data": None}), Station.QUERY, "no image"),
    "deletion": (GONE, told(500, {"title": "Oops"}), Station.DELETION, "Oops"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_the_station_that_breaks_says_what_came(doors: Doors, name: str) -> None:
    request, answer, station, says = BREAKS[name]
    doors.answers[request] = lambda: answer

    found = travelled(doors)

    assert list(broken(found)) == [station.value]
    assert says in broken(found)[station.value]
    assert found.verdict.culprit is not None
    assert found.verdict.culprit.code == f"{station.value}_fails"
    assert found.left == (ID if station is Station.DELETION else None)


def test_a_record_that_never_moves_is_waited_for_no_longer_than_is_worth_while(
    doors: Doors,
) -> None:
    doors.set(SHOWN, 200, doors.image(version=1, status="AWAITING_UPLOAD"))

    patience = CountingPatience(ends_at=3)

    found = broke(sent(doors, patience))

    assert list(found) == ["record"]
    assert "AWAITING_UPLOAD" in found["record"]
    assert (patience.waited_at, doors.asked.count(SHOWN)) == ([Station.RECORD], 3)
    assert doors.asked[-1] == GONE


def test_a_record_that_never_moves_is_given_up_after_the_seconds_that_were_granted(
    doors: Doors,
) -> None:
    doors.set(SHOWN, 200, doors.image(version=1, status="AWAITING_UPLOAD"))

    found = travelled(doors)

    (record,) = [leg for leg in found.legs if leg.outcome is Outcome.BROKE]
    assert record.station is Station.RECORD
    assert (record.milliseconds or 0) >= PATIENCE_SECONDS * 1000


def test_without_any_patience_every_station_is_looked_at_once_and_passed(doors: Doors) -> None:
    legs = sent(doors, CountingPatience(ends_at=1))

    assert {leg.outcome for leg in legs} == {Outcome.PASSED}, broke(legs)


def test_an_error_of_somebody_else_s_picture_is_held_against_no_later_station(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error is logged while the record is waited for; becoming ready takes some time then."""
    monkeypatch.setattr("tintype.doctor.examination.GLANCE_SECONDS", 0.0)
    monkeypatch.setattr("tintype.doctor.examination.GRACE_SECONDS", 0.0)
    failed_at: list[float] = []
    states = iter(["AWAITING_UPLOAD", *["PROCESSING"] * 4])

    def show() -> Answer:
        if doors.deleted:
            return told(404, {})
        status = next(states, "READY")
        if status == "AWAITING_UPLOAD":
            failed_at.append(time.time() * 1000)
        return told(200, doors.image(status=status, version=1 + (status != "AWAITING_UPLOAD")))

    def logged(asked: Mapping[str, Any]) -> dict[str, object]:
        lately = [moment for moment in failed_at if moment >= asked["startTime"]]
        return {"events": [{"message": "Task timed out", "timestamp": one} for one in lately]}

    doors.answers[SHOWN] = show
    stack = replace(
        case(filter_log_events=logged),
        outputs=OUTPUTS | {"CdnUrl": f"https://{OUTPUTS['DistributionDomain']}"},
    )

    found = examine(doors.addresses, stack, Ear())

    assert broken(found) == {}
    assert failed_at
    assert found.verdict.healthy


def test_a_picture_that_fails_says_why(doors: Doors) -> None:
    failure = {"code": "processing_crashed", "message": "it ended"}
    doors.set(SHOWN, 200, doors.image(status="FAILED", failure=failure))

    found = travelled(doors)

    assert broken(found) == {"ready": "processing_crashed: it ended"}
    assert doors.asked[-1] == GONE


def test_a_picture_that_is_not_listed_breaks_the_listing_alone(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tintype.doctor.journey.LISTING_SECONDS", 0.3)
    doors.set("GET /api/images", 200, {"images": []})

    assert list(broken(travelled(doors))) == ["listing"]


def test_nobody_hears_of_it(doors: Doors) -> None:
    assert list(broken(travelled(doors, Ear(deaf=True)))) == ["announcement"]


def test_a_refused_subscription_skips_the_announcement(doors: Doors) -> None:
    found = travelled(doors, Ear(refused="You are not authorized"))

    assert broken(found) == {"socket": "You are not authorized"}
    skipped = [leg.station for leg in found.legs if leg.outcome is Outcome.SKIPPED]
    assert skipped == [Station.ANNOUNCEMENT]


def test_a_picture_that_could_not_be_sent_is_deleted_all_the_same(doors: Doors) -> None:
    doors.set("PUT /bucket", 403, {})

    found = travelled(doors)

    assert (doors.asked[-1], found.left) == (GONE, None)


def test_a_picture_that_stays_is_told(doors: Doors) -> None:
    doors.set("PUT /bucket", 403, {})
    doors.set(GONE, 500, {})

    assert travelled(doors).left == ID


def test_a_deletion_that_is_refused_once_is_asked_for_again(doors: Doors) -> None:
    delete = doors.answers[GONE]
    refusal = told(500, {"title": "Oops"})
    doors.answers[GONE] = lambda: refusal if doors.asked.count(GONE) == 1 else delete()

    found = travelled(doors)

    assert broken(found) == {"deletion": "it answers 500: Oops"}
    assert (doors.asked.count(GONE), doors.deleted, found.left) == (2, True, None)


def test_ctrl_c_while_the_picture_is_deleted_tells_that_it_may_be_left(doors: Doors) -> None:
    class Pressed(Web):
        """Ctrl-C is pressed while the API is asked to delete."""

        def send(self, method: str, url: str, **rest: Any) -> Reply:
            if method == "DELETE":
                raise KeyboardInterrupt
            return super().send(method, url, **rest)

    doors.set("PUT /bucket", 403, {})
    with Pressed() as web:
        trip = new_trip(web, doors.addresses, Ear(), CountingPatience(ends_at=1))
        journey = Journey(trip, tell=lambda _leg: None)
        journey.doors()
        with pytest.raises(KeyboardInterrupt):
            journey.send()

    assert journey.left == ID


def test_where_nobody_answers_no_picture_is_sent() -> None:
    with open_doors() as gone:
        addresses = gone.addresses

    found = examine(addresses, None, Ear(), patience=InformedPatience(PATIENCE_SECONDS))

    assert list(broken(found)) == ["page", "config", "api"]
    assert found.left is None


def test_ctrl_c_takes_the_picture_along(doors: Doors) -> None:
    def stop(leg: Leg) -> None:
        if leg.station is Station.UPLOAD:
            raise KeyboardInterrupt

    with pytest.raises(StoppedError) as stopped:
        examine(doors.addresses, None, Ear(), tell=stop)

    assert (doors.asked[-1], stopped.value.left) == (GONE, None)


def test_without_an_upload_nothing_is_changed(doors: Doors) -> None:
    found = examine(doors.addresses, None, Ear(), upload=False)

    assert found.verdict.healthy
    assert {one.partition(" ")[0] for one in doors.asked} == {"GET"}


def test_the_page_tells_who_knows_only_the_api(doors: Doors) -> None:
    known = {"graphqlUrl": "g", "realtimeUrl": "r", "apiKey": "k", "region": "eu-central-1"}
    doors.set("GET /config.json", 200, known)

    outputs = outputs_of_page(f"{doors.url}/api/")

    assert outputs == {
        "ApiUrl": f"{doors.url}/api",
        "CdnUrl": doors.url,
        "GraphqlUrl": "g",
        "GraphqlRealtimeUrl": "r",
        "GraphqlApiKey": "k",
        "Region": "eu-central-1",
    }


def test_a_page_that_tells_too_little_is_none(doors: Doors) -> None:
    with pytest.raises(BrokenError, match="graphqlUrl"):
        outputs_of_page(f"{doors.url}/api")


def test_the_picture_is_a_picture() -> None:
    described = describe(picture.png())

    assert (described.format, described.width, described.height) == (
        Format.PNG,
        picture.WIDTH,
        picture.HEIGHT,
    )


def test_the_picture_s_name_says_what_it_was() -> None:
    name = picture.filename(datetime(2026, 11, 21, 14, 5, tzinfo=UTC))

    assert name == "tintype-doctor-2026-11-21-140500.png"
    assert picture.is_ours(f"originals/{ID}/{name}")
