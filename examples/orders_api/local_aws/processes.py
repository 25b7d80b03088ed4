"""Programs that run for a while and end with us."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

#: How long what was killed may take to be gone.
SECONDS_TO_DIE = 5


def run_to_its_end(
    command: Sequence[str], *, directory: Path, environment: Mapping[str, str], timeout: float
) -> tuple[int, str]:
    """Run a program and give its exit code and all that it wrote; interrupted, end it and all that it started.

    A terminal's Ctrl-C does not get to it: it is ours to say when it ends.

    Raises:
        subprocess.TimeoutExpired: It did not end in so many seconds.
    """

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    with ThreadPoolExecutor(max_workers=1) as starter:
        # Signals interrupt the main thread only: what is started here is never lost between its start and its name.
        starting = starter.submit(start)
        try:
            process = starting.result()
            output, _ = process.communicate(timeout=timeout)
        except BaseException:
            _end_group(starting.result())
            raise
    return process.returncode, output


def _end_group(process: subprocess.Popen[str]) -> None:
    """Kill a program with all that it started, and return when none of it is left."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + SECONDS_TO_DIE
    with suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
            time.sleep(0.01)
