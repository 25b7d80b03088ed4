"""One execution environment of Managed Instances on this machine, for tests and measurements."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import shutil
import sys
import threading
import uuid
from collections.abc import Coroutine, Iterable, Mapping
from concurrent import futures
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from ..rules.limits import EPHEMERAL_STORAGE_MIN, EVENT_MAX, MEMORY_SIZE_DEFAULT, TIMEOUT_DEFAULT
from .arguments import Arguments, default_init_timeout, default_max_concurrency, problems
from .hazards import Hazard
from .invocation import EXIT_ERROR, Invocation, failed
from .logs import LogLine
from .processes import MemoryUse
from .sandbox import CLOSED, INSTALL, InitReport, Sandbox
from .variables import FUNCTION_ARN, MANAGED_INSTANCES, InitializationType

#: Descriptors that a process takes on this side: a connection, two streams, and one to see it end.
_DESCRIPTORS_PER_PROCESS = 4
#: Descriptors beside those: this process's own.
_DESCRIPTORS = 64
#: Seconds in which an end that was interrupted tidies up, once every process has ended.
_TIDY_TIMEOUT = 1.0
_ENDED = "the ExecutionEnvironment has ended: create another one"
_NOT_MEASURABLE = "the ExecutionEnvironment has ended, and its processes with it: measure before it ends"

_T = TypeVar("_T")


class ExecutionEnvironment:
    """One execution environment on this machine: ``with ExecutionEnvironment("app.handler", task_root=".") as it:``.

    It runs AWS's own runtime client, ``awslambdaric``, as Managed Instances do: one process for each concurrent
    invocation, each with its own import of the handler. An environment of standard Lambda, ``on-demand``, is one
    process that serves one event after another.

    Differences from AWS:

    - The processes see this machine: its files, network, clock and speed. They run on the interpreter ``python`` with
      the packages that are installed for it. CPU is not limited to the function's vCPUs.
    - The environment accepts events once every process is ready. On AWS it accepts them once the first is ready.
    - A crashed process is not replaced, because awslambdaric does not do so. On AWS a new environment replaces the old
      one. An on-demand environment stops after a crash. After a timeout it continues, where AWS would stop it.
    - The size of /tmp is not enforced, only observed. ``TMPDIR`` is a private directory that is removed with the
      environment. Files written to ``/tmp`` by name go to this machine's ``/tmp``, and stay.
    - ``memory_limit.py`` describes how the memory limit is enforced, ``variables.py`` which environment variables are
      set, and ``hazards.py`` which hazards are detected.

    Args:
        handler: The handler as Lambda names it, ``module.function``.
        task_root: The directory with the code.
        max_concurrency: Concurrent invocations, and so processes; 1 to 1600. Default 16, Python's with one vCPU. On
            demand, 1.
        memory_size: MiB for all processes together; 2048 to 32768, on demand at least 128. Default 2048.
        env: Environment variables. Lambda's own are also set. Of the caller's environment, only ``PATH`` and
            ``LD_LIBRARY_PATH`` are passed on.
        timeout: Seconds for one invocation, more than 0 and up to 5400. Default 3.
        ephemeral_storage_size: The most MiB that /tmp should hold; 512 to 10240. Default 512.
        python: The interpreter to run. Default this one.
        init_timeout: Seconds for initialisation. Default as on AWS: the timeout, but at least 130 and at most 900.
        observe: Whether to look for hazards. Default true.
        initialization_type: ``"lambda-managed-instances"``, the default, or ``"on-demand"``, the values of Lambda's
            ``AWS_LAMBDA_INITIALIZATION_TYPE``.
        function_arn: The ARN of the invoked version. Its Region, name and version also appear in the environment
            variables. Default: version 1 of a function ``local``.

    Raises:
        ValueError: Arguments are invalid. The message names all of them.
    """

    def __init__(
        self,
        handler: str,
        *,
        task_root: str | Path,
        max_concurrency: int | None = None,
        memory_size: int = int(MEMORY_SIZE_DEFAULT),
        env: Mapping[str, str] | None = None,
        timeout: float = int(TIMEOUT_DEFAULT),
        ephemeral_storage_size: int = int(EPHEMERAL_STORAGE_MIN),
        python: str = sys.executable,
        init_timeout: float | None = None,
        observe: bool = True,
        initialization_type: InitializationType = MANAGED_INSTANCES,
        function_arn: str = FUNCTION_ARN,
    ) -> None:
        python = (shutil.which(python) or python) if isinstance(python, str) else python
        given = {name: value for name, value in locals().items() if name != "self"}
        if found := problems(given):
            count = "1 problem" if len(found) == 1 else f"{len(found)} problems"
            raise ValueError(
                "\n".join([f"{count} in the arguments of ExecutionEnvironment", *(f"  {p}" for p in found)])
            )
        self._arguments = Arguments(
            handler=handler,
            task_root=str(Path(task_root).resolve()),
            max_concurrency=max_concurrency or default_max_concurrency(initialization_type),
            memory_size=memory_size,
            env=dict(env or {}),
            timeout=timeout,
            ephemeral_storage_size=ephemeral_storage_size,
            python=str(Path(python).absolute()),
            init_timeout=default_init_timeout(timeout) if init_timeout is None else init_timeout,
            observe=observe,
            initialization_type=initialization_type,
            function_arn=function_arn,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        #: Done when the event loop is gone: it tells nothing any more, and takes nothing.
        self._ended: Future[None] = Future()
        self._sandbox: Sandbox | None = None
        self._report: InitReport | None = None
        self._process = 0

    # --- from start to end --------------------------------------------------------------------------------------

    def __enter__(self) -> ExecutionEnvironment:
        """Start the environment, and return when every process is ready.

        Raises:
            InitError: The environment did not initialise.
            RuntimeError: This machine cannot run it, awslambdaric is missing, or the environment was started before.
        """
        if self._sandbox is not None:
            raise RuntimeError("an ExecutionEnvironment can start only once: create another one")
        check_machine(self._arguments)
        self._process = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=_run, args=(self._loop, self._ended), name="cdk-lmi environment", daemon=True
        )
        self._thread.start()
        try:
            self._sandbox = Sandbox(self._arguments, self._loop)
            self._report = self._await(self._sandbox.start(), self._loop)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every process, and return when none is left.

        ``init_report()``, ``hazards()`` and ``logs()`` can still be read. ``memory()`` and ``cpu_seconds()`` are read
        from the processes, so that they end with them.
        """
        # A fork of the caller has no event loop, and the processes are not its own.
        if self._loop is None or self._process != os.getpid():
            return
        loop, self._loop = self._loop, None
        try:
            if self._sandbox:
                closing = asyncio.run_coroutine_threadsafe(self._sandbox.close(), loop)
                try:
                    closing.result()
                except BaseException:
                    self._sandbox.kill()
                    futures.wait([closing], _TIDY_TIMEOUT)
                    raise
        finally:
            loop.call_soon_threadsafe(loop.stop)
            if self._thread:
                self._thread.join()

    # --- events -------------------------------------------------------------------------------------------------

    def invoke(self, event: Any) -> Invocation:
        """Invoke the handler and wait for the result.

        The result reports failures of the function as Lambda does. They are never raised here.

        Args:
            event: Any JSON value, up to 6291456 bytes.

        Raises:
            TypeError: The event is not JSON.
            ValueError: The event is not JSON, or too large.
            RuntimeError: The environment is not running.
        """
        (invocation,) = self.invoke_many([event], 1)
        return invocation

    def invoke_many(self, events: Iterable[Any], concurrency: int | None = None) -> list[Invocation]:
        """Invoke the handler with each event, several concurrently, and return the results in the order of the events.

        Args:
            events: Any JSON values. All are checked before the first is sent.
            concurrency: The number of concurrent invocations, at least 1. Default: the number of processes. If it is
                higher, or timed-out invocations still hold processes, events are throttled as on Lambda:
                ``status_code`` 429.

        Raises:
            TypeError: An event is not JSON.
            ValueError: An event is not JSON, or too large, or the concurrency is not a positive whole number.
            RuntimeError: The environment is not running.
        """
        if concurrency is None:
            concurrency = self._arguments.max_concurrency
        if not isinstance(concurrency, int) or concurrency < 1:
            raise ValueError(f"concurrency must be a whole number of at least 1, got {concurrency!r}")
        bodies = [encoded(event) for event in events]
        sandbox, loop = self._running()
        if not bodies:
            return []
        batch = _Batch(sandbox, loop, bodies)
        try:
            loop.call_soon_threadsafe(batch.start, concurrency)
        except RuntimeError:  # the loop was closed just now
            raise RuntimeError(_ENDED) from None
        if not self._is_told(batch.done):
            batch.give_up()
        return batch.done.result()

    @property
    def workers(self) -> tuple[int, ...]:
        """The processes that run the handler now. Crashed ones are missing."""
        sandbox = self._sandbox
        return sandbox.workers() if sandbox is not None and self._loop is not None else ()

    # --- measurements -------------------------------------------------------------------------------------------

    def memory(self) -> MemoryUse:
        """Read the current memory of all processes.

        Raises:
            RuntimeError: The environment is not running.
        """
        return self._running(_NOT_MEASURABLE)[0].memory()

    def cpu_seconds(self) -> float:
        """Read the CPU seconds of all processes so far, user and system; exact to about 10 ms each.

        Raises:
            RuntimeError: The environment is not running.
        """
        return self._running(_NOT_MEASURABLE)[0].cpu_seconds()

    def init_report(self) -> InitReport:
        """Return how the environment started."""
        if self._report is None:
            raise RuntimeError("the ExecutionEnvironment has not started: use it in a with statement")
        return self._report

    def hazards(self) -> tuple[Hazard, ...]:
        """Return the hazards that were detected so far."""
        self._settle()
        return self._sandbox.hazards.seen() if self._sandbox else ()

    def logs(self) -> tuple[LogLine, ...]:
        """Return the output of the processes, the oldest first: the latest 10000 lines, and no more than 16 MiB."""
        self._settle()
        return self._sandbox.logs.lines() if self._sandbox else ()

    # --- the event loop -----------------------------------------------------------------------------------------

    def _running(self, ended: str = _ENDED) -> tuple[Sandbox, asyncio.AbstractEventLoop]:
        if self._sandbox is None:
            raise RuntimeError("the ExecutionEnvironment has not started: use it in a with statement")
        if self._loop is None:
            raise RuntimeError(ended)
        return self._sandbox, self._loop

    def _await(self, coroutine: Coroutine[Any, Any, _T], loop: asyncio.AbstractEventLoop) -> _T:
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, loop)
        except RuntimeError:  # the loop was closed just now
            coroutine.close()
            raise RuntimeError(_ENDED) from None
        try:
            is_told = self._is_told(future)
        except BaseException:
            future.cancel()
            raise
        if not is_told:
            coroutine.close()
            raise RuntimeError(_ENDED)
        return future.result()

    def _is_told(self, future: Future[Any]) -> bool:
        """Wait until the event loop has told something, and tell whether it has: another thread may close it."""
        futures.wait([future, self._ended], return_when=futures.FIRST_COMPLETED)
        return future.done()

    def _settle(self) -> None:
        sandbox, loop = self._sandbox, self._loop
        if loop is not None and sandbox is not None:
            with suppress(RuntimeError):  # it was closed meanwhile, and has settled
                self._await(sandbox.settle(), loop)
                sandbox.measure_storage()


def _run(loop: asyncio.AbstractEventLoop, ended: Future[None]) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()
        ended.set_result(None)


class _Batch:
    """Events that are handed out to a limited number of processes, in the loop's thread."""

    def __init__(self, sandbox: Sandbox, loop: asyncio.AbstractEventLoop, bodies: list[bytes]) -> None:
        self.done: Future[list[Invocation]] = Future()
        self._sandbox = sandbox
        self._loop = loop
        self._bodies = bodies
        self._next = iter(range(len(bodies)))
        self._results: dict[int, Invocation] = {}

    def start(self, concurrency: int) -> None:
        """Hand out the first events."""
        for _ in range(min(concurrency, len(self._bodies))):
            self._submit()

    def _submit(self) -> None:
        index = next(self._next, None)
        if index is not None:
            self._sandbox.api.submit(self._bodies[index], partial(self._take, index))

    def _take(self, index: int, invocation: Invocation) -> None:
        self._results[index] = invocation
        if len(self._results) == len(self._bodies):
            self._tell()
        else:
            self._loop.call_soon(self._submit)

    def give_up(self) -> None:
        """Fail what has no result, as the API fails what comes after the end. The loop is gone, and will not."""
        for index in range(len(self._bodies)):
            if index not in self._results:
                self._results[index] = failed(EXIT_ERROR, CLOSED).invocation(str(uuid.uuid4()), 0.0, None)
        self._tell()

    def _tell(self) -> None:
        self.done.set_result([self._results[index] for index in range(len(self._bodies))])


def encoded(event: Any) -> bytes:
    """Return an event as JSON bytes.

    Raises:
        TypeError: It contains a value that JSON cannot represent.
        ValueError: It contains itself or a number that is not finite, or it is too large.
    """
    try:
        body = json.dumps(event, allow_nan=False, separators=(",", ":")).encode()
    except RecursionError:
        raise ValueError("the event is nested too deeply to be JSON") from None
    if len(body) > EVENT_MAX:
        raise ValueError(f"the event must be at most {EVENT_MAX} bytes of JSON, got {len(body)} bytes")
    return body


def check_machine(arguments: Arguments) -> None:
    """Refuse a machine that cannot run an environment."""
    if missing := _missing():
        raise RuntimeError(f"running a handler here needs Linux 5.3 or newer and its /proc: {missing}")
    ours = Path(arguments.python) == Path(sys.executable).absolute()
    if ours and importlib.util.find_spec("awslambdaric") is None:
        raise RuntimeError(f"running a handler here needs awslambdaric, which is not installed: {INSTALL}")
    # Imported only here: the module exists only on Linux.
    import resource

    needed = _DESCRIPTORS + _DESCRIPTORS_PER_PROCESS * arguments.max_concurrency
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed != resource.RLIM_INFINITY and allowed < needed:
        raise RuntimeError(
            f"max_concurrency {arguments.max_concurrency} needs {needed} open files, but this process may "
            f"have only {allowed}: run ulimit -n {needed} first, or lower the concurrency"
        )


def _missing() -> str | None:
    """Say which feature for watching processes this system lacks."""
    if not sys.platform.startswith("linux"):
        return f"this is {sys.platform}"
    for name in ("smaps_rollup", f"task/{os.getpid()}/children"):
        if not Path("/proc/self", name).exists():
            return f"there is no /proc/self/{name}"
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError as error:
        return f"pidfd_open: {error.strerror}"
    return None
