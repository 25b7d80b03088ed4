"""Time the judging of templates against cfn-lint and cloudformation-validate, in one run: make bench

Three questions, about the template of the orders API: what one call of check() takes, what a whole process takes for
one template and for many, start-up included, and how the time grows with the number of resources.

The three tools do not look for the same things: each does here what it does for its users.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from figures import Aim, Result, Table, arguments, progress, show, versions

from cdk_lmi import RULES, check_template
from cdk_lmi.rules.engine import check
from cdk_lmi.template.intrinsics import Template
from cdk_lmi.template.publication import FUNCTION
from cdk_lmi.template.survey import Survey

EXAMPLE = Path(__file__).parent.parent / "examples" / "orders_api"
AIM_MICROSECONDS = 100
AIM_RATIO = 10
SIZES = (100, 300, 1_000, 3_000, 10_000)

WITH_CLOUDFORMATION_VALIDATE = """
import sys
from cloudformation_validate import CompositeEngine
engine = CompositeEngine()
for path in sys.argv[1:]:
    print(path, len(engine.validate_template(path).diagnostics))
"""
#: How each tool is run by its users, the paths to follow.
TOOLS: Mapping[str, Sequence[str]] = {
    "cdk-lmi": [str(Path(sys.executable).with_name("cdk-lmi")), "check"],
    "cfn-lint": [str(Path(sys.executable).with_name("cfn-lint")), "--non-zero-exit-code", "none", "--"],
    "cloudformation-validate": [sys.executable, "-c", WITH_CLOUDFORMATION_VALIDATE],
}
OURS = "cdk-lmi"


@dataclass(frozen=True)
class Comparison:
    """What whole processes took for a number of templates. The runs of a turn come one after the other."""

    templates: int
    tool: str
    runs: int
    seconds: float
    #: This tool's time over that of cdk-lmi in the same turn.
    ratio: float
    ratio_min: float
    ratio_max: float


@dataclass(frozen=True)
class Growth:
    """What a template of so many resources took in this process."""

    resources: int
    milliseconds: float
    microseconds_per_resource: float


def example(directory: Path) -> Path:
    """Synthesise the orders API, its functions not bundled, and give its template."""
    subprocess.run(
        [sys.executable, "app.py"],
        cwd=EXAMPLE,
        env={
            **os.environ,
            "CDK_OUTDIR": str(directory),
            "CDK_CONTEXT_JSON": json.dumps({"aws:cdk:bundling-stacks": []}),
        },
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    (template,) = directory.glob("*.template.json")
    return template


def call(document: Mapping[str, Any]) -> tuple[int, float]:
    """Time one check() of a function on Managed Instances, every fact of it known or not as the template has it."""
    survey = Survey(Template(document))
    facts = next(
        facts
        for id in survey.template.of_type(FUNCTION)
        for facts, _ in survey.function_facts(id)
        if facts.has_capacity_provider
    )
    times = timeit.repeat(lambda: check(facts, RULES), number=1_000, repeat=7)
    return len(RULES), min(times) / 1_000 * 1e6


def processes(paths: Sequence[str], runs: int) -> list[Comparison]:
    """Time every tool as a whole process, in turn."""
    times: dict[str, list[float]] = {tool: [] for tool in TOOLS}
    for _ in range(runs):
        for tool, command in TOOLS.items():
            progress(".")
            start = time.perf_counter()
            done = subprocess.run([*command, *paths], capture_output=True, text=True)
            times[tool].append(time.perf_counter() - start)
            if done.returncode:
                raise SystemExit(f"{tool} ended with {done.returncode}: {done.stderr or done.stdout}")
    return [comparison(len(paths), tool, times[tool], times[OURS]) for tool in TOOLS]


def comparison(templates: int, tool: str, times: Sequence[float], ours: Sequence[float]) -> Comparison:
    """Put the times of one tool beside those of ours."""
    ratios = [time / own for time, own in zip(times, ours, strict=True)]
    median: Callable[[Sequence[float]], float] = statistics.median
    return Comparison(templates, tool, len(times), median(times), median(ratios), min(ratios), max(ratios))


def growth(document: Mapping[str, Any], runs: int, sizes: Sequence[int]) -> list[Growth]:
    """Time check_template on templates that have the example over and over."""
    rows = []
    for size in sizes:
        repeated = grown(document, size)
        progress(".")
        best = min(timeit.repeat(partial(check_template, repeated), number=1, repeat=runs))
        count = len(repeated["Resources"])
        rows.append(Growth(count, best * 1e3, best * 1e6 / count))
    return rows


def grown(document: Mapping[str, Any], size: int) -> dict[str, Any]:
    """Repeat the resources of a template, each time under names of their own, until there are as many."""
    resources = document["Resources"]
    text = json.dumps(resources)
    repeated: dict[str, Any] = {}
    for copy in range(-(-size // len(resources))):
        renamed = text
        for id in resources:
            renamed = renamed.replace(f'"{id}"', f'"{id}X{copy}"')
        repeated.update(json.loads(renamed))
    return {**document, "Resources": dict(list(repeated.items())[:size])}


def tables(rows: Sequence[Comparison], sizes: Sequence[Growth]) -> list[Table]:
    """Lay the figures out for people."""
    first = sizes[0].microseconds_per_resource
    return [
        Table(
            "Whole processes, start-up included; medians, and ratios of the tool's time to cdk-lmi's in the same turn",
            ("tool", "templates", "time", "ratio", "min … max", "runs"),
            [
                (
                    row.tool,
                    str(row.templates),
                    f"{row.seconds:.2f} s",
                    f"{row.ratio:.1f}",
                    f"{row.ratio_min:.1f} … {row.ratio_max:.1f}",
                    str(row.runs),
                )
                for row in rows
            ],
        ),
        Table(
            "check_template by resources, the best of the runs; linear growth is 1.0 all the way down",
            ("resources", "time", "each", "to the first"),
            [
                (
                    str(size.resources),
                    f"{size.milliseconds:.1f} ms",
                    f"{size.microseconds_per_resource:.1f} µs",
                    f"{size.microseconds_per_resource / first:.2f}",
                )
                for size in sizes
            ],
        ),
    ]


def aims(rules: int, microseconds: float, rows: Sequence[Comparison]) -> list[Aim]:
    """Hold the figures to what they are to be."""
    return [
        Aim(f"check() of one function by {rules} rules, µs", microseconds, AIM_MICROSECONDS, form=".0f"),
        *(
            Aim(f"{row.tool} to cdk-lmi, templates: {row.templates}", row.ratio, AIM_RATIO, at_least=True, form=".1f")
            for row in rows
            if row.tool == "cfn-lint"
        ),
    ]


def main(argv: Sequence[str] | None = None) -> int:
    given = arguments(
        __doc__,
        argv,
        runs=(5, "processes of each tool for one template"),
        many=(500, "how many templates are many; cfn-lint takes seconds for each"),
        many_runs=(1, "processes of each tool for many"),
        resources=(SIZES[-1], "the most resources in a template"),
    )
    with tempfile.TemporaryDirectory() as directory:
        progress("synthesising the orders API ")
        text = example(Path(directory, "cdk.out")).read_text(encoding="utf-8")
        document = json.loads(text)
        paths = [str(Path(directory, f"{number}.template.json")) for number in range(given.many)]
        for path in paths:
            Path(path).write_text(text, encoding="utf-8")
        rules, microseconds = call(document)
        progress("\nprocesses ")
        rows = processes(paths[:1], given.runs)
        if len(paths) > 1:
            rows += processes(paths, given.many_runs)
        progress("\ngrowth ")
        sizes = growth(document, given.runs, [size for size in SIZES if size <= given.resources])
        progress("\n")
    result = Result(
        versions=versions("cdk-lmi", "cfn-lint", "cloudformation-validate"),
        tables=tables(rows, sizes),
        aims=aims(rules, microseconds, rows),
        figures={
            "check_microseconds": microseconds,
            "processes": [asdict(row) for row in rows],
            "growth": [asdict(size) for size in sizes],
        },
    )
    show("checking", result, given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
