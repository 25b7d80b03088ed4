"""The measurement of a handler in one execution environment, at one concurrency."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..local import Hazard

#: Seconds that each concurrency is loaded in any case: the kernel counts the CPU time of a process in steps of 10 ms,
#: and in less time the steps are most of what is seen.
LEAST_SECONDS = 1.0

# Invocations needed for a percentile to differ from the slowest.
_OF_A_PERCENTILE = 100


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One execution environment that started, and served so many concurrent invocations.

    Memory is the proportional set size: what processes share is divided among them, so that it adds up.
    """

    #: Concurrent invocations, and processes.
    concurrency: int
    #: Invocations that were timed.
    invocations: int
    #: Seconds until the last process asked for work.
    init_s: float
    #: MiB of all processes once they were ready, the parent included.
    memory_after_init_mib: float
    #: MiB of the largest process once it was ready.
    process_after_init_mib: float
    #: MiB of all processes, each at its own peak, the parent included: the total if their peaks coincide.
    memory_peak_mib: float
    #: MiB of the largest process at its peak.
    process_peak_mib: float
    #: CPU seconds of all processes, by invocation.
    cpu_s_per_invocation: float
    #: CPU seconds of all processes, by second.
    v_cpus_busy: float
    #: Invocations answered, by second.
    throughput_per_s: float
    #: Seconds within which half of the invocations were answered.
    p50_s: float
    #: Seconds within which 99 of 100 invocations were answered; of fewer than 100, what the slowest took.
    p99_s: float
    #: Answers that report a failure to an HTTP caller: with a ``statusCode`` of 500 or more.
    server_errors: int = 0
    #: CPU seconds of everything else on the machine, by second; this process, which calls, is not in them.
    v_cpus_busy_elsewhere: float = 0.0
    #: Interference between the processes of the environment.
    hazards: tuple[Hazard, ...] = ()

    @property
    def p99_is_slowest(self) -> bool:
        """Whether there were too few invocations for the slowest of 100 to be left out."""
        return self.invocations < _OF_A_PERCENTILE

    def memory_needed_mib(self, headroom: float) -> int:
        """Return the MiB of the peak and ``headroom`` per cent of it on top, rounded up."""
        return math.ceil(self.memory_peak_mib * (100 + headroom) / 100)


@dataclass(frozen=True, kw_only=True)
class Exhausted:
    """One execution environment that ran out of memory."""

    #: Processes that it should have run.
    concurrency: int
    #: MiB that it had.
    memory_size: int
    #: MiB that it used when it was stopped.
    used_mib: float
    #: What Lambda calls it: ``FunctionError.InitResourceExhausted``, or ``Runtime.ExitError`` once it serves.
    reason: str


#: The result of trying one concurrency.
Outcome = Measurement | Exhausted


def percentile(values: list[float], percent: float) -> float:
    """Return the smallest value that the given percentage of the values do not exceed.

    Args:
        values: At least one, in any order.
        percent: Above 0, up to 100.
    """
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]
