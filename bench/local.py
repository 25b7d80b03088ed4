"""Time invocations of a bare handler in a local execution environment against a process pool, in one run: make bench

The peer is ``concurrent.futures.ProcessPoolExecutor`` with as many processes, called with the same events: no HTTP, no
runtime client, no context. In each turn three ways go one after the other, which one first changes: the pool, the
environment, and the environment that does not look for hazards. Beside invocations per second stands how much of all
CPU time this process takes, which serves the Runtime API and hands the events out.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from figures import Aim, Result, Table, arguments, progress, show, versions

from cdk_lmi.local import ExecutionEnvironment
from cdk_lmi.local.processes import children, cpu_seconds_of

CONCURRENCIES = (1, 4, 16)
#: Invocations per second at this concurrency, on two cores.
AIMED_AT, AIM = 4, 1500
HANDLER = "def handler(event, context):\n    return event\n"
WARM_UP = 300


def handler(event: Any) -> Any:
    """What the pool runs."""
    return event


@dataclass(frozen=True)
class Load:
    """What one way made of the events: invocations per second, and the part of all CPU time that was this process's."""

    rate: float
    own_share: float


@dataclass(frozen=True)
class Row:
    """The medians of one concurrency, and the ratios of rates in the same turn."""

    concurrency: int
    rate: float
    own_share: float
    pool_rate: float
    pool_own_share: float
    to_pool: float
    to_pool_min: float
    to_pool_max: float
    to_unobserved: float
    to_unobserved_min: float
    to_unobserved_max: float
    turns: int


def timed(run: Callable[[list[dict[str, int]]], object], cpu_of_others: Callable[[], float], events: int) -> Load:
    """Warm up, then time the events."""
    run([{"event": number} for number in range(WARM_UP)])
    those = [{"event": number} for number in range(events)]
    others, own, began = cpu_of_others(), time.process_time(), time.perf_counter()
    run(those)
    seconds = time.perf_counter() - began
    own, others = time.process_time() - own, cpu_of_others() - others
    return Load(events / seconds, own / (own + others))


def in_environment(task_root: str, concurrency: int, events: int, *, observe: bool) -> Load:
    with ExecutionEnvironment(
        "bare.handler", task_root=task_root, max_concurrency=concurrency, memory_size=4096, observe=observe
    ) as environment:

        def run(those: list[dict[str, int]]) -> None:
            assert all(invocation.ok for invocation in environment.invoke_many(those))

        return timed(run, environment.cpu_seconds, events)


def in_pool(concurrency: int, events: int) -> Load:
    def cpu_of_processes() -> float:
        return sum(map(cpu_seconds_of, children(os.getpid())))

    with ProcessPoolExecutor(concurrency) as pool:
        return timed(lambda those: list(pool.map(handler, those)), cpu_of_processes, events)


def turn(task_root: str, concurrency: int, events: int, number: int) -> dict[str, Load]:
    """Go each way once."""
    ways: list[tuple[str, Callable[[], Load]]] = [
        ("environment", lambda: in_environment(task_root, concurrency, events, observe=True)),
        ("unobserved", lambda: in_environment(task_root, concurrency, events, observe=False)),
        ("pool", lambda: in_pool(concurrency, events)),
    ]
    first = number % len(ways)
    loads = {}
    for name, way in [*ways[first:], *ways[:first]]:
        progress(".")
        loads[name] = way()
    return loads


def summarised(concurrency: int, turns: Sequence[dict[str, Load]]) -> Row:
    to_pool = [loads["environment"].rate / loads["pool"].rate for loads in turns]
    to_unobserved = [loads["environment"].rate / loads["unobserved"].rate for loads in turns]
    return Row(
        concurrency,
        median(loads["environment"].rate for loads in turns),
        median(loads["environment"].own_share for loads in turns),
        median(loads["pool"].rate for loads in turns),
        median(loads["pool"].own_share for loads in turns),
        median(to_pool),
        min(to_pool),
        max(to_pool),
        median(to_unobserved),
        min(to_unobserved),
        max(to_unobserved),
        len(turns),
    )


def table(rows: Sequence[Row]) -> Table:
    """Lay the figures out for people."""
    return Table(
        "A bare handler, medians; ratios are of the same turn, with the least and the greatest",
        (
            "concurrency",
            "a second",
            "own CPU",
            "pool, a second",
            "pool, own CPU",
            "to the pool",
            "to unobserved",
            "turns",
        ),
        [
            (
                str(row.concurrency),
                f"{row.rate:.0f}",
                f"{row.own_share:.0%}",
                f"{row.pool_rate:.0f}",
                f"{row.pool_own_share:.0%}",
                f"{row.to_pool:.2f} ({row.to_pool_min:.2f} … {row.to_pool_max:.2f})",
                f"{row.to_unobserved:.2f} ({row.to_unobserved_min:.2f} … {row.to_unobserved_max:.2f})",
                str(row.turns),
            )
            for row in rows
        ],
    )


def main(argv: Sequence[str] | None = None) -> int:
    given = arguments(
        __doc__, argv, turns=(5, "how often each way is gone"), events=(4000, "invocations that are timed")
    )
    rows = []
    with tempfile.TemporaryDirectory() as task_root:
        Path(task_root, "bare.py").write_text(HANDLER, encoding="utf-8")
        for concurrency in CONCURRENCIES:
            turns = [turn(task_root, concurrency, given.events, number) for number in range(given.turns)]
            rows.append(summarised(concurrency, turns))
    progress("\n")
    aim = "invocations a second at a concurrency of {}, meant for two cores"
    result = Result(
        versions=versions("cdk-lmi", "awslambdaric"),
        tables=[table(rows)],
        aims=[
            Aim(aim.format(row.concurrency), row.rate, AIM, at_least=True, form=".0f")
            for row in rows
            if row.concurrency == AIMED_AT
        ],
        figures={"rows": [asdict(row) for row in rows]},
    )
    show("local", result, given)
    return 0


if __name__ == "__main__":
    sys.exit(main())
