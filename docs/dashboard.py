"""Draw docs/images/dashboard.png: the dashboard that a function hands out, filled with sample data.

``python docs/dashboard.py`` writes it. Widgets, their places, titles, metrics and lines are those of the template that
CDK synthesises; the samples are made up here, and the picture says so.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import matplotlib as mpl
from aws_cdk import aws_lambda as lambda_

from cdk_lmi import ManagedInstanceCapacityProvider, ManagedInstanceFunction

mpl.use("agg")
from matplotlib import pyplot

PICTURE = Path(__file__).parent / "images" / "dashboard.png"
MARK = "sample data"
COLUMNS = 24
#: Inches of a dashboard's column and row.
WIDTH, HEIGHT = 0.62, 0.52
#: Six hours, every five minutes.
SAMPLES = range(73)
TYPES = ("c7i.xlarge", "c7i.2xlarge")
#: When traffic grew faster than capacity.
BURST = 38

Series = Callable[[int], float]


def traffic(at: int) -> float:
    """Give invocations in five minutes: a slow wave, and a burst that is served for half an hour."""
    burst = 15000 * math.exp(-(((at - BURST) / 3) ** 2))
    return 14000 + 5000 * math.sin(at / 14) + burst + 200 * math.sin(at * 1.7)


def load(at: int) -> float:
    """Give the traffic as a share of what was there to take it, which follows some samples later."""
    return traffic(at) / (1.35 * max(traffic(max(0, at - lag)) for lag in (2, 3, 4)))


def throttled(part: float) -> Series:
    """Give how many were turned away for a reason, where there was more than what was there could take."""
    return lambda at: part * max(0.0, load(at) - 0.92) * 9000


#: By metric and statistic, what is drawn for it.
SERIES: Mapping[tuple[str, str], Series] = {
    ("Invocations", "Sum"): traffic,
    ("Errors", "Sum"): lambda at: 12 + 9 * math.sin(at * 0.9),
    ("Duration", "p50"): lambda at: 42 + 9 * load(at),
    ("Duration", "p99"): lambda at: 160 + 260 * load(at) ** 4,
    ("ConcurrencyThrottles", "Sum"): throttled(0.7),
    ("CPUThrottles", "Sum"): throttled(0.3),
    ("MemoryThrottles", "Sum"): throttled(0),
    ("DiskThrottles", "Sum"): throttled(0),
    ("ExecutionEnvironmentConcurrency", "Average"): lambda at: min(16.0, 12.5 * load(at)),
    ("ExecutionEnvironmentConcurrencyLimit", "Average"): lambda at: 16,
    ("ExecutionEnvironmentCPUUtilization", "Average"): lambda at: min(100.0, 62 * load(at)),
    ("ExecutionEnvironmentCPUUtilization", "Maximum"): lambda at: min(100.0, 78 * load(at) + 2 * math.sin(at)),
    ("ExecutionEnvironmentMemoryUtilization", "Average"): lambda at: 48 + 9 * load(at),
    ("ExecutionEnvironmentMemoryUtilization", "Maximum"): lambda at: 59 + 11 * load(at),
    ("vCPUAllocated", "Sum"): lambda at: 8 * round(1 + max(traffic(max(0, at - lag)) for lag in range(3, 9)) / 4200),
    ("vCPUAvailable", "Sum"): lambda at: 5 + 2 * math.sin(at / 3),
    ("CPUUtilization", "Average"): lambda at: min(100.0, 58 * load(at)),
    ("MemoryUtilization", "Average"): lambda at: 51 + 6 * load(at),
}


def widgets() -> Sequence[Mapping[str, Any]]:
    """Give the widgets of the dashboard of a function and its pool, as they stand in the template."""
    stack = cdk.Stack(cdk.App(), "Shop")
    pool = ManagedInstanceCapacityProvider(stack, "Pool", max_v_cpu_count=100)
    function = ManagedInstanceFunction(
        stack,
        "ListOrders",
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="list_orders.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        capacity_provider=pool,
    )
    function.add_alarms()
    function.add_dashboard()
    found = cdk.assertions.Template.from_stack(stack).find_resources("AWS::CloudWatch::Dashboard")
    (dashboard,) = found.values()
    parts = dashboard["Properties"]["DashboardBody"]["Fn::Join"][1]
    body = json.loads("".join(part if isinstance(part, str) else "name" for part in parts))
    return list(body["widgets"])


def series_of(entry: Sequence[Any]) -> Sequence[tuple[str, Series, bool]]:
    """Give what a line of a widget shows: label, samples, and whether it stands on the right axis.

    An entry is a metric with its dimensions, "." for what is that of the one before, or a formula.
    """
    options = entry[-1] if isinstance(entry[-1], Mapping) else {}
    if "expression" in options:
        search = re.search(r'MetricName="(\w+)".*\'(\w+)\', \d+\)', options["expression"])
        if search is None:
            return [(options["label"], lambda at: throttled_percent(at), options.get("yAxis") == "right")]
        drawn = SERIES[search[1], search[2]]
        return [(f"{kind} {search[1]}", share(drawn, index), False) for index, kind in enumerate(TYPES)]
    if options.get("visible") is False:
        return []
    name, statistic = str(entry[1]), str(options.get("stat", "Average"))
    return [(f"{name} {statistic}", SERIES[name, statistic], options.get("yAxis") == "right")]


def share(series: Series, index: int) -> Series:
    """Give the part of an instance type: of what is counted two thirds and one, of a percentage about the same."""
    counted = series in (SERIES["vCPUAllocated", "Sum"], SERIES["vCPUAvailable", "Sum"])
    return lambda at: series(at) * ((2 / 3, 1 / 3)[index] if counted else (1, 0.92)[index])


def throttled_percent(at: int) -> float:
    """Give the percentage of all calls that were turned away."""
    turned_away = throttled(1)(at)
    return 100 * turned_away / (traffic(at) + turned_away)


def main() -> int:
    """Draw it."""
    found = widgets()
    rows = max(widget["y"] + widget["height"] for widget in found)
    figure = pyplot.figure(figsize=(COLUMNS * WIDTH, rows * HEIGHT + 0.4), dpi=100)
    for widget in found:
        place(figure, widget, rows)
    figure.text(0.995, 0.006, f"{MARK}, not a measurement", ha="right", fontsize=11, color="firebrick")
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, metadata={"Software": None})
    print(f"wrote {PICTURE.relative_to(PICTURE.parent.parent.parent)}")
    return 0


def place(figure: Any, widget: Mapping[str, Any], rows: int) -> None:
    """Draw one widget where the dashboard has it."""
    left, width = widget["x"] / COLUMNS, widget["width"] / COLUMNS
    bottom, height = 1 - (widget["y"] + widget["height"]) / (rows + 0.8), widget["height"] / (rows + 0.8)
    properties = widget["properties"]
    if widget["type"] == "text":
        heading = properties["markdown"].lstrip("# ")
        figure.text(left + 0.012, bottom + height / 2, heading, fontsize=14, weight="bold", va="center")
        return
    axes = figure.add_axes((left + 0.04, bottom + 0.26 * height, width - 0.075, 0.58 * height))
    axes.set_title(f"{properties['title']} ({MARK})", fontsize=9, loc="left")
    draw(axes, properties)


def draw(axes: Any, properties: Mapping[str, Any]) -> None:
    """Draw the lines of a graph."""
    hours = [at / 12 for at in SAMPLES]
    lines = [line for entry in properties["metrics"] for line in series_of(entry)]
    left = [(label, [series(at) for at in SAMPLES]) for label, series, right in lines if not right]
    labels = [label for label, _ in left]
    if properties["stacked"]:
        axes.stackplot(hours, *(values for _, values in left), labels=labels, alpha=0.75)
    else:
        for label, values in left:
            axes.plot(hours, values, label=label, linewidth=1.3)
    for annotation in properties.get("annotations", {}).get("horizontal", []):
        axes.axhline(annotation["value"], color="firebrick", linestyle="--", linewidth=1, label=annotation["label"])
    axes.set_xlim(hours[0], hours[-1])
    axes.set_ylim(bottom=0, top=properties["yAxis"]["left"].get("max"))
    axes.set_ylabel(properties["yAxis"]["left"].get("label", ""), fontsize=7)
    axes.set_xticks(range(7), [f"{8 + hour}:00" for hour in range(7)])
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.25)
    handles, names = axes.get_legend_handles_labels()
    for label, series, right in lines:
        if right:
            other = axes.twinx()
            handles += other.plot(hours, [series(at) for at in SAMPLES], color="black", linewidth=1)
            names.append(label)
            other.set_ylim(bottom=0, top=properties["yAxis"]["right"].get("max"))
            other.tick_params(labelsize=7)
            other.set_ylabel("%", fontsize=7)
    axes.legend(handles, names, fontsize=6, loc="upper left", bbox_to_anchor=(-0.03, -0.14), ncols=2, frameon=False)


if __name__ == "__main__":
    sys.exit(main())
