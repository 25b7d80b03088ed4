"""Alarms: which there are, when they go off, what they say, and what they do then."""

import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns

from cdk_lmi import ManagedInstanceCapacityProvider, ManagedInstanceError, ManagedInstanceFunction

ALARM = "AWS::CloudWatch::Alarm"
#: What each alarm of a function watches, when it goes off, and the keywords that its description must name.
OF_FUNCTION = {
    "throttled_share": ("Throttles", 1, ["min_execution_environments"]),
    "concurrency_throttled_share": (
        "ConcurrencyThrottles",
        1,
        ["max_execution_environments", "per_execution_environment_max_concurrency", "max_v_cpu_count"],
    ),
    "cpu_throttled_share": ("CPUThrottles", 1, ["memory_size"]),
    "memory_throttled_share": ("MemoryThrottles", 1, ["memory_size", "per_execution_environment_max_concurrency"]),
    "disk_throttled_share": ("DiskThrottles", 1, ["ephemeral_storage_size"]),
    "concurrency_utilization": ("ExecutionEnvironmentConcurrency", 90, ["max_execution_environments"]),
    "cpu_utilization": ("ExecutionEnvironmentCPUUtilization", 80, ["memory_size"]),
    "memory_utilization": (
        "ExecutionEnvironmentMemoryUtilization",
        90,
        ["memory_size", "per_execution_environment_max_concurrency"],
    ),
    "error_share": ("Errors", 1, []),
    "p99_share_of_timeout": ("Duration", 2400, ["timeout"]),
}
OF_POOL = {
    # 50 instances of 4 vCPUs, one of which runs no execution environment.
    "v_cpu_share_of_max": ("SUM(vCPUAllocated)", 120, ["max_v_cpu_count"]),
    "cpu_utilization": ("AVG(CPUUtilization)", 80, ["scaling_options"]),
    "memory_utilization": ("AVG(MemoryUtilization)", 90, ["max_v_cpu_count"]),
}


@pytest.fixture
def pool(stack):
    """A pool of 200 vCPUs."""
    return ManagedInstanceCapacityProvider(stack, "Pool", max_v_cpu_count=200)


@pytest.fixture
def alarm_of(stack, resources):
    """Give the properties of an alarm as it stands in the template."""
    return lambda alarm: resources(stack, ALARM)[stack.get_logical_id(alarm.node.default_child)]["Properties"]


def queries(properties):
    """Give the one metric of an alarm, or all that its expression is made of."""
    return properties.get("Metrics") or [{"MetricStat": {"Metric": properties}}]


def watched(properties):
    """Give the names of the metrics that an alarm is made of."""
    return {query["MetricStat"]["Metric"]["MetricName"] for query in queries(properties) if "MetricStat" in query}


@pytest.mark.parametrize("keyword", OF_FUNCTION)
def test_each_alarm_of_a_function(define, alarm_of, keyword):
    """Watches the right metric every five minutes, goes off above its threshold, and names the knob to turn."""
    name, threshold, knobs = OF_FUNCTION[keyword]
    alarms = define().add_alarms()
    properties = alarm_of(alarms[keyword])
    assert name in watched(properties)
    assert (properties["Threshold"], properties["ComparisonOperator"]) == (threshold, "GreaterThanThreshold")
    assert properties["EvaluationPeriods"] == 2
    assert properties["TreatMissingData"] == "notBreaching"
    assert all(knob in properties["AlarmDescription"] for knob in knobs)
    assert len(properties["AlarmDescription"]) <= 1024
    assert {query["MetricStat"].get("Period", properties.get("Period")) for query in queries(properties)[1:]} <= {300}


@pytest.mark.parametrize("keyword", OF_POOL)
def test_each_alarm_of_a_capacity_provider(pool, alarm_of, keyword):
    """Over all instance types, by the dimensions that the guide documents."""
    query, threshold, knobs = OF_POOL[keyword]
    properties = alarm_of(pool.add_alarms()[keyword])
    (metric,) = properties["Metrics"]
    written = "".join(part if isinstance(part, str) else "<name>" for part in metric["Expression"]["Fn::Join"][1])
    assert written == (
        f'SELECT {query} FROM SCHEMA("AWS/Lambda", CapacityProviderName, InstanceType) '
        "WHERE CapacityProviderName = '<name>'"
    )
    assert (metric["Period"], properties["Threshold"]) == (300, threshold)
    assert all(knob in properties["AlarmDescription"] for knob in knobs)


def test_there_are_no_others(define, pool):
    """Each is under its keyword."""
    assert set(define(capacity_provider=pool).add_alarms()) == set(OF_FUNCTION)
    assert set(pool.add_alarms()) == set(OF_POOL)


@pytest.mark.parametrize("keyword", OF_FUNCTION)
def test_each_alarm_of_a_function_can_be_left_out_and_moved(stack, define, alarm_of, keyword):
    """By its keyword alone."""
    assert set(define().add_alarms(**{keyword: None})) == set(OF_FUNCTION) - {keyword}
    moved = define("Search").add_alarms(**{keyword: 40})
    expected = 1200 if keyword == "p99_share_of_timeout" else 40
    assert alarm_of(moved[keyword])["Threshold"] == expected


@pytest.mark.parametrize("keyword", OF_POOL)
def test_each_alarm_of_a_pool_can_be_left_out(pool, keyword):
    """By its keyword alone."""
    assert set(pool.add_alarms(**{keyword: None})) == set(OF_POOL) - {keyword}


def test_actions_and_periods(stack, define, pool, alarm_of):
    """For every alarm."""
    topic = cloudwatch_actions.SnsAction(sns.Topic(stack, "Night"))
    options = {"actions": [topic], "ok_actions": [topic], "evaluation_periods": 3}
    for alarms in (define(capacity_provider=pool).add_alarms(**options), pool.add_alarms(**options)):
        for alarm in alarms.values():
            properties = alarm_of(alarm)
            assert len(properties["AlarmActions"]) == len(properties["OKActions"]) == 1
            assert properties["EvaluationPeriods"] == 3


@pytest.mark.parametrize(
    "keywords",
    [
        {"throttled_share": 0},
        {"cpu_utilization": 101},
        {"error_share": "1"},
        {"p99_share_of_timeout": -5},
        {"evaluation_periods": 0},
        {"evaluation_periods": 1.5},
        {"evaluation_periods": 289},
        {"actions": "topic"},
    ],
)
def test_what_does_not_fit_is_refused(define, refused, keywords):
    """Before anything is defined, so that it can be put right."""
    function = define()
    assert refused(lambda: function.add_alarms(**keywords)) == ["LMI001"]
    assert function.add_alarms()


@pytest.mark.parametrize("keyword", OF_FUNCTION)
def test_a_token_is_no_threshold_of_a_function(stack, define, refused, keyword):
    """To Python it is a number, which descriptions would tell and thresholds be reckoned from."""
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
    function = define()
    assert refused(lambda: function.add_alarms(**{keyword: number})) == ["LMI001"]
    assert function.node.try_find_child("Alarms") is None


@pytest.mark.parametrize("keyword", OF_POOL)
def test_a_token_is_no_threshold_of_a_pool(stack, pool, refused, keyword):
    """Nor there."""
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
    assert refused(lambda: pool.add_alarms(**{keyword: number})) == ["LMI001"]


def test_they_may_look_back_for_a_day(define, alarm_of):
    """As far as CloudWatch lets alarms of five minutes."""
    alarms = define().add_alarms(evaluation_periods=288)
    assert alarm_of(alarms["error_share"])["EvaluationPeriods"] * 300 == 86400


def test_the_timeout_is_the_one_that_is_deployed(define, alarm_of):
    """Also where it was changed at the resource."""
    function = define()
    function.function.node.default_child.timeout = 60
    properties = alarm_of(function.add_alarms()["p99_share_of_timeout"])
    assert properties["Threshold"] == 48000
    assert "60 s" in properties["AlarmDescription"]


def test_a_percentile_of_few_samples_is_ignored(define, alarm_of):
    """Of ten calls, the slowest is not one in a hundred. Others have no percentile."""
    stated = {
        keyword: alarm_of(alarm).get("EvaluateLowSampleCountPercentile")
        for keyword, alarm in define().add_alarms().items()
    }
    assert stated.pop("p99_share_of_timeout") == "ignore"
    assert set(stated.values()) == {None}


@pytest.mark.parametrize(
    ("options", "usable"),
    [
        ({"max_v_cpu_count": 200}, 150),
        ({"max_v_cpu_count": 12}, 9),
        ({"max_v_cpu_count": 15}, 9),
        (
            {
                "max_v_cpu_count": 200,
                "instance_type_filter": lambda_.InstanceTypeFilter.allow([ec2.InstanceType("m7i.2xlarge")]),
            },
            175,
        ),
        # One type leaves its size open, and may be smaller than the other.
        (
            {
                "max_v_cpu_count": 200,
                "instance_type_filter": lambda_.InstanceTypeFilter.allow(
                    [ec2.InstanceType("m7i.*"), ec2.InstanceType("m7i.16xlarge")]
                ),
            },
            150,
        ),
        ({"max_v_cpu_count": 2}, 1),
    ],
)
def test_a_pool_that_is_full_is_told_of(stack, alarm_of, options, usable):
    """Instances are whole, and each keeps a vCPU: what execution environments can have is less than the cap."""
    pool = ManagedInstanceCapacityProvider(stack, "Pool", **options)
    threshold = alarm_of(pool.add_alarms(v_cpu_share_of_max=100)["v_cpu_share_of_max"])["Threshold"]
    assert threshold == usable


def test_several_that_do_not_fit_are_told_at_once(pool, refused):
    """One error for both."""
    assert refused(lambda: pool.add_alarms(v_cpu_share_of_max=0, cpu_utilization=200)) == ["LMI001", "LMI001"]


def test_alarms_twice_are_refused(define, refused):
    """In words, and those that there are stay."""
    function = define()
    function.add_alarms()
    assert refused(function.add_alarms) == ["LMI007"]
    with pytest.raises(ManagedInstanceError, match="add_alarms must be used once, got a second call"):
        function.add_alarms()
    assert function.node.try_find_child("Alarms") is not None


def test_what_is_not_known_has_no_alarm(stack, define):
    """A timeout, a number of vCPUs that are only known when deployed."""
    number: Any = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
    pool = ManagedInstanceCapacityProvider(stack, "Pool", max_v_cpu_count=number)
    function = define(capacity_provider=pool, timeout=cdk.Duration.seconds(number))
    assert set(OF_FUNCTION) - set(function.add_alarms()) == {"p99_share_of_timeout"}
    assert set(OF_POOL) - set(pool.add_alarms()) == {"v_cpu_share_of_max"}


def test_of_an_adopted_function(stack, alarm_of):
    """With the timeout that it came with."""
    built = lambda_.Function(
        stack,
        "Own",
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="index.handler",
        code=lambda_.Code.from_inline("x"),
        timeout=cdk.Duration.seconds(10),
    )
    alarms = ManagedInstanceFunction.from_function(stack, "ListOrders", function=built).add_alarms()
    assert alarm_of(alarms["p99_share_of_timeout"])["Threshold"] == 8000


def test_alarms_move_with_the_version(define):
    """Synthesised twice, with other code the second time: those of execution environments watch the new version."""

    def versions(code):
        stack = cdk.Stack(cdk.App(), "Shop")
        define(scope=stack, code=lambda_.Code.from_inline(code)).add_alarms()
        found = cdk.assertions.Template.from_stack(stack).to_json()["Resources"]
        (version,) = (id for id, resource in found.items() if resource["Type"] == "AWS::Lambda::Version")
        alarms = {id: str(resource) for id, resource in found.items() if resource["Type"] == ALARM}
        named = {
            id: set(re.findall(r"'(ListOrdersFunctionCurrentVersion\w+)', 'Version'", a)) for id, a in alarms.items()
        }
        return version, named

    (first, before), (second, after) = versions("one"), versions("two")
    assert first != second
    assert set(before) == set(after)
    of_environments = {id for id, named in before.items() if named}
    assert len(of_environments) == 3
    assert all(before[id] == {first} and after[id] == {second} for id in of_environments)
