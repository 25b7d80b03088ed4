"""Metrics: under the names and dimensions that Lambda sends them, of the version that is live."""

import json
import subprocess
import sys

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

from cdk_lmi import ManagedInstanceCapacityProvider, ManagedInstanceFunction
from cdk_lmi.operate.metrics import (
    CAPACITY_PROVIDER_METRICS,
    EXECUTION_ENVIRONMENT_METRICS,
    THROTTLE_METRICS,
    throttled_share,
)

#: As Lambda's guide names them, https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-monitoring.html
#: (read 2026-11-24), with the methods that hand them out.
OF_VERSIONS = {
    "ExecutionEnvironmentConcurrency": "metric_execution_environment_concurrency",
    "ExecutionEnvironmentConcurrencyLimit": "metric_execution_environment_concurrency_limit",
    "ExecutionEnvironmentCPUUtilization": "metric_execution_environment_cpu_utilization",
    "ExecutionEnvironmentMemoryUtilization": "metric_execution_environment_memory_utilization",
}
OF_THROTTLES = {
    "ConcurrencyThrottles": "metric_concurrency_throttles",
    "CPUThrottles": "metric_cpu_throttles",
    "MemoryThrottles": "metric_memory_throttles",
    "DiskThrottles": "metric_disk_throttles",
}
OF_PROVIDERS = {
    "CPUUtilization": "metric_cpu_utilization",
    "MemoryUtilization": "metric_memory_utilization",
    "vCPUAvailable": "metric_v_cpu_available",
    "vCPUAllocated": "metric_v_cpu_allocated",
    "MemoryAvailable": "metric_memory_available",
    "MemoryAllocated": "metric_memory_allocated",
}


@pytest.fixture
def in_a_template(only):
    """Give a metric as an alarm in a template has it."""

    def properties(stack, metric):
        cloudwatch.Alarm(stack, "Alarm", metric=metric, threshold=1, evaluation_periods=1)
        return only(stack, "AWS::CloudWatch::Alarm")["Properties"]

    return properties


def dimensions(properties):
    """Give the dimensions of a metric in a template."""
    return {dimension["Name"]: dimension["Value"] for dimension in properties["Dimensions"]}


def test_the_names_are_those_of_the_guide():
    """None is missing and none is made up; each says where it is from."""
    assert {measure.name for measure in EXECUTION_ENVIRONMENT_METRICS} == set(OF_VERSIONS)
    assert {measure.name for measure in THROTTLE_METRICS} == set(OF_THROTTLES)
    assert {measure.name for measure in CAPACITY_PROVIDER_METRICS} == set(OF_PROVIDERS)
    for measure in (*EXECUTION_ENVIRONMENT_METRICS, *THROTTLE_METRICS, *CAPACITY_PROVIDER_METRICS):
        assert measure.source.startswith("https://docs.aws.amazon.com/lambda/")
        assert measure.read


@pytest.mark.parametrize(("name", "method"), OF_VERSIONS.items())
@pytest.mark.parametrize("by_name", [False, True])
def test_execution_environments_are_those_of_the_live_version(
    stack, define, in_a_template, resources, name, method, by_name
):
    """By the number that the alias serves: Lambda tells nothing of execution environments by alias."""
    function = define()
    properties = in_a_template(stack, function.metric(name) if by_name else getattr(function, method)())
    (version,) = resources(stack, "AWS::Lambda::Version")
    (pool,) = resources(stack, "AWS::Lambda::CapacityProvider")
    assert (properties["Namespace"], properties["MetricName"], properties["Period"]) == ("AWS/Lambda", name, 300)
    assert dimensions(properties) == {
        "CapacityProviderName": {"Ref": pool},
        "FunctionName": {"Ref": "ListOrdersFunction45FE0E53"},
        "Resource": {
            "Fn::Join": ["", [{"Ref": "ListOrdersFunction45FE0E53"}, ":", {"Fn::GetAtt": [version, "Version"]}]]
        },
    }


@pytest.mark.parametrize(("name", "method"), OF_THROTTLES.items())
def test_throttles_are_those_of_the_alias(stack, define, in_a_template, name, method):
    """As Throttles, beside which they come."""
    function = define()
    properties = in_a_template(stack, getattr(function, method)())
    assert (properties["Namespace"], properties["MetricName"]) == ("AWS/Lambda", name)
    assert (properties["Statistic"], properties["Period"]) == ("Sum", 300)
    assert dimensions(properties) == {
        "FunctionName": {"Ref": "ListOrdersFunction45FE0E53"},
        "Resource": {"Fn::Join": ["", [{"Ref": "ListOrdersFunction45FE0E53"}, ":live"]]},
    }


@pytest.mark.parametrize(("name", "method"), OF_PROVIDERS.items())
@pytest.mark.parametrize("instance_type", [None, "m7g.xlarge"])
def test_of_capacity_providers(stack, in_a_template, name, method, instance_type):
    """Of one instance type, or under the name of the capacity provider alone."""
    pool = ManagedInstanceCapacityProvider(stack, "Pool")
    properties = in_a_template(stack, getattr(pool, method)(instance_type=instance_type))
    assert (properties["Namespace"], properties["MetricName"], properties["Period"]) == ("AWS/Lambda", name, 300)
    by_name = {"CapacityProviderName": stack.resolve(pool.capacity_provider_name)}
    by_type = {"InstanceType": instance_type} if instance_type else {}
    assert dimensions(properties) == {**by_name, **by_type}


@pytest.mark.parametrize("method", [*OF_VERSIONS.values(), *OF_THROTTLES.values()])
def test_statistic_and_period_can_be_chosen(define, method):
    """As for every metric of CDK's."""
    metric = getattr(define(), method)(statistic="p90", period=cdk.Duration.minutes(15))
    assert (metric.statistic, metric.period.to_minutes()) == ("p90", 15)


@pytest.mark.parametrize("statistic", ["Maximum", "SampleCount"])
def test_statistic_of_a_capacity_provider_can_be_chosen(stack, statistic):
    """As for every metric of CDK's."""
    pool = ManagedInstanceCapacityProvider(stack, "Pool")
    for method in OF_PROVIDERS.values():
        assert getattr(pool, method)(statistic=statistic).statistic == statistic


def test_of_an_imported_capacity_provider(stack, define, in_a_template):
    """By the name in its ARN."""
    arn = "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool"
    provider = lambda_.CapacityProvider.from_capacity_provider_arn(stack, "Pool", arn)
    metric = define(capacity_provider=provider).metric_execution_environment_concurrency()
    assert dimensions(in_a_template(stack, metric))["CapacityProviderName"] == "pool"


def test_new_code_moves_the_metrics(define, in_a_template):
    """Synthesised twice, with other code the second time: the number is that of another version."""

    def resource(code):
        stack = cdk.Stack(cdk.App(), "Shop")
        metric = define(scope=stack, code=lambda_.Code.from_inline(code)).metric_execution_environment_cpu_utilization()
        return dimensions(in_a_template(stack, metric))["Resource"]

    assert resource("one") == resource("one")
    assert resource("one") != resource("two")


def test_the_throttled_share_is_of_all_calls(define):
    """What was turned away is not among Invocations, of which nothing is told where all was turned away."""
    expression = throttled_share(define())
    formula = expression.expression.replace("FILL(invocations, 0)", "invocations")
    assert set(expression.using_metrics) == {"invocations", "throttles"}

    def share(**samples):
        return eval(formula, {}, samples)

    assert share(invocations=99, throttles=1) == 1
    assert share(invocations=0, throttles=7) == 100
    assert share(invocations=50, throttles=0) == 0
    assert "FILL(invocations, 0)" in expression.expression


def test_who_wants_none_loads_none_of_it():
    """A function with no alarm, schedule or rollout costs the modules of none."""
    script = """
import sys, aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from cdk_lmi import ManagedInstanceFunction
ManagedInstanceFunction(cdk.Stack(), "F", runtime=lambda_.Runtime.PYTHON_3_14, handler="a.b",
                        code=lambda_.Code.from_inline("x"))
print([name for name in ("cloudwatch", "codedeploy", "scheduler") if f"aws_cdk.aws_{name}" in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def monitored(outdir, code, watch):
    """Define a function with this code and something that watches it in a stack of its own; give both templates."""
    app = cdk.App(outdir=str(outdir))
    shop, monitoring = cdk.Stack(app, "Shop"), cdk.Stack(app, "Monitoring")
    function = ManagedInstanceFunction(
        shop,
        "Orders",
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="index.handler",
        code=lambda_.Code.from_inline(code),
    )
    watch(monitoring, function)
    return [app.synth().get_stack_by_name(name).template for name in ("Shop", "Monitoring")]


@pytest.mark.parametrize(
    "watch",
    [
        lambda stack, function: cloudwatch.Dashboard(stack, "Dashboard").add_widgets(*function.widgets()),
        lambda stack, function: function.metric_execution_environment_memory_utilization().create_alarm(
            stack, "Alarm", threshold=90, evaluation_periods=2
        ),
        lambda stack, function: cdk.CfnOutput(stack, "Number", value=function.version.version),
    ],
    ids=["dashboard", "alarm", "number"],
)
def test_what_watches_from_another_stack_holds_up_no_deployment(tmp_path, watch):
    """CloudFormation removes no export that a deployed stack imports, and a new version is another export."""
    before, watching = monitored(tmp_path / "1", "def handler(event, context): return 1", watch)
    after, _ = monitored(tmp_path / "2", "def handler(event, context): return 2", watch)
    assert before["Outputs"].keys() != after["Outputs"].keys()
    exports, kept = (
        {output["Export"]["Name"] for output in template["Outputs"].values() if "Export" in output}
        for template in (before, after)
    )
    assert exports == kept
    assert "Fn::GetStackOutput" in json.dumps(watching)


def test_the_number_is_read_without_an_export_where_somebody_asks_for_it(define, monkeypatch):
    """One call to Node for all metrics of a function, and none for a function that has no metrics."""
    asked = []
    monkeypatch.setattr(lambda_.Version, "apply_cross_stack_reference_strength", lambda *args: asked.append(args))
    function = define()
    function.metric_errors()
    assert asked == []
    function.widgets()
    assert asked == [(function.version, cdk.ReferenceStrength.WEAK)]


def test_who_wants_another_strength_has_it(tmp_path):
    """As in a change from one to the other, which takes both for a while."""

    def watch(stack, function):
        function.version.apply_cross_stack_reference_strength(cdk.ReferenceStrength.BOTH)
        cloudwatch.Dashboard(stack, "Dashboard").add_widgets(*function.widgets())

    shop, _ = monitored(tmp_path, "def handler(event, context): ...", watch)
    assert any("Version" in output["Export"]["Name"] for output in shop["Outputs"].values() if "Export" in output)
