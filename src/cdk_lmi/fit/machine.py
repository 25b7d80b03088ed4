"""The machine that measures: what its figures depend on."""

from __future__ import annotations

import os
import platform
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_KIB, _MIB = 1024, 1024**2
# Memory left for everything else on the machine.
_MEMORY_LEFT = 0.1
# The memory limit of a container, how much of it is used, and how much of that is files that the kernel drops when
# memory runs short; in cgroups v2 and v1:
# https://docs.kernel.org/admin-guide/cgroup-v2.html, https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
_CGROUP_FILES = (
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat", "total_inactive_file"),
)
# The CPU time that a container may take in each period, and the period, both in microseconds: in one file in cgroups
# v2, in two in v1. See also https://docs.kernel.org/scheduler/sched-bwc.html
_QUOTA_FILES = (("cpu.max",), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"))
_CGROUP = Path("/sys/fs/cgroup")


class UnfitMachineError(RuntimeError):
    """This machine cannot measure a handler."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What the figures depend on."""

    #: As in ``3.14.1``.
    python: str
    #: As in ``x86_64``.
    architecture: str
    #: The CPUs that this process may use; a fraction where a container's quota is one.
    cpus: float
    #: The CPUs of the machine, or of the host of a container.
    host_cpus: int
    #: MiB that an execution environment can have here.
    memory_mib: int


def this_machine() -> Machine:
    """Look at this machine.

    Raises:
        UnfitMachineError: It has not what it takes to measure.
    """
    if not sys.platform.startswith("linux"):
        raise UnfitMachineError(
            f"memory is measured through Linux's /proc, but this is {sys.platform}: use a Linux container"
        )
    return Machine(
        python=platform.python_version(),
        architecture=platform.machine(),
        cpus=_cpus(),
        host_cpus=os.cpu_count() or 1,
        memory_mib=int(_available_mib() * (1 - _MEMORY_LEFT)),
    )


def _cpus(cgroup: Path = _CGROUP) -> float:
    """Return the CPUs that this process may use at once, or on average where a container has a quota."""
    found: list[float] = [len(os.sched_getaffinity(0))]
    for files in _QUOTA_FILES:
        with suppress(OSError, ValueError):  # no such file, or "max"
            quota, period = (int(part) for file in files for part in (cgroup / file).read_text().split())
            if quota > 0 and period > 0:  # -1 is no quota in v1
                found.append(quota / period)
    fewest = min(found)
    return int(fewest) if fewest == int(fewest) else fewest


def _available_mib(proc: Path = Path("/proc"), cgroup: Path = _CGROUP) -> float:
    """Return the MiB that can be used without swapping or reaching the limit of a container."""
    found = [_meminfo_mib(proc / "meminfo")]
    for limit, used, statistics, dropped in _CGROUP_FILES:
        with suppress(OSError, ValueError):  # no such file, or "max"
            left = int((cgroup / limit).read_text()) - int((cgroup / used).read_text())
            found.append((left + _statistic(cgroup / statistics, dropped)) / _MIB)
    return max(0.0, min(found))


def _statistic(path: Path, name: str) -> int:
    """Return a number of a cgroup's statistics; 0 where they do not have it."""
    with suppress(OSError):
        pairs = (line.split() for line in path.read_text().splitlines())
        return next((int(pair[1]) for pair in pairs if pair[0] == name), 0)
    return 0


def _meminfo_mib(path: Path) -> float:
    for line in path.read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * _KIB / _MIB
    raise OSError(f"{path} has no MemAvailable")
