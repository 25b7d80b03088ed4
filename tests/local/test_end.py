"""That nothing is left behind, whatever ends the caller: each end is a real one, of another process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cdk_lmi.local import ExecutionEnvironment

from ..conftest import eventually

CALLER = """
import os, signal, sys, threading, time
from cdk_lmi.local import ExecutionEnvironment
environment = ExecutionEnvironment("does.handler", task_root={task_root!r}, max_concurrency=2, env={{"MARK": {mark!r}}})
environment.__enter__()
environment.invoke(["starts"])
print("up", flush=True)
"""
ENDS = {
    "exit": "environment.__exit__(None, None, None)",
    "no exit": "",
    "exception": "raise ValueError",
    "sys.exit": "sys.exit(3)",
    "os._exit": "os._exit(3)",
    "interrupt": "os.kill(os.getpid(), signal.SIGINT); time.sleep(60)",
    "interrupt while invoking": "threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
    "environment.invoke_many([['sleeps', 60]] * 2)",
    "interrupt while closing": "measure = environment._sandbox.measure_storage\n"
    "environment._sandbox.measure_storage = lambda: (time.sleep(0.6), measure())\n"
    "threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
    "environment.close()",
    "SIGTERM": "os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)",
    "SIGKILL": "os.kill(os.getpid(), signal.SIGKILL); time.sleep(60)",
    "SIGKILL while invoking": "threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGKILL)).start()\n"
    "environment.invoke_many([['sleeps', 60]] * 2)",
    "SIGKILL with a fork that has all files": "if not os.fork(): time.sleep(3); os._exit(0)\n"
    "os.kill(os.getpid(), signal.SIGKILL)",
}


def marked(mark):
    """Give the processes that have a mark in their environment, that of the runtime."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            if f"MARK={mark}\0".encode() in (directory / "environ").read_bytes():
                found.append(int(directory.name))
        except OSError:
            continue
    return found


def gone(mark):
    """Tell, when asked, whether no process has the mark any more."""
    return lambda: not marked(mark)


def test_marked_processes_are_found(start):
    """Or the tests below could not fail."""
    environment = start(env={"MARK": "seen"})
    environment.invoke(["starts"])
    assert len(marked("seen")) >= 4


@pytest.mark.parametrize("end", ENDS)
def test_no_process_and_no_file_is_left(task_root, tmp_path, end):
    """Not even one that a handler put into a session of its own."""
    mark = f"{os.getpid()}-{end}"
    script = CALLER.format(task_root=str(task_root), mark=mark) + ENDS[end]
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    caller = subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert caller.stdout is not None
    assert caller.stdout.readline() == "up\n"
    caller.wait(timeout=60)
    caller.stdout.close()
    eventually(gone(mark))
    eventually(lambda: not list(temporary.iterdir()))


def test_a_caller_killed_while_the_environment_starts_leaves_nothing(task_root, tmp_path):
    """At any moment of it."""
    for number, delay in enumerate((0.1, 0.2, 0.3)):
        mark = f"{os.getpid()}-early-{number}"
        script = CALLER.format(task_root=str(task_root), mark=mark).replace("does.handler", "slow.handler")
        caller = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, "TMPDIR": str(tmp_path)})
        time.sleep(delay)
        caller.send_signal(signal.SIGKILL)
        caller.wait()
        eventually(gone(mark))


def test_what_failed_to_start_leaves_nothing(task_root):
    """Neither processes nor threads nor descriptors."""
    import threading

    from cdk_lmi.local import InitError

    before = len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
    for handler in ("broken_module.handler", "broken_kill.handler"):
        with (
            pytest.raises(InitError),
            ExecutionEnvironment(handler, task_root=task_root, max_concurrency=2, env={"MARK": "failed"}),
        ):
            pass
    assert marked("failed") == []
    time.sleep(0.1)
    assert (len(list(Path("/proc/self/fd").iterdir())), threading.active_count()) == before


@pytest.mark.filterwarnings("error::ResourceWarning")
def test_an_environment_gives_back_all_descriptors_and_threads(task_root):
    """Test suites start many."""
    import gc
    import threading

    def one():
        with ExecutionEnvironment("does.handler", task_root=task_root, max_concurrency=2) as environment:
            environment.invoke_many([["tells"], ["exits", 1], ["raises", "x"]])
        gc.collect()
        time.sleep(0.1)
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    assert one() == one()


def test_a_fork_of_the_caller_does_not_end_it(start):
    """Its exit runs the same functions, on processes that are not its own."""
    environment = start()
    child = os.fork()
    if not child:
        environment.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert environment.invoke(["tells"]).ok


def test_a_thread_that_starts_one_may_end(task_root):
    """The environment goes on."""
    import threading

    environment = ExecutionEnvironment("echo.handler", task_root=task_root, max_concurrency=1)
    thread = threading.Thread(target=environment.__enter__)
    thread.start()
    thread.join()
    try:
        time.sleep(1.2)
        assert environment.invoke(1).ok
    finally:
        environment.close()


def test_what_is_still_to_come_fails_when_it_is_closed(start, tmp_path):
    """Every event has a result: those that another thread's close() came before fail."""
    import threading

    environment = start(max_concurrency=4)
    mark = tmp_path / "mark"
    events = [["sleeps", 0, str(mark)], *[["sleeps", 0]] * 49_999]
    results = []
    invoking = threading.Thread(target=lambda: results.extend(environment.invoke_many(events)), daemon=True)
    invoking.start()
    eventually(mark.exists)
    environment.close()
    invoking.join(60)
    assert len(results) == 50_000
    assert results[0].ok
    assert results[-1].error_type == "Runtime.ExitError"
    assert results[-1].error_message == "the execution environment was closed"
    assert len({result.request_id for result in results}) == 50_000


def test_what_comes_while_it_is_closed_is_refused(start):
    """Between the look whether it runs and the hand-over of the events, its loop may end."""
    environment = start()
    running = environment._running

    def closed_meanwhile():
        found = running()
        environment.close()
        return found

    environment._running = closed_meanwhile
    with pytest.raises(RuntimeError, match="has ended"):
        environment.invoke(["tells"])


def test_what_the_loop_did_not_come_to_fails(start, monkeypatch):
    """It was handed events, and ended before it took them."""
    import threading

    from cdk_lmi.local import environment as module

    environment = start()
    monkeypatch.setattr(module._Batch, "start", lambda self, concurrency: None)
    results = []
    invoking = threading.Thread(target=lambda: results.append(environment.invoke(["tells"])), daemon=True)
    invoking.start()
    time.sleep(0.1)
    environment.close()
    invoking.join(30)
    assert [result.error_type for result in results] == ["Runtime.ExitError"]


def test_hazards_can_be_read_while_it_is_closed(start):
    """The loop may end before it has told that all has settled."""
    import asyncio
    import threading

    environment = start()
    settle = environment._sandbox.settle

    async def never():
        environment._sandbox.settle = settle
        await asyncio.sleep(60)

    environment._sandbox.settle = never
    seen = []
    reading = threading.Thread(target=lambda: seen.append(environment.hazards()), daemon=True)
    reading.start()
    time.sleep(0.1)
    environment.close()
    reading.join(30)
    assert seen == [()]


def test_a_supervisor_that_does_not_end_is_ended_with_all_it_has(start):
    """Here it was stopped: nothing of it is left, nor its directory."""
    environment = start(env={"MARK": "stopped"})
    environment.invoke(["starts"])
    sandbox = environment._sandbox
    os.kill(sandbox._supervisor.pid, signal.SIGSTOP)
    sandbox.kill(patience=0.1)
    eventually(gone("stopped"))
    assert not sandbox._directory.exists()


def test_what_was_seen_can_be_read_after_the_end(task_root):
    """What is read from processes can not, and that is told as such."""
    with ExecutionEnvironment("does.handler", task_root=task_root, max_concurrency=1) as environment:
        environment.invoke(["prints", "a line"])
    assert environment.init_report().processes == 1
    assert [hazard.kind for hazard in environment.hazards()] == ["text-log"]
    assert [line.text for line in environment.logs()] == ["a line"]
    for read in (environment.memory, environment.cpu_seconds):
        with pytest.raises(RuntimeError, match="measure before it ends"):
            read()


def test_the_number_of_a_runtime_that_ended_is_nobody_elses(start):
    """Until the end: what is killed by it is no stranger."""
    environment = start(max_concurrency=1, initialization_type="on-demand")
    (pid,) = environment.workers
    assert environment.invoke(["dies", 9]).error_message.endswith("killed")
    assert Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    assert environment.workers == ()
    assert environment.memory().processes == ()
    environment.close()
    assert not Path(f"/proc/{pid}").exists()
