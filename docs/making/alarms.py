"""The alarms, from the template."""

from __future__ import annotations

from docs.making.tables import code, table
from docs.making.template import resources

_STATISTICS = {"Maximum": "maximum", "Sum": "total"}


def alarms() -> str:
    """Return the table of alarms: what each watches, and when it fires."""
    rows = []
    for name, facts in resources("AWS::CloudWatch::Alarm"):
        minutes = facts["Period"] * facts["EvaluationPeriods"] // 60
        metric = f"{facts['Namespace']} {facts['MetricName']}"
        fires = f"{_STATISTICS[facts['Statistic']]} of {facts['Threshold']:g} or more in {minutes} minutes"
        rows.append([code(name.removeprefix("Alarms")), code(metric), fires])
    return table(["Alarm", "Metric", "Fires at"], rows)
