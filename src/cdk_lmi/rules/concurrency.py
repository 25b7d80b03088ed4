"""LMI2xx: the concurrency of one execution environment."""

from __future__ import annotations

import math

from .engine import Change, Finding, Severity, change, rule
from .facts import language_of, v_cpu_count
from .limits import (
    MAX_CONCURRENCY_MAX,
    MAX_CONCURRENCY_MIN,
    MAX_CONCURRENCY_PER_V_CPU,
    MEMORY_GIB_PER_V_CPU,
    MEMORY_GIB_PER_V_CPU_DEFAULT,
    MEMORY_SIZE_MAX,
    MIB_PER_GIB,
    RUNTIMES,
)


@rule("LMI201", severity=Severity.ERROR, source=MAX_CONCURRENCY_MAX.source)
def concurrency_out_of_range(
    per_execution_environment_max_concurrency: int,
    memory_size: int = MEMORY_SIZE_MAX,
    execution_environment_memory_gib_per_v_cpu: float = MEMORY_GIB_PER_V_CPU_DEFAULT,
) -> Finding | None:
    """The concurrency of an execution environment is outside Lambda's range.

    This is the range of the API. The vCPUs of an environment narrow it further (LMI202).
    """
    if MAX_CONCURRENCY_MIN <= per_execution_environment_max_concurrency <= MAX_CONCURRENCY_MAX:
        return None
    cap = _cap(v_cpu_count(memory_size, execution_environment_memory_gib_per_v_cpu))
    nearest = min(max(per_execution_environment_max_concurrency, MAX_CONCURRENCY_MIN), cap)
    return Finding(
        subject="per_execution_environment_max_concurrency",
        must=f"be between {MAX_CONCURRENCY_MIN} and {MAX_CONCURRENCY_MAX}",
        got=str(per_execution_environment_max_concurrency),
        fix=(change(per_execution_environment_max_concurrency=int(nearest)),),
    )


@rule("LMI202", severity=Severity.ERROR, source=MAX_CONCURRENCY_PER_V_CPU.source)
def concurrency_above_vcpu_cap(
    per_execution_environment_max_concurrency: int,
    memory_size: int,
    execution_environment_memory_gib_per_v_cpu: float,
) -> Finding | None:
    """The concurrency of an execution environment is too high for its vCPUs.

    Lambda allows 64 concurrent invocations per vCPU, whatever the language. The number of vCPUs is the memory divided
    by the memory per vCPU.
    """
    ratio = execution_environment_memory_gib_per_v_cpu
    v_cpus = v_cpu_count(memory_size, ratio)
    if (
        ratio not in MEMORY_GIB_PER_V_CPU
        or not _cap(v_cpus) < per_execution_environment_max_concurrency <= MAX_CONCURRENCY_MAX
    ):
        return None
    return Finding(
        subject="per_execution_environment_max_concurrency",
        must=f"be at most {_cap(v_cpus)} ({MAX_CONCURRENCY_PER_V_CPU} per vCPU, {v_cpus} vCPU)",
        got=str(per_execution_environment_max_concurrency),
        fix=(
            change(per_execution_environment_max_concurrency=_cap(v_cpus)),
            *_more_v_cpus(per_execution_environment_max_concurrency, ratio),
        ),
    )


@rule("LMI203", severity=Severity.WARNING, source=RUNTIMES)
def concurrency_above_runtime_default(
    per_execution_environment_max_concurrency: int,
    memory_size: int,
    execution_environment_memory_gib_per_v_cpu: float,
    runtime: str,
) -> Finding | None:
    """The concurrency of an execution environment is above AWS's figure for the language.

    AWS gives a figure per vCPU for each language. Its own sources disagree on whether that is the default or the
    maximum. Above it, more invocations share a vCPU, and in Python each one runs a process of its own.
    """
    language = language_of(runtime)
    if language is None:
        return None
    v_cpus = v_cpu_count(memory_size, execution_environment_memory_gib_per_v_cpu)
    default = language.concurrency_per_v_cpu * v_cpus
    if not default < per_execution_environment_max_concurrency <= _cap(v_cpus):
        return None
    return Finding(
        subject="per_execution_environment_max_concurrency",
        must=f"be at most {default} to stay at AWS's figure for {language.name} "
        f"({language.concurrency_per_v_cpu} per vCPU, {v_cpus} vCPU)",
        got=str(per_execution_environment_max_concurrency),
        fix=(change(per_execution_environment_max_concurrency=default),),
    )


def _cap(v_cpus: int) -> int:
    return int(min(MAX_CONCURRENCY_PER_V_CPU * v_cpus, MAX_CONCURRENCY_MAX))


def _more_v_cpus(concurrency: int, ratio: float) -> tuple[Change, ...]:
    """Return the memory whose vCPUs allow this concurrency, if a size has that much."""
    v_cpus = math.ceil(concurrency / MAX_CONCURRENCY_PER_V_CPU)
    memory_size = int(v_cpus * ratio * MIB_PER_GIB)
    if memory_size > MEMORY_SIZE_MAX:
        return ()
    return (change(memory_size=memory_size, note=f"for {v_cpus} vCPUs"),)
