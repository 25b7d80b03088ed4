"""How much the processes keep in /tmp."""

from __future__ import annotations

import os
import time
from pathlib import Path

from .hazards import Hazards

_BYTES_PER_MIB = 1024 * 1024
#: Bytes of a block of ``st_blocks`` in POSIX, whatever the block size of the file system.
_BLOCK = 512
#: Seconds between two measurements. Files that are written and removed in between are not seen.
PERIOD = 1.0


class StorageWatch:
    """Measures the private directory that stands for /tmp, and the files in /tmp itself that the processes wrote.

    Args:
        tmp: The private directory.
        hazards: Is told what it holds.
    """

    def __init__(self, tmp: Path, hazards: Hazards) -> None:
        self._tmp = tmp
        self._hazards = hazards
        self._next = 0.0

    def look(self, *, now: bool = False) -> None:
        """Measure, unless that was done less than the period ago."""
        if not now and time.monotonic() < self._next:
            return
        self._hazards.stored(self._stored() / _BYTES_PER_MIB)
        self._next = time.monotonic() + PERIOD

    def _stored(self) -> int:
        own = f"{self._tmp}/"
        total = sum(_bytes(path) for path in self._hazards.paths() if not path.startswith(own))
        for directory, _, names in os.walk(self._tmp):
            total += sum(_bytes(f"{directory}/{name}") for name in names)
        return total


def _bytes(path: str) -> int:
    """Return the disk usage of a file; 0 if it is gone, or if another name of it is counted."""
    try:
        return os.lstat(path).st_blocks * _BLOCK
    except OSError:
        return 0
