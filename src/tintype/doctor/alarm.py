"""Rings one alarm of a stack: is it published to its topic, and has anybody subscribed?

Apart from its picture, this is the only change that the doctor makes: an alarm is in the state ALARM for
some seconds. Its subscribers get a mail that says that it is a trial.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from tintype.doctor.checks.stack import alarms_of
from tintype.doctor.findings import Fact, Finding
from tintype.doctor.stack import StackUnderTest

WAIT_SECONDS = 30.0  # CloudWatch publishes at once, and writes its history within seconds
PAUSE_SECONDS = 1.0
TRIAL = "A trial by tintype doctor --alarm; nothing is wrong."
OVER = "The trial by tintype doctor --alarm is over."
DONE = "Successfully executed action"  # how the history describes success

_Alarm = Mapping[str, Any]


def ring(target: StackUnderTest, *, wait: float = WAIT_SECONDS) -> Iterator[Finding | Fact]:
    """Ring the first quiet alarm that has a topic, and report what CloudWatch did with it."""
    alarms = list(alarms_of(target))
    announced = [
        one for one in alarms if one.get("AlarmActions") and one.get("ActionsEnabled", True)
    ]
    if not announced:
        yield Finding(
            code="alarm_silent",
            message=f"None of {len(alarms)} alarms has a recipient.",
            remedy=f"Set alarm_email in tintype.toml, then: {target.deploy_again}",
        )
        return
    alarm = next((one for one in announced if one["StateValue"] != "ALARM"), None)
    if alarm is None:
        yield Finding(
            code="not_seen",
            message="Not checked whether alarms are delivered: all of them ring already.",
            remedy="Fix what they report, then run the doctor again.",
        )
        return
    yield _outcome(target, alarm, _rung(target, alarm, wait))
    yield from _subscriptions(target, alarm["AlarmActions"][0])


def _rung(target: StackUnderTest, alarm: _Alarm, wait: float) -> str | None:
    """Return the line that the change of state adds to the alarm's history, None if none appears."""
    name = alarm["AlarmName"]
    before = _history(target, name)
    target.ask(
        "cloudwatch", "set_alarm_state", AlarmName=name, StateValue="ALARM", StateReason=TRIAL
    )
    try:
        end = time.monotonic() + wait
        while time.monotonic() < end:
            new = [line for line in _history(target, name) if line not in before]
            if new:
                return str(new[0]["HistorySummary"])
            time.sleep(PAUSE_SECONDS)
        return None
    finally:
        state = alarm["StateValue"]
        target.ask(
            "cloudwatch", "set_alarm_state", AlarmName=name, StateValue=state, StateReason=OVER
        )


def _history(target: StackUnderTest, name: str) -> list[Mapping[str, Any]]:
    answer = target.ask(
        "cloudwatch",
        "describe_alarm_history",
        AlarmName=name,
        HistoryItemType="Action",
        MaxRecords=20,
        ScanBy="TimestampDescending",
    )
    return list(answer["AlarmHistoryItems"])


def _outcome(target: StackUnderTest, alarm: _Alarm, line: str | None) -> Finding | Fact:
    name = alarm["AlarmName"]
    if line is None:
        return Finding(
            code="not_seen",
            message=f"Not checked whether alarms are delivered: CloudWatch has no history of {name}.",
            remedy="Run the doctor again. A local cloud keeps no such history.",
        )
    if line.startswith(DONE):
        return Fact("alarm", f"{name} rang, and CloudWatch published it")
    return Finding(
        code="alarm_not_sent",
        message=f"The alarm {name} rang, and CloudWatch could not publish it to its topic.",
        remedy=target.put_back,
        evidence=(line,),
    )


def _subscriptions(target: StackUnderTest, topic: str) -> Iterator[Finding | Fact]:
    """Check that at least one subscription of the topic is confirmed."""
    subscriptions = target.ask("sns", "list_subscriptions_by_topic", TopicArn=topic)[
        "Subscriptions"
    ]
    waiting = [one for one in subscriptions if one["SubscriptionArn"] == "PendingConfirmation"]
    if len(waiting) < len(subscriptions):
        yield Fact("alarm", f"{len(subscriptions) - len(waiting)} subscriptions are confirmed")
    else:
        yield Finding(
            code="alarm_unread",
            message="Nobody receives the alarms: no address has confirmed its subscription.",
            remedy="Follow the link in the mail from AWS to that address. The link is valid for three days; "
            "`aws sns subscribe` with the same address sends another.",
            evidence=tuple(f"{one['Endpoint']}: not confirmed" for one in waiting),
        )
