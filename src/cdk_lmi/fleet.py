"""Calculates the execution environments and instances that a function's traffic needs. Arithmetic only."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypedDict

from .prices import relative_price
from .rules.instances import environments_per_instance, instances_of, v_cpus_for_environments, v_cpus_of_instance
from .rules.limits import (
    EXECUTION_ENVIRONMENTS_MAX,
    INSTANCE_V_CPU_MIN,
    INSTANCE_V_CPU_RESERVED,
    INSTANCES_AT_PUBLISH,
    MAX_V_CPU_COUNT_MAX,
    MEMORY_SIZE_MAX,
    MIB_PER_GIB,
    MIN_EXECUTION_ENVIRONMENTS_DEFAULT,
    PERFORMANCE_POST,
    TRAFFIC_GROWTH,
    TRAFFIC_GROWTH_TIME,
)
from .workload import HEADROOM, Given, Problem, SizingError, Workload, read_workload

#: Invocations arrive at random. Only one moment in several hundred exceeds the mean by so many standard deviations.
_DEVIATIONS = 3
_LITTLES_LAW = "https://doi.org/10.1287/opre.9.3.383"


class Reason(NamedTuple):
    """The reason for a figure."""

    #: The keyword, as in ``memory_size``.
    argument: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """An assumption of the calculation."""

    words: str
    #: The page that supports it; ``None`` if it is this library's own.
    source: str | None


class FunctionArguments(TypedDict):
    """Keyword arguments of ``ManagedInstanceFunction``, which documents them."""

    memory_size: int
    execution_environment_memory_gib_per_v_cpu: int
    per_execution_environment_max_concurrency: int
    min_execution_environments: int
    max_execution_environments: int


class CapacityProviderArguments(TypedDict):
    """Keyword arguments of ``ManagedInstanceCapacityProvider``, which documents them."""

    max_v_cpu_count: int


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """A fleet that serves the traffic: its size, number and instances, which pass every rule of this library."""

    #: As in ``Python``.
    language: str
    #: ``arm64`` or ``x86_64``.
    architecture: str
    #: The only instance type to launch; ``None`` if Lambda chooses.
    instance_type: str | None

    #: MiB of one execution environment.
    memory_size: int
    #: GiB of memory that come with one vCPU: 2, 4 or 8.
    execution_environment_memory_gib_per_v_cpu: int
    #: vCPUs of one execution environment.
    v_cpus: int
    #: Concurrent invocations in one execution environment.
    per_execution_environment_max_concurrency: int
    #: Execution environments that always run. They serve the mean rate.
    min_execution_environments: int
    #: Execution environments that serve the peak, and twice the mean.
    max_execution_environments: int
    #: vCPUs of the instances that hold the maximum and the minimum of the next version, and of one spare instance.
    max_v_cpu_count: int

    #: vCPUs of one instance: the smallest that Lambda is known to launch for this size. It may choose a larger one.
    instance_v_cpus: int
    #: Instances that always run: those of the minimum.
    instances: int

    #: Invocations per second that the minimum serves.
    rate_of_minimum: float
    #: Invocations per second that the maximum serves.
    rate_of_maximum: float
    #: Invocations per second that traffic may rise to from its mean within five minutes without throttling.
    rate_absorbed: float
    #: The mean invocations per second that the fleet was sized for.
    rate: float
    #: The peak invocations per second that the fleet was sized for.
    peak_rate: float
    #: Execution environments that serve the peak. Used as the minimum, they serve it however fast traffic rises.
    environments_of_peak: int
    #: Instances that always run if those are the minimum.
    instances_of_peak: int
    #: The ``max_v_cpu_count`` that leaves room for the next version if those are the minimum; ``None`` if Lambda does
    #: not allow that many vCPUs.
    max_v_cpu_count_of_peak: int | None

    #: The reason for each figure.
    reasons: tuple[Reason, ...]
    #: What the calculation assumes.
    assumptions: tuple[Assumption, ...]

    @property
    def function_arguments(self) -> FunctionArguments:
        """The keyword arguments of ``ManagedInstanceFunction``."""
        return {
            "memory_size": self.memory_size,
            "execution_environment_memory_gib_per_v_cpu": self.execution_environment_memory_gib_per_v_cpu,
            "per_execution_environment_max_concurrency": self.per_execution_environment_max_concurrency,
            "min_execution_environments": self.min_execution_environments,
            "max_execution_environments": self.max_execution_environments,
        }

    @property
    def capacity_provider_arguments(self) -> CapacityProviderArguments:
        """The keyword arguments of ``ManagedInstanceCapacityProvider``, except architecture and instance types."""
        return {"max_v_cpu_count": self.max_v_cpu_count}


def size(
    *,
    memory_per_process: float,
    rate: float,
    duration: float,
    peak_rate: float | None = None,
    language: str = "python",
    concurrency: int | None = None,
    memory_gib_per_v_cpu: float | None = None,
    cpu_time: float | None = None,
    headroom: float = HEADROOM,
    architecture: str | None = None,
    instance_type: str | None = None,
) -> Fleet:
    """Calculate the smallest fleet on Managed Instances that serves the traffic, and the arguments for it.

    Of all sizes with enough memory, it takes those on the smallest instances that Lambda is known to launch. Among
    them it prefers the lowest cost of the instances that always run, then the lowest cost at the peak, then the
    smallest size. It calls no service and measures nothing: ``cdk-lmi fit`` measures.

    Example::

        fleet = cdk_lmi.size(memory_per_process=200, rate=50, peak_rate=120, duration=0.2)
        ManagedInstanceFunction(self, "ListOrders", **fleet.function_arguments, ...)

    Args:
        memory_per_process: MiB of one process, above 0. In Python each process serves one invocation at a time. In
            other languages one process serves all concurrent invocations.
        rate: Mean invocations per second, above 0.
        duration: Mean seconds of one invocation, 0.00001 to 5400.
        peak_rate: The most invocations per second, at least ``rate``. Default: ``rate``.
        language: Python, Node.js, Java, .NET or Rust, in any case, or the prefix of its runtimes, as in "nodejs".
            Default: Python.
        concurrency: Concurrent invocations in one execution environment. Default: as many as its memory, its vCPUs and
            AWS's figure for the language allow.
        memory_gib_per_v_cpu: 2, 4 or 8. Default: the cheapest.
        cpu_time: Mean CPU seconds of one invocation, above 0, as ``cdk-lmi fit`` measures them. Default: unknown, and
            AWS's figure for the language is used instead.
        headroom: Headroom for memory and CPU time in per cent, 0 to 1000. Default: 20, which is not AWS's figure.
        architecture: ``arm64`` or ``x86_64``. Default: that of ``instance_type``, else x86_64.
        instance_type: The only instance type to launch, with its size, as in "c7g.xlarge". Default: Lambda chooses,
            and the calculation uses the smallest that it is known to launch.

    Returns:
        The size, the bounds, the instances, the rates that they serve, and the reasons.

    Raises:
        SizingError: An argument is invalid, or Managed Instances cannot serve the traffic. It lists all problems.

    Read 2026-11-24: https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-scaling.html
    """
    need = read_workload(locals())
    sizes = list(_sizes(need))
    if not sizes:
        raise SizingError(*_why_no_size(need))
    fitting = [plan for plan in (_plan(each, need) for each in sizes) if plan.fits]
    if not fitting:
        raise SizingError(_rate_too_high(need, sizes))
    return _fleet(min(fitting, key=lambda plan: plan.rank), need)


# --- the sizes of one execution environment ---------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Size:
    """One execution environment, on the smallest instance that holds it."""

    ratio: int
    v_cpus: int
    concurrency: int
    instance_v_cpus: int

    @property
    def memory_size(self) -> int:
        return self.v_cpus * self.ratio * MIB_PER_GIB

    @property
    def affordable(self) -> int:
        """The number that a capacity provider can have, beside one spare instance."""
        instances = MAX_V_CPU_COUNT_MAX // self.instance_v_cpus - 1
        return min(EXECUTION_ENVIRONMENTS_MAX, instances * environments_per_instance(self.v_cpus, self.instance_v_cpus))

    def instances(self, environments: int) -> int:
        """Return the number of instances that hold so many."""
        return instances_of(environments, self.v_cpus, self.instance_v_cpus)


def _sizes(need: Workload) -> Iterator[_Size]:
    """Yield each size that holds at least one invocation, or the requested concurrency."""
    for ratio in need.ratios:
        for v_cpus in range(1, _most_v_cpus(ratio, need) + 1):
            most = min(_bounds(ratio * v_cpus * MIB_PER_GIB, v_cpus, need).values())
            if most >= (need.concurrency or 1):
                yield _Size(
                    ratio=ratio,
                    v_cpus=v_cpus,
                    concurrency=need.concurrency or most,
                    instance_v_cpus=need.instance_v_cpus or v_cpus_of_instance(v_cpus),
                )


def _most_v_cpus(ratio: int, need: Workload) -> int:
    """Return the vCPUs of the largest execution environment."""
    of_memory = MEMORY_SIZE_MAX // (ratio * MIB_PER_GIB)
    if need.instance_v_cpus is None:
        return of_memory
    return min(of_memory, v_cpus_for_environments(need.instance_v_cpus))


def _bounds(memory_size: int, v_cpus: int, need: Workload) -> Mapping[str, int]:
    """Return the concurrency that one execution environment allows, by the limiting factor."""
    per_v_cpu = need.language.concurrency_per_v_cpu
    bounds = {f"AWS's figure for {need.language.name} ({per_v_cpu} per vCPU)": int(per_v_cpu * v_cpus)}
    processes = _floor(memory_size / need.process_memory)
    if need.forks:
        bounds[f"memory ({memory_size} MiB / {need.process_memory:g} MiB)"] = processes
    elif processes < 1:
        bounds["memory"] = 0
    if need.v_cpus_per_invocation:
        share = f"{need.v_cpus_per_invocation:.3g}"
        bounds[f"CPU time ({v_cpus} vCPU / {share} vCPU)"] = _floor(v_cpus / need.v_cpus_per_invocation)
    return bounds


def _floor(number: float) -> int:
    """Round down. Values too large to be useful, infinity included, become a large number."""
    return math.floor(min(number, 1e9))


def _why_no_size(need: Workload) -> Iterator[Problem]:
    """Describe what the largest execution environment lacks."""
    ratio = min(need.ratios)
    v_cpus = _most_v_cpus(ratio, need)
    memory_size = ratio * v_cpus * MIB_PER_GIB
    place = f"{memory_size} MiB and {v_cpus} vCPU" + (f", on {need.instance_type}" if need.instance_type else "")
    given = Given(need.arguments)
    if need.process_memory > memory_size:
        given.refuse("memory_per_process", f"fit, with its headroom, into {place}, the largest size")
    if need.v_cpus_per_invocation > v_cpus:
        given.refuse("cpu_time", f"fit, with its headroom, into {need.duration:g} s on {v_cpus} vCPU, the largest size")
    most = min(bound for bound in _bounds(memory_size, v_cpus, need).values() if bound > 0)
    if need.concurrency and need.concurrency > most:
        given.refuse("concurrency", f"be at most {most}, the most that {place} hold")
    yield from given.problems


# --- how many of them -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """A size, and how many of it are needed."""

    size: _Size
    minimum: int
    maximum: int
    #: The number that serves the peak, at least the minimum.
    peak: int
    #: Whether there can be as many as the peak needs.
    fits: bool
    #: The lower, the better. Sizes on larger instances might cost less, but Lambda may launch even larger ones.
    rank: tuple[int, float, float, int]

    @property
    def instances(self) -> int:
        """The instances that hold the maximum, beside it the minimum of the next version, and one spare."""
        return self.size.instances(self.maximum + self.minimum) + 1

    @property
    def v_cpu_cap(self) -> int:
        """The vCPUs of these instances, as far as Lambda allows that many."""
        return min(self.instances * self.size.instance_v_cpus, int(MAX_V_CPU_COUNT_MAX))

    @property
    def v_cpu_cap_of_peak(self) -> int | None:
        """The cap if the minimum serves the peak, too; ``None`` if the next version then has no room beside it."""
        of_update, of_all = (
            (self.size.instances(environments + self.peak) + 1) * self.size.instance_v_cpus
            for environments in (self.peak, self.maximum)
        )
        return min(of_all, int(MAX_V_CPU_COUNT_MAX)) if of_update <= MAX_V_CPU_COUNT_MAX else None


def _plan(size: _Size, need: Workload) -> _Plan:
    minimum = max(int(MIN_EXECUTION_ENVIRONMENTS_DEFAULT), _environments(need.rate, size, need))
    peak = max(minimum, _environments(need.peak_rate, size, need))
    maximum = min(max(peak, _environments(need.rate * TRAFFIC_GROWTH, size, need)), max(peak, size.affordable))
    price = relative_price(size.ratio, size.instance_v_cpus, need.architecture)
    return _Plan(
        size=size,
        minimum=minimum,
        maximum=maximum,
        peak=peak,
        fits=peak <= size.affordable,
        rank=(size.instance_v_cpus, size.instances(minimum) * price, size.instances(maximum) * price, size.memory_size),
    )


def _environments(rate: float, size: _Size, need: Workload) -> int:
    """Return the execution environments that serve a rate; one more than the limit if none can serve it."""
    wanted = at_once(rate, need.duration) / size.concurrency
    return math.ceil(min(wanted, EXECUTION_ENVIRONMENTS_MAX + 1))


def at_once(rate: float, duration: float) -> float:
    """Return the concurrent invocations: the mean plus three standard deviations of random arrivals."""
    mean = rate * duration
    return mean + _DEVIATIONS * math.sqrt(mean)


def rate_served(slots: int, duration: float) -> float:
    """Return the rate at which so many run concurrently: :func:`at_once`, solved for the rate."""
    root = (math.sqrt(_DEVIATIONS**2 + 4 * slots) - _DEVIATIONS) / 2
    return root**2 / duration


def _rate_too_high(need: Workload, sizes: list[_Size]) -> Problem:
    best = max(sizes, key=lambda size: size.affordable * size.concurrency)
    most = rate_served(best.affordable * best.concurrency, need.duration)
    argument = "rate" if need.arguments["peak_rate"] is None else "peak_rate"
    return Problem(
        argument=argument,
        must=f"be at most {most:.6g} per second, which {best.affordable} execution environments with a concurrency of "
        f"{best.concurrency} serve: a capacity provider has at most {MAX_V_CPU_COUNT_MAX} vCPU, and a version at most "
        f"{EXECUTION_ENVIRONMENTS_MAX} environments",
        got=f"{need.peak_rate:g}",
    )


# --- the answer -------------------------------------------------------------------------------------------------


def _fleet(plan: _Plan, need: Workload) -> Fleet:
    size = plan.size
    of_minimum, of_maximum = (
        rate_served(count * size.concurrency, need.duration) for count in (plan.minimum, plan.maximum)
    )
    return Fleet(
        language=need.language.name,
        architecture=need.architecture,
        instance_type=need.instance_type,
        memory_size=size.memory_size,
        execution_environment_memory_gib_per_v_cpu=size.ratio,
        v_cpus=size.v_cpus,
        per_execution_environment_max_concurrency=size.concurrency,
        min_execution_environments=plan.minimum,
        max_execution_environments=plan.maximum,
        max_v_cpu_count=plan.v_cpu_cap,
        instance_v_cpus=size.instance_v_cpus,
        instances=size.instances(plan.minimum),
        rate_of_minimum=of_minimum,
        rate_of_maximum=of_maximum,
        rate=need.rate,
        peak_rate=need.peak_rate,
        environments_of_peak=plan.peak,
        instances_of_peak=size.instances(plan.peak),
        max_v_cpu_count_of_peak=plan.v_cpu_cap_of_peak,
        rate_absorbed=max(of_minimum, min(need.rate * TRAFFIC_GROWTH, of_maximum)),
        reasons=tuple(Reason(argument, words) for argument, words in _reasons(plan, need)),
        assumptions=tuple(_assumptions(plan, need)),
    )


def _reasons(plan: _Plan, need: Workload) -> Iterator[tuple[str, str]]:
    size = plan.size
    yield "execution_environment_memory_gib_per_v_cpu", _ratio_reason(plan, need)
    holds = f"{size.concurrency} processes of {need.process_memory:g} MiB" if need.forks else "the process"
    yield "memory_size", f"{size.v_cpus} vCPU of {size.ratio} GiB, enough for {holds}"
    yield "per_execution_environment_max_concurrency", _concurrency_reason(plan, need)
    yield "min_execution_environments", _minimum_reason(plan, need)
    yield "max_execution_environments", _maximum_reason(plan, need)
    yield "max_v_cpu_count", _cap_reason(plan)


def _ratio_reason(plan: _Plan, need: Workload) -> str:
    if len(need.ratios) == 1:
        return f"the ratio of {need.instance_type}" if need.instance_type else "as given"
    return f"the cheapest ratio that serves the traffic on instances of {plan.size.instance_v_cpus} vCPU"


def _concurrency_reason(plan: _Plan, need: Workload) -> str:
    if need.concurrency:
        return "as given"
    bounds = _bounds(plan.size.memory_size, plan.size.v_cpus, need)
    decisive = min(bounds, key=lambda name: bounds[name])
    others = [f"{name} would allow {most}" for name, most in bounds.items() if name != decisive]
    return "; ".join([f"limited by {decisive}", *others])


def _minimum_reason(plan: _Plan, need: Workload) -> str:
    needed = _environments(need.rate, plan.size, need)
    if needed < plan.minimum:
        return f"one in each of three Availability Zones; {needed} would serve {_traffic('the mean', need.rate, need)}"
    return f"serves {_traffic('the mean', need.rate, need)}"


def _maximum_reason(plan: _Plan, need: Workload) -> str:
    doubled = need.rate * TRAFFIC_GROWTH
    if plan.maximum == plan.minimum:
        return f"the minimum also serves the peak, and twice the mean, {doubled:g} per second"
    if plan.maximum == plan.peak:
        return f"serves {_traffic('the peak', need.peak_rate, need)}"
    if plan.maximum == plan.size.affordable:
        return f"the most that a capacity provider has room for; twice the mean, {doubled:g} per second, needs more"
    return f"serves {_traffic('twice the mean', doubled, need)}"


def _cap_reason(plan: _Plan) -> str:
    counted = (
        f"{plan.instances - 1} instances of {plan.size.instance_v_cpus} vCPU for the maximum and, beside it, the "
        "minimum of the next version, and one spare"
    )
    if plan.v_cpu_cap < plan.instances * plan.size.instance_v_cpus:
        return f"the most that a capacity provider can have; {counted} need more"
    return counted


def _traffic(what: str, rate: float, need: Workload) -> str:
    return f"{what}, {rate:g} per second: {math.ceil(at_once(rate, need.duration))} concurrent invocations"


def _assumptions(plan: _Plan, need: Workload) -> Iterator[Assumption]:
    yield Assumption(
        words="concurrent invocations are rate times duration, plus three standard deviations, because they arrive at "
        "random; planned bursts need a higher peak_rate",
        source=_LITTLES_LAW,
    )
    if need.forks:
        yield Assumption(
            words=f"Python runs one process of {need.process_memory:g} MiB, headroom included, for each concurrent "
            "invocation, and a parent process of about 10 MiB, which must fit into the headroom",
            source=need.language.concurrency_per_v_cpu.source,
        )
    else:
        yield Assumption(
            words=f"{need.language.name} serves all concurrent invocations in one process of {need.process_memory:g} "
            "MiB, headroom included",
            source=need.language.concurrency_per_v_cpu.source,
        )
    if not need.v_cpus_per_invocation:
        yield Assumption(
            words=f"one vCPU handles {need.language.concurrency_per_v_cpu} concurrent invocations, AWS's figure for "
            f"{need.language.name}; state cpu_time if they compute more than they wait",
            source=need.language.concurrency_per_v_cpu.source,
        )
    yield Assumption(words="an execution environment has the memory of whole vCPUs", source=PERFORMANCE_POST)
    if need.instance_type is None:
        yield Assumption(
            words=f"Lambda launches instances of {plan.size.instance_v_cpus} vCPU; it chooses the size, and was "
            f"observed to launch none below {INSTANCE_V_CPU_MIN} vCPU and some larger than needed",
            source=INSTANCE_V_CPU_MIN.source,
        )
    yield Assumption(
        words=f"{INSTANCE_V_CPU_RESERVED} vCPU of each instance is reserved for the operating system",
        source=INSTANCE_V_CPU_RESERVED.source,
    )
    yield Assumption(
        words=f"publishing launches {INSTANCES_AT_PUBLISH} instances, and no other function shares them",
        source=INSTANCES_AT_PUBLISH.source,
    )
    yield Assumption(
        words=f"AWS keeps capacity for {TRAFFIC_GROWTH} times the traffic within {TRAFFIC_GROWTH_TIME} minutes; a "
        "faster rise is throttled until more capacity is running",
        source=TRAFFIC_GROWTH.source,
    )
