"""Enforces the memory limit of an environment: through the kernel if it allows that, else by polling.

The kernel's way is a cgroup (version 2) with ``memory.max``: https://docs.kernel.org/admin-guide/cgroup-v2.html. Where
none can be made, a thread adds up what the processes have, and kills the largest when that is too much, as the kernel
would.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from .processes import MemoryUse, descendants, resident_mib

_BYTES_PER_MIB = 1024 * 1024
#: Seconds between two looks. Python fills fresh memory at about 1 GiB a second; so much may be taken in between.
PERIOD = 0.05
#: A look may take this part of the time. Reading proportional set sizes takes longer the more memory there is.
SHARE = 0.05
CGROUPS = Path("/sys/fs/cgroup")


class Watchdog:
    """Looks at something again and again, in a thread of its own.

    Args:
        look: What to do at each look.
        period: Seconds between two looks, or more where a look takes long.
    """

    def __init__(self, look: Callable[[], None], period: float = PERIOD) -> None:
        self._look = look
        self._period = period
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="cdk-lmi watchdog", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End. A look that is under way ends by itself."""
        self._stop.set()

    def _watch(self) -> None:
        pause = self._period
        while not self._stop.wait(pause):
            began = time.perf_counter()
            self._look()
            pause = max(self._period, (time.perf_counter() - began) / SHARE)


def excess(limit_mib: int, runtime: int, memory: Callable[[], MemoryUse]) -> MemoryUse | None:
    """Return what the processes of a runtime take if that is over the limit.

    What is added up is the proportional set size. It takes long to read, so that it is read only once the resident set
    sizes, which are never less, are over the limit.
    """
    if resident_mib(descendants(runtime)) <= limit_mib:
        return None
    use = memory()
    return use if use.total_mib > limit_mib else None


def kill_largest(use: MemoryUse) -> int | None:
    """Kill the process that has most, as the kernel would, wait until its memory is free, and give its number.

    The runtime's own is left for last.
    """
    candidates = sorted(use.processes, key=lambda process: (process != use.parent, process.pss_mib), reverse=True)
    for process in candidates:
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        _wait_until_free(process.pid)
        return process.pid
    return None


def _wait_until_free(pid: int) -> None:
    """Wait while a process that was killed still has its memory, or the next look would kill another one for it."""
    for _ in range(200):
        if not resident_mib([pid]):
            return
        time.sleep(0.01)


class MemoryCgroup:
    """A cgroup with a limit of memory and without swap, for the processes that join it.

    Args:
        directory: The cgroup.
        limit_mib: What its processes may have, in MiB.
    """

    def __init__(self, directory: Path, limit_mib: int) -> None:
        self._directory = directory
        self.limit_mib = limit_mib
        (directory / "memory.max").write_text(f"{limit_mib * _BYTES_PER_MIB}", encoding="ascii")
        with suppress(OSError):  # a kernel that does not account for swap
            (directory / "memory.swap.max").write_text("0", encoding="ascii")

    @classmethod
    def create(cls, limit_mib: int, name: str, *, root: Path = CGROUPS, own: str | None = None) -> MemoryCgroup | None:
        """Create a cgroup as close to this process's own as the system allows; ``None`` if it allows none.

        A cgroup with processes in it can hand no controllers down, so that the new one is not made in our own but next
        to it, or above.

        Args:
            limit_mib: What its processes may have, in MiB.
            name: What to call it.
            root: Where cgroups of version 2 are mounted.
            own: The path of this process's cgroup, as in ``/proc/self/cgroup``; it is read where not given.
        """
        own = _own_cgroup() if own is None else own
        if own is None or not (root / "cgroup.controllers").exists():
            return None
        above = root / own.lstrip("/")
        while above != root:
            above = above.parent
            try:
                if "memory" not in (above / "cgroup.subtree_control").read_text(encoding="ascii").split():
                    continue
                directory = above / name
                directory.mkdir()
            except OSError:
                continue
            try:
                return cls(directory, limit_mib)
            except OSError:
                directory.rmdir()
        return None

    @property
    def join(self) -> str:
        """The file by which a process joins: it writes 0 to it."""
        return str(self._directory / "cgroup.procs")

    def kills(self) -> int:
        """Return how many processes the kernel has killed for their memory."""
        try:
            events = (self._directory / "memory.events").read_text(encoding="ascii")
        except OSError:
            return 0
        return int(dict(line.split() for line in events.splitlines()).get("oom_kill", 0))

    def remove(self) -> None:
        """Kill the remaining processes in it and remove it."""
        for attempt in range(50):
            with suppress(OSError):
                (self._directory / "cgroup.kill").write_text("1", encoding="ascii")
            try:
                self._directory.rmdir()
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(0.01 * (attempt > 0))
            else:
                return


def _own_cgroup() -> str | None:
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((line[3:] for line in lines if line.startswith("0::")), None)
