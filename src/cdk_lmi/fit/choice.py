"""Chooses the smallest size that fits what was measured and passes the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..rules.catalogue import RULES
from ..rules.engine import Severity, Violation, check
from ..rules.facts import UNKNOWN, Facts, v_cpu_count
from ..rules.limits import MAX_CONCURRENCY_MIN, MEMORY_GIB_PER_V_CPU, MEMORY_SIZE_MAX, MIB_PER_GIB
from ..workload import HEADROOM
from .measurement import Measurement

# vCPUs that a process which never waits is seen to take above one, by how its time is counted.
_V_CPU_TOLERANCE = 0.1


@dataclass(frozen=True, kw_only=True)
class Size:
    """The size of one execution environment, in the keywords of ``ManagedInstanceFunction``."""

    #: MiB.
    memory_size: int
    #: GiB of memory that come with one vCPU: 2, 4 or 8.
    execution_environment_memory_gib_per_v_cpu: float
    #: Concurrent invocations.
    per_execution_environment_max_concurrency: int

    @property
    def v_cpus(self) -> int:
        """The vCPUs that come with the memory."""
        return v_cpu_count(self.memory_size, self.execution_environment_memory_gib_per_v_cpu)


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """The smallest size that fits what was measured, and the reasons."""

    size: Size
    #: The measurement at the concurrency of the size.
    measurement: Measurement
    #: MiB: the peak plus the headroom.
    memory_needed_mib: int
    #: Per cent of the peak.
    headroom: float
    #: All concurrencies that fit in this memory. The size has the one with the highest throughput.
    holding: tuple[int, ...]
    #: MiB of the smallest size with enough memory, even if it has too few vCPUs.
    memory_sufficient_mib: int
    #: MiB of the largest smaller size with enough memory; that of the size itself if there is none.
    memory_kept_out_mib: int
    #: Whether the vCPUs that were busy are what keeps that one out.
    is_bound_by_v_cpus: bool
    #: The ids of the rules that keep it out.
    is_bound_by: tuple[str, ...]
    #: The ids of the rules that warn of the size, where every size that fits is warned of.
    warned_of_by: tuple[str, ...]


def recommend(
    measurements: Sequence[Measurement], *, headroom: float = HEADROOM, facts: Facts
) -> Recommendation | None:
    """Choose the smallest memory that fits a measurement; of several measurements, the one with most throughput.

    The vCPUs are the fewest of that memory that are as many as were busy. Concurrencies between those that were
    measured are not guessed at.

    Args:
        measurements: At any concurrencies.
        headroom: Per cent of the peak that are to be left, from 0 on.
        facts: What is known of the function besides its size, its runtime at least. The size violates no rule that
            the function would not violate with any other; where there is none like that, only rules that warn.

    Returns:
        ``None`` where no size holds any of them.
    """
    chooser = _Chooser(headroom, facts)
    held = [(size, measurement) for measurement in measurements if (size := chooser.smallest(measurement))]
    held = [(size, measurement) for size, measurement in held if not chooser.violations(size)] or held
    if not held:
        return None
    memory_size = min(size.memory_size for size, _ in held)
    holding = [(size, measurement) for size, measurement in held if size.memory_size == memory_size]
    size, measurement = max(holding, key=lambda each: (each[1].throughput_per_s, -each[0].v_cpus))
    return Recommendation(
        size=size,
        measurement=measurement,
        memory_needed_mib=measurement.memory_needed_mib(headroom),
        headroom=headroom,
        holding=tuple(sorted({each.concurrency for _, each in holding})),
        **chooser.bounds(size, measurement),
    )


def smallest_size(measurement: Measurement, *, headroom: float = HEADROOM, facts: Facts) -> Size | None:
    """Choose the smallest memory that fits a measurement at its concurrency, and the fewest vCPUs; see `recommend`."""
    return _Chooser(headroom, facts).smallest(measurement)


def rules_against(measurement: Measurement, *, headroom: float = HEADROOM, facts: Facts) -> tuple[str, ...]:
    """Return the ids of the rules by which AWS refuses every size that is large enough; none if there is no such size.

    Args:
        measurement: What no size fits.
        headroom: Per cent of the peak that are to be left, from 0 on.
        facts: As for `recommend`.
    """
    chooser = _Chooser(headroom, facts)
    refused = [chooser.ids(size, Severity.ERROR) for size in chooser.large_enough(measurement)]
    return tuple(sorted(set().union(*refused)))


def has_v_cpus_for(size: Size, measurement: Measurement) -> bool:
    """Tell whether a size has as many vCPUs as were busy."""
    return size.v_cpus >= measurement.v_cpus_busy - _V_CPU_TOLERANCE


def size_errors(size: Size, facts: Facts) -> list[str]:
    """Return the ids of the rules by which AWS refuses this size, but not every other size."""
    return [violation.id for violation in _Chooser(0, facts).violations(size) if violation.severity is Severity.ERROR]


def _violated_by_every_size(facts: Facts) -> set[str]:
    """Return the ids of the rules that no size mends, some of which judge only a known size.

    With one invocation at a time: what another size mends may be a matter of its concurrency.
    """
    sizes = _sizes(int(MAX_CONCURRENCY_MIN))
    found = {violation.id for violation in check(replace(facts, **asdict(next(sizes))), RULES)}
    for size in sizes:
        if not found:
            break
        found &= {violation.id for violation in check(replace(facts, **asdict(size)), RULES)}
    return found


class _Chooser:
    """Tries sizes, the smallest first.

    Args:
        headroom: Per cent.
        facts: All but the size.
    """

    def __init__(self, headroom: float, facts: Facts) -> None:
        self._headroom = headroom
        self._facts = facts
        no_size = dict.fromkeys(Size.__dataclass_fields__, UNKNOWN)
        unmended = {violation.id for violation in check(replace(facts, **no_size), RULES)}
        self._violated_anyway = unmended | _violated_by_every_size(facts)

    def smallest(self, measurement: Measurement) -> Size | None:
        """Find the smallest size that violates nothing; if there is none, the smallest that AWS accepts."""
        accepted = None
        for size in self.large_enough(measurement):
            violations = self.violations(size)
            if not violations:
                return size
            if accepted is None and all(violation.severity is Severity.WARNING for violation in violations):
                accepted = size
        return accepted

    def large_enough(self, measurement: Measurement) -> Iterator[Size]:
        """Yield the sizes with enough memory and vCPUs, whatever the rules say."""
        needed = measurement.memory_needed_mib(self._headroom)
        for size in _sizes(measurement.concurrency):
            if size.memory_size >= needed and has_v_cpus_for(size, measurement):
                yield size

    def bounds(self, chosen: Size, measurement: Measurement) -> dict[str, Any]:
        """Find what rules out the largest smaller memory, if that would be enough."""
        needed = measurement.memory_needed_mib(self._headroom)
        smaller = [size for size in _sizes(measurement.concurrency) if needed <= size.memory_size < chosen.memory_size]
        sufficient = [size.memory_size for size in smaller] or [chosen.memory_size]
        out = [size for size in smaller if size.memory_size == sufficient[-1]]
        warned_of_by = self.ids(chosen, Severity.WARNING)
        # Where the chosen size is warned of, a warning has kept none out.
        decisive = (Severity.ERROR,) if warned_of_by else tuple(Severity)
        violations = {size: self.ids(size, *decisive) for size in out}
        lacks_v_cpus = not all(violations.values())
        # Where the vCPUs keep a size out, a rule does so only to those that have enough.
        ruled_out = [ids for size, ids in violations.items() if not lacks_v_cpus or has_v_cpus_for(size, measurement)]
        return {
            "memory_sufficient_mib": sufficient[0],
            "memory_kept_out_mib": sufficient[-1],
            "is_bound_by_v_cpus": lacks_v_cpus,
            "is_bound_by": tuple(sorted(set().union(*ruled_out))),
            "warned_of_by": tuple(sorted(warned_of_by)),
        }

    def ids(self, size: Size, *severities: Severity) -> set[str]:
        return {violation.id for violation in self.violations(size) if violation.severity in severities}

    def violations(self, size: Size) -> list[Violation]:
        found = check(replace(self._facts, **asdict(size)), RULES)
        return [violation for violation in found if violation.id not in self._violated_anyway]


def _sizes(concurrency: int) -> Iterator[Size]:
    """Return all sizes by their memory, and of the same memory the one with the fewest vCPUs first."""
    found = [
        Size(
            memory_size=memory_size,
            execution_environment_memory_gib_per_v_cpu=int(ratio),
            per_execution_environment_max_concurrency=concurrency,
        )
        for ratio in MEMORY_GIB_PER_V_CPU
        for memory_size in _whole_v_cpus(ratio)
    ]
    yield from sorted(found, key=lambda size: (size.memory_size, size.v_cpus))


def _whole_v_cpus(ratio: int) -> Iterable[int]:
    one_v_cpu = ratio * MIB_PER_GIB
    return range(one_v_cpu, MEMORY_SIZE_MAX + 1, one_v_cpu)


def valid_memory_sizes() -> Sequence[tuple[int, tuple[float, ...]]]:
    """Return each memory size of an execution environment, in MiB, with the GiB per vCPU that divide it."""
    by_memory: dict[int, list[float]] = {}
    for size in _sizes(1):
        by_memory.setdefault(size.memory_size, []).append(size.execution_environment_memory_gib_per_v_cpu)
    return [(memory_size, tuple(sorted(ratios))) for memory_size, ratios in by_memory.items()]
