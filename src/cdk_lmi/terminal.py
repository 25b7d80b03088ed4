"""What all commands share: their results, and how they write to the terminal."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TextIO

#: No problems found; problems found; incorrect usage, or unreadable input.
CLEAN, FINDINGS, UNUSABLE = 0, 1, 2
#: What a shell reports for a command that was interrupted, or whose reader exited: 128 plus the signal's number.
INTERRUPTED, READER_GONE = 130, 141

_SECONDS_BEFORE_PROGRESS = 2.0
_SECONDS_BETWEEN_PROGRESS = 0.1
_ERASE_LINE = "\r\x1b[K"


class Done(NamedTuple):
    """The result of a command."""

    #: For standard output.
    output: str
    exit_code: int = CLEAN


class Command(NamedTuple):
    """One subcommand."""

    name: str
    summary: str
    #: Adds the subcommand's arguments to its parser.
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], Done]


class WrongUseError(Exception):
    """The command cannot do what was asked. The message is for the user, and the command exits with UNUSABLE."""


def write(text: str, stream: TextIO | None = None) -> None:
    """Write text and flush it. Characters that the stream cannot encode are escaped.

    Args:
        text: What to write. Text from outside must have been through ``reports.printable``.
        stream: Where to; standard output by default.
    """
    stream = stream or sys.stdout
    if stream is None:
        return
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def tell(problem: str) -> None:
    """Write a line to standard error, under the name of the program."""
    write(f"cdk-lmi: {problem}\n", sys.stderr)


def write_file(path: str, content: str | bytes) -> None:
    """Write a file that the user named, text as UTF-8.

    Raises:
        WrongUseError: The file cannot be written.
    """
    from pathlib import Path

    from .reports.printable import printable

    try:
        Path(path).write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    except (OSError, ValueError) as error:
        raise WrongUseError(f"cannot write {printable(path)}: {reason(error)}") from None


def reason(error: Exception) -> str:
    """Return the system's message for an error, without its number and path."""
    return (getattr(error, "strerror", None) or str(error)).lower()


def drop_output() -> None:
    """Stop Python from flushing the remaining output at exit. Some releases fail to, and report that.

    See https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def in_colour() -> bool:
    """Whether standard output is a terminal whose user accepts colours: https://no-color.org."""
    return (
        sys.stdout is not None
        and sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


@contextmanager
def progress(*, in_lines: bool = False) -> Iterator[Callable[[str], None]]:
    """Show progress on a terminal, on one line of standard error that is erased at the end.

    Nothing is shown in the first two seconds, nor more often than can be read.

    Args:
        in_lines: Whether to show it where there is no terminal too, as in the log of a build: a line for each step,
            which is what a status has before its colon.

    Yields:
        A function that takes a status, as in ``12 templates checked`` or ``concurrency 4: measuring``. Call it as often
        as the status changes.
    """
    from time import monotonic

    started, told, step = monotonic(), -1.0, ""

    def show(status: str) -> None:
        nonlocal told, step
        if sys.stderr is None:
            return
        if not sys.stderr.isatty():
            before, step = step, status.partition(":")[0]
            if in_lines and step != before:
                tell(status)
            return
        now = monotonic()
        if now - started <= _SECONDS_BEFORE_PROGRESS or now - told <= _SECONDS_BETWEEN_PROGRESS:
            return
        told = now
        write(f"{_ERASE_LINE}{_fitted(status)}", sys.stderr)

    try:
        yield show
    finally:
        if told >= 0:
            write(_ERASE_LINE, sys.stderr)


def _fitted(line: str) -> str:
    """Cut a line to the width of the terminal, since a line that wraps cannot be erased."""
    from shutil import get_terminal_size

    return line[: get_terminal_size().columns - 1]


def installed_version() -> str:
    """Return the version of this package; ``0.0.0`` if it is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("cdk-lmi")
    except PackageNotFoundError:
        return "0.0.0"
