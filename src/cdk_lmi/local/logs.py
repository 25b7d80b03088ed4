"""The output of the processes of an environment, line by line, with the process that wrote it."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

#: Lines that are kept, the latest.
LINES_MAX = 10_000
#: Bytes of a line that are kept; the rest of it becomes the next one.
LINE_MAX = 64 * 1024
#: Bytes that are kept in all, the latest.
BYTES_MAX = 16 * 1024 * 1024


@dataclass(frozen=True)
class LogLine:
    r"""A line that a process wrote, as text without its end.

    Attributes:
        pid: The process; 0 if unknown.
        stream: ``stdout`` or ``stderr``.
        text: The line. Bytes that are not UTF-8 are shown as ``\xNN``.
    """

    pid: int
    stream: str
    text: str


class Logs:
    """The latest lines. Safe to read from any thread.

    Args:
        on_line: Called with every line.
    """

    def __init__(self, on_line: Callable[[LogLine], None]) -> None:
        self._on_line = on_line
        self._lines: deque[LogLine] = deque()
        self._bytes = 0
        self._lock = threading.Lock()

    def add(self, line: LogLine) -> None:
        """Keep a line, and drop the oldest lines above the limit."""
        with self._lock:
            self._lines.append(line)
            self._bytes += len(line.text)
            while len(self._lines) > LINES_MAX or self._bytes > BYTES_MAX:
                self._bytes -= len(self._lines.popleft().text)
        self._on_line(line)

    def lines(self) -> tuple[LogLine, ...]:
        """Return the lines that are kept, the oldest first."""
        with self._lock:
            return tuple(self._lines)


class LineReader(asyncio.Protocol):
    """Makes lines of what arrives on one connection.

    Args:
        on_line: Is told each line, as bytes without its end.
    """

    def __init__(self, on_line: Callable[[bytes], None]) -> None:
        self._on_line = on_line
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        """Report the complete lines."""
        *lines, rest = (self._rest + data).split(b"\n")
        while len(rest) > LINE_MAX:
            lines.append(rest[:LINE_MAX])
            rest = rest[LINE_MAX:]
        self._rest = rest
        for line in lines:
            self._on_line(line)

    def connection_lost(self, exc: Exception | None) -> None:
        """Report the rest as a line."""
        if self._rest:
            self._on_line(self._rest)
            self._rest = b""


class StreamReader(LineReader):
    """Standard output or standard error of one process.

    Args:
        logs: Where its lines go.
        named: Gives the stream's name for the process at the other end; it is asked once, when that connects.
    """

    def __init__(self, logs: Logs, named: Callable[[int], str]) -> None:
        super().__init__(self._add)
        self._logs = logs
        self._named = named
        self._pid = 0
        self._stream = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask the kernel who is at the other end."""
        peer = cast(socket.socket, transport.get_extra_info("socket"))
        self._pid = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
        self._stream = self._named(self._pid)

    def _add(self, line: bytes) -> None:
        self._logs.add(LogLine(self._pid, self._stream, line.decode("utf-8", "backslashreplace")))
