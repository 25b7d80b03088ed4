"""The result of fitting a handler: the measurements, the size that fits, and whether the declared size does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from ..rules.facts import UNKNOWN, Facts
from ..rules.limits import MEMORY_SIZE_MAX, PYTHON
from .choice import Recommendation, Size, has_v_cpus_for, recommend, rules_against, size_errors, smallest_size
from .declaration import Declaration
from .machine import Machine
from .measurement import Exhausted, Measurement, Outcome


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether the declared size fits the handler."""

    declaration: Declaration
    #: Under the declared memory; ``None`` if no execution environment can have that memory.
    outcome: Outcome | None
    #: Headroom above the peak, in per cent.
    headroom: float

    @property
    def errors(self) -> list[str]:
        """The ids of the rules by which AWS refuses the declared size, and which nobody acknowledged."""
        found = size_errors(self.declaration.size, self.declaration.facts)
        return [id for id in found if id not in self.declaration.acknowledged]

    @property
    def fits(self) -> bool:
        """Whether it ran, with the headroom left, in a size that there is.

        That is what makes publishing a version fail. With fewer vCPUs than were busy it runs, and answers fewer.
        """
        return (
            isinstance(self.outcome, Measurement)
            and self.outcome.memory_needed_mib(self.headroom) <= self.declaration.size.memory_size
            and not self.errors
        )

    @property
    def lacks_v_cpus(self) -> bool:
        """Whether more vCPUs were busy here than the size has."""
        return isinstance(self.outcome, Measurement) and not has_v_cpus_for(self.declaration.size, self.outcome)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """The result of fitting a handler."""

    #: As in ``list_orders.handler``.
    handler: str
    #: The folder of the code that was run, by its real path.
    task_root: str
    #: How many events were tried.
    events: int
    machine: Machine
    #: MiB that the environments had which were measured for a size.
    memory_size: int
    #: Headroom above the peak, in per cent.
    headroom: float
    #: The outcome at each concurrency, in ascending order.
    outcomes: tuple[Outcome, ...]
    #: Concurrencies that were not tried, because a lower one ran out of memory.
    not_tried: tuple[int, ...] = ()
    #: The verdict on a template's declared size, if one was given.
    verdict: Verdict | None = None
    #: Environment variables that are declared with values known at deployment only, and were not set.
    unset_environment: tuple[str, ...] = ()

    @cached_property
    def facts(self) -> Facts:
        """What sizes are judged with: what the template declares, else the Python that measured.

        Managed Instances do not run every Python that can measure; the oldest that they run stands for an older one.
        """
        declared = self.verdict.declaration.facts if self.verdict else Facts()
        if declared.runtime is not UNKNOWN:
            return declared
        major, minor = self.machine.python.split(".")[:2]
        oldest = tuple(map(int, PYTHON.oldest_runtime.removeprefix(PYTHON.prefix).split(".")))
        runtime = f"{PYTHON.prefix}{major}.{minor}" if (int(major), int(minor)) >= oldest else PYTHON.oldest_runtime
        return replace(declared, runtime=runtime)

    @property
    def measurements(self) -> list[Measurement]:
        """The measurements that had enough memory."""
        return [outcome for outcome in self.outcomes if isinstance(outcome, Measurement)]

    @property
    def exhausted(self) -> list[Exhausted]:
        """The outcomes that ran out of memory."""
        return [outcome for outcome in self.outcomes if isinstance(outcome, Exhausted)]

    @property
    def is_cut_short(self) -> bool:
        """Whether something ran out of the memory of this machine, and a size has more."""
        return bool(self.exhausted) and self.memory_size < MEMORY_SIZE_MAX

    @cached_property
    def recommendation(self) -> Recommendation | None:
        """The smallest size that fits one of the measurements."""
        return recommend(self.measurements, headroom=self.headroom, facts=self.facts)

    def smallest_size(self, measurement: Measurement) -> Size | None:
        """Return the smallest size that fits one measurement."""
        return smallest_size(measurement, headroom=self.headroom, facts=self.facts)

    def rules_against(self, measurement: Measurement) -> tuple[str, ...]:
        """Return the ids of the rules by which AWS refuses every size that is large enough for one measurement."""
        return rules_against(measurement, headroom=self.headroom, facts=self.facts)

    @property
    def is_clean(self) -> bool:
        """Whether the declared size fits; without a template, whether any size does."""
        return self.verdict.fits if self.verdict else self.recommendation is not None
