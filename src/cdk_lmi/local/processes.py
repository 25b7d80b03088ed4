"""The memory and CPU time of the processes of an execution environment, read from /proc.

The tree is followed by the lists of children that the kernel keeps. Looking at every process of the machine instead, as
psutil does, takes as long as the machine has processes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

_KIB_PER_MIB = 1024
_PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024 if hasattr(os, "sysconf") else 4
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True, kw_only=True)
class ProcessMemory:
    """The memory of one process, in MiB.

    Attributes:
        pid: The process.
        pss_mib: The proportional set size: pages of its own, and its share of those that several processes hold. The
            sum over all processes is their total memory.
        rss_mib: The resident set size: all its pages, shared or not.
        private_mib: Pages that no other process holds.
    """

    pid: int
    pss_mib: float
    rss_mib: float
    private_mib: float


@dataclass(frozen=True, kw_only=True)
class MemoryUse:
    """The memory of an execution environment.

    Attributes:
        processes: Every process: the runtime's own, those it runs handlers in, and any that handlers started.
        parent: The runtime's own process, ``None`` where it is gone.
        workers: The processes that run the handler.
    """

    processes: tuple[ProcessMemory, ...]
    parent: ProcessMemory | None
    workers: tuple[ProcessMemory, ...]

    @property
    def total_mib(self) -> float:
        """The proportional set sizes of all processes, in MiB."""
        return sum(process.pss_mib for process in self.processes)


def descendants(pid: int) -> list[int]:
    """Return the process and all that it started, directly or not, that still exist."""
    found = [pid]
    for parent in found:
        found += children(parent)
    return found


def children(pid: int) -> list[int]:
    """Return the processes that a process started and that still exist. None if it is gone itself."""
    started = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - this is read often
            started += [int(child) for child in _read(f"/proc/{pid}/task/{thread}/children").split()]
    except OSError:
        pass
    return started


def memory_of(pid: int) -> ProcessMemory | None:
    """Read the memory of a process; ``None`` if it is gone. The kernel walks its page tables for it."""
    try:
        lines = _read(f"/proc/{pid}/smaps_rollup").splitlines()[1:]
    except OSError:
        return None
    kib = {}
    for line in lines:
        name, value, *_ = line.split()
        kib[name] = int(value)
    if not kib:
        return None  # a process that has ended and was not waited for
    private = kib["Private_Clean:"] + kib["Private_Dirty:"] + kib.get("Private_Hugetlb:", 0)
    return ProcessMemory(
        pid=pid,
        pss_mib=kib["Pss:"] / _KIB_PER_MIB,
        rss_mib=kib["Rss:"] / _KIB_PER_MIB,
        private_mib=private / _KIB_PER_MIB,
    )


def memory_use(parent: int, workers: Iterable[int]) -> MemoryUse:
    """Read the memory of an execution environment whose runtime is ``parent``."""
    handling = set(workers)
    found = tuple(memory for pid in descendants(parent) if (memory := memory_of(pid)))
    return MemoryUse(
        processes=found,
        parent=next((memory for memory in found if memory.pid == parent), None),
        workers=tuple(memory for memory in found if memory.pid in handling),
    )


def resident_mib(pids: Iterable[int]) -> float:
    """Return the resident set sizes of processes in all, in MiB: never less than what they take, and quickly read."""
    pages = 0
    for pid in pids:
        try:
            pages += int(_read(f"/proc/{pid}/statm").split()[1])
        except OSError:
            continue
    return pages * _PAGE_KIB / _KIB_PER_MIB


def cpu_seconds_of(pid: int) -> float:
    """Return what a process, and those that it started and waited for, computed: user and system time in seconds."""
    fields = _stat(pid)
    return sum(map(int, fields[11:15])) / _TICKS_PER_SECOND if fields else 0.0


def cpu_seconds_of_machine() -> float:
    """Return what all processes of the machine computed: user and system time of all CPUs in seconds.

    The first eight figures are those of https://man7.org/linux/man-pages/man5/proc_stat.5.html; guests are in them.
    """
    user, nice, system, _idle, _iowait, irq, softirq, _steal = map(int, _read("/proc/stat").split()[1:9])
    return (user + nice + system + irq + softirq) / _TICKS_PER_SECOND


def exit_status_of(pid: int) -> int | None:
    """Return the status of a process that has ended and was not waited for yet, as ``waitpid`` would."""
    fields = _stat(pid)
    return int(fields[49]) if fields and fields[0] in "ZX" else None


def _stat(pid: int) -> list[str]:
    """Return the fields of ``/proc/<pid>/stat`` from the third, the state, on. The second is a name: anybody's text."""
    try:
        return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    except OSError:
        return []


def sockets_of(pid: int) -> set[str]:
    """Return the inodes of the sockets that a process has open."""
    inodes = set()
    try:
        for descriptor in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208 - this is read often
            try:
                target = os.readlink(f"/proc/{pid}/fd/{descriptor}")  # noqa: PTH115
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    except OSError:
        pass
    return inodes


def inodes_of_connections(to_port: int) -> dict[int, str]:
    """Return the inodes of the sockets that are connected to a port of the loopback address, by their own port."""
    inodes = {}
    remote = f"0100007F:{to_port:04X}"
    for line in _read("/proc/net/tcp").splitlines()[1:]:
        fields = line.split()
        if fields[2] == remote:
            inodes[int(fields[1].partition(":")[2], 16)] = fields[9]
    return inodes


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123 - this is read often
        return file.read()
