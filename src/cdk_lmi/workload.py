"""The traffic that a fleet should serve: read from the arguments, and refused if they cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .rules.facts import LEFT_OUT
from .rules.instance_types import GIB_PER_V_CPU_OF_FAMILY, InstanceType, parse_instance_type, v_cpus_of_type
from .rules.limits import (
    LANGUAGES,
    MEMORY_GIB_PER_V_CPU,
    MEMORY_SIZE_MAX,
    PYTHON,
    RUST,
    TIMEOUT_MAX,
    Language,
)

#: Default headroom for memory and CPU time in per cent. Not AWS's figure: events that were not tried take other
#: memory, and AWS's runtime is not the Python that measured.
HEADROOM = 20.0
HEADROOM_MAX = 1000.0
#: Seconds. Lambda tells a duration no finer.
DURATION_MIN = 0.00001

_OPTIONAL = ("peak_rate", "cpu_time")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One reason why there is no size."""

    #: The argument, as in ``memory_per_process``.
    argument: str
    #: What is allowed, with its unit, worded to follow "must".
    must: str
    #: What was given.
    got: str

    def __str__(self) -> str:
        return f"{self.argument} must {self.must}, got {self.got}"


class SizingError(ValueError):
    """An argument is invalid, or Managed Instances cannot serve the traffic; ``problems`` lists all problems.

    Args:
        problems: At least one; each prints as a sentence.
    """

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__(*problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


# Users meet it under its public name, in a traceback too.
SizingError.__module__ = "cdk_lmi"


@dataclass(frozen=True, kw_only=True)
class Workload:
    """The arguments, read."""

    #: MiB of one process, headroom in it.
    process_memory: float
    #: Mean invocations per second, and the most.
    rate: float
    peak_rate: float
    #: Mean seconds of one invocation.
    duration: float
    language: Language
    #: Concurrent invocations in one execution environment; ``None`` for as many as possible.
    concurrency: int | None
    #: GiB of memory by vCPU that may be chosen from.
    ratios: tuple[int, ...]
    #: vCPUs that one invocation takes while it runs, headroom in it; 0 where it is not known.
    v_cpus_per_invocation: float
    architecture: str
    #: The only type that instances are to be of, and its vCPUs.
    instance_type: str | None
    instance_v_cpus: int | None
    #: As they were given.
    arguments: Mapping[str, object]

    @property
    def forks(self) -> bool:
        """Whether each invocation has a process of its own."""
        return self.language is PYTHON


def read_workload(arguments: Mapping[str, object]) -> Workload:
    """Read the arguments of :func:`cdk_lmi.size`.

    Raises:
        SizingError: Arguments are invalid. It lists all that are invalid by themselves.
    """
    given = Given(arguments)
    memory = given.positive("memory_per_process", "MiB")
    rate = given.positive("rate", "invocations per second")
    duration = given.between("duration", DURATION_MIN, TIMEOUT_MAX, "s")
    peak_rate = given.positive("peak_rate", "invocations per second")
    cpu_time = given.positive("cpu_time", "s")
    headroom = given.between("headroom", 0, HEADROOM_MAX, "%")
    language = given.language()
    concurrency = given.whole_number("concurrency")
    ratio = given.ratio()
    kind, instance_v_cpus = given.instance_type()
    architecture = given.architecture(kind)
    if rate is not None and peak_rate is not None and peak_rate < rate:
        given.refuse("peak_rate", f"be at least the mean rate, {rate:g} per second")
    more = 1 if headroom is None else (100 + headroom) / 100
    if memory is not None and memory * more > MEMORY_SIZE_MAX:
        given.refuse(
            "memory_per_process",
            f"be at most {MEMORY_SIZE_MAX / more:.6g} MiB, which with headroom fills the {MEMORY_SIZE_MAX} MiB of the "
            "largest execution environment",
        )
    ratio_of_type = GIB_PER_V_CPU_OF_FAMILY[kind.family] if kind else None
    if ratio is not None and ratio_of_type not in (None, ratio):
        given.refuse("memory_gib_per_v_cpu", f"be {ratio_of_type}, the ratio of {arguments['instance_type']}")
    if given.problems or memory is None or rate is None or duration is None or headroom is None or language is None:
        raise SizingError(*given.problems)
    return Workload(
        process_memory=memory * more,
        rate=rate,
        peak_rate=peak_rate or rate,
        duration=duration,
        language=language,
        concurrency=concurrency,
        ratios=tuple(int(gib) for gib in MEMORY_GIB_PER_V_CPU if gib == (ratio or ratio_of_type or gib)),
        v_cpus_per_invocation=(cpu_time or 0) * more / duration,
        architecture=architecture,
        instance_type=str(arguments["instance_type"]) if kind else None,
        instance_v_cpus=instance_v_cpus,
        arguments=arguments,
    )


class Given:
    """What was given, and what is wrong with it."""

    def __init__(self, arguments: Mapping[str, object]) -> None:
        self._arguments = arguments
        self.problems: list[Problem] = []

    def refuse(self, argument: str, must: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(argument=argument, must=must, got=_shown(self._arguments[argument])))

    def positive(self, argument: str, unit: str) -> float | None:
        """Give a number above 0; ``None`` where it is none, or was left out."""
        number = _number_of(self._arguments[argument])
        if number is not None and number > 0:
            return number
        if self._arguments[argument] is not None or argument not in _OPTIONAL:
            self.refuse(argument, f"be a number above 0 {unit}")
        return None

    def between(self, argument: str, low: float, high: float, unit: str) -> float | None:
        """Give a number in its range; ``None`` where it is none."""
        number = _number_of(self._arguments[argument])
        if number is not None and low <= number <= high:
            return number
        self.refuse(argument, f"be a number between {_plain(low)} and {_plain(high)} {unit}")
        return None

    def whole_number(self, argument: str) -> int | None:
        """Give a whole number above 0; ``None`` where it is none, or was left out."""
        value = self._arguments[argument]
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
            return value
        self.refuse(argument, "be a whole number above 0")
        return None

    def ratio(self) -> float | None:
        """Give the memory per vCPU."""
        value = self._arguments["memory_gib_per_v_cpu"]
        if value is None or _number_of(value) in MEMORY_GIB_PER_V_CPU:
            return _number_of(value)
        choices = ", ".join(map(str, MEMORY_GIB_PER_V_CPU[:-1]))
        self.refuse("memory_gib_per_v_cpu", f"be {choices} or {MEMORY_GIB_PER_V_CPU[-1]} GiB")
        return None

    def language(self) -> Language | None:
        """Give the language by its name, or by what its runtimes begin with."""
        value = self._arguments["language"]
        languages = (*LANGUAGES, RUST)
        if isinstance(value, str):
            for language in languages:
                if value.strip().casefold() in (language.name.casefold(), language.prefix):
                    return language
        self.refuse("language", f"be one of {', '.join(language.name for language in languages)}")
        return None

    def instance_type(self) -> tuple[InstanceType | None, int | None]:
        """Give the type that instances are to be of, and its vCPUs."""
        value = self._arguments["instance_type"]
        if value is None:
            return None, None
        kind = parse_instance_type(value) if isinstance(value, str) else None
        v_cpus = v_cpus_of_type(value) if isinstance(value, str) else None
        if kind is None or kind.family not in GIB_PER_V_CPU_OF_FAMILY or v_cpus is None:
            self.refuse("instance_type", "be a C, M or R type of size large or above, such as c7g.xlarge")
            return None, None
        return kind, v_cpus

    def architecture(self, kind: InstanceType | None) -> str:
        """Give the architecture: as given, or that of the type."""
        value = self._arguments["architecture"]
        default: str = kind.architecture if kind else LEFT_OUT["architecture"]
        if value not in (None, "arm64", "x86_64"):
            self.refuse("architecture", "be arm64 or x86_64")
        elif kind and value not in (None, kind.architecture):
            self.refuse("architecture", f"be {kind.architecture}, as {self._arguments['instance_type']} is")
        return str(value or default)


def _plain(number: float) -> str:
    return f"{number:.5f}".rstrip("0").rstrip(".")


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    try:
        return repr(value)
    except ValueError:  # Python writes out no whole number of more than some thousand digits.
        return "a number with too many digits"


def _number_of(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None
