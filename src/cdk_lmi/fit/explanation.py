"""Why a size was chosen, and the assumptions behind it, in the words that all reports share."""

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
# Shares of the CPUs: from the first on, the machine was saturated; from the second on, other work disturbed it.
_SATURATED = 0.9
_DISTURBED = 0.1


def keyword_arguments(size: Size) -> list[str]:
    """Return a size as keyword arguments of ``ManagedInstanceFunction``, one for each line."""
    return [f"{keyword}={value:g}," for keyword, value in asdict(size).items()]


def reasons(found: Recommendation) -> Iterator[str]:
    """Yield the reasons for a size: its memory, its concurrency and its vCPUs."""
    size, measurement = found.size, found.measurement
    yield f"memory: {peak(measurement, found.headroom)}, {_bound(found)}"
    others = ", ".join(str(concurrency) for concurrency in found.holding if concurrency != measurement.concurrency)
    if others:
        most = figure(measurement.throughput_per_s)
        yield f"concurrency: of those that fit, {measurement.concurrency} served most, {most}/s ({others} served less)"
    yield (
        f"vCPUs: {size.v_cpus}, the fewest with this memory for {measurement.v_cpus_busy:.2f} busy "
        f"and {counted(measurement.concurrency, 'process', 'processes')}"
    )
    if found.warned_of_by:
        yield f"warnings: no size that fits is without any (see cdk-lmi explain {' '.join(found.warned_of_by)})"


def _bound(found: Recommendation) -> str:
    """Say what rules out a smaller size: its memory, or something else that it lacks."""
    size, measurement = found.size, found.measurement
    if found.memory_sufficient_mib == size.memory_size:
        return "and no smaller size fits any concurrency that was measured"
    processes = counted(measurement.concurrency, "process", "processes")
    bounds = [f"too few vCPUs for {measurement.v_cpus_busy:.2f} busy"] if found.is_bound_by_v_cpus else []
    if found.is_bound_by:
        bounds.append(f"rules against it with {processes} (see cdk-lmi explain {' '.join(found.is_bound_by)})")
    return (
        f"for which {found.memory_sufficient_mib} MiB would be enough, "
        f"but {found.memory_kept_out_mib} MiB has {' and '.join(bounds)}"
    )


def peak(measurement: Measurement, headroom: float) -> str:
    """Describe the memory of a measurement, without and with the headroom."""
    return (
        f"{measurement.memory_peak_mib:.0f} MiB at the peak, "
        f"{measurement.memory_needed_mib(headroom)} MiB with {headroom:g} % headroom"
    )


def exhausted(outcome: Exhausted) -> str:
    """Describe how it ran out of memory."""
    return (
        f"ran out of memory ({printable(outcome.reason)}): "
        f"{outcome.used_mib:.0f} MiB used, {outcome.memory_size} MiB available"
    )


def hazards(fit: Fit) -> list[str]:
    """Describe each hazard once, as it was at the highest concurrency."""
    measurements = sorted(_all_measurements(fit), key=lambda measurement: measurement.concurrency)
    seen = {_subject(hazard): hazard for measurement in measurements for hazard in measurement.hazards}
    return [printable(hazard.message) for hazard in seen.values()]


def _subject(hazard: Hazard) -> tuple[str, str]:
    """Return what identifies a hazard: the path or the port, else the message without its numbers."""
    shared = hazard.kind in (SHARED_FILE, SHARED_PORT)
    return hazard.kind, hazard.seen if shared else _NUMBER.sub("", hazard.message)


def assumptions(fit: Fit) -> Iterator[str]:
    """Yield the assumptions under which the figures apply on AWS, the least certain first."""
    machine = fit.machine
    failed = sum(each.server_errors for each in _all_measurements(fit))
    if failed:
        yield f"{counted(failed, 'answer')} with a statusCode of 500 or more used as much as successful ones will"
    yield "the events are as large and as varied as real ones: code that they do not reach was not measured"
    yield (
        f"init, busy vCPUs, throughput, p50 and p99 are those of this machine, with {counted(machine.cpus, 'CPU')}: "
        "they differ on AWS"
    )
    yield (
        "memory is the proportional set size of all processes, the parent included, each at its own peak; "
        "files under /tmp count as storage, not as memory"
    )
    few = sorted({each.concurrency for each in _all_measurements(fit) if each.p99_is_slowest})
    if few:
        at = ", ".join(map(str, few))
        yield f"p99 at concurrency {at} is the slowest of fewer than 100 answers: the real p99 may be higher"
    elsewhere = max((each.v_cpus_busy_elsewhere for each in _all_measurements(fit)), default=0.0)
    if machine.cpus < machine.host_cpus:
        # The kernel counts the CPU time of the host: of a container it does not tell.
        yield (
            f"{counted(machine.cpus, 'CPU')} of the {machine.host_cpus} of the host may be used here: whether other "
            "work took time from them is not known"
        )
    elif elsewhere >= machine.cpus * _DISTURBED:
        yield (
            f"other work kept up to {elsewhere:.2f} CPUs of this machine busy: alone, the handler may start sooner, "
            "keep more vCPUs busy and serve more, so measure again when the machine is idle"
        )
    busiest = max((each.v_cpus_busy for each in _all_measurements(fit)), default=0.0)
    if busiest >= machine.cpus * _SATURATED:
        yield "all CPUs of this machine were busy: with more CPUs, the handler may keep more vCPUs busy and serve more"
    if fit.is_cut_short:
        unknown = ", ".join(map(str, [*(each.concurrency for each in fit.exhausted), *fit.not_tried]))
        yield (
            f"concurrency {unknown} was not measured: this machine had {fit.memory_size} MiB for an environment, but "
            f"one can have {MEMORY_SIZE_MAX} MiB, so what ran out of memory here may fit on AWS"
        )
    measured = ".".join(machine.python.split(".")[:2])
    if fit.facts.runtime != f"python{measured}":
        declared = fit.verdict is not None and fit.verdict.declaration.facts.runtime is not UNKNOWN
        why = "the template declares it" if declared else "it is the oldest that Managed Instances run"
        yield f"measured with Python {measured}, but the sizes are for {printable(str(fit.facts.runtime))}: {why}"
    if fit.unset_environment:
        names = ", ".join(map(printable, fit.unset_environment))
        yield f"the handler does not need these variables, known only at deployment and not set with --env: {names}"


def figure(value: float) -> str:
    """Show three significant digits, or all digits before the point."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def counted(count: float, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun."""
    return f"{count:.10g} {noun if count == 1 else plural or f'{noun}s'}"


def _all_measurements(fit: Fit) -> Iterable[Measurement]:
    declared = fit.verdict.outcome if fit.verdict else None
    yield from fit.measurements
    if isinstance(declared, Measurement):
        yield declared
