"""The emulator: it listens on this machine only, and ends with whoever started it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from local_aws import emulator
from local_aws.emulator import Emulator
from local_aws.unusable import Unusable

from ..conftest import eventually

LISTENING = "0A"
LOOPBACK = "0100007F"
#: Starts one, tells its port, and waits.
CALLER = """
import sys, time
from pathlib import Path
from local_aws.emulator import Emulator
started = Emulator(Path(sys.argv[1]))
started.start()
print(started.url.rpartition(":")[2], flush=True)
time.sleep(600)
"""


def sockets_of(pid):
    """Give the inodes of the sockets that a process has open."""
    targets = [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()]
    return {target[8:-1] for target in targets if target.startswith("socket:[")}


def listening(pid):
    """Give the addresses that a process listens at, as the kernel writes them."""
    mine = sockets_of(pid)
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING and fields[9] in mine:
                found.append(fields[1])
    return found


def test_it_listens_on_the_loopback_address_only(aws):
    """At one port."""
    (pid,) = [
        int(entry.name)
        for entry in Path("/proc").glob("[0-9]*")
        if str(aws.directory).encode() in _environ(entry) and emulator.LAUNCHER.encode() in _command(entry)
    ]
    port = int(aws.emulator.url.rpartition(":")[2])
    assert listening(pid) == [f"{LOOPBACK}:{port:04X}"]


def test_it_ends_when_its_caller_is_killed(machine_ready, tmp_path):
    """However that went: nothing of the caller's was there to end it."""
    caller = subprocess.Popen(
        [sys.executable, "-c", CALLER, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(Path(emulator.__file__).parents[1])},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert caller.stdout is not None
    with caller:
        port = int(caller.stdout.readline())
        caller.send_signal(signal.SIGKILL)
    eventually(lambda: not _answers(port))


def test_a_port_that_is_taken(machine_ready, tmp_path):
    """Is named, and left to who has it."""
    with socket.socket() as taken:
        taken.bind((emulator.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Unusable, match=f"port {port} of 127.0.0.1 is taken"):
            Emulator(tmp_path, port=port).start()
    with pytest.raises(Unusable, match="from 1 to 65535, got 0"):
        Emulator(tmp_path, port=0).start()


def test_one_that_does_not_run_shows_what_it_wrote(machine_ready, tmp_path, monkeypatch):
    """The last lines of it."""
    broken = tmp_path / "launcher.py"
    broken.write_text("raise SystemExit('it is broken')")
    monkeypatch.setattr(emulator, "LAUNCHER", str(broken))
    with pytest.raises(Unusable, match="it is broken"):
        Emulator(tmp_path / "emulator").start()


def _environ(entry):
    try:
        return entry.joinpath("environ").read_bytes()
    except OSError:
        return b""


def _command(entry):
    try:
        return entry.joinpath("cmdline").read_bytes()
    except OSError:
        return b""


def _answers(port):
    with socket.socket() as probe:
        return probe.connect_ex((emulator.HOST, port)) == 0
