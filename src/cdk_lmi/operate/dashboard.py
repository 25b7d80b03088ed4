"""Widgets of a CloudWatch dashboard, for a function and for its instances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from ..judgement import told_as_violation
from ..rules.facts import Unknown
from .metrics import (
    CONCURRENCY,
    CONCURRENCY_LIMIT,
    CPU_UTILIZATION,
    ENVIRONMENT_CPU_UTILIZATION,
    ENVIRONMENT_MEMORY_UTILIZATION,
    MEMORY_UTILIZATION,
    METRIC_PERIOD,
    THROTTLE_METRICS,
    V_CPU_ALLOCATED,
    V_CPU_AVAILABLE,
    Measure,
    Metered,
    by_instance_type,
    throttled_share,
)

# Three graphs to a line, which a dashboard cuts into 24 columns.
_WHOLE, _THIRD, _HEIGHT = 24, 8, 6
_PERCENT = cloudwatch.YAxisProps(min=0, max=100, label="%", show_units=False)


def add_dashboard(scope: Construct, id: str, lines: Sequence[Sequence[cloudwatch.IWidget]]) -> cloudwatch.Dashboard:
    """Define a dashboard from rows of widgets. See ``ManagedInstanceFunction.add_dashboard``."""
    with told_as_violation(scope, id):
        # Over several days, a dashboard would otherwise use longer periods and add up the five-minute values in each.
        dashboard = cloudwatch.Dashboard(scope, id, period_override=cloudwatch.PeriodOverride.INHERIT)
    for line in lines:
        dashboard.add_widgets(*line)
    return dashboard


def function_widgets(title: str, function: Metered, thresholds: Mapping[str, float]) -> Sequence[cloudwatch.IWidget]:
    """Return a heading and two rows of graphs. See ``ManagedInstanceFunction.widgets``.

    ``thresholds`` are those of its alarms, by keyword.
    """
    metric = function.metric

    def alarm(keyword: str) -> tuple[float, str] | None:
        return (thresholds[keyword], "alarm") if keyword in thresholds else None

    return [
        _heading(title),
        _graph(
            "Invocations and errors",
            metric("Invocations", statistic="Sum"),
            metric("Errors", statistic="Sum"),
        ),
        _graph(
            "Duration",
            *(metric("Duration", statistic=statistic) for statistic in ("p50", "p99")),
            axis=cloudwatch.YAxisProps(min=0, label="ms", show_units=False),
        ),
        _graph(
            "Throttled, by reason",
            *(metric(measure.name, statistic=measure.statistic) for measure in THROTTLE_METRICS),
            stacked=True,
            right=[throttled_share(function)],
        ),
        _graph(
            "Concurrency of an execution environment",
            *(metric(measure.name, statistic=measure.statistic) for measure in (CONCURRENCY, CONCURRENCY_LIMIT)),
        ),
        _graph(
            "CPU of execution environments",
            *(metric(ENVIRONMENT_CPU_UTILIZATION.name, statistic=statistic) for statistic in ("Average", "Maximum")),
            axis=_PERCENT,
            line=alarm("cpu_utilization"),
        ),
        _graph(
            "Memory of execution environments",
            *(metric(ENVIRONMENT_MEMORY_UTILIZATION.name, statistic=statistic) for statistic in ("Average", "Maximum")),
            axis=_PERCENT,
            line=alarm("memory_utilization"),
        ),
    ]


def capacity_provider_widgets(
    title: str, capacity_provider: lambda_.ICapacityProvider, max_v_cpu_count: int | Unknown
) -> Sequence[cloudwatch.IWidget]:
    """Return a heading and one row of graphs. See ``ManagedInstanceCapacityProvider.widgets``."""

    def by_type(measure: Measure) -> cloudwatch.IMetric:
        return by_instance_type(capacity_provider, measure)

    return [
        _heading(title),
        _graph(
            "vCPUs, by instance type",
            by_type(V_CPU_ALLOCATED),
            by_type(V_CPU_AVAILABLE),
            stacked=True,
            line=None if isinstance(max_v_cpu_count, Unknown) else (max_v_cpu_count, "max_v_cpu_count"),
        ),
        _graph("CPU of instances", by_type(CPU_UTILIZATION), axis=_PERCENT),
        _graph("Memory of instances", by_type(MEMORY_UTILIZATION), axis=_PERCENT),
    ]


def _heading(title: str) -> cloudwatch.TextWidget:
    return cloudwatch.TextWidget(markdown=f"## {title}", width=_WHOLE, height=1)


def _graph(
    title: str,
    *left: cloudwatch.IMetric,
    right: Sequence[cloudwatch.IMetric] = (),
    stacked: bool = False,
    axis: cloudwatch.YAxisProps | None = None,
    line: tuple[float, str] | None = None,
) -> cloudwatch.GraphWidget:
    annotation = None if line is None else cloudwatch.HorizontalAnnotation(value=line[0], label=line[1])
    return cloudwatch.GraphWidget(
        title=title,
        left=list(left),
        right=list(right),
        # A few per cent of all calls are many.
        right_y_axis=cloudwatch.YAxisProps(min=0, label="%", show_units=False) if right else None,
        left_y_axis=axis or cloudwatch.YAxisProps(min=0, show_units=False),
        left_annotations=None if annotation is None else [annotation],
        stacked=stacked,
        period=METRIC_PERIOD,
        width=_THIRD,
        height=_HEIGHT,
    )
