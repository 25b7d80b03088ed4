"""Two ways to define the same app, timed in turn: what counts is the ratio of runs that followed each other."""

from __future__ import annotations

import gc
import inspect
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import aws_cdk as cdk
from figures import progress, show, versions

#: What our way may take of the other's time.
AIM = 1.10
STACK = "Shop"

#: Defines the resources, so many of what the benchmark counts.
Way = Callable[[cdk.Stack, int], None]


class Pair(NamedTuple):
    """What two runs took that came one after the other, in milliseconds."""

    ours: float
    by_hand: float


@dataclass(frozen=True)
class Comparison:
    """What pairs of runs add up to. Other work on the machine hits both runs of a pair: trust the ratio."""

    what: str
    pairs: int
    ours_ms: float
    by_hand_ms: float
    ratio: float
    ratio_min: float
    ratio_max: float

    @classmethod
    def of(cls, what: str, pairs: Sequence[Pair]) -> Comparison:
        """Take the medians."""
        ratios = [pair.ours / pair.by_hand for pair in pairs]
        ours, by_hand = (statistics.median(times) for times in zip(*pairs, strict=True))
        return cls(what, len(pairs), ours, by_hand, statistics.median(ratios), min(ratios), max(ratios))


def synthesise(way: Way, size: int, outdir: str) -> None:
    """Define the app in the one way or the other and write its template: what is timed."""
    app = cdk.App(outdir=outdir)
    way(cdk.Stack(app, STACK), size)
    app.synth()


def template(way: Way, size: int) -> Any:
    """Give what the app synthesises to."""
    with tempfile.TemporaryDirectory() as outdir:
        synthesise(way, size, outdir)
        return json.loads(Path(outdir, f"{STACK}.template.json").read_text(encoding="utf-8"))


def in_process(way: Way, size: int) -> float:
    """Time one run here. It pays for its own garbage, not for what jsii keeps of the runs before: that is frozen."""
    with tempfile.TemporaryDirectory() as outdir:
        gc.collect()
        gc.freeze()
        start = time.perf_counter()
        synthesise(way, size, outdir)
        return (time.perf_counter() - start) * 1000


def in_process_of_its_own(way: Way, size: int) -> float:
    """Time a whole process: the interpreter and Node starting, the imports, one run, the end.

    What Python compiles, it may keep, as it does for users.
    """
    file = Path(inspect.getfile(way))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as outdir:
        program = f"import {file.stem} as m, pairs; pairs.synthesise(m.{way.__name__}, {size}, {outdir!r})"
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], cwd=file.parent, env=environment, check=True)
        return (time.perf_counter() - start) * 1000


def timed(time_run: Callable[[Way, int], float], ours: Way, by_hand: Way, size: int, turn: int) -> Pair:
    """Time both ways, one after the other; which one goes first changes from turn to turn."""
    progress(".")
    took = {way: time_run(way, size) for way in ((by_hand, ours) if turn % 2 else (ours, by_hand))}
    return Pair(took[ours], took[by_hand])


def whole_processes(ours: Way, by_hand: Way, size: int, turns: int) -> list[Pair]:
    """Time both ways as whole processes, once for nothing: so that what Python compiles is there."""
    for way in (ours, by_hand):
        in_process_of_its_own(way, size)
    return [timed(in_process_of_its_own, ours, by_hand, size, turn) for turn in range(turns)]


def report(*rows: Comparison, as_json: bool) -> None:
    """Print the figures."""
    line = "{:>28}  {:>10}  {:>10}  {:>6}  {:>13}  {:>5}".format
    lines = [
        f"Medians; the ratio is that of pairs, cdk-lmi over hand-written. Aim: at most {AIM:.2f}.",
        "",
        line("", "cdk-lmi", "by hand", "ratio", "min … max", "pairs"),
    ]
    for row in rows:
        times = f"{row.ours_ms:.1f} ms", f"{row.by_hand_ms:.1f} ms"
        lines.append(
            line(row.what, *times, f"{row.ratio:.2f}", f"{row.ratio_min:.2f} … {row.ratio_max:.2f}", row.pairs)
        )
    made_with = versions("cdk-lmi", "aws-cdk-lib", "constructs", "jsii", node=True)
    show({"versions": made_with, "aim": AIM, "rows": [asdict(row) for row in rows]}, lines, as_json=as_json)
