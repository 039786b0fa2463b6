"""The canary's delivery address, which is made once, is signed where it has to be, and may be unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.doctor.doors import ID, Doors
from tests.doctor.travelling import SHOWN, broken, travelled
from tintype.doctor.diagnosis import StepOutcome
from tintype.doctor.findings import Step


@pytest.mark.parametrize(
    ("headers", "broken_at"),
    [
        ({"server-timing": "render;dur=31.4"}, ["address"]),
        ({"server-timing": "render;dur=31.4", "x-cache": "Miss from cloudfront"}, ["address"]),
        ({"server-timing": "render;dur=31.4", "x-cache": "Hit from cloudfront"}, []),
        ({"x-cache": "Miss from cloudfront"}, []),  # at another edge location, from the bucket
    ],
)
def test_a_size_that_is_made_twice_is_not_stored(
    doors: Doors, headers: dict[str, str], broken_at: list[str]
) -> None:
    doors.headers[f"GET /i/{ID}"] = headers

    found = travelled(doors)

    assert list(broken(found)) == broken_at
    assert doors.requests.count(f"GET /i/{ID}") == 2


@pytest.mark.parametrize(
    ("is_open", "visibility"), [(False, "public"), (True, "private"), (False, "private")]
)
def test_what_is_not_open_is_signed_by_the_api(
    doors: Doors, *, is_open: bool, visibility: str
) -> None:
    doors.set(SHOWN, 200, doors.image(visibility=visibility))
    doors.set(f"POST {SHOWN.partition(' ')[2]}/address", 200, {"url": f"{doors.url}/signed?s=x"})
    doors.responses["GET /signed"] = doors.responses.pop(f"GET /i/{ID}")
    addresses = replace(doors.addresses, is_open=is_open)

    found = travelled(doors, addresses=addresses)

    outcomes = {result.step: result.outcome for result in found.results}
    assert outcomes[Step.ADDRESS] is StepOutcome.PASSED


def test_a_page_that_does_not_say_its_widths_is_asked_for_none(doors: Doors) -> None:
    addresses = replace(doors.addresses, widths=())

    found = travelled(doors, addresses=addresses)

    (skipped,) = [one for one in found.results if one.outcome is StepOutcome.SKIPPED]
    assert (skipped.step, skipped.observed) == (
        Step.ADDRESS,
        "the page does not say which widths addresses can ask for",
    )
