"""What commands share with whoever runs them: what they come to, and how it is written."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TextIO

#: Nothing to mend; something to mend; wrong use, or input that cannot be read.
CLEAN, FINDINGS, UNUSABLE = 0, 1, 2
#: What a shell tells of a command that was interrupted, or whose reader went away: 128 and the number of the signal.
INTERRUPTED, READER_GONE = 130, 141

_SECONDS_BEFORE_PROGRESS = 2.0
_SECONDS_BETWEEN_PROGRESS = 0.1
_ERASE_LINE = "\r\x1b[K"


class Done(NamedTuple):
    """What a command came to."""

    #: For standard output.
    output: str
    exit_code: int = CLEAN


class Command(NamedTuple):
    """One subcommand."""

    name: str
    summary: str
    #: Adds its arguments to its parser.
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], Done]


class WrongUseError(Exception):
    """The command line asks for what there is not. The message is for the user: a command ends with it and UNUSABLE."""


def write(text: str, stream: TextIO | None = None) -> None:
    """Write what may hold characters that the stream has no encoding for, all of it, now.

    Args:
        text: What to write. Text from outside has been through ``reports.printable``.
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
        WrongUseError: It cannot be written.
    """
    from pathlib import Path

    from .reports.printable import printable

    try:
        Path(path).write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    except (OSError, ValueError) as error:
        raise WrongUseError(f"{printable(path)} cannot be written: {reason(error)}") from None


def reason(error: Exception) -> str:
    """Give what the system says of an error, without number and path."""
    return (getattr(error, "strerror", None) or str(error)).lower()


def drop_output() -> None:
    """Keep Python from writing what is left at exit, which some releases fail at and tell of.

    See https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def in_colour() -> bool:
    """Whether standard output is a terminal whose user has nothing against colours: https://no-color.org."""
    return (
        sys.stdout is not None
        and sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Tell somebody who waits at a terminal how far it is: on one line of standard error, which is gone at the end.

    Nothing is told in the first two seconds, nor more often than can be read.

    Yields:
        Takes what to tell, as in ``12 templates checked``. It may be called as often as there is something new.
    """
    from time import monotonic

    started, told = monotonic(), -1.0

    def show(status: str) -> None:
        nonlocal told
        now = monotonic()
        if now - started <= _SECONDS_BEFORE_PROGRESS or now - told <= _SECONDS_BETWEEN_PROGRESS:
            return
        if sys.stderr is not None and sys.stderr.isatty():
            told = now
            write(f"{_ERASE_LINE}{_fitted(status)}", sys.stderr)

    try:
        yield show
    finally:
        if told >= 0:
            write(_ERASE_LINE, sys.stderr)


def _fitted(line: str) -> str:
    """Give what of a line a terminal shows without breaking it, since a broken line cannot be erased."""
    from shutil import get_terminal_size

    return line[: get_terminal_size().columns - 1]


def installed_version() -> str:
    """Give the version of this package; ``0.0.0`` where it was not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("cdk-lmi")
    except PackageNotFoundError:
        return "0.0.0"
