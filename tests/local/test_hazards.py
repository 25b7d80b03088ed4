"""What is seen of processes that share an environment, and what is none."""

import json
import socket
import time
from pathlib import Path

import pytest

from cdk_lmi.local import ExecutionEnvironment
from cdk_lmi.local.hazards import Hazards


def kinds(environment):
    """Give the hazards seen, by kind."""
    return {hazard.kind: hazard for hazard in environment.hazards()}


@pytest.fixture
def shared(tmp_path_factory):
    """A name in /tmp that nobody else has."""
    path = Path("/tmp", f"cdk-lmi-test-{tmp_path_factory.getbasetemp().name}-{time.monotonic_ns()}")
    yield str(path)
    path.unlink(missing_ok=True)


@pytest.mark.parametrize("does", ["writes", "connects"])
def test_a_file_in_tmp_that_two_processes_write(start, shared, does):
    """With the path, both processes, and how often."""
    environment = start()
    pids = {invocation.pid for invocation in environment.invoke_many([[does, shared]] * 2)}
    hazard = kinds(environment)["shared-file"]
    assert hazard.seen == shared
    assert set(hazard.processes) == pids
    assert hazard.count >= 2
    assert shared in hazard.message


def test_a_file_below_tmpdir_is_told_as_in_tmp(start):
    """Where it is on Lambda."""
    environment = start(max_concurrency=2)
    tmp = environment.invoke(["tells"]).payload["environ"]["TMPDIR"]
    environment.invoke_many([["writes", f"{tmp}/cache"]] * 2)
    assert kinds(environment)["shared-file"].seen == "/tmp/cache"


def test_a_file_that_one_process_writes_is_none(start, shared):
    """However often."""
    environment = start(max_concurrency=1)
    environment.invoke_many([["writes", shared, 0]] * 3)
    assert environment.hazards() == ()


def test_files_that_processes_share_on_purpose_are_none(start, tmp_path_factory):
    """Names of their own with a renaming, files that are locked, temporary files, and files elsewhere."""
    environment = start()
    tmp = environment.invoke(["tells"]).payload["environ"]["TMPDIR"]
    environment.invoke_many([["writes_exclusively", tmp]] * 2)
    environment.invoke_many([["locks", f"{tmp}/lock"]] * 2)
    environment.invoke_many([["fills", 1]] * 2)
    environment.invoke_many([["writes", "/dev/null"]] * 2)
    assert environment.hazards() == ()


def test_a_port_that_two_processes_bind(start):
    """With its number; one that each chose for itself is none, nor is one of a single process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = start()
    environment.invoke_many([["binds", 0]] * 2)
    environment.invoke(["binds", port])
    assert environment.hazards() == ()
    environment.invoke_many([["binds", port]] * 2)
    hazard = kinds(environment)["shared-port"]
    assert hazard.seen == str(port)
    assert len(hazard.processes) == 2


def test_more_in_tmp_than_there_is(start):
    """What is there counts, not what was written."""
    environment = start(max_concurrency=1, ephemeral_storage_size=512, timeout=20)
    environment.invoke(["fills", 300])
    assert environment.hazards() == ()
    environment.invoke(["fills", 300])
    hazard = kinds(environment)["ephemeral-storage"]
    assert hazard.mib == pytest.approx(600, rel=0.02)
    assert hazard.seen == f"{hazard.mib:.0f} MiB"


def test_more_in_tmp_at_the_end(task_root):
    """It is looked at before it goes."""
    with ExecutionEnvironment("does.handler", task_root=task_root, max_concurrency=1, timeout=20) as environment:
        environment.invoke(["fills", 600])
    assert set(kinds(environment)) == {"ephemeral-storage"}


def test_text_where_logs_are_json(start):
    """A line that is printed; not one that goes through logging, and not an error of the runtime's."""
    environment = start()
    environment.invoke_many([["logs", "kept"], ["raises", "x"], ["large", 7_000_000], ["prints", '{"level": "INFO"}']])
    assert environment.hazards() == ()
    environment.invoke_many([["prints", "hello"], ["prints", "again"]])
    hazard = kinds(environment)["text-log"]
    assert hazard.seen in {"hello", "again"}
    assert hazard.count == 2
    assert any(json.loads(line.text)["message"] == "kept" for line in environment.logs() if "kept" in line.text)


def test_a_long_line_of_json_is_no_text(start):
    """It is kept in pieces, none of which is JSON."""
    environment = start()
    environment.invoke(["prints", json.dumps({"level": "INFO", "message": "x" * 150_000})])
    assert environment.hazards() == ()
    environment.invoke(["prints", "hello"])
    assert kinds(environment)["text-log"].count == 1


def test_nothing_is_seen_where_nobody_looks(start, shared):
    """And how a process ended is still told."""
    environment = start(observe=False)
    environment.invoke_many([["writes", shared]] * 2)
    environment.invoke_many([["prints", "hello"]])
    assert environment.hazards() == ()
    assert "exit status 7" in environment.invoke(["exits", 7]).error_message


def test_a_handler_that_closes_every_descriptor_writes_its_own_files_only(start, tmp_path):
    """What tells of hazards does not write into the file that got its number."""
    environment = start(max_concurrency=1, timeout=1)
    environment.invoke(["closes", str(tmp_path / "file")])
    assert (tmp_path / "file").read_text() == "whole"


def test_paths_are_forgotten_in_the_end():
    """A name for each request is not kept for ever, and what was shared last is."""
    hazards = Hazards(tmp="/private", ephemeral_storage_size=512)
    for number in range(30_000):
        hazards.wrote(1, f"/tmp/{number}")
    hazards.wrote(1, "/private/last")
    hazards.wrote(2, "/private/last")
    assert len(hazards.paths()) <= 10_000
    assert [hazard.seen for hazard in hazards.seen()] == ["/tmp/last"]


def test_a_file_with_several_names_counts_once(tmp_path):
    """As on a disk: by its blocks, in the private directory or by name in /tmp."""
    from cdk_lmi.local.hazards import Hazards
    from cdk_lmi.local.storage import StorageWatch

    tmp = tmp_path / "tmp"
    tmp.mkdir()
    outside = tmp_path / "outside"
    for path in (tmp / "one", outside):
        path.write_bytes(b"x" * 65536)
    (tmp / "two").hardlink_to(tmp / "one")
    (tmp / "three").hardlink_to(outside)
    hazards = Hazards(tmp=str(tmp), ephemeral_storage_size=512)
    hazards.wrote(1, str(outside))
    assert StorageWatch(tmp, hazards)._stored() == sum(path.stat().st_blocks * 512 for path in (tmp / "one", outside))
