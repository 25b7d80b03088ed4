"""The Runtime API of one execution environment: hands events to the processes that ask, takes what they answer.

It runs in one event loop; every method belongs to that loop's thread. How the API behaves is in
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, as awslambdaric 4.2.2 speaks it.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import cast

from ..rules.limits import RESPONSE_MAX
from .http1 import BadRequest, Request, RequestReader, response
from .invocation import (
    EXIT_ERROR,
    RESPONSE_TOO_LARGE,
    TIMED_OUT,
    Invocation,
    Outcome,
    answered,
    failed,
    raised,
    throttled,
)

VERSION = "/2018-06-01"
NEXT = f"{VERSION}/runtime/invocation/next"
INVOCATION = f"{VERSION}/runtime/invocation/"
INIT_ERROR = f"{VERSION}/runtime/init/error"

_ACCEPTED = response("202 Accepted", b'{"status":"OK"}', "Content-Type: application/json\r\n")
_TOO_LARGE = response(
    "413 Payload Too Large",
    json.dumps({"errorType": RESPONSE_TOO_LARGE, "errorMessage": "Exceeded maximum allowed payload size"}).encode(),
    "Content-Type: application/json\r\n",
)
_UNKNOWN_REQUEST = response(
    "400 Bad Request",
    b'{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}',
    "Content-Type: application/json\r\n",
)
_FORBIDDEN = response("403 Forbidden", b'{"errorType":"Forbidden","errorMessage":"not of this environment"}')
#: Seconds between a connection's first request and the look at whose it is, so that one look does for many. A look
#: takes longer the more processes there are; this many times as long passes before the next.
_IDENTIFY_AFTER = 0.001
_IDENTIFY_PAUSE = 5


@dataclass(eq=False)
class _Active:
    """An event on its way: queued, with a process, or given up while its process still works at it."""

    body: bytes
    done: Callable[[Invocation], None]
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: float = 0.0
    timer: asyncio.TimerHandle | None = None
    pid: int | None = None
    told: bool = False

    def tell(self, outcome: Outcome) -> None:
        """Return the result to the caller, only once: a result after a timeout is dropped."""
        if self.told:
            return
        self.told = True
        if self.timer:
            self.timer.cancel()
        duration = time.perf_counter() - self.started if self.started else 0.0
        self.done(outcome.invocation(self.request_id, duration, self.pid))


class RuntimeApi:
    """The state of the API: which processes wait, which events wait, what is in flight.

    Args:
        loop: The event loop.
        function_arn: What events are invoked as.
        timeout: Seconds that an event may take, from its submission on.
        workers: Gives the processes that there are to take events.
        owners: Gives which of the environment's processes have which connections to a port, by the other port.
        on_ready: Is told each process that asks for its first event.
        on_init_error: Is told what the runtime says of an initialisation that failed.
    """

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        function_arn: str,
        timeout: float,
        workers: Callable[[], Collection[int]],
        owners: Callable[[int], dict[int, int]],
        on_ready: Callable[[int], None],
        on_init_error: Callable[[Outcome], None],
    ) -> None:
        self._loop = loop
        self._function_arn = function_arn
        self._timeout = timeout
        self._workers = workers
        self._owners = owners
        self._on_ready = on_ready
        self._on_init_error = on_init_error
        self._idle: deque[_Connection] = deque()
        self._queue: deque[_Active] = deque()
        self._active: dict[str, _Active] = {}
        self._strangers: list[_Connection] = []
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None
        self._identify_at = 0.0
        self._port = 0
        self._ended: str | None = None

    async def listen(self, backlog: int) -> int:
        """Listen on the loopback address and give the port."""
        self._server = await self._loop.create_server(lambda: _Connection(self), "127.0.0.1", 0, backlog=backlog)
        self._port = int(self._server.sockets[0].getsockname()[1])
        return self._port

    def close(self) -> None:
        """Stop listening, and drop all connections."""
        if self._server:
            self._server.close()
        for connection in list(self._connections):
            connection.drop()

    # --- from the caller ----------------------------------------------------------------------------------------

    def submit(self, body: bytes, done: Callable[[Invocation], None]) -> None:
        """Hand an event to a process, as soon as one asks. As on Lambda, none waits where every process is taken.

        Args:
            body: The event as JSON.
            done: Is told what came of it, once, in the loop's thread.
        """
        active = _Active(body, done)
        if self._ended is not None:
            active.tell(failed(EXIT_ERROR, self._ended))
        elif self._is_full():
            active.tell(throttled(f"Rate Exceeded: each of the {len(self._workers())} processes is at work"))
        else:
            active.timer = self._loop.call_later(self._timeout, self._time_out, active)
            self._queue.append(active)
            self._match()

    def _is_full(self) -> bool:
        workers = self._workers()
        taken = len(self._active) + len(self._queue)
        if taken < len(workers):
            return False
        # The result of an ended process is still to be returned; the process gets no other event.
        return taken - sum(active.pid not in workers for active in self._active.values()) >= len(workers)

    def _time_out(self, active: _Active) -> None:
        """Tell the caller that time is up. The code goes on, and its process stays taken until it answers."""
        if active.request_id in self._active:
            message = f"RequestId: {active.request_id} Error: Task timed out after {self._timeout:.2f} seconds"
            active.tell(failed(TIMED_OUT, message))
        else:
            self._queue.remove(active)
            active.tell(throttled("Rate Exceeded: no process asked for the event in time"))

    # --- from the environment -----------------------------------------------------------------------------------

    def process_ended(self, pid: int, how: str) -> None:
        """Fail what a process was at."""
        for active in [active for active in self._active.values() if active.pid == pid]:
            del self._active[active.request_id]
            active.tell(failed(EXIT_ERROR, f"RequestId: {active.request_id} Error: {how}"))

    def end(self, reason: str) -> None:
        """Fail all current and future invocations."""
        self._ended = reason
        on_their_way = [*self._active.values(), *self._queue]
        self._active.clear()
        self._queue.clear()
        for active in on_their_way:
            active.tell(failed(EXIT_ERROR, f"RequestId: {active.request_id} Error: {reason}"))

    # --- from the processes -------------------------------------------------------------------------------------

    def _match(self) -> None:
        while self._queue and self._idle:
            active, connection = self._queue.popleft(), self._idle.popleft()
            self._active[active.request_id] = active
            active.pid = connection.pid
            active.started = time.perf_counter()
            connection.send(self._event(active))

    def _event(self, active: _Active) -> bytes:
        now = time.time()
        assert active.timer is not None
        deadline = now + active.timer.when() - self._loop.time()
        trace = f"Root=1-{int(now):08x}-{active.request_id[-12:]}{active.request_id[:8]}0000"
        return response(
            "200 OK",
            active.body,
            "Content-Type: application/json\r\n"
            f"Lambda-Runtime-Aws-Request-Id: {active.request_id}\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {self._function_arn}\r\n"
            f"Lambda-Runtime-Deadline-Ms: {int(deadline * 1000)}\r\n"
            f"Lambda-Runtime-Trace-Id: {trace};Parent={active.request_id[9:13]}{active.request_id[-12:]};Sampled=0\r\n",
        )

    def take(self, connection: _Connection, request: Request) -> None:
        """Take a request of the Runtime API."""
        if request.method == "GET" and request.path == NEXT:
            if connection.pid is None:
                self._identify_soon(connection)
            else:
                self._idle.append(connection)
                self._match()
        elif request.method == "POST" and request.path.startswith(INVOCATION):
            request_id, _, kind = request.path[len(INVOCATION) :].partition("/")
            connection.send(self._take_answer(request_id, kind, request))
        elif request.method == "POST" and request.path == INIT_ERROR:
            if connection.port not in self._owners(self._port):
                connection.send(_FORBIDDEN)
                return
            self._on_init_error(raised(request.body, request.headers.get("lambda-runtime-function-error-type", "")))
            connection.send(_ACCEPTED)
        else:
            connection.send(response("404 Not Found"))

    def _take_answer(self, request_id: str, kind: str, request: Request) -> bytes:
        if kind not in {"response", "error"}:
            return response("404 Not Found")
        active = self._active.pop(request_id, None)
        if active is None:
            return _UNKNOWN_REQUEST
        if request.size > RESPONSE_MAX:
            message = (
                f"Response payload size ({request.size} bytes) exceeded maximum allowed payload size "
                f"({RESPONSE_MAX} bytes)."
            )
            active.tell(failed(RESPONSE_TOO_LARGE, message))
            return _TOO_LARGE
        if kind == "error":
            error_type = request.headers.get("lambda-runtime-function-error-type", "")
            active.tell(raised(request.body, error_type))
        else:
            active.tell(answered(request.body))
        return _ACCEPTED

    def _identify_soon(self, connection: _Connection) -> None:
        self._strangers.append(connection)
        if len(self._strangers) == 1:
            self._loop.call_at(max(self._identify_at, self._loop.time() + _IDENTIFY_AFTER), self._identify)

    def _identify(self) -> None:
        """Find out whose connections those are that ask for events, and let the environment's own have them."""
        began = self._loop.time()
        strangers, self._strangers = self._strangers, []
        owners = self._owners(self._port)
        for connection in strangers:
            connection.pid = owners.get(connection.port)
            if connection.pid is None:
                connection.send(_FORBIDDEN)
            else:
                self._idle.append(connection)
                self._on_ready(connection.pid)
        self._match()
        now = self._loop.time()
        self._identify_at = now + (now - began) * _IDENTIFY_PAUSE

    def made(self, connection: _Connection) -> None:
        """Note a connection."""
        self._connections.add(connection)

    def lost(self, connection: _Connection) -> None:
        """Forget a connection. What its process is at, it may still answer on another one."""
        self._connections.discard(connection)
        for waiting in (self._idle, self._strangers):
            if connection in waiting:
                waiting.remove(connection)


class _Connection(asyncio.Protocol):
    """One connection of a process."""

    def __init__(self, api: RuntimeApi) -> None:
        self._api = api
        self._reader = RequestReader(RESPONSE_MAX)
        self._transport: asyncio.Transport | None = None
        self.port = 0
        self.pid: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.port = transport.get_extra_info("peername")[1]
        self._api.made(self)

    def data_received(self, data: bytes) -> None:
        try:
            for request in self._reader.feed(data):
                self._api.take(self, request)
        except BadRequest as error:
            self.send(response("400 Bad Request", str(error).encode(), close=True))
            self.drop()
            return
        if self._reader.expects_continue:
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def connection_lost(self, exc: Exception | None) -> None:
        self._api.lost(self)

    def send(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)

    def drop(self) -> None:
        """Close the connection once everything is sent."""
        assert self._transport is not None
        self._transport.close()
