"""The canary on doors that a test breaks one at a time; whatever happens, the picture goes again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.doctor.canned import OUTPUTS, target
from tests.doctor.doors import ID, PICTURE, CannedResponse, Doors, avif, json_response, open_doors
from tests.doctor.travelling import (
    SHOWN,
    TIMEOUT_SECONDS,
    CountingTimeouts,
    FakeListener,
    broken,
    failures,
    sent,
    travelled,
)
from tintype.client.api import Api
from tintype.client.errors import NotTheApiError
from tintype.doctor import canary_image
from tintype.doctor.canary import Canary, new_state
from tintype.doctor.diagnosis import StepOutcome, StepResult
from tintype.doctor.findings import Step
from tintype.doctor.http import Reply, Web
from tintype.doctor.run import (
    ExaminationStoppedError,
    InformedTimeouts,
    examine,
    outputs_of_page,
)
from tintype.imaging import Format, describe

GONE = f"DELETE /api/images/{ID}"


def test_a_journey_that_goes_well_passes_every_station_in_order(doors: Doors) -> None:
    found = travelled(doors)

    assert [(result.step, result.outcome) for result in found.results] == [
        (step, StepOutcome.PASSED) for step in Step
    ]
    assert found.diagnosis.healthy
    assert doors.requests.count(GONE) == 1


# What is answered instead; the step that breaks; a part of what is said; the steps skipped.
HTML = "text/html"
BREAKS: dict[str, tuple[str, CannedResponse, Step, str]] = {
    "page": ("GET /", (403, "application/xml", b"<Error>no</Error>"), Step.PAGE, "403"),
    "page that is none": ("GET /", json_response(200, {"a": 1}), Step.PAGE, "200"),
    "script": ("GET /main-ABCDEFGH.js", (404, HTML, b""), Step.PAGE, "404"),
    "config": ("GET /config.json", (200, HTML, b"<html>"), Step.CONFIG, "<html>"),
    "config that is too deep to read": (
        "GET /config.json",
        (200, "application/json", b'{"a":' * 50_000),
        Step.CONFIG,
        "200",
    ),
    "config of another": (
        "GET /config.json",
        json_response(200, {"apiKey": "da2-other"}),
        Step.CONFIG,
        "da2-other",
    ),
    "API": (
        "GET /api/images",
        json_response(503, {"code": "service_unavailable", "detail": "try again"}),
        Step.API,
        "503 service_unavailable: try again",
    ),
    "API that is none": ("GET /api/images", json_response(200, {"hello": 1}), Step.API, "200"),
    "ticket": ("POST /api/uploads", json_response(500, {}), Step.TICKET, "500"),
    "ticket of another shape": (
        "POST /api/uploads",
        json_response(201, {}),
        Step.TICKET,
        "imageId",
    ),
    "upload": ("PUT /bucket", (403, "application/xml", b"<Code>Denied"), Step.UPLOAD, "Denied"),
    "rendition": (f"GET /{ID}/thumb.webp", json_response(403, {}), Step.RENDITION, "403"),
    "rendition of other bytes": (
        f"GET /{ID}/thumb.webp",
        (200, "image/webp", b"short"),
        Step.RENDITION,
        "5 bytes",
    ),
    "address": (
        f"GET /i/{ID}",
        (400, "text/plain", b"Bad Request: parameter w"),
        Step.ADDRESS,
        "400: Bad Request: parameter w",
    ),
    "address with another format": (
        f"GET /i/{ID}",
        (200, "image/webp", PICTURE),
        Step.ADDRESS,
        "image/webp instead of image/avif",
    ),
    "address with another size": (
        f"GET /i/{ID}",
        (200, "image/avif", avif(96, 64)),
        Step.ADDRESS,
        "96 × 64 pixels; its address asks for w=64",
    ),
    "address with broken bytes": (
        f"GET /i/{ID}",
        (200, "image/avif", avif(64, 43)[:40]),
        Step.ADDRESS,
        "40 bytes that are not a picture",
    ),
    "query": (
        "POST /graphql",
        json_response(401, {"errors": [{"errorType": "Unauthorized", "message": "no"}]}),
        Step.QUERY,
        "Unauthorized: no",
    ),
    "query without image": (
        "POST /graphql",
        json_response(200, {"data": None}),
        Step.QUERY,
        "no image",
    ),
    "deletion": (GONE, json_response(500, {"title": "Oops"}), Step.DELETION, "Oops"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_the_station_that_breaks_says_what_came(doors: Doors, name: str) -> None:
    request, respond, step, says = BREAKS[name]
    doors.responses[request] = lambda: respond

    found = travelled(doors)

    assert list(broken(found)) == [step.value]
    assert says in broken(found)[step.value]
    assert found.diagnosis.root_cause is not None
    assert found.diagnosis.root_cause.code == f"{step.value}_fails"
    assert found.left == (ID if step is Step.DELETION else None)


def test_a_record_that_never_moves_is_waited_for_no_longer_than_is_worth_while(
    doors: Doors,
) -> None:
    doors.set(SHOWN, 200, doors.image(version=1, status="AWAITING_UPLOAD"))

    timeouts = CountingTimeouts(ends_at=3)

    found = failures(sent(doors, timeouts))

    assert list(found) == ["record"]
    assert "AWAITING_UPLOAD" in found["record"]
    assert (timeouts.waited_at, doors.requests.count(SHOWN)) == ([Step.RECORD], 3)
    assert doors.requests[-1] == GONE


def test_a_record_that_never_moves_is_given_up_after_the_seconds_that_were_granted(
    doors: Doors,
) -> None:
    doors.set(SHOWN, 200, doors.image(version=1, status="AWAITING_UPLOAD"))

    found = travelled(doors)

    (record,) = [result for result in found.results if result.outcome is StepOutcome.FAILED]
    assert record.step is Step.RECORD
    assert (record.milliseconds or 0) >= TIMEOUT_SECONDS * 1000


def test_without_any_patience_every_station_is_looked_at_once_and_passed(doors: Doors) -> None:
    results = sent(doors, CountingTimeouts(ends_at=1))

    assert {result.outcome for result in results} == {StepOutcome.PASSED}, failures(results)


def test_an_error_of_somebody_else_s_picture_is_held_against_no_later_station(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error is logged while the record is waited for; becoming ready takes some time then."""
    monkeypatch.setattr("tintype.doctor.run.GLANCE_SECONDS", 0.0)
    monkeypatch.setattr("tintype.doctor.run.GRACE_SECONDS", 0.0)
    failed_at: list[float] = []
    states = iter(["AWAITING_UPLOAD", *["PROCESSING"] * 4])

    def show() -> CannedResponse:
        if doors.deleted:
            return json_response(404, {})
        status = next(states, "READY")
        if status == "AWAITING_UPLOAD":
            failed_at.append(time.time() * 1000)
        return json_response(
            200, doors.image(status=status, version=1 + (status != "AWAITING_UPLOAD"))
        )

    def logged(requests: Mapping[str, Any]) -> dict[str, object]:
        lately = [moment for moment in failed_at if moment >= requests["startTime"]]
        return {"events": [{"message": "Task timed out", "timestamp": one} for one in lately]}

    doors.responses[SHOWN] = show
    stack = replace(
        target(filter_log_events=logged),
        outputs=OUTPUTS | {"CdnUrl": f"https://{OUTPUTS['DistributionDomain']}"},
    )

    found = examine(doors.addresses, stack, FakeListener())

    assert broken(found) == {}
    assert failed_at
    assert found.diagnosis.healthy


def test_a_picture_that_fails_says_why(doors: Doors) -> None:
    failure = {"code": "processing_crashed", "message": "it ended"}
    doors.set(SHOWN, 200, doors.image(status="FAILED", failure=failure))

    found = travelled(doors)

    assert broken(found) == {"ready": "processing_crashed: it ended"}
    assert doors.requests[-1] == GONE


def test_a_picture_that_is_not_listed_breaks_the_listing_alone(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tintype.doctor.canary.LISTING_SECONDS", 0.3)
    doors.set("GET /api/images", 200, {"images": []})

    assert list(broken(travelled(doors))) == ["listing"]


def test_nobody_hears_of_it(doors: Doors) -> None:
    assert list(broken(travelled(doors, FakeListener(deaf=True)))) == ["announcement"]


def test_a_refused_subscription_skips_the_announcement(doors: Doors) -> None:
    found = travelled(doors, FakeListener(refused="You are not authorized"))

    assert broken(found) == {"socket": "You are not authorized"}
    skipped = [result.step for result in found.results if result.outcome is StepOutcome.SKIPPED]
    assert skipped == [Step.ANNOUNCEMENT]


def test_a_picture_that_could_not_be_sent_is_deleted_all_the_same(doors: Doors) -> None:
    doors.set("PUT /bucket", 403, {})

    found = travelled(doors)

    assert (doors.requests[-1], found.left) == (GONE, None)


def test_a_picture_that_stays_is_told(doors: Doors) -> None:
    doors.set("PUT /bucket", 403, {})
    doors.set(GONE, 500, {})

    assert travelled(doors).left == ID


def test_a_deletion_that_is_refused_once_is_asked_for_again(doors: Doors) -> None:
    delete = doors.responses[GONE]
    refusal = json_response(500, {"title": "Oops"})
    doors.responses[GONE] = lambda: refusal if doors.requests.count(GONE) == 1 else delete()

    found = travelled(doors)

    assert broken(found) == {"deletion": "it answers 500: Oops"}
    assert (doors.requests.count(GONE), doors.deleted, found.left) == (2, True, None)


def test_ctrl_c_while_the_picture_is_deleted_tells_that_it_may_be_left(doors: Doors) -> None:
    class Pressed(Web):
        """Ctrl-C is pressed while the API is asked to delete."""

        def send(self, method: str, url: str, **rest: Any) -> Reply:
            if method == "DELETE":
                raise KeyboardInterrupt
            return super().send(method, url, **rest)

    doors.set("PUT /bucket", 403, {})
    with Pressed() as web:
        state = new_state(web, doors.addresses, FakeListener(), CountingTimeouts(ends_at=1))
        canary = Canary(state, report=lambda _leg: None)
        canary.doors()
        with pytest.raises(KeyboardInterrupt):
            canary.send()

    assert canary.left == ID


def test_where_nobody_answers_no_picture_is_sent() -> None:
    with open_doors() as gone:
        addresses = gone.addresses

    found = examine(addresses, None, FakeListener(), timeouts=InformedTimeouts(TIMEOUT_SECONDS))

    assert list(broken(found)) == ["page", "config", "api"]
    assert found.left is None


def test_ctrl_c_takes_the_picture_along(doors: Doors) -> None:
    def stop(result: StepResult) -> None:
        if result.step is Step.UPLOAD:
            raise KeyboardInterrupt

    with pytest.raises(ExaminationStoppedError) as stopped:
        examine(doors.addresses, None, FakeListener(), report=stop)

    assert (doors.requests[-1], stopped.value.left) == (GONE, None)


def test_without_an_upload_nothing_is_changed(doors: Doors) -> None:
    found = examine(doors.addresses, None, FakeListener(), upload=False)

    assert found.diagnosis.healthy
    assert {one.partition(" ")[0] for one in doors.requests} == {"GET"}


def test_the_page_tells_who_knows_only_the_api(doors: Doors) -> None:
    known: dict[str, object] = {
        "graphqlUrl": "g",
        "realtimeUrl": "r",
        "apiKey": "k",
        "region": "eu-central-1",
        "delivery": {"unsigned": "grid", "widths": "320,640"},
    }
    doors.set("GET /config.json", 200, known)

    with Api(f"{doors.url}/api/") as api:
        outputs = outputs_of_page(api)

    assert outputs == {
        "ApiUrl": f"{doors.url}/api",
        "CdnUrl": doors.url,
        "GraphqlUrl": "g",
        "GraphqlRealtimeUrl": "r",
        "GraphqlApiKey": "k",
        "Region": "eu-central-1",
        "DeliveryUnsigned": "grid",
        "DeliveryWidths": "320,640",
    }


def test_a_page_that_tells_too_little_is_none(doors: Doors) -> None:
    with Api(f"{doors.url}/api") as api, pytest.raises(NotTheApiError, match="graphqlUrl"):
        outputs_of_page(api)


def test_the_picture_is_a_picture() -> None:
    described = describe(canary_image.png())

    assert (described.format, described.width, described.height) == (
        Format.PNG,
        canary_image.WIDTH,
        canary_image.HEIGHT,
    )


def test_the_picture_s_name_says_what_it_was() -> None:
    name = canary_image.filename(datetime(2026, 11, 21, 14, 5, tzinfo=UTC))

    assert name == "tintype-doctor-2026-11-21-140500.png"
    assert canary_image.is_ours(f"originals/{ID}/{name}")
