"""Ways to define the same app, timed in turn: what counts is the ratio of runs that followed each other."""

from __future__ import annotations

import gc
import inspect
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import aws_cdk as cdk
from figures import Table, progress

STACK = "Shop"

#: Defines the resources, so many of what the benchmark counts.
Way = Callable[[cdk.Stack, int], None]


class Took(NamedTuple):
    """What a run took, in milliseconds: by the clock, and of the processors, the processes that it started included."""

    wall: float
    #: Not known where a run was not a process of its own.
    cpu: float = 0


#: What ways took that went one after the other, by the name of the way.
Turn = Mapping[str, Took]


@dataclass(frozen=True)
class Comparison:
    """What runs in pairs add up to. Other work on the machine hits both runs of a pair: trust the ratio."""

    what: str
    #: What this library is compared with.
    to: str
    pairs: int
    ours_ms: float
    their_ms: float
    ratio: float
    ratio_min: float
    ratio_max: float

    @classmethod
    def of(cls, what: str, to: str, ours: Sequence[float], theirs: Sequence[float]) -> Comparison:
        """Take the medians."""
        ratios = [own / their for own, their in zip(ours, theirs, strict=True)]
        middle = statistics.median
        return cls(what, to, len(ratios), middle(ours), middle(theirs), middle(ratios), min(ratios), max(ratios))


def synthesise(way: Way, size: int, outdir: str) -> None:
    """Define the app in the one way or the other and write its template: what is timed."""
    app = cdk.App(outdir=outdir)
    way(cdk.Stack(app, STACK), size)
    app.synth()


def template(way: Way, size: int) -> Any:
    """Give what the app synthesises to."""
    with tempfile.TemporaryDirectory() as outdir:
        synthesise(way, size, outdir)
        return template_in(outdir)


def template_in(outdir: str) -> Any:
    """Give the template of an assembly."""
    return json.loads(Path(outdir, f"{STACK}.template.json").read_text(encoding="utf-8"))


def in_process(way: Way, size: int) -> Took:
    """Time one run here. It pays for its own garbage, not for what jsii keeps of the runs before: that is frozen."""
    with tempfile.TemporaryDirectory() as outdir:
        gc.collect()
        gc.freeze()
        start = time.perf_counter()
        synthesise(way, size, outdir)
        return Took((time.perf_counter() - start) * 1000)


def in_process_of_its_own(way: Way, size: int) -> Took:
    """Time a whole process: the interpreter and Node starting, the imports, one run, the end."""
    file = Path(inspect.getfile(way))
    with tempfile.TemporaryDirectory() as outdir:
        program = f"import {file.stem} as m, pairs; pairs.synthesise(m.{way.__name__}, {size}, {outdir!r})"
        return process([sys.executable, "-c", program], directory=file.parent)


def process(command: Sequence[str], *, directory: Path) -> Took:
    """Time a command. What Python compiles in it, it may keep, as it does for users."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    cpu, start = _cpu_of_children(), time.perf_counter()
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)
    took = Took((time.perf_counter() - start) * 1000, (_cpu_of_children() - cpu) * 1000)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr or done.stdout}")
    return took


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def turns(ways: Mapping[str, Callable[[], Took]], number: int, *, warm_up: bool = False) -> list[Turn]:
    """Go all ways one after the other, so many times; which one goes first changes from turn to turn.

    Args:
        ways: What is timed, by name.
        number: How many turns.
        warm_up: Go each way once for nothing before, so that what Python compiles is there.
    """
    if warm_up:
        for way in ways.values():
            way()
    gone: list[Turn] = []
    for turn in range(number):
        first = turn % len(ways)
        names = list(ways)
        took = {}
        for name in (*names[first:], *names[:first]):
            progress(".")
            took[name] = ways[name]()
        gone.append(took)
    return gone


def compared(what: str, gone: Sequence[Turn], ours: str, to: str, *, of: Callable[[Took], float]) -> Comparison:
    """Compare two of the ways that were gone, by one of the figures that there are of each."""
    return Comparison.of(what, to, *([of(turn[way]) for turn in gone] for way in (ours, to)))


def wall(took: Took) -> float:
    """Give the time by the clock."""
    return took.wall


def cpu(took: Took) -> float:
    """Give the time of the processors."""
    return took.cpu


def table(caption: str, rows: Sequence[Comparison]) -> Table:
    """Lay comparisons out for people."""
    return Table(
        caption,
        ("", "compared with", "cdk-lmi", "the other", "ratio", "min … max", "pairs"),
        [
            (
                row.what,
                row.to,
                f"{row.ours_ms:.1f} ms",
                f"{row.their_ms:.1f} ms",
                f"{row.ratio:.2f}",
                f"{row.ratio_min:.2f} … {row.ratio_max:.2f}",
                str(row.pairs),
            )
            for row in rows
        ],
    )
