"""LMI1xx: the size of one execution environment."""

from __future__ import annotations

import math

from .engine import Change, Finding, Severity, change, rule
from .facts import language_of, v_cpu_count
from .limits import (
    EPHEMERAL_STORAGE_MAX,
    EPHEMERAL_STORAGE_MIN,
    MEMORY_GIB_PER_V_CPU,
    MEMORY_GIB_PER_V_CPU_DEFAULT,
    MEMORY_SIZE_MAX,
    MEMORY_SIZE_MIN,
    MIB_PER_GIB,
    PERFORMANCE_POST,
    PYTHON,
    PYTHON_PROCESS_MEMORY,
    SAM_CAPACITY_PROVIDER_CONFIG,
)


@rule("LMI101", severity=Severity.ERROR, source=MEMORY_SIZE_MIN.source)
def memory_below_minimum(
    memory_size: int, execution_environment_memory_gib_per_v_cpu: float = MEMORY_GIB_PER_V_CPU_DEFAULT
) -> Finding | None:
    """The memory of an execution environment is below the minimum of Managed Instances.

    Standard functions start at 128 MiB, Managed Instances at 2048 MiB. Lambda refuses a smaller value when it creates
    the function.
    """
    if memory_size >= MEMORY_SIZE_MIN:
        return None
    return Finding(
        subject="memory_size",
        must=f"be at least {MEMORY_SIZE_MIN} MiB",
        got=f"{memory_size} MiB",
        fix=(change(memory_size=_at_least(memory_size, execution_environment_memory_gib_per_v_cpu)),),
    )


@rule("LMI102", severity=Severity.ERROR, source=MEMORY_SIZE_MAX.source)
def memory_above_maximum(
    memory_size: int, execution_environment_memory_gib_per_v_cpu: float = MEMORY_GIB_PER_V_CPU_DEFAULT
) -> Finding | None:
    """The memory of an execution environment is above the maximum of Managed Instances.

    One execution environment can have at most 32 GiB, whatever the size of the instance.
    """
    if memory_size <= MEMORY_SIZE_MAX:
        return None
    return Finding(
        subject="memory_size",
        must=f"be at most {MEMORY_SIZE_MAX} MiB",
        got=f"{memory_size} MiB",
        fix=(change(memory_size=_at_most(memory_size, execution_environment_memory_gib_per_v_cpu)),),
    )


@rule("LMI103", severity=Severity.ERROR, source=SAM_CAPACITY_PROVIDER_CONFIG)
def unsupported_memory_per_vcpu(
    execution_environment_memory_gib_per_v_cpu: float, memory_size: int = MEMORY_SIZE_MAX
) -> Finding | None:
    """The memory per vCPU is not one of the three ratios of Managed Instances.

    The ratio selects the EC2 instance family: 2 GiB per vCPU for the C families, 4 for the M families, 8 for the R
    families. CloudFormation's schema accepts any number from 2 to 8.
    """
    if execution_environment_memory_gib_per_v_cpu in MEMORY_GIB_PER_V_CPU:
        return None
    choices = ", ".join(map(str, MEMORY_GIB_PER_V_CPU[:-1])) + f" or {MEMORY_GIB_PER_V_CPU[-1]}"
    whole = [ratio for ratio in MEMORY_GIB_PER_V_CPU if memory_size and memory_size % (ratio * MIB_PER_GIB) == 0]
    return Finding(
        subject="execution_environment_memory_gib_per_v_cpu",
        must=f"be {choices} GiB",
        got=f"{execution_environment_memory_gib_per_v_cpu:g} GiB",
        fix=tuple(
            change(execution_environment_memory_gib_per_v_cpu=int(ratio)) for ratio in whole or MEMORY_GIB_PER_V_CPU[:1]
        ),
    )


@rule("LMI104", severity=Severity.ERROR, source=SAM_CAPACITY_PROVIDER_CONFIG)
def memory_below_one_vcpu(memory_size: int, execution_environment_memory_gib_per_v_cpu: float) -> Finding | None:
    """The memory of an execution environment is less than that of one vCPU.

    Lambda refuses it late, when it creates the function: "Memory ratio of 4096.0MB per CPU exceeds function's total
    memory".
    """
    ratio = execution_environment_memory_gib_per_v_cpu
    one_v_cpu = ratio * MIB_PER_GIB
    if ratio not in MEMORY_GIB_PER_V_CPU or not MEMORY_SIZE_MIN <= memory_size < one_v_cpu:
        return None
    smaller = max(other for other in MEMORY_GIB_PER_V_CPU if other * MIB_PER_GIB <= memory_size)
    return Finding(
        subject="memory_size",
        must=f"be at least {one_v_cpu:g} MiB (1 vCPU at {ratio:g} GiB per vCPU)",
        got=f"{memory_size} MiB",
        fix=(
            change(memory_size=int(one_v_cpu)),
            change(execution_environment_memory_gib_per_v_cpu=int(smaller), memory_size=_at_most(memory_size, smaller)),
        ),
    )


@rule("LMI105", severity=Severity.ERROR, source=PERFORMANCE_POST)
def memory_not_whole_vcpus(memory_size: int, execution_environment_memory_gib_per_v_cpu: float) -> Finding | None:
    """The memory of an execution environment does not match a whole number of vCPUs.

    AWS requires memory in multiples of the ratio: 2048, 4096 or 8192 MiB. The rule is based on AWS's post about
    performance and on reports of users whose value was refused. No page states the error for a remainder above one
    vCPU, so you can acknowledge a value that AWS accepts.
    """
    ratio = execution_environment_memory_gib_per_v_cpu
    one_v_cpu = ratio * MIB_PER_GIB
    if ratio not in MEMORY_GIB_PER_V_CPU or not one_v_cpu <= memory_size <= MEMORY_SIZE_MAX:
        return None
    if memory_size % one_v_cpu == 0:
        return None
    return Finding(
        subject="memory_size",
        must=f"be a multiple of {one_v_cpu:g} MiB (whole vCPUs at {ratio:g} GiB per vCPU)",
        got=f"{memory_size} MiB",
        fix=_settings(_at_least(memory_size, ratio), _at_most(memory_size, ratio)),
    )


@rule("LMI106", severity=Severity.ERROR, source=EPHEMERAL_STORAGE_MAX.source)
def ephemeral_storage_out_of_range(ephemeral_storage_size: int) -> Finding | None:
    """The storage under /tmp is outside Lambda's range.

    All invocations in an execution environment share this storage, so Managed Instances need more of it than standard
    functions.
    """
    if EPHEMERAL_STORAGE_MIN <= ephemeral_storage_size <= EPHEMERAL_STORAGE_MAX:
        return None
    nearest = min(max(ephemeral_storage_size, EPHEMERAL_STORAGE_MIN), EPHEMERAL_STORAGE_MAX)
    return Finding(
        subject="ephemeral_storage_size",
        must=f"be between {EPHEMERAL_STORAGE_MIN} and {EPHEMERAL_STORAGE_MAX} MiB",
        got=f"{ephemeral_storage_size} MiB",
        fix=(change(ephemeral_storage_size=int(nearest)),),
    )


@rule("LMI107", severity=Severity.WARNING, source=PYTHON_PROCESS_MEMORY.source)
def too_little_memory_per_process(
    runtime: str,
    memory_size: int,
    per_execution_environment_max_concurrency: int,
    execution_environment_memory_gib_per_v_cpu: float = MEMORY_GIB_PER_V_CPU_DEFAULT,
) -> Finding | None:
    """A Python process has less memory than boto3 alone needs.

    Python runs one process for each concurrent invocation of an execution environment, and each process imports the
    handler for itself. If an environment runs out of memory while it starts, publishing the version fails
    (FunctionError.InitResourceExhausted), and so does the rollback.
    """
    needed = PYTHON_PROCESS_MEMORY * per_execution_environment_max_concurrency
    if language_of(runtime) is not PYTHON or not MEMORY_SIZE_MIN <= memory_size < needed:
        return None
    affordable = memory_size // PYTHON_PROCESS_MEMORY
    larger = _at_least(needed, execution_environment_memory_gib_per_v_cpu)
    return Finding(
        subject="per_execution_environment_max_concurrency",
        must=f"leave each Python process at least {PYTHON_PROCESS_MEMORY} MiB of memory",
        got=f"{memory_size / per_execution_environment_max_concurrency:.1f} MiB "
        f"({memory_size} MiB / {per_execution_environment_max_concurrency})",
        fix=(
            change(per_execution_environment_max_concurrency=affordable),
            *([change(memory_size=larger)] if larger >= needed else []),
        ),
    )


def _step(ratio: float) -> int:
    """Return the MiB of one vCPU; for an unsupported ratio, those of the default ratio."""
    supported = ratio if ratio in MEMORY_GIB_PER_V_CPU else MEMORY_GIB_PER_V_CPU_DEFAULT
    return int(supported * MIB_PER_GIB)


def _at_least(memory_size: int, ratio: float) -> int:
    """Return the smallest memory of whole vCPUs that is at least this, or the largest possible."""
    step = _step(ratio)
    return min(max(math.ceil(memory_size / step), 1) * step, MEMORY_SIZE_MAX // step * step)


def _at_most(memory_size: int, ratio: float) -> int:
    """Return the largest memory of whole vCPUs that is at most this."""
    step = _step(ratio)
    return v_cpu_count(min(memory_size, MEMORY_SIZE_MAX), step / MIB_PER_GIB) * step


def _settings(*memory_sizes: int) -> tuple[Change, ...]:
    return tuple(change(memory_size=memory_size) for memory_size in dict.fromkeys(memory_sizes))
