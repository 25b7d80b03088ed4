"""The CloudWatch metrics of Managed Instances: their names and their dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from aws_cdk import Duration

from ..rules.limits import METRIC_INTERVAL, MONITORING, READ

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_lambda as lambda_

NAMESPACE = "AWS/Lambda"
#: How often Lambda sends metrics, and so the shortest period that shows every value.
METRIC_PERIOD = Duration.minutes(int(METRIC_INTERVAL))


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One metric of Managed Instances."""

    #: The name that Lambda uses.
    name: str
    #: The most useful statistic of its samples.
    statistic: str
    unit: str
    #: The dimensions of the metric.
    dimensions: tuple[str, ...]
    source: str = MONITORING
    read: str = READ


def _of_provider(name: str, statistic: str, unit: str) -> Measure:
    return Measure(name=name, statistic=statistic, unit=unit, dimensions=("CapacityProviderName", "InstanceType"))


def _of_environments(name: str, statistic: str, unit: str) -> Measure:
    dimensions = ("CapacityProviderName", "FunctionName", "Resource")
    return Measure(name=name, statistic=statistic, unit=unit, dimensions=dimensions)


def _of_throttles(name: str) -> Measure:
    # The guide says that these accompany Throttles, and names no other dimensions, so the same are used here.
    return Measure(name=name, statistic="Sum", unit="Count", dimensions=("FunctionName", "Resource"))


#: The metrics of each instance type of a capacity provider.
CAPACITY_PROVIDER_METRICS = (
    CPU_UTILIZATION := _of_provider("CPUUtilization", "Average", "Percent"),
    MEMORY_UTILIZATION := _of_provider("MemoryUtilization", "Average", "Percent"),
    V_CPU_AVAILABLE := _of_provider("vCPUAvailable", "Sum", "Count"),
    V_CPU_ALLOCATED := _of_provider("vCPUAllocated", "Sum", "Count"),
    MEMORY_AVAILABLE := _of_provider("MemoryAvailable", "Sum", "Bytes"),
    MEMORY_ALLOCATED := _of_provider("MemoryAllocated", "Sum", "Bytes"),
)
#: The metrics of the execution environments of one version. An alias has none.
EXECUTION_ENVIRONMENT_METRICS = (
    CONCURRENCY := _of_environments("ExecutionEnvironmentConcurrency", "Average", "Count"),
    CONCURRENCY_LIMIT := _of_environments("ExecutionEnvironmentConcurrencyLimit", "Average", "Count"),
    ENVIRONMENT_CPU_UTILIZATION := _of_environments("ExecutionEnvironmentCPUUtilization", "Average", "Percent"),
    ENVIRONMENT_MEMORY_UTILIZATION := _of_environments("ExecutionEnvironmentMemoryUtilization", "Maximum", "Percent"),
)
#: Why invocations were throttled: for each throttle, exactly one of these is 1.
THROTTLE_METRICS = (
    CONCURRENCY_THROTTLES := _of_throttles("ConcurrencyThrottles"),
    CPU_THROTTLES := _of_throttles("CPUThrottles"),
    MEMORY_THROTTLES := _of_throttles("MemoryThrottles"),
    DISK_THROTTLES := _of_throttles("DiskThrottles"),
)
#: The names of what Lambda sends for versions alone.
OF_A_VERSION = frozenset(measure.name for measure in EXECUTION_ENVIRONMENT_METRICS)


class Metered(Protocol):
    """Something with metrics: a function or a capacity provider."""

    def metric(self, metric_name: str, *, statistic: str = ..., period: Duration = ...) -> cloudwatch.Metric:
        """Return the metric."""
        ...


def version_metric(
    version: lambda_.Version,
    capacity_provider: lambda_.ICapacityProvider,
    metric_name: str,
    *,
    statistic: str,
    period: Duration,
) -> cloudwatch.Metric:
    """Return a metric of the execution environments of a version, by its number."""
    # Imported only when somebody wants a metric: the module takes time to load.
    from aws_cdk import aws_cloudwatch as cloudwatch

    # The number of the version is known only at deployment, and changes with each deployment.
    function_name, number = version.lambda_.function_name, version.version
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=metric_name,
        dimensions_map={
            "CapacityProviderName": capacity_provider.capacity_provider_name,
            "FunctionName": function_name,
            "Resource": f"{function_name}:{number}",
        },
        statistic=statistic,
        period=period,
    )


def capacity_provider_metric(
    capacity_provider: lambda_.ICapacityProvider,
    metric_name: str,
    *,
    instance_type: str | None,
    statistic: str,
    period: Duration,
) -> cloudwatch.Metric:
    """Return a metric of one instance type of a capacity provider, or of all together."""
    from aws_cdk import aws_cloudwatch as cloudwatch

    name = {"CapacityProviderName": capacity_provider.capacity_provider_name}
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=metric_name,
        dimensions_map=name if instance_type is None else {**name, "InstanceType": instance_type},
        statistic=statistic,
        period=period,
    )


def over_instance_types(capacity_provider: lambda_.ICapacityProvider, measure: Measure) -> cloudwatch.MathExpression:
    """Return one series over all instance types, which an alarm can watch.

    It is a query, because Lambda's guide documents these metrics only by instance type. Counts are added up: each
    instance sends one value in five minutes.
    """
    from aws_cdk import aws_cloudwatch as cloudwatch

    added_up = "SUM" if measure.statistic == "Sum" else "AVG"
    name = capacity_provider.capacity_provider_name
    return cloudwatch.MathExpression(
        expression=f"SELECT {added_up}({measure.name}) "
        f'FROM SCHEMA("{NAMESPACE}", {", ".join(measure.dimensions)}) '
        f"WHERE CapacityProviderName = '{name}'",
        using_metrics={},
        label=measure.name,
        period=METRIC_PERIOD,
    )


def by_instance_type(capacity_provider: lambda_.ICapacityProvider, measure: Measure) -> cloudwatch.MathExpression:
    """Return a series for each instance type, which a dashboard can show."""
    from aws_cdk import aws_cloudwatch as cloudwatch

    name = capacity_provider.capacity_provider_name
    seconds = int(METRIC_INTERVAL) * 60
    return cloudwatch.MathExpression(
        expression=f"SEARCH('{{{','.join((NAMESPACE, *measure.dimensions))}}} "
        f'MetricName="{measure.name}" CapacityProviderName="{name}"\', \'{measure.statistic}\', {seconds})',
        using_metrics={},
        label="",
        period=METRIC_PERIOD,
    )


def throttled_share(metered: Metered, metric_name: str = "Throttles") -> cloudwatch.MathExpression:
    """Return the percentage of invocations that were throttled, for any reason or for one.

    Lambda does not count throttled invocations as invocations, and sends no Invocations metric if all were throttled.
    """
    from aws_cdk import aws_cloudwatch as cloudwatch

    turned_away = metered.metric(metric_name, statistic="Sum")
    throttles = turned_away if metric_name == "Throttles" else metered.metric("Throttles", statistic="Sum")
    one_reason = {} if turned_away is throttles else {"reason": turned_away}
    return cloudwatch.MathExpression(
        expression=f"100 * {'reason' if one_reason else 'throttles'} / (FILL(invocations, 0) + throttles)",
        using_metrics={
            "invocations": metered.metric("Invocations", statistic="Sum"),
            "throttles": throttles,
            **one_reason,
        },
        label=f"{metric_name}, % of all calls",
        period=METRIC_PERIOD,
    )


def error_share(metered: Metered) -> cloudwatch.MathExpression:
    """Return the percentage of invocations that failed."""
    return _percentage(metered, "Errors", "Invocations", "Sum", label="failed, % of invocations")


def concurrency_utilization(metered: Metered) -> cloudwatch.MathExpression:
    """Return the average share of their concurrency limit that execution environments use, in per cent."""
    return _percentage(metered, CONCURRENCY.name, CONCURRENCY_LIMIT.name, "Average", label="% of the limit")


def _percentage(metered: Metered, part: str, whole: str, statistic: str, *, label: str) -> cloudwatch.MathExpression:
    from aws_cdk import aws_cloudwatch as cloudwatch

    return cloudwatch.MathExpression(
        expression="100 * part / whole",
        using_metrics={
            "part": metered.metric(part, statistic=statistic),
            "whole": metered.metric(whole, statistic=statistic),
        },
        label=label,
        period=METRIC_PERIOD,
    )
