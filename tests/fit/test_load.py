"""Real processes of AWS's runtime client, measured, and read from /proc by other means."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cdk_lmi.fit import load
from cdk_lmi.fit.load import HandlerFailedError, NotInitialisedError, measure
from cdk_lmi.fit.measurement import Exhausted, Measurement
from cdk_lmi.local import ExecutionEnvironment, Hazard, Invocation
from cdk_lmi.local.invocation import EXIT_ERROR, THROTTLED

from .conftest import own_processes

HANDLERS = {
    "bare": """
        def handler(event, context):
            return event
    """,
    "boto3": """
        import boto3
        client = boto3.client("dynamodb", region_name="us-east-1")

        def handler(event, context):
            return client.meta.region_name
    """,
    "numpy": """
        import numpy
        weights = numpy.random.default_rng(1).random((1500, 1500))

        def handler(event, context):
            return float((weights[:200, :200] @ weights[:200, :200]).sum())
    """,
}


def is_measured(pid):
    """Tell whether a process is of the runtime: it, or what it forked, and not what started it."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"AWS_LAMBDA_RUNTIME_API=" in environment and b"supervisor.py" not in command


@dataclass(frozen=True)
class Read:
    """What the processes of one runtime took at one moment, in MiB."""

    by_pid: dict[int, float]
    #: The process that forked the others, and does not run the handler.
    parent: int | None

    @property
    def of_all(self):
        return sum(self.by_pid.values())

    @property
    def of_one(self):
        """Of the largest that runs the handler."""
        return max(mib for pid, mib in self.by_pid.items() if pid != self.parent)


def parent_of(pid):
    """Give the process that started another."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def read_pss():
    """Read the proportional set size of each process of the runtime, from its mappings one by one."""
    found, parents = {}, set()
    for pid in filter(is_measured, own_processes()):
        try:
            mappings = Path(f"/proc/{pid}/smaps").read_text().splitlines()
            parents.add(parent_of(pid))
        except OSError:
            continue
        found[pid] = sum(int(line.split()[1]) for line in mappings if line.startswith("Pss:")) / 1024
    return Read(found, next(iter(parents & found.keys()), None))


class Reader(threading.Thread):
    """Reads what the processes take once all are there, and remembers the most."""

    def __init__(self, processes):
        super().__init__(daemon=True)
        self._processes = processes
        self.most_in_all = 0.0
        self.most_of_one = 0.0
        self._end = threading.Event()

    def run(self):
        while not self._end.wait(0.1):
            found = read_pss()
            if len(found.by_pid) == self._processes:
                self.most_in_all = max(self.most_in_all, found.of_all)
                self.most_of_one = max(self.most_of_one, found.of_one)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self.join()


@pytest.fixture
def once_ready(monkeypatch):
    """What each environment took when it was ready, read before anything else is done with it."""
    read = []

    class Environment(ExecutionEnvironment):
        def __enter__(self):
            super().__enter__()
            read.append(read_pss())
            return self

    monkeypatch.setattr(load, "ExecutionEnvironment", Environment)
    return read


@pytest.mark.parametrize(("name", "concurrency"), [("bare", 4), ("boto3", 4), ("numpy", 3)])
def test_memory_agrees_with_proc(write, once_ready, name, concurrency):
    """Within a tenth: of all and of the largest process that runs the handler, once ready and at the peak."""
    write("app.py", HANDLERS[name])
    with Reader(concurrency + 1) as reader:
        (found,) = measure(
            "app.handler", task_root=".", events=[{}], concurrencies=[concurrency], seconds=1.5, timeout=10
        )
    assert isinstance(found, Measurement)
    (ready,) = once_ready
    assert len(ready.by_pid) == concurrency + 1
    assert found.memory_after_init_mib == pytest.approx(ready.of_all, rel=0.1)
    assert found.process_after_init_mib == pytest.approx(ready.of_one, rel=0.1)
    assert found.memory_peak_mib == pytest.approx(reader.most_in_all, rel=0.1)
    assert found.process_peak_mib == pytest.approx(reader.most_of_one, rel=0.1)


def test_a_peak_that_is_over_before_anybody_looks_counts(write, monkeypatch):
    """100 MiB for some milliseconds, in each of two processes; and what a handler starts counts while it is there."""
    write(
        "app.py",
        """
        import subprocess, sys

        def handler(event, context):
            if event == "start":
                hold = "import time; x = bytearray(100 << 20); time.sleep(1)"
                subprocess.run([sys.executable, "-c", hold])
            else:
                bytearray(100 << 20)
        """,
    )
    with monkeypatch.context() as patch:
        patch.setattr(load, "_SECONDS_BETWEEN_LOOKS", 60)
        (spike,) = measure("app.handler", task_root=".", events=["x"], concurrencies=[2], requests=4, timeout=10)
    assert isinstance(spike, Measurement)
    assert 100 < spike.process_peak_mib < 115
    assert 200 < spike.memory_peak_mib < 230
    (started,) = measure("app.handler", task_root=".", events=["start"], concurrencies=[1], requests=2, timeout=10)
    assert isinstance(started, Measurement)
    assert 100 < started.memory_peak_mib < 140
    assert started.process_peak_mib < 50


def test_time_is_measured_where_it_goes(write):
    """A handler that waits takes no CPU, one that computes takes what it computes; callers wait for each other."""
    write(
        "app.py",
        """
        import time

        def handler(event, context):
            if event == "wait":
                time.sleep(0.2)
            else:
                until = time.process_time() + 0.02
                while time.process_time() < until:
                    pass
        """,
    )
    waiting = measure("app.handler", task_root=".", events=["wait"], concurrencies=[4, 1], seconds=2, timeout=10)
    assert [each.concurrency for each in waiting] == [1, 4]
    for each in waiting:
        assert isinstance(each, Measurement)
        assert 0.2 <= each.p50_s < 0.24
        assert each.p50_s <= each.p99_s
        assert each.throughput_per_s == pytest.approx(each.concurrency / 0.2, rel=0.15)
        assert each.v_cpus_busy < 0.2
        assert 0 < each.init_s < 30
    (computing,) = measure("app.handler", task_root=".", events=["x"], concurrencies=[1], requests=50, timeout=10)
    assert isinstance(computing, Measurement)
    assert computing.invocations >= 50
    assert computing.cpu_s_per_invocation == pytest.approx(0.021, abs=0.003)
    assert computing.v_cpus_busy == pytest.approx(computing.cpu_s_per_invocation * computing.throughput_per_s)


def test_the_work_of_others_is_told_apart(write):
    """A process beside the handler that computes all the time counts as elsewhere, and not as the handler's."""
    write("app.py", "import time\ndef handler(event, context): time.sleep(0.01)")
    beside = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        (found,) = measure("app.handler", task_root=".", events=[{}], concurrencies=[1], seconds=2, timeout=10)
    finally:
        beside.kill()
        beside.wait()
    assert isinstance(found, Measurement)
    assert found.v_cpus_busy < 0.4
    assert 0.4 < found.v_cpus_busy_elsewhere < (os.cpu_count() or 1) + 0.1


def test_every_event_is_sent(write):
    """In turn, already before anything is timed."""
    write(
        "app.py",
        f"""
        def handler(event, context):
            open(f"{Path.cwd()}/seen-{{event}}", "w").close()
        """,
    )
    measure("app.handler", task_root=".", events=[1, 2, 3, 4, 5], concurrencies=[1], requests=1, timeout=10)
    assert sorted(path.name for path in Path().glob("seen-*")) == [f"seen-{number}" for number in range(1, 6)]


@pytest.mark.parametrize(
    ("code", "error_type"),
    [
        ("raise ValueError('no such order')", "ValueError"),
        ("import time; time.sleep(60)", "Sandbox.Timedout"),
        ("import os; os._exit(3)", "Runtime.ExitError"),
        ("import os; os.kill(os.getpid(), 9)", "Runtime.ExitError"),
        ("return object()", "Runtime.MarshalError"),
    ],
)
def test_a_handler_that_fails_is_not_measured(write, code, error_type):
    """It is told for which event; a handler that kills itself has not run out of memory."""
    write("app.py", f"def handler(event, context):\n    if event == 'bad':\n        {code}")
    started = time.monotonic()
    with pytest.raises(HandlerFailedError) as raised:
        measure("app.handler", task_root=".", events=["good", "bad"], concurrencies=[1], timeout=0.5)
    assert raised.value.invocation.error_type == error_type
    assert (raised.value.event, raised.value.concurrency) == (1, 1)
    assert raised.value.timed_out == (error_type == "Sandbox.Timedout")
    assert time.monotonic() - started < 30


def test_what_does_not_initialise_is_not_measured(write):
    """As the environment tells it."""
    write("app.py", "import nothing_of_that_name")
    with pytest.raises(NotInitialisedError, match="nothing_of_that_name") as raised:
        measure("app.handler", task_root=".", events=[{}], concurrencies=[2], timeout=1)
    assert raised.value.concurrency == 2


@pytest.mark.parametrize("concurrency", [2, 4])
def test_a_crash_is_what_is_told_of_a_crash(write, concurrency):
    """And not that the others had no process left to be answered by."""
    write(
        "app.py",
        """
        import os, time
        def handler(event, context):
            if event == "bad":
                os._exit(5)
            time.sleep(0.002)
        """,
    )
    for _ in range(3):
        with pytest.raises(HandlerFailedError, match="exit status 5"):
            measure(
                "app.handler", task_root=".", events=["good", "bad"], concurrencies=[concurrency], timeout=5, seconds=1
            )


@pytest.mark.parametrize("first", ["throttled", "crashed"])
def test_what_was_throttled_never_wins(first):
    """Whichever answer comes first."""
    answer = Invocation(payload=None, function_error=None, request_id="1", duration_s=0.1)
    throttled = replace(answer, status_code=429, error_type=THROTTLED)
    crashed = replace(answer, function_error="Unhandled", error_type=EXIT_ERROR)
    answers = [throttled, crashed] if first == "throttled" else [crashed, throttled]

    class Environment(ExecutionEnvironment):
        def __init__(self):
            pass

        def invoke(self, event):
            time.sleep(0.1 + 0.2 * event)
            return answers[event]

    pushed = load._Load(Environment(), [0, 1], 2, load._Target(requests=2))
    while pushed.is_running(for_s=0.05):
        pass
    assert pushed.failed is not None
    assert pushed.failed[0] is crashed


def test_what_cannot_be_sent_ends_the_load_and_is_raised_once(write, capfd):
    """Not once by each caller, in a thread where nobody hears of it."""
    write("app.py", "def handler(event, context): ...")
    with pytest.raises(ValueError, match="6291456 bytes"):
        measure("app.handler", task_root=".", events=["x" * 7_000_000], concurrencies=[4], timeout=10)
    assert "Traceback" not in capfd.readouterr().err


def test_a_handler_that_kills_itself_has_not_run_out_of_memory(write):
    """However much of the memory it took: nobody but the environment kills for memory."""
    write(
        "app.py",
        """
        import os, time
        held = b"x" * (1300 << 20)
        def handler(event, context):
            time.sleep(0.5)
            os.kill(os.getpid(), 9)
        """,
    )
    with pytest.raises(HandlerFailedError, match="killed"):
        measure("app.handler", task_root=".", events=[{}], concurrencies=[1], timeout=10, memory_size=2048)


def test_memory_at_a_kill_is_a_number_whatever_is_shown_of_it():
    """The most of all kills; what is shown is for people."""
    killed = Hazard(kind="memory", seen="over 2 GiB", processes=(1,), count=1, message="1 was killed", mib=2050.4)
    other = replace(killed, kind="ephemeral-storage", mib=9000.0)

    class Environment(ExecutionEnvironment):
        def __init__(self):
            pass

        def hazards(self):
            return killed, replace(killed, mib=2060.7), other

    trial = load._Trial(Environment(), 1, 2048, [{}], lambda status: None)
    assert trial._used_mib() == 2060.7


def test_few_requests_are_timed_for_a_second_at_least(write):
    """The kernel counts CPU time in steps, of which one would be all there is."""
    write("app.py", "import time\ndef handler(event, context): time.sleep(0.01)")
    started = time.monotonic()
    (found,) = measure("app.handler", task_root=".", events=[{}], concurrencies=[1], requests=3, timeout=10)
    assert isinstance(found, Measurement)
    assert time.monotonic() - started > 1
    assert found.invocations > 50
    assert found.v_cpus_busy < 0.4


def test_memory_that_runs_out_ends_the_attempts(write):
    """While it starts or later; a higher concurrency is not tried then."""
    write("app.py", "held = b'x' * (600 << 20)\ndef handler(event, context): ...")
    found = measure(
        "app.handler", task_root=".", events=[{}], concurrencies=[1, 4, 8], requests=1, timeout=10, memory_size=2048
    )
    assert [type(each) for each in found] == [Measurement, Exhausted], found
    exhausted = found[-1]
    assert isinstance(exhausted, Exhausted)
    assert (exhausted.concurrency, exhausted.memory_size) == (4, 2048)
    assert exhausted.reason == "FunctionError.InitResourceExhausted"
    assert 2048 < exhausted.used_mib < 2700
    write(
        "later.py", "held = []\ndef handler(event, context):\n    held.append(b'x' * (300 << 20))\n    return len(held)"
    )
    (later,) = measure("later.handler", task_root=".", events=[{}], concurrencies=[2], timeout=10, memory_size=2048)
    assert isinstance(later, Exhausted)
    assert later.reason == "Runtime.ExitError"
    assert later.used_mib >= 2048


def test_answers_that_tell_of_a_failure_are_counted(write):
    """The handler of an API may answer that it failed, and AWS takes that for success."""
    write("app.py", "def handler(event, context):\n    return {'statusCode': event}")
    (found,) = measure(
        "app.handler", task_root=".", events=[200, 503, 404, 500], concurrencies=[1], requests=40, timeout=10
    )
    assert isinstance(found, Measurement)
    assert found.invocations >= 40
    assert found.server_errors == pytest.approx(found.invocations / 2, abs=1)


def test_what_processes_do_to_each_other_is_told(write):
    """As the environment sees it."""
    write(
        "app.py",
        """
        def handler(event, context):
            with open("/tmp/cdk-lmi-fit-shared", "w") as file:
                file.write("x")
        """,
    )
    (found,) = measure("app.handler", task_root=".", events=[{}], concurrencies=[2], requests=20, timeout=10)
    Path("/tmp/cdk-lmi-fit-shared").unlink(missing_ok=True)
    assert isinstance(found, Measurement)
    assert [hazard.kind for hazard in found.hazards] == ["shared-file"]


def test_who_waits_is_told_how_far_it_is(write):
    """By concurrency, with what is done and how much is left."""
    write("app.py", "import time\ndef handler(event, context): time.sleep(0.05)")
    told: list[str] = []
    measure("app.handler", task_root=".", events=[{}], concurrencies=[1, 2], requests=10, timeout=10, watch=told.append)
    assert [line for line in told if "starting" in line] == [
        "concurrency 1: starting 1 process",
        "concurrency 2: starting 2 processes",
    ]
    assert any("of 10 requests" in line for line in told)
