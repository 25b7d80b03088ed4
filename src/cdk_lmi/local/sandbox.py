"""The processes of one execution environment from their start to their end, as seen from one event loop."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import observer, supervisor
from .arguments import Arguments
from .hazards import Hazards
from .invocation import EXIT_ERROR, TIMED_OUT, InitError, Outcome
from .logs import LineReader, Logs, StreamReader
from .memory_limit import MemoryCgroup, Watchdog, excess, kill_largest
from .processes import (
    MemoryUse,
    cpu_seconds_of,
    descendants,
    exit_status_of,
    inodes_of_connections,
    memory_use,
    sockets_of,
)
from .runtime_api import RuntimeApi
from .storage import PERIOD as STORAGE_PERIOD
from .storage import StorageWatch
from .variables import variables

INSTALL = "pip install 'cdk-lmi[local]'"
INIT_RESOURCE_EXHAUSTED = "FunctionError.InitResourceExhausted"
INIT_TIMEOUT = "FunctionError.InitTimeout"
RUNTIME_INIT_ERROR = "FunctionError.RuntimeInitError"
INVALID_ENTRY_POINT = "FunctionError.InvalidEntryPoint"

#: Why events fail that are on their way at the end.
CLOSED = "the execution environment was closed"
#: Seconds in which a process that ended may still be heard of: its last answer, and how it ended.
_LAST_WORDS = 0.05
#: How many times as long it is waited for where nothing was heard of how it ended: who waited for it, and is to tell
#: that, may have to wait for a processor itself.
_PATIENCE = 20
#: Seconds that the supervisor has to end everything before that is done here.
_END_TIMEOUT = 10.0
#: Seconds that it has where somebody waits who does not want to.
_KILL_TIMEOUT = 5.0
#: Seconds in which a process whose end the kernel has counted is heard to have ended. If none is, it was a program that
#: a handler started.
_CLAIM = 4 * _LAST_WORDS
#: Turns of the event loop in which what has arrived is read, and connections whose other end is gone are closed.
_TURNS = 5
#: Lines of output that an error shows.
_OUTPUT_MAX = 20


@dataclass(frozen=True, kw_only=True)
class InitReport:
    """How an environment started.

    Attributes:
        first_ready_s: Seconds from the start of the runtime until the first process asked for work. On AWS the
            environment accepts events from then on.
        duration_s: Seconds until every process had.
        processes: How many processes run the handler.
        memory: The memory of all processes when the last one was ready.
    """

    first_ready_s: float
    duration_s: float
    processes: int
    memory: MemoryUse


class Sandbox:
    """The runtime, its processes, and what they talk to. Methods belong to the loop's thread unless they say otherwise.

    Args:
        arguments: What to run.
        loop: The event loop.
    """

    def __init__(self, arguments: Arguments, loop: asyncio.AbstractEventLoop) -> None:
        self._arguments = arguments
        self._loop = loop
        # Short, since the path of a socket is.
        self._directory = Path(tempfile.mkdtemp(prefix="cdk-lmi-"))
        self._tmp = self._directory / "tmp"
        self._tmp.mkdir()
        self.hazards = Hazards(tmp=str(self._tmp), ephemeral_storage_size=arguments.ephemeral_storage_size)
        self.logs = Logs(self.hazards.logged if arguments.observe else lambda line: None)
        self.api = RuntimeApi(
            loop=loop,
            function_arn=arguments.function_arn,
            timeout=arguments.timeout,
            workers=lambda: self._workers,
            owners=self._owners,
            on_ready=self._ready_one,
            on_init_error=self._init_error,
        )
        self._cgroup = MemoryCgroup.create(arguments.memory_size, f"cdk-lmi-{uuid.uuid4().hex}")
        self._storage = StorageWatch(self._tmp, self.hazards)
        self._watchdogs = [Watchdog(self._look)]
        if arguments.observe:
            # Apart from memory: a walk over many files would hold up the limit.
            self._watchdogs.append(Watchdog(self._storage.look, STORAGE_PERIOD))
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._log_server: asyncio.Server | None = None
        self._runtime = 0
        #: The processes that run the handler, and the descriptors that tell when they end.
        self._workers: dict[int, int] = {}
        self._ready: set[int] = set()
        self._first_ready_s = 0.0
        self._began = 0.0
        self._statuses: dict[int, int] = {}
        #: The last memory measurement of all processes, if the kernel enforces the limit.
        self._seen: MemoryUse | None = None
        self._started: asyncio.Future[None] = loop.create_future()
        #: How many kills of the kernel's are told already.
        self._kills_told = 0

    # --- the start ----------------------------------------------------------------------------------------------

    async def start(self) -> InitReport:
        """Start the runtime and wait until every process has asked for work.

        Raises:
            InitError: The environment did not initialise.
            RuntimeError: There is no runtime client to start.
        """
        arguments = self._arguments
        backlog = 2 * arguments.max_concurrency + 16
        port = await self.api.listen(backlog)
        log_socket = str(self._directory / "log")
        self._log_server = await self._loop.create_unix_server(
            lambda: StreamReader(self.logs, self._stream_of), log_socket, backlog=backlog
        )
        environment = variables(
            handler=arguments.handler,
            task_root=arguments.task_root,
            max_concurrency=arguments.max_concurrency,
            memory_size=arguments.memory_size,
            env=arguments.env,
            initialization_type=arguments.initialization_type,
            function_arn=arguments.function_arn,
            runtime_api=f"127.0.0.1:{port}",
            log_socket=log_socket,
            tmp=str(self._tmp),
        )
        timer = self._loop.call_later(arguments.init_timeout, self._init_timed_out)
        self._began = self._loop.time()
        await self._start_supervisor(environment)
        try:
            await self._started
        except InitError as error:
            await self.settle()
            error.output = tuple(line.text for line in self.logs.lines()[-_OUTPUT_MAX:])
            raise
        finally:
            timer.cancel()
        return InitReport(
            first_ready_s=self._first_ready_s,
            duration_s=self._loop.time() - self._began,
            processes=len(self._ready),
            memory=self.memory(),
        )

    async def _start_supervisor(self, environment: dict[str, str]) -> None:
        arguments = self._arguments
        records, telling = os.pipe()
        os.set_blocking(telling, False)
        await self._loop.connect_read_pipe(lambda: LineReader(self._record), os.fdopen(records, "rb", 0))
        streams = []
        for name in ("stdout", "stderr"):
            ours, theirs = socket.socketpair()
            await self._loop.connect_accepted_socket(lambda: _RuntimeStream(self, name), ours)  # noqa: B023
            streams.append(theirs)
        runtime = [arguments.python, "-B", str(Path(observer.__file__)), str(telling), str(int(arguments.observe))]
        self._supervisor = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", str(Path(supervisor.__file__))),
                str(self._directory),
                self._cgroup.join if self._cgroup else "",
                *(str(stream.fileno()) for stream in streams),
                *runtime,
                arguments.handler,
            ],
            cwd=arguments.task_root,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=streams[1].fileno(),
            pass_fds=[telling, *(stream.fileno() for stream in streams)],
            start_new_session=True,
        )
        os.close(telling)
        for stream in streams:
            stream.close()
        await self._loop.connect_read_pipe(lambda: LineReader(self._supervised), self._supervisor.stdout)

    def _supervised(self, line: bytes) -> None:
        """Take what the supervisor tells: first the runtime's process, then how it ended."""
        if not self._runtime:
            self._runtime = int(line)
            if self._arguments.is_on_demand:
                self._workers[self._runtime] = -1  # itself runs the handler, and the supervisor tells when it ends
            for watchdog in self._watchdogs:
                watchdog.start()
        else:
            self._loop.call_later(_LAST_WORDS, self._runtime_ended, int(line))

    def _stream_of(self, pid: int) -> str:
        """Name the stream that a process connects: it connects both before it imports the handler."""
        if pid in self._workers:
            return "stderr"
        try:
            descriptor = os.pidfd_open(pid)
        except OSError:
            descriptor = -1
        self._workers[pid] = descriptor
        if descriptor < 0:
            self._loop.call_soon(self._worker_ended, pid)
        else:
            self._loop.add_reader(descriptor, self._worker_ended, pid)
        return "stdout"

    def _owners(self, port: int) -> dict[int, int]:
        """Give, by their own port, which processes have which connections to a port."""
        inodes = inodes_of_connections(port)
        pids = {inode: pid for pid in descendants(self._runtime) for inode in sockets_of(pid)}
        return {own: pids[inode] for own, inode in inodes.items() if inode in pids}

    # --- initialisation ends ------------------------------------------------------------------------------------

    def _ready_one(self, pid: int) -> None:
        if not self._ready:
            self._first_ready_s = self._loop.time() - self._began
        self._ready.add(pid)
        if len(self._ready) == self._arguments.max_concurrency and not self._started.done():
            self._started.set_result(None)

    def _fail(self, error: Exception) -> None:
        """Fail the start, if it is not over."""
        if not self._started.done():
            self._started.set_exception(error)

    def _init_error(self, outcome: Outcome) -> None:
        trace = outcome.payload.get("stackTrace") or () if isinstance(outcome.payload, dict) else ()
        self._fail(
            InitError(
                RUNTIME_INIT_ERROR,
                outcome.error_type or "",
                outcome.error_message or "",
                stack_trace=tuple(map(str, trace)),
            )
        )

    def _init_timed_out(self) -> None:
        numbers = {
            "timeout_s": self._arguments.init_timeout,
            "processes": self._arguments.max_concurrency,
            "ready": len(self._ready),
        }
        message = (
            f"{numbers['ready']} of {numbers['processes']} processes had asked for work after "
            f"{numbers['timeout_s']:g} s"
        )
        self._fail(InitError(INIT_TIMEOUT, TIMED_OUT, message, numbers))

    def _init_exhausted(self, use: MemoryUse | None) -> None:
        limit = self._arguments.memory_size
        found = sorted((process.pss_mib for process in use.processes), reverse=True) if use else []
        numbers: dict[str, Any] = {
            # When the kernel kills a process, the limit was reached, whatever the last measurement said.
            "used_mib": max(round(sum(found), 1), float(limit)),
            "limit_mib": limit,
            "processes": len(found) or len(self._workers) + 1,
            "per_process_mib": tuple(round(mib, 1) for mib in found),
        }
        each = f" (the largest {found[0]:.0f} MiB)" if found else ""
        message = (
            f"{numbers['processes']} processes used {numbers['used_mib']:.0f} MiB{each}, but memory_size is {limit} "
            "MiB; lower the concurrency, or raise memory_size"
        )
        self._fail(InitError(INIT_RESOURCE_EXHAUSTED, EXIT_ERROR, message, numbers))

    # --- processes end ------------------------------------------------------------------------------------------

    def _record(self, line: bytes) -> None:
        """Handle a message of ``observer.py`` about a process."""
        try:
            pid, kind, what, *more = line.decode("ascii").split("\t")
            if kind == "exit":
                self._statuses[int(what)] = int(more[0])
            elif kind == "bind":
                self.hazards.bound(int(pid), int(what))
            elif kind == "write":
                self.hazards.wrote(int(pid), what)
            elif kind == "lock":
                self.hazards.locked(int(pid), what)
        except (ValueError, IndexError):
            pass  # a path that was cut

    def _worker_ended(self, pid: int) -> None:
        self._forget(pid)
        status = exit_status_of(pid)
        if status is not None:
            self._statuses[pid] = status
        self._loop.call_later(_LAST_WORDS, self._worker_gone, pid)

    def _forget(self, pid: int) -> None:
        descriptor = self._workers.pop(pid)
        if descriptor >= 0:
            self._loop.remove_reader(descriptor)
            os.close(descriptor)

    def _worker_gone(self, pid: int, patience: int = _PATIENCE) -> None:
        """Fail what a process was at, now that all it said has been heard."""
        status = self._statuses.get(pid)
        if status is None and patience and not self._kills_to_tell():
            self._loop.call_later(_LAST_WORDS, self._worker_gone, pid, patience - 1)
            return
        how = how_it_ended(status)
        if self._kills_to_tell() and was_killed(status):
            self._tell_kill(pid)
        self._fail(InitError(RUNTIME_INIT_ERROR, EXIT_ERROR, how))
        self.api.process_ended(pid, how)
        if not self._workers:
            self.api.end(f"{how}; no process of the execution environment is left")

    def _runtime_ended(self, status: int) -> None:
        code = os.waitstatus_to_exitcode(status)
        if code in (observer.NO_CLIENT, observer.OLD_CLIENT):
            state = "is missing" if code == observer.NO_CLIENT else "runs one process only"
            self._fail(RuntimeError(f"awslambdaric {state} for {self._arguments.python}: {INSTALL}"))
        elif code == supervisor.NOT_STARTED:
            self._fail(
                InitError(INVALID_ENTRY_POINT, "Runtime.InvalidEntrypoint", "the interpreter could not be started")
            )
        how = how_it_ended(status)
        if self._kills_to_tell() and was_killed(status):
            self._tell_kill(self._runtime)
        self._tell_other_kills()
        self._fail(InitError(RUNTIME_INIT_ERROR, EXIT_ERROR, how))
        if self._runtime in self._workers:
            self._forget(self._runtime)
            self.api.process_ended(self._runtime, how)
        self.api.end(f"{how}; no process of the execution environment is left")

    def _kills_to_tell(self) -> int:
        return max(0, self._cgroup.kills() - self._kills_told) if self._cgroup else 0

    def _tell_kill(self, pid: int | None) -> None:
        """Tell of one process that the kernel killed for its memory, and fail a start that is under way."""
        self._kills_told += 1
        limit = self._arguments.memory_size
        self.hazards.killed(pid, limit, limit)
        self._init_exhausted(self._seen)

    def _tell_other_kills(self) -> None:
        """Tell of kills that no process that ended here accounts for: of programs that handlers started."""
        for _ in range(self._kills_to_tell()):
            self._tell_kill(None)

    # --- measurements: from any thread --------------------------------------------------------------------------

    def workers(self) -> tuple[int, ...]:
        """Return the processes that run the handler."""
        return tuple(self._workers)

    def memory(self) -> MemoryUse:
        """Read the memory of all processes."""
        return memory_use(self._runtime, tuple(self._workers))

    def cpu_seconds(self) -> float:
        """Read what all processes computed so far."""
        return sum(map(cpu_seconds_of, descendants(self._runtime)))

    def _look(self) -> None:
        """Check the limits. Called by the watchdog, in its thread."""
        if self._cgroup:
            if not self._started.done():
                self._seen = self.memory()
            if self._kills_to_tell():
                with suppress(RuntimeError):  # the loop was closed just now
                    self._loop.call_soon_threadsafe(self._loop.call_later, _CLAIM, self._tell_other_kills)
            return
        use = excess(self._arguments.memory_size, self._runtime, self.memory)
        if use is None:
            return
        if self._started.done():
            killed = kill_largest(use)
            if killed is not None:
                self.hazards.killed(killed, use.total_mib, self._arguments.memory_size)
        else:
            self._stop_watching()
            # In this order: that processes were killed must not be the first to be heard.
            self._loop.call_soon_threadsafe(self._init_exhausted, use)
            kill_session(self._runtime)

    def _stop_watching(self) -> None:
        for watchdog in self._watchdogs:
            watchdog.stop()

    # --- the end ------------------------------------------------------------------------------------------------

    def measure_storage(self) -> None:
        """Look at /tmp now, where hazards are looked for."""
        if self._arguments.observe:
            self._storage.look()

    async def settle(self) -> None:
        """Let what the processes have already written arrive."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        self._tell_other_kills()

    async def close(self) -> None:
        """End every process and wait for it, then clean up."""
        self._stop_watching()
        self.measure_storage()
        self.api.end(CLOSED)
        self._tell_other_kills()
        if self._supervisor:
            self._dismiss_supervisor()
            deadline = self._loop.time() + _END_TIMEOUT
            while self._supervisor.poll() is None and self._loop.time() < deadline:
                await asyncio.sleep(0.002)
            self.kill(patience=0)
        self.api.close()
        if self._log_server:
            self._log_server.close()
        for pid in list(self._workers):
            self._forget(pid)
        await self.settle()
        self._tidy_up()

    def _dismiss_supervisor(self) -> None:
        """Let the supervisor end every process, also those that left the runtime's session, and itself."""
        if self._supervisor:
            assert self._supervisor.stdin is not None
            self._supervisor.stdin.close()

    def _tidy_up(self) -> None:
        if self._cgroup:
            self._cgroup.remove()
        shutil.rmtree(self._directory, ignore_errors=True)

    def kill(self, patience: float = _KILL_TIMEOUT) -> None:
        """End the remaining processes without the event loop. Safe to call from any thread, and more than once.

        Args:
            patience: Seconds that the supervisor has for it, which alone knows all processes.
        """
        if not self._supervisor or self._supervisor.poll() is not None:
            return
        self._dismiss_supervisor()
        try:
            self._supervisor.wait(patience)
        except subprocess.TimeoutExpired:
            kill_tree(self._supervisor.pid)
            self._supervisor.wait()
            self._tidy_up()


class _RuntimeStream(StreamReader):
    """Standard output or error of the runtime's own process, which are there before it is."""

    def __init__(self, sandbox: Sandbox, name: str) -> None:
        super().__init__(sandbox.logs, lambda pid: name)


def kill_session(runtime: int) -> None:
    """Kill the runtime and all that is in its group."""
    if runtime:
        with suppress(ProcessLookupError):
            os.killpg(runtime, signal.SIGKILL)


def kill_tree(supervisor: int) -> None:
    """Kill the supervisor, all that it started and all that it inherited."""
    for pid in descendants(supervisor):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def was_killed(status: int | None) -> bool:
    """Tell whether SIGKILL may have ended a process, from what ``waitpid`` gives; not known is not excluded."""
    return status is None or os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def how_it_ended(status: int | None) -> str:
    """Say how a process ended, as Lambda does, from what ``waitpid`` gives."""
    if status is None or status == 0:
        return "Runtime exited without providing a reason"
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return f"Runtime exited with error: signal: {(signal.strsignal(-code) or str(-code)).lower()}"
    return f"Runtime exited with error: exit status {code}"
