"""Logs and metrics of all functions. Lambda keeps what is JSON as it is, and CloudWatch makes metrics of some of it."""

from collections.abc import Mapping

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

#: Its name is POWERTOOLS_SERVICE_NAME. Times are in UTC and in the form that Lambda filters by.
logger = Logger(utc=True, use_rfc3339=True, log_uncaught_exceptions=False)


def count(metrics: Mapping[str, int]) -> None:
    """Count what happened, all in one line. Of nothing there is no line; nothing is kept for the next invocation."""
    if not metrics:
        return
    ephemeral = EphemeralMetrics()
    for name, value in metrics.items():
        ephemeral.add_metric(name=name, unit=MetricUnit.Count, value=value)
    ephemeral.flush_metrics()
