"""What stands in the way of AWS on this machine."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence

#: Lines of a tool's output that are shown when it fails.
LINES = 15


class Unusable(Exception):
    """A port that is taken, a tool that is missing or fails: says what, and what to do."""


def run(what: str, remedy: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    """Run a tool that prepares something.

    Args:
        what: What is being done, as in ``"installing ministack"``.
        remedy: What to do when that fails.
        command: The tool and its arguments.
        environment: Its environment variables. Default: those of this process.

    Raises:
        Unusable: It is not there, or it failed.
    """
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise Unusable(f"{what} failed: {command[0]}: {error.strerror}; {remedy}") from None
    if done.returncode:
        raise Unusable(f"{what} failed; {remedy}\n{last_lines(done.stdout + done.stderr)}")


def last_lines(text: str) -> str:
    """Give the end of what a tool wrote, indented."""
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-LINES:])
