"""The alarms, from the template."""

from __future__ import annotations

from docs.making.tables import code, table
from docs.making.template import resources

_STATISTICS = {"Maximum": "the most", "Sum": "in all"}


def alarms() -> str:
    """Return the table of alarms: what each watches, and when it rings."""
    rows = []
    for name, facts in resources("AWS::CloudWatch::Alarm"):
        minutes = facts["Period"] * facts["EvaluationPeriods"] // 60
        metric = f"{facts['Namespace']} {facts['MetricName']}"
        rings = f"{facts['Threshold']:g} or more, {_STATISTICS[facts['Statistic']]} in {minutes} minutes"
        rows.append([code(name.removeprefix("Alarms")), code(metric), rings])
    return table(["Alarm", "Metric", "Rings at"], rows)
