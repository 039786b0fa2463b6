"""`tintype doctor` on the deployed stack: healthy when it is, and the right culprit for each fault."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cloud.faults import FAULTS as OF_ALL_PARTS
from tests.cloud.faults import key_deleted, key_put_back
from tests.cloud.faults_any_size import ANY_SIZE_FAULTS
from tests.cloud.hanging import HANGING, UNRECORDED, original_lost
from tests.cloud.mending import publish_config, settle
from tests.cloud.operator import Operator
from tests.cloud.running import RunningCloud, running_cloud
from tests.cloud.stack import TIMEOUT_SECONDS, Stack
from tintype.aws.account import Account
from tintype.aws.sdk import Clients, clients_of
from tintype.aws.signing import Credentials
from tintype.cli.commands.doctor import SubscriptionListener
from tintype.client.api import Api
from tintype.doctor.canary import DOORS
from tintype.doctor.checks import images as image_checks
from tintype.doctor.checks import queues
from tintype.doctor.checks.table import CHECKS, run_checks
from tintype.doctor.diagnosis import StepOutcome
from tintype.doctor.findings import Finding, Step
from tintype.doctor.run import (
    KNOWN_SECONDS,
    Examination,
    InformedTimeouts,
    addresses_of,
    examine,
    outputs_of_page,
)
from tintype.doctor.stack import StackUnderTest
from tintype.site.publishing import config

TINTYPE = str(Path(sys.executable).with_name("tintype"))
QUIET_SECONDS = 1.0
FAULTS = {**OF_ALL_PARTS, **ANY_SIZE_FAULTS}


@pytest.fixture(scope="module")
def sick(deployed_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCloud]:
    """Run a local cloud of its own: what is broken here is nobody else's."""
    with running_cloud(
        tmp_path_factory.mktemp("sick") / ".tintype", deployed=deployed_state
    ) as running:
        yield running


@pytest.fixture(scope="module")
def owner(sick: RunningCloud) -> Iterator[Operator]:
    with ExitStack() as closing:
        yield Operator(sick, closing)


@pytest.fixture(scope="module")
def aws(sick: RunningCloud) -> Clients:
    key = Credentials(sick.access_key, sick.secret_key)
    return clients_of(Account(sick.outputs["Region"], sick.endpoint, lambda: key))


@pytest.fixture
def target(sick: RunningCloud, aws: Clients) -> StackUnderTest:
    """Return the stack to be examined; a new one each time, as it remembers what it has read."""
    return StackUnderTest("tintype", sick.outputs, sick.outputs["Region"], aws, sick.endpoint)


@dataclass
class CountingTimeouts(InformedTimeouts):
    """Knows at which steps nothing said that waiting was in vain."""

    unwarned: set[Step] = field(default_factory=set)
    _at: Step | None = None

    def seconds(self, step: Step) -> float:
        granted = super().seconds(step)
        self._at = step
        if granted > KNOWN_SECONDS:
            self.unwarned.add(step)
        return granted

    def is_lost(self) -> bool:
        is_lost = super().is_lost()
        if is_lost and self._at:
            self.unwarned.discard(self._at)
        return is_lost


def examined(
    outputs: Mapping[str, str],
    target: StackUnderTest | None,
    *,
    upload: bool = True,
    timeouts: InformedTimeouts | None = None,
) -> Examination:
    listener = SubscriptionListener(outputs, None)
    try:
        return examine(addresses_of(outputs), target, listener, upload=upload, timeouts=timeouts)
    finally:
        listener.close()


def broke_at(found: Examination) -> set[Step]:
    return {result.step for result in found.results if result.outcome is StepOutcome.FAILED}


def told(found: Examination) -> str:
    """Return everything that was found, for whoever reads why a test failed."""
    diagnosis = found.diagnosis
    wrong = [one for one in (diagnosis.root_cause, *diagnosis.others, *diagnosis.notes) if one]
    lines = [f"{result.step} {result.outcome} {result.observed}" for result in found.results]
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


@pytest.fixture(autouse=True)
def _quiet_for_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take no picture of an earlier fault for stuck, whose messages were forgotten."""
    monkeypatch.setattr(image_checks, "QUIET_LOCAL_SECONDS", 3_600.0)


def test_a_healthy_stack_passes_every_station_and_nothing_is_left_of_the_picture(
    sick: RunningCloud,
) -> None:
    code, document = answered(sick)

    assert document["rootCause"] is None, document
    assert (code, document["healthy"], document["notes"]) == (0, True, [])
    assert [result["step"] for result in document["steps"]] == [one.value for one in Step]
    assert {result["outcome"] for result in document["steps"]} == {"passed"}
    assert all(result["milliseconds"] > 0 for result in document["steps"])
    assert images(sick) == []


def test_without_an_upload_only_the_doors_are_tried(
    sick: RunningCloud, target: StackUnderTest, owner: Operator
) -> None:
    before = owner.objects("OriginalsBucket")

    found = examined(sick.outputs, target, upload=False)

    assert found.diagnosis.healthy, told(found)
    passed = {result.step for result in found.results if result.outcome is StepOutcome.PASSED}
    assert passed == DOORS
    assert owner.objects("OriginalsBucket") == before


def test_whoever_knows_only_the_address_is_told_what_the_doors_say(sick: RunningCloud) -> None:
    with Api(sick.outputs["ApiUrl"]) as api:
        found = examined(outputs_of_page(api), None)

    assert (found.diagnosis.healthy, found.facts) == (True, ()), told(found)
    assert {result.outcome for result in found.results} == {StepOutcome.PASSED}


@pytest.mark.parametrize("name", FAULTS)
def test_the_culprit_is_named_and_what_is_advised_mends_it(
    sick: RunningCloud, target: StackUnderTest, owner: Operator, name: str
) -> None:
    fault, timeouts = FAULTS[name], CountingTimeouts()

    with fault.plant(owner):
        found = examined(sick.outputs, target, timeouts=timeouts)
        root_cause = found.diagnosis.root_cause
        assert root_cause, told(found)
        if fault.fixes:
            owner.run(root_cause.remedy.partition(" && ")[0])
            still = [one.code for one in run_checks(replace(target)) if isinstance(one, Finding)]
    settle(owner)

    assert (root_cause.code, fault.expected in root_cause.message) == (fault.code, True), told(
        found
    )
    assert root_cause.remedy
    assert not timeouts.unwarned & broke_at(found), "waited for what could not come any more"
    assert not (fault.fixes and fault.code in still)


def test_what_only_looking_proves_is_found_without_an_upload(
    sick: RunningCloud, target: StackUnderTest, owner: Operator
) -> None:
    with FAULTS["queue policy removed"].plant(owner):
        found = examined(sick.outputs, target, upload=False)

    assert found.diagnosis.root_cause, told(found)
    assert found.diagnosis.root_cause.code == "queue_closed"


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


def advised(cloud: RunningCloud, finding: Finding) -> None:
    """Do what is advised; --yes answers what people are asked."""
    for command in finding.remedy.split(" && "):
        program, *words = shlex.split(command)
        assert program == "tintype"
        yes = [] if words[0] == "reindex" else ["--yes"]
        subprocess.run([TINTYPE, *words, *yes], cwd=cloud.state.parent, check=True)  # noqa: S603 - ours


def standing_still(target: StackUnderTest) -> list[Finding]:
    """Return what is found of the images, as soon as nothing is under way for them any more."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while queues.under_way(target) and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(2 * QUIET_SECONDS)
    looks = [each for each in CHECKS if each.name == "images"]
    return [one for one in run_checks(replace(target), looks) if isinstance(one, Finding)]


def test_images_without_an_end_are_named_and_what_is_advised_ends_them(
    sick: RunningCloud, target: StackUnderTest, owner: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(owner)
    monkeypatch.setattr(image_checks, "QUIET_LOCAL_SECONDS", QUIET_SECONDS)
    for finding in standing_still(target):  # pictures of the doctor's whose messages were forgotten
        advised(sick, finding)
    with httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        stack = Stack(sick.outputs, client)
        hanging = [plant(owner, stack) for plant in HANGING.values()]
        unrecorded = [plant(owner, stack) for plant in UNRECORDED.values()]
        lost = original_lost(owner, stack)

        named = standing_still(target)
        for finding in named:
            advised(sick, finding)
        ended = {one: stack.ended(one)["status"] for one in hanging + unrecorded}
        stack.when(lost, lambda one: one is None)

    assert [one.code for one in named] == ["originals_unrecorded", "images_hang", "images_hang"]
    unseen, hung, gone = named
    assert unseen.message.startswith(f"{len(unrecorded)} originals have no record")
    assert hung.message.startswith(f"{len(hanging)} images are stuck")
    assert gone.remedy.startswith(f"tintype delete {lost} --stack")
    assert set(ended.values()) == {"READY"}, ended
    assert standing_still(target) == []


def test_after_all_that_the_stack_is_well_again(
    sick: RunningCloud, target: StackUnderTest, owner: Operator
) -> None:
    settle(owner)

    found = examined(sick.outputs, target)

    assert found.diagnosis.healthy, told(found)
    assert {result.outcome for result in found.results} == {StepOutcome.PASSED}


def test_a_deleted_key_is_named_and_another_of_the_stack_s_with_its_page_mends_it(
    sick: RunningCloud, target: StackUnderTest, owner: Operator
) -> None:
    with key_deleted(owner):
        found = examined(sick.outputs, target)
    outputs = key_put_back(owner)
    stale = examined(outputs, replace(target, outputs=outputs), upload=False)
    publish_config(owner, config(outputs, max_bytes=1))
    mended = examined(outputs, replace(target, outputs=outputs))

    assert found.diagnosis.root_cause, told(found)
    assert found.diagnosis.root_cause.code == "key_gone"
    assert sick.outputs["GraphqlApiKey"] not in told(found), "a key is not printed whole"
    assert stale.diagnosis.root_cause, told(stale)
    assert stale.diagnosis.root_cause.code == "config_foreign"
    assert mended.diagnosis.healthy, told(mended)
