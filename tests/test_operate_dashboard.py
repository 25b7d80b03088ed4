"""Widgets and the ready dashboard: what they show, and that others can take them."""

import importlib
import json
from pathlib import Path

import cdk_monitoring_constructs as monitoring
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

from cdk_lmi import ManagedInstanceCapacityProvider
from cdk_lmi.operate.metrics import EXECUTION_ENVIRONMENT_METRICS, THROTTLE_METRICS

DASHBOARD = "AWS::CloudWatch::Dashboard"
DOCS = Path(__file__).parent.parent / "docs"


@pytest.fixture
def body(only):
    """Give what a dashboard of a stack holds, references as text."""

    def widgets(stack):
        written = only(stack, DASHBOARD)["Properties"]["DashboardBody"]["Fn::Join"][1]
        text = "".join(part if isinstance(part, str) else next(iter(map(str, part.values()))) for part in written)
        return json.loads(text)["widgets"]

    return widgets


def overlap(one, other):
    """Tell whether two widgets lie over one another."""
    beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
    below = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
    return not (beside or below)


def test_the_ready_one(stack, define, body):
    """The function and its pool, side by side and nowhere over one another."""
    define().add_dashboard()
    widgets = body(stack)
    assert [widget["type"] for widget in widgets].count("text") == 2
    assert len(widgets) == 11
    lines = [sum(w["width"] for w in widgets if w["y"] == y) for y in sorted({widget["y"] for widget in widgets})]
    assert lines == [24] * 5
    assert not any(overlap(a, b) for index, a in enumerate(widgets) for b in widgets[index + 1 :])


def test_every_metric_is_on_it(stack, define, body):
    """Of execution environments and of throttles, and those of the instances by their types."""
    define().add_dashboard()
    shown = json.dumps(body(stack))
    for measure in (*EXECUTION_ENVIRONMENT_METRICS, *THROTTLE_METRICS):
        assert f'"{measure.name}"' in shown
    for name in ("vCPUAllocated", "vCPUAvailable", "CPUUtilization", "MemoryUtilization"):
        assert f'MetricName=\\"{name}\\"' in shown
    assert "AWS/Lambda,CapacityProviderName,InstanceType" in shown


def test_periods_are_those_of_the_metrics(stack, define, body):
    """Five minutes; anything shorter would show gaps."""
    define().add_dashboard()
    assert {widget["properties"]["period"] for widget in body(stack) if widget["type"] == "metric"} == {300}


def test_periods_stay_whatever_is_looked_at(stack, define, only):
    """Over days CloudWatch would else take an hour, and add up twelve times what is told every five minutes."""
    define().add_dashboard()
    written = only(stack, DASHBOARD)["Properties"]["DashboardBody"]["Fn::Join"][1]
    assert '"periodOverride":"inherit"' in str(written)


@pytest.mark.parametrize("id", ["Dashboard", ""])
def test_a_name_that_does_not_do_is_refused(define, refused, id):
    """As everything else is, and the dashboard that there is stays."""
    function = define()
    function.add_dashboard()
    assert refused(lambda: function.add_dashboard(id)) == ["LMI006"]
    assert function.add_dashboard("Other")


@pytest.mark.parametrize(
    ("alarms", "lines"),
    [(None, {}), ({}, {"CPU": 80, "Memory": 90}), ({"cpu_utilization": 60, "memory_utilization": None}, {"CPU": 60})],
    ids=str,
)
def test_the_thresholds_of_its_alarms_are_drawn(stack, define, body, alarms, lines):
    """Those, and none where there is no alarm."""
    function = define()
    if alarms is not None:
        function.add_alarms(**alarms)
    function.add_dashboard()
    graphs = [w["properties"] for w in body(stack) if "of execution environments" in str(w["properties"].get("title"))]
    drawn = {graph["title"].split()[0]: graph["annotations"] for graph in graphs if "annotations" in graph}
    assert {what: annotations["horizontal"][0]["value"] for what, annotations in drawn.items()} == lines


@pytest.mark.parametrize("max_v_cpu_count", [None, 200])
def test_the_cap_is_drawn_where_it_is_known(stack, define, body, max_v_cpu_count):
    """That of the capacity provider, or the 400 that Lambda takes."""
    pool = ManagedInstanceCapacityProvider(stack, "Pool", max_v_cpu_count=max_v_cpu_count)
    define(capacity_provider=pool).add_dashboard()
    (graph,) = (w for w in body(stack) if "vCPU" in str(w["properties"].get("title")))
    assert graph["properties"]["annotations"]["horizontal"][0]["value"] == (max_v_cpu_count or 400)


def test_of_a_pool_of_somebody_elses(stack, define, body):
    """The function alone."""
    arn = "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:pool"
    define(capacity_provider=lambda_.CapacityProvider.from_capacity_provider_arn(stack, "P", arn)).add_dashboard("Ops")
    assert len(body(stack)) == 7


def test_several_on_one_dashboard_of_the_users_own(stack, define, body):
    """Each under a heading, which is its path unless it is told."""
    pool = ManagedInstanceCapacityProvider(stack, "Pool")
    functions = [define(id, capacity_provider=pool) for id in ("ListOrders", "Search")]
    dashboard = cloudwatch.Dashboard(stack, "Operations")
    dashboard.add_widgets(*functions[0].widgets(), *functions[1].widgets("Search"), *pool.widgets())
    headings = [widget["properties"]["markdown"] for widget in body(stack) if widget["type"] == "text"]
    assert headings == ["## Shop/ListOrders", "## Search", "## Shop/Pool"]


def test_beside_cdk_monitoring_constructs(stack, define, body):
    """Its facade takes them for widgets of any kind, in one dashboard with its own."""
    function = define()
    facade = monitoring.MonitoringFacade(
        stack,
        "Monitoring",
        dashboard_factory=monitoring.DefaultDashboardFactory(stack, "Factory", dashboard_name_prefix="Shop"),
    )
    facade.monitor_lambda_function(lambda_function=function.function)
    for widget in function.widgets():
        facade.add_widget(widget)
    shown = json.dumps(body(stack))
    assert '"ExecutionEnvironmentConcurrency"' in shown
    assert "## Shop/ListOrders" in shown


def test_the_picture_of_the_docs_can_be_drawn(monkeypatch, tmp_path):
    """There are samples for each metric that the dashboard shows, and the picture says what they are."""
    monkeypatch.syspath_prepend(str(DOCS))
    dashboard = importlib.import_module("dashboard")
    graphs = [widget["properties"] for widget in dashboard.widgets() if widget["type"] == "metric"]
    assert all(dashboard.series_of(graph["metrics"][0]) for graph in graphs)
    picture = tmp_path / "docs" / "images" / "dashboard.png"
    picture.parent.mkdir(parents=True)
    monkeypatch.setattr(dashboard, "PICTURE", picture)
    assert dashboard.main() == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "sample" in dashboard.MARK
