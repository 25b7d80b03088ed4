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
#: The most bytes of a line; the rest of it becomes the next one.
LINE_MAX = 64 * 1024
#: Bytes of a character behind its first, in UTF-8: https://www.rfc-editor.org/rfc/rfc3629#section-3
_CONTINUATIONS_MAX = 3
#: Bytes that are kept in all, the latest.
BYTES_MAX = 16 * 1024 * 1024


@dataclass(frozen=True)
class LogLine:
    r"""A line that a process wrote, as text without its end.

    Attributes:
        pid: The process; 0 if unknown.
        stream: ``stdout`` or ``stderr``.
        text: The line. Bytes that are not UTF-8 are shown as ``\xNN``.
        whole: Whether it is all of the line: one of more than 64 KiB is cut into several.
    """

    pid: int
    stream: str
    text: str
    whole: bool = True


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
        #: Whether what is told, or the rest, is a piece of a line that was cut.
        self._is_piece = False

    def data_received(self, data: bytes) -> None:
        """Report the complete lines."""
        *lines, rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._end(self._cut(line))
        self._rest = self._cut(rest)

    def connection_lost(self, exc: Exception | None) -> None:
        """Report the rest as a line."""
        if self._rest:
            self._end(self._rest)
            self._rest = b""

    def _cut(self, line: bytes) -> bytes:
        """Report what a line has too much, and return the rest of it."""
        while len(line) > LINE_MAX:
            end = _end_of_piece(line)
            self._is_piece = True
            self._on_line(line[:end])
            line = line[end:]
        return line

    def _end(self, line: bytes) -> None:
        self._on_line(line)
        self._is_piece = False


def _end_of_piece(line: bytes) -> int:
    """Give where to cut a line that is too long: before a character, if it is UTF-8."""
    ends = range(LINE_MAX, LINE_MAX - _CONTINUATIONS_MAX - 1, -1)
    return next((end for end in ends if not _is_continuation(line[end])), LINE_MAX)


def _is_continuation(byte: int) -> bool:
    return byte & 0b1100_0000 == 0b1000_0000


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
        text = line.decode("utf-8", "backslashreplace")
        self._logs.add(LogLine(self._pid, self._stream, text, whole=not self._is_piece))
