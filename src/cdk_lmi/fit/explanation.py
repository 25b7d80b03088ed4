"""Why a size was chosen, and what that rests on, in words that every report has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from ..local import Hazard
from ..local.hazards import SHARED_FILE, SHARED_PORT
from ..reports.printable import printable
from ..rules.facts import UNKNOWN
from ..rules.limits import MEMORY_SIZE_MAX
from .choice import Recommendation, Size
from .measurement import Exhausted, Measurement
from .outcome import Fit

_NUMBER = re.compile(r"[0-9.]+")
# From this share of its CPUs on, a machine had no more to give; and from this, others took some that count.
_SATURATED = 0.9
_DISTURBED = 0.1


def keyword_arguments(size: Size) -> list[str]:
    """Give a size as keyword arguments of ``ManagedInstanceFunction``, each to be pasted on its line."""
    return [f"{keyword}={value:g}," for keyword, value in asdict(size).items()]


def reasons(found: Recommendation) -> Iterator[str]:
    """Tell why it is this size: which memory, which concurrency, which vCPUs."""
    size, measurement = found.size, found.measurement
    yield f"memory: {peak(measurement, found.headroom)}, {_bound(found)}"
    others = ", ".join(str(concurrency) for concurrency in found.holding if concurrency != measurement.concurrency)
    if others:
        most = figure(measurement.throughput_per_s)
        yield f"concurrency: of those that hold in it {measurement.concurrency} answered most, {most}/s ({others} less)"
    yield (
        f"vCPUs: {size.v_cpus}, the fewest with this memory for {measurement.v_cpus_busy:.2f} busy "
        f"and {counted(measurement.concurrency, 'process', 'processes')}"
    )


def _bound(found: Recommendation) -> str:
    """Tell what keeps a smaller size out: its memory, or what else it lacks."""
    size, measurement = found.size, found.measurement
    if found.memory_sufficient_mib == size.memory_size:
        return "and no smaller size holds any that was measured"
    processes = counted(measurement.concurrency, "process", "processes")
    bounds = [f"too few vCPUs for {measurement.v_cpus_busy:.2f} busy"] if found.is_bound_by_v_cpus else []
    if found.is_bound_by:
        bounds.append(f"rules against it for {processes} (see cdk-lmi explain {' '.join(found.is_bound_by)})")
    return (
        f"for which {found.memory_sufficient_mib} MiB would do, "
        f"but {found.memory_kept_out_mib} MiB has {' and '.join(bounds)}"
    )


def peak(measurement: Measurement, headroom: float) -> str:
    """Tell the memory of a measurement, and with the headroom."""
    return (
        f"{measurement.memory_peak_mib:.0f} MiB at the peak, "
        f"{measurement.memory_needed_mib(headroom)} MiB with {headroom:g} % on top"
    )


def exhausted(outcome: Exhausted) -> str:
    """Tell how it ran out of memory."""
    return (
        f"ran out of memory ({printable(outcome.reason)}): "
        f"{outcome.used_mib:.0f} MiB taken, {outcome.memory_size} MiB there"
    )


def hazards(fit: Fit) -> list[str]:
    """Tell what was seen at any concurrency, each once, as it was at the highest."""
    measurements = sorted(_all_measurements(fit), key=lambda measurement: measurement.concurrency)
    seen = {_subject(hazard): hazard for measurement in measurements for hazard in measurement.hazards}
    return [printable(hazard.message) for hazard in seen.values()]


def _subject(hazard: Hazard) -> tuple[str, str]:
    """Give what is the same in equal hazards: the path or the port, else what is told but for its figures."""
    shared = hazard.kind in (SHARED_FILE, SHARED_PORT)
    return hazard.kind, hazard.seen if shared else _NUMBER.sub("", hazard.message)


def assumptions(fit: Fit) -> Iterator[str]:
    """Tell what has to be true for the figures to be those of AWS, the likeliest to fail first."""
    machine = fit.machine
    failed = sum(each.server_errors for each in _all_measurements(fit))
    if failed:
        yield f"{counted(failed, 'answer')} with a statusCode from 500 on took as much as those that succeed will"
    yield "the events are as large and as varied as those to come: what they do not touch was not measured"
    yield (
        f"init, busy vCPUs, throughput, p50 and p99 are those of this machine, with {counted(machine.cpus, 'CPU')}: "
        "AWS's are others"
    )
    yield (
        "memory is the proportional set size of all processes, the parent included, each at its own peak; "
        "what is under /tmp is storage, and not in it"
    )
    few = sorted({each.concurrency for each in _all_measurements(fit) if each.p99_is_slowest})
    if few:
        yield f"p99 at concurrency {', '.join(map(str, few))} is the slowest of fewer than 100 answers: more are slower"
    elsewhere = max((each.v_cpus_busy_elsewhere for each in _all_measurements(fit)), default=0.0)
    if elsewhere >= machine.cpus * _DISTURBED:
        yield (
            f"other work kept up to {elsewhere:.2f} CPUs of this machine busy meanwhile: alone, the handler may start "
            "sooner, keep more vCPUs busy and answer more, so measure again when it is quiet"
        )
    busiest = max((each.v_cpus_busy for each in _all_measurements(fit)), default=0.0)
    if busiest >= machine.cpus * _SATURATED:
        yield "all CPUs of this machine were busy: where there are more, more vCPUs may be, and more be answered"
    if fit.is_cut_short:
        unknown = ", ".join(map(str, [*(each.concurrency for each in fit.exhausted), *fit.not_tried]))
        yield (
            f"concurrency {unknown} was not measured: this machine had {fit.memory_size} MiB for an environment, which "
            f"can have {MEMORY_SIZE_MAX} MiB, and what ran out of memory here may hold there"
        )
    measured = ".".join(machine.python.split(".")[:2])
    if fit.facts.runtime != f"python{measured}":
        declared = fit.verdict is not None and fit.verdict.declaration.facts.runtime is not UNKNOWN
        why = "the template declares it" if declared else "it is the oldest that Managed Instances run"
        yield f"Python {measured} measured, and the sizes are for {fit.facts.runtime}: {why}"
    if fit.unset_environment:
        names = ", ".join(map(printable, fit.unset_environment))
        yield f"the handler does without what is known at deployment only, or --env sets it: {names}"


def figure(value: float) -> str:
    """Show three digits that count, or all before the point."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """Give a number and its noun."""
    return f"{count} {noun if count == 1 else plural or f'{noun}s'}"


def _all_measurements(fit: Fit) -> Iterable[Measurement]:
    declared = fit.verdict.outcome if fit.verdict else None
    yield from fit.measurements
    if isinstance(declared, Measurement):
        yield declared
