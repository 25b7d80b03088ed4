"""Mutants that no test can tell from what they were made of, each with the reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Equivalent:
    """A change that changes nothing that anybody sees."""

    #: The name of the module.
    module: str
    #: What stands in the changed line before and after: as much of it as tells it from others.
    before: str
    after: str
    reason: str


_ONE_OBJECT = "there is one object of this value, so that to be it and to equal it are the same"
_ONE_ARCHITECTURE = "the rule has seen to it that there is one entry: the first is the last"
_NO_REMAINDER = "no remainder of a division by a positive number is below zero"
_ALL_THREE = (
    "every ratio divides the largest memory, so that the bound itself is of whole vCPUs and no finding either way"
)
_ON_THE_BOUND = "the rule has let the bound itself pass before"
_QUICKER = "nobody compares or prints a record of facts, and without the methods for it the import is quicker"

EQUIVALENTS: tuple[Equivalent, ...] = (
    Equivalent("arguments", "__repr__ is object.__repr__", "__repr__ == object.__repr__", _ONE_OBJECT),
    Equivalent(
        "capacity",
        "be {capacity_provider_architectures[0]}",
        "be {capacity_provider_architectures[ -1]}",
        _ONE_ARCHITECTURE,
    ),
    Equivalent(
        "capacity",
        "change(architecture=capacity_provider_architectures[0])",
        "change(architecture=capacity_provider_architectures[ -1])",
        _ONE_ARCHITECTURE,
    ),
    Equivalent(
        "capacity",
        "allow {capacity_provider_architectures[0]}",
        "allow {capacity_provider_architectures[ -1]}",
        _ONE_ARCHITECTURE,
    ),
    Equivalent(
        "capacity",
        'capacity_provider_architectures == ("x86_64",)',
        'capacity_provider_architectures >= ("x86_64",)',
        "of the two architectures that there are, x86_64 sorts last",
    ),
    Equivalent("capacity", "if subnets < SUBNETS_MIN", "if subnets <= SUBNETS_MIN", _ON_THE_BOUND),
    Equivalent(
        "capacity",
        "availability_zones < 1",
        "availability_zones != 1",
        "two and more have passed before, and nobody has fewer zones than none",
    ),
    Equivalent(
        "capacity",
        "if gib == ratio)",
        "if gib >= ratio)",
        "the ratio is one of the three, which are in rising order: the first that is no less is the same",
    ),
    Equivalent("catalogue", "rule is not scaling", "rule != scaling", _ONE_OBJECT),
    Equivalent(
        "compatibility", "TIMEOUT_SYNCHRONOUS_MAX < timeout", "TIMEOUT_SYNCHRONOUS_MAX <= timeout", _ON_THE_BOUND
    ),
    Equivalent("compatibility", "if timeout < TIMEOUT_MIN", "if timeout <= TIMEOUT_MIN", _ON_THE_BOUND),
    Equivalent(
        "compatibility",
        'logging_format == "JSON"',
        'logging_format <= "JSON"',
        "of the two formats that there are, JSON sorts first",
    ),
    Equivalent(
        "engine",
        "self.violations[0].resource",
        "self.violations[ -1].resource",
        "all violations of one error are of the same resource",
    ),
    Equivalent("engine", "count > 1", "count != 1", "an error has at least one violation"),
    Equivalent("engine", "value == ()", "value is ()", _ONE_OBJECT),
    Equivalent("engine", "value is UNKNOWN", "value == UNKNOWN", _ONE_OBJECT),
    Equivalent("engine", "value is not UNKNOWN", "value != UNKNOWN", _ONE_OBJECT),
    Equivalent("engine", "severity is Severity.ERROR", "severity == Severity.ERROR", _ONE_OBJECT),
    Equivalent(
        "engine",
        "severity is Severity.ERROR",
        "severity <= Severity.ERROR",
        "of the two severities that there are, error sorts first",
    ),
    Equivalent("engine", "eq=False", "eq=True", "no two rules have the same id, so that each equals itself alone"),
    Equivalent(
        "facts",
        "= _literal, *, left_out",
        "= _literal, /, left_out",
        "what declares facts is private to the module, where every caller names what it gives",
    ),
    Equivalent(
        "facts",
        "_enum_member(architectures[0])",
        "_enum_member(architectures[ -1])",
        "every change that is offered sets one architecture",
    ),
    Equivalent(
        "facts",
        "memory_size / (ratio * MIB_PER_GIB)",
        "memory_size // (ratio * MIB_PER_GIB)",
        "it is rounded down in any case",
    ),
    Equivalent("facts", "eq=False", "eq=True", _QUICKER),
    Equivalent("facts", "repr=False", "repr=True", _QUICKER),
    Equivalent("facts", "runtime is UNKNOWN", "runtime == UNKNOWN", _ONE_OBJECT),
    Equivalent("instance_types", "strict=True", "strict=False", "there are three letters and three ratios"),
    Equivalent(
        "instances",
        "v_cpus + INSTANCE_V_CPU_RESERVED",
        "v_cpus | INSTANCE_V_CPU_RESERVED",
        "every instance has an even number of vCPUs: where an odd one is not more, neither is the next",
    ),
    Equivalent(
        "network", "len(services) > 1", "len(services) != 1", "nobody is told to add an endpoint for no service"
    ),
    Equivalent(
        "scaling",
        "max_execution_environments: int | None = 0",
        "max_execution_environments: int | None = -1",
        "no bound of a new version is below zero, and 0 is above none either",
    ),
    Equivalent("scaling", "SCALING_POLICIES_MAX + 1", "SCALING_POLICIES_MAX | 1", "10 + 1 and 10 | 1 are both 11"),
    Equivalent("scaling", "SCALING_POLICIES_MAX + 1", "SCALING_POLICIES_MAX ^ 1", "10 + 1 and 10 ^ 1 are both 11"),
    Equivalent(
        "scaling",
        'scaling_mode == "Manual"',
        'scaling_mode >= "Manual"',
        "of the two modes that there are, Manual sorts last",
    ),
    Equivalent(
        "scaling",
        "if max_v_cpu_count > MAX_V_CPU_COUNT_MAX else",
        "if max_v_cpu_count >= MAX_V_CPU_COUNT_MAX else",
        _ON_THE_BOUND,
    ),
    Equivalent("sizing", "step / MIB_PER_GIB", "step // MIB_PER_GIB", "the memory of one vCPU is that of whole GiB"),
    Equivalent("sizing", "(ratio * MIB_PER_GIB) == 0", "(ratio * MIB_PER_GIB) <= 0", _NO_REMAINDER),
    Equivalent("sizing", "memory_size % one_v_cpu == 0", "memory_size % one_v_cpu <= 0", _NO_REMAINDER),
    Equivalent(
        "sizing",
        "larger >= needed",
        "larger > needed",
        "34 MiB times a concurrency are a multiple of 2048 MiB at 34816 first, which is above the largest memory",
    ),
    Equivalent("sizing", "language_of(runtime) is not PYTHON", "language_of(runtime) != PYTHON", _ONE_OBJECT),
    Equivalent(
        "sizing",
        "one_v_cpu <= memory_size",
        "one_v_cpu < memory_size",
        "the memory of one vCPU is that of whole vCPUs: no finding either way",
    ),
    Equivalent("sizing", "one_v_cpu <= memory_size <= MEMORY", "one_v_cpu <= memory_size < MEMORY", _ALL_THREE),
)
