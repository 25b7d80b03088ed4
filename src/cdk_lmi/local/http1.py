"""The requests of HTTP/1.1 as they arrive in pieces: as much of RFC 9112 as the clients of the Runtime API speak.

The standard library has a parser for blocking streams only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

#: The most that the lines before a body take. What awslambdaric says of an exception for X-Ray is a header of up to
#: 1 MiB.
HEAD_MAX = 2 * 1024 * 1024
_END_OF_HEAD = b"\r\n\r\n"


class BadRequest(Exception):
    """Bytes that are no request. The connection is of no more use."""


@dataclass(frozen=True)
class Request:
    """A request. Only the beginning of a long body is kept in ``body``; ``size`` is its full size."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    size: int = 0


@dataclass
class _Head:
    method: str
    path: str
    headers: dict[str, str]
    body: bytearray = field(default_factory=bytearray)
    size: int = 0
    #: Bytes of the body, or of its current chunk, that are still to come.
    left: int = 0
    chunked: bool = False
    #: Whether the line feed after a chunk, or the lines after the last one, come next.
    after_chunk: bool = False
    trailers: bool = False


class RequestReader:
    """Makes requests of the bytes of one connection.

    Args:
        body_max: Bytes of a body that are kept. Those beyond are counted.
    """

    def __init__(self, body_max: int) -> None:
        self._body_max = body_max
        self._received = bytearray()
        self._head: _Head | None = None

    @property
    def expects_continue(self) -> bool:
        """Whether the client waits for permission to send the body. True once for each request."""
        if self._head is None or self._head.headers.get("expect", "").lower() != "100-continue":
            return False
        del self._head.headers["expect"]
        return True

    def feed(self, data: bytes) -> Iterator[Request]:
        """Take what arrived and give the requests that it completes.

        Raises:
            BadRequest: That is no request of HTTP/1.1.
        """
        self._received += data
        while True:
            if self._head is None and not self._read_head():
                return
            head = self._head
            assert head is not None
            if not (self._read_chunks(head) if head.chunked else self._read_body(head)):
                return
            self._head = None
            yield Request(head.method, head.path, head.headers, bytes(head.body), head.size)

    def _read_head(self) -> bool:
        end = self._received.find(_END_OF_HEAD)
        if end < 0:
            if len(self._received) > HEAD_MAX:
                raise BadRequest("the headers are too long")
            return False
        lines = self._received[:end].decode("latin-1").split("\r\n")
        del self._received[: end + len(_END_OF_HEAD)]
        try:
            method, path, version = lines[0].split(" ")
        except ValueError:
            raise BadRequest("no request line") from None
        if not version.startswith("HTTP/1."):
            raise BadRequest("not HTTP/1")
        headers = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or name != name.strip():
                raise BadRequest("no header")
            headers[name.lower()] = value.strip()
        self._head = _Head(method, path, headers)
        if "transfer-encoding" in headers:
            if headers["transfer-encoding"].lower() != "chunked" or "content-length" in headers:
                raise BadRequest("no length of the body")
            self._head.chunked = True
        elif "content-length" in headers:
            self._head.left = _length(headers["content-length"], 10)
        return True

    def _read_body(self, head: _Head) -> bool:
        """Read the available part of the body, or of a chunk, and tell whether it is complete."""
        taken = min(head.left, len(self._received))
        if taken:
            head.left -= taken
            head.size += taken
            room = self._body_max - len(head.body)
            head.body += self._received[: min(taken, room)]
            del self._received[:taken]
        return head.left == 0

    def _read_chunks(self, head: _Head) -> bool:
        while True:
            if not self._read_body(head):
                return False
            line = self._read_line()
            if line is None:
                return False
            if head.trailers:
                if not line:
                    return True
            elif head.after_chunk:
                if line:
                    raise BadRequest("no end of a chunk")
                head.after_chunk = False
            else:
                head.left = _length(line.partition(b";")[0].strip().decode("latin-1"), 16)
                head.trailers = head.left == 0
                head.after_chunk = not head.trailers

    def _read_line(self) -> bytes | None:
        end = self._received.find(b"\r\n")
        if end < 0:
            if len(self._received) > HEAD_MAX:
                raise BadRequest("a line is too long")
            return None
        line = bytes(self._received[:end])
        del self._received[: end + 2]
        return line


def _length(text: str, base: int) -> int:
    """Read a number of bytes. Signs, blanks and underscores, which ``int`` takes, are none."""
    if not text.isascii() or not text.isalnum():
        raise BadRequest("no length")
    try:
        return int(text, base)
    except ValueError:
        raise BadRequest("no length") from None


def response(status: str, body: bytes = b"", headers: str = "", *, close: bool = False) -> bytes:
    """Return the bytes of a response. ``status`` is number and phrase, ``headers`` are lines that end as HTTP's do."""
    closing = "Connection: close\r\n" if close else ""
    return f"HTTP/1.1 {status}\r\n{headers}{closing}Content-Length: {len(body)}\r\n\r\n".encode("latin-1") + body
