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
# The memory limit of a container and how much of it is used, in cgroups v2 and v1:
# https://docs.kernel.org/admin-guide/cgroup-v2.html
_CGROUP_FILES = (
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
)


class UnfitMachineError(RuntimeError):
    """This machine cannot measure a handler."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What the figures depend on."""

    #: As in ``3.14.1``.
    python: str
    #: As in ``x86_64``.
    architecture: str
    #: The CPUs that this process may use.
    cpus: int
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
        cpus=len(os.sched_getaffinity(0)),
        memory_mib=int(_available_mib() * (1 - _MEMORY_LEFT)),
    )


def _available_mib(proc: Path = Path("/proc"), cgroup: Path = Path("/sys/fs/cgroup")) -> float:
    """Return the MiB that can be used without swapping or reaching the limit of a container."""
    found = [_meminfo_mib(proc / "meminfo")]
    for limit, used in _CGROUP_FILES:
        with suppress(OSError, ValueError):  # no such file, or "max"
            found.append((int((cgroup / limit).read_text()) - int((cgroup / used).read_text())) / _MIB)
    return max(0.0, min(found))


def _meminfo_mib(path: Path) -> float:
    for line in path.read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * _KIB / _MIB
    raise OSError(f"{path} has no MemAvailable")
