"""`tintype doctor` on the deployed stack: healthy when it is, and the right culprit for each fault."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cloud.faults import FAULTS, key_deleted, key_put_back, publish_config, settle
from tests.cloud.operator import Operator
from tests.cloud.running import RunningCloud, running_cloud
from tintype.aws.account import Account
from tintype.aws.signing import Credentials
from tintype.cli.doctor import SubscriptionEar
from tintype.doctor.account import Inside
from tintype.doctor.case import Case
from tintype.doctor.examination import (
    KNOWN_SECONDS,
    Examination,
    InformedPatience,
    addresses_of,
    examine,
    outputs_of_page,
)
from tintype.doctor.findings import Finding, Station
from tintype.doctor.journey import DOORS
from tintype.doctor.looks import look
from tintype.doctor.verdict import Outcome
from tintype.site.publishing import config

TINTYPE = str(Path(sys.executable).with_name("tintype"))


@pytest.fixture(scope="module")
def sick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """Run a local cloud of its own: what is broken here is nobody else's."""
    with running_cloud(tmp_path_factory.mktemp("sick") / ".tintype") as running:
        yield running


@pytest.fixture(scope="module")
def owner(sick: RunningCloud) -> Iterator[Operator]:
    with ExitStack() as closing:
        yield Operator(sick, closing)


@pytest.fixture(scope="module")
def inside(sick: RunningCloud) -> Inside:
    key = Credentials(sick.access_key, sick.secret_key)
    return Inside(Account(sick.outputs["Region"], sick.endpoint, lambda: key))


@pytest.fixture
def case(sick: RunningCloud, inside: Inside) -> Case:
    """Return the stack to be examined; a new one each time, as it remembers what it has read."""
    return Case("tintype", sick.outputs, sick.outputs["Region"], inside, sick.endpoint)


@dataclass
class CountingPatience(InformedPatience):
    """Knows at which stations nothing said that waiting was in vain."""

    unwarned: set[Station] = field(default_factory=set)
    _at: Station | None = None

    def seconds(self, station: Station) -> float:
        granted = super().seconds(station)
        self._at = station
        if granted > KNOWN_SECONDS:
            self.unwarned.add(station)
        return granted

    def is_lost(self) -> bool:
        is_lost = super().is_lost()
        if is_lost and self._at:
            self.unwarned.discard(self._at)
        return is_lost


def examined(
    outputs: Mapping[str, str],
    case: Case | None,
    *,
    upload: bool = True,
    patience: InformedPatience | None = None,
) -> Examination:
    ear = SubscriptionEar(outputs)
    try:
        return examine(addresses_of(outputs), case, ear, upload=upload, patience=patience)
    finally:
        ear.close()


def broke_at(found: Examination) -> set[Station]:
    return {leg.station for leg in found.legs if leg.outcome is Outcome.BROKE}


def told(found: Examination) -> str:
    """Return everything that was found, for whoever reads why a test failed."""
    verdict = found.verdict
    wrong = [one for one in (verdict.culprit, *verdict.others, *verdict.notes) if one]
    lines = [f"{leg.station} {leg.outcome} {leg.said}" for leg in found.legs]
    return "\n".join([*lines, *(f"{one.code}: {one.message} {one.evidence}" for one in wrong)])


def command(cloud: RunningCloud, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own command
        [TINTYPE, "doctor", *options],
        cwd=cloud.state.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answered(cloud: RunningCloud, *options: str) -> tuple[int, dict[str, Any]]:
    child = command(cloud, "--json", *options)
    out, err = child.communicate(timeout=60)
    assert not err, err
    return child.returncode, json.loads(out)


def images(cloud: RunningCloud) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{cloud.outputs['ApiUrl']}/images").json()["images"]
    return found


def test_a_healthy_stack_passes_every_station_and_nothing_is_left_of_the_picture(
    sick: RunningCloud,
) -> None:
    code, document = answered(sick)

    assert document["culprit"] is None, document
    assert (code, document["healthy"], document["notes"]) == (0, True, [])
    assert [leg["station"] for leg in document["journey"]] == [one.value for one in Station]
    assert {leg["outcome"] for leg in document["journey"]} == {"passed"}
    assert all(leg["milliseconds"] > 0 for leg in document["journey"])
    assert images(sick) == []


def test_without_an_upload_only_the_doors_are_tried(
    sick: RunningCloud, case: Case, owner: Operator
) -> None:
    before = owner.objects("OriginalsBucket")

    found = examined(sick.outputs, case, upload=False)

    assert found.verdict.healthy, told(found)
    passed = {leg.station for leg in found.legs if leg.outcome is Outcome.PASSED}
    assert passed == DOORS
    assert owner.objects("OriginalsBucket") == before


def test_whoever_knows_only_the_address_is_told_what_the_doors_say(sick: RunningCloud) -> None:
    found = examined(outputs_of_page(sick.outputs["ApiUrl"]), None)

    assert (found.verdict.healthy, found.facts) == (True, ()), told(found)
    assert {leg.outcome for leg in found.legs} == {Outcome.PASSED}


@pytest.mark.parametrize("name", FAULTS)
def test_the_culprit_is_named_and_what_is_advised_mends_it(
    sick: RunningCloud, case: Case, owner: Operator, name: str
) -> None:
    fault, patience = FAULTS[name], CountingPatience()

    with fault.plant(owner):
        found = examined(sick.outputs, case, patience=patience)
        culprit = found.verdict.culprit
        assert culprit, told(found)
        if fault.mends:
            owner.run(culprit.remedy.partition(" && ")[0])
            still = [one.code for one in look(replace(case)) if isinstance(one, Finding)]
    settle(owner)

    assert (culprit.code, fault.says in culprit.message) == (fault.code, True), told(found)
    assert culprit.remedy
    assert not patience.unwarned & broke_at(found), "waited for what could not come any more"
    assert not (fault.mends and fault.code in still)


def test_what_only_looking_proves_is_found_without_an_upload(
    sick: RunningCloud, case: Case, owner: Operator
) -> None:
    with FAULTS["queue policy removed"].plant(owner):
        found = examined(sick.outputs, case, upload=False)

    assert found.verdict.culprit, told(found)
    assert found.verdict.culprit.code == "queue_closed"


def test_ctrl_c_takes_the_picture_along(sick: RunningCloud, owner: Operator) -> None:
    with FAULTS["catalogue's event source disabled"].plant(owner):
        child = command(sick, "--timeout", "60")
        assert child.stdout is not None
        for line in child.stdout:
            if " upload " in line:
                break
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)

        assert (child.returncode, "Stopped." in err) == (130, True), err
        assert owner.objects("OriginalsBucket") == []
    settle(owner)


def test_after_all_that_the_stack_is_well_again(
    sick: RunningCloud, case: Case, owner: Operator
) -> None:
    settle(owner)

    found = examined(sick.outputs, case)

    assert found.verdict.healthy, told(found)
    assert {leg.outcome for leg in found.legs} == {Outcome.PASSED}


def test_a_deleted_key_is_named_and_another_of_the_stack_s_with_its_page_mends_it(
    sick: RunningCloud, case: Case, owner: Operator
) -> None:
    with key_deleted(owner):
        found = examined(sick.outputs, case)
    outputs = key_put_back(owner)
    stale = examined(outputs, replace(case, outputs=outputs), upload=False)
    publish_config(owner, config(outputs, max_bytes=1))
    mended = examined(outputs, replace(case, outputs=outputs))

    assert found.verdict.culprit, told(found)
    assert found.verdict.culprit.code == "key_gone"
    assert sick.outputs["GraphqlApiKey"] not in told(found), "a key is not printed whole"
    assert stale.verdict.culprit, told(stale)
    assert stale.verdict.culprit.code == "config_foreign"
    assert mended.verdict.healthy, told(mended)
