"""How much the processes keep in /tmp."""

from __future__ import annotations

import os
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

    def look(self) -> None:
        """Measure. Safe to call from any thread."""
        self._hazards.stored(self._stored() / _BYTES_PER_MIB)

    def _stored(self) -> int:
        own = f"{self._tmp}/"
        counted: set[tuple[int, int]] = set()
        total = sum(_bytes(path, counted) for path in self._hazards.paths() if not path.startswith(own))
        for directory, _, names in os.walk(self._tmp):
            total += sum(_bytes(f"{directory}/{name}", counted) for name in names)
        return total


def _bytes(path: str, counted: set[tuple[int, int]]) -> int:
    """Return the disk usage of a file; 0 if it is gone, or if another name of it is counted."""
    try:
        status = os.lstat(path)
    except OSError:
        return 0
    if status.st_nlink > 1:
        file = (status.st_dev, status.st_ino)
        if file in counted:
            return 0
        counted.add(file)
    return status.st_blocks * _BLOCK
