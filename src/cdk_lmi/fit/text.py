"""The text report of a fit, for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

from ..reports.printable import printable
from ..rules.limits import MEMORY_SIZE_MAX
from ..template.properties import PROPERTIES
from .choice import Size
from .explanation import assumptions, counted, exhausted, figure, hazards, keyword_arguments, peak, reasons
from .measurement import Exhausted, Measurement
from .outcome import Fit, Verdict

_COLOURS = {"good": "32", "bad": "31", "strong": "1"}

#: Head, unit, and the cell of a measurement.
_COLUMNS: Sequence[tuple[str, str, Callable[[Measurement], str]]] = (
    ("concurrency", "", lambda m: str(m.concurrency)),
    ("init", "s", lambda m: f"{m.init_s:.2f}"),
    ("a process", "MiB", lambda m: figure(m.process_after_init_mib)),
    ("at peak", "MiB", lambda m: figure(m.process_peak_mib)),
    ("all", "MiB", lambda m: figure(m.memory_after_init_mib)),
    ("at peak", "MiB", lambda m: figure(m.memory_peak_mib)),
    ("busy", "vCPUs", lambda m: f"{m.v_cpus_busy:.2f}"),
    ("CPU", "ms", lambda m: figure(m.cpu_s_per_invocation * 1000)),
    ("answered", "1/s", lambda m: figure(m.throughput_per_s)),
    ("p50", "ms", lambda m: figure(m.p50_s * 1000)),
    ("p99", "ms", lambda m: figure(m.p99_s * 1000) + (" slowest" if m.p99_is_slowest else "")),
)


def report(fit: Fit, *, colour: bool = False) -> str:
    """Write the text report: what ran, the table, whether the declared size fits, the size and why, the assumptions."""
    paint = _paint if colour else _plain
    machine = fit.machine
    heading = (
        f"{printable(fit.handler)} with {counted(fit.events, 'event')}, on Python {machine.python}, "
        f"{machine.architecture}, {counted(machine.cpus, 'CPU')}"
    )
    blocks = [[heading, f"code: {printable(fit.task_root)}"], list(_table(fit))]
    if fit.verdict:
        blocks.append(list(_verdict(fit.verdict, paint)))
    blocks.append(list(_recommendation(fit, paint)))
    seen = hazards(fit)
    if seen:
        blocks.append(["observed while processes shared an environment", *(f"  - {hazard}" for hazard in seen)])
    blocks.append(["assumptions", *(f"  - {assumption}" for assumption in assumptions(fit))])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _table(fit: Fit) -> Iterator[str]:
    """Lay out the measurements in columns. Those of the declared size are reported with it."""
    rows = [
        [*(cell(measurement) for _, _, cell in _COLUMNS), _holds_in(fit.smallest_size(measurement))]
        for measurement in fit.measurements
    ]
    heads = [[*(head for head, _, _ in _COLUMNS), "holds in"], [*(unit for _, unit, _ in _COLUMNS), "MiB @ GiB/vCPU"]]
    widths = [max(map(len, column)) for column in zip(*heads, *rows, strict=True)]
    for row in [*heads, *rows]:
        yield "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
    for outcome in fit.outcomes:
        if isinstance(outcome, Exhausted):
            yield f"{outcome.concurrency:>{widths[0]}}  {exhausted(outcome)}"
    for concurrency in fit.not_tried:
        yield f"{concurrency:>{widths[0]}}  not tried, because a lower one ran out of memory"


def _holds_in(size: Size | None) -> str:
    return f"{size.memory_size} @ {size.execution_environment_memory_gib_per_v_cpu:g}" if size else "none"


def _verdict(verdict: Verdict, paint: Callable[[str, str], str]) -> Iterator[str]:
    declaration, outcome, size = verdict.declaration, verdict.outcome, verdict.declaration.size
    said = paint("good", "fits") if verdict.fits else paint("bad", "does not fit")
    settings = (f"{PROPERTIES[fact].rpartition('.')[2]} {value:g}" for fact, value in asdict(size).items())
    yield f"{printable(declaration.function)} in {printable(declaration.path)} {said}: {', '.join(settings)}"
    if isinstance(outcome, Exhausted):
        yield f"  it {exhausted(outcome)}"
    elif outcome:
        yield f"  it needed {peak(outcome, verdict.headroom)}, of {size.memory_size} MiB"
        if verdict.lacks_v_cpus:
            yield (
                f"  its CPU is too small: {outcome.v_cpus_busy:.2f} vCPUs were busy here, and the size has "
                f"{size.v_cpus}: it will serve fewer invocations than here"
            )
    if verdict.errors:
        yield f"  AWS refuses this size: see cdk-lmi explain {' '.join(verdict.errors)}"


def _recommendation(fit: Fit, paint: Callable[[str, str], str]) -> Iterator[str]:
    found = fit.recommendation
    if found is None:
        yield from _none_holds(fit, paint)
        return
    yield paint("strong", _what_it_is(fit, found.size))
    yield ""
    yield from (f"    {line}" for line in keyword_arguments(found.size))
    yield ""
    yield from (f"  {reason}" for reason in reasons(found))


def _none_holds(fit: Fit, paint: Callable[[str, str], str]) -> Iterator[str]:
    refused = {each.concurrency: ids for each in fit.measurements if (ids := fit.rules_against(each))}
    if fit.is_cut_short:
        yield paint("bad", "this machine has too little memory to find a size")
    elif refused:
        yield paint("bad", "AWS refuses every size that is large enough for what was measured")
    else:
        yield paint("bad", "no size is large enough for what was measured")
    for each in fit.measurements:
        yield f"  concurrency {each.concurrency}: {peak(each, fit.headroom)}"
        if each.concurrency in refused:
            yield f"    rules against every size as large: see cdk-lmi explain {' '.join(refused[each.concurrency])}"
    elsewhere = ", or on a larger machine" if fit.is_cut_short else ""
    yield f"  an execution environment has at most {MEMORY_SIZE_MAX} MiB: measure a lower concurrency{elsewhere}"


def _what_it_is(fit: Fit, size: Size) -> str:
    """Name a size. If a smaller declared size fits, vCPUs and not memory require it."""
    verdict = fit.verdict
    if verdict and verdict.fits and verdict.lacks_v_cpus and size.memory_size > verdict.declaration.size.memory_size:
        return "the smallest size that fits, with as many vCPUs as were busy here"
    return "the smallest size that fits"


def _plain(kind: str, text: str) -> str:
    return text


def _paint(kind: str, text: str) -> str:
    return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m"
