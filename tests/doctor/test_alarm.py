"""`tintype doctor --alarm`: one alarm rings, and what CloudWatch did with it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import botocore.session
import pytest
from botocore.model import OperationModel
from botocore.validate import ParamValidator

from tests.docs.markdown import ROOT, unwrapped
from tests.doctor.canned import OUTPUTS, REGION, TOPIC, WELL
from tintype.aws.errors import AccessDeniedError
from tintype.doctor.alarm import OVER, TRIAL, ring
from tintype.doctor.checks.table import BELL, CHECKS
from tintype.doctor.findings import Fact, Finding
from tintype.doctor.stack import StackUnderTest

# As CloudWatch writes them.
PUBLISHED = f"Successfully executed action {TOPIC}"
REFUSED = (
    f'Failed to execute action {TOPIC}. Received error: "CloudWatch Alarms is not authorized to '
    f'perform: SNS:Publish on resource: {TOPIC}"'
)
EARLIER = {"AlarmName": "waiting", "HistoryItemType": "Action", "HistorySummary": PUBLISHED}
CONFIRMED = {"SubscriptionArn": f"{TOPIC}:0a1b", "Protocol": "email", "Endpoint": "me@example.com"}
WAITING = {**CONFIRMED, "SubscriptionArn": "PendingConfirmation"}
REAL = {"cloudformation", "cloudwatch", "sns"}


class CloudWatch:
    """An account whose alarm writes a line of history when it is set to ALARM; shapes are AWS's own."""

    def __init__(self, line: str | None, *readers: Mapping[str, str], **alarm: object) -> None:
        self.line, self.readers = line, list(readers)
        described = WELL["describe_alarms"]
        assert isinstance(described, dict)
        self.alarm = {**described["MetricAlarms"][0], **alarm}
        self.history: list[Mapping[str, str]] = [EARLIER]
        self.states: list[tuple[str, str]] = []
        self.refuses: set[str] = set()

    def ask(self, service: str, operation: str, **parameters: object) -> Mapping[str, Any]:
        model = _model(service, operation)
        _demand(model.input_shape, parameters)
        if operation in self.refuses:
            message = "no"
            raise AccessDeniedError(message, service=service, operation=operation)
        answer = self._answer(operation, parameters)
        _demand(model.output_shape, answer)
        return answer

    def _answer(self, operation: str, called: Mapping[str, Any]) -> Mapping[str, Any]:
        if operation == "set_alarm_state":
            self.states.append((called["StateValue"], called["StateReason"]))
            if called["StateValue"] == "ALARM" and self.line:
                self.history.insert(
                    0, {**EARLIER, "HistorySummary": self.line, "HistoryData": "{}"}
                )
            return {}
        answers: dict[str, Mapping[str, Any]] = {
            "describe_alarms": {"MetricAlarms": [self.alarm]},
            "describe_alarm_history": {"AlarmHistoryItems": list(self.history)},
            "list_subscriptions_by_topic": {"Subscriptions": self.readers},
            "list_stack_resources": WELL["list_stack_resources"],  # type: ignore[dict-item]
        }
        return answers[operation]

    def pages(self, service: str, operation: str, **parameters: Any) -> Iterator[Any]:
        yield self.ask(service, operation, **parameters)


def _model(service: str, operation: str) -> OperationModel:
    models = botocore.session.get_session().get_service_model(service)
    (name,) = (name for name in models.operation_names if _snake(name) == operation)
    return models.operation_model(name)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _demand(shape: Any, value: Mapping[str, Any]) -> None:
    """Fail where AWS's own model of the service knows no such question or answer."""
    if shape is None:
        assert not value
        return
    assert set(value) <= set(shape.members)
    value = {name: part for name, part in value.items() if name != "StackResourceSummaries"}
    report = ParamValidator().validate(value, shape)
    assert not report.has_errors(), report.generate_report()


def rung(account: CloudWatch, wait: float = 5) -> list[Finding | Fact]:
    return list(ring(StackUnderTest("tintype", OUTPUTS, REGION, account), wait=wait))


def test_an_alarm_that_is_published_and_read_is_well() -> None:
    account = CloudWatch(PUBLISHED, CONFIRMED)

    found = rung(account)

    assert [type(one) for one in found] == [Fact, Fact]
    assert account.states == [("ALARM", TRIAL), ("OK", OVER)]


def test_an_alarm_that_may_not_publish_fails_with_cloudwatch_s_own_words() -> None:
    account = CloudWatch(REFUSED, CONFIRMED)

    refused, _ = rung(account)

    assert isinstance(refused, Finding)
    assert refused.code == "alarm_not_sent"
    assert refused.evidence == (REFUSED,)
    assert account.states[-1] == ("OK", OVER)


def test_the_history_of_an_earlier_ring_is_not_this_one_s() -> None:
    account = CloudWatch(None, CONFIRMED)

    unseen, _ = rung(account, wait=0.1)

    assert isinstance(unseen, Finding)
    assert unseen.code == "not_seen"
    assert account.states[-1] == ("OK", OVER)


def test_an_address_that_has_not_confirmed_is_told() -> None:
    _, unread = rung(CloudWatch(PUBLISHED, WAITING))

    assert isinstance(unread, Finding)
    assert unread.code == "alarm_unread"
    assert unread.evidence == ("me@example.com: not confirmed",)


@pytest.mark.parametrize("alarm", [{"AlarmActions": []}, {"ActionsEnabled": False}], ids=str)
def test_alarms_that_are_sent_to_nobody_do_not_ring(alarm: dict[str, object]) -> None:
    account = CloudWatch(PUBLISHED, **alarm)

    (silent,) = rung(account)

    assert isinstance(silent, Finding)
    assert silent.code == "alarm_silent"
    assert not account.states


def test_an_alarm_that_rings_already_is_left_alone() -> None:
    account = CloudWatch(PUBLISHED, StateValue="ALARM")

    (unseen,) = rung(account)

    assert isinstance(unseen, Finding)
    assert unseen.code == "not_seen"
    assert not account.states


def test_the_alarm_is_set_back_though_its_history_may_not_be_read() -> None:
    account = CloudWatch(PUBLISHED, StateValue="INSUFFICIENT_DATA")
    look_first = account.ask

    def forbid_later(service: str, operation: str, **parameters: object) -> Mapping[str, Any]:
        if account.states:
            account.refuses = {"describe_alarm_history"}
        return look_first(service, operation, **parameters)

    account.ask = forbid_later  # type: ignore[method-assign]

    with pytest.raises(AccessDeniedError):
        rung(account)

    assert account.states == [("ALARM", TRIAL), ("INSUFFICIENT_DATA", OVER)]


def test_the_page_lists_what_ringing_needs_besides_looking() -> None:
    page = unwrapped(ROOT / "docs/reference/errors/operations.md")

    listed = page.partition("Besides the actions above it needs")[2].partition(". ")[0]
    looking = {action for each in CHECKS for action in each.needs}
    assert set(re.findall(r"`([a-z0-9]+:\w+)`", listed)) == set(BELL.needs) - looking
