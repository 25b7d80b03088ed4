"""Programs that run for a while and end with us."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path


def run_to_its_end(
    command: Sequence[str], *, directory: Path, environment: Mapping[str, str], timeout: float
) -> tuple[int, str]:
    """Run a program and give its exit code and all that it wrote; interrupted, end it and all that it started.

    A terminal's Ctrl-C does not get to it: it is ours to say when it ends.

    Raises:
        subprocess.TimeoutExpired: It did not end in so many seconds.
    """
    process = subprocess.Popen(
        command,
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=timeout)
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return process.returncode, output
