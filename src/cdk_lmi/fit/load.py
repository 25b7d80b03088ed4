"""Measures a handler: starts execution environments, loads them, and watches their memory and CPU."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ..local import ExecutionEnvironment, InitError, Invocation, ProcessMemory
from ..local.hazards import MEMORY
from ..local.invocation import EXIT_ERROR, THROTTLED, TIMED_OUT
from ..local.processes import cpu_seconds_of_machine
from ..local.sandbox import INIT_RESOURCE_EXHAUSTED
from ..rules.limits import EPHEMERAL_STORAGE_MIN, MEMORY_SIZE_MAX
from .measurement import LEAST_SECONDS, Exhausted, Measurement, Outcome, percentile

#: Seconds of load at each concurrency if neither seconds nor requests are given.
SECONDS = 5.0

# Invocations of each process before any is timed: the first invocation does more work than the others.
_WARM_UP_ROUNDS = 2
# Seconds between two looks at the memory, which are not to take more than this share of the time themselves.
_SECONDS_BETWEEN_LOOKS = 0.1
_LOOK_SHARE = 0.1
# https://www.rfc-editor.org/rfc/rfc9110#section-15.6
_SERVER_ERROR = 500
_KIB_PER_MIB = 1024


class HandlerFailedError(RuntimeError):
    """The handler answered with an error, and what fails is not worth measuring.

    Args:
        invocation: How it failed.
        event: The number of the event, from 0 on.
        concurrency: Invocations that its environment took at once.
    """

    def __init__(self, invocation: Invocation, event: int, concurrency: int) -> None:
        self.invocation = invocation
        self.event = event
        self.concurrency = concurrency
        super().__init__(f"{invocation.error_type}: {invocation.error_message}")

    @property
    def timed_out(self) -> bool:
        """Whether the invocation timed out."""
        return self.invocation.error_type == TIMED_OUT


class NotInitialisedError(RuntimeError):
    """The execution environment did not initialise, for another reason than its memory.

    Args:
        error: How it failed.
        concurrency: Processes that it was to run.
    """

    def __init__(self, error: InitError, concurrency: int) -> None:
        self.error = error
        self.concurrency = concurrency
        super().__init__(str(error))


def measure(
    handler: str,
    *,
    task_root: str | Path,
    events: Sequence[Any],
    concurrencies: Iterable[int],
    requests: int | None = None,
    seconds: float | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float,
    memory_size: int = MEMORY_SIZE_MAX,
    ephemeral_storage_size: int = EPHEMERAL_STORAGE_MIN,
    watch: Callable[[str], None] = lambda status: None,
) -> list[Outcome]:
    """Measure a handler, in a fresh execution environment for each concurrency.

    It is under full load: whenever it answers, it is invoked again. What runs out of memory at one concurrency is not
    tried at a higher one.

    Args:
        handler: As in ``list_orders.handler``.
        task_root: The folder of the code.
        events: Sent in turn; at least one.
        concurrencies: Tried in ascending order, each once.
        requests: Invocations that are timed at each concurrency at least; by default as many as there are in
            ``seconds``.
        seconds: How long each concurrency is loaded, where ``requests`` does not say; 5 by default. It is a second at
            least, in any case.
        env: The environment variables of the function.
        timeout: Seconds, of one invocation.
        memory_size: MiB that each environment has.
        ephemeral_storage_size: MiB under ``/tmp``.
        watch: Told what is going on, as often as there is something new.

    Raises:
        HandlerFailedError: The handler raised, timed out or ended its process.
        NotInitialisedError: It did not initialise, for another reason than its memory.
    """
    outcomes: list[Outcome] = []
    for concurrency in sorted(set(concurrencies)):
        watch(f"concurrency {concurrency}: starting {concurrency} process{'es' if concurrency > 1 else ''}")
        environment = ExecutionEnvironment(
            handler,
            task_root=task_root,
            max_concurrency=concurrency,
            memory_size=memory_size,
            env=env,
            timeout=timeout,
            ephemeral_storage_size=ephemeral_storage_size,
        )
        trial = _Trial(environment, concurrency, memory_size, events, watch)
        outcomes.append(trial.outcome(requests, seconds or SECONDS))
        if isinstance(outcomes[-1], Exhausted):
            break
    return outcomes


class _Trial:
    """One execution environment, started, loaded and ended.

    Its memory is enforced where it runs. What was over it for a moment, before that was noticed, is held to it here.
    """

    def __init__(
        self,
        environment: ExecutionEnvironment,
        concurrency: int,
        memory_size: int,
        events: Sequence[Any],
        watch: Callable[[str], None],
    ) -> None:
        self._environment = environment
        self._concurrency = concurrency
        self._memory_size = memory_size
        self._events = events
        self._watch = watch
        self._peaks = _Peaks()

    def outcome(self, requests: int | None, seconds: float) -> Outcome:
        try:
            with self._environment:
                return self._measured(requests, seconds)
        except InitError as error:
            if error.state_reason_code != INIT_RESOURCE_EXHAUSTED:
                raise NotInitialisedError(error, self._concurrency) from error
            return self._exhausted(error.numbers["used_mib"], error.state_reason_code)
        except HandlerFailedError:
            if self._killed_at_mib() is None:
                raise
            return self._exhausted(self._used_mib(), EXIT_ERROR)

    def _measured(self, requests: int | None, seconds: float) -> Outcome:
        environment = self._environment
        init = environment.init_report()
        if init.memory.total_mib > self._memory_size:
            return self._exhausted(init.memory.total_mib, INIT_RESOURCE_EXHAUSTED)
        self._load(_Target(requests=max(_WARM_UP_ROUNDS * self._concurrency, len(self._events))), "warming up")
        used = _CpuSeconds.now(environment)
        started = time.monotonic()
        target = (
            _Target(requests=requests, seconds=LEAST_SECONDS)
            if requests
            else _Target(requests=self._concurrency, seconds=max(LEAST_SECONDS, seconds))
        )
        answers = self._load(target, "measuring")
        elapsed, used = time.monotonic() - started, _CpuSeconds.now(environment) - used
        self._peaks.look(environment)
        if self._peaks.together_mib > self._memory_size or self._killed_at_mib() is not None:
            return self._exhausted(self._used_mib(), EXIT_ERROR)
        durations = [answer.duration_s for answer in answers]
        return Measurement(
            concurrency=self._concurrency,
            invocations=len(answers),
            init_s=init.duration_s,
            memory_after_init_mib=init.memory.total_mib,
            process_after_init_mib=max(process.pss_mib for process in init.memory.workers),
            memory_peak_mib=self._peaks.total_mib,
            process_peak_mib=self._peaks.worker_mib,
            cpu_s_per_invocation=used.environment / len(answers),
            v_cpus_busy=used.environment / elapsed,
            v_cpus_busy_elsewhere=max(0.0, used.elsewhere / elapsed),
            throughput_per_s=len(answers) / elapsed,
            p50_s=percentile(durations, 50),
            p99_s=percentile(durations, 99),
            server_errors=sum(map(_is_server_error, answers)),
            hazards=environment.hazards(),
        )

    def _load(self, target: _Target, doing: str) -> list[Invocation]:
        """Invoke from as many callers as there are processes, and look at the memory meanwhile."""
        load = _Load(self._environment, self._events, self._concurrency, target)
        try:
            while load.is_running(for_s=self._pause_s()):
                self._peaks.look(self._environment)
                self._watch(f"concurrency {self._concurrency}: {doing}, {load.progress()}")
        finally:
            load.stop()
        if load.error:
            raise load.error
        if load.failed:
            raise HandlerFailedError(*load.failed, self._concurrency)
        return load.answers

    def _killed_at_mib(self) -> float | None:
        """Return the memory of all processes when one was killed for it; ``None`` if none was."""
        killed = (hazard.mib for hazard in self._environment.hazards() if hazard.kind == MEMORY)
        return max((mib for mib in killed if mib is not None), default=None)

    def _used_mib(self) -> float:
        return max(self._peaks.together_mib, self._killed_at_mib() or 0.0, self._memory_size)

    def _pause_s(self) -> float:
        return max(_SECONDS_BETWEEN_LOOKS, self._peaks.look_s / _LOOK_SHARE)

    def _exhausted(self, used_mib: float, reason: str) -> Exhausted:
        return Exhausted(concurrency=self._concurrency, memory_size=self._memory_size, used_mib=used_mib, reason=reason)


class _CpuSeconds(NamedTuple):
    """What was computed since the machine started, or between two moments."""

    environment: float
    own: float
    machine: float

    @classmethod
    def now(cls, environment: ExecutionEnvironment) -> _CpuSeconds:
        return cls(environment.cpu_seconds(), time.process_time(), cpu_seconds_of_machine())

    def __sub__(self, earlier: _CpuSeconds) -> _CpuSeconds:
        return _CpuSeconds(*(now - then for now, then in zip(self, earlier, strict=True)))

    @property
    def elsewhere(self) -> float:
        """The CPU time of other processes, which compete with the measured ones."""
        return self.machine - self.environment - self.own


@dataclass(frozen=True, kw_only=True)
class _Target:
    """The end of a load: after a number of requests, and a number of seconds."""

    requests: int
    seconds: float = 0.0


class _Load:
    """Callers that invoke again whenever they are answered, each in a thread.

    All end when the first invocation fails, or when one cannot be made.
    """

    def __init__(self, environment: ExecutionEnvironment, events: Sequence[Any], callers: int, target: _Target) -> None:
        self.answers: list[Invocation] = []
        #: The first invocation that failed, and the number of its event. Where a process is lost, there is one too few
        #: for all callers: what was throttled is named only where nothing else failed.
        self.failed: tuple[Invocation, int] | None = None
        #: The first exception by which an invocation could not be made.
        self.error: Exception | None = None
        self._environment = environment
        self._events = events
        self._target = target
        self._numbers = itertools.count()
        self._started = time.monotonic()
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(callers)]
        for thread in self._threads:
            thread.start()

    def is_running(self, *, for_s: float) -> bool:
        """Wait, and tell whether a caller is at work after that."""
        until = time.monotonic() + for_s
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return any(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        """Stop the callers from invoking again."""
        self._stopped.set()

    def progress(self) -> str:
        """Tell how far it is."""
        answered = len(self.answers)
        if answered < self._target.requests:
            return f"{answered} of {self._target.requests} requests"
        return f"{time.monotonic() - self._started:.0f} of {self._target.seconds:g} s, {answered} requests"

    def _run(self) -> None:
        try:
            self._call()
        except Exception as error:
            with self._lock:
                self.error = self.error or error
            self.stop()

    def _call(self) -> None:
        while not self._stopped.is_set():
            number = next(self._numbers)
            if self._is_enough(number):
                return
            event = number % len(self._events)
            invocation = self._environment.invoke(self._events[event])
            if not invocation.ok:
                self._fail(invocation, event)
                self.stop()
                return
            self.answers.append(invocation)

    def _fail(self, invocation: Invocation, event: int) -> None:
        with self._lock:
            if self.failed is None or (_is_throttled(self.failed[0]) and not _is_throttled(invocation)):
                self.failed = invocation, event

    def _is_enough(self, number: int) -> bool:
        return number >= self._target.requests and time.monotonic() - self._started >= self._target.seconds


def _is_throttled(invocation: Invocation) -> bool:
    return invocation.error_type == THROTTLED


def _is_server_error(answer: Invocation) -> bool:
    status = answer.payload.get("statusCode") if isinstance(answer.payload, dict) else None
    return isinstance(status, int) and status >= _SERVER_ERROR


class _Peaks:
    """The memory of an execution environment at its highest.

    Between two looks a process may take more, and give it back. The kernel remembers how much it was, so that each
    process counts with its own peak, whenever that was: all of them at once is what the environment must hold.
    Processes that handlers start come and go, and count as many as were seen at once.
    """

    def __init__(self) -> None:
        #: Seconds that the last look took.
        self.look_s = 0.0
        #: MiB that all processes were seen to take at once.
        self.together_mib = 0.0
        self._by_pid: dict[int, float] = {}
        self._started_by_handlers = 0.0
        self._workers: set[int] = set()

    def look(self, environment: ExecutionEnvironment) -> None:
        started = time.monotonic()
        use = environment.memory()
        self._workers.update(process.pid for process in use.workers)
        lasting = {process.pid for process in use.workers} | ({use.parent.pid} if use.parent else set())
        for process in use.processes:
            if process.pid in lasting:
                self._by_pid[process.pid] = max(self._by_pid.get(process.pid, 0.0), _peak_mib(process))
        others = sum(process.pss_mib for process in use.processes if process.pid not in lasting)
        self.together_mib = max(self.together_mib, use.total_mib)
        self._started_by_handlers = max(self._started_by_handlers, others)
        self.look_s = time.monotonic() - started

    @property
    def total_mib(self) -> float:
        return sum(self._by_pid.values()) + self._started_by_handlers

    @property
    def worker_mib(self) -> float:
        return max(self._by_pid[pid] for pid in self._workers)


def _peak_mib(process: ProcessMemory) -> float:
    """Return the proportional set size now, and what the process had resident beyond it at its peak.

    See VmHWM in https://man7.org/linux/man-pages/man5/proc_pid_status.5.html.
    """
    try:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:  # it has just ended
        return process.pss_mib
    peak_kib = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)
    return process.pss_mib + max(0.0, peak_kib / _KIB_PER_MIB - process.rss_mib)
