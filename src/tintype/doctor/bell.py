"""Ringing one alarm of a stack: does what it says reach its topic, and is anybody there to read it?

The only part of the doctor that changes something besides its picture: for some seconds an alarm is in
the state ALARM. Its address gets a mail that says that it was a trial.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from tintype.doctor.case import Case
from tintype.doctor.findings import Fact, Finding
from tintype.doctor.looks_at_stack import alarms_of

WAIT_SECONDS = 30.0  # CloudWatch publishes at once, and writes its history within seconds
PAUSE_SECONDS = 1.0
TRIAL = "A trial by tintype doctor --alarm; nothing is wrong."
OVER = "The trial by tintype doctor --alarm is over."
DONE = "Successfully executed action"  # what begins a line of the history; else it failed

_Alarm = Mapping[str, Any]


def ring(case: Case, *, wait: float = WAIT_SECONDS) -> Iterator[Finding | Fact]:
    """Ring the first alarm that is quiet and has a topic; wait for what CloudWatch says of it."""
    alarms = list(alarms_of(case))
    heard = [one for one in alarms if one.get("AlarmActions") and one.get("ActionsEnabled", True)]
    if not heard:
        yield Finding(
            code="alarm_silent",
            message=f"None of {len(alarms)} alarms is sent to anybody.",
            remedy=f"{case.deploy_again} with alarm_email in tintype.toml",
        )
        return
    alarm = next((one for one in heard if one["StateValue"] != "ALARM"), None)
    if alarm is None:
        yield Finding(
            code="not_seen",
            message="Not seen whether an alarm is sent: all of them ring already.",
            remedy="Mend what they say, then ask the doctor again.",
        )
        return
    yield _told(case, alarm, _rung(case, alarm, wait))
    yield from _readers(case, alarm["AlarmActions"][0])


def _rung(case: Case, alarm: _Alarm, wait: float) -> str | None:
    """Return the line of the history that the alarm's state has brought; None if it brought none."""
    name = alarm["AlarmName"]
    before = _history(case, name)
    case.ask("cloudwatch", "set_alarm_state", AlarmName=name, StateValue="ALARM", StateReason=TRIAL)
    try:
        end = time.monotonic() + wait
        while time.monotonic() < end:
            new = [line for line in _history(case, name) if line not in before]
            if new:
                return str(new[0]["HistorySummary"])
            time.sleep(PAUSE_SECONDS)
        return None
    finally:
        state = alarm["StateValue"]
        case.ask(
            "cloudwatch", "set_alarm_state", AlarmName=name, StateValue=state, StateReason=OVER
        )


def _history(case: Case, name: str) -> list[Mapping[str, Any]]:
    answer = case.ask(
        "cloudwatch",
        "describe_alarm_history",
        AlarmName=name,
        HistoryItemType="Action",
        MaxRecords=20,
        ScanBy="TimestampDescending",
    )
    return list(answer["AlarmHistoryItems"])


def _told(case: Case, alarm: _Alarm, line: str | None) -> Finding | Fact:
    name = alarm["AlarmName"]
    if line is None:
        return Finding(
            code="not_seen",
            message=f"Not seen whether an alarm is sent: CloudWatch says nothing of what {name} did.",
            remedy="Ask the doctor again. A local cloud keeps no such history.",
        )
    if line.startswith(DONE):
        return Fact("alarm", f"{name} rang, and CloudWatch has published it")
    return Finding(
        code="alarm_not_sent",
        message=f"The alarm {name} rang, and CloudWatch could not publish it to its topic.",
        remedy=case.put_back,
        evidence=(line,),
    )


def _readers(case: Case, topic: str) -> Iterator[Finding | Fact]:
    """Find out whether somebody has confirmed that mail of the topic may come."""
    subscriptions = case.ask("sns", "list_subscriptions_by_topic", TopicArn=topic)["Subscriptions"]
    waiting = [one for one in subscriptions if one["SubscriptionArn"] == "PendingConfirmation"]
    if len(waiting) < len(subscriptions):
        yield Fact("alarm", f"{len(subscriptions) - len(waiting)} of its readers have confirmed")
    else:
        yield Finding(
            code="alarm_unread",
            message="Nobody reads the alarms: no address has confirmed that they may come.",
            remedy="Follow the link in AWS's mail to that address. It is good for three days; "
            "`aws sns subscribe` with the same address sends another.",
            evidence=tuple(f"{one['Endpoint']}: not confirmed" for one in waiting),
        )
