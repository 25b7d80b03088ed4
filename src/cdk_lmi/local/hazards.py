"""What goes wrong when processes share an environment, detected while they run.

``observer.py`` sees what the handler's Python code does. It does not see programs that the handler starts, nor files
that C libraries open without Python.
"""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from .logs import LogLine

#: Two processes wrote the same file.
SHARED_FILE = "shared-file"
#: Two processes bound the same port.
SHARED_PORT = "shared-port"
#: /tmp holds more than the function's ephemeral storage.
EPHEMERAL_STORAGE = "ephemeral-storage"
#: The processes took more than the function's memory, and one was killed.
MEMORY = "memory"
#: A line that is not JSON, although the logs are JSON.
TEXT_LOG = "text-log"

#: Messages of awslambdaric's C++ part, which ignores the format of the logs.
_OF_THE_CLIENT = re.compile(r"\[[A-Z]+\] \[\d+\] LAMBDA_RUNTIME ")
#: Paths that are remembered, those written last.
PATHS_MAX = 10_000


class HazardWarning(UserWarning):
    """A hazard, reported at the end of a test."""


@dataclass(frozen=True, kw_only=True)
class Hazard:
    """Interference between processes, or with something that they share.

    Attributes:
        kind: ``"shared-file"``, ``"shared-port"``, ``"ephemeral-storage"``, ``"memory"`` or ``"text-log"``.
        seen: The path, the port, the MiB, or the first such line.
        processes: The processes involved, in the order in which they were seen.
        count: How often it was seen. File openings that arrived too fast to be read are not counted.
        message: The explanation, in a sentence.
        mib: The most MiB that were seen, of ``"ephemeral-storage"`` and ``"memory"``; else ``None``.
    """

    kind: str
    seen: str
    processes: tuple[int, ...]
    count: int
    message: str
    mib: float | None = None


@dataclass
class _Use:
    """Who did something, and how often. A dictionary keeps the order."""

    pids: dict[int, None] = field(default_factory=dict)
    count: int = 0
    locked: set[int] = field(default_factory=set)

    def add(self, pid: int | None) -> None:
        if pid is not None:
            self.pids[pid] = None
        self.count += 1


class Hazards:
    """Collects hazards. Safe to use from any thread.

    Args:
        tmp: The private directory that stands for /tmp, and is told as such.
        ephemeral_storage_size: MiB that /tmp may hold.
    """

    def __init__(self, *, tmp: str, ephemeral_storage_size: int) -> None:
        self._tmp = tmp
        self._ephemeral_storage_size = ephemeral_storage_size
        self._files: OrderedDict[str, _Use] = OrderedDict()
        self._ports: dict[int, _Use] = {}
        self._text: dict[str, tuple[str, _Use]] = {}
        self._memory = _Use()
        self._memory_mib = 0.0
        self._memory_size = 0
        self._stored_mib = 0.0
        self._over_storage = 0
        self._lock = threading.Lock()

    def wrote(self, pid: int, path: str) -> None:
        """Note that a process opened a file to write to it."""
        with self._lock:
            self._file(path).add(pid)

    def locked(self, pid: int, path: str) -> None:
        """Note that a process locked a file: those that do so share it on purpose."""
        with self._lock:
            if path in self._files:
                self._files[path].locked.add(pid)

    def bound(self, pid: int, port: int) -> None:
        """Note that a process bound a port."""
        with self._lock:
            self._ports.setdefault(port, _Use()).add(pid)

    def logged(self, line: LogLine) -> None:
        """Note a line that is no JSON object. Of one that was cut, no piece is, whatever the line was."""
        if not line.whole or not _is_text_log(line.text):
            return
        with self._lock:
            self._text.setdefault(line.stream, (line.text, _Use()))[1].add(line.pid)

    def killed(self, pid: int | None, used_mib: float, memory_size: int) -> None:
        """Note that a process was killed when all took more memory than there is. It may not be known which."""
        with self._lock:
            self._memory.add(pid)
            self._memory_mib = max(self._memory_mib, used_mib)
            self._memory_size = memory_size

    def stored(self, mib: float) -> None:
        """Note what /tmp holds."""
        with self._lock:
            self._stored_mib = max(self._stored_mib, mib)
            self._over_storage += mib > self._ephemeral_storage_size

    def paths(self) -> list[str]:
        """Return the files that were written."""
        with self._lock:
            return list(self._files)

    def seen(self) -> tuple[Hazard, ...]:
        """Return the hazards so far."""
        with self._lock:
            return (*self._shared_files(), *self._shared_ports(), *self._storage(), *self._killed(), *self._text_logs())

    def _file(self, path: str) -> _Use:
        use = self._files.setdefault(path, _Use())
        self._files.move_to_end(path)
        if len(self._files) > PATHS_MAX:
            self._files.popitem(last=False)
        return use

    def _shared_files(self) -> list[Hazard]:
        return [
            Hazard(
                kind=SHARED_FILE,
                seen=self._as_on_lambda(path),
                processes=tuple(use.pids),
                count=use.count,
                message=f"{len(use.pids)} processes wrote {self._as_on_lambda(path)}: all invocations of an "
                "environment share /tmp; put the request id into the file name, or lock the file",
            )
            for path, use in self._files.items()
            if len(use.pids) > 1 and not use.locked >= use.pids.keys()
        ]

    def _as_on_lambda(self, path: str) -> str:
        return "/tmp" + path[len(self._tmp) :] if path.startswith(self._tmp + "/") else path

    def _shared_ports(self) -> list[Hazard]:
        return [
            Hazard(
                kind=SHARED_PORT,
                seen=str(port),
                processes=tuple(use.pids),
                count=use.count,
                message=f"{len(use.pids)} processes bound port {port}: all processes of an environment share its "
                "ports; bind port 0",
            )
            for port, use in self._ports.items()
            if len(use.pids) > 1
        ]

    def _storage(self) -> list[Hazard]:
        if not self._over_storage:
            return []
        return [
            Hazard(
                kind=EPHEMERAL_STORAGE,
                seen=f"{self._stored_mib:.0f} MiB",
                processes=(),
                count=self._over_storage,
                message=f"/tmp held {self._stored_mib:.0f} MiB, but the function has {self._ephemeral_storage_size} "
                "MiB: on Lambda, writing would fail; raise ephemeral_storage_size, or remove files",
                mib=self._stored_mib,
            )
        ]

    def _killed(self) -> list[Hazard]:
        if not self._memory.count:
            return []
        return [
            Hazard(
                kind=MEMORY,
                seen=f"{self._memory_mib:.0f} MiB",
                processes=tuple(self._memory.pids),
                count=self._memory.count,
                message=f"the processes used {self._memory_mib:.0f} MiB, but memory_size is {self._memory_size} MiB: "
                f"{self._memory.count} were killed; lower the concurrency, or raise memory_size",
                mib=self._memory_mib,
            )
        ]

    def _text_logs(self) -> list[Hazard]:
        return [
            Hazard(
                kind=TEXT_LOG,
                seen=text,
                processes=tuple(use.pids),
                count=use.count,
                message=f"{use.count} lines on {stream} are not JSON: lines of concurrent requests mix, and none names "
                "its request; write through logging or Powertools",
            )
            for stream, (text, use) in self._text.items()
        ]


def _is_text_log(text: str) -> bool:
    """Tell whether a line is the handler's and no JSON object."""
    return bool(text) and not (text.isspace() or _OF_THE_CLIENT.match(text) or is_json_object(text))


def is_json_object(text: str) -> bool:
    """Tell whether a line is a JSON object."""
    if not text.lstrip().startswith("{"):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
