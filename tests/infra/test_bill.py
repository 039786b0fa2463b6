"""What `tintype cost` counts of the stack is what the template has."""

from __future__ import annotations

from tests.infra.conftest import Template
from tests.infra.parts import resources
from tintype.costs import bill as cost


def test_the_bill_has_every_alarm_and_dashboard(template: Template) -> None:
    assert len(resources(template, "CloudWatch::Alarm")) == cost.ALARMS
    assert len(resources(template, "CloudWatch::Dashboard")) == cost.DASHBOARDS


def test_lambda_waits_at_as_many_queues_as_the_bill_says(template: Template) -> None:
    sources = len(resources(template, "Lambda::EventSourceMapping"))

    assert sources * 5 * 3 * cost.MINUTES == cost.IDLE_RECEIVES
