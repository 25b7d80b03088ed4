"""Alarms for a function and for a capacity provider. Each says which setting to change when it goes off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from ..judgement import judge, told_as_violation
from ..rules.facts import UNKNOWN, CapacityProviderFacts, Unknown
from ..rules.instances import v_cpus_of_instance, v_cpus_under_cap
from ..rules.limits import ALARM_EVALUATION_MAX, METRIC_INTERVAL
from ..signature import Arguments, is_token
from . import metrics
from .metrics import (
    CONCURRENCY_THROTTLES,
    CPU_THROTTLES,
    CPU_UTILIZATION,
    DISK_THROTTLES,
    ENVIRONMENT_CPU_UTILIZATION,
    ENVIRONMENT_MEMORY_UTILIZATION,
    MEMORY_THROTTLES,
    MEMORY_UTILIZATION,
    V_CPU_ALLOCATED,
    Measure,
    Metered,
    over_instance_types,
)

_EVERYTHING = 100
_MILLISECONDS = 1000
_PERIODS_MAX = int(ALARM_EVALUATION_MAX) // (int(METRIC_INTERVAL) * 60)
_ID = "Alarms"

Metric: TypeAlias = Callable[[Metered], cloudwatch.IMetric]


def _one(measure: Measure) -> Metric:
    return lambda metered: metered.metric(measure.name, statistic=measure.statistic)


def _throttled(measure: Measure) -> Metric:
    return lambda metered: metrics.throttled_share(metered, measure.name)


#: The alarms of a function whose threshold is a percentage, by keyword: the metric, and the description.
_OF_FUNCTION: Mapping[str, tuple[Metric, str]] = {
    "throttled_share": (
        metrics.throttled_share,
        "More than {share:g} % of all calls were throttled, for any reason. The alarms for each reason say what "
        "to change. If traffic more than doubled within five minutes, capacity is on its way, and a higher "
        "min_execution_environments keeps more of it ready.",
    ),
    "concurrency_throttled_share": (
        _throttled(CONCURRENCY_THROTTLES),
        "More than {share:g} % of all calls were throttled because every execution environment was at its concurrency "
        "limit. Raise min_execution_environments; or max_execution_environments, if the version has reached it; or "
        "per_execution_environment_max_concurrency, if CPU and memory have room. Check max_v_cpu_count of the capacity "
        "provider.",
    ),
    "cpu_throttled_share": (
        _throttled(CPU_THROTTLES),
        "More than {share:g} % of all calls were throttled because CPU ran out. Raise memory_size, which brings vCPUs, "
        "or min_execution_environments, or lower per_execution_environment_max_concurrency.",
    ),
    "memory_throttled_share": (
        _throttled(MEMORY_THROTTLES),
        "More than {share:g} % of all calls were throttled because memory ran out. Raise memory_size, "
        "or lower per_execution_environment_max_concurrency.",
    ),
    "disk_throttled_share": (
        _throttled(DISK_THROTTLES),
        "More than {share:g} % of all calls were throttled because space in /tmp ran out, which all invocations in an "
        "execution environment share. Raise ephemeral_storage_size, or delete what handlers leave there.",
    ),
    "concurrency_utilization": (
        metrics.concurrency_utilization,
        "Execution environments use more than {share:g} % of the concurrency that they have, on average. Raise "
        "max_execution_environments, if the version has reached it; or min_execution_environments; or "
        "per_execution_environment_max_concurrency, if CPU and memory have room.",
    ),
    "cpu_utilization": (
        _one(ENVIRONMENT_CPU_UTILIZATION),
        "Execution environments use more than {share:g} % of their CPU, on average. Raise min_execution_environments "
        "or max_execution_environments, or memory_size, which brings vCPUs.",
    ),
    "memory_utilization": (
        _one(ENVIRONMENT_MEMORY_UTILIZATION),
        "An execution environment uses more than {share:g} % of its memory. If memory runs out, it is lost with the "
        "invocations in it. Raise memory_size, or lower per_execution_environment_max_concurrency.",
    ),
    "error_share": (
        metrics.error_share,
        "More than {share:g} % of invocations failed, with an error or a timeout. Check the function's logs.",
    ),
}
_P99 = "p99_share_of_timeout"
#: The alarms that end a rollout. The alarm for all throttles covers those for single reasons, which are left out.
ROLLBACK_TRIGGERS = (
    "throttled_share",
    "concurrency_utilization",
    "cpu_utilization",
    "memory_utilization",
    "error_share",
    _P99,
)
_V_CPUS = "v_cpu_share_of_max"
_OF_INSTANCES = {"cpu_utilization": (CPU_UTILIZATION, "CPU"), "memory_utilization": (MEMORY_UTILIZATION, "memory")}


@dataclass(frozen=True, kw_only=True)
class _Watch:
    """An alarm to define: when it goes off, and what it says."""

    metric: cloudwatch.IMetric
    #: The alarm goes off above this value.
    threshold: float
    description: str
    #: ``ignore`` to keep its state if there are too few samples for a percentile.
    low_samples: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Response:
    """The settings that all alarms of one call share."""

    evaluation_periods: int
    actions: Sequence[cloudwatch.IAlarmAction]
    ok_actions: Sequence[cloudwatch.IAlarmAction]

    def define(self, scope: Construct, watches: Mapping[str, _Watch]) -> dict[str, cloudwatch.Alarm]:
        """Define the alarms, each under the name of its keyword."""
        return {keyword: self._define(scope, keyword, watch) for keyword, watch in watches.items()}

    def _define(self, scope: Construct, keyword: str, watch: _Watch) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            scope,
            keyword.title().replace("_", ""),
            metric=watch.metric,
            threshold=watch.threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=self.evaluation_periods,
            # Missing data is not an alarm: a function that nobody calls, a version at zero and one that was
            # published a minute ago send no metrics.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=watch.description,
            evaluate_low_sample_count_percentile=watch.low_samples,
        )
        if self.actions:
            alarm.add_alarm_action(*self.actions)
        if self.ok_actions:
            alarm.add_ok_action(*self.ok_actions)
        return alarm


def add_function_alarms(
    scope: Construct,
    function: Metered,
    timeout: int | Unknown,
    *,
    throttled_share: float | None,
    concurrency_throttled_share: float | None,
    cpu_throttled_share: float | None,
    memory_throttled_share: float | None,
    disk_throttled_share: float | None,
    concurrency_utilization: float | None,
    cpu_utilization: float | None,
    memory_utilization: float | None,
    error_share: float | None,
    p99_share_of_timeout: float | None,
    evaluation_periods: int,
    actions: Sequence[cloudwatch.IAlarmAction],
    ok_actions: Sequence[cloudwatch.IAlarmAction],
) -> dict[str, cloudwatch.Alarm]:
    """Define the alarms of a function, except those that are ``None``. See ``ManagedInstanceFunction.add_alarms``."""
    arguments = Arguments(add_function_alarms, locals())
    shares = _shares(scope, arguments, (*_OF_FUNCTION, _P99))
    watches = {
        keyword: _Watch(
            metric=metric(function), threshold=shares[keyword], description=text.format(share=shares[keyword])
        )
        for keyword, (metric, text) in _OF_FUNCTION.items()
        if keyword in shares
    }
    if _P99 in shares and not isinstance(timeout, Unknown):
        watches[_P99] = _watch_p99(function, shares[_P99], timeout)
    return _define(scope, watches, arguments)


def _watch_p99(function: Metered, share: float, timeout: int) -> _Watch:
    return _Watch(
        metric=function.metric("Duration", statistic="p99"),
        threshold=timeout * _MILLISECONDS * share / _EVERYTHING,
        description=f"One invocation in a hundred takes more than {share:g} % of the timeout, {timeout} s, and is "
        "close to timing out. Check what it waits for, its CPU, and timeout.",
        low_samples="ignore",
    )


def add_capacity_provider_alarms(
    scope: Construct,
    capacity_provider: lambda_.ICapacityProvider,
    facts: CapacityProviderFacts,
    *,
    v_cpu_share_of_max: float | None,
    cpu_utilization: float | None,
    memory_utilization: float | None,
    evaluation_periods: int,
    actions: Sequence[cloudwatch.IAlarmAction],
    ok_actions: Sequence[cloudwatch.IAlarmAction],
) -> dict[str, cloudwatch.Alarm]:
    """Define the alarms of a capacity provider. See ``ManagedInstanceCapacityProvider.add_alarms``."""
    arguments = Arguments(add_capacity_provider_alarms, locals())
    shares = _shares(scope, arguments, (_V_CPUS, *_OF_INSTANCES))
    watches = {
        keyword: _watch_instances(capacity_provider, shares[keyword], measure, what)
        for keyword, (measure, what) in _OF_INSTANCES.items()
        if keyword in shares
    }
    if _V_CPUS in shares and not isinstance(facts.max_v_cpu_count, Unknown):
        allowed = () if isinstance(facts.allowed_instance_types, Unknown) else facts.allowed_instance_types
        watches[_V_CPUS] = _watch_v_cpus(capacity_provider, shares[_V_CPUS], facts.max_v_cpu_count, allowed)
    return _define(scope, watches, arguments)


def _watch_v_cpus(
    capacity_provider: lambda_.ICapacityProvider, share: float, max_v_cpu_count: int, allowed: tuple[str, ...]
) -> _Watch:
    """Watch the allocated share of the usable vCPUs. The cap is on instances, each of which reserves one vCPU.

    An exact figure would need the instances' own vCPUs from a second query, but an alarm can have only one.
    """
    smallest = v_cpus_of_instance(1, allowed)
    usable = v_cpus_under_cap(max_v_cpu_count, smallest)
    return _Watch(
        metric=over_instance_types(capacity_provider, V_CPU_ALLOCATED),
        threshold=usable * share / _EVERYTHING,
        description=f"More than {share:g} % of the vCPUs that execution environments can have are allocated: {usable}, "
        f"where max_v_cpu_count is {max_v_cpu_count} and the smallest instances have {smallest}. At the cap no "
        "instance is added: calls are throttled, and new versions fail. Raise max_v_cpu_count, and check that the "
        "account's EC2 quota allows as many vCPUs.",
    )


def _watch_instances(capacity_provider: lambda_.ICapacityProvider, share: float, measure: Measure, what: str) -> _Watch:
    return _Watch(
        metric=over_instance_types(capacity_provider, measure),
        threshold=share,
        description=f"The instances use more than {share:g} % of their {what}, on average. Find the function that "
        "uses it. Lower the target in scaling_options, or raise max_v_cpu_count if it has been reached.",
    )


def _shares(scope: Construct, arguments: Arguments, keywords: Sequence[str]) -> dict[str, float]:
    """Return the percentages of the requested alarms, by keyword; refuse values that are not percentages."""
    for keyword in keywords:
        share = arguments.usable(keyword)
        # Thresholds are calculated from it, and descriptions state it. A token is a number to Python, but a wrong one.
        if is_token(share):
            expected = "a percentage that is known when the app is synthesised, above 0 and up to 100, or None"
            arguments.note(keyword=keyword, given="a token", expected=expected)
        elif share is not None and not 0 < share <= _EVERYTHING:
            arguments.note(keyword=keyword, given=share, expected="a percentage, above 0 and up to 100, or None")
    periods = arguments.known("evaluation_periods")
    if periods is not UNKNOWN and not 1 <= periods <= _PERIODS_MAX:
        expected = f"1 to {_PERIODS_MAX} periods of five minutes, which is a day"
        arguments.note(keyword="evaluation_periods", given=periods, expected=expected)
    if isinstance(scope.node.try_find_child(_ID), Construct):
        instead = "pass all thresholds and actions to the first call, which returns the alarms"
        arguments.note(keyword="add_alarms", used_again="a second call", instead=instead)
    judge(scope, _ID, records=arguments.misfits, acknowledge=())
    wanted = {keyword: arguments.usable(keyword) for keyword in keywords}
    return {keyword: share for keyword, share in wanted.items() if share is not None}


def _define(scope: Construct, watches: Mapping[str, _Watch], arguments: Arguments) -> dict[str, cloudwatch.Alarm]:
    response = _Response(
        evaluation_periods=arguments.usable("evaluation_periods"),
        actions=arguments.usable("actions"),
        ok_actions=arguments.usable("ok_actions"),
    )
    with told_as_violation(scope, _ID):
        inside = Construct(scope, _ID)
    with told_as_violation(scope, _ID, undo=True):
        return response.define(inside, watches)
    raise AssertionError("what CDK refuses is raised")
