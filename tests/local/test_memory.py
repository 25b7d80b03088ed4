"""What memory there is, and what becomes of those who take more."""

import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cdk_lmi.local import ExecutionEnvironment, MemoryUse, ProcessMemory
from cdk_lmi.local.memory_limit import MemoryCgroup, kill_largest
from cdk_lmi.local.processes import descendants, resident_mib

from ..conftest import eventually


def pss_mib(pid):
    """Read a proportional set size, not by the code that is tested."""
    for line in Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8").splitlines():
        if line.startswith("Pss:"):
            yield int(line.split()[1]) / 1024


def test_memory_is_what_the_kernel_says(start):
    """Of every process within 10 %, added up from its mappings; with 60 MiB taken in one of them."""
    environment = start(max_concurrency=4)
    pids = {invocation.pid for invocation in environment.invoke_many([["sleeps", 0.1]] * 4)}
    use = environment.memory()
    read = {process.pid: sum(pss_mib(process.pid)) for process in use.processes}
    assert {process.pid for process in use.workers} == pids
    assert use.parent is not None
    assert {use.parent.pid, *pids} == read.keys()
    for process in use.processes:
        assert process.pss_mib == pytest.approx(read[process.pid], rel=0.1)
        assert 0 < process.private_mib <= process.pss_mib <= process.rss_mib
    assert use.total_mib == pytest.approx(sum(read.values()), rel=0.1)


def test_memory_that_a_handler_takes_is_seen(start):
    """In the process that took it."""
    import threading

    environment = start()
    before = environment.memory().total_mib
    done = threading.Thread(target=environment.invoke, args=(["takes", 100, 1],))
    done.start()
    time.sleep(0.6)
    use = environment.memory()
    done.join()
    assert use.total_mib - before == pytest.approx(100, rel=0.1)
    assert max(process.private_mib for process in use.workers) > 100


def test_resident_memory_is_never_less(start):
    """Or the watchdog would not look in time."""
    environment = start()
    use = environment.memory()
    assert use.parent is not None
    assert resident_mib(descendants(use.parent.pid)) >= use.total_mib


def test_the_largest_is_killed_when_memory_runs_out(task_root):
    """And nobody else: its invocation fails as on Lambda, the others go on."""
    environment = ExecutionEnvironment("does.handler", task_root=task_root, max_concurrency=3, timeout=20)
    # Less than Lambda gives, so as not to fill 2 GiB once more: test_initialisation.py does.
    environment._arguments = replace(environment._arguments, memory_size=200)
    with environment:
        large, small, other = environment.invoke_many([["takes", 250, 15], ["takes", 20, 1], ["sleeps", 0.1]])
        assert large.error_type == "Runtime.ExitError"
        assert "signal: killed" in str(large.error_message)
        assert small.ok
        assert other.ok
        assert len(environment.memory().workers) == 2
        (hazard,) = environment.hazards()
        assert (hazard.kind, hazard.processes) == ("memory", (large.pid,))
        assert hazard.mib is not None
        assert hazard.mib > 200
        assert hazard.seen == f"{hazard.mib:.0f} MiB"


def test_the_runtime_itself_is_killed_last(monkeypatch):
    """Its processes would go with it."""
    killed = []
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append((pid, number)))
    parent, worker = (
        ProcessMemory(pid=pid, pss_mib=mib, rss_mib=mib, private_mib=mib)
        for pid, mib in ((2**22 + 1, 9), (2**22 + 2, 5))
    )
    assert kill_largest(MemoryUse(processes=(parent, worker), parent=parent, workers=(worker,))) == worker.pid
    assert killed == [(worker.pid, signal.SIGKILL)]


@pytest.fixture
def cgroups(tmp_path):
    """A directory that looks like cgroups: the memory controller is handed down in the slice, not below it."""
    (tmp_path / "user.slice" / "session.scope").mkdir(parents=True)
    (tmp_path / "cgroup.controllers").write_text("cpu memory", encoding="ascii")
    (tmp_path / "cgroup.subtree_control").write_text("cpu memory", encoding="ascii")
    (tmp_path / "user.slice" / "cgroup.subtree_control").write_text("memory pids", encoding="ascii")
    (tmp_path / "user.slice" / "session.scope" / "cgroup.subtree_control").write_text("memory", encoding="ascii")
    return tmp_path


def test_a_cgroup_is_made_beside_our_own(cgroups):
    """With the limit in bytes and no swap."""
    cgroup = MemoryCgroup.create(2048, "lmi", root=cgroups, own="/user.slice/session.scope")
    made = cgroups / "user.slice" / "lmi"
    assert cgroup is not None
    assert (made / "memory.max").read_text() == str(2048 * 1024 * 1024)
    assert (made / "memory.swap.max").read_text() == "0"
    assert cgroup.join == str(made / "cgroup.procs")
    assert cgroup.kills() == 0
    (made / "memory.events").write_text("low 0\nmax 7\noom 2\noom_kill 2\n", encoding="ascii")
    assert cgroup.kills() == 2


def test_where_memory_is_not_handed_down_one_is_made_above(cgroups):
    """And none where it never is."""
    (cgroups / "user.slice" / "cgroup.subtree_control").write_text("pids", encoding="ascii")
    assert MemoryCgroup.create(2048, "lmi", root=cgroups, own="/user.slice/session.scope") is not None
    assert (cgroups / "lmi" / "memory.max").exists()
    (cgroups / "cgroup.subtree_control").write_text("", encoding="ascii")
    assert MemoryCgroup.create(2048, "other", root=cgroups, own="/user.slice/session.scope") is None


def test_without_cgroups_of_version_2_there_is_none(cgroups):
    """Or where this process is in none."""
    (cgroups / "cgroup.controllers").unlink()
    assert MemoryCgroup.create(2048, "lmi", root=cgroups, own="/user.slice/session.scope") is None
    assert MemoryCgroup.create(2048, "lmi", root=cgroups / "nowhere", own="/") is None


def test_a_limit_that_cannot_be_set_leaves_nothing(cgroups, monkeypatch):
    """The next way is tried, and no cgroup stays."""

    def refuse(self, directory, limit_mib):
        raise PermissionError

    monkeypatch.setattr(MemoryCgroup, "__init__", refuse)
    assert MemoryCgroup.create(2048, "lmi", root=cgroups, own="/user.slice/session.scope") is None
    assert not list(cgroups.rglob("lmi"))


def test_processes_join_the_cgroup_and_its_kills_are_memory(task_root, cgroups, monkeypatch):
    """On a directory that stands for one: a process that was killed at initialisation ran out of memory."""
    from cdk_lmi.local import InitError

    created = MemoryCgroup.create(2048, "lmi", root=cgroups, own="/user.slice/session.scope")
    assert created is not None
    procs = Path(created.join)
    procs.write_text("", encoding="ascii")
    joined = []
    monkeypatch.setattr(MemoryCgroup, "create", lambda *arguments: created)
    monkeypatch.setattr(MemoryCgroup, "remove", lambda self: joined.append(procs.read_text()))
    events = procs.parent / "memory.events"
    with ExecutionEnvironment("does.handler", task_root=task_root, max_concurrency=2) as environment:
        assert environment.invoke(["tells"]).ok
        environment.invoke(["dies", 9])
        assert environment.hazards() == ()
        events.write_text("oom_kill 1\n", encoding="ascii")
        killed = environment.invoke(["dies", 9])
        assert [(hazard.kind, hazard.processes) for hazard in environment.hazards()] == [("memory", (killed.pid,))]
    assert joined == ["0"]

    with (
        pytest.raises(InitError) as raised,
        ExecutionEnvironment("broken_kill.handler", task_root=task_root, max_concurrency=1),
    ):
        pass
    assert raised.value.state_reason_code == "FunctionError.InitResourceExhausted"
    assert raised.value.numbers["limit_mib"] == 2048


@pytest.fixture
def kernel(cgroups, monkeypatch):
    """Let environments run in a directory that stands for a cgroup, and give the file in which the kernel counts."""
    created = MemoryCgroup.create(2048, "lmi", root=cgroups, own="/user.slice/session.scope")
    assert created is not None
    Path(created.join).write_text("", encoding="ascii")
    monkeypatch.setattr(MemoryCgroup, "create", lambda *arguments: created)
    monkeypatch.setattr(MemoryCgroup, "remove", lambda self: None)
    return Path(created.join).parent / "memory.events"


def test_the_runtime_itself_may_be_killed_by_the_kernel(start, kernel):
    """On demand it runs the handler."""
    environment = start(max_concurrency=1, initialization_type="on-demand")
    kernel.write_text("oom_kill 1\n", encoding="ascii")
    killed = environment.invoke(["dies", 9])
    assert [(hazard.kind, hazard.processes) for hazard in environment.hazards()] == [("memory", (killed.pid,))]


def test_a_runtime_that_is_killed_by_the_kernel_has_no_memory_to_start(start, kernel):
    """On demand too."""
    from cdk_lmi.local import InitError

    kernel.write_text("oom_kill 1\n", encoding="ascii")
    with pytest.raises(InitError) as raised:
        start("broken_kill.handler", max_concurrency=1, initialization_type="on-demand")
    assert raised.value.state_reason_code == "FunctionError.InitResourceExhausted"


@pytest.mark.parametrize("initialization_type", ["on-demand", "lambda-managed-instances"])
def test_a_program_that_is_killed_by_the_kernel_is_memory(start, kernel, initialization_type):
    """The handler started it, and goes on."""
    environment = start(max_concurrency=1, initialization_type=initialization_type)
    kernel.write_text("oom_kill 2\n", encoding="ascii")
    assert environment.invoke(["tells"]).ok
    (hazard,) = environment.hazards()
    assert (hazard.kind, hazard.processes, hazard.count) == ("memory", (), 2)
    environment.invoke(["exits", 1])
    assert [hazard.count for hazard in environment.hazards()] == [2]


def test_a_program_that_is_killed_by_the_kernel_fails_the_start(start, kernel):
    """As any process does that takes too much memory meanwhile."""
    import threading

    from cdk_lmi.local import InitError

    threading.Timer(0.3, kernel.write_text, ("oom_kill 1\n",)).start()
    with pytest.raises(InitError) as raised:
        start("slow.handler", max_concurrency=1)
    assert raised.value.state_reason_code == "FunctionError.InitResourceExhausted"


def test_kills_are_seen_until_the_end(start, kernel):
    """Also those that nobody asked for before."""
    environment = start(max_concurrency=1)
    kernel.write_text("oom_kill 1\n", encoding="ascii")
    environment.close()
    assert [hazard.kind for hazard in environment.hazards()] == ["memory"]


def test_a_walk_over_many_files_does_not_hold_up_the_limit(start, monkeypatch):
    """Memory is looked at on time, however long the look at /tmp takes."""
    from cdk_lmi.local import sandbox, storage

    walking, done = threading.Event(), threading.Event()
    looks = []

    def walk(self, **keywords):
        walking.set()
        done.wait(60)

    monkeypatch.setattr(sandbox, "excess", lambda *arguments: looks.append(walking.is_set()))
    monkeypatch.setattr(storage.StorageWatch, "look", walk)
    start(max_concurrency=1)
    eventually(lambda: sum(looks) > 10)
    done.set()


@pytest.mark.skipif(os.name != "posix", reason="no processes")
def test_a_process_that_is_gone_has_no_memory():
    """And is no error."""
    from cdk_lmi.local.processes import children, cpu_seconds_of, exit_status_of, memory_of, sockets_of

    gone = 2**22 + 5
    assert memory_of(gone) is None
    assert children(gone) == []
    assert cpu_seconds_of(gone) == 0
    assert exit_status_of(gone) is None
    assert sockets_of(gone) == set()
