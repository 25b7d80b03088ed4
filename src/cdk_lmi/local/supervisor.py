"""Runs the runtime and outlives it, so that nothing of the environment remains however the caller ends.

A program of its own, started by its path; it imports nothing of this package. The runtime cannot do this for itself:
its processes are measured, and what is killed tidies nothing up.

Arguments: the directory to remove at the end; the file that a process joins a cgroup by, or nothing; the descriptors
that the runtime writes to; its command. On standard output it tells the runtime's process and then its status, a line
each. It ends, and all with it, once standard input ends or its parent is another one.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path

#: Seconds between two looks at who the parent is: one that forked without closing its files holds our input open.
LOOK = 1.0
#: Linux: the processes that lose their parent become children of this one.
PR_SET_CHILD_SUBREAPER = 36
#: The status of a command that could not be started.
NOT_STARTED = 127
#: What a terminal or a service manager sends to all: this process ends when its parent has.
IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def become_reaper() -> None:
    """Inherit processes that leave the runtime's group. Where there is no ctypes, those are not ended."""
    try:
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        pass


def start(join: str, stdout: int, stderr: int, command: list[str]) -> int:
    """Start the command as the leader of a session, in the cgroup that ``join`` is a file of."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        for number in (*IGNORED, signal.SIGPIPE, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        if join:
            descriptor = os.open(join, os.O_WRONLY)
            os.write(descriptor, b"0")
            os.close(descriptor)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        for given, own in ((stdout, 1), (stderr, 2)):
            os.dup2(given, own)
            os.close(given)
        os.execv(command[0], command)
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(NOT_STARTED)


def tell(line: str) -> None:
    """Send a line to the caller, if it still exists."""
    with suppress(OSError):
        os.write(1, f"{line}\n".encode())


def status_of(result: os.waitid_result) -> int:
    """Return what ``waitpid`` would have given for what ``waitid`` gave."""
    return result.si_status << 8 if result.si_code == os.CLD_EXITED else result.si_status


def watch(runtime: int, ended: int) -> None:
    """Return once nobody wants the runtime any longer."""
    parent = os.getppid()
    told = False
    while True:
        readable, _, _ = select.select([0, ended], [], [], LOOK)
        if ended in readable:
            os.read(ended, 512)
        if not told:
            # Not waited for before the end: until then its number is nobody else's, and so is that of its group.
            result = os.waitid(os.P_PID, runtime, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if result:
                told = True
                tell(str(status_of(result)))
        if os.getppid() != parent or (0 in readable and not os.read(0, 1)):
            return


def end(runtime: int) -> None:
    """Kill the session of the runtime and all inherited processes, until none is left."""
    with suppress(OSError):
        os.killpg(runtime, signal.SIGKILL)
    while True:
        kill_children()
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def kill_children() -> None:
    """Kill what this process started or inherited."""
    try:
        children = Path("/proc/thread-self/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in children:
        with suppress(OSError):
            os.kill(int(child), signal.SIGKILL)


def remove(directory: str, join: str) -> None:
    """Clean up after the runtime."""
    shutil.rmtree(directory, ignore_errors=True)
    if join:
        with suppress(OSError):
            Path(join).parent.rmdir()


def main(directory: str, join: str, stdout: str, stderr: str, *command: str) -> None:
    """Start the runtime, and end it when it is time."""
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)
    become_reaper()
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    runtime = start(join, int(stdout), int(stderr), list(command))
    os.close(int(stdout))
    os.close(int(stderr))
    tell(str(runtime))
    watch(runtime, ended)
    end(runtime)
    remove(directory, join)


if __name__ == "__main__":
    main(*sys.argv[1:])
