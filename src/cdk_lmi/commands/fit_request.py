"""The request to ``cdk-lmi fit``, read from its command line. All problems are reported at once."""

from __future__ import annotations

import argparse
import importlib.util
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ..documents.files import STANDARD_INPUT, read_json
from ..documents.source import UnreadableError
from ..fit.declaration import Declaration, DeclarationError, read_declaration
from ..fit.measurement import LEAST_SECONDS
from ..local.environment import encoded
from ..reports.printable import printable, shown
from ..rules.limits import MAX_CONCURRENCY_MAX, MAX_CONCURRENCY_MIN, TIMEOUT_DEFAULT, TIMEOUT_MAX
from ..terminal import WrongUseError

CONCURRENCIES = (1, 4, 16)
PLOT_FORMATS = (".svg", ".png")

# Limits that stop a typing mistake from measuring all day, in seconds, seconds and per cent.
_SHORTEST, _LONGEST_LOAD, _MOST_HEADROOM = 0.1, 3600, 1000

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to measure, as arguments of `fit.fitting.fit`."""

    #: As Lambda names it: ``list_orders.handler``.
    handler: str
    task_root: Path
    #: The events, and the files that they come from.
    events: Sequence[Any]
    event_files: Sequence[str]
    concurrencies: Sequence[int]
    declaration: Declaration | None
    requests: int | None
    #: Seconds of load; ``None`` for the default.
    seconds: float | None
    #: Per cent.
    headroom: float
    env: Mapping[str, str]
    #: Seconds.
    timeout: float


class _Problem(Exception):
    """One problem with the command line. The message is a line for the user."""


def read_request(arguments: argparse.Namespace) -> Request:
    """Read the command line, and the files that it names.

    Raises:
        WrongUseError: There are problems. The message has a line for each.
    """
    problems: list[str] = []

    def read(reader: Callable[..., _T], *values: Any, instead: _T) -> _T:
        try:
            return reader(*values)
        except _Problem as problem:
            problems.append(str(problem))
            return instead

    concurrencies: Sequence[int] = read(_concurrencies, arguments.concurrency, instead=())
    declaration = read(_declaration, arguments.template, arguments.function, concurrencies, instead=None)
    # An unreadable template may declare a handler.
    undeclared = arguments.template is not None and declaration is None
    request = Request(
        handler=""
        if undeclared and not arguments.handler
        else read(_handler, arguments.handler, declaration, instead=""),
        task_root=read(_task_root, arguments.task_root, declaration, instead=Path()),
        events=[read(_event, path, instead=None) for path in arguments.event],
        event_files=arguments.event,
        concurrencies=concurrencies or _concurrencies_by_default(declaration),
        declaration=declaration,
        requests=read(_count, "--requests", arguments.requests, instead=None),
        seconds=read(_number, "--seconds", arguments.seconds, LEAST_SECONDS, _LONGEST_LOAD, instead=None),
        headroom=read(_number, "--headroom", arguments.headroom, 0, _MOST_HEADROOM, instead=None) or 0.0,
        env=dict(read(_variable, written, instead=("", "")) for written in arguments.env),
        timeout=read(_timeout, arguments.timeout, declaration, instead=0.0),
    )
    for option, path in (("--output", arguments.output), ("--plot", arguments.plot)):
        read(_place, option, path, instead=None)
    read(_picture, arguments.plot, instead=None)
    if arguments.event.count(STANDARD_INPUT) + (arguments.template == STANDARD_INPUT) > 1:
        problems.append("standard input can be read only once: use files for --event and --template")
    if problems:
        raise WrongUseError("\ncdk-lmi: ".join(problems))
    return request


def _declaration(template: str | None, function: str | None, concurrencies: Sequence[int]) -> Declaration | None:
    if template is None:
        if function is not None:
            raise _Problem("--function needs --template, which names the template of the function")
        return None
    try:
        # Of several, none is what the function would have.
        concurrency = concurrencies[0] if len(concurrencies) == 1 else None
        return read_declaration(template, function, concurrency=concurrency)
    except (UnreadableError, DeclarationError) as error:
        path = getattr(error, "path", None) or template
        raise _Problem(f"{printable(shown(path))}: {printable(str(error))}") from None


def _handler(written: str | None, declaration: Declaration | None) -> str:
    name = written or (declaration.handler if declaration else None)
    if name is None:
        where = " or in the template" if declaration else ""
        raise _Problem(f"there is no handler on the command line{where}: add it, as in list_orders:handler")
    # A colon is for the command line: Lambda refuses one (LMI711).
    module, separator, function = name.rpartition(":" if written and ":" in name else ".")
    if not (module and separator and function.isidentifier()):
        allowed = "module:function or module.function" if written else "module.function in the template"
        raise _Problem(f"the handler must be {allowed}, got {printable(name)!r}")
    return f"{module}.{function}"


def _task_root(written: str | None, declaration: Declaration | None) -> Path:
    if written is None and declaration and declaration.code_refused:
        raise _Problem(f"{printable(shown(declaration.path))}: {printable(declaration.code_refused)}")
    path = Path(written) if written is not None else (declaration and declaration.code) or Path()
    try:
        is_folder = path.is_dir()
    except (OSError, ValueError):
        is_folder = False
    if not is_folder:
        raise _Problem(f"--task-root must be the folder of the code, but {printable(str(path))} is not a folder")
    return path


def _event(path: str) -> Any:
    try:
        event = read_json(path)
        encoded(event)  # an event that Lambda does not take is told before the handler is started
        return event
    except (UnreadableError, ValueError) as error:
        raise _Problem(f"--event {printable(shown(path))}: {printable(str(error))}") from None


def _concurrencies_by_default(declaration: Declaration | None) -> Sequence[int]:
    return (declaration.size.per_execution_environment_max_concurrency,) if declaration else CONCURRENCIES


def _concurrencies(written: str | None) -> Sequence[int]:
    if written is None:
        return ()
    found = [_whole_number(part.strip()) or 0 for part in written.split(",")]
    if not all(MAX_CONCURRENCY_MIN <= concurrency <= MAX_CONCURRENCY_MAX for concurrency in found):
        raise _Problem(
            f"--concurrency must be whole numbers from {MAX_CONCURRENCY_MIN} to {MAX_CONCURRENCY_MAX} with commas, "
            f"as in 1,4,16, got {printable(written)!r}"
        )
    return found


def _count(option: str, written: str | None) -> int | None:
    if written is None:
        return None
    count = _whole_number(written)
    if not count:
        raise _Problem(f"{option} must be a whole number of at least 1, got {printable(written)!r}")
    return count


def _whole_number(written: str) -> int | None:
    """Read a whole number up to a billion. Python itself refuses to read some thousand digits."""
    return int(written) if re.fullmatch(r"0{0,9}(\d{1,9}|10{9})", written, re.ASCII) else None


def _number(option: str, written: str | None, least: float, most: float) -> float | None:
    if written is None:
        return None
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise _Problem(f"{option} must be a number from {least:g} to {most:g}, got {printable(written)!r}")
    return number


def _timeout(written: str | None, declaration: Declaration | None) -> float:
    stated = _number("--timeout", written, _SHORTEST, TIMEOUT_MAX)
    return stated or float(declaration.timeout if declaration else TIMEOUT_DEFAULT)


def _variable(written: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if not (name and equals):
        raise _Problem(f"--env must be NAME=VALUE, got {printable(written)!r}")
    return name, value


def _place(option: str, path: str | None) -> None:
    """Check that a file can be written there, before the long measurement."""
    try:
        is_place = path is None or (Path(path).parent.is_dir() and not Path(path).is_dir())
    except (OSError, ValueError):
        is_place = False
    if not is_place:
        raise _Problem(f"{option} must name a file in an existing folder, got {printable(str(path))!r}")


def _picture(path: str | None) -> None:
    if path is None:
        return
    if Path(path).suffix.lower() not in PLOT_FORMATS:
        raise _Problem(f"--plot must end with {' or '.join(PLOT_FORMATS)}, got {printable(path)!r}")
    if importlib.util.find_spec("matplotlib") is None:
        raise _Problem("--plot needs matplotlib, which is not installed: pip install 'cdk-lmi[plot]'")
